//! Layers as the cache keeps them between builds.

use crate::simulation::{EntryKind, Layer, LayerEntry};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use stagecraft_sandbox::tree::{Content, Dir, File, Meta, Node, Origin};
use std::sync::Arc;

/// A layer as the step made it, which costs nothing to keep; where it is written down it has no origins.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub(super) struct StoredLayer(Arc<Layer>);

impl PartialEq for StoredLayer {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || Written::of(&self.0) == Written::of(&other.0)
    }
}

impl Eq for StoredLayer {}

/// A layer without origins, serialisable.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq, Eq)]
struct Written {
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
    pub(super) fn new(layer: &Arc<Layer>) -> Self {
        Self(Arc::clone(layer))
    }

    /// SHA-256 over all of it.
    pub(super) fn digest(&self) -> Vec<u8> {
        let mut hash = Sha256::new();
        for entry in &self.0.entries {
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
        let kind = |kind: &EntryKind| match kind {
            EntryKind::Node(node) => {
                let mut node = node.clone();
                node.set_origin(Some(Arc::clone(&origin)));
                EntryKind::Node(node)
            }
            other => other.clone(),
        };
        let entry =
            |entry: &LayerEntry| LayerEntry { path: Arc::clone(&entry.path), kind: kind(&entry.kind) };
        Layer { created_by, size: self.0.size, entries: self.0.entries.iter().map(entry).collect() }
    }
}

impl Written {
    fn of(layer: &Layer) -> Self {
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
}

impl From<StoredLayer> for Written {
    fn from(layer: StoredLayer) -> Self {
        Self::of(&layer.0)
    }
}

impl From<Written> for StoredLayer {
    fn from(written: Written) -> Self {
        let entry =
            |entry: StoredEntry| LayerEntry { path: Arc::clone(&entry.path), kind: entry.kind.revive() };
        let entries: Vec<LayerEntry> = written.entries.into_iter().map(entry).collect();
        let size = super::layer::size(&entries);
        Self(Arc::new(Layer { created_by: String::new(), size, entries }))
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
    fn revive(&self) -> EntryKind {
        let meta = |meta: &StoredMeta| Meta { mode: meta.0, uid: meta.1, gid: meta.2 };
        EntryKind::Node(match self {
            Self::File { meta: m, content, link } => {
                let mut file = File::new(meta(m), content.revive());
                file.hardlink = *link;
                Node::File(Arc::new(file))
            }
            Self::Dir { meta: m } => Node::Dir(Arc::new(Dir::new(meta(m)))),
            Self::Symlink { meta: m, target } => {
                Node::Symlink { target: Arc::clone(target), meta: meta(m), origin: None }
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
