//! What the models share: writing made-up files, and reading what decides.

use crate::shell::machine::{Halt, Sys};
use crate::shell::process::Process;
use crate::tree::{Content, Node};
use std::sync::Arc;

/// A megabyte.
pub(super) const MB: u64 = 1_000_000;
/// The name of the one entry that stands for the files of a package that are not listed one by one.
pub(super) const OTHER: &str = "‹other files›";

/// Writes a made-up file, with the directories above it. Its digest is of `inputs`, so that the same command
/// over the same inputs makes the same file.
fn make(
    p: &mut Process<'_, '_>,
    path: &str,
    size: u64,
    mode: u32,
    source: &str,
    inputs: &[&[u8]],
) -> Sys<()> {
    p.m.spend(4)?;
    let path = p.path(path);
    let up = path.rsplit_once('/').map_or("/", |(up, _)| up).to_owned();
    if let Err(errno) = p.m.mkdir_all(&p.cred, &up, 0o755)? {
        return Ok(Err(errno));
    }
    let mut parts = inputs.to_vec();
    parts.push(path.as_bytes());
    let digest = p.m.digest_of(&parts);
    let content = Content::Modelled { size, digest, source: Arc::from(source) };
    let done = p.m.write_content(&p.cred, &path, content, mode)?;
    if done.is_ok() && path.ends_with(OTHER) {
        // What stands for files that are not listed may be any of them.
        mark_unlisted(p, &up, source);
    }
    if done.is_ok() && mode & 0o111 != 0 {
        let _ = p.m.chmod(&p.cred, &path, mode)?;
    }
    Ok(done)
}

/// As [`make`], with the kernel's error printed.
pub(super) fn made(
    p: &mut Process<'_, '_>,
    path: &str,
    size: u64,
    mode: u32,
    source: &str,
    inputs: &[&[u8]],
) -> Result<bool, Halt> {
    match make(p, path, size, mode, source, inputs)? {
        Ok(()) => Ok(true),
        Err(errno) => {
            p.complain(&format!("{path}: {}", errno.text()))?;
            Ok(false)
        }
    }
}

/// The text of a file, if it is there and known.
pub(super) fn text(p: &mut Process<'_, '_>, path: &str) -> Result<Option<String>, Halt> {
    match p.content(path)? {
        Ok(content) => match content.known() {
            Some(bytes) => Ok(Some(String::from_utf8_lossy(bytes).into_owned())),
            None => Err(Halt::Unknown(crate::shell::Why::Content(path.to_owned()))),
        },
        Err(_) => Ok(None),
    }
}

/// Whether something is there; not knowing counts as not.
pub(super) fn there(p: &Process<'_, '_>, path: &str) -> bool {
    let path = p.path(path);
    p.m.tree.exists(&path)
}

/// Digest of a directory or file as it stands, for the digests of what is made of it.
pub(super) fn digest_at(p: &Process<'_, '_>, path: &str) -> [u8; 32] {
    let path = p.path(path);
    match p.m.tree.stat(&path) {
        Ok(Node::Dir(dir)) => dir.digest(),
        Ok(node) => node.digest(),
        Err(_) => [0; 32],
    }
}

/// Time of a download of so many bytes, and of writing them.
pub(super) fn download(p: &mut Process<'_, '_>, bytes: u64) {
    p.m.duration += 300 + bytes / 20_000;
}

pub(super) fn spent(p: &mut Process<'_, '_>, ms: u64) {
    p.m.duration += ms;
}

/// `1.2.3` where a variable of the base image says so.
pub(super) fn version_of(p: &Process<'_, '_>, variable: &str, fallback: &str) -> String {
    p.env.get(variable).cloned().unwrap_or_else(|| fallback.to_owned())
}

/// Says that a directory holds more than is listed.
pub(super) fn mark_unlisted(p: &mut Process<'_, '_>, dir: &str, source: &str) {
    let path = p.path(dir);
    let Ok(found) = p.m.tree.resolve(&path, true) else { return };
    let source = Arc::from(source);
    let _ = p.m.tree.update(&found.path, |node| {
        if let Node::Dir(dir) = node {
            Arc::make_mut(dir).unlisted = Some(Arc::new(crate::tree::Unlisted { bytes: 0, source }));
        }
    });
}

/// The home directory, without a slash at its end.
pub(super) fn home(p: &Process<'_, '_>) -> String {
    p.env.get("HOME").map_or("/root", String::as_str).trim_end_matches('/').to_owned()
}
