//! `containerd/continuity`'s `RootPath`: links resolved inside a root, missing parts kept as written.

use crate::tree::{Node, Tree, components};

/// Links that it follows.
const MAX_LINKS: u32 = 255;

/// Where a path leads, missing parts kept as they are.
///
/// # Errors
/// In Go's words: a file in the place of a directory, or too many links.
pub fn rooted(tree: &Tree, path: &str) -> Result<String, String> {
    let mut pending: Vec<&str> = components(path).rev().collect();
    // Names, with what is there.
    let mut done: Vec<(&str, Option<&Node>)> = Vec::new();
    let mut links = 0;
    while let Some(name) = pending.pop() {
        if name == ".." {
            done.pop();
            continue;
        }
        let dir = match done.last() {
            None => Some(&tree.root),
            Some((_, Some(Node::Dir(dir)))) => Some(dir),
            Some((_, None)) => None,
            Some(_) => {
                done.push((name, None));
                return Err(format!("lstat {}: not a directory", text(&done)));
            }
        };
        let node = dir.and_then(|dir| dir.get(name));
        if let Some(Node::Symlink { target, .. }) = node {
            links += 1;
            if links > MAX_LINKS {
                return Err("too many links".to_owned());
            }
            if target.starts_with('/') {
                done.clear();
            }
            pending.extend(components(target).rev());
        } else {
            done.push((name, node));
        }
    }
    Ok(text(&done))
}

fn text(names: &[(&str, Option<&Node>)]) -> String {
    if names.is_empty() {
        return "/".to_owned();
    }
    let mut path = String::with_capacity(names.iter().map(|(name, _)| name.len() + 1).sum());
    for (name, _) in names {
        path.push('/');
        path.push_str(name);
    }
    path
}
