//! Changing a tree. Paths follow links in their directories; a failed change leaves the tree as it was.

use super::resolve::{MAX_NAME, MAX_PATH};
use super::{
    Content, Dir, Error, ErrorKind, File, Meta, Node, Origin, Result, Tree, base_name, components, parent,
};
use std::sync::{Arc, OnceLock};

impl Tree {
    /// The directory at a path without links, ready to be changed.
    fn dir_mut(&mut self, path: &str) -> Result<&mut Dir> {
        let mut dir = Arc::make_mut(&mut self.root);
        dir.digest = OnceLock::new();
        for name in components(path) {
            dir = match dir.entries.get_mut(name) {
                Some(Node::Dir(next)) => Arc::make_mut(next),
                Some(_) => return Err(Error::new(ErrorKind::NotADirectory, path)),
                None => return Err(Error::new(ErrorKind::NotFound, path)),
            };
            dir.digest = OnceLock::new();
        }
        Ok(dir)
    }

    /// Puts a node at a path whose directories exist and hold no links, over what was there.
    pub fn put(&mut self, path: &str, node: Node) -> Result<Option<Node>> {
        let name = base_name(path);
        if name.is_empty() {
            return match node {
                Node::Dir(dir) => Ok(Some(Node::Dir(std::mem::replace(&mut self.root, dir)))),
                Node::File(_) | Node::Symlink { .. } => Err(Error::new(ErrorKind::IsADirectory, path)),
            };
        }
        if name.len() > MAX_NAME || path.len() > MAX_PATH {
            return Err(Error::new(ErrorKind::NameTooLong, path));
        }
        Ok(self.dir_mut(parent(path))?.insert(Arc::from(name), node))
    }

    /// Changes what is at a path without links. All names of a hard-linked file change together.
    pub fn update(&mut self, path: &str, change: impl FnOnce(&mut Node)) -> Result<()> {
        let name = base_name(path);
        if name.is_empty() {
            let mut root = Node::Dir(Arc::clone(&self.root));
            change(&mut root);
            if let Node::Dir(root) = root {
                self.root = root;
            }
            return Ok(());
        }
        if self.get(path).is_none() {
            return Err(Error::new(ErrorKind::NotFound, path));
        }
        let dir = self.dir_mut(parent(path))?;
        let Some(node) = dir.entries.get_mut(name) else {
            return Err(Error::new(ErrorKind::NotFound, path));
        };
        change(node);
        if let Node::File(file) = node
            && file.hardlink != 0
        {
            let file = Arc::clone(file);
            relink(&mut self.root, &file);
        }
        Ok(())
    }

    /// Writes a file as `open(O_CREAT|O_TRUNC)` and `write` do: links are followed; a file that is there keeps
    /// mode, owner and its other names, and takes the new content and origin; a new one takes `meta`.
    pub fn write(
        &mut self,
        path: &str,
        content: Content,
        meta: Meta,
        origin: Option<Arc<Origin>>,
    ) -> Result<()> {
        let found = self.resolve(path, true)?;
        match found.node {
            Some(Node::File(_)) => self.update(&found.path, |node| {
                if let Node::File(file) = node {
                    let file = Arc::make_mut(file);
                    file.set_content(content);
                    file.origin = origin;
                }
            }),
            Some(_) => Err(Error::new(ErrorKind::IsADirectory, path)),
            None if path.ends_with('/') => Err(Error::new(ErrorKind::IsADirectory, path)),
            None => {
                let file = File::with_origin(meta, content, origin);
                self.put(&found.path, Node::File(Arc::new(file))).map(drop)
            }
        }
    }

    /// Makes one directory, as `mkdir(2)`.
    pub fn mkdir(&mut self, path: &str, meta: Meta, origin: Option<Arc<Origin>>) -> Result<()> {
        let found = self.resolve(path.trim_end_matches('/'), false)?;
        if found.node.is_some() {
            return Err(Error::new(ErrorKind::AlreadyExists, path));
        }
        self.put(&found.path, Node::Dir(Arc::new(Dir { origin, ..Dir::new(meta) }))).map(drop)
    }

    /// Makes a directory and those above it that are missing; links are followed (a dangling one's target is
    /// made). Gives the resolved path.
    pub fn mkdir_all(&mut self, path: &str, meta: Meta, origin: Option<&Arc<Origin>>) -> Result<String> {
        let mut at = "/".to_owned();
        for name in components(path) {
            let next = if at == "/" { format!("/{name}") } else { format!("{at}/{name}") };
            let found = self.resolve(&next, true)?;
            match found.node {
                Some(Node::Dir(_)) => {}
                Some(_) => return Err(Error::new(ErrorKind::NotADirectory, &next)),
                None => {
                    let dir = Dir { origin: origin.cloned(), ..Dir::new(meta) };
                    self.put(&found.path, Node::Dir(Arc::new(dir)))?;
                }
            }
            at = found.path;
        }
        Ok(at)
    }

    /// Makes a symbolic link; what is at `path` must not exist.
    pub fn symlink(
        &mut self,
        target: &str,
        path: &str,
        owner: Meta,
        origin: Option<Arc<Origin>>,
    ) -> Result<()> {
        let found = self.resolve(path, false)?;
        if found.node.is_some() {
            return Err(Error::new(ErrorKind::AlreadyExists, path));
        }
        let meta = Meta { mode: 0o777, ..owner };
        self.put(&found.path, Node::Symlink { target: Arc::from(target), meta, origin }).map(drop)
    }

    /// Gives the file at `existing` a further name, as `link(2)`; a link at the end of `existing` is not followed.
    pub fn hardlink(&mut self, existing: &str, path: &str) -> Result<()> {
        let from = self.resolve(existing, false)?;
        let to = self.resolve(path, false)?;
        if to.node.is_some() {
            return Err(Error::new(ErrorKind::AlreadyExists, path));
        }
        match from.node {
            None => Err(Error::new(ErrorKind::NotFound, existing)),
            Some(Node::Dir(_)) => Err(Error::new(ErrorKind::NotPermitted, existing)),
            Some(node @ Node::Symlink { .. }) => self.put(&to.path, node).map(drop),
            Some(Node::File(file)) => {
                let mut linked = file;
                if linked.hardlink == 0 {
                    let number = self.max_hardlink() + 1;
                    Arc::make_mut(&mut linked).hardlink = number;
                    self.put(&from.path, Node::File(Arc::clone(&linked)))?;
                }
                self.put(&to.path, Node::File(linked)).map(drop)
            }
        }
    }

    /// The greatest hard link number in use, 0 if none is.
    pub fn max_hardlink(&self) -> u64 {
        self.walk().filter_map(|(_, node)| node.as_file().map(|file| file.hardlink)).max().unwrap_or(0)
    }

    /// Removes a file, a link or an empty directory; a link at the end is not followed.
    pub fn remove(&mut self, path: &str) -> Result<Node> {
        let found = self.resolve(path.trim_end_matches('/'), false)?;
        match &found.node {
            None => return Err(Error::new(ErrorKind::NotFound, path)),
            Some(_) if found.path == "/" => return Err(Error::new(ErrorKind::Busy, path)),
            Some(Node::Dir(dir)) if !dir.is_empty() || dir.unlisted.is_some() => {
                return Err(Error::new(ErrorKind::NotEmpty, path));
            }
            Some(_) => {}
        }
        self.take(&found.path)
    }

    /// Removes what is at `path` and all below it; a link at the end is not followed.
    pub fn remove_all(&mut self, path: &str) -> Result<Node> {
        let found = self.resolve(path.trim_end_matches('/'), false)?;
        if found.node.is_none() {
            return Err(Error::new(ErrorKind::NotFound, path));
        }
        if found.path == "/" {
            return Err(Error::new(ErrorKind::Busy, path));
        }
        self.take(&found.path)
    }

    fn take(&mut self, path: &str) -> Result<Node> {
        let taken = self.dir_mut(parent(path))?.remove(base_name(path));
        taken.ok_or_else(|| Error::new(ErrorKind::NotFound, path))
    }

    /// Moves, as `rename(2)`: over a file, or over an empty directory if it is one itself.
    pub fn rename(&mut self, from: &str, to: &str) -> Result<()> {
        let source = self.resolve(from.trim_end_matches('/'), false)?;
        let target = self.resolve(to.trim_end_matches('/'), false)?;
        let Some(node) = source.node else {
            return Err(Error::new(ErrorKind::NotFound, from));
        };
        if source.path == "/" || target.path == "/" {
            return Err(Error::new(ErrorKind::Busy, if source.path == "/" { from } else { to }));
        }
        if source.path == target.path {
            return Ok(());
        }
        if target.path.strip_prefix(&*source.path).is_some_and(|rest| rest.starts_with('/')) {
            return Err(Error::new(ErrorKind::InvalidArgument, to));
        }
        match (&node, &target.node) {
            (Node::Dir(_), Some(Node::Dir(over))) if !over.is_empty() => {
                return Err(Error::new(ErrorKind::NotEmpty, to));
            }
            (Node::Dir(_), Some(Node::File(_) | Node::Symlink { .. })) => {
                return Err(Error::new(ErrorKind::NotADirectory, to));
            }
            (Node::File(_) | Node::Symlink { .. }, Some(Node::Dir(_))) => {
                return Err(Error::new(ErrorKind::IsADirectory, to));
            }
            (Node::File(a), Some(Node::File(b))) if a.hardlink != 0 && a.hardlink == b.hardlink => {
                return Ok(());
            }
            _ => {}
        }
        self.put(&target.path, node)?;
        self.take(&source.path).map(drop)
    }

    /// Sets permission bits; links are followed.
    pub fn chmod(&mut self, path: &str, mode: u32) -> Result<()> {
        self.change_meta(path, true, |meta| meta.mode = mode & 0o7777)
    }

    /// Sets user and group, each if given; links are followed if `follow`.
    pub fn chown(&mut self, path: &str, uid: Option<u32>, gid: Option<u32>, follow: bool) -> Result<()> {
        self.change_meta(path, follow, |meta| {
            meta.uid = uid.unwrap_or(meta.uid);
            meta.gid = gid.unwrap_or(meta.gid);
        })
    }

    fn change_meta(&mut self, path: &str, follow: bool, change: impl FnOnce(&mut Meta)) -> Result<()> {
        let found = self.resolve(path, follow)?;
        let Some(node) = found.node else {
            return Err(Error::new(ErrorKind::NotFound, path));
        };
        let mut meta = node.meta();
        change(&mut meta);
        self.update(&found.path, |node| node.set_meta(meta))
    }
}

/// Gives every name of a hard-linked file its new state.
fn relink(dir: &mut Arc<Dir>, file: &Arc<File>) {
    let stale = |node: &Node| match node {
        Node::File(old) => old.hardlink == file.hardlink && !Arc::ptr_eq(old, file),
        Node::Dir(_) | Node::Symlink { .. } => false,
    };
    let names: Vec<Arc<str>> = dir
        .entries
        .iter()
        .filter(|(_, node)| stale(node) || node.as_dir().is_some_and(|dir| has(dir, file)))
        .map(|(name, _)| Arc::clone(name))
        .collect();
    if names.is_empty() {
        return;
    }
    let dir = Arc::make_mut(dir);
    dir.digest = OnceLock::new();
    for name in names {
        match dir.entries.get_mut(&name) {
            Some(Node::Dir(below)) => relink(below, file),
            Some(node) => *node = Node::File(Arc::clone(file)),
            None => {}
        }
    }
}

/// Whether an older state of the file is somewhere below.
fn has(dir: &Dir, file: &Arc<File>) -> bool {
    dir.entries.values().any(|node| match node {
        Node::File(old) => old.hardlink == file.hardlink && !Arc::ptr_eq(old, file),
        Node::Dir(dir) => has(dir, file),
        Node::Symlink { .. } => false,
    })
}
