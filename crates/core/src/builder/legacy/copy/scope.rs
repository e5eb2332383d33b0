//! Paths inside a root that belongs to the engine (moby `pkg/symlink`): links cannot lead out of it.

use stagecraft_sandbox::copy::rooted;
use stagecraft_sandbox::tree::{Tree, clean};

/// Where a path leads, links followed, missing parts kept. `mount` is the root's own path, which errors name.
///
/// # Errors
/// A path that leaves the root by its text, a file in the place of a directory, too many links.
pub(in super::super) fn resolve(tree: &Tree, path: &str, mount: &str) -> Result<String, String> {
    if let Some(outside) = outside(path) {
        let above = mount.rsplit_once('/').map_or("", |(above, _)| above);
        return Err(format!("evalSymlinksInScope: {above}/{outside} is not in {mount}"));
    }
    rooted(tree, &clean(&format!("/{path}"))).map_err(|message| match message.strip_prefix("lstat ") {
        Some(rest) => format!("lstat {mount}{rest}"),
        None => message,
    })
}

/// What is left of a path that climbs above the root, seen from there.
fn outside(path: &str) -> Option<String> {
    let relative = clean(path.trim_start_matches('/'));
    if relative == ".." {
        return Some(String::new());
    }
    relative.strip_prefix("../").map(str::to_owned)
}
