//! `ln`

use super::{join_name, opts};
use crate::shell::machine::Errno;
use crate::shell::process::{Process, Run};

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let longs = [
        ("symbolic", 's'),
        ("force", 'f'),
        ("no-dereference", 'n'),
        ("verbose", 'v'),
        ("relative", 'r'),
        ("no-target-directory", 'T'),
        ("target-directory=", 't'),
        ("backup", 'b'),
    ];
    let opts = opts::parse(p, "sfnvrTt:iLPb", &longs)?;
    let mut operands = opts.operands.clone();
    let (mut targets, dest) = match opts.value('t') {
        Some(dir) => (operands, dir.to_owned()),
        None if operands.len() == 1 => (operands, ".".to_owned()),
        None => {
            let Some(dest) = operands.pop() else {
                if p.busybox() {
                    return super::usage(p);
                }
                p.complain("missing file operand")?;
                return super::try_help(p);
            };
            (operands, dest)
        }
    };
    let mut code = 0;
    let follow_dest = !opts.any("nT") || p.m.tree.lstat(&p.path(&dest)).is_ok_and(|node| !node.is_symlink());
    let dest_is_dir = !opts.has('T') && follow_dest && p.probe(&dest).is_some_and(|node| node.is_dir());
    if targets.len() > 1 && !dest_is_dir && !p.busybox() {
        let why = if p.probe(&dest).is_some() { "Not a directory" } else { "No such file or directory" };
        return p.fail(1, &format!("target '{dest}': {why}"));
    }
    for target in &mut targets {
        let at = if dest_is_dir { join_name(&dest, target) } else { dest.clone() };
        let path = p.path(&at);
        if target.is_empty() && opts.has('s') {
            let why = Errno::NoEntry.text();
            code = if p.busybox() {
                p.fail(1, &format!("{at}: {why}"))?
            } else {
                p.fail(1, &format!("failed to create symbolic link '{at}' -> '': {why}"))?
            };
            continue;
        }
        if opts.has('f')
            && !p.busybox()
            && !target.is_empty()
            && crate::tree::clean(&p.path(target)) == crate::tree::clean(&path)
            && p.m.tree.lstat(&path).is_ok()
        {
            code = p.fail(1, &format!("'{target}' and '{at}' are the same file"))?;
            continue;
        }
        if opts.has('b') && matches!(p.m.tree.lstat(&path), Ok(node) if !node.is_dir()) {
            let _ = p.m.rename(&p.cred, &path, &[&path, "~"].concat())?;
        }
        if opts.has('f')
            && let Ok(node) = p.m.tree.lstat(&path)
        {
            if node.is_dir() {
                let text = if p.busybox() {
                    format!("{at}: Is a directory")
                } else {
                    format!("{at}: cannot overwrite directory")
                };
                p.complain(&text)?;
                code = 1;
                continue;
            }
            if let Err(errno) = p.m.remove(&p.cred, &path)? {
                p.complain(&format!("{at}: {}", errno.text()))?;
                code = 1;
                continue;
            }
        }
        let made = if opts.has('s') {
            let text = if opts.has('r') { relative(p, target, &path) } else { target.clone() };
            p.m.symlink(&p.cred, &text, &path)?
        } else {
            let source = p.path(target);
            // GNU links to the link; BusyBox follows it only with -L.
            match p.lstat(target)? {
                Ok(node) if node.is_dir() && !p.busybox() => {
                    code = p.fail(1, &[target, ": hard link not allowed for directory"].concat())?;
                    continue;
                }
                Ok(node) if node.is_dir() => Err(Errno::NotPermitted),
                Ok(_) => p.m.hardlink(&p.cred, &source, &path)?,
                Err(errno) => {
                    code = 1;
                    let text = if p.busybox() {
                        format!("{target}: {}", errno.text())
                    } else {
                        format!("failed to access '{target}': {}", errno.text())
                    };
                    p.complain(&text)?;
                    continue;
                }
            }
        };
        match made {
            Ok(()) if opts.has('v') => {
                let arrow = if opts.has('s') { "->" } else { "=>" };
                let text = format!("'{at}' {arrow} '{target}'");
                p.line(&text)?;
            }
            Ok(()) => {}
            Err(errno) => {
                code = 1;
                let text = if p.busybox() {
                    format!("{at}: {}", errno.text())
                } else if opts.has('s') {
                    format!("failed to create symbolic link '{at}': {}", errno.text())
                } else {
                    format!("failed to create hard link '{at}': {}", errno.text())
                };
                p.complain(&text)?;
            }
        }
    }
    Ok(code)
}

fn relative(p: &Process<'_, '_>, target: &str, link: &str) -> String {
    let target = crate::tree::clean(&p.path(target));
    let link = crate::tree::clean(link);
    between(&target, crate::tree::parent(&link))
}

/// The way to a path from a directory, both without links.
pub(super) fn between(target: &str, dir: &str) -> String {
    let from: Vec<&str> = crate::tree::components(dir).collect();
    let to: Vec<&str> = crate::tree::components(target).collect();
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from.iter().skip(shared).map(|_| "..");
    let parts: Vec<&str> = up.chain(to.iter().skip(shared).copied()).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// `link FILE NAME`
pub(super) fn link(p: &mut Process<'_, '_>) -> Run {
    let [from, to] = p.args.as_slice() else { return p.option("") };
    let (from, to) = (from.clone(), to.clone());
    let (source, path) = (p.path(&from), p.path(&to));
    match p.m.hardlink(&p.cred, &source, &path)? {
        Ok(()) => Ok(0),
        Err(errno) => p.fail(1, &format!("cannot create link '{to}' to '{from}': {}", errno.text())),
    }
}

/// `unlink FILE`
pub(super) fn unlink(p: &mut Process<'_, '_>) -> Run {
    let operands = opts::parse(p, "", &[])?.operands;
    let [name] = operands.as_slice() else {
        if p.busybox() {
            return super::usage(p);
        }
        match operands.get(1) {
            Some(extra) => p.complain(&format!("extra operand ‘{extra}’"))?,
            None => p.complain("missing operand")?,
        }
        return super::try_help(p);
    };
    let name = name.clone();
    let path = p.path(&name);
    let done = match p.lstat(&name)? {
        Ok(node) if node.is_dir() => Err(Errno::IsDir),
        _ => p.m.remove(&p.cred, &path)?,
    };
    match done {
        Ok(()) => Ok(0),
        Err(errno) => {
            let head = if p.busybox() { "can't remove file" } else { "cannot unlink" };
            p.fail(1, &format!("{head} '{name}': {}", errno.text()))
        }
    }
}
