//! Layers as the cache keeps them between builds.

use crate::simulation::{EntryKind, Layer, LayerEntry};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use stagecraft_sandbox::tree::{Content, Dir, File, Meta, Node, Origin};
use std::sync::Arc;

/// A layer without origins, serialisable.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq, Eq)]
pub(super) struct StoredLayer {
    entries: Vec<StoredEntry>,
}

#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
struct StoredEntry {
    path: Arc<str>,
    kind: StoredKind,
}

#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
enum StoredKind {
    File { meta: StoredMeta, content: StoredContent, link: u64 },
    Dir { meta: StoredMeta },
    Symlink { meta: StoredMeta, target: Arc<str> },
    Hardlink(Arc<str>),
    Whiteout,
    Opaque,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq)]
struct StoredMeta(u32, u32, u32);

#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
enum StoredContent {
    Text(Arc<str>),
    Bytes(Arc<[u8]>),
    Modelled { size: u64, digest: [u8; 32], source: Arc<str> },
    Unknown { digest: [u8; 32] },
}

impl StoredLayer {
    pub(super) fn new(layer: &Layer) -> Self {
        let entry = |entry: &LayerEntry| StoredEntry {
            path: Arc::clone(&entry.path),
            kind: match &entry.kind {
                EntryKind::Node(node) => kind(node),
                EntryKind::Hardlink(target) => StoredKind::Hardlink(Arc::clone(target)),
                EntryKind::Whiteout => StoredKind::Whiteout,
                EntryKind::Opaque => StoredKind::Opaque,
            },
        };
        Self { entries: layer.entries.iter().map(entry).collect() }
    }

    /// SHA-256 over all of it.
    pub(super) fn digest(&self) -> Vec<u8> {
        let layer = self.layer(String::new(), 0);
        let mut hash = Sha256::new();
        for entry in &layer.entries {
            hash.update((entry.path.len() as u64).to_le_bytes());
            hash.update(entry.path.as_bytes());
            match &entry.kind {
                EntryKind::Node(node) => hash.update(node.digest()),
                EntryKind::Hardlink(target) => hash.update(target.as_bytes()),
                EntryKind::Whiteout => hash.update(b"whiteout"),
                EntryKind::Opaque => hash.update(b"opaque"),
            }
        }
        hash.finalize().to_vec()
    }

    /// The layer again, all of it written by `writer`.
    pub(super) fn layer(&self, created_by: String, writer: u32) -> Layer {
        let origin = Origin::by(writer);
        let entries: Vec<LayerEntry> = self
            .entries
            .iter()
            .map(|entry| LayerEntry { path: Arc::clone(&entry.path), kind: entry.kind.revive(&origin) })
            .collect();
        Layer { created_by, size: super::layer::size(&entries), entries }
    }
}

fn kind(node: &Node) -> StoredKind {
    let meta = node.meta();
    let meta = StoredMeta(meta.mode, meta.uid, meta.gid);
    match node {
        Node::File(file) => {
            StoredKind::File { meta, content: StoredContent::new(&file.content), link: file.hardlink }
        }
        Node::Dir(_) => StoredKind::Dir { meta },
        Node::Symlink { target, .. } => StoredKind::Symlink { meta, target: Arc::clone(target) },
    }
}

impl StoredKind {
    fn revive(&self, origin: &Arc<Origin>) -> EntryKind {
        let origin = || Some(Arc::clone(origin));
        let meta = |meta: &StoredMeta| Meta { mode: meta.0, uid: meta.1, gid: meta.2 };
        EntryKind::Node(match self {
            Self::File { meta: m, content, link } => {
                let mut file = File::with_origin(meta(m), content.revive(), origin());
                file.hardlink = *link;
                Node::File(Arc::new(file))
            }
            Self::Dir { meta: m } => {
                Node::Dir(Arc::new(Dir::with_entries(meta(m), std::collections::BTreeMap::new(), origin())))
            }
            Self::Symlink { meta: m, target } => {
                Node::Symlink { target: Arc::clone(target), meta: meta(m), origin: origin() }
            }
            Self::Hardlink(target) => return EntryKind::Hardlink(Arc::clone(target)),
            Self::Whiteout => return EntryKind::Whiteout,
            Self::Opaque => return EntryKind::Opaque,
        })
    }
}

impl StoredContent {
    fn new(content: &Content) -> Self {
        match content {
            Content::Bytes(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Self::Text(Arc::from(text)),
                Err(_) => Self::Bytes(Arc::clone(bytes)),
            },
            Content::Modelled { size, digest, source } => {
                Self::Modelled { size: *size, digest: *digest, source: Arc::clone(source) }
            }
            Content::Unknown { digest } => Self::Unknown { digest: *digest },
        }
    }

    fn revive(&self) -> Content {
        match self {
            Self::Text(text) => Content::bytes(text.as_bytes()),
            Self::Bytes(bytes) => Content::Bytes(Arc::clone(bytes)),
            Self::Modelled { size, digest, source } => {
                Content::Modelled { size: *size, digest: *digest, source: Arc::clone(source) }
            }
            Self::Unknown { digest } => Content::Unknown { digest: *digest },
        }
    }
}
