//! What is in a directory: sorted by name, in pieces that trees share, so that changing one of many entries copies
//! one piece.

use super::Node;
use std::cmp::Ordering;
use std::sync::Arc;

/// Entries of a piece, at most.
const MOST: usize = 64;
/// Entries of a piece as it is first made.
const FULL: usize = 48;

type Entry = (Arc<str>, Node);
/// Sorted, never empty.
type Piece = Arc<Vec<Entry>>;

/// Entries by name, in byte order.
#[derive(Debug, Clone, Default)]
pub struct Entries {
    pieces: Vec<Piece>,
    len: usize,
}

impl Entries {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The piece that a name is in or belongs to.
    fn piece(&self, name: &str) -> usize {
        let before = |piece: &Piece| piece.last().is_some_and(|(last, _)| **last < *name);
        self.pieces.partition_point(before)
    }

    /// The entry of that name.
    pub fn get(&self, name: &str) -> Option<&Node> {
        let piece = self.pieces.get(self.piece(name))?;
        let place = search(piece, name).ok()?;
        piece.get(place).map(|(_, node)| node)
    }

    /// The entry of that name, to be changed.
    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut Node> {
        let at = self.piece(name);
        let piece = self.pieces.get_mut(at)?;
        let place = search(piece, name).ok()?;
        Arc::make_mut(piece).get_mut(place).map(|(_, node)| node)
    }

    /// Puts an entry in; what had the name.
    pub fn insert(&mut self, name: Arc<str>, node: Node) -> Option<Node> {
        // What comes after all others goes to the last piece.
        let at = self.piece(&name).min(self.pieces.len().saturating_sub(1));
        let Some(piece) = self.pieces.get_mut(at) else {
            self.pieces.push(Arc::new(vec![(name, node)]));
            self.len = 1;
            return None;
        };
        let found = search(piece, &name);
        let piece = Arc::make_mut(piece);
        match found {
            Ok(place) => piece.get_mut(place).map(|(_, old)| std::mem::replace(old, node)),
            Err(place) => {
                piece.insert(place, (name, node));
                self.len += 1;
                if piece.len() > MOST {
                    let rest = piece.split_off(MOST / 2);
                    self.pieces.insert(at + 1, Arc::new(rest));
                }
                None
            }
        }
    }

    /// Takes an entry out.
    pub fn remove(&mut self, name: &str) -> Option<Node> {
        let at = self.piece(name);
        let piece = self.pieces.get_mut(at)?;
        let place = search(piece, name).ok()?;
        let piece = Arc::make_mut(piece);
        let (_, node) = piece.remove(place);
        if piece.is_empty() {
            self.pieces.remove(at);
        }
        self.len -= 1;
        Some(node)
    }

    /// Puts entries in, over what had their names; of two with one name the later one stays.
    pub(crate) fn extend(&mut self, entries: Vec<Entry>) {
        if entries.len() < self.len / 8 {
            for (name, node) in entries {
                self.insert(name, node);
            }
            return;
        }
        let mut all: Vec<Entry> = Vec::with_capacity(self.len + entries.len());
        all.extend(self.iter().map(|(name, node)| (Arc::clone(name), node.clone())));
        all.extend(entries);
        *self = all.into_iter().collect();
    }

    /// In order.
    pub fn iter(&self) -> Iter<'_> {
        Iter { pieces: self.pieces.iter(), entries: [].iter() }
    }

    /// Names, in order.
    pub fn keys(&self) -> impl Iterator<Item = &Arc<str>> {
        self.iter().map(|(name, _)| name)
    }

    /// Nodes, in the order of their names.
    pub fn values(&self) -> impl Iterator<Item = &Node> {
        self.iter().map(|(_, node)| node)
    }

    /// What is not one value in memory here and in `after`: the name, and what it has here and there. Pieces that both
    /// share are passed over.
    pub fn changes<'a>(
        &'a self,
        after: &'a Self,
    ) -> impl Iterator<Item = (&'a Arc<str>, Option<&'a Node>, Option<&'a Node>)> {
        let (mut old, mut new) = (self.iter(), after.iter());
        std::iter::from_fn(move || {
            loop {
                while old.shares(&new) {
                    old.pieces.next();
                    new.pieces.next();
                }
                let order = match (old.peek(), new.peek()) {
                    (None, None) => return None,
                    (Some(_), None) => Ordering::Less,
                    (None, Some(_)) => Ordering::Greater,
                    (Some((old, _)), Some((new, _))) => old.cmp(new),
                };
                let before = if order.is_le() { old.next() } else { None };
                let after = if order.is_ge() { new.next() } else { None };
                let (name, _) = before.or(after)?;
                let (before, after) = (before.map(|(_, node)| node), after.map(|(_, node)| node));
                if !before.zip(after).is_some_and(|(before, after)| before.same(after)) {
                    return Some((name, before, after));
                }
            }
        })
    }
}

fn search(piece: &[Entry], name: &str) -> Result<usize, usize> {
    piece.binary_search_by(|(own, _)| (**own).cmp(name))
}

impl FromIterator<Entry> for Entries {
    /// Of two with one name the later one stays.
    fn from_iter<I: IntoIterator<Item = Entry>>(entries: I) -> Self {
        build(entries.into_iter().collect())
    }
}

fn build(mut entries: Vec<Entry>) -> Entries {
    if !entries.is_sorted_by(|(a, _), (b, _)| a < b) {
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        entries.dedup_by(|later, first| {
            let same = later.0 == first.0;
            if same {
                std::mem::swap(later, first);
            }
            same
        });
    }
    let len = entries.len();
    if len <= MOST {
        let pieces = if len == 0 { Vec::new() } else { vec![Arc::new(entries)] };
        return Entries { pieces, len };
    }
    let mut entries = entries.into_iter();
    let pieces = std::iter::from_fn(|| {
        let piece: Vec<Entry> = entries.by_ref().take(FULL).collect();
        (!piece.is_empty()).then(|| Arc::new(piece))
    });
    Entries { pieces: pieces.collect(), len }
}

impl<'a> IntoIterator for &'a Entries {
    type Item = (&'a Arc<str>, &'a Node);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

/// Entries in order.
#[derive(Debug, Clone)]
pub struct Iter<'a> {
    pieces: std::slice::Iter<'a, Piece>,
    entries: std::slice::Iter<'a, Entry>,
}

impl<'a> Iter<'a> {
    /// The next entry, which stays.
    fn peek(&mut self) -> Option<(&'a Arc<str>, &'a Node)> {
        if self.entries.as_slice().is_empty() {
            self.entries = self.pieces.next()?.iter();
        }
        self.entries.as_slice().first().map(|(name, node)| (name, node))
    }

    /// Whether both are about to begin with one and the same piece.
    fn shares(&self, other: &Self) -> bool {
        let between = self.entries.as_slice().is_empty() && other.entries.as_slice().is_empty();
        let pieces = || self.pieces.as_slice().first().zip(other.pieces.as_slice().first());
        between && pieces().is_some_and(|(own, other)| Arc::ptr_eq(own, other))
    }
}

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a Arc<str>, &'a Node);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((name, node)) = self.entries.next() {
                return Some((name, node));
            }
            self.entries = self.pieces.next()?.iter();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Meta;
    use std::collections::BTreeMap;

    fn link(target: usize) -> Node {
        Node::Symlink { target: Arc::from(target.to_string()), meta: Meta::root(0o777), origin: None }
    }

    fn target(node: &Node) -> String {
        match node {
            Node::Symlink { target, .. } => target.to_string(),
            Node::File(_) | Node::Dir(_) => String::new(),
        }
    }

    #[test]
    fn it_is_a_map_in_order_whatever_is_done_to_it() {
        let (mut ours, mut model) = (Entries::new(), BTreeMap::new());
        let mut random = 1_u64;
        for step in 0..20_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let name = format!("{}", (random >> 33) % 700);
            let before = ours.clone();
            if (random >> 60) < 6 {
                assert_eq!(ours.remove(&name).as_ref().map(target), model.remove(&name));
            } else {
                let old = ours.insert(Arc::from(name.as_str()), link(step));
                assert_eq!(old.as_ref().map(target), model.insert(name.clone(), step.to_string()));
            }
            assert_eq!(ours.len(), model.len());
            assert_eq!(ours.get(&name).map(target), model.get(&name).cloned());
            if step % 100 == 0 {
                let all: Vec<(String, String)> =
                    ours.iter().map(|(name, node)| (name.to_string(), target(node))).collect();
                assert_eq!(all, model.clone().into_iter().collect::<Vec<_>>());
            }
            let changed: Vec<&Arc<str>> = before.changes(&ours).map(|(name, ..)| name).collect();
            let expected = before.get(&name).map(target) != ours.get(&name).map(target);
            assert_eq!(changed.iter().any(|changed| ***changed == *name), expected);
            assert!(changed.len() <= 1);
        }
    }

    #[test]
    fn later_entries_stay_whether_sorted_or_not() {
        let entries = |names: &[usize]| -> Vec<Entry> {
            names.iter().enumerate().map(|(at, name)| (Arc::from(format!("{name:04}")), link(at))).collect()
        };
        let made: Entries = entries(&[3, 1, 2, 1]).into_iter().collect();
        let words: Vec<String> = made.iter().map(|(name, node)| format!("{name}={}", target(node))).collect();
        assert_eq!(words, ["0001=3", "0002=2", "0003=0"]);
        let mut many: Entries = entries(&(0..500).collect::<Vec<_>>()).into_iter().collect();
        many.extend(entries(&(250..750).collect::<Vec<_>>()));
        assert_eq!(many.len(), 750);
        assert_eq!(many.get("0250").map(target), Some("0".to_owned()));
        many.extend(entries(&[0]));
        assert!(many.keys().is_sorted());
    }
}
