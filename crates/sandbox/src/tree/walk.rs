//! Going through a tree in order.

use super::{Iter, Node, Tree};

/// All entries below a directory, parents first, names in byte order within each directory; the directory
/// itself is not among them. Paths are absolute.
pub struct Walk<'a> {
    stack: Vec<(String, Iter<'a>)>,
}

impl<'a> Iterator for Walk<'a> {
    type Item = (String, &'a Node);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (base, entries) = self.stack.last_mut()?;
            let Some((name, node)) = entries.next() else {
                self.stack.pop();
                continue;
            };
            let path = super::child(base, name);
            if let Node::Dir(dir) = node {
                self.stack.push((path.clone(), dir.entries().iter()));
            }
            return Some((path, node));
        }
    }
}

/// Sums over a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Regular files, every name counted.
    pub files: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// Entries of any kind.
    pub entries: u64,
    /// Letters of their paths.
    pub letters: u64,
}

fn add(dir: &super::Dir, prefix: u64, depth: u32, totals: &mut Totals) {
    for (name, node) in dir.entries() {
        totals.entries += 1;
        totals.letters += prefix + name.len() as u64;
        match node {
            Node::File(file) => {
                totals.files += 1;
                totals.bytes += file.content.size();
            }
            Node::Dir(dir) if depth < 4096 => add(dir, prefix + name.len() as u64 + 1, depth + 1, totals),
            Node::Dir(_) | Node::Symlink { .. } => {}
        }
    }
}

impl Tree {
    /// Goes through everything below the root.
    pub fn walk(&self) -> Walk<'_> {
        Walk { stack: vec![(String::new(), self.root.entries().iter())] }
    }

    /// Goes through everything below the directory at `path` (no links in it); nothing if it is none.
    pub fn walk_from(&self, path: &str) -> Walk<'_> {
        if super::components(path).next().is_none() {
            return self.walk();
        }
        let below = self.get(path).and_then(Node::as_dir);
        let base = path.trim_end_matches('/').to_owned();
        Walk { stack: below.map(|dir| (base, dir.entries().iter())).into_iter().collect() }
    }

    /// Tells what [`Tree::walk_from`] goes through, without a path of its own for each.
    pub fn visit_from(&self, path: &str, tell: &mut dyn FnMut(&str, &Node)) {
        let root = super::components(path).next().is_none();
        let dir = if root { Some(&self.root) } else { self.get(path).and_then(Node::as_dir) };
        let mut at = path.trim_end_matches('/').to_owned();
        let mut stack: Vec<(usize, Iter<'_>)> =
            dir.map(|dir| (at.len(), dir.entries().iter())).into_iter().collect();
        while let Some((length, entries)) = stack.last_mut() {
            at.truncate(*length);
            let Some((name, node)) = entries.next() else {
                stack.pop();
                continue;
            };
            at.push('/');
            at.push_str(name);
            tell(&at, node);
            if let Node::Dir(dir) = node {
                stack.push((at.len(), dir.entries().iter()));
            }
        }
    }

    /// Files, bytes in them, and letters in the paths of all entries (relative, slashes between names included).
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        add(&self.root, 0, 0, &mut totals);
        totals
    }

    /// Bytes of all regular files, each hard-linked file counted once, those that are not listed included.
    pub fn size(&self) -> u64 {
        let mut seen = std::collections::BTreeSet::new();
        let unlisted = |dir: &super::Dir| dir.unlisted.as_ref().map_or(0, |unlisted| unlisted.bytes);
        let below = self.walk().map(|(_, node)| match node {
            Node::File(file) if file.hardlink == 0 || seen.insert(file.hardlink) => file.content.size(),
            Node::Dir(dir) => unlisted(dir),
            Node::File(_) | Node::Symlink { .. } => 0,
        });
        below.sum::<u64>() + unlisted(&self.root)
    }
}
