//! A file system as a value: cloning is free, a change copies only the directories above it.

use std::collections::BTreeMap;
use std::sync::Arc;

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

/// Where a file came from: who wrote it, and what it was copied from, back to its beginning. `writer` is a
/// number that the caller hands out (the sandbox does not know what a step is).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Who wrote it.
    pub writer: u32,
    /// The path it had there and its own origin, if it was copied.
    pub from: Option<(Arc<str>, Arc<Origin>)>,
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
        digest: [u8; 32],
        /// Who says so: `go build`, `declared`, `debian:12`.
        source: Arc<str>,
    },
    /// Written by a command without a model: neither content nor size is known.
    Unknown {
        /// SHA-256 of command and inputs.
        digest: [u8; 32],
    },
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

/// A directory.
#[derive(Debug, Clone)]
pub struct Dir {
    /// Mode and owner.
    pub meta: Meta,
    /// Entries by name.
    pub entries: BTreeMap<Arc<str>, Node>,
    /// What else is there, in a base image's directory that is not listed to the end. Copied with the
    /// directory, gone when the directory is removed; counts in sizes.
    pub unlisted: Option<Arc<Unlisted>>,
    /// Who made it, if anyone said.
    pub origin: Option<Arc<Origin>>,
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

/// A whole file system.
#[derive(Debug, Clone)]
pub struct Tree {
    /// `/`
    pub root: Arc<Dir>,
}
