//! Finding a path: links are followed as the kernel does it, inside the root.

use super::{Dir, Error, ErrorKind, File, Node, Result, Tree, components};
use std::sync::Arc;

/// Links that the kernel follows in one path.
const MAX_LINKS: u32 = 40;
/// `PATH_MAX`
pub const MAX_PATH: usize = 4096;
/// `NAME_MAX`
pub const MAX_NAME: usize = 255;

/// Where a path leads.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// Absolute, without links in the directories (nor at the end, if the last link was to be followed).
    pub path: String,
    /// What is there; `None` if only the last name is missing.
    pub node: Option<Node>,
    /// With no node: its directory is one of a base image that is not listed to the end, so it may exist.
    pub unlisted: bool,
}

impl Resolved {
    /// The node, or why there is none.
    fn found(self, path: &str) -> Result<Node> {
        let kind = if self.unlisted { ErrorKind::Unlisted } else { ErrorKind::NotFound };
        self.node.ok_or_else(|| Error::new(kind, path))
    }
}

/// Names still to be walked, last first, as they arise from link targets.
struct Pending<'p>(Vec<&'p str>);

impl<'p> Pending<'p> {
    fn push(&mut self, path: &'p str) {
        self.0.extend(components(path).rev());
    }
}

impl Tree {
    /// Follows links in the directories of `path`, and at its end if `follow`. The last name may be missing;
    /// with `follow`, a dangling link leads to its missing target. Relative paths start at the root.
    ///
    /// # Errors
    /// `NotFound`, `Unlisted`, `NotADirectory`, `TooManyLinks`, `NameTooLong`.
    pub fn resolve(&self, path: &str, follow: bool) -> Result<Resolved> {
        if path.len() > MAX_PATH {
            return Err(Error::new(ErrorKind::NameTooLong, path));
        }
        if let Some(found) = self.resolve_plain(path, follow) {
            return Ok(found);
        }
        let must_be_dir = path.len() > 1 && (path.ends_with('/') || path.ends_with("/."));
        let mut pending = Pending(Vec::new());
        pending.push(path);
        let mut links = 0;
        let mut trail: Vec<(&str, &Arc<Dir>)> = Vec::new();
        let fail = |kind, trail: &[(&str, &Arc<Dir>)], name: &str| {
            Err(Error::new(kind, &join_trail(trail, Some(name))))
        };
        while let Some(name) = pending.0.pop() {
            if name == ".." {
                trail.pop();
                continue;
            }
            if name.len() > MAX_NAME {
                return fail(ErrorKind::NameTooLong, &trail, name);
            }
            let dir = trail.last().map_or(&self.root, |(_, dir)| dir);
            let last = pending.0.is_empty();
            match dir.entries.get(name) {
                None if last => {
                    let unlisted = dir.unlisted.is_some();
                    return Ok(Resolved { path: join_trail(&trail, Some(name)), node: None, unlisted });
                }
                None if dir.unlisted.is_some() => return fail(ErrorKind::Unlisted, &trail, name),
                None => return fail(ErrorKind::NotFound, &trail, name),
                Some(Node::Dir(dir)) => trail.push((name, dir)),
                Some(node @ Node::File(_)) if last && !must_be_dir => {
                    let path = join_trail(&trail, Some(name));
                    return Ok(Resolved { path, node: Some(node.clone()), unlisted: false });
                }
                Some(Node::File(_)) => return fail(ErrorKind::NotADirectory, &trail, name),
                Some(node @ Node::Symlink { target, .. }) => {
                    if last && !follow && !must_be_dir {
                        let path = join_trail(&trail, Some(name));
                        return Ok(Resolved { path, node: Some(node.clone()), unlisted: false });
                    }
                    links += 1;
                    if links > MAX_LINKS {
                        return fail(ErrorKind::TooManyLinks, &trail, name);
                    }
                    if target.starts_with('/') {
                        trail.clear();
                    }
                    pending.push(target);
                }
            }
        }
        let node = trail.last().map_or(&self.root, |(_, dir)| dir);
        Ok(Resolved {
            path: join_trail(&trail, None),
            node: Some(Node::Dir(Arc::clone(node))),
            unlisted: false,
        })
    }

    /// The same, quickly, of most paths: absolute, without `.` and `..`, links or missing directories.
    fn resolve_plain(&self, path: &str, follow: bool) -> Option<Resolved> {
        let (above, name) = path.rsplit_once('/')?;
        let odd = |name: &str| matches!(name, "" | "." | "..") || name.len() > MAX_NAME;
        let mut dir = &self.root;
        if !above.is_empty() {
            for name in above.strip_prefix('/')?.split('/') {
                dir = dir.entries.get(name).filter(|_| !odd(name))?.as_dir()?;
            }
        }
        if odd(name) {
            return None;
        }
        let node = dir.entries.get(name);
        if follow && node.is_some_and(Node::is_symlink) {
            return None;
        }
        let unlisted = node.is_none() && dir.unlisted.is_some();
        Some(Resolved { path: path.to_owned(), node: node.cloned(), unlisted })
    }

    /// What is at `path`, links followed.
    pub fn stat(&self, path: &str) -> Result<Node> {
        self.resolve(path, true)?.found(path)
    }

    /// What is at `path`, a link at its end not followed.
    pub fn lstat(&self, path: &str) -> Result<Node> {
        self.resolve(path, false)?.found(path)
    }

    /// Whether something is known to be at `path`, links followed.
    pub fn exists(&self, path: &str) -> bool {
        self.stat(path).is_ok()
    }

    /// The regular file at `path`, links followed.
    pub fn read(&self, path: &str) -> Result<Arc<File>> {
        match self.stat(path)? {
            Node::File(file) => Ok(file),
            Node::Dir(_) | Node::Symlink { .. } => Err(Error::new(ErrorKind::IsADirectory, path)),
        }
    }

    /// The directory at `path`, links followed.
    pub fn read_dir(&self, path: &str) -> Result<Arc<Dir>> {
        match self.stat(path)? {
            Node::Dir(dir) => Ok(dir),
            Node::File(_) | Node::Symlink { .. } => Err(Error::new(ErrorKind::NotADirectory, path)),
        }
    }

    /// What is at a path without following any link: cheap, for paths that came out of [`Tree::resolve`] or a
    /// walk.
    pub fn get(&self, path: &str) -> Option<&Node> {
        let mut names = components(path);
        let mut node = self.root.entries.get(names.next()?)?;
        for name in names {
            node = node.as_dir()?.entries.get(name)?;
        }
        Some(node)
    }
}

fn join_trail(trail: &[(&str, &Arc<Dir>)], last: Option<&str>) -> String {
    let names = || trail.iter().map(|(name, _)| *name).chain(last);
    let mut path = String::with_capacity(names().map(|name| name.len() + 1).sum::<usize>().max(1));
    for name in names() {
        path.push('/');
        path.push_str(name);
    }
    if path.is_empty() {
        path.push('/');
    }
    path
}
