//! `mkdir`

use super::{mode, opts};
use crate::shell::machine::Errno;
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
        let existed = opts.has('p') && matches!(p.stat(name)?, Ok(node) if node.is_dir());
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
                let text = if p.busybox() {
                    format!("created directory: '{name}'")
                } else {
                    format!("mkdir: created directory '{name}'")
                };
                p.line(&text)?;
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
            let text = if p.busybox() {
                format!("can't create directory '{name}': {}", errno.text())
            } else {
                format!("cannot create directory ‘{name}’: {}", errno.text())
            };
            p.complain(&text)?;
        }
    }
    Ok(code)
}
