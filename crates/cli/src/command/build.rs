//! `stagecraft build`: what a builder would do, as a log or as one JSON document.

use super::Command;
use crate::args::{Args, Failure};
use crate::entries::{of_layer, rootfs};
use serde_json::{Value, json};
use stagecraft_core::project::{ContextFile, FileContent, NamedContext, Project};
use stagecraft_core::simulation::{Build, BuildError, Builder, Image, LogLine, Status, StepId};
use stagecraft_core::{Cache, simulate};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

pub(super) const COMMAND: Command = Command {
    name: "build",
    summary: "print what a builder would do with a context",
    usage: "[--builder legacy|buildkit] [--file DOCKERFILE] [--images FILE] [--image [NAME=]FILE]… [--cache FILE]\n           \
            [--target T] [--build-arg K=V]… [--build-context N=DIR]… [--secret id=I,src=FILE]… [--platform P] [--tag T]…\n           \
            [--no-cache] [--workers N] [--log FILE] [--format log|json] CONTEXT",
    run,
};

fn run(mut args: Args, out: &mut dyn Write) -> Result<ExitCode, Failure> {
    let builder = match args.value(&["--builder"])?.as_deref() {
        None | Some("buildkit") => Builder::BuildKit,
        Some("legacy") => Builder::Legacy,
        Some(other) => return Err(Failure::Usage(format!("unknown builder {other:?}"))),
    };
    let as_json = match args.value(&["--format"])?.as_deref() {
        None | Some("log") => false,
        Some("json") => true,
        Some(other) => return Err(Failure::Usage(format!("unknown format {other:?}"))),
    };
    let catalogue = crate::images::read(&mut args)?;
    let cache_path = args.value(&["--cache"])?;
    let cache = match &cache_path {
        Some(path) if Path::new(path).exists() => read_json(path)?,
        _ => Cache::default(),
    };
    let (project, file) = read_project(args)?;
    let (build, cache) = match file.as_deref().and_then(missing_folder) {
        Some(message) if builder == Builder::BuildKit => (refused(message), cache),
        _ => simulate(&project, builder, &catalogue, &cache),
    };
    if let Some(path) = cache_path {
        let text = serde_json::to_string(&cache).map_err(|error| Failure::Io(format!("{path}: {error}")))?;
        std::fs::write(&path, text).map_err(|error| Failure::io(&path, &error))?;
    }
    if as_json {
        writeln!(out, "{}", document(&build))?;
    } else {
        for line in &build.log {
            writeln!(out, "{}", line.text)?;
        }
    }
    Ok(if build.error.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The project that the options of `docker build` and the context describe, and `--file` as it was given.
/// Takes all options that are left.
pub(super) fn read_project(mut args: Args) -> Result<(Project, Option<String>), Failure> {
    let file = args.value(&["--file", "-f"])?;
    let mut project = Project {
        target: args.value(&["--target"])?,
        tags: args.values(&["--tag", "-t"])?,
        no_cache: args.switch(&["--no-cache"]),
        platform: args.value(&["--platform"])?.unwrap_or_default(),
        ..Project::default()
    };
    if let Some(given) = args.value(&["--workers"])? {
        project.workers =
            given.parse().map_err(|_| Failure::Usage(format!("--workers {given}: expected a number")))?;
    }
    if let Some(path) = args.value(&["--log"])? {
        project.log = read_log(&path)?;
    }
    for given in args.values(&["--build-arg"])? {
        if let Some((name, value)) = given.split_once('=') {
            project.build_args.push((name.to_owned(), value.to_owned()));
        } else if let Ok(value) = std::env::var(&given) {
            // A name alone takes the value from the environment, as docker does.
            project.build_args.push((given, value));
        }
    }
    for given in args.values(&["--build-context"])? {
        let Some((name, place)) = given.split_once('=') else {
            return Err(Failure::Usage(format!("--build-context {given}: expected NAME=PLACE")));
        };
        let context = match place.strip_prefix("docker-image://") {
            Some(reference) => NamedContext::Image(reference.to_owned()),
            None => NamedContext::Files(read_context(Path::new(place))?),
        };
        project.contexts.insert(name.to_owned(), context);
    }
    for given in args.values(&["--secret"])? {
        let (id, path) = secret(&given)?;
        let content = std::fs::read(&path).map_err(|error| Failure::io(&path, &error))?;
        project.secrets.insert(id, content);
    }
    let context = args.operand("context directory")?;
    let context = Path::new(&context);
    project.files = read_context(context)?;
    project.dockerfile = dockerfile(context, file.as_deref());
    Ok((project, file))
}

/// A real build's log, without what the steps printed.
fn read_log(path: &str) -> Result<String, Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::io(path, &error))?;
    let log = stagecraft_core::import::read(&String::from_utf8_lossy(&bytes));
    let log = log.ok_or_else(|| Failure::Io(format!("{path}: no build log: there is no step in it")))?;
    Ok(log.reduced())
}

/// BuildKit's client looks at the Dockerfile's folder before anything is built.
fn missing_folder(file: &str) -> Option<String> {
    let folder = Path::new(file).parent().filter(|folder| !folder.as_os_str().is_empty())?;
    let message = || format!("resolve : lstat {}: no such file or directory", folder.display());
    (!folder.exists()).then(message)
}

/// A build that its client does not begin.
fn refused(message: String) -> Build {
    let line = LogLine { text: format!("ERROR: {message}"), step: None, modelled: false };
    let error = BuildError { message, span: None, lines: Vec::new(), step: None };
    Build { log: vec![line], error: Some(error), ..stagecraft_core::builder::empty(Builder::BuildKit) }
}

fn secret(given: &str) -> Result<(String, String), Failure> {
    let (mut id, mut path) = (None, None);
    for part in given.split(',') {
        match part.split_once('=') {
            Some(("id", value)) => id = Some(value),
            Some(("src" | "source", value)) => path = Some(value),
            _ => {}
        }
    }
    match (id, path) {
        (Some(id), Some(path)) => Ok((id.to_owned(), path.to_owned())),
        _ => Err(Failure::Usage(format!("--secret {given}: expected id=ID,src=FILE"))),
    }
}

/// The Dockerfile's path inside the context, or as given where it is outside.
fn dockerfile(context: &Path, file: Option<&str>) -> String {
    let Some(file) = file else { return "Dockerfile".to_owned() };
    let full = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let (root, path) = (full(context), Path::new(file));
    let relative = path.strip_prefix(context).ok().map(Path::to_path_buf);
    let relative = relative.or_else(|| full(path).strip_prefix(&root).ok().map(Path::to_path_buf));
    relative.unwrap_or_else(|| path.to_path_buf()).to_string_lossy().into_owned()
}

fn read_json<T: serde::de::DeserializeOwned>(path: &str) -> Result<T, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::io(path, &error))?;
    serde_json::from_str(&text).map_err(|error| Failure::Io(format!("{path}: {error}")))
}

/// All files below a directory, links not followed.
pub(super) fn read_context(root: &Path) -> Result<BTreeMap<String, ContextFile>, Failure> {
    let mut files = BTreeMap::new();
    let mut pending = vec![(root.to_path_buf(), String::new())];
    while let Some((dir, prefix)) = pending.pop() {
        let failed = |error: std::io::Error| Failure::io(dir.display(), &error);
        for entry in std::fs::read_dir(&dir).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let path = entry.path();
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let meta = entry.metadata().map_err(failed)?;
            let content = if meta.is_dir() {
                pending.push((path, format!("{name}/")));
                FileContent::Directory
            } else if meta.is_symlink() {
                FileContent::Symlink(
                    std::fs::read_link(&path).map_err(failed)?.to_string_lossy().into_owned(),
                )
            } else {
                let bytes = std::fs::read(&path).map_err(|error| Failure::io(path.display(), &error))?;
                match String::from_utf8(bytes) {
                    Ok(text) => FileContent::Text(text),
                    Err(error) => FileContent::Bytes(error.into_bytes()),
                }
            };
            files.insert(name, ContextFile { content, mode: mode(&meta) });
        }
    }
    Ok(files)
}

#[cfg(unix)]
fn mode(meta: &std::fs::Metadata) -> u32 {
    std::os::unix::fs::MetadataExt::mode(meta) & 0o7777
}

#[cfg(not(unix))]
fn mode(meta: &std::fs::Metadata) -> u32 {
    if meta.is_dir() { 0o755 } else { 0o644 }
}

/// The answer as the contract of the command line has it.
fn document(build: &Build) -> Value {
    let log: String = build.log.iter().flat_map(|line| [line.text.as_str(), "\n"]).collect();
    // What progress does not show is no vertex.
    let shown: BTreeSet<_> = build.log.iter().filter_map(|line| line.step).collect();
    let visible = build
        .steps
        .iter()
        .enumerate()
        .filter(|(index, _)| build.builder == Builder::Legacy || shown.contains(&StepId(*index as u32)));
    let steps = visible.map(|(_, step)| {
        let status = match step.status {
            Status::Ran => "run",
            Status::Cached => "cached",
            Status::Canceled => "canceled",
            Status::Failed => "failed",
        };
        json!({"name": step.name, "status": status})
    });
    json!({
        "ok": build.error.is_none(),
        "error": build.error.as_ref().map(|error| json!({"message": error.message})),
        "log": log,
        "steps": steps.collect::<Vec<_>>(),
        "image": build.image.as_ref().map(image),
    })
}

fn image(image: &Image) -> Value {
    let history = image
        .history
        .iter()
        .map(|step| json!({"created_by": step.created_by, "empty_layer": step.empty_layer}));
    let layers = image.layers.iter().map(|(_, layer)| {
        json!({
            "created_by": layer.created_by,
            "entries": of_layer(layer),
        })
    });
    json!({
        "config": &*image.config,
        "history": history.collect::<Vec<_>>(),
        "layers": layers.collect::<Vec<_>>(),
        "rootfs": rootfs(image),
    })
}
