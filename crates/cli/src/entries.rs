//! Files, layers and file systems as JSON, as the contract of the command line has them.

use serde_json::{Map, Value, json};
use stagecraft_core::simulation::{EntryKind, Image, Layer, LayerEntry};
use stagecraft_sandbox::tree::{Meta, Node, Tree};
use std::collections::{BTreeMap, BTreeSet};

/// The entries of a layer.
pub(crate) fn of_layer(layer: &Layer) -> Vec<Value> {
    let files = layer.entries.iter().filter_map(|entry| match &entry.kind {
        EntryKind::Node(node @ Node::File(_)) => Some((&*entry.path, node.meta())),
        _ => None,
    });
    // Owner and mode of another name are those of the file, which stands in the same layer.
    let metas: BTreeMap<&str, Meta> = files.collect();
    let of = |entry: &LayerEntry| match &entry.kind {
        EntryKind::Node(node) => of_node(&entry.path, node),
        EntryKind::Hardlink(target) => {
            let meta = metas.get(&**target).copied().unwrap_or(Meta::root(0o644));
            let mode = format!("{:04o}", meta.mode);
            json!({
                "path": &*entry.path, "kind": "hardlink", "target": &**target,
                "mode": mode, "uid": meta.uid, "gid": meta.gid, "size": 0,
            })
        }
        EntryKind::Whiteout => json!({"path": &*entry.path, "kind": "whiteout"}),
        EntryKind::Opaque => json!({"path": &*entry.path, "kind": "opaque"}),
    };
    layer.entries.iter().map(of).collect()
}

/// A file, a directory or a link.
pub(crate) fn of_node(path: &str, node: &Node) -> Value {
    let meta = node.meta();
    let mut fields = Map::new();
    let kind = match node {
        Node::File(_) => "file",
        Node::Dir(_) => "dir",
        Node::Symlink { .. } => "symlink",
    };
    fields.insert("path".to_owned(), json!(path));
    fields.insert("kind".to_owned(), json!(kind));
    fields.insert("mode".to_owned(), json!(format!("{:04o}", meta.mode)));
    fields.insert("uid".to_owned(), json!(meta.uid));
    fields.insert("gid".to_owned(), json!(meta.gid));
    let size = node.as_file().map_or(0, |file| file.content.size());
    fields.insert("size".to_owned(), json!(size));
    if let Node::Symlink { target, .. } = node {
        fields.insert("target".to_owned(), json!(&**target));
    }
    Value::Object(fields)
}

/// What an image's layers leave above its base: what they wrote and still stands (but directories that are as in
/// the base), and the topmost paths of the base that are gone.
pub(crate) fn rootfs(image: &Image) -> Vec<Value> {
    let mut paths: BTreeSet<String> = BTreeSet::new();
    for (_, layer) in &image.layers {
        for entry in &layer.entries {
            paths.insert(entry.path.to_string());
            if matches!(entry.kind, EntryKind::Opaque | EntryKind::Whiteout) {
                let below = image.base_tree.walk_from(&entry.path).map(|(path, _)| path);
                paths.extend(below);
            }
        }
    }
    let mut entries = Vec::new();
    for path in &paths {
        let base = image.base_tree.get(path);
        match image.tree.get(path) {
            Some(Node::Dir(dir)) if base.is_some_and(|base| base.is_dir() && base.meta() == dir.meta) => {}
            Some(node) => entries.push(of_node(path, node)),
            None if base.is_some() && parent_stands(&image.tree, path) => {
                entries.push(json!({"path": path, "kind": "deleted"}));
            }
            None => {}
        }
    }
    entries
}

fn parent_stands(tree: &Tree, path: &str) -> bool {
    match path.rsplit_once('/') {
        Some(("", _)) | None => true,
        Some((above, _)) => tree.get(above).is_some_and(Node::is_dir),
    }
}
