//! A file system as a value: cloning is free, a change copies only the directories above it.

mod digest;
mod edit;
mod entries;
mod error;
mod origin;
mod path;
mod resolve;
#[cfg(test)]
mod tests;
mod walk;

pub use digest::Digest;
pub use entries::{Entries, Iter};
pub use error::{Error, ErrorKind, Result};
pub use origin::{Origin, Siblings};
pub use path::{absolute, base_name, child, clean, components, join, parent};
pub use resolve::{MAX_NAME, MAX_PATH, Resolved};
pub use walk::{Totals, Walk};

use std::sync::{Arc, OnceLock};

/// Permission bits (07777) and owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Meta {
    /// `0o7777` bits.
    pub mode: u32,
    /// Numeric user.
    pub uid: u32,
    /// Numeric group.
    pub gid: u32,
}

impl Meta {
    /// A file or directory of root with these permission bits.
    pub const fn root(mode: u32) -> Self {
        Self { mode, uid: 0, gid: 0 }
    }
}

/// What is in a file.
#[derive(Debug, Clone)]
pub enum Content {
    /// Known to the byte.
    Bytes(Arc<[u8]>),
    /// Made up by a model (the binary that `go build` writes), or only declared by size: a size, and a
    /// digest of what it was made from, so that content-addressed caches behave as they would.
    Modelled {
        /// Bytes.
        size: u64,
        /// SHA-256 of command and inputs.
        digest: Digest,
        /// Who says so: `go build`, `declared`, `debian:12`.
        source: Arc<str>,
    },
    /// Written by a command without a model: neither content nor size is known.
    Unknown {
        /// SHA-256 of command and inputs.
        digest: Digest,
    },
}

impl Content {
    /// Content known to the byte.
    pub fn bytes(bytes: impl AsRef<[u8]>) -> Self {
        Self::Bytes(Arc::from(bytes.as_ref()))
    }

    /// Size in bytes; 0 where it is unknown.
    pub fn size(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Modelled { size, .. } => *size,
            Self::Unknown { .. } => 0,
        }
    }

    /// The bytes, where they are known.
    pub fn known(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Modelled { .. } | Self::Unknown { .. } => None,
        }
    }
}

/// A regular file.
#[derive(Debug, Clone)]
pub struct File {
    /// Mode and owner.
    pub meta: Meta,
    /// What is in it.
    pub content: Content,
    /// Who wrote it, if anyone said.
    pub origin: Option<Arc<Origin>>,
    /// Equal non-zero numbers in one tree are names of one file.
    pub hardlink: u64,
    digest: OnceLock<Digest>,
}

/// What a directory of a base image holds besides its listed entries. A name that is not listed there may
/// exist: looking it up is unknown, not missing. Directories that a build makes have none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlisted {
    /// Bytes of the files in and below the directory that are not listed; 0 where not even that is known.
    pub bytes: u64,
    /// Whose files: `golang:1.27-trixie`.
    pub source: Arc<str>,
}

impl File {
    /// A file with one name and no known origin.
    pub fn new(meta: Meta, content: Content) -> Self {
        Self { meta, content, origin: None, hardlink: 0, digest: OnceLock::new() }
    }

    /// The same, written by somebody.
    pub fn with_origin(meta: Meta, content: Content, origin: Option<Arc<Origin>>) -> Self {
        Self { origin, ..Self::new(meta, content) }
    }

    /// Puts other content in.
    pub fn set_content(&mut self, content: Content) {
        self.content = content;
        self.digest = OnceLock::new();
    }
}

/// A directory. Its entries change through [`Tree`] only, which keeps the stored digests right.
#[derive(Debug, Clone)]
pub struct Dir {
    /// Mode and owner.
    pub meta: Meta,
    entries: Entries,
    /// What else is there, in a base image's directory that is not listed to the end. Copied with the
    /// directory, gone when the directory is removed; counts in sizes.
    pub unlisted: Option<Arc<Unlisted>>,
    /// Who made it, if anyone said.
    pub origin: Option<Arc<Origin>>,
    digest: OnceLock<Digest>,
    identity: Arc<()>,
}

impl Dir {
    /// An empty directory.
    pub fn new(meta: Meta) -> Self {
        Self::with_entries(meta, Entries::new(), None)
    }

    /// Takes over the digest of a directory that holds the same, to the last mode and owner below, if it has one.
    pub(crate) fn same_as(&mut self, other: &Self) {
        if self.meta == other.meta && self.unlisted == other.unlisted {
            self.digest.clone_from(&other.digest);
        }
    }

    /// Whether `other` is a later or earlier state of this very directory, not one made anew at its path.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.identity, &other.identity)
    }

    /// Entries, to be changed in bulk.
    pub(crate) fn entries_mut(&mut self) -> &mut Entries {
        self.digest = OnceLock::new();
        &mut self.entries
    }

    /// A directory with entries.
    pub fn with_entries(meta: Meta, entries: Entries, origin: Option<Arc<Origin>>) -> Self {
        Self { meta, entries, unlisted: None, origin, digest: OnceLock::new(), identity: Arc::new(()) }
    }

    /// Entries by name.
    pub fn entries(&self) -> &Entries {
        &self.entries
    }

    /// The entry of that name.
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.entries.get(name)
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Puts an entry in, over what had the name.
    pub fn insert(&mut self, name: Arc<str>, node: Node) -> Option<Node> {
        self.digest = OnceLock::new();
        self.entries.insert(name, node)
    }

    /// Puts entries in, over what had their names.
    pub fn extend(&mut self, entries: Vec<(Arc<str>, Node)>) {
        self.digest = OnceLock::new();
        self.entries.extend(entries);
    }

    /// Takes an entry out.
    pub fn remove(&mut self, name: &str) -> Option<Node> {
        self.digest = OnceLock::new();
        self.entries.remove(name)
    }
}

/// An entry of a directory.
#[derive(Debug, Clone)]
pub enum Node {
    /// A regular file.
    File(Arc<File>),
    /// A directory; shared between trees until one of them changes it.
    Dir(Arc<Dir>),
    /// A symbolic link: its target as written, mode and owner.
    Symlink {
        /// As written.
        target: Arc<str>,
        /// Owner (the mode is always 0777).
        meta: Meta,
        /// Who made it.
        origin: Option<Arc<Origin>>,
    },
}

impl Node {
    /// Mode and owner.
    pub fn meta(&self) -> Meta {
        match self {
            Self::File(file) => file.meta,
            Self::Dir(dir) => dir.meta,
            Self::Symlink { meta, .. } => *meta,
        }
    }

    /// Who made it.
    pub fn origin(&self) -> Option<&Arc<Origin>> {
        match self {
            Self::File(file) => file.origin.as_ref(),
            Self::Dir(dir) => dir.origin.as_ref(),
            Self::Symlink { origin, .. } => origin.as_ref(),
        }
    }

    /// The directory, if it is one.
    pub fn as_dir(&self) -> Option<&Arc<Dir>> {
        match self {
            Self::Dir(dir) => Some(dir),
            Self::File(_) | Self::Symlink { .. } => None,
        }
    }

    /// The regular file, if it is one.
    pub fn as_file(&self) -> Option<&Arc<File>> {
        match self {
            Self::File(file) => Some(file),
            Self::Dir(_) | Self::Symlink { .. } => None,
        }
    }

    /// Whether it is a directory.
    pub fn is_dir(&self) -> bool {
        matches!(self, Self::Dir(_))
    }

    /// Whether it is a symbolic link.
    pub fn is_symlink(&self) -> bool {
        matches!(self, Self::Symlink { .. })
    }

    /// Whether both are one value in memory, so that nothing below can differ.
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::File(a), Self::File(b)) => Arc::ptr_eq(a, b),
            (Self::Dir(a), Self::Dir(b)) => Arc::ptr_eq(a, b),
            (
                Self::Symlink { target: old, meta: before, origin: first },
                Self::Symlink { target: new, meta: after, origin: second },
            ) => {
                old == new
                    && before == after
                    && match (first, second) {
                        (Some(first), Some(second)) => Arc::ptr_eq(first, second),
                        (None, None) => true,
                        _ => false,
                    }
            }
            _ => false,
        }
    }

    /// Replaces mode and owner. A symbolic link keeps its mode.
    pub fn set_meta(&mut self, new: Meta) {
        match self {
            Self::File(file) => Arc::make_mut(file).meta = new,
            Self::Dir(dir) => {
                let dir = Arc::make_mut(dir);
                dir.meta = new;
                dir.digest = OnceLock::new();
            }
            Self::Symlink { meta, .. } => *meta = Meta { mode: 0o777, ..new },
        }
    }

    /// Replaces the origin.
    pub fn set_origin(&mut self, new: Option<Arc<Origin>>) {
        match self {
            Self::File(file) => Arc::make_mut(file).origin = new,
            Self::Dir(dir) => Arc::make_mut(dir).origin = new,
            Self::Symlink { origin, .. } => *origin = new,
        }
    }
}

/// A whole file system.
#[derive(Debug, Clone)]
pub struct Tree {
    /// `/`
    pub root: Arc<Dir>,
}

impl Default for Tree {
    fn default() -> Self {
        Self::new()
    }
}

impl Tree {
    /// An empty file system whose root is 0755 and root's.
    pub fn new() -> Self {
        Self { root: Arc::new(Dir::new(Meta::root(0o755))) }
    }
}
