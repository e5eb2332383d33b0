//! What one tree changes in another. Parts that both share in memory are passed over.

use crate::tree::{Dir, Meta, Node, Tree};
use std::sync::Arc;

/// Directories within directories that are looked into.
const MAX_DEPTH: u32 = 4096;

/// How a path changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// Kind, mode, owner or content differ.
    Modified,
    /// It was written anew with what it held before (an overlay copies it up; its time of change differs).
    Rewritten,
    /// A directory was removed and made again; what differs below follows as usual.
    Recreated,
    /// It is gone, with all below.
    Deleted,
}

/// One changed path.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// Absolute.
    pub path: &'a str,
    /// How.
    pub kind: ChangeKind,
    /// Before.
    pub lower: Option<&'a Node>,
    /// After.
    pub upper: Option<&'a Node>,
}

/// Tells all changes from `lower` to `upper`, directories before what is in them, names in byte order. The root's
/// own mode is left out.
pub fn diff(lower: &Tree, upper: &Tree, tell: &mut dyn FnMut(Change<'_>)) {
    if !Arc::ptr_eq(&lower.root, &upper.root) {
        Differ { path: String::new(), depth: 0, tell }.dirs(&lower.root, &upper.root);
    }
}

struct Differ<'t> {
    /// Of the directory that is compared; empty for the root.
    path: String,
    depth: u32,
    tell: &'t mut dyn FnMut(Change<'_>),
}

impl Differ<'_> {
    fn tell(&mut self, kind: ChangeKind, lower: Option<&Node>, upper: Option<&Node>) {
        (self.tell)(Change { path: &self.path, kind, lower, upper });
    }

    fn dirs(&mut self, lower: &Dir, upper: &Dir) {
        if self.depth > MAX_DEPTH {
            return;
        }
        for (name, old, new) in lower.entries().changes(upper.entries()) {
            self.within(name, |differ| match (old, new) {
                (Some(old), Some(new)) => differ.both(old, new),
                (None, Some(new)) => differ.added(None, new, ChangeKind::Added),
                (lower, None) => differ.tell(ChangeKind::Deleted, lower, None),
            });
        }
    }

    /// One name further down.
    fn within(&mut self, name: &str, work: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push('/');
        self.path.push_str(name);
        self.depth += 1;
        work(self);
        self.depth -= 1;
        self.path.truncate(length);
    }

    fn both(&mut self, old: &Node, new: &Node) {
        let same_meta = old.meta() == new.meta();
        let written = |same| if same { ChangeKind::Rewritten } else { ChangeKind::Modified };
        let kind = match (old, new) {
            (Node::Dir(lower), Node::Dir(upper)) => {
                if !lower.is_same(upper) {
                    self.tell(ChangeKind::Recreated, Some(old), Some(new));
                } else if !same_meta {
                    self.tell(ChangeKind::Modified, Some(old), Some(new));
                }
                return self.dirs(lower, upper);
            }
            (Node::File(lower), Node::File(upper)) => {
                written(same_meta && lower.content.same(&upper.content))
            }
            (
                Node::Symlink { target: lower, meta: before, .. },
                Node::Symlink { target: upper, meta: after, .. },
            ) => {
                let owner = |meta: &Meta| (meta.uid, meta.gid);
                written(lower == upper && owner(before) == owner(after))
            }
            _ => return self.added(Some(old), new, ChangeKind::Modified),
        };
        self.tell(kind, Some(old), Some(new));
    }

    fn added(&mut self, lower: Option<&Node>, new: &Node, kind: ChangeKind) {
        self.tell(kind, lower, Some(new));
        if let Node::Dir(dir) = new
            && self.depth <= MAX_DEPTH
        {
            for (name, node) in dir.entries() {
                self.within(name, |differ| differ.added(None, node, ChangeKind::Added));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Content;

    fn words(lower: &Tree, upper: &Tree) -> Vec<String> {
        let mut words = Vec::new();
        diff(lower, upper, &mut |change| words.push(format!("{:?} {}", change.kind, change.path)));
        words
    }

    #[test]
    fn every_kind_of_change_is_told() {
        let mut lower = Tree::new();
        for path in ["/keep/x", "/dir/old", "/again/a", "/type/f"] {
            lower.mkdir_all(crate::tree::parent(path), Meta::root(0o755), None).unwrap();
            lower.write(path, Content::bytes("1"), Meta::root(0o644), None).unwrap();
        }
        lower.write("/same", Content::bytes("1"), Meta::root(0o644), None).unwrap();
        lower.write("/mode", Content::bytes("1"), Meta::root(0o644), None).unwrap();
        let mut upper = lower.clone();
        assert_eq!(words(&lower, &upper), Vec::<String>::new());
        upper.write("/same", Content::bytes("1"), Meta::root(0o644), None).unwrap();
        upper.chmod("/mode", 0o600).unwrap();
        upper.remove("/dir/old").unwrap();
        upper.mkdir("/dir/new", Meta::root(0o755), None).unwrap();
        upper.write("/dir/new/f", Content::bytes(""), Meta::root(0o644), None).unwrap();
        upper.remove_all("/again").unwrap();
        upper.mkdir("/again", Meta::root(0o755), None).unwrap();
        upper.remove_all("/type").unwrap();
        upper.symlink("keep", "/type", Meta::root(0), None).unwrap();
        assert_eq!(
            words(&lower, &upper),
            [
                "Recreated /again",
                "Deleted /again/a",
                "Added /dir/new",
                "Added /dir/new/f",
                "Deleted /dir/old",
                "Modified /mode",
                "Rewritten /same",
                "Modified /type",
            ]
        );
    }
}
