//! Layers: tar archives with whiteouts.

use super::blobs::{Blobs, MOST_BYTES, damaged, digest, plain, shown};
use crate::simulation::{EntryKind as Kind, Layer, LayerEntry};
use sha2::{Digest as _, Sha256};
use stagecraft_sandbox::archive::{Archive, Entry, EntryKind, tar};
use stagecraft_sandbox::tree::{Content, Dir, File, MAX_NAME, MAX_PATH, Meta, Node, parent};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The most entries of all layers.
const MOST_ENTRIES: usize = 1_000_000;
/// Content above this many bytes counts by its digest alone.
const LARGE: usize = 1 << 20;
/// The most bytes of content that are kept.
const MOST_KEPT: usize = 128 << 20;

/// What hides a path of the layers below.
const WHITEOUT: &str = ".wh.";
/// What hides all that layers below have in a directory.
const OPAQUE: &str = ".wh..wh..opq";

/// A layer that was read.
#[derive(Clone)]
pub(super) struct Read {
    pub layer: Arc<Layer>,
    /// Devices and pipes.
    pub left_out: usize,
}

/// Reads layers, each once however many images have it, within what is allowed for all.
pub(super) struct Reader<'a> {
    blobs: &'a Blobs<'a>,
    read: BTreeMap<String, Read>,
    entries: usize,
    bytes: usize,
    kept: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(blobs: &'a Blobs<'a>) -> Self {
        Self { blobs, read: BTreeMap::new(), entries: 0, bytes: 0, kept: 0 }
    }

    /// The layer in a member.
    pub(super) fn read(&mut self, member: &str, diff_id: &str, created_by: &str) -> Result<Read, String> {
        let key = [diff_id, "\n", created_by].concat();
        if let Some(read) = self.read.get(&key) {
            return Ok(read.clone());
        }
        let bytes = plain(self.blobs.get(member)?)?;
        self.bytes = self.bytes.saturating_add(bytes.len());
        if self.bytes > MOST_BYTES {
            return Err(format!("the image unfolds to more than {} MB", MOST_BYTES >> 20));
        }
        let real = digest(&bytes);
        if real != diff_id {
            return Err(format!("it has the digest {real} instead of {}", shown(diff_id)));
        }
        let members = match tar::read(&bytes) {
            Ok(Archive::Entries(entries)) => entries,
            // An empty layer is an archive of nothing.
            Ok(Archive::No) if bytes.iter().all(|byte| *byte == 0) => Vec::new(),
            Ok(Archive::No | Archive::Unreadable(_)) => return Err("it is no tar archive".to_owned()),
            Err(why) => return Err(damaged(&why)),
        };
        self.entries += members.len();
        if self.entries > MOST_ENTRIES {
            return Err(format!("the image has more than {MOST_ENTRIES} entries"));
        }
        let read = self.lay(members, created_by)?;
        self.read.insert(key, read.clone());
        Ok(read)
    }

    fn lay(&mut self, members: Vec<Entry<'_>>, created_by: &str) -> Result<Read, String> {
        let mut draft = Draft::default();
        let mut left_out = 0;
        for member in members {
            let path = path(&member.name)?;
            let meta = Meta { mode: member.mode, uid: member.uid, gid: member.gid };
            if draft.whiteout(&path) || path == "/" {
                continue;
            }
            let node = match member.kind {
                EntryKind::File(bytes) => Node::File(Arc::new(File::new(meta, self.content(&bytes)))),
                EntryKind::Dir => Node::Dir(Arc::new(Dir::new(meta))),
                EntryKind::Symlink(target) => Node::Symlink { target: Arc::from(target), meta, origin: None },
                EntryKind::Hardlink(target) => {
                    draft.link(path, self::path(&target)?)?;
                    continue;
                }
                EntryKind::Special => {
                    left_out += 1;
                    continue;
                }
                EntryKind::Other(b'S') => {
                    return Err(format!("{} is a sparse file, which is not read here", shown(&member.name)));
                }
                EntryKind::Other(kind) => {
                    return Err(format!("{} is of the unknown type {kind}", shown(&member.name)));
                }
            };
            draft.nodes.insert(Arc::from(path), node);
        }
        draft.check()?;
        let entries = draft.finish();
        let size = entries.iter().map(|entry| match &entry.kind {
            Kind::Node(Node::File(file)) => file.content.size(),
            _ => 0,
        });
        let layer = Layer { created_by: created_by.to_owned(), size: size.sum(), entries };
        Ok(Read { layer: Arc::new(layer), left_out })
    }

    /// Content as it is; of what is large only size and digest are kept.
    fn content(&mut self, bytes: &[u8]) -> Content {
        if bytes.len() > LARGE || self.kept + bytes.len() > MOST_KEPT {
            let (size, digest) = (bytes.len() as u64, Sha256::digest(bytes).into());
            return Content::Modelled {
                size,
                digest,
                source: Arc::from("size and digest of the saved file"),
            };
        }
        self.kept += bytes.len();
        Content::bytes(bytes)
    }
}

/// The absolute path of a member.
fn path(name: &str) -> Result<String, String> {
    if name.starts_with('/') {
        return Err(format!("the path {} is absolute", shown(name)));
    }
    let mut path = String::with_capacity(name.len() + 1);
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => return Err(format!("the path {} leads out of the image", shown(name))),
            part if part.len() > MAX_NAME => return Err(format!("the name {} is too long", shown(part))),
            part => {
                path.push('/');
                path.push_str(part);
            }
        }
    }
    match path.len() {
        0 => Ok("/".to_owned()),
        MAX_PATH.. => Err(format!("the path {} is too long", shown(name))),
        _ => Ok(path),
    }
}

/// A layer under construction.
#[derive(Default)]
struct Draft {
    nodes: BTreeMap<Arc<str>, Node>,
    /// From other names of a file to the one it was first given.
    links: BTreeMap<Arc<str>, Arc<str>>,
    whiteouts: BTreeSet<String>,
    opaque: BTreeSet<String>,
}

impl Draft {
    /// Takes a member that stands for something removed.
    fn whiteout(&mut self, path: &str) -> bool {
        let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
        if name == OPAQUE {
            self.opaque.insert(if dir.is_empty() { "/".to_owned() } else { dir.to_owned() });
            return true;
        }
        let Some(hidden) = name.strip_prefix(WHITEOUT) else { return false };
        // Other names of that kind are a storage driver's own.
        if !hidden.is_empty() && !hidden.starts_with(WHITEOUT) {
            self.whiteouts.insert(format!("{dir}/{hidden}"));
        }
        true
    }

    fn link(&mut self, path: String, target: String) -> Result<(), String> {
        let target: Arc<str> = Arc::from(target);
        let first = self.links.get(&target).unwrap_or(&target).clone();
        if !matches!(self.nodes.get(&first), Some(Node::File(_) | Node::Symlink { .. })) {
            return Err(format!(
                "{} is another name of {}, which is not in the layer",
                shown(&path),
                shown(&target)
            ));
        }
        let path: Arc<str> = Arc::from(path);
        if path != first {
            self.nodes.remove(&path);
            self.links.insert(path, first);
        }
        Ok(())
    }

    /// Nothing may lie behind something that is no directory.
    fn check(&self) -> Result<(), String> {
        let mut fine: BTreeSet<&str> = BTreeSet::new();
        for path in self.nodes.keys().chain(self.links.keys()) {
            let mut above = parent(path);
            while above != "/" && fine.insert(above) {
                match self.nodes.get(above) {
                    Some(Node::Symlink { .. }) => {
                        return Err(format!("{} lies behind the link {}", shown(path), shown(above)));
                    }
                    Some(Node::File(_)) => {
                        return Err(format!("{} lies in {}, which is a file", shown(path), shown(above)));
                    }
                    _ => {}
                }
                above = parent(above);
            }
        }
        Ok(())
    }

    /// Sorted as paths are, what is removed before what is written.
    fn finish(mut self) -> Vec<LayerEntry> {
        let mut names: BTreeMap<Arc<str>, Vec<Arc<str>>> = BTreeMap::new();
        for (other, first) in std::mem::take(&mut self.links) {
            // Given again as something of its own later.
            if !self.nodes.contains_key(&other) {
                names.entry(first).or_default().push(other);
            }
        }
        let mut entries = Vec::with_capacity(self.nodes.len());
        let mut push = |path: Arc<str>, kind: Kind| entries.push(LayerEntry { path, kind });
        for (number, (first, mut others)) in names.into_iter().enumerate() {
            match self.nodes.remove(&first) {
                Some(Node::File(mut file)) => {
                    Arc::make_mut(&mut file).hardlink = number as u64 + 1;
                    others.push(first);
                    others.sort_unstable();
                    let first = others.first().cloned().unwrap_or_default();
                    push(Arc::clone(&first), Kind::Node(Node::File(file)));
                    for other in others.into_iter().skip(1) {
                        push(other, Kind::Hardlink(Arc::clone(&first)));
                    }
                }
                // A link with two names is as good as two links.
                Some(node) => {
                    others.push(first);
                    for name in others {
                        push(name, Kind::Node(node.clone()));
                    }
                }
                None => {}
            }
        }
        for (path, node) in self.nodes {
            push(path, Kind::Node(node));
        }
        for path in self.whiteouts {
            push(Arc::from(path), Kind::Whiteout);
        }
        for path in self.opaque {
            push(Arc::from(path), Kind::Opaque);
        }
        let rank = |kind: &Kind| match kind {
            Kind::Whiteout => 0,
            Kind::Node(_) | Kind::Hardlink(_) => 1,
            Kind::Opaque => 2,
        };
        entries.sort_by(|a, b| {
            a.path.split('/').cmp(b.path.split('/')).then_with(|| rank(&a.kind).cmp(&rank(&b.kind)))
        });
        entries
    }
}
