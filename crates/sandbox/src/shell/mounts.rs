//! What is mounted in a container: a mount point cannot be removed or renamed, and what is mounted to be read cannot be
//! changed (`mount(2)`, `unlink(2)`, `rename(2)`).

use super::machine::{Errno, Machine};
use crate::tree::parent;

/// Where something is mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MountPoint {
    /// Absolute path without links.
    pub path: String,
    /// Nothing in it can be changed.
    pub read_only: bool,
}

impl MountPoint {
    /// What can be changed, at `path`.
    pub fn writable(path: &str) -> Self {
        Self { path: path.to_owned(), read_only: false }
    }

    fn holds(&self, path: &str) -> bool {
        path.strip_prefix(self.path.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl<'a> Machine<'a> {
    /// The innermost mount that holds `path` (without links).
    fn mount_of(&self, path: &str) -> Option<&'a MountPoint> {
        self.mounts.iter().filter(|mount| mount.holds(path)).max_by_key(|mount| mount.path.len())
    }

    /// Why what is at `path` cannot be changed.
    pub(crate) fn frozen(&self, path: &str) -> Option<Errno> {
        self.mount_of(path).filter(|mount| mount.read_only).map(|_| Errno::ReadOnly)
    }

    /// Why `path` cannot be removed or get another name.
    pub(crate) fn pinned(&self, path: &str) -> Option<Errno> {
        self.mounts.iter().any(|mount| mount.path == path).then_some(Errno::Busy)
    }

    /// Whether one file cannot have both names: the new one is on another mount.
    pub(crate) fn apart(&self, existing: &str, new: &str) -> bool {
        self.mount_of(existing).map(|mount| &mount.path)
            != self.mount_of(parent(new)).map(|mount| &mount.path)
    }

    /// The mount points below the directory at `path`, in byte order.
    pub(crate) fn mounts_below(&self, path: &str) -> Vec<&'a str> {
        let below = |at: &&str| at.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
        let mut found: Vec<&str> =
            self.mounts.iter().map(|mount| mount.path.as_str()).filter(below).collect();
        found.sort_unstable();
        found
    }
}
