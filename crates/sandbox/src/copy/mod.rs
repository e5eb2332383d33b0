//! Copying between trees as BuildKit's file operations do it (`fsutil/copy`), with its error words.

mod mode;
mod node;
mod rooted;
#[cfg(test)]
mod tests;

pub use mode::ModeSet;
pub use rooted::rooted;

use crate::glob;
use crate::tree::{Dir, Meta, Node, Origin, Tree, base_name, clean, components, join, parent};
use std::sync::Arc;

/// Where a copy's files stand on the machine that builds; BuildKit's errors name it.
pub const MOUNT: &str = "/var/lib/docker/tmp/buildkit-mount";

/// A set of path patterns, such as `--exclude`'s.
pub trait PathFilter {
    /// Whether the relative path or a directory above it matches.
    fn matches(&self, path: &str) -> bool;
    /// Whether there are patterns that take back others (`!x`).
    fn has_exceptions(&self) -> bool;
}

/// What `--chmod` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModeChange {
    /// These bits.
    Bits(u32),
    /// In words.
    Set(ModeSet),
}

impl ModeChange {
    fn apply(&self, mode: u32, is_dir: bool) -> u32 {
        match self {
            Self::Bits(bits) => *bits,
            Self::Set(set) => set.apply(mode, is_dir),
        }
    }
}

/// How to copy.
#[derive(Default)]
pub struct Options<'a> {
    /// `--chown`; `None` keeps owners, and what is made on the way is root's.
    pub owner: Option<(u32, u32)>,
    /// `--chmod`
    pub mode: Option<ModeChange>,
    /// Only what matches; paths are relative to the source directory.
    pub include: Option<&'a dyn PathFilter>,
    /// Not what matches.
    pub exclude: Option<&'a dyn PathFilter>,
    /// Of a directory, only what is in it.
    pub dir_contents: bool,
    /// A link as the source is followed.
    pub follow_links: bool,
    /// What is in the way at the destination is removed, whatever it is.
    pub replace: bool,
    /// Who copies; goes into [`Origin::writer`].
    pub writer: u32,
    /// The origin of source files that have none of their own.
    pub source: Option<Arc<Origin>>,
}

/// What a source with wildcards stands for, in order; without wildcards, the source itself.
///
/// # Errors
/// In Go's words, where the part before the wildcards is not there.
pub fn resolve_wildcards(tree: &Tree, source: &str, follow_links: bool) -> Result<Vec<String>, String> {
    let cleaned = clean(source);
    let names: Vec<&str> = components(&cleaned).collect();
    let Some(first) = names.iter().position(|name| glob::has_wildcards(name)) else {
        return Ok(vec![source.to_owned()]);
    };
    let (fixed, wild) = names.split_at(first);
    let base = source_path(tree, &format!("/{}", fixed.join("/")), follow_links)?;
    if base != "/" && tree.get(&base).is_none() {
        return Err(format!("lstat {base}: {}", missing(tree, &base)));
    }
    let pattern = wild.join("/");
    let mut found = Vec::new();
    let mut skip: Option<String> = None;
    let below = if base == "/" { "" } else { base.as_str() };
    for (path, node) in tree.walk_from(&base) {
        if skip.as_ref().is_some_and(|dir| path.starts_with(dir.as_str())) {
            continue;
        }
        let relative = path.strip_prefix(below).map_or("", |path| path.trim_start_matches('/'));
        if glob::matches(&pattern, relative).unwrap_or(false) {
            if node.is_dir() {
                skip = Some(format!("{path}/"));
            }
            found.push(path);
        }
    }
    Ok(found)
}

/// Where a source stands: links in its directories are followed, one at its end only on demand.
fn source_path(tree: &Tree, path: &str, follow: bool) -> Result<String, String> {
    let path = clean(&format!("/{path}"));
    if path == "/" || follow {
        return rooted(tree, &path);
    }
    Ok(join(&rooted(tree, parent(&path))?, base_name(&path)))
}

/// BuildKit's `cleanPath`: absolute, a slash or `/.` at the end is kept.
pub fn clean_path(path: &str) -> String {
    let cleaned = clean(&format!("/{path}"));
    let slash = if cleaned == "/" { "" } else { "/" };
    if path.ends_with("/.") {
        format!("{cleaned}{slash}.")
    } else if path.ends_with('/') {
        format!("{cleaned}{slash}")
    } else {
        cleaned
    }
}

/// Copies one source (absolute, no wildcards) to `dest`. On an error `to` is left half done.
///
/// # Errors
/// In the words of Go and of `fsutil`.
pub fn copy(
    from: &Tree,
    source: &str,
    to: &mut Tree,
    dest: &str,
    options: &Options<'_>,
) -> Result<(), String> {
    let (dir, last) = dest.rsplit_once('/').unwrap_or(("", dest));
    let ensure = if last.is_empty() || last == "." { dest } else { dir };
    let made = Made { owner: options.owner, mode: options.mode.as_ref(), writer: options.writer };
    if !ensure.is_empty() {
        let ensure = rooted(to, ensure)?;
        mkdir_all(to, &ensure, &made)?;
    }
    let dest = rooted(to, &clean(dest))?;
    let followed = source_path(from, source, options.follow_links)?;
    let root = Node::Dir(Arc::clone(&from.root));
    let node = if followed == "/" { Some(&root) } else { from.get(&followed) };
    let Some(node) = node else {
        return Err(format!("lstat {followed}: {}", missing(from, &followed)));
    };
    let (dest, target_dir) = target(to, &dest, source, node, options.dir_contents);
    mkdir_all(to, &target_dir, &made)?;
    node::Copier::new(options).copy_top(node, &followed, to, &dest)
}

/// Where the copy of `node` goes, and the directory that must be there.
fn target(to: &Tree, dest: &str, source: &str, node: &Node, dir_contents: bool) -> (String, String) {
    let at_dest = to.stat(dest).ok();
    let mut dest = dest.to_owned();
    let into = match &at_dest {
        Some(_) if node.is_dir() => !dir_contents,
        Some(there) => there.is_dir(),
        None => false,
    };
    if into {
        dest = join(&dest, base_name(source.trim_end_matches('/')));
    }
    if dir_contents && node.is_dir() && at_dest.is_none() {
        return (dest.clone(), dest);
    }
    let dir = parent(&dest).to_owned();
    (dest, dir)
}

fn missing(tree: &Tree, path: &str) -> &'static str {
    let mut above = parent(path);
    while above != "/" {
        match tree.get(above) {
            Some(Node::Dir(_)) | None => {}
            Some(_) => return "not a directory",
        }
        above = parent(above);
    }
    "no such file or directory"
}

/// How directories that are missing are made.
pub struct Made<'a> {
    /// Owner; `None` is root.
    pub owner: Option<(u32, u32)>,
    /// Bits only; words do not apply to them.
    pub mode: Option<&'a ModeChange>,
    /// Who makes them.
    pub writer: u32,
}

/// `fsutil`'s `MkdirAll` on a path without links.
///
/// # Errors
/// `mkdir PATH: not a directory`.
pub fn mkdir_all(tree: &mut Tree, path: &str, made: &Made<'_>) -> Result<(), String> {
    let mut at = String::new();
    for name in components(path) {
        at.push('/');
        at.push_str(name);
        match tree.get(&at) {
            Some(Node::Dir(_)) => {}
            Some(_) => return Err(format!("mkdir {at}: not a directory")),
            None => {
                let (uid, gid) = made.owner.unwrap_or_default();
                let mode = match made.mode {
                    Some(ModeChange::Bits(bits)) => bits & 0o777,
                    Some(ModeChange::Set(_)) | None => 0o755,
                };
                let mut dir = Dir::new(Meta { mode, uid, gid });
                dir.origin = Some(Origin::by(made.writer));
                let put = tree.put(&at, Node::Dir(Arc::new(dir)));
                put.map_err(|error| format!("mkdir {at}: {}", error.kind))?;
            }
        }
    }
    Ok(())
}
