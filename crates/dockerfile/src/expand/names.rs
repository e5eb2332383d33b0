//! The variables of a word in the order in which they were met.

use std::collections::BTreeSet;

/// So many names keep their order: a map of Go's up to this size is walked, from some slot on, in the order in which
/// it was filled, and a larger one in no order at all.
const ORDERED: usize = 8;

/// A set of names. The first eight come in the order in which they were added, which is the likeliest order of
/// BuildKit's warnings about them; the others follow sorted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Names {
    first: Vec<String>,
    rest: BTreeSet<String>,
}

impl Names {
    /// Adds a name that is not in it yet.
    pub(super) fn insert(&mut self, name: &str) {
        if self.contains(name) {
            return;
        }
        if self.first.len() < ORDERED {
            self.first.push(name.to_owned());
        } else {
            self.rest.insert(name.to_owned());
        }
    }

    /// Whether the name is in it.
    pub fn contains(&self, name: &str) -> bool {
        self.first.iter().any(|known| known == name) || self.rest.contains(name)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    /// All names, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.first.iter().chain(&self.rest).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_names_keep_their_order() {
        let mut names = Names::default();
        for name in "z y x w v u t s b a z b".split(' ') {
            names.insert(name);
        }
        assert_eq!(names.iter().collect::<Vec<_>>().join(" "), "z y x w v u t s a b");
        assert!(names.contains("a") && names.contains("z") && !names.contains("c"));
    }
}
