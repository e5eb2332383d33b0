//! `touch`: makes what is missing; what is there gets a new time, which the tree does not hold, and a new origin.

use super::opts;
use crate::shell::machine::Errno;
use crate::shell::process::{Process, Run};

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let longs =
        [("no-create", 'c'), ("date=", 'd'), ("reference=", 'r'), ("no-dereference", 'h'), ("time=", 'd')];
    let opts = opts::parse(p, "acmhd:t:r:", &longs)?;
    if opts.operands.is_empty() {
        return if p.busybox() {
            super::usage(p)
        } else {
            p.complain("missing file operand").and_then(|()| super::try_help(p))
        };
    }
    if let Some(text) = opts.value('d').filter(|text| super::date::meaningless(text)) {
        let text = if p.busybox() {
            format!("invalid date '{text}'")
        } else {
            format!("invalid date format ‘{text}’")
        };
        return p.fail(1, &text);
    }
    let mut code = 0;
    for name in &opts.operands {
        if name == "-" && !p.busybox() {
            // Standard output.
            continue;
        }
        let done = match p.stat(name) {
            Ok(Ok(_)) => p.touch(name)?,
            Ok(Err(Errno::NoEntry)) if opts.has('c') => Ok(()),
            Ok(Err(Errno::NoEntry)) | Err(crate::shell::machine::Halt::Unknown(_)) => {
                p.write_file(name, Vec::new())?
            }
            Ok(Err(errno)) => Err(errno),
            Err(halt) => return Err(halt),
        };
        if let Err(errno) = done {
            code = 1;
            let text = if p.busybox() {
                format!("{name}: {}", errno.text())
            } else {
                format!("cannot touch '{name}': {}", errno.text())
            };
            p.complain(&text)?;
        }
    }
    Ok(code)
}
