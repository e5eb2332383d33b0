//! Which files a `COPY` or `ADD` takes, and their hashes (moby `builder/dockerfile/copy.go`).

use super::{hash, scope};
use crate::builder::hexadecimal::hex;
use sha2::{Digest, Sha256};
use stagecraft_sandbox::glob;
use stagecraft_sandbox::tree::{Content, Dir, ErrorKind, File, Meta, Node, Tree, clean};
use std::sync::Arc;

/// Where an instruction copies from.
#[derive(Clone, Copy)]
pub(super) struct Root<'a> {
    pub(super) tree: &'a Tree,
    /// It is the build context, which words some errors differently and hashes paths that are links by what they
    /// lead to.
    pub(super) context: bool,
    /// The root's own path, which some errors name.
    pub(super) mount: &'a str,
    /// A command without a model ran over the files: what is missing may exist.
    pub(super) incomplete: bool,
}

/// One source.
#[derive(Debug, Clone)]
pub(super) struct Info {
    /// As written, without the slash in front; wildcards resolved.
    pub(super) path: String,
    /// `file:…` or `dir:…`.
    pub(super) hash: String,
    /// What stands for it where the root does not have it: it is never unpacked.
    pub(super) given: Option<Given>,
}

/// A source whose content is not known.
#[derive(Debug, Clone)]
pub(super) struct Given {
    pub(super) node: Node,
    /// It comes from an address; else it may or may not exist.
    pub(super) remote: bool,
}

/// All sources of an instruction, in order.
///
/// # Errors
/// In the engine's words, without `COPY failed:`.
pub(super) fn collect(
    root: Root<'_>,
    sources: &[String],
    add: bool,
    dest: &str,
) -> Result<Vec<Info>, String> {
    let mut infos = Vec::new();
    for source in sources {
        if is_url(source) {
            if !add {
                return Err("source can't be a URL for COPY".to_owned());
            }
            infos.push(download(source, dest)?);
            continue;
        }
        let path = source.strip_prefix('/').unwrap_or(source);
        let path = path.strip_prefix("./").unwrap_or(path);
        if glob::has_wildcards(path) {
            let before = infos.len();
            for (found, _) in root.tree.walk() {
                let relative = found.trim_start_matches('/');
                if glob::matches(path, relative).unwrap_or(false) {
                    infos.push(single(root, relative)?);
                }
            }
            if infos.len() == before && may_exist(root, path) {
                infos.push(assumed(path));
            }
        } else {
            infos.push(single(root, path)?);
        }
    }
    if infos.is_empty() {
        return Err("no source files were specified".to_owned());
    }
    Ok(infos)
}

/// The string that the history and the cache know the sources by.
pub(super) fn combined(infos: &[Info]) -> String {
    match infos {
        [only] => only.hash.clone(),
        _ => hash::list("multi", &infos.iter().map(|info| info.hash.clone()).collect::<Vec<_>>()),
    }
}

fn is_url(source: &str) -> bool {
    source.starts_with("http://") || source.starts_with("https://")
}

/// What an address gives cannot be known; it has the name of the last part of its path.
fn download(url: &str, dest: &str) -> Result<Info, String> {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let path = rest.split_once('/').map_or("", |(_, path)| path);
    let name = path.rsplit('/').next().unwrap_or_default();
    if name.is_empty() && dest.ends_with('/') {
        return Err(format!("cannot determine filename for source {url}"));
    }
    let name = if name.is_empty() { "__unnamed__" } else { name };
    let content = Content::Unknown { digest: Sha256::digest(url).into() };
    let node = Node::File(Arc::new(File::new(Meta::root(0o600), content)));
    Ok(Info {
        path: name.to_owned(),
        hash: format!("file:{}", hex(&hash::entry(name, &node, false))),
        given: Some(Given { node, remote: true }),
    })
}

fn single(root: Root<'_>, path: &str) -> Result<Info, String> {
    let forbidden = |_| format!("forbidden path outside the build context: {path} ()");
    let resolved = scope::resolve(root.tree, path, root.mount).map_err(forbidden)?;
    let Some(node) = node_at(root.tree, &resolved) else {
        if may_exist(root, path) {
            return Ok(assumed(path));
        }
        let missing = format!("stat {path}: file does not exist");
        return Err(if root.context {
            format!("file not found in build context or excluded by .dockerignore: {missing}")
        } else {
            missing
        });
    };
    let hash = match &node {
        Node::Dir(dir) => below(root, &resolved, dir),
        _ => format!("file:{}", hex(&hash::entry(resolved.trim_start_matches('/'), &node, root.context))),
    };
    Ok(Info { path: path.to_owned(), hash, given: None })
}

/// Whether nobody can say that a path is missing: a command without a model may have made it, or its directory is
/// one of a base image that is not listed to the end.
fn may_exist(root: Root<'_>, path: &str) -> bool {
    let fixed = path.split('/').take_while(|name| !glob::has_wildcards(name));
    let fixed = fixed.collect::<Vec<_>>().join("/");
    let below = if fixed == path { fixed } else { format!("{fixed}/x") };
    let unlisted = |error: stagecraft_sandbox::tree::Error| error.kind == ErrorKind::Unlisted;
    !root.context && (root.incomplete || root.tree.stat(&format!("/{below}")).is_err_and(unlisted))
}

/// A file of which nothing is known stands for a source that may exist.
fn assumed(path: &str) -> Info {
    let content = Content::Unknown { digest: Sha256::digest(path).into() };
    // It may be a program: its mode is as little known.
    let node = Node::File(Arc::new(File::new(Meta::root(0o755), content)));
    let path = path.trim_end_matches('/').to_owned();
    let hash = format!("file:{}", hex(&hash::entry(&path, &node, false)));
    Info { path, hash, given: Some(Given { node, remote: false }) }
}

/// The hash of a directory: of those of it and of all below it. Links count as what they lead to: as nothing more
/// than their path where that is missing.
fn below(root: Root<'_>, resolved: &str, dir: &Arc<Dir>) -> String {
    let (mut hashes, mut texts) = (Vec::new(), Vec::new());
    if resolved != "/" {
        hashes.push(hash::entry(resolved.trim_start_matches('/'), &Node::Dir(Arc::clone(dir)), root.context));
    }
    texts.extend(dir.unlisted.iter().map(|unlisted| format!("unlisted:{}", unlisted.source)));
    root.tree.visit_from(resolved, &mut |path, node| {
        let relative = path.trim_start_matches('/');
        if !node.is_symlink() {
            hashes.push(hash::entry(relative, node, root.context));
            return;
        }
        let Ok(target) = scope::resolve(root.tree, path, root.mount) else { return };
        match node_at(root.tree, &target) {
            Some(Node::Dir(_)) if target == "/" => texts.push(relative.to_owned()),
            Some(node) => hashes.push(hash::entry(target.trim_start_matches('/'), &node, root.context)),
            None if root.context => texts.push(relative.to_owned()),
            None => texts.push(target.trim_start_matches('/').to_owned()),
        }
    });
    hash::sorted("dir", hashes, texts)
}

/// What is at a resolved path.
pub(super) fn node_at(tree: &Tree, path: &str) -> Option<Node> {
    if clean(path) == "/" {
        return Some(Node::Dir(Arc::clone(&tree.root)));
    }
    tree.get(path).cloned()
}
