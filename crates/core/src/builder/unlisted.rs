//! Directories of which nobody knows all that they hold.

use stagecraft_sandbox::tree::{Node, Tree};

/// Whether copying `src` over `dest` may put files anywhere below `dest`: it is a directory that may hold more than is
/// known, and `dest` has directories already. (A new directory says by itself that it may hold more.)
pub(super) fn spreads(source: &Tree, incomplete: bool, src: &str, tree: &Tree, dest: &str) -> bool {
    let may_hold_more = match source.stat(src) {
        Ok(Node::Dir(dir)) => incomplete || dir.unlisted.is_some(),
        _ => false,
    };
    let has_folders = || match tree.stat(dest) {
        Ok(Node::Dir(dir)) => dir.entries().values().any(Node::is_dir),
        _ => false,
    };
    may_hold_more && has_folders()
}
