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
    // Whether the last file ended within a line, and whether a blank line was the last.
    let (mut within, mut blank_before) = (false, false);
    for file in &files {
        match p.read(file)? {
            Ok(bytes) if opts.flags.is_empty() || opts.flags.iter().all(|(flag, _)| *flag == 'u') => {
                p.write(&bytes)?;
            }
            Ok(bytes) => {
                for line in bytes.split_inclusive(|b| *b == b'\n') {
                    let blank = line == b"\n";
                    if blank && blank_before && opts.has('s') {
                        continue;
                    }
                    blank_before = blank;
                    let goes_on = std::mem::replace(&mut within, !line.ends_with(b"\n") && !p.busybox());
                    if !goes_on && (opts.has('n') || (opts.has('b') && !blank)) {
                        number += 1;
                        p.print(&format!("{number:6}\t"))?;
                    }
                    let ends = opts.any("AeE");
                    let (text, end) = match line.strip_suffix(b"\n") {
                        Some(text) => (text, true),
                        None => (line, false),
                    };
                    if opts.any("AtTve") {
                        for byte in text {
                            visible(p, *byte, opts.any("AtT"), opts.any("Aetv"))?;
                        }
                    } else {
                        p.write(text)?;
                    }
                    // BusyBox ends the last line where it numbers them.
                    if end || (p.busybox() && opts.any("nb")) {
                        p.print(if ends { "$\n" } else { "\n" })?;
                    }
                }
            }
            Err(crate::shell::machine::Errno::IsDir) if p.busybox() && opts.any("nbAevtT") => {}
            Err(errno) if p.busybox() && opts.any("nb") => {
                code = p.fail(1, &format!("{file}: {}", errno.text()))?;
            }
            Err(errno) => {
                code = 1;
                let text = if p.busybox() && errno != crate::shell::machine::Errno::IsDir {
                    format!("can't open '{file}': {}", errno.text())
                } else if p.busybox() {
                    format!("read error: {}", errno.text())
                } else {
                    format!("{}: {}", super::text::quoted(file), errno.text())
                };
                p.complain(&text)?;
            }
        }
    }
    Ok(code)
}

/// A byte as `-v` shows it, tabs only where `tabs` asks for it.
fn visible(
    p: &mut Process<'_, '_>,
    byte: u8,
    tabs: bool,
    others: bool,
) -> Result<(), crate::shell::machine::Halt> {
    let low = byte & 0x7f;
    if (byte == b'\t' && !tabs) || (byte != b'\t' && !others) {
        return p.write(&[byte]);
    }
    let head: &[u8] = if byte >= 0x80 { b"M-" } else { b"" };
    p.write(head)?;
    match low {
        0x7f => p.write(b"^?"),
        0..0x20 => p.write(&[b'^', low + 64]),
        _ => p.write(&[low]),
    }
}
