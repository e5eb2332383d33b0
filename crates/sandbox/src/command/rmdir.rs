//! `rmdir`

use super::opts;
use crate::shell::machine::Errno;
use crate::shell::process::{Process, Run};
use crate::tree::Node;

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let opts =
        opts::parse(p, "pv", &[("ignore-fail-on-non-empty", 'i'), ("parents", 'p'), ("verbose", 'v')])?;
    if opts.operands.is_empty() {
        if p.busybox() {
            return super::usage(p);
        }
        p.complain("missing operand")?;
        return super::try_help(p);
    }
    let mut code = 0;
    for name in &opts.operands {
        let mut at = name.trim_end_matches('/').to_owned();
        loop {
            let path = p.path(&at);
            if opts.has('v') {
                p.line(&["rmdir: removing directory, '", &at, "'"].concat())?;
            }
            let gone = match p.lstat(&at)? {
                Ok(Node::Dir(_)) if at == "." || at.ends_with("/.") => Err(Errno::Invalid),
                Ok(Node::Dir(_)) => p.m.remove(&p.cred, &path)?,
                Ok(_) => Err(Errno::NotDir),
                Err(errno) => Err(errno),
            };
            if let Err(errno) = gone {
                if !(opts.has('i') && errno == Errno::NotEmpty) {
                    code = 1;
                    let at = if at == name.trim_end_matches('/') { name } else { &at };
                    let text = if p.busybox() {
                        format!("'{at}': {}", errno.text())
                    } else {
                        format!("failed to remove '{at}': {}", errno.text())
                    };
                    p.complain(&text)?;
                }
                break;
            }
            match at.rsplit_once('/') {
                Some((up, _)) if opts.has('p') && !up.is_empty() => at = up.to_owned(),
                Some(_) if opts.has('p') => {
                    let text = if p.busybox() {
                        "'/': Device or resource busy"
                    } else {
                        "failed to remove directory '/': Device or resource busy"
                    };
                    code = p.fail(1, text)?;
                    break;
                }
                _ => break,
            }
        }
    }
    Ok(code)
}
