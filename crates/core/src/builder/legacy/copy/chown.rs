//! `--chown`: names are looked up in the image's own files (moby `builder/dockerfile/internals_linux.go`).

use super::scope;
use stagecraft_sandbox::tree::{Content, ErrorKind, Node, Tree};

/// User and group that a value stands for. A lone user is the group's name too.
///
/// # Errors
/// As the engine words them, what it wraps around them included.
pub(super) fn parse(tree: &Tree, value: &str, mount: &str) -> Result<(u32, u32), String> {
    let wrap = |message: String| format!("unable to convert uid/gid chown string to host mapping: {message}");
    let parts: Vec<&str> = value.split(':').collect();
    let (user, group) = match parts.as_slice() {
        [only] => (*only, *only),
        [user, group] => (*user, *group),
        _ => return Err(wrap(format!("invalid chown string format: {value}"))),
    };
    let resolve = |path: &str| {
        scope::resolve(tree, path, mount)
            .map_err(|error| wrap(format!("can't resolve {path} path in container rootfs: {error}")))
    };
    let (passwd, groups) = (resolve("/etc/passwd")?, resolve("/etc/group")?);
    let uid = look_up(tree, user, &passwd, mount, "user")
        .map_err(|error| wrap(format!("can't find uid for user {user}: {error}")))?;
    let gid = look_up(tree, group, &groups, mount, "group")
        .map_err(|error| wrap(format!("can't find gid for group {group}: {error}")))?;
    Ok((uid, gid))
}

fn look_up(tree: &Tree, name: &str, path: &str, mount: &str, what: &str) -> Result<u32, String> {
    if let Ok(number) = name.parse::<i64>() {
        return Ok(number as u32);
    }
    let text = match tree.get(path) {
        Some(Node::File(file)) => match &file.content {
            Content::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            // The name may well be there; root stands for it.
            Content::Modelled { .. } | Content::Unknown { .. } => return Ok(0),
        },
        None if tree.stat(path).is_err_and(|error| error.kind == ErrorKind::Unlisted) => return Ok(0),
        _ => return Err(format!("open {mount}{path}: no such file or directory")),
    };
    let found = text.lines().find_map(|line| {
        let mut fields = line.trim().split(':');
        (fields.next() == Some(name))
            .then(|| fields.nth(1).and_then(|id| id.parse::<u32>().ok()).unwrap_or(0))
    });
    found.ok_or_else(|| format!("no such {what}: {name}"))
}
