//! What the 20.10 client does before the engine sees anything: it finds the Dockerfile, reads the ignore file and
//! sends the context as a tar stream.

use super::text::human_size;
use crate::builder::context;
use crate::project::{ContextFile, FileContent, Project};
use stagecraft_sandbox::tree::{Node, Tree};
use std::collections::BTreeMap;

/// The context's directory, whose path a project does not know.
const DIRECTORY: &str = "<context>";

/// What the engine receives.
pub(super) struct Sent {
    /// Path of the Dockerfile in the context.
    pub(super) dockerfile: String,
    /// Its text; bytes that are no UTF-8 are replaced.
    pub(super) text: String,
    /// The files.
    pub(super) tree: Tree,
    /// The line that the client prints.
    pub(super) line: String,
    /// Files and bytes.
    pub(super) size: (u64, u64),
}

/// Prepares the context.
///
/// # Errors
/// In the client's words.
pub(super) fn send(project: &Project) -> Result<Sent, String> {
    let name = dockerfile(project)?;
    let ignore = super::ignore::Ignore::read(&project.files, &name)?;
    let all = context::tree(&project.files, super::CONTEXT, &ignore);
    let line = format!("Sending build context to Docker daemon {:>8}", human_size(tar_size(&all, &ignore)));
    let mut tree = all;
    let text = text_of(&tree, &name).ok_or_else(|| format!("Cannot locate specified Dockerfile: {name}"))?;
    for path in [".dockerignore", name.as_str()] {
        if ignore.hides(path) {
            let _ = tree.remove_all(&format!("/{path}"));
        }
    }
    let size = context::size(&tree);
    Ok(Sent { dockerfile: name, text, tree, line, size })
}

fn dockerfile(project: &Project) -> Result<String, String> {
    let given = if project.dockerfile.is_empty() { "Dockerfile" } else { &project.dockerfile };
    let name = stagecraft_sandbox::tree::clean(given.trim_start_matches('/'));
    if present(&project.files, &name) {
        return Ok(name);
    }
    if name == "Dockerfile" && present(&project.files, "dockerfile") {
        return Ok("dockerfile".to_owned());
    }
    let reason = match missing(&project.files, &name) {
        Some(path) => format!("lstat {DIRECTORY}/{path}: no such file or directory"),
        None => "not a directory".to_owned(),
    };
    Err(format!("unable to prepare context: unable to evaluate symlinks in Dockerfile path: {reason}"))
}

/// The first part of a path that is not there; none if a file stands where a directory should.
fn missing<'n>(files: &BTreeMap<String, ContextFile>, name: &'n str) -> Option<&'n str> {
    let mut end = 0;
    while let Some(next) = name.get(end..).and_then(|rest| rest.find('/')) {
        end += next;
        let dir = name.get(..end).unwrap_or(name);
        if present(files, dir) {
            return None;
        }
        let below = |path: &String| {
            path.strip_prefix(dir).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if !files.keys().any(below) {
            return Some(dir);
        }
        end += 1;
    }
    Some(name)
}

fn present(files: &BTreeMap<String, ContextFile>, path: &str) -> bool {
    files.get(path).is_some_and(|file| file.content != FileContent::Directory)
}

fn text_of(tree: &Tree, path: &str) -> Option<String> {
    let file = tree.read(&format!("/{path}")).ok()?;
    file.content.known().map(|bytes| String::from_utf8_lossy(bytes).into_owned())
}

/// Bytes of the tar stream: a block per entry, content in whole blocks, two blocks at the end. Directories that are
/// left out but hold something that is not have no entry.
fn tar_size(tree: &Tree, ignore: &super::ignore::Ignore) -> u64 {
    let blocks = |bytes: u64| bytes.div_ceil(512) * 512;
    // Two blocks are at the end.
    let mut total = 1024;
    tree.visit_from("/", &mut |path, node| {
        if node.is_dir() && ignore.excludes(path.trim_start_matches('/')) {
            return;
        }
        // Longer names take two more blocks (a PAX header).
        let long = if path.len() > 101 { 1024 } else { 0 };
        let content = match node {
            Node::File(file) => blocks(file.content.size()),
            Node::Dir(_) | Node::Symlink { .. } => 0,
        };
        total += 512 + long + content;
    });
    total
}
