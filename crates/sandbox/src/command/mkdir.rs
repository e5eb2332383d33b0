//! `mkdir`

use super::{mode, opts};
use crate::shell::machine::{Errno, Halt};
use crate::shell::process::{Process, Run};

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let opts = opts::parse(p, "pm:vZ", &[("parents", 'p'), ("mode=", 'm'), ("verbose", 'v')])?;
    if opts.operands.is_empty() {
        if p.busybox() {
            return super::usage(p);
        }
        p.complain("missing operand")?;
        return super::try_help(p);
    }
    let wanted = match opts.value('m') {
        Some(text) => match mode::parse(text, 0o777, true, p.umask) {
            Some(mode) => Some(mode),
            None => {
                let text = if p.busybox() {
                    format!("invalid mode '{text}'")
                } else {
                    format!("invalid mode ‘{text}’")
                };
                return p.fail(1, &text);
            }
        },
        None => None,
    };
    let mut code = 0;
    for name in &opts.operands {
        let path = p.path(name);
        let default = 0o777 & !p.umask;
        if name.is_empty() {
            let head = if p.busybox() { "can't" } else { "cannot" };
            let quotes = if p.busybox() { "''" } else { "‘’" };
            code =
                p.fail(1, &[head, " create directory ", quotes, ": No such file or directory"].concat())?;
            continue;
        }
        let existed = opts.has('p') && p.probe(name).is_some_and(|node| node.is_dir());
        let parents =
            if opts.has('v') && opts.has('p') { missing_parts(p, name)? } else { vec![name.clone()] };
        let mut made = if existed {
            Ok(())
        } else if opts.has('p') {
            p.m.mkdir_all(&p.cred, &path, default)?
        } else {
            p.m.mkdir(&p.cred, &path, default)?
        };
        if made.is_ok() && !existed {
            if let Some(mode) = wanted {
                made = p.m.chmod(&p.cred, &path, mode)?;
            }
            if opts.has('v') {
                for part in parents {
                    let text = if p.busybox() {
                        ["created directory: '", &part, "'"]
                    } else {
                        ["mkdir: created directory '", part.trim_end_matches('/'), "'"]
                    };
                    p.line(&text.concat())?;
                }
            }
        }
        if let Err(errno) = made {
            code = 1;
            let errno =
                if opts.has('p') && errno == Errno::NotDir && matches!(p.stat(name)?, Ok(n) if !n.is_dir()) {
                    Errno::Exists
                } else {
                    errno
                };
            // With `-p` it is the first part that cannot be made; BusyBox leaves the slash behind it.
            let part = if opts.has('p') { first_missing(p, name)? } else { name.as_str() };
            let text = if p.busybox() {
                format!("can't create directory '{part}': {}", errno.text())
            } else {
                let part = if part.len() > 1 { part.trim_end_matches('/') } else { part };
                format!("cannot create directory ‘{part}’: {}", errno.text())
            };
            p.complain(&text)?;
        }
    }
    Ok(code)
}

/// The parts of a path that do not exist, the shortest first.
fn missing_parts(p: &mut Process<'_, '_>, name: &str) -> Result<Vec<String>, Halt> {
    let mut parts = Vec::new();
    let ends = name.char_indices().filter(|(at, c)| *c == '/' && *at > 0).map(|(at, _)| at + 1);
    for end in ends.chain([name.len()]) {
        let part = name.get(..end).unwrap_or(name);
        if p.stat(part)?.is_err()
            && parts.last().is_none_or(|last: &String| last.trim_end_matches('/') != part)
        {
            parts.push(part.to_owned());
        }
    }
    Ok(parts)
}

/// The shortest part of a path, slashes behind it included, that is no directory.
fn first_missing<'n>(p: &mut Process<'_, '_>, name: &'n str) -> Result<&'n str, Halt> {
    let mut in_slashes = true;
    for (at, c) in name.char_indices() {
        if c != '/' && in_slashes && at > 0 {
            let part = name.get(..at).unwrap_or(name);
            if !matches!(p.stat(part)?, Ok(node) if node.is_dir()) {
                return Ok(part);
            }
        }
        in_slashes = c == '/';
    }
    Ok(name)
}
