//! The copying itself, node by node; directories that exist are merged in place.

use super::{MOUNT, Options};
use crate::tree::{Dir, File, Meta, Node, Origin, Siblings, Tree, base_name, child, parent};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Directories within directories; more is refused, so that hostile trees cannot exhaust the stack.
const MAX_DEPTH: u32 = 400;

pub(super) struct Copier<'a> {
    options: &'a Options<'a>,
    /// Hard link numbers of the source, and those that they get here.
    links: BTreeMap<u64, u64>,
    next_link: u64,
}

/// What is copied from where to where.
struct Item<'a> {
    node: &'a Node,
    /// Where a directory stands (and the source itself); empty for what is in directories.
    path: &'a str,
    /// The copy's.
    origin: &'a Arc<Origin>,
    /// Relative to the source; empty for the source itself.
    relative: &'a str,
    dest: &'a Trail<'a>,
    depth: u32,
}

/// A path that is only spelled out for an error.
struct Trail<'a> {
    above: Option<&'a Trail<'a>>,
    name: &'a str,
}

impl Trail<'_> {
    fn path(&self) -> String {
        let above = self.above.map(Trail::path);
        above.map_or_else(|| self.name.to_owned(), |above| child(&above, self.name))
    }
}

impl<'a> Copier<'a> {
    pub(super) fn new(options: &'a Options<'a>) -> Self {
        Self { options, links: BTreeMap::new(), next_link: 0 }
    }

    /// Copies the source itself; a directory that is there keeps its mode and owner.
    pub(super) fn copy_top(
        &mut self,
        node: &Node,
        path: &str,
        to: &mut Tree,
        dest: &str,
    ) -> Result<(), String> {
        if has_hardlinks(node, 0) {
            self.next_link = to.max_hardlink();
        }
        let trail = Trail { above: None, name: dest };
        let origin = node.origin().or(self.options.source.as_ref());
        let origin = &Origin::copied(self.options.writer, path, origin);
        let item = Item { node, path, origin, relative: "", dest: &trail, depth: 0 };
        if dest == "/" {
            // The root always exists.
            let old = std::mem::replace(&mut to.root, Arc::new(Dir::new(Meta::root(0o755))));
            if let Some(Node::Dir(dir)) = self.copy(&item, Some(Node::Dir(old)), false)? {
                to.root = dir;
            }
            return Ok(());
        }
        let name = base_name(dest);
        let mut result = Ok(None);
        let within = |dir: &mut Node| {
            if let Node::Dir(dir) = dir {
                let entries = Arc::make_mut(dir).entries_mut();
                let old = entries.remove(name);
                result = self.copy(&item, old, false);
                if let Ok(Some(node)) = &mut result {
                    entries.insert(Arc::from(name), node.clone());
                }
            }
        };
        to.update(parent(dest), within).map_err(|error| format!("lstat {dest}: {}", error.kind))?;
        result.map(drop)
    }

    fn included(&self, relative: &str) -> (bool, bool) {
        if relative.is_empty() {
            return (true, false);
        }
        let include = self.options.include.is_none_or(|filter| filter.matches(relative));
        let excluded = self.options.exclude.is_some_and(|filter| filter.matches(relative));
        (include && !excluded, excluded)
    }

    /// The node that stands at the destination afterwards.
    fn copy(&mut self, item: &Item<'_>, old: Option<Node>, overwrite: bool) -> Result<Option<Node>, String> {
        let (include, excluded) = self.included(item.relative);
        let old = if include && self.options.replace {
            old.filter(|old| old.is_dir() && item.node.is_dir())
        } else {
            old
        };
        let options = self.options;
        match item.node {
            Node::Dir(dir) => self.copy_dir(item, dir, old, overwrite, (include, excluded)),
            _ if !include => Ok(old),
            _ if old.as_ref().is_some_and(Node::is_dir) => {
                Err(format!("cannot replace to directory {MOUNT}{} with file", item.dest.path()))
            }
            Node::File(file) => {
                let mut new = File::clone(file);
                new.meta = self.meta(file.meta, false);
                new.origin = Some(Arc::clone(item.origin));
                if file.hardlink != 0 {
                    new.hardlink = *self.links.entry(file.hardlink).or_insert_with(|| {
                        self.next_link += 1;
                        self.next_link
                    });
                }
                Ok(Some(Node::File(Arc::new(new))))
            }
            Node::Symlink { target, meta, .. } => {
                let (uid, gid) = options.owner.unwrap_or((meta.uid, meta.gid));
                Ok(Some(Node::Symlink {
                    target: Arc::clone(target),
                    meta: Meta { mode: 0o777, uid, gid },
                    origin: Some(Arc::clone(item.origin)),
                }))
            }
        }
    }

    fn copy_dir(
        &mut self,
        item: &Item<'_>,
        source: &Arc<Dir>,
        old: Option<Node>,
        overwrite: bool,
        (include, excluded): (bool, bool),
    ) -> Result<Option<Node>, String> {
        if item.depth > MAX_DEPTH {
            return Err(format!("failed to stat {MOUNT}{}: file name too long", item.path));
        }
        let exceptions = self.options.exclude.is_some_and(super::PathFilter::has_exceptions);
        if excluded && !exceptions {
            return Ok(old);
        }
        let existing = match old {
            Some(Node::Dir(dir)) => Some(dir),
            Some(_) if include => {
                return Err(format!("cannot copy to non-directory: {MOUNT}{}", item.dest.path()));
            }
            Some(other) => {
                // Not wanted itself; it is in the way only if something below is.
                let below = self.copy_entries(item, source, None)?;
                let refused = || format!("cannot copy to non-directory: {MOUNT}{}", item.dest.path());
                return if below.is_empty() { Ok(Some(other)) } else { Err(refused()) };
            }
            None => None,
        };
        let created = existing.is_none();
        let changed = self.copy_entries(item, source, existing.as_ref())?;
        if !include && changed.is_empty() {
            return Ok(existing.map(Node::Dir));
        }
        let mut dir = match existing {
            None => {
                let entries = changed.into_iter().collect();
                Dir::with_entries(self.meta(source.meta, true), entries, Some(Arc::clone(item.origin)))
            }
            Some(existing) => {
                let mut dir = Arc::unwrap_or_clone(existing);
                dir.entries_mut().extend(changed);
                if include && overwrite {
                    dir.meta = self.meta(source.meta, true);
                } else if !include {
                    // A directory above something wanted gets the mode, but neither owner nor `--chmod`.
                    dir.meta.mode = source.meta.mode;
                }
                dir
            }
        };
        let all = include && self.options.include.is_none() && self.options.exclude.is_none();
        if all && source.unlisted.is_some() && (created || dir.unlisted.is_none()) {
            dir.unlisted.clone_from(&source.unlisted);
        }
        if all && created && self.options.owner.is_none() && self.options.mode.is_none() {
            dir.same_as(source);
        }
        Ok(Some(Node::Dir(Arc::new(dir))))
    }

    /// Copies what is in a directory; gives the entries that are new or changed.
    fn copy_entries(
        &mut self,
        item: &Item<'_>,
        source: &Dir,
        existing: Option<&Arc<Dir>>,
    ) -> Result<Vec<(Arc<str>, Node)>, String> {
        let mut changed = Vec::with_capacity(source.entries().len());
        let filtered = self.options.include.is_some() || self.options.exclude.is_some();
        let mut origins = Siblings::new(self.options.writer, item.path);
        for (name, node) in source.entries() {
            let path = if node.is_dir() { child(item.path, name) } else { String::new() };
            let origin = &origins.copied(node.origin().or(self.options.source.as_ref()));
            let below;
            let relative = match (filtered, item.relative) {
                (true, above) if !above.is_empty() => {
                    below = child(above, name);
                    &below
                }
                _ => &**name,
            };
            let dest = Trail { above: Some(item.dest), name };
            let item = Item { node, path: &path, origin, relative, dest: &dest, depth: item.depth + 1 };
            let old = existing.and_then(|dir| dir.get(name)).cloned();
            let before = old.clone();
            let Some(new) = self.copy(&item, old, true)? else { continue };
            if before.is_none_or(|before| !before.same(&new)) {
                changed.push((Arc::clone(name), new));
            }
        }
        Ok(changed)
    }

    fn meta(&self, meta: Meta, is_dir: bool) -> Meta {
        let (uid, gid) = self.options.owner.unwrap_or((meta.uid, meta.gid));
        let mode = self.options.mode.as_ref().map_or(meta.mode, |mode| mode.apply(meta.mode, is_dir));
        Meta { mode, uid, gid }
    }
}

fn has_hardlinks(node: &Node, depth: u32) -> bool {
    match node {
        Node::File(file) => file.hardlink != 0,
        Node::Dir(dir) => {
            depth <= MAX_DEPTH && dir.entries().values().any(|node| has_hardlinks(node, depth + 1))
        }
        Node::Symlink { .. } => false,
    }
}
