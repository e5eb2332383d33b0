//! `stagecraft inspect`: what is in an image that was saved with `docker save` or as an OCI layout.

use super::Command;
use crate::args::{Args, Failure};
use crate::entries::{of_layer, of_node};
use serde_json::{Value, json};
use stagecraft_core::footprint;
use stagecraft_core::saved::SavedImage;
use stagecraft_core::simulation::{EntryKind, LayerEntry};
use stagecraft_playground::words;
use stagecraft_sandbox::tree::Node;
use std::io::Write;
use std::process::ExitCode;

pub(super) const COMMAND: Command = Command {
    name: "inspect",
    summary: "print the config and the layers of a saved image (docker save, OCI layout)",
    usage: "[--platform P] [--entries] [--format text|json] IMAGE.tar",
    run,
};

fn run(mut args: Args, out: &mut dyn Write) -> Result<ExitCode, Failure> {
    let as_json = super::json_format(&mut args)?;
    let platform = args.value(&["--platform"])?;
    let with_entries = args.switch(&["--entries"]);
    let path = args.operand("archive")?;
    let mut images = crate::images::archive(&path)?;
    if let Some(platform) = &platform {
        let has: Vec<String> = images.iter().map(|image| image.platform.clone()).collect();
        images.retain(|image| image.suits(platform));
        if images.is_empty() {
            return Err(Failure::Io(format!(
                "{path}: there is no image for {platform}, but for {}",
                has.join(", ")
            )));
        }
    }
    if as_json {
        let images: Vec<Value> = images.iter().map(document).collect();
        writeln!(out, "{}", json!({"images": images}))?;
        return Ok(ExitCode::SUCCESS);
    }
    for (number, image) in images.iter().enumerate() {
        if number > 0 {
            writeln!(out)?;
        }
        print(image, with_entries, out)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn print(image: &SavedImage, with_entries: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let names = if image.names.is_empty() { "(no name)".to_owned() } else { image.names.join(", ") };
    let footprint = footprint::of_saved(image);
    writeln!(out, "name      {names}")?;
    writeln!(out, "id        {}", image.id)?;
    writeln!(out, "platform  {}", image.platform)?;
    if !image.created.is_empty() {
        writeln!(out, "created   {}", image.created)?;
    }
    writeln!(out, "size      {}", words::bytes(footprint.size))?;
    writeln!(out, "waste     {}", words::bytes(footprint.waste))?;
    let config = serde_json::to_string_pretty(&*image.config).unwrap_or_default();
    writeln!(out, "\nconfig    {}", config.replace('\n', "\n          "))?;
    writeln!(out, "\nhistory")?;
    let mut layers = image.layers.iter().enumerate();
    for step in &image.history {
        let layer = if step.empty_layer { None } else { layers.next() };
        let size = layer.map_or_else(String::new, |(_, layer)| words::bytes(layer.layer.size));
        let number = layer.map_or_else(String::new, |(number, _)| (number + 1).to_string());
        writeln!(out, "{number:>4}  {size:>8}  {}", step.created_by)?;
        if let Some((_, layer)) = layer.filter(|_| with_entries) {
            print_entries(&layer.layer.entries, out)?;
        }
    }
    // An image need not say how its layers came to be.
    for (number, layer) in layers {
        writeln!(out, "{:>4}  {:>8}  (no history)", number + 1, words::bytes(layer.layer.size))?;
        if with_entries {
            print_entries(&layer.layer.entries, out)?;
        }
    }
    let sentences =
        footprint.risks.iter().map(|risk| words::risk(risk).to_string()).chain(image.notes.clone());
    for (number, sentence) in sentences.enumerate() {
        if number == 0 {
            writeln!(out)?;
        }
        writeln!(out, "- {sentence}")?;
    }
    Ok(())
}

fn print_entries(entries: &[LayerEntry], out: &mut dyn Write) -> Result<(), Failure> {
    for entry in entries {
        match &entry.kind {
            EntryKind::Node(node) => {
                let meta = node.meta();
                let (kind, size, target) = match node {
                    Node::File(file) => ('-', file.content.size(), String::new()),
                    Node::Dir(_) => ('d', 0, String::new()),
                    Node::Symlink { target, .. } => ('l', 0, format!(" -> {target}")),
                };
                let owner = format!("{}:{}", meta.uid, meta.gid);
                let mode = meta.mode;
                writeln!(out, "        {kind}{mode:04o} {owner:>9} {size:>10} {}{target}", entry.path)?;
            }
            EntryKind::Hardlink(target) => writeln!(out, "        {:27} {} = {target}", "h", entry.path)?,
            EntryKind::Whiteout => writeln!(out, "        {:27} {} (removed)", "w", entry.path)?,
            EntryKind::Opaque => writeln!(out, "        {:27} {} (all below removed)", "o", entry.path)?,
        }
    }
    Ok(())
}

fn document(image: &SavedImage) -> Value {
    let footprint = footprint::of_saved(image);
    let history = image.history.iter();
    let history = history.map(|step| json!({"created_by": step.created_by, "empty_layer": step.empty_layer}));
    let layers = image.layers.iter().map(|layer| {
        json!({
            "diff_id": layer.diff_id,
            "created_by": layer.layer.created_by,
            "size": layer.layer.size,
            "entries": of_layer(&layer.layer),
        })
    });
    json!({
        "names": image.names,
        "id": image.id,
        "platform": image.platform,
        "created": image.created,
        "config": &*image.config,
        "history": history.collect::<Vec<_>>(),
        "size": footprint.size,
        "waste": footprint.waste,
        "risks": footprint.risks.iter().map(|risk| words::risk(risk).to_string()).collect::<Vec<_>>(),
        "layers": layers.collect::<Vec<_>>(),
        "rootfs": image.tree.walk().map(|(path, node)| of_node(&path, node)).collect::<Vec<_>>(),
        "notes": image.notes,
    })
}
