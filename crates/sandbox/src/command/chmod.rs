//! `chmod`

use super::{below, mode, opts::Opts};
use crate::shell::process::{Process, Run};

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    // A mode may begin with a minus sign, so that options are read by hand.
    let mut opts = Opts::default();
    let mut ended = false;
    let mut reference = None;
    for arg in std::mem::take(&mut p.args) {
        match arg.as_str() {
            "--" => ended = true,
            "--recursive" => opts.flags.push(('R', String::new())),
            "--verbose" => opts.flags.push(('v', String::new())),
            "--changes" => opts.flags.push(('c', String::new())),
            "--quiet" | "--silent" => opts.flags.push(('f', String::new())),
            _ if arg.starts_with("--reference=") && !p.busybox() => {
                reference = arg.split_once('=').map(|(_, file)| file.to_owned());
            }
            _ if !ended
                && arg.len() > 1
                && arg.starts_with('-')
                && arg.chars().skip(1).all(|c| "Rvcf".contains(c)) =>
            {
                opts.flags.extend(arg.chars().skip(1).map(|c| (c, String::new())));
            }
            _ if !ended
                && arg.starts_with("--")
                && arg.chars().nth(2).is_some_and(|c| c.is_ascii_alphabetic()) =>
            {
                return super::opts::refuse_long(p, arg.trim_start_matches('-'));
            }
            _ if !ended && !p.busybox() && arg.starts_with('-') => {
                let odd = arg.chars().skip(1).find(|c| !"Rvcfugoarwxst,+-=X01234567".contains(*c));
                if let Some(odd) = odd {
                    return super::opts::refuse(p, odd);
                }
                opts.operands.push(arg);
            }
            _ => opts.operands.push(arg),
        }
    }
    let mut operands = opts.operands.clone().into_iter();
    let text = match &reference {
        Some(file) => match p.stat(file)? {
            Ok(node) => format!("{:o}", node.meta().mode),
            Err(errno) => {
                return p.fail(1, &format!("failed to get attributes of '{file}': {}", errno.text()));
            }
        },
        None => operands.next().unwrap_or_default(),
    };
    if operands.len() == 0 {
        if p.busybox() {
            return super::usage(p);
        }
        let after = if text.is_empty() { String::new() } else { format!(" after ‘{text}’") };
        p.complain(&["missing operand", &after].concat())?;
        return super::try_help(p);
    }
    if mode::parse(&text, 0o644, false, p.umask).is_none() {
        if p.busybox() {
            // It reads the mode for each file anew.
            let first = operands.next().unwrap_or_default();
            if let Err(errno) = p.stat(&first)? {
                p.complain(&format!("{first}: {}", errno.text()))?;
            }
            return p.fail(1, &format!("invalid mode '{text}'"));
        }
        p.complain(&format!("invalid mode: ‘{text}’"))?;
        return super::try_help(p);
    }
    let mut code = 0;
    for name in operands {
        let path = p.path(&name);
        let paths = if opts.has('R') { below::all(p, &path, &name)? } else { vec![(path, name.clone())] };
        for (path, shown) in paths {
            let node = match p.m.stat(&path, true)? {
                Ok(node) => node,
                Err(errno) => {
                    if opts.has('R') && shown != name {
                        continue;
                    }
                    code = 1;
                    let text = if p.busybox() {
                        format!("{shown}: {}", errno.text())
                    } else {
                        format!("cannot access '{shown}': {}", errno.text())
                    };
                    p.complain(&text)?;
                    if opts.has('v') && !p.busybox() {
                        p.line(&format!("'{shown}' could not be accessed"))?;
                    }
                    continue;
                }
            };
            if opts.has('R')
                && shown != name
                && matches!(p.m.stat(&path, false)?, Ok(node) if node.is_symlink())
            {
                continue;
            }
            let old = node.meta().mode;
            let new = mode::parse(&text, old, node.is_dir(), p.umask).unwrap_or(old);
            if let Err(errno) = p.m.chmod(&p.cred, &path, new)? {
                code = 1;
                let text = if p.busybox() {
                    format!("{shown}: {}", errno.text())
                } else {
                    format!("changing permissions of '{shown}': {}", errno.text())
                };
                p.complain(&text)?;
            } else if opts.has('v') || (opts.has('c') && old != new) {
                let letters = mode::letters('-', new);
                let was = mode::letters('-', old);
                let text = if old == new && !p.busybox() {
                    format!("mode of '{shown}' retained as {old:04o} ({})", letters.get(1..).unwrap_or(""))
                } else if p.busybox() {
                    format!("mode of '{shown}' changed to {new:04o} ({})", letters.get(1..).unwrap_or(""))
                } else {
                    format!(
                        "mode of '{shown}' changed from {old:04o} ({}) to {new:04o} ({})",
                        was.get(1..).unwrap_or(""),
                        letters.get(1..).unwrap_or("")
                    )
                };
                p.line(&text)?;
            }
        }
    }
    Ok(code)
}
