//! A simulation in the form of a recording.

use serde_json::{Value, json};
use stagecraft_core::simulation::{Build, EntryKind, Image, Layer, LayerEntry, Status};
use stagecraft_sandbox::tree::{Meta, Node};
use std::collections::BTreeSet;

/// A build.
pub fn of(build: &Build) -> Value {
    let log: String = build.log.iter().flat_map(|line| [line.text.as_str(), "\n"]).collect();
    let steps: Vec<Value> = build
        .steps
        .iter()
        .map(|step| {
            let status = match step.status {
                Status::Ran => "run",
                Status::Cached => "cached",
                Status::Canceled => "canceled",
                Status::Failed => "failed",
            };
            json!({"name": step.name, "status": status})
        })
        .collect();
    json!({
        "ok": build.error.is_none(),
        "error": build.error.as_ref().map(|error| &error.message),
        "log": log,
        "steps": steps,
        "image": build.image.as_ref().map(image),
    })
}

fn image(image: &Image) -> Value {
    let history: Vec<Value> = image
        .history
        .iter()
        .map(|step| json!({"created_by": step.created_by, "empty_layer": step.empty_layer}))
        .collect();
    let layers: Vec<Value> = image
        .layers
        .iter()
        .map(|(_, layer)| json!({"entries": layer.entries.iter().map(|item| entry(item, layer)).collect::<Vec<_>>()}))
        .collect();
    json!({"config": &*image.config, "history": history, "layers": layers, "rootfs": rootfs(image)})
}

fn entry(entry: &LayerEntry, layer: &Layer) -> Value {
    match &entry.kind {
        EntryKind::Node(node) => of_node(&entry.path, node),
        EntryKind::Hardlink(target) => {
            // Owner and mode are those of the file, which stands in the same layer.
            let file = layer.entries.iter().find(|other| other.path == *target);
            let meta = match file.map(|file| &file.kind) {
                Some(EntryKind::Node(node)) => node.meta(),
                _ => Meta::root(0o644),
            };
            let mode = format!("{:04o}", meta.mode);
            json!({
                "path": &*entry.path, "kind": "hardlink", "target": &**target,
                "mode": mode, "uid": meta.uid, "gid": meta.gid, "size": 0,
            })
        }
        EntryKind::Whiteout => json!({"path": &*entry.path, "kind": "whiteout"}),
        EntryKind::Opaque => json!({"path": &*entry.path, "kind": "opaque"}),
    }
}

fn of_node(path: &str, node: &Node) -> Value {
    let meta = node.meta();
    let (kind, size, target) = match node {
        Node::File(file) => ("file", file.content.size(), None),
        Node::Dir(_) => ("dir", 0, None),
        Node::Symlink { target, .. } => ("symlink", 0, Some(&**target)),
    };
    let mode = format!("{:04o}", meta.mode);
    let mut value =
        json!({"path": path, "kind": kind, "mode": mode, "uid": meta.uid, "gid": meta.gid, "size": size});
    if let (Some(target), Some(map)) = (target, value.as_object_mut()) {
        map.insert("target".to_owned(), json!(target));
    }
    value
}

/// What stands above the base, and the topmost paths of the base that are gone.
fn rootfs(image: &Image) -> Vec<Value> {
    let mut paths: BTreeSet<String> = BTreeSet::new();
    for entry in image.layers.iter().flat_map(|(_, layer)| &layer.entries) {
        paths.insert(entry.path.to_string());
        if matches!(entry.kind, EntryKind::Opaque | EntryKind::Whiteout) {
            paths.extend(image.base_tree.walk_from(&entry.path).map(|(path, _)| path));
        }
    }
    let stands = |path: &str| match path.rsplit_once('/') {
        Some(("", _)) | None => true,
        Some((above, _)) => image.tree.get(above).is_some_and(Node::is_dir),
    };
    let mut entries = Vec::new();
    for path in &paths {
        let base = image.base_tree.get(path);
        match image.tree.get(path) {
            Some(Node::Dir(dir)) if base.is_some_and(|base| base.is_dir() && base.meta() == dir.meta) => {}
            Some(node) => entries.push(of_node(path, node)),
            None if base.is_some() && stands(path) => entries.push(json!({"path": path, "kind": "deleted"})),
            None => {}
        }
    }
    entries
}
