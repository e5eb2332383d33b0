//! Names and links: `basename`, `dirname`, `realpath`, `readlink`, `pwd`, `mktemp`, `which`, `pathchk`.

use super::opts;
use crate::shell::exec::{Found, find};
use crate::shell::machine::Errno;
use crate::shell::process::{Process, Run};
use crate::tree::Node;

fn base(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() {
        if path.is_empty() { "" } else { "/" }
    } else {
        trimmed.rsplit('/').next().unwrap_or("")
    }
}

pub(super) fn basename(p: &mut Process<'_, '_>) -> Run {
    let opts = opts::parse(p, "as:z", &[("multiple", 'a'), ("suffix=", 's')])?;
    let many = opts.any("as");
    let suffix = opts
        .value('s')
        .map(str::to_owned)
        .or_else(|| if many { None } else { opts.operands.get(1).cloned() });
    if !many && opts.operands.len() > 2 {
        if p.busybox() {
            return super::usage(p);
        }
        let text = format!("extra operand ‘{}’", opts.operands.get(2).map_or("", String::as_str));
        return p.complain(&text).and_then(|()| super::try_help(p));
    }
    let names = if many { opts.operands.as_slice() } else { opts.operands.get(..1).unwrap_or(&[]) };
    if names.is_empty() {
        if p.busybox() {
            return super::usage(p);
        }
        p.complain("missing operand")?;
        return super::try_help(p);
    }
    for name in names {
        let mut text = base(name);
        if let Some(suffix) = &suffix
            && text != suffix
        {
            text = text.strip_suffix(suffix.as_str()).unwrap_or(text);
        }
        p.line(text)?;
    }
    Ok(0)
}

pub(super) fn dirname(p: &mut Process<'_, '_>) -> Run {
    let opts = opts::parse(p, "z", &[])?;
    if opts.operands.is_empty() || (p.busybox() && opts.operands.len() > 1) {
        if p.busybox() {
            return super::usage(p);
        }
        p.complain("missing operand")?;
        return super::try_help(p);
    }
    for name in &opts.operands {
        let trimmed = name.trim_end_matches('/');
        let text = match trimmed.rsplit_once('/') {
            None if trimmed.is_empty() && !name.is_empty() => "/",
            None => ".",
            Some((dir, _)) => match dir.trim_end_matches('/') {
                "" => "/",
                dir => dir,
            },
        };
        // To glibc two slashes are a root of their own.
        let two = name.starts_with("//") && !name.starts_with("///");
        p.line(if text == "/" && two && p.busybox() && p.m.standalone() { "//" } else { text })?;
    }
    Ok(0)
}

pub(super) fn realpath(p: &mut Process<'_, '_>) -> Run {
    let longs = [
        ("canonicalize-missing", 'm'),
        ("canonicalize-existing", 'e'),
        ("quiet", 'q'),
        ("strip", 's'),
        ("no-symlinks", 's'),
        ("relative-to=", 'r'),
    ];
    let opts = if p.busybox() {
        opts::Opts { operands: p.args.clone(), ..Default::default() }
    } else {
        opts::parse(p, "meqsLPz", &longs)?
    };
    if opts.operands.is_empty() {
        return if p.busybox() {
            super::usage(p)
        } else {
            p.complain("missing operand").and_then(|()| super::try_help(p))
        };
    }
    let mut code = 0;
    for name in &opts.operands {
        let path = p.path(name);
        // BusyBox looks for the directory of what is missing in the name as it was given.
        let link = matches!(p.m.tree.lstat(&path), Ok(node) if node.is_symlink());
        let exists = opts.has('e') || (p.busybox() && !name.contains('/') && !link);
        let found = match p.m.tree.resolve(&path, true) {
            _ if name.is_empty() => Err(Errno::NoEntry),
            _ if opts.has('s') => Ok(crate::tree::clean(&path)),
            Ok(found) if found.node.is_some() || !exists => Ok(found.path),
            // Missing, or nobody knows.
            Ok(_) => p.stat(name)?.and(Err(Errno::NoEntry)),
            Err(_) if opts.has('m') => Ok(crate::tree::clean(&path)),
            Err(error) => p.m.errno::<()>(&error, &path)?.map(|()| String::new()),
        };
        match found {
            Ok(path) => match opts.value('r').map(str::to_owned) {
                Some(base) => {
                    let base = p.path(&base);
                    let base = p.m.tree.resolve(&base, true).map_or(base, |found| found.path);
                    let text = super::ln::between(&path, &base);
                    p.line(&text)?;
                }
                None => p.line(&path)?,
            },
            Err(errno) => {
                code = 1;
                if !opts.has('q') {
                    let name = if p.busybox() { name.clone() } else { super::text::quoted(name) };
                    p.complain(&format!("{name}: {}", errno.text()))?;
                }
            }
        }
    }
    Ok(code)
}

pub(super) fn readlink(p: &mut Process<'_, '_>) -> Run {
    let longs = [
        ("canonicalize", 'f'),
        ("no-newline", 'n'),
        ("canonicalize-existing", 'e'),
        ("canonicalize-missing", 'm'),
    ];
    let opts = opts::parse(p, "fnemvqsz", &longs)?;
    if p.busybox() && (opts.operands.len() != 1 || opts.any("emqsz")) {
        return super::usage(p);
    }
    if opts.operands.is_empty() {
        p.complain("missing operand")?;
        return super::try_help(p);
    }
    let mut code = 0;
    for name in &opts.operands {
        let text = if opts.any("fem") {
            let path = p.path(name);
            let link = matches!(p.m.tree.lstat(&path), Ok(node) if node.is_symlink());
            let exists = opts.has('e') || (p.busybox() && !name.contains('/') && !link);
            match p.m.tree.resolve(&path, true) {
                Ok(found) if found.node.is_some() || !exists => Some(found.path),
                Ok(_) => p.stat(name)?.err().and(None),
                Err(_) if opts.has('m') => Some(crate::tree::clean(&path)),
                Err(error) => p.m.errno::<()>(&error, &path)?.ok().map(|()| path),
            }
        } else {
            match p.lstat(name)? {
                Ok(Node::Symlink { target, .. }) => Some(target.to_string()),
                other => {
                    if opts.has('v') {
                        let (head, odd) = if p.busybox() {
                            ("cannot read link: ", "not a symlink")
                        } else {
                            ("", "Invalid argument")
                        };
                        let why = other.err().map_or(odd, Errno::text);
                        p.complain(&format!("{name}: {head}{why}"))?;
                    }
                    None
                }
            }
        };
        match text {
            Some(text) => p.print(&format!("{text}{}", if opts.has('n') { "" } else { "\n" }))?,
            None => code = 1,
        }
    }
    Ok(code)
}

pub(super) fn pwd(p: &mut Process<'_, '_>) -> Run {
    let cwd = p.cwd.clone();
    p.line(&cwd)?;
    Ok(0)
}

/// Real names are random; these are as long, and the same in every run.
pub(super) fn mktemp(p: &mut Process<'_, '_>) -> Run {
    let longs = [
        ("directory", 'd'),
        ("tmpdir=", 'p'),
        ("tmpdir", 't'),
        ("suffix=", 's'),
        ("dry-run", 'u'),
        ("quiet", 'q'),
    ];
    let opts = opts::parse(p, "dp:tuqs:", &longs)?;
    let template = opts
        .operands
        .first()
        .cloned()
        .unwrap_or_else(|| if p.busybox() { "tmp.XXXXXX" } else { "tmp.XXXXXXXXXX" }.to_owned());
    let dir = opts
        .value('p')
        .map(str::to_owned)
        .or_else(|| p.env.get("TMPDIR").cloned())
        .unwrap_or_else(|| "/tmp".to_owned());
    let template =
        if opts.operands.is_empty() || opts.any("tp") { format!("{dir}/{template}") } else { template };
    let trimmed = template.trim_end_matches('X');
    let count = template.len() - trimmed.len();
    let (head, tail) = if count >= 3 {
        (trimmed.to_owned(), String::new())
    } else {
        match template.rfind("XXX") {
            Some(end) => {
                let (head, tail) = template.split_at_checked(end + 3).unwrap_or((&template, ""));
                (head.trim_end_matches('X').to_owned(), tail.to_owned())
            }
            None if p.busybox() => {
                let name = if p.m.standalone() { "(null)" } else { "" };
                return p.fail(1, &[name, ": Invalid argument"].concat());
            }
            None => return p.fail(1, &format!("too few X's in template ‘{template}’")),
        }
    };
    let count = template.len().saturating_sub(head.len() + tail.len());
    let n = p.m.number();
    let digest = p.m.digest_of(&[&n.to_le_bytes(), template.as_bytes()]);
    let letters = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let made: String = digest
        .iter()
        .cycle()
        .take(count)
        .map(|byte| letters.get(usize::from(*byte) % letters.len()).copied().map_or('x', char::from))
        .collect();
    let name = format!("{head}{made}{tail}{}", opts.value('s').unwrap_or(""));
    let path = p.path(&name);
    if !opts.has('u') {
        let done = if opts.has('d') {
            p.m.mkdir(&p.cred, &path, 0o700)?
        } else {
            p.m.write_content(&p.cred, &path, crate::tree::Content::bytes([]), 0o600)?
        };
        if let Err(errno) = done {
            if p.busybox() {
                let name = if p.m.standalone() { "(null): " } else { ": " };
                return p.fail(1, &[name, errno.text()].concat());
            }
            let what = if opts.has('d') { "directory" } else { "file" };
            return p
                .fail(1, &format!("failed to create {what} via template ‘{template}’: {}", errno.text()));
        }
    }
    p.line(&name)?;
    Ok(0)
}

pub(super) fn which(p: &mut Process<'_, '_>) -> Run {
    let mut code = 0;
    let path = p.env.get("PATH").cloned().unwrap_or_default();
    for name in p.args.clone() {
        if name.starts_with('-') {
            continue;
        }
        if p.args.iter().any(|arg| arg == "-a") && !name.contains('/') {
            let mut any = false;
            for dir in path.split(':') {
                let at = [dir, "/", &name].concat();
                if let Found::At(at) = find(p.m, &at, "", &p.cwd, &p.cred) {
                    any = true;
                    p.line(&at)?;
                }
            }
            if any {
                continue;
            }
        }
        match find(p.m, &name, &path, &p.cwd, &p.cred) {
            Found::At(_) if name.contains('/') => p.line(&name)?,
            Found::At(at) => p.line(&at)?,
            Found::MayExist(at) if super::find(&name).is_some() => p.line(&at)?,
            Found::MayExist(at) => {
                return Err(crate::shell::machine::Halt::Unknown(crate::shell::Why::MayExist(at)));
            }
            Found::Missing | Found::Denied { .. } => code = 1,
        }
    }
    if p.args.is_empty() {
        return if p.busybox() { super::usage(p) } else { Ok(1) };
    }
    Ok(code)
}
