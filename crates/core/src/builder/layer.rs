//! Layers: what a step's tree changes in the one below.

use crate::simulation::{EntryKind, Layer, LayerEntry};
use stagecraft_sandbox::diff::{Change, ChangeKind, diff};
use stagecraft_sandbox::tree::{Dir, Meta, Node, Tree, base_name, parent};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Gathers the entries of a layer; directories above a changed path are added, as both differs do. What is in a
/// directory comes right after it.
#[derive(Default)]
struct Collector {
    entries: Vec<LayerEntry>,
    /// Those that the last path is in and that are among the entries.
    directories: Vec<Arc<str>>,
    links: BTreeMap<u64, Arc<str>>,
}

impl Collector {
    /// Adds a path as it is in `upper`.
    fn node(&mut self, path: &str, node: &Node, upper: &Tree) {
        self.parents(path, upper);
        let path: Arc<str> = Arc::from(path);
        let kind = match node {
            Node::Dir(dir) => {
                self.directories.push(Arc::clone(&path));
                EntryKind::Node(bare(dir))
            }
            Node::File(file) if file.hardlink != 0 => {
                let first = self.links.entry(file.hardlink).or_insert_with(|| Arc::clone(&path));
                if *first == path {
                    EntryKind::Node(node.clone())
                } else {
                    EntryKind::Hardlink(Arc::clone(first))
                }
            }
            Node::File(_) | Node::Symlink { .. } => EntryKind::Node(node.clone()),
        };
        self.entries.push(LayerEntry { path, kind });
    }

    /// Marks a path as removed.
    fn whiteout(&mut self, path: &str, upper: &Tree) {
        self.parents(path, upper);
        self.entries.push(LayerEntry { path: Arc::from(path), kind: EntryKind::Whiteout });
    }

    fn parents(&mut self, path: &str, upper: &Tree) {
        let above = parent(path);
        while self.directories.last().is_some_and(|last| !holds(last, path)) {
            self.directories.pop();
        }
        if base_name(above).is_empty() || self.directories.last().is_some_and(|last| **last == *above) {
            return;
        }
        if let Some(node @ Node::Dir(_)) = upper.get(above) {
            self.node(above, node, upper);
        }
    }

    /// The layer, sorted.
    fn finish(mut self, created_by: &str) -> Layer {
        self.entries.sort_by(|a, b| a.path.cmp(&b.path));
        let size = self.entries.iter().map(|entry| match &entry.kind {
            EntryKind::Node(Node::File(file)) => file.content.size(),
            _ => 0,
        });
        Layer { created_by: created_by.to_owned(), size: size.sum(), entries: self.entries }
    }
}

/// A directory without what is in it: layers name that apart.
fn bare(dir: &Dir) -> Node {
    let mut bare = Dir::new(dir.meta);
    bare.origin.clone_from(&dir.origin);
    Node::Dir(Arc::new(bare))
}

/// Whether a path is below a directory.
fn holds(dir: &str, path: &str) -> bool {
    path.strip_prefix(dir).is_some_and(|rest| rest.starts_with('/'))
}

/// The layer that BuildKit's overlay differ makes of what `lower` became: whiteouts, never opaque marks; what was
/// written again is part of it only if `newer` says that its time of change differs.
pub fn overlay(lower: &Tree, upper: &Tree, created_by: &str, newer: &dyn Fn(&Change<'_>) -> bool) -> Layer {
    let mut layer = Collector::default();
    diff(lower, upper, &mut |change| {
        let skip = match change.kind {
            ChangeKind::Rewritten => !newer(&change),
            ChangeKind::Recreated => change.lower.map(Node::meta) == change.upper.map(Node::meta),
            ChangeKind::Added | ChangeKind::Modified | ChangeKind::Deleted => false,
        };
        match change.upper {
            _ if skip => {}
            Some(node) => layer.node(change.path, node, upper),
            None => layer.whiteout(change.path, upper),
        }
    });
    layer.finish(created_by)
}

/// Lays a tree over another, as BuildKit merges layers: directories are joined and take the upper one's mode and
/// owner, everything else is replaced.
pub fn merge(lower: &Tree, upper: &Tree) -> Tree {
    let mut root = Dir::clone(&lower.root);
    join(&mut root, &upper.root, 0);
    Tree { root: Arc::new(root) }
}

fn join(lower: &mut Dir, upper: &Dir, depth: u32) {
    for (name, node) in upper.entries() {
        let joined = match (node, lower.get(name)) {
            (Node::Dir(above), Some(Node::Dir(below))) if depth < 4096 => {
                let mut dir = Dir::clone(below);
                dir.meta = Meta { ..above.meta };
                join(&mut dir, above, depth + 1);
                Node::Dir(Arc::new(dir))
            }
            _ => node.clone(),
        };
        lower.insert(Arc::clone(name), joined);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stagecraft_sandbox::tree::Content;

    fn write(tree: &mut Tree, path: &str, text: &str) {
        tree.mkdir_all(parent(path), Meta::root(0o755), None).unwrap();
        tree.write(path, Content::bytes(text), Meta::root(0o644), None).unwrap();
    }

    fn words(layer: &Layer) -> Vec<String> {
        let word = |entry: &LayerEntry| match &entry.kind {
            EntryKind::Node(Node::Dir(_)) => format!("{}/", entry.path),
            EntryKind::Node(_) => entry.path.to_string(),
            EntryKind::Hardlink(target) => format!("{}={target}", entry.path),
            EntryKind::Whiteout => format!("-{}", entry.path),
            EntryKind::Opaque => format!("!{}", entry.path),
        };
        layer.entries.iter().map(word).collect()
    }

    #[test]
    fn a_layer_names_directories_above_and_links_once() {
        let mut lower = Tree::new();
        write(&mut lower, "/etc/group", "x");
        write(&mut lower, "/etc/same", "x");
        write(&mut lower, "/d/old", "x");
        let mut upper = lower.clone();
        upper.remove("/etc/group").unwrap();
        write(&mut upper, "/etc/same", "x");
        upper.hardlink("/etc/same", "/a").unwrap();
        upper.hardlink("/a", "/b").unwrap();
        upper.remove_all("/d").unwrap();
        write(&mut upper, "/d/new", "y");
        let layer = overlay(&lower, &upper, "x", &|_| false);
        assert_eq!(words(&layer), ["/a", "/b=/a", "/d/", "/d/new", "-/d/old", "/etc/", "-/etc/group"]);
        assert_eq!(layer.size, 2);
        let all = overlay(&lower, &upper, "x", &|_| true);
        assert!(words(&all).contains(&"/etc/same=/a".to_owned()));
    }

    #[test]
    fn merging_joins_directories_and_replaces_the_rest() {
        let mut lower = Tree::new();
        write(&mut lower, "/d/a", "1");
        write(&mut lower, "/f", "1");
        let mut upper = Tree::new();
        write(&mut upper, "/d/b", "2");
        write(&mut upper, "/f/x", "2");
        let paths: Vec<String> = merge(&lower, &upper).walk().map(|(path, _)| path).collect();
        assert_eq!(paths, ["/d", "/d/a", "/d/b", "/f", "/f/x"]);
    }
}
