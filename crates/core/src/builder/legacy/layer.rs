//! Layers as overlay2 keeps them: whatever was written is in the layer, changed or not.

use crate::simulation::{EntryKind, Layer, LayerEntry};
use stagecraft_sandbox::tree::{Dir, Entries, Node, Tree, parent};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Directories within directories that are looked at; deeper ones are taken for unchanged.
const MAX_DEPTH: u32 = 400;

/// What stands in `after` that does not stand, as the very same value, in `before`. A directory made anew where
/// something was is opaque, as overlayfs marks it.
pub(super) fn diff(before: &Tree, after: &Tree) -> Vec<LayerEntry> {
    diff_beside(before, after, &[])
}

/// The same without what is at and below some paths, where something else is mounted.
pub(super) fn diff_beside(before: &Tree, after: &Tree, hidden: &[&str]) -> Vec<LayerEntry> {
    let mut work = Diff { hidden, ..Diff::default() };
    if !Arc::ptr_eq(&before.root, &after.root) {
        work.dir("", &before.root, &after.root, 0);
    }
    work.entries
}

#[derive(Default)]
struct Diff<'h> {
    hidden: &'h [&'h str],
    /// Something behind a mount changed, which makes the directories above it look changed.
    behind: bool,
    entries: Vec<LayerEntry>,
    links: BTreeMap<u64, Arc<str>>,
}

impl Diff<'_> {
    fn push(&mut self, path: &Arc<str>, kind: EntryKind) {
        self.entries.push(LayerEntry { path: Arc::clone(path), kind });
    }

    fn dir(&mut self, path: &str, before: &Dir, after: &Dir, depth: u32) {
        if depth > MAX_DEPTH {
            return;
        }
        let mut at = String::with_capacity(path.len() + 32);
        at.push_str(path);
        at.push('/');
        let above = at.len();
        for (name, old, new) in before.entries().changes(after.entries()) {
            at.truncate(above);
            at.push_str(name);
            let path: Arc<str> = at.as_str().into();
            if self.hidden.contains(&&*path) {
                self.behind = true;
                continue;
            }
            match new {
                None => self.push(&path, EntryKind::Whiteout),
                Some(new) => self.node(&path, old, new, depth),
            }
        }
    }

    fn node(&mut self, path: &Arc<str>, old: Option<&Node>, new: &Node, depth: u32) {
        if let Node::File(file) = new
            && file.hardlink != 0
        {
            if let Some(first) = self.links.get(&file.hardlink) {
                let first = Arc::clone(first);
                return self.push(path, EntryKind::Hardlink(first));
            }
            self.links.insert(file.hardlink, Arc::clone(path));
        }
        let Node::Dir(new_dir) = new else {
            return self.push(path, EntryKind::Node(new.clone()));
        };
        let mut bare = Dir::with_entries(new_dir.meta, Entries::new(), new_dir.origin.clone());
        bare.unlisted.clone_from(&new_dir.unlisted);
        self.push(path, EntryKind::Node(Node::Dir(Arc::new(bare))));
        let old_dir = match old {
            Some(Node::Dir(old_dir)) if old_dir.is_same(new_dir) => Some(old_dir),
            _ => None,
        };
        if let Some(old_dir) = old_dir {
            let length = self.entries.len();
            let behind = std::mem::take(&mut self.behind);
            self.dir(path, old_dir, new_dir, depth + 1);
            if self.behind && self.entries.len() == length && old_dir.meta == new_dir.meta {
                self.entries.pop();
            }
            self.behind |= behind;
            return;
        }
        if old.is_some() {
            self.push(path, EntryKind::Opaque);
        }
        self.dir(path, &Dir::new(new_dir.meta), new_dir, depth + 1);
    }
}

/// Bytes of the files.
pub(super) fn size(entries: &[LayerEntry]) -> u64 {
    entries
        .iter()
        .map(|entry| match &entry.kind {
            EntryKind::Node(Node::File(file)) => file.content.size(),
            _ => 0,
        })
        .sum()
}

/// Puts a layer on a file system.
pub(crate) fn apply(tree: &Tree, entries: &[LayerEntry]) -> Tree {
    let mut tree = tree.clone();
    let mut links: BTreeMap<u64, u64> = BTreeMap::new();
    let mut next_link = 0;
    for entry in entries {
        let path = &*entry.path;
        match &entry.kind {
            EntryKind::Whiteout => {
                if tree.get(path).is_some() {
                    let _ = tree.remove_all(path);
                }
            }
            EntryKind::Opaque => empty(&mut tree, path),
            EntryKind::Hardlink(target) => {
                let _ = tree.remove_all(path);
                if let Some(node) = tree.get(target).cloned() {
                    let _ = tree.put(path, node);
                }
            }
            EntryKind::Node(Node::Dir(dir)) => put_dir(&mut tree, path, dir),
            EntryKind::Node(node) => {
                let mut node = node.clone();
                if let Node::File(file) = &mut node
                    && file.hardlink != 0
                {
                    if next_link == 0 {
                        next_link = tree.max_hardlink().max(file.hardlink);
                    }
                    let number = *links.entry(file.hardlink).or_insert_with(|| {
                        next_link += 1;
                        next_link
                    });
                    if number != file.hardlink {
                        Arc::make_mut(file).hardlink = number;
                    }
                }
                ensure_parent(&mut tree, path);
                let _ = tree.put(path, node);
            }
        }
    }
    tree
}

/// A layer's directory: what is there keeps its entries.
fn put_dir(tree: &mut Tree, path: &str, dir: &Arc<Dir>) {
    let mut fresh = match tree.get(path) {
        Some(Node::Dir(there)) => {
            let mut fresh = Dir::clone(there);
            fresh.meta = dir.meta;
            fresh
        }
        _ => Dir::with_entries(dir.meta, Entries::new(), dir.origin.clone()),
    };
    if dir.unlisted.is_some() {
        fresh.unlisted.clone_from(&dir.unlisted);
    }
    ensure_parent(tree, path);
    let _ = tree.put(path, Node::Dir(Arc::new(fresh)));
}

fn empty(tree: &mut Tree, path: &str) {
    if let Some(Node::Dir(there)) = tree.get(path) {
        let bare = Dir::with_entries(there.meta, Entries::new(), there.origin.clone());
        let _ = tree.put(path, Node::Dir(Arc::new(bare)));
    }
}

fn ensure_parent(tree: &mut Tree, path: &str) {
    let above = parent(path);
    if above != "/" && !tree.get(above).is_some_and(Node::is_dir) {
        let _ = tree.mkdir_all(above, stagecraft_sandbox::tree::Meta::root(0o755), None);
    }
}

/// Two lists of entries, the second written over the first, as one.
pub(super) fn join(first: Vec<LayerEntry>, then: Vec<LayerEntry>) -> Vec<LayerEntry> {
    if first.is_empty() {
        return then;
    }
    let written: std::collections::BTreeSet<Arc<str>> =
        then.iter().map(|entry| Arc::clone(&entry.path)).collect();
    let mut all: Vec<LayerEntry> =
        first.into_iter().filter(|entry| !written.contains(&entry.path)).chain(then).collect();
    all.sort_by(|a, b| a.path.split('/').cmp(b.path.split('/')));
    all
}

/// A layer of entries, or `None` if nothing was written.
pub(super) fn make(entries: Vec<LayerEntry>, created_by: &str) -> Option<Layer> {
    if entries.is_empty() {
        return None;
    }
    Some(Layer { created_by: created_by.to_owned(), size: size(&entries), entries })
}

#[cfg(test)]
mod tests {
    use super::*;
    use stagecraft_sandbox::tree::{Content, Meta, Origin};

    fn tree() -> Tree {
        let mut tree = Tree::new();
        let meta = Meta::root(0o755);
        tree.mkdir_all("/d/sub", meta, None).unwrap();
        tree.write("/d/one", Content::bytes("1"), Meta::root(0o644), None).unwrap();
        tree
    }

    fn text(entries: &[LayerEntry]) -> Vec<String> {
        let kind = |kind: &EntryKind| match kind {
            EntryKind::Node(Node::Dir(_)) => "dir".to_owned(),
            EntryKind::Node(_) => "node".to_owned(),
            EntryKind::Hardlink(target) => format!("= {target}"),
            EntryKind::Whiteout => "gone".to_owned(),
            EntryKind::Opaque => "opaque".to_owned(),
        };
        entries.iter().map(|entry| format!("{} {}", entry.path, kind(&entry.kind))).collect()
    }

    #[test]
    fn what_is_written_again_is_in_the_layer() {
        let before = tree();
        let mut after = before.clone();
        after.write("/d/one", Content::bytes("1"), Meta::root(0o644), None).unwrap();
        assert_eq!(text(&diff(&before, &after)), ["/d dir", "/d/one node"]);
    }

    #[test]
    fn a_directory_made_anew_is_opaque_and_applies_as_such() {
        let before = tree();
        let mut after = before.clone();
        after.remove_all("/d").unwrap();
        after.mkdir("/d", Meta::root(0o755), Some(Origin::by(7))).unwrap();
        after.write("/d/new", Content::bytes("n"), Meta::root(0o644), Some(Origin::by(7))).unwrap();
        let entries = diff(&before, &after);
        assert_eq!(text(&entries), ["/d dir", "/d opaque", "/d/new node"]);
        assert_eq!(apply(&before, &entries).digest(), after.digest());
    }

    #[test]
    fn links_and_removals() {
        let before = tree();
        let mut after = before.clone();
        after.hardlink("/d/one", "/d/two").unwrap();
        after.remove("/d/sub").unwrap();
        let entries = diff(&before, &after);
        assert_eq!(text(&entries), ["/d dir", "/d/one node", "/d/sub gone", "/d/two = /d/one"]);
        assert_eq!(apply(&before, &entries).digest(), after.digest());
    }
}
