//! `containerd/continuity`'s `RootPath`: links resolved inside a root, missing parts kept as written.

use crate::tree::{Node, Tree, components};
use std::sync::Arc;

/// Links that it follows.
const MAX_LINKS: u32 = 255;

/// Where a path leads, missing parts kept as they are.
///
/// # Errors
/// In Go's words: a file in the place of a directory, or too many links.
pub fn rooted(tree: &Tree, path: &str) -> Result<String, String> {
    let mut pending: Vec<Arc<str>> = components(path).rev().map(Arc::from).collect();
    let mut done: Vec<Arc<str>> = Vec::new();
    let mut links = 0;
    while let Some(name) = pending.pop() {
        if &*name == ".." {
            done.pop();
            continue;
        }
        let here = text(&done);
        let below = if here == "/" { format!("/{name}") } else { format!("{here}/{name}") };
        if tree.get(&here).is_some_and(|node| !node.is_dir()) {
            return Err(format!("lstat {below}: not a directory"));
        }
        if let Some(Node::Symlink { target, .. }) = tree.get(&below) {
            links += 1;
            if links > MAX_LINKS {
                return Err("too many links".to_owned());
            }
            if target.starts_with('/') {
                done.clear();
            }
            pending.extend(components(target).rev().map(Arc::from));
        } else {
            done.push(name);
        }
    }
    Ok(text(&done))
}

fn text(names: &[Arc<str>]) -> String {
    if names.is_empty() {
        "/".to_owned()
    } else {
        names.iter().fold(String::new(), |path, name| path + "/" + name)
    }
}
