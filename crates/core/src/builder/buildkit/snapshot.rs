//! A tree as data that can be stored: for cache mounts, which outlive builds.

use serde::{Deserialize, Serialize};
use stagecraft_sandbox::tree::{Content, Dir, File, Meta, Node, Tree};
use std::sync::Arc;

/// All entries of a tree, directories before what is in them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot(Vec<Entry>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    path: String,
    meta: (u32, u32, u32),
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Kind {
    Dir,
    Link(String),
    Text(String),
    Bytes(Vec<u8>),
    Modelled { size: u64, digest: [u8; 32], source: String },
    Unknown { digest: [u8; 32] },
}

impl Snapshot {
    /// Of a tree; its root's own mode is the first entry.
    pub(super) fn of(tree: &Tree) -> Self {
        let meta = |meta: Meta| (meta.mode, meta.uid, meta.gid);
        let root = Entry { path: "/".to_owned(), meta: meta(tree.root.meta), kind: Kind::Dir };
        let below = tree.walk().map(|(path, node)| Entry { path, meta: meta(node.meta()), kind: kind(node) });
        Self(std::iter::once(root).chain(below).collect())
    }

    /// The tree again, without origins and hard links.
    pub(super) fn tree(&self) -> Tree {
        let mut tree = Tree::new();
        for entry in &self.0 {
            let (mode, uid, gid) = entry.meta;
            let meta = Meta { mode, uid, gid };
            let file = |content| Node::File(Arc::new(File::new(meta, content)));
            let node = match &entry.kind {
                Kind::Dir => Node::Dir(Arc::new(Dir::new(meta))),
                Kind::Link(target) => {
                    Node::Symlink { target: Arc::from(target.as_str()), meta, origin: None }
                }
                Kind::Text(text) => file(Content::bytes(text)),
                Kind::Bytes(bytes) => file(Content::bytes(bytes)),
                Kind::Modelled { size, digest, source } => {
                    let source = Arc::from(source.as_str());
                    file(Content::Modelled { size: *size, digest: *digest, source })
                }
                Kind::Unknown { digest } => file(Content::Unknown { digest: *digest }),
            };
            // A damaged file may hold entries without their directories; they are left out.
            let _ = tree.put(&entry.path, node);
        }
        tree
    }
}

fn kind(node: &Node) -> Kind {
    match node {
        Node::Dir(_) => Kind::Dir,
        Node::Symlink { target, .. } => Kind::Link(target.to_string()),
        Node::File(file) => match &file.content {
            Content::Bytes(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Kind::Text(text.to_owned()),
                Err(_) => Kind::Bytes(bytes.to_vec()),
            },
            Content::Modelled { size, digest, source } => {
                Kind::Modelled { size: *size, digest: *digest, source: source.to_string() }
            }
            Content::Unknown { digest } => Kind::Unknown { digest: *digest },
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_comes_back_as_it_was() {
        let mut tree = Tree::new();
        tree.mkdir_all("/a/b", Meta { mode: 0o1777, uid: 1, gid: 2 }, None).unwrap();
        tree.write("/a/t", Content::bytes("text"), Meta::root(0o600), None).unwrap();
        tree.write("/a/x", Content::bytes([0xff, 0]), Meta::root(0o644), None).unwrap();
        tree.symlink("../x", "/a/l", Meta::root(0), None).unwrap();
        let back = Snapshot::of(&tree).tree();
        assert_eq!(back.digest(), tree.digest());
    }
}
