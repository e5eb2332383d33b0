//! What processes do with files: the tree's operations with permissions, devices, and not knowing.

use super::machine::{Cred, Errno, Halt, Machine, Sys, UNKNOWN_BYTES};
use crate::tree::{Content, Dir, File, Meta, Node, Origin, Resolved, parent};
use std::sync::Arc;

/// Devices that a container has although no image holds them.
pub(crate) fn is_device(path: &str) -> bool {
    matches!(path, "/dev/null" | "/dev/zero" | "/dev/full" | "/dev/random" | "/dev/urandom" | "/dev/tty")
        || path.strip_prefix("/dev/").is_some_and(|name| {
            matches!(name, "stdin" | "stdout" | "stderr" | "ptmx" | "console") || name.starts_with("fd/")
        })
}

macro_rules! sys {
    ($e:expr) => {
        match $e? {
            Ok(value) => value,
            Err(errno) => return Ok(Err(errno)),
        }
    };
}
pub(crate) use sys;

impl Machine<'_> {
    /// Whether a directory on the way to a path may not be searched.
    fn closed(&self, path: &str) -> bool {
        if self.actor.uid == 0 {
            return false;
        }
        let ends = path.trim_end_matches('/').match_indices('/').map(|(at, _)| at.max(1));
        ends.filter_map(|end| self.tree.stat(path.get(..end)?).ok())
            .any(|node| node.is_dir() && !self.actor.may(node.meta(), 1))
    }

    pub(crate) fn resolve(&self, path: &str, follow: bool) -> Sys<Resolved> {
        if self.closed(path) {
            return Ok(Err(Errno::Access));
        }
        match self.tree.resolve(path, follow) {
            Ok(found) => Ok(Ok(found)),
            Err(error) => self.errno(&error, path),
        }
    }

    /// What is there; devices are empty files.
    pub(crate) fn stat(&self, path: &str, follow: bool) -> Sys<Node> {
        if is_device(path) {
            let device = File::new(Meta::root(0o666), Content::bytes([]));
            return Ok(Ok(Node::File(Arc::new(device))));
        }
        if self.closed(path) {
            return Ok(Err(Errno::Access));
        }
        let found = if follow { self.tree.stat(path) } else { self.tree.lstat(path) };
        match found {
            Ok(node) => Ok(Ok(node)),
            Err(error) => self.errno(&error, path),
        }
    }

    /// The content of a regular file, permissions checked.
    pub(crate) fn content_of(&self, cred: &Cred, path: &str) -> Sys<Content> {
        if is_device(path) {
            return Ok(Ok(match path {
                "/dev/zero" | "/dev/random" | "/dev/urandom" => Content::bytes(UNKNOWN_BYTES),
                _ => Content::bytes([]),
            }));
        }
        if path.starts_with("/proc/") || path.starts_with("/sys/") {
            return Ok(Ok(Content::bytes(UNKNOWN_BYTES)));
        }
        match sys!(self.stat(path, true)) {
            Node::File(file) if cred.may(file.meta, 4) => Ok(Ok(file.content.clone())),
            Node::File(_) => Ok(Err(Errno::Access)),
            Node::Dir(_) | Node::Symlink { .. } => Ok(Err(Errno::IsDir)),
        }
    }

    /// The bytes of a regular file; one [`super::machine::UNKNOWN`] where they are not known.
    pub(crate) fn read(&mut self, cred: &Cred, path: &str) -> Sys<Vec<u8>> {
        let content = sys!(self.content_of(cred, path));
        self.spend(1 + content.size().min(1 << 24) / 256)?;
        Ok(Ok(match content.known() {
            Some(bytes) => bytes.to_vec(),
            None => [UNKNOWN_BYTES, b"\n"].concat(),
        }))
    }

    /// Why entries of the directory that holds `path` (without links) may not be changed.
    fn refusal(&self, cred: &Cred, path: &str) -> Option<Errno> {
        let dir = parent(path);
        if let Some(errno) = self.frozen(dir) {
            return Some(errno);
        }
        let meta = if dir == "/" { Some(self.tree.root.meta) } else { self.tree.get(dir).map(Node::meta) };
        let sticky = meta.is_some_and(|meta| meta.mode & 0o1000 != 0);
        let owned = !sticky || self.tree.get(path).is_none_or(|node| node.meta().uid == cred.uid);
        if cred.uid == 0 {
            return None;
        }
        if !meta.is_some_and(|meta| cred.may(meta, 2)) {
            return Some(Errno::Access);
        }
        (!owned).then_some(Errno::NotPermitted)
    }

    /// Why there may be no new entry at `path` (without links).
    fn making_refusal(&self, cred: &Cred, path: &str) -> Option<Errno> {
        self.refusal(cred, path).map(|errno| if errno == Errno::NotPermitted { Errno::Access } else { errno })
    }

    /// Why the content of the file at `path` (without links) may not be changed.
    pub(crate) fn write_refusal(&self, cred: &Cred, path: &str, meta: Meta) -> Option<Errno> {
        if cred.may(meta, 2) { self.frozen(path) } else { Some(Errno::Access) }
    }

    /// Makes or replaces a file; `mode` already has the umask taken off.
    pub(crate) fn write_content(&mut self, cred: &Cred, path: &str, content: Content, mode: u32) -> Sys<()> {
        self.spend(2)?;
        if is_device(path) {
            return Ok(Ok(()));
        }
        let found = sys!(self.resolve(path, true));
        let refused = match &found.node {
            Some(Node::File(file)) => self.write_refusal(cred, &found.path, file.meta),
            None => self.making_refusal(cred, &found.path),
            Some(_) => None,
        };
        if let Some(errno) = refused {
            return Ok(Err(errno));
        }
        let meta = Meta { mode, uid: cred.uid, gid: self.group_for(cred, &found.path) };
        let origin = Some(Arc::clone(&self.origin));
        match self.tree.write(path, content, meta, origin) {
            Ok(()) => Ok(Ok(())),
            Err(error) => self.errno(&error, path),
        }
    }

    /// A directory with the set-group-id bit gives its group to what is made in it.
    fn group_for(&self, cred: &Cred, path: &str) -> u32 {
        match self.tree.get(parent(path)).map(Node::meta) {
            Some(meta) if meta.mode & 0o2000 != 0 => meta.gid,
            _ => cred.gid,
        }
    }

    pub(crate) fn mkdir(&mut self, cred: &Cred, path: &str, mode: u32) -> Sys<()> {
        self.spend(2)?;
        let found = sys!(self.resolve(path.trim_end_matches('/'), false));
        if found.node.is_some() {
            return Ok(Err(Errno::Exists));
        }
        if let Some(errno) = self.making_refusal(cred, &found.path) {
            return Ok(Err(errno));
        }
        let meta = Meta { mode, uid: cred.uid, gid: self.group_for(cred, &found.path) };
        match self.tree.mkdir(path, meta, Some(Arc::clone(&self.origin))) {
            Ok(()) => Ok(Ok(())),
            Err(error) => self.errno(&error, path),
        }
    }

    /// Makes what is missing of a path, each with `mode`.
    pub(crate) fn mkdir_all(&mut self, cred: &Cred, path: &str, mode: u32) -> Sys<()> {
        let mut at = String::new();
        if path.contains('\0') {
            return Ok(Err(Errno::NoEntry));
        }
        for name in crate::tree::components(path) {
            at.push('/');
            at.push_str(name);
            match self.tree.resolve(&at, true) {
                Ok(found) if found.node.is_none() => sys!(self.mkdir(cred, &at, mode)),
                Ok(found) if !found.node.as_ref().is_some_and(Node::is_dir) => return Ok(Err(Errno::NotDir)),
                Ok(_) => {}
                Err(error) => return self.errno(&error, &at),
            }
        }
        Ok(Ok(()))
    }

    /// Removes an entry that is no directory with entries.
    pub(crate) fn remove(&mut self, cred: &Cred, path: &str) -> Sys<()> {
        self.spend(2)?;
        let found = sys!(self.resolve(path.trim_end_matches('/'), false));
        if found.node.is_some()
            && let Some(errno) = self.refusal(cred, &found.path).or_else(|| self.pinned(&found.path))
        {
            return Ok(Err(errno));
        }
        match self.tree.remove(path) {
            Ok(_) => Ok(Ok(())),
            Err(error) => self.errno(&error, path),
        }
    }

    /// Removes an entry and what is below, as far as nothing is mounted there.
    pub(crate) fn remove_all(&mut self, cred: &Cred, path: &str) -> Sys<()> {
        self.spend(2)?;
        let found = sys!(self.resolve(path.trim_end_matches('/'), false));
        if found.node.is_some()
            && let Some(errno) = self.refusal(cred, &found.path)
        {
            return Ok(Err(errno));
        }
        let pinned = self.pinned(&found.path);
        let below = self.mounts_below(&found.path);
        if let (Some(Node::Dir(dir)), true) = (&found.node, pinned.is_some() || !below.is_empty()) {
            let names: Vec<Arc<str>> = dir.entries().keys().cloned().collect();
            for name in names {
                let inside = [found.path.trim_end_matches('/'), "/", &name].concat();
                let _ = self.remove_all(cred, &inside)?;
            }
            return Ok(Err(Errno::Busy));
        }
        if let Some(errno) = pinned {
            return Ok(Err(errno));
        }
        match self.tree.remove_all(path) {
            Ok(_) => Ok(Ok(())),
            Err(error) => self.errno(&error, path),
        }
    }

    pub(crate) fn symlink(&mut self, cred: &Cred, target: &str, path: &str) -> Sys<()> {
        self.spend(2)?;
        let found = sys!(self.resolve(path, false));
        if found.node.is_none()
            && let Some(errno) = self.making_refusal(cred, &found.path)
        {
            return Ok(Err(errno));
        }
        let meta = Meta { mode: 0o777, uid: cred.uid, gid: cred.gid };
        match self.tree.symlink(target, path, meta, Some(Arc::clone(&self.origin))) {
            Ok(()) => Ok(Ok(())),
            Err(error) => self.errno(&error, path),
        }
    }

    pub(crate) fn hardlink(&mut self, cred: &Cred, existing: &str, path: &str) -> Sys<()> {
        self.spend(20)?;
        let found = sys!(self.resolve(path, false));
        if found.node.is_none() {
            if let Ok(existing) = self.tree.resolve(existing, false)
                && self.apart(&existing.path, &found.path)
            {
                return Ok(Err(Errno::Across));
            }
            if let Some(errno) = self.making_refusal(cred, &found.path) {
                return Ok(Err(errno));
            }
        }
        match self.tree.hardlink(existing, path) {
            Ok(()) => Ok(Ok(())),
            Err(error) => self.errno(&error, path),
        }
    }

    pub(crate) fn rename(&mut self, cred: &Cred, from: &str, to: &str) -> Sys<()> {
        self.spend(2)?;
        let source = sys!(self.resolve(from.trim_end_matches('/'), false));
        let target = sys!(self.resolve(to.trim_end_matches('/'), false));
        let refused = self.refusal(cred, &source.path).or_else(|| self.refusal(cred, &target.path));
        let pinned = self.pinned(&source.path).or_else(|| self.pinned(&target.path));
        if let Some(errno) = refused.or(pinned) {
            return Ok(Err(errno));
        }
        match self.tree.rename(from, to) {
            Ok(()) => Ok(Ok(())),
            Err(error) => self.errno(&error, from),
        }
    }

    /// A new time of change: times are no part of the tree, but a layer holds what was touched.
    pub(crate) fn touch(&mut self, cred: &Cred, path: &str) -> Sys<()> {
        self.spend(1)?;
        if is_device(path) {
            return Ok(Ok(()));
        }
        let found = sys!(self.resolve(path, true));
        let Some(node) = &found.node else { return Ok(Err(Errno::NoEntry)) };
        if node.meta().uid != cred.uid && !cred.may(node.meta(), 2) {
            return Ok(Err(Errno::Access));
        }
        if let Some(errno) = self.frozen(&found.path) {
            return Ok(Err(errno));
        }
        let origin = Origin::copied(self.origin.writer, &found.path, node.origin());
        match self.tree.update(&found.path, |node| node.set_origin(Some(origin))) {
            Ok(()) => Ok(Ok(())),
            Err(error) => self.errno(&error, path),
        }
    }

    fn frozen_at(&self, path: &str, follow: bool) -> Result<Option<Errno>, Halt> {
        Ok(if self.mounts.is_empty() { None } else { self.resolve(path, follow)?.ok() }
            .and_then(|found| self.frozen(&found.path)))
    }

    pub(crate) fn chmod(&mut self, cred: &Cred, path: &str, mode: u32) -> Sys<()> {
        self.spend(1)?;
        let node = sys!(self.stat(path, true));
        if cred.uid != 0 && node.meta().uid != cred.uid {
            return Ok(Err(Errno::NotPermitted));
        }
        if let Some(errno) = self.frozen_at(path, true)? {
            return Ok(Err(errno));
        }
        match self.tree.chmod(path, mode) {
            Ok(()) => Ok(Ok(())),
            Err(error) => self.errno(&error, path),
        }
    }

    /// As `chown(2)` or `lchown(2)`; set-id bits of files go away when a file changes hands.
    pub(crate) fn chown(
        &mut self,
        cred: &Cred,
        path: &str,
        owner: (Option<u32>, Option<u32>),
        follow: bool,
    ) -> Sys<()> {
        self.spend(1)?;
        if is_device(path) {
            return Ok(Ok(()));
        }
        let node = sys!(self.stat(path, follow));
        let meta = node.meta();
        let other_group = owner.1.is_some_and(|gid| gid != cred.gid && !cred.groups.contains(&gid));
        if cred.uid != 0
            && (meta.uid != cred.uid || owner.0.is_some_and(|uid| uid != cred.uid) || other_group)
        {
            return Ok(Err(Errno::NotPermitted));
        }
        if let Some(errno) = self.frozen_at(path, follow)? {
            return Ok(Err(errno));
        }
        let done = self.tree.chown(path, owner.0, owner.1, follow).and_then(|()| {
            if node.as_file().is_some() && meta.mode & 0o6000 != 0 && (owner.0.is_some() || owner.1.is_some())
            {
                return self.tree.chmod(path, meta.mode & 0o1777);
            }
            Ok(())
        });
        match done {
            Ok(()) => Ok(Ok(())),
            Err(error) => self.errno(&error, path),
        }
    }

    /// The entries of a directory, in byte order; read permission is checked.
    pub(crate) fn list(&mut self, cred: &Cred, path: &str) -> Sys<Arc<Dir>> {
        match sys!(self.stat(path, true)) {
            Node::Dir(dir) if cred.may(dir.meta, 4) => {
                self.spend(1 + dir.entries().len() as u64 / 4)?;
                Ok(Ok(dir))
            }
            Node::Dir(_) => Ok(Err(Errno::Access)),
            Node::File(_) | Node::Symlink { .. } => Ok(Err(Errno::NotDir)),
        }
    }
}
