//! `rm`

use super::opts;
use crate::shell::machine::Errno;
use crate::shell::process::{Process, Run};

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let longs = [
        ("force", 'f'),
        ("recursive", 'r'),
        ("verbose", 'v'),
        ("no-preserve-root", 'n'),
        ("preserve-root", 'p'),
        ("one-file-system", 'p'),
        ("interactive=", 'i'),
        ("dir", 'd'),
    ];
    let opts = opts::parse(p, "frRvdiI", &longs)?;
    let force = opts.has('f');
    if opts.operands.is_empty() {
        if force {
            return Ok(0);
        }
        if p.busybox() {
            return super::usage(p);
        }
        p.complain("missing operand")?;
        return super::try_help(p);
    }
    let mut code = 0;
    for name in &opts.operands {
        let last = name.trim_end_matches('/').rsplit('/').next().unwrap_or("");
        let path = p.path(name);
        if (last == "." || last == "..") && (p.busybox() || opts.any("rR")) {
            code = 1;
            let text = if p.busybox() {
                "can't remove '.' or '..'".to_owned()
            } else {
                format!("refusing to remove '.' or '..' directory: skipping '{name}'")
            };
            p.complain(&text)?;
            continue;
        }
        if !p.busybox() && opts.any("rR") && !opts.has('n') && crate::tree::clean(&path) == "/" {
            p.complain("it is dangerous to operate recursively on '/'")?;
            p.complain("use --no-preserve-root to override this failsafe")?;
            code = 1;
            continue;
        }
        if opts.has('i') && !force && !asked(p, name)? {
            continue;
        }
        // A link with a slash behind it is the directory that it leads to, which cannot be removed by that name.
        let link = name.len() > 1
            && name.ends_with('/')
            && matches!(p.m.stat(path.trim_end_matches('/'), false)?, Ok(node) if node.is_symlink());
        if link && !p.busybox() && opts.any("rR") && matches!(p.stat(name)?, Ok(node) if node.is_dir()) {
            // What lies in the directory goes.
            for inside in
                p.list(name)?.map(|dir| dir.entries().keys().cloned().collect::<Vec<_>>()).unwrap_or_default()
            {
                let inside = super::join_name(&path, &inside);
                let _ = p.m.remove_all(&p.cred, &inside)?;
            }
            if !force {
                code = p.fail(1, &format!("cannot remove '{name}': Not a directory"))?;
            }
            continue;
        }
        let was_dir = matches!(p.m.stat(path.trim_end_matches('/'), false), Ok(Ok(node)) if node.is_dir());
        let gone = match p.m.stat(path.trim_end_matches('/'), false) {
            Ok(Ok(node))
                if node.is_dir()
                    && !opts.any("rR")
                    && !(opts.has('d') && node.as_dir().is_some_and(|d| d.is_empty())) =>
            {
                Err(Errno::IsDir)
            }
            Ok(Ok(node)) => {
                if opts.has('v') && node.is_dir() {
                    removed(p, name, &path)?;
                }
                p.m.remove_all(&p.cred, &path)?
            }
            Ok(Err(errno)) => Err(errno),
            // Nobody knows whether it is there: afterwards it is not.
            Err(crate::shell::machine::Halt::Unknown(_)) if force => continue,
            Err(halt) => return Err(halt),
        };
        match gone {
            Ok(()) if opts.has('v') && !was_dir => p.line(&["removed '", name, "'"].concat())?,
            Ok(()) => {}
            Err(errno @ (Errno::NotDir | Errno::Access))
                if p.busybox() && p.lstat(name)?.err() == Some(errno) =>
            {
                code = p.fail(1, &format!("can't stat '{name}': {}", errno.text()))?;
            }
            Err(Errno::NoEntry | Errno::NotDir) if force => {}
            Err(Errno::Busy) => code = stuck(p, name, &crate::tree::clean(&path))?,
            Err(errno) => {
                code = 1;
                let text = match (p.busybox(), errno) {
                    (true, Errno::IsDir) => format!("'{}' is a directory", name.trim_end_matches('/')),
                    (true, _) => format!("can't remove '{name}': {}", errno.text()),
                    (false, _) => format!("cannot remove '{name}': {}", errno.text()),
                };
                p.complain(&text)?;
            }
        }
    }
    Ok(code)
}

/// Says what stays because something is mounted there. BusyBox also tries the directories around it.
fn stuck(p: &mut Process<'_, '_>, name: &str, path: &str) -> Run {
    let busybox = p.busybox();
    let verb = if busybox { "can't remove" } else { "cannot remove" };
    let shown = |at: &str| [name.trim_end_matches('/'), at.strip_prefix(path).unwrap_or_default()].concat();
    let below = p.m.mounts_below(path);
    let mut around: Vec<&str> = Vec::new();
    for at in &below {
        p.complain(&format!("{verb} '{}': {}", shown(at), Errno::Busy.text()))?;
        let mut dir = crate::tree::parent(at);
        while dir.len() > path.len() {
            around.push(dir);
            dir = crate::tree::parent(dir);
        }
    }
    around.sort_unstable_by(|a, b| b.cmp(a));
    around.dedup();
    if busybox || below.is_empty() {
        around.push(path);
    }
    for at in around.into_iter().filter(|_| busybox || below.is_empty()) {
        let errno = p.m.pinned(at).unwrap_or(Errno::NotEmpty);
        if errno == Errno::NotEmpty || at == path {
            p.complain(&format!("{verb} '{}': {}", shown(at), errno.text()))?;
        }
    }
    Ok(1)
}

/// Whether a person, or what standard input holds, agrees.
fn asked(p: &mut Process<'_, '_>, name: &str) -> Result<bool, crate::shell::machine::Halt> {
    let kind = match p.lstat(name)? {
        Ok(crate::tree::Node::File(file)) if file.content.size() == 0 => "regular empty file",
        Ok(crate::tree::Node::File(_)) => "regular file",
        Ok(crate::tree::Node::Symlink { .. }) => "symbolic link",
        Ok(crate::tree::Node::Dir(_)) => return p.option("-i"),
        Err(_) => return Ok(true),
    };
    let text = if p.busybox() {
        format!("rm: remove '{name}'? ")
    } else {
        format!("{}: remove {kind} '{name}'? ", p.called())
    };
    p.write_fd(2, text.as_bytes())?;
    let stdin = p.fds.get(&0).copied();
    let answer = stdin.and_then(|stdin| p.m.read_line(stdin)).unwrap_or_default();
    Ok(answer.first().is_some_and(|byte| byte.eq_ignore_ascii_case(&b'y')))
}

/// Says what lies below a directory and goes with it, the deepest first.
fn removed(p: &mut Process<'_, '_>, name: &str, path: &str) -> Result<(), crate::shell::machine::Halt> {
    let mut all = super::below::all(p, path, name)?;
    all.reverse();
    for (path, shown) in all {
        let dir = matches!(p.m.stat(&path, false)?, Ok(node) if node.is_dir());
        let head = match (dir, p.busybox()) {
            (true, true) => "removed directory: '",
            (true, false) => "removed directory '",
            (false, _) => "removed '",
        };
        p.line(&[head, &shown, "'"].concat())?;
    }
    Ok(())
}
