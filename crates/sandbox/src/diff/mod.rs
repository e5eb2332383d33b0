//! What one tree changes in another. Parts that both share in memory are passed over.

use crate::tree::{Dir, Meta, Node, Tree, child};
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
#[derive(Debug, Clone)]
pub struct Change<'a> {
    /// Absolute.
    pub path: String,
    /// How.
    pub kind: ChangeKind,
    /// Before.
    pub lower: Option<&'a Node>,
    /// After.
    pub upper: Option<&'a Node>,
}

/// All changes from `lower` to `upper`, directories before what is in them, names in byte order. The root's
/// own mode is left out.
pub fn diff<'a>(lower: &'a Tree, upper: &'a Tree) -> Vec<Change<'a>> {
    let mut changes = Vec::new();
    if !Arc::ptr_eq(&lower.root, &upper.root) {
        dirs(&lower.root, &upper.root, "", 0, &mut changes);
    }
    changes
}

fn dirs<'a>(lower: &'a Dir, upper: &'a Dir, base: &str, depth: u32, out: &mut Vec<Change<'a>>) {
    if depth > MAX_DEPTH {
        return;
    }
    let mut below = lower.entries().iter().peekable();
    let mut above = upper.entries().iter().peekable();
    loop {
        let order = match (below.peek(), above.peek()) {
            (None, None) => break,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some((old, _)), Some((new, _))) => old.cmp(new),
        };
        let old = if order.is_le() { below.next() } else { None };
        let new = if order.is_ge() { above.next() } else { None };
        let Some(name) = old.or(new).map(|(name, _)| name) else { break };
        let (old, new) = (old.map(|(_, node)| node), new.map(|(_, node)| node));
        match (old, new) {
            (Some(old), Some(new)) if old.same(new) => {}
            (Some(old), Some(new)) => both(old, new, &child(base, name), depth, out),
            (None, Some(new)) => added(None, new, child(base, name), ChangeKind::Added, depth, out),
            (lower, None) => {
                let path = child(base, name);
                out.push(Change { path, kind: ChangeKind::Deleted, lower, upper: None });
            }
        }
    }
}

fn both<'a>(old: &'a Node, new: &'a Node, path: &str, depth: u32, out: &mut Vec<Change<'a>>) {
    let same_meta = old.meta() == new.meta();
    let change = |kind| Change { path: path.to_owned(), kind, lower: Some(old), upper: Some(new) };
    match (old, new) {
        (Node::Dir(lower), Node::Dir(upper)) => {
            if !lower.is_same(upper) {
                out.push(change(ChangeKind::Recreated));
            } else if !same_meta {
                out.push(change(ChangeKind::Modified));
            }
            dirs(lower, upper, path, depth + 1, out);
        }
        (Node::File(lower), Node::File(upper)) => {
            let same = same_meta && lower.content.same(&upper.content);
            out.push(change(if same { ChangeKind::Rewritten } else { ChangeKind::Modified }));
        }
        (
            Node::Symlink { target: lower, meta: before, .. },
            Node::Symlink { target: upper, meta: after, .. },
        ) => {
            let owner = |meta: &Meta| (meta.uid, meta.gid);
            let same = lower == upper && owner(before) == owner(after);
            out.push(change(if same { ChangeKind::Rewritten } else { ChangeKind::Modified }));
        }
        _ => added(Some(old), new, path.to_owned(), ChangeKind::Modified, depth, out),
    }
}

fn added<'a>(
    lower: Option<&'a Node>,
    new: &'a Node,
    path: String,
    kind: ChangeKind,
    depth: u32,
    out: &mut Vec<Change<'a>>,
) {
    let place = out.len();
    out.push(Change { path: String::new(), kind, lower, upper: Some(new) });
    if let Node::Dir(dir) = new
        && depth <= MAX_DEPTH
    {
        for (name, node) in dir.entries() {
            added(None, node, child(&path, name), ChangeKind::Added, depth + 1, out);
        }
    }
    if let Some(change) = out.get_mut(place) {
        change.path = path;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Content;

    fn words(lower: &Tree, upper: &Tree) -> Vec<String> {
        diff(lower, upper).into_iter().map(|change| format!("{:?} {}", change.kind, change.path)).collect()
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
