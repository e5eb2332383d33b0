//! `cp`, and the copying that `mv` and `install` share.

use super::{join_name, opts};
use crate::shell::fs::sys;
use crate::shell::machine::{Errno, Sys};
use crate::shell::process::{Process, Run};
use crate::tree::{File, Node, Origin};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How to copy.
#[derive(Debug, Clone, Copy, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of cp")]
pub(super) struct How {
    pub(super) recursive: bool,
    /// Links below are copied as links.
    pub(super) keep_links: bool,
    /// Links given as sources are followed.
    pub(super) follow_named: bool,
    pub(super) mode: bool,
    pub(super) owner: bool,
    pub(super) force: bool,
    pub(super) no_clobber: bool,
    pub(super) hard: bool,
    pub(super) symbolic: bool,
}

/// What a copying leaves behind.
#[derive(Default)]
pub(super) struct Copied {
    /// The first copy of each file with several names.
    links: BTreeMap<u64, String>,
    /// Something below could not be copied.
    failed: bool,
}

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let longs = [
        ("archive", 'a'),
        ("recursive", 'r'),
        ("force", 'f'),
        ("no-clobber", 'n'),
        ("no-dereference", 'd'),
        ("dereference", 'L'),
        ("verbose", 'v'),
        ("preserve", 'p'),
        ("preserve=", 'p'),
        ("no-target-directory", 'T'),
        ("target-directory=", 't'),
        ("parents", 'Y'),
        ("update", 'u'),
        ("link", 'l'),
        ("symbolic-link", 's'),
        ("no-preserve=", 'X'),
        ("sparse=", 'X'),
        ("reflink", 'X'),
        ("remove-destination", 'f'),
    ];
    p.args.iter_mut().filter(|arg| arg.as_str() == "--preserve").for_each(|arg| *arg = "-p".to_owned());
    let opts = opts::parse(p, "arRfnidPLHvpTt:ulscxb", &longs)?;
    let preserved = opts.value('p').unwrap_or("");
    let selective =
        preserved.contains(',') || matches!(preserved, "mode" | "links" | "timestamps" | "xattr" | "context");
    let how = How {
        recursive: opts.any("arR"),
        keep_links: opts.any("adP") || (opts.any("rR") && !opts.any("LH")),
        follow_named: !opts.any("adP") && !(opts.any("rR") && !opts.any("LH")),
        mode: opts.has('a') || (opts.has('p') && (!selective || preserved.contains("mode"))),
        owner: opts.has('a') || (opts.has('p') && (!selective || preserved.contains("ownership"))),
        force: opts.has('f'),
        no_clobber: opts.has('n'),
        hard: opts.has('l'),
        symbolic: opts.has('s'),
    };
    let mut operands = opts.operands.clone();
    let dest = match opts.value('t') {
        Some(dir) => Some(dir.to_owned()),
        None if operands.len() > 1 => operands.pop(),
        None => None,
    };
    let Some(dest) = dest.filter(|_| !operands.is_empty()) else {
        if p.busybox() {
            return super::usage(p);
        }
        match opts.operands.first() {
            Some(only) => p.complain(&format!("missing destination file operand after '{only}'"))?,
            None => p.complain("missing file operand")?,
        }
        return super::try_help(p);
    };
    let into = !opts.has('T') && p.probe(&dest).is_some_and(|node| node.is_dir());
    // To BusyBox what stands where a directory is to be copied to has to be one.
    let joins = p.busybox()
        && operands.len() == 1
        && !opts.has('T')
        && operands.first().and_then(|source| p.probe(source)).is_some_and(|node| node.is_dir())
        && p.probe(&dest).is_some_and(|node| !node.is_dir());
    if !into && (operands.len() > 1 || opts.has('t') || joins) {
        if p.busybox() {
            // It joins the names and sees what comes of it.
            let mut code = 0;
            for source in &operands {
                let at = join_name(&dest, source);
                code |= copy_named(p, source, &at, how, opts.has('v'))?;
            }
            return Ok(code);
        }
        let text = if p.stat(&dest)?.is_err() {
            format!("target '{dest}': No such file or directory")
        } else {
            {
                let why =
                    if p.probe(&dest).is_some() { "Not a directory" } else { "No such file or directory" };
                format!("target '{dest}': {why}")
            }
        };
        return p.fail(1, &text);
    }
    let mut code = 0;
    for source in &operands {
        let there = if into { join_name(&dest, source) } else { dest.clone() };
        if opts.has('u')
            && let (Ok(new), Ok(old)) = (p.stat(source)?, p.stat(&there)?)
        {
            // Which of the two is newer is not known.
            match (new.as_file(), old.as_file()) {
                (Some(new), Some(old)) if new.content.digest() == old.content.digest() => continue,
                _ => return p.option("-u"),
            }
        }
        let at = if opts.has('Y') {
            let dir = source.trim_start_matches('/');
            let to = join_name(&dest, "x");
            let to = format!("{}{dir}", to.trim_end_matches('x'));
            let up = to.rsplit_once('/').map_or("", |(up, _)| up).to_owned();
            let up = p.path(&up);
            let _ = p.m.mkdir_all(&p.cred, &up, 0o755)?;
            to
        } else if into {
            join_name(&dest, source)
        } else {
            dest.clone()
        };
        code |= copy_named(p, source, &at, how, opts.has('v'))?;
    }
    Ok(code)
}

/// Copies one operand; prints what is wrong.
pub(super) fn copy_named(p: &mut Process<'_, '_>, source: &str, dest: &str, how: How, verbose: bool) -> Run {
    let from = p.path(source);
    let to = p.path(dest);
    let node = match p.m.stat(&from, how.follow_named || source.ends_with('/'))? {
        Ok(node) => node,
        Err(errno) => {
            let text = if p.busybox() {
                format!("can't stat '{source}': {}", errno.text())
            } else {
                format!("cannot stat '{source}': {}", errno.text())
            };
            return p.fail(1, &text);
        }
    };
    if p.busybox()
        && let Ok(Err(errno)) = p.m.stat(to.trim_end_matches('/'), false)
        && errno != Errno::NoEntry
    {
        return p.fail(1, &format!("can't stat '{dest}': {}", errno.text()));
    }
    if node.is_dir() && !how.recursive {
        let text = if p.busybox() {
            format!("omitting directory '{source}'")
        } else {
            format!("-r not specified; omitting directory '{source}'")
        };
        return p.fail(1, &text);
    }
    let real_from = p.m.resolve(&from, how.follow_named)?.ok();
    let real_to = p.m.resolve(to.trim_end_matches('/'), true)?.ok();
    let linked =
        p.busybox() && matches!(p.m.stat(to.trim_end_matches('/'), false), Ok(Ok(node)) if node.is_symlink());
    if let (Some(a), Some(b)) = (&real_from, &real_to)
        && a.path == b.path
        && b.node.is_some()
        && linked
        && node.as_file().is_some()
    {
        // BusyBox empties the file through its other name before it reads it.
        let _ = p.write_file(dest, Vec::new())?;
        return Ok(0);
    }
    if let (Some(a), Some(b)) = (&real_from, &real_to)
        && a.path == b.path
        && b.node.is_some()
    {
        let text = if p.busybox() {
            format!("'{source}' and '{dest}' are the same file")
        } else {
            format!("'{source}' and '{dest}' are the same file")
        };
        return p.fail(1, &text);
    }
    if let (Some(a), Some(b)) = (&real_from, &real_to)
        && node.is_dir()
        && b.path.strip_prefix(&a.path).is_some_and(|rest| rest.starts_with('/') || a.path == "/")
    {
        let text = if p.busybox() {
            format!("recursion detected, omitting directory '{source}'")
        } else {
            format!("cannot copy a directory, '{source}', into itself, '{dest}'")
        };
        return p.fail(1, &text);
    }
    let mut copied = Copied::default();
    // GNU says it before it does it.
    let there = p.m.tree.stat(&to);
    let skips = matches!(&there, Ok(node) if how.no_clobber || node.is_dir());
    let early = verbose && !node.is_dir() && !p.busybox() && !skips;
    if early {
        p.line(&["'", source, "' -> '", dest, "'"].concat())?;
    }
    match copy_node(p, &from, &node, &to, how, &mut copied, 0)? {
        Ok(()) => {
            if early {
            } else if verbose && !node.is_dir() {
                if skips {
                    return Ok(u8::from(copied.failed));
                }
                p.line(&["'", source, "' -> '", dest, "'"].concat())?;
            } else if verbose {
                let mut all = super::below::all(p, &from, source)?;
                if p.busybox() {
                    // A directory comes after what is in it.
                    all.reverse();
                }
                for (_, shown) in all {
                    let rest = shown.strip_prefix(source.trim_end_matches('/')).unwrap_or("");
                    p.line(&["'", &shown, "' -> '", dest.trim_end_matches('/'), rest, "'"].concat())?;
                }
            }
            Ok(u8::from(copied.failed))
        }
        Err(errno) => failed(p, source, dest, &node, errno, how.force),
    }
}

/// Says why something could not be copied.
fn failed(p: &mut Process<'_, '_>, source: &str, dest: &str, node: &Node, errno: Errno, force: bool) -> Run {
    if p.busybox() && force && errno == Errno::NoEntry && !node.is_dir() && !node.is_symlink() {
        return p.fail(1, &format!("can't create '{dest}': Path does not exist"));
    }
    if errno == Errno::Access
        && p.m.tree.lstat(&p.path(dest)).is_err()
        && matches!(node, Node::File(file) if !p.cred.may(file.meta, 4))
    {
        let text = if p.busybox() {
            ["can't open '", source, "': ", errno.text()]
        } else {
            ["cannot open '", source, "' for reading: ", errno.text()]
        };
        return p.fail(1, &text.concat());
    }
    if node.is_symlink() && errno == Errno::NoEntry {
        let head = if p.busybox() { "can't stat '" } else { "cannot stat '" };
        return p.fail(1, &[head, source, "': ", errno.text()].concat());
    }
    let over_dir = errno == Errno::IsDir;
    let text = match p.busybox() {
        true if over_dir => format!("cannot overwrite directory '{dest}' with non-directory"),
        true => format!("can't create '{dest}': {}", errno.text()),
        false if over_dir => format!("cannot overwrite directory '{dest}' with non-directory"),
        false if errno == Errno::NotDir && node.is_dir() => {
            format!("cannot overwrite non-directory '{dest}' with directory '{source}'")
        }
        false if node.is_dir() => format!("cannot create directory '{dest}': {}", errno.text()),
        false => format!("cannot create regular file '{dest}': {}", errno.text()),
    };
    p.fail(1, &text)
}

/// Copies a node and all below it.
pub(super) fn copy_node(
    p: &mut Process<'_, '_>,
    from: &str,
    node: &Node,
    to: &str,
    how: How,
    copied: &mut Copied,
    depth: u32,
) -> Sys<()> {
    p.m.spend(2)?;
    if depth > 200 {
        return Ok(Err(Errno::NameTooLong));
    }
    match node {
        Node::File(file) => copy_file(p, from, file, to, how, copied),
        Node::Symlink { target, .. } => {
            if !how.keep_links {
                return match p.m.stat(from, true)? {
                    Ok(node) => copy_node(p, from, &node, to, how, copied, depth + 1),
                    Err(errno) => Ok(Err(errno)),
                };
            }
            if p.m.tree.lstat(to).is_ok() {
                if how.no_clobber {
                    return Ok(Ok(()));
                }
                if p.busybox() && p.m.standalone() && !how.force {
                    return Ok(Err(Errno::Exists));
                }
                sys!(p.m.remove(&p.cred, to));
            }
            sys!(p.m.symlink(&p.cred, target, to));
            if how.owner {
                let meta = node.meta();
                let _ = p.m.chown(&p.cred, to, (Some(meta.uid), Some(meta.gid)), false)?;
            }
            Ok(Ok(()))
        }
        Node::Dir(dir) => {
            let made = match p.m.tree.stat(to) {
                Ok(Node::Dir(_)) => false,
                Ok(_) => return Ok(Err(Errno::NotDir)),
                Err(_) => {
                    let mode = if how.mode { dir.meta.mode } else { dir.meta.mode & !p.umask & 0o1777 };
                    sys!(p.m.mkdir(&p.cred, to, mode | 0o700));
                    true
                }
            };
            if let Some(unlisted) = &dir.unlisted {
                let unlisted = Arc::clone(unlisted);
                if let Ok(found) = p.m.tree.resolve(to, true) {
                    let _ = p.m.tree.update(&found.path, |node| {
                        if let Node::Dir(dir) = node {
                            Arc::make_mut(dir).unlisted = Some(unlisted);
                        }
                    });
                }
            }
            for (name, child) in dir.entries() {
                let child_from = format!("{}/{name}", from.trim_end_matches('/'));
                let child_to = format!("{}/{name}", to.trim_end_matches('/'));
                if let Err(errno) = copy_node(p, &child_from, child, &child_to, how, copied, depth + 1)? {
                    // The rest is copied all the same.
                    copied.failed = true;
                    failed(p, &child_from, &child_to, child, errno, how.force)?;
                }
            }
            if made {
                let mode = if how.mode { dir.meta.mode } else { dir.meta.mode & !p.umask & 0o1777 };
                let _ = p.m.chmod(&p.cred, to, mode)?;
                if how.owner {
                    let _ = p.m.chown(&p.cred, to, (Some(dir.meta.uid), Some(dir.meta.gid)), true)?;
                    let _ = p.m.chmod(&p.cred, to, mode)?;
                }
            } else if how.mode || how.owner {
                if how.owner {
                    let _ = p.m.chown(&p.cred, to, (Some(dir.meta.uid), Some(dir.meta.gid)), true)?;
                }
                let _ = p.m.chmod(&p.cred, to, dir.meta.mode)?;
            }
            Ok(Ok(()))
        }
    }
}

fn copy_file(
    p: &mut Process<'_, '_>,
    from: &str,
    file: &Arc<File>,
    to: &str,
    how: How,
    copied: &mut Copied,
) -> Sys<()> {
    if !p.cred.may(file.meta, 4) {
        return Ok(Err(Errno::Access));
    }
    let existing = p.m.tree.stat(to);
    match &existing {
        Ok(Node::Dir(_)) => return Ok(Err(Errno::IsDir)),
        Ok(_) if how.no_clobber => return Ok(Ok(())),
        Ok(Node::File(old)) if !p.cred.may(old.meta, 2) && how.force => sys!(p.m.remove(&p.cred, to)),
        _ => {}
    }
    if how.hard || how.symbolic {
        if existing.is_ok() && how.force {
            sys!(p.m.remove(&p.cred, to));
        }
        return if how.hard { p.m.hardlink(&p.cred, from, to) } else { p.m.symlink(&p.cred, from, to) };
    }
    if how.keep_links && file.hardlink != 0 && how.mode {
        if let Some(first) = copied.links.get(&file.hardlink) {
            let first = first.clone();
            if existing.is_ok() {
                sys!(p.m.remove(&p.cred, to));
            }
            return p.m.hardlink(&p.cred, &first, to);
        }
        copied.links.insert(file.hardlink, to.to_owned());
    }
    let mode = if how.mode { file.meta.mode } else { file.meta.mode & 0o777 & !p.umask };
    sys!(p.m.write_content(&p.cred, to, file.content.clone(), mode));
    origin(p, from, file, to);
    if how.owner {
        let _ = p.m.chown(&p.cred, to, (Some(file.meta.uid), Some(file.meta.gid)), true)?;
    }
    if how.mode {
        let _ = p.m.chmod(&p.cred, to, file.meta.mode)?;
    }
    Ok(Ok(()))
}

/// A copy remembers what it was copied from.
pub(super) fn origin(p: &mut Process<'_, '_>, from: &str, file: &File, to: &str) {
    let Ok(found) = p.m.tree.resolve(to, true) else { return };
    let from: Arc<str> = Arc::from(crate::tree::clean(from));
    let origin = Origin::copied(p.m.writer, &from, file.origin.as_ref());
    let _ = p.m.tree.update(&found.path, |node| node.set_origin(Some(origin)));
}

/// `install`
pub(super) fn install(p: &mut Process<'_, '_>) -> Run {
    let longs = [
        ("directory", 'd'),
        ("mode=", 'm'),
        ("owner=", 'o'),
        ("group=", 'g'),
        ("target-directory=", 't'),
        ("verbose", 'v'),
        ("strip", 's'),
        ("preserve-timestamps", 'p'),
        ("no-target-directory", 'T'),
        ("compare", 'C'),
    ];
    let opts = opts::parse(p, "dDm:o:g:t:vspcTCb", &longs)?;
    let mode = match opts.value('m') {
        Some(text) => match super::mode::parse(text, 0, opts.has('d'), 0) {
            Some(mode) => mode,
            None => return p.fail(1, &format!("invalid mode '{text}'")),
        },
        None => 0o755,
    };
    let mut who = (None, None);
    if let Some(user) = opts.value('o') {
        match super::chown::owner(p, user) {
            Ok((uid, _)) => who.0 = uid,
            Err(name) => {
                let text = if p.busybox() {
                    format!("unknown user {name}")
                } else {
                    format!("invalid user ‘{name}’")
                };
                return p.fail(1, &text);
            }
        }
    }
    if let Some(group) = opts.value('g') {
        match super::chown::group_number(p, group) {
            Ok(gid) => who.1 = Some(gid),
            Err(name) => {
                let text = if p.busybox() {
                    format!("unknown group {name}")
                } else {
                    format!("invalid group ‘{name}’")
                };
                return p.fail(1, &text);
            }
        }
    }
    let mut code = 0;
    let mut operands = opts.operands.clone();
    if opts.has('d') {
        for name in &operands {
            let path = p.path(name);
            if let Err(errno) = p.m.mkdir_all(&p.cred, &path, 0o755)? {
                code = p.fail(1, &format!("cannot create directory '{name}': {}", errno.text()))?;
                continue;
            }
            let _ = p.m.chown(&p.cred, &path, who, true)?;
            let _ = p.m.chmod(&p.cred, &path, mode)?;
        }
        return Ok(code);
    }
    let dest = match opts.value('t') {
        Some(dir) => Some(dir.to_owned()),
        None if operands.len() > 1 => operands.pop(),
        None => None,
    };
    let Some(dest) = dest else {
        if p.busybox() {
            return super::usage(p);
        }
        match opts.operands.first() {
            Some(only) => p.complain(&format!("missing destination file operand after '{only}'"))?,
            None => p.complain("missing file operand")?,
        }
        return super::try_help(p);
    };
    if opts.has('D') {
        let up = if opts.has('t') {
            dest.clone()
        } else {
            dest.rsplit_once('/').map_or(".", |(up, _)| up).to_owned()
        };
        let up = p.path(&up);
        let _ = p.m.mkdir_all(&p.cred, &up, 0o755)?;
    }
    let into = !opts.has('T') && p.probe(&dest).is_some_and(|node| node.is_dir());
    for source in &operands {
        let at = if into { join_name(&dest, source) } else { dest.clone() };
        // What is there is replaced, not written over.
        let path = p.path(&at);
        if !p.busybox() {
            match p.stat(source)? {
                Ok(node) if node.is_dir() => {
                    code = p.fail(1, &format!("omitting directory '{source}'"))?;
                    continue;
                }
                Ok(_)
                    if p.m.tree.lstat(&path).is_ok()
                        && crate::tree::clean(&p.path(source)) == crate::tree::clean(&path) =>
                {
                    code = p.fail(1, &format!("'{source}' and '{at}' are the same file"))?;
                    continue;
                }
                _ => {}
            }
        }
        if matches!(p.m.stat(&path, false)?, Ok(node) if !node.is_dir()) {
            let _ = p.m.remove(&p.cred, &path)?;
        }
        let how = How { follow_named: true, ..How::default() };
        let copied = copy_named(p, source, &at, how, opts.has('v'))?;
        code |= copied;
        if copied == 0 {
            let _ = p.m.chown(&p.cred, &path, who, true)?;
            let _ = p.m.chmod(&p.cred, &path, mode)?;
        }
    }
    Ok(code)
}

/// `mv`
pub(super) fn mv(p: &mut Process<'_, '_>) -> Run {
    let longs = [
        ("force", 'f'),
        ("no-clobber", 'n'),
        ("verbose", 'v'),
        ("target-directory=", 't'),
        ("no-target-directory", 'T'),
        ("update", 'u'),
    ];
    let opts = opts::parse(p, "finvt:Tub", &longs)?;
    let mut operands = opts.operands.clone();
    let dest = match opts.value('t') {
        Some(dir) => Some(dir.to_owned()),
        None if operands.len() > 1 => operands.pop(),
        None => None,
    };
    let Some(dest) = dest else {
        if p.busybox() {
            return super::usage(p);
        }
        match opts.operands.first() {
            Some(only) => p.complain(&format!("missing destination file operand after '{only}'"))?,
            None => p.complain("missing file operand")?,
        }
        return super::try_help(p);
    };
    let into = !opts.has('T') && p.probe(&dest).is_some_and(|node| node.is_dir());
    if operands.len() > 1 && !into && !p.busybox() {
        let why = if p.probe(&dest).is_some() { "Not a directory" } else { "No such file or directory" };
        return p.fail(1, &["target '", &dest, "': ", why].concat());
    }
    let into = into || operands.len() > 1;
    let mut code = 0;
    for source in &operands {
        let at = if into { join_name(&dest, source) } else { dest.clone() };
        let (from, to) = (p.path(source), p.path(&at));
        let node = match p.m.stat(from.trim_end_matches('/'), false)? {
            Ok(node) => node,
            Err(errno) => {
                let text = if p.busybox() {
                    format!("can't rename '{source}': {}", errno.text())
                } else {
                    format!("cannot stat '{source}': {}", errno.text())
                };
                code = p.fail(1, &text)?;
                if p.busybox() && opts.has('v') {
                    // It says so all the same.
                    p.line(&format!("'{source}' -> '{at}'"))?;
                }
                continue;
            }
        };
        if let (true, Ok(Err(errno))) = (p.busybox(), p.m.stat(to.trim_end_matches('/'), false))
            && errno != Errno::NoEntry
        {
            code = p.fail(1, &format!("can't stat '{at}': {}", errno.text()))?;
            continue;
        }
        let existing = p.m.tree.lstat(&to);
        if opts.has('n') && existing.is_ok() {
            continue;
        }
        // A link onto the file that it leads to is the same file too.
        let leads = |m: &crate::shell::machine::Machine<'_>| {
            m.tree.resolve(&from, true).is_ok_and(|found| found.path == crate::tree::clean(&to))
        };
        let same = existing.is_ok()
            && (crate::tree::clean(&from) == crate::tree::clean(&to) || (node.is_symlink() && leads(p.m)));
        if same && !p.busybox() {
            code = p.fail(1, &format!("'{source}' and '{at}' are the same file"))?;
            continue;
        }
        if matches!(&existing, Ok(found) if !found.is_dir()) && node.is_dir() && !p.busybox() {
            code = p.fail(1, &format!("cannot overwrite non-directory '{at}' with directory '{source}'"))?;
            continue;
        }
        if let (Ok(Node::Dir(_)), false) = (&existing, node.is_dir()) {
            let text = if p.busybox() {
                format!("can't rename '{source}': Is a directory")
            } else {
                format!("cannot overwrite directory '{at}' with non-directory")
            };
            code = p.fail(1, &text)?;
            continue;
        }
        if let Err(errno) = p.m.rename(&p.cred, &from, &to)? {
            let text = match (p.busybox(), errno) {
                (true, _) => format!("can't rename '{source}': {}", errno.text()),
                (false, Errno::Invalid) => {
                    format!("cannot move '{source}' to a subdirectory of itself, '{at}'")
                }
                (false, _) => format!("cannot move '{source}' to '{at}': {}", errno.text()),
            };
            code = p.fail(1, &text)?;
            continue;
        }
        if opts.has('v') {
            let text = if p.busybox() {
                format!("'{source}' -> '{at}'")
            } else {
                format!("renamed '{source}' -> '{at}'")
            };
            p.line(&text)?;
        }
    }
    Ok(code)
}
