//! What stays of a context from build to build (`fsutil`'s `DiskWriter`, `cache/contenthash`).
//!
//! The daemon keeps the files that it received and their digests. A directory that is there already gets its new mode,
//! but the digests are not told: until it goes, they count it with the mode that it came with.

use super::files::Input;
use stagecraft_sandbox::tree::{Node, Tree};
use std::borrow::Cow;

/// The modes of a context's directories, sorted by path, as content digests count them.
pub(super) type Modes = Vec<(String, u32)>;

/// The modes of a tree's directories.
pub(super) fn modes(tree: &Tree) -> Modes {
    let mut modes = Modes::new();
    tree.visit_from("/", &mut |path, node| {
        if let Node::Dir(dir) = node {
            modes.push((path.to_owned(), dir.meta.mode));
        }
    });
    modes.sort_unstable();
    modes
}

/// The modes of those directories of a tree that have another one in `others`: these.
fn differing(tree: &Tree, others: &Modes) -> Modes {
    let mut differing = modes(tree);
    differing.retain_mut(|(path, mode)| {
        let other = others.binary_search_by(|(other, _)| other.cmp(path)).ok().and_then(|at| others.get(at));
        other.is_some_and(|(_, other)| std::mem::replace(mode, *other) != *other)
    });
    differing
}

fn with_modes(tree: &Tree, modes: &Modes) -> Tree {
    let mut tree = tree.clone();
    for (path, mode) in modes {
        // It is a directory of the tree, or nothing is to be done.
        let _ = tree.chmod(path, *mode);
    }
    tree
}

/// The tree that content digests see, where it is not the one that was sent.
pub(super) fn counted(tree: &Tree, before: &Modes) -> Option<Tree> {
    let stale = differing(tree, before);
    (!stale.is_empty()).then(|| with_modes(tree, &stale))
}

/// The modes of an operation's inputs that its content digests took for others, by position.
pub(super) fn unnoticed(inputs: &[Option<Input>]) -> Vec<(usize, Modes)> {
    let of = |(position, input): (usize, &Option<Input>)| {
        let input = input.as_ref()?;
        let unnoticed = differing(input.counted.as_ref()?, &modes(&input.tree));
        (!unnoticed.is_empty()).then_some((position, unnoticed))
    };
    inputs.iter().enumerate().filter_map(of).collect()
}

/// An operation's inputs as they were when the result was made that the digests lead to.
pub(super) fn as_they_were<'i>(
    inputs: &'i [Option<Input>],
    unnoticed: &[(usize, Modes)],
) -> Cow<'i, [Option<Input>]> {
    if unnoticed.is_empty() && inputs.iter().flatten().all(|input| input.counted.is_none()) {
        return Cow::Borrowed(inputs);
    }
    let mut inputs = inputs.to_vec();
    for (position, input) in inputs.iter_mut().enumerate() {
        let Some(input) = input else { continue };
        input.tree = match unnoticed.iter().find(|(of, _)| *of == position) {
            Some((_, modes)) => with_modes(input.counted(), modes),
            None => input.counted().clone(),
        };
    }
    Cow::Owned(inputs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use stagecraft_sandbox::tree::Meta;

    #[test]
    fn digests_go_on_with_the_mode_that_a_directory_came_with() {
        let dir = |mode| {
            let mut tree = Tree::new();
            tree.mkdir_all("/d/e", Meta::root(mode), None).unwrap();
            tree
        };
        let before = modes(&dir(0o755));
        assert!(counted(&dir(0o755), &before).is_none());
        assert_eq!(counted(&dir(0o700), &before).map(|tree| tree.digest()), Some(dir(0o755).digest()));
        assert!(counted(&dir(0o700), &Modes::new()).is_none());
    }
}
