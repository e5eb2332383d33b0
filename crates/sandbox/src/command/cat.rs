//! `cat`

use super::opts;
use crate::shell::process::{Process, Run};

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let opts = opts::parse(p, "nbAevtETsu", &[("number", 'n'), ("show-all", 'A')])?;
    let mut code = 0;
    let mut files = opts.operands.clone();
    if files.is_empty() {
        files.push("-".to_owned());
    }
    let mut number = 0;
    for file in &files {
        match p.read(file)? {
            Ok(bytes) if opts.flags.is_empty() || opts.flags.iter().all(|(flag, _)| *flag == 'u') => {
                p.write(&bytes)?;
            }
            Ok(bytes) => {
                for line in bytes.split_inclusive(|b| *b == b'\n') {
                    let blank = line == b"\n";
                    if opts.has('n') || (opts.has('b') && !blank) {
                        number += 1;
                        p.print(&format!("{number:6}\t"))?;
                    }
                    let ends = opts.any("AeE");
                    let (text, end) = match line.strip_suffix(b"\n") {
                        Some(text) => (text, true),
                        None => (line, false),
                    };
                    if opts.any("AtT") {
                        for byte in text {
                            if *byte == b'\t' { p.print("^I")? } else { p.write(&[*byte])? }
                        }
                    } else {
                        p.write(text)?;
                    }
                    if end {
                        p.print(if ends { "$\n" } else { "\n" })?;
                    }
                }
            }
            Err(errno) => {
                code = 1;
                let text = if p.busybox() && errno != crate::shell::machine::Errno::IsDir {
                    format!("can't open '{file}': {}", errno.text())
                } else if p.busybox() {
                    format!("read error: {}", errno.text())
                } else {
                    format!("{file}: {}", errno.text())
                };
                p.complain(&text)?;
            }
        }
    }
    Ok(code)
}
