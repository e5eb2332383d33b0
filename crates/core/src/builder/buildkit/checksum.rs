//! Content digests of what a `COPY` or a mount takes (`cache/contenthash`).

use super::filter::Filter;
use super::key::Selector;
use super::store::{Key, hash};
use crate::builder::hexadecimal::hex;
use stagecraft_sandbox::copy::{PathFilter, rooted};
use stagecraft_sandbox::glob;
use stagecraft_sandbox::tree::{Dir, Node, Tree, base_name, clean, components};
use std::sync::Arc;

/// Why there is no digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Missing {
    /// It is not there: BuildKit's words.
    Error(String),
    /// It may or may not be there.
    Unlisted,
}

/// One digest over all selectors.
pub(super) fn all(tree: &Tree, selectors: &[Selector]) -> Result<Key, Missing> {
    let mut parts = Vec::new();
    for selector in selectors {
        parts.push(one(tree, selector)?);
    }
    let parts: Vec<&[u8]> = parts.iter().map(String::as_bytes).collect();
    Ok(hash(&parts))
}

fn one(tree: &Tree, selector: &Selector) -> Result<Key, Missing> {
    let path = clean(&format!("/{}", selector.path));
    if !selector.wildcard && selector.include.is_empty() && selector.exclude.is_empty() {
        return plain(tree, &path, selector.follow);
    }
    let found = included(tree, &path, selector)?;
    for required in &selector.required {
        if !found.iter().any(|(path, _)| path.starts_with(required.as_str())) {
            return Err(Missing::Error(format!("{}: not found", quoted(required))));
        }
    }
    let mut digests = Vec::with_capacity(found.len());
    for (path, found) in found {
        digests.push(match found {
            Found::Digest(digest) => (path, digest),
            Found::Link(at) => (path, plain(tree, &at, true)?),
        });
    }
    let found = digests;
    if let [(only, digest)] = found.as_slice()
        && base_name(only) == base_name(&path)
    {
        return Ok(digest.clone());
    }
    let parts = found.iter().flat_map(|(path, digest)| [path.as_bytes(), digest.as_bytes()]);
    Ok(hash(&parts.collect::<Vec<_>>()))
}

/// A file with its mode and owner, or a directory with all that is in it; not its name.
fn plain(tree: &Tree, path: &str, follow: bool) -> Result<Key, Missing> {
    let node = node(tree, path, follow)?;
    Ok(hex(&node.digest()))
}

fn node(tree: &Tree, path: &str, follow: bool) -> Result<Node, Missing> {
    let missing = || {
        if may_exist(tree, path) {
            Missing::Unlisted
        } else {
            Missing::Error(format!("{}: not found", quoted(path)))
        }
    };
    let at = if follow || path == "/" {
        match rooted(tree, path) {
            Ok(at) => at,
            Err(error) if error == "too many links" => return Err(Missing::Error(error)),
            Err(_) => return Err(missing()),
        }
    } else {
        let dir = stagecraft_sandbox::tree::parent(path);
        let dir = rooted(tree, dir).map_err(|_| missing())?;
        format!("{}/{}", dir.trim_end_matches('/'), base_name(path))
    };
    if at == "/" {
        return Ok(Node::Dir(Arc::clone(&tree.root)));
    }
    tree.get(&at).cloned().ok_or_else(missing)
}

/// Whether a path that is missing may be among files that nobody listed.
pub(super) fn may_exist(tree: &Tree, path: &str) -> bool {
    use stagecraft_sandbox::tree::ErrorKind;
    tree.stat(path).is_err_and(|error| error.kind == ErrorKind::Unlisted)
}

/// The files and directory headers that patterns choose, with the path that counts.
fn included(tree: &Tree, path: &str, selector: &Selector) -> Result<Vec<(String, Found)>, Missing> {
    let compile = |patterns: &[String]| Filter::new(patterns).map_err(Missing::Error);
    let (include, exclude) = (compile(&selector.include)?, compile(&selector.exclude)?);
    let choice = Choice { include, exclude, follow: selector.follow };
    let mut out = Vec::new();
    if !selector.wildcard {
        let node = match node(tree, path, false) {
            Ok(node) => node,
            Err(Missing::Error(_)) => return Ok(out),
            Err(unlisted) => return Err(unlisted),
        };
        let bare = selector.path.ends_with('/');
        choice.take(&node, Place { relative: "", path, at: path, top: true }, bare, &mut out);
        return Ok(out);
    }
    let names: Vec<&str> = components(path).collect();
    let fixed = names.iter().take_while(|name| !glob::has_wildcards(name)).count();
    let base = format!("/{}", names.get(..fixed).unwrap_or_default().join("/"));
    let pattern = names.get(fixed..).unwrap_or_default().join("/");
    glob::matches(&pattern, "").map_err(|error| Missing::Error(error.to_string()))?;
    let Ok(resolved) = rooted(tree, &base) else { return Ok(out) };
    let below = if resolved == "/" { "" } else { resolved.as_str() };
    let mut skip: Option<String> = None;
    for (at, node) in tree.walk_from(&resolved) {
        if skip.as_ref().is_some_and(|dir| at.starts_with(dir.as_str())) {
            continue;
        }
        let relative = at.strip_prefix(below).unwrap_or(&at).trim_start_matches('/').to_owned();
        let matched =
            glob::matches(&pattern, &relative).map_err(|error| Missing::Error(error.to_string()))?;
        if !matched {
            continue;
        }
        if node.is_dir() {
            skip = Some(format!("{at}/"));
        }
        choice.take(node, Place { relative: "", path: &relative, at: &at, top: true }, false, &mut out);
    }
    Ok(out)
}

/// What counts of a path that was chosen.
enum Found {
    Digest(Key),
    /// What the link at this path leads to, whole.
    Link(String),
}

struct Choice {
    include: Option<Filter>,
    exclude: Option<Filter>,
    /// Links are followed where no directory that counts is around them.
    follow: bool,
}

/// Where a node is.
#[derive(Clone, Copy)]
struct Place<'p> {
    /// What patterns see.
    relative: &'p str,
    /// What counts.
    path: &'p str,
    /// Where it is in the tree.
    at: &'p str,
    /// No directory that counts is around it.
    top: bool,
}

impl Choice {
    fn wants(&self, relative: &str) -> bool {
        self.include.as_ref().is_none_or(|filter| filter.matches(relative))
            && !self.exclude.as_ref().is_some_and(|filter| filter.matches(relative))
    }

    /// Adds a node and what is below, as far as it is chosen. A `bare` directory does not count itself.
    fn take(&self, node: &Node, place: Place<'_>, bare: bool, out: &mut Vec<(String, Found)>) {
        let Place { relative, path, at, top } = place;
        let wanted = self.wants(relative);
        let Node::Dir(dir) = node else {
            if wanted {
                let follow = node.is_symlink() && self.follow && top;
                let found =
                    if follow { Found::Link(at.to_owned()) } else { Found::Digest(hex(&node.digest())) };
                out.push((path.to_owned(), found));
            }
            return;
        };
        let first = out.len();
        for (name, node) in dir.entries() {
            let below = |dir: &str| match dir {
                "" => name.to_string(),
                dir => format!("{}/{name}", dir.trim_end_matches('/')),
            };
            let (relative, at) = (below(relative), below(at));
            let path = format!("{}/{name}", path.trim_end_matches('/'));
            self.take(node, Place { relative: &relative, path: &path, at: &at, top: bare }, false, out);
        }
        if !bare && (wanted || out.len() > first) {
            let mut header = Dir::new(dir.meta);
            header.origin = None;
            out.insert(first, (path.to_owned(), Found::Digest(hex(&header.digest()))));
        }
    }
}

fn quoted(path: &str) -> String {
    stagecraft_dockerfile::go::quote(path)
}
