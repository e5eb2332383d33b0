//! `echo`

use crate::shell::parse::Dialect;
use crate::shell::process::{Process, Run};

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let dash = p.dialect == Some(Dialect::Dash);
    let mut newline = true;
    let mut escapes = dash;
    let mut at = 0;
    while let Some(arg) = args.get(at) {
        let flags = arg.strip_prefix('-').unwrap_or("");
        let valid =
            if dash { flags == "n" } else { !flags.is_empty() && flags.chars().all(|c| "neE".contains(c)) };
        if !valid {
            break;
        }
        for flag in flags.chars() {
            match flag {
                'n' => newline = false,
                'e' => escapes = true,
                _ => escapes = false,
            }
        }
        at += 1;
        if dash {
            break;
        }
    }
    let text = args.get(at..).unwrap_or(&[]).join(" ");
    if escapes {
        // Dash knows no hexadecimal ones.
        let text = if dash { hexless(&text) } else { text };
        let (bytes, stop) = unescape(&text, true);
        p.write(&bytes)?;
        newline &= !stop;
    } else {
        p.print(&text)?;
    }
    if newline {
        p.write(b"\n")?;
    }
    Ok(0)
}

/// A text whose `\\x` stays as it is when its escapes are replaced.
pub(super) fn hexless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.push(c);
        if c == '\\' {
            match chars.next() {
                Some('x') => out.push_str("\\x"),
                other => out.extend(other),
            }
        }
    }
    out
}

/// Replaces escapes as `echo -e` (octals need a 0) or a `printf` format (they do not) read them; tells whether
/// `\c` ended it.
pub(super) fn unescape(text: &str, echo: bool) -> (Vec<u8>, bool) {
    let mut out = Vec::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        match chars.next() {
            None => out.push(b'\\'),
            Some('n') => out.push(b'\n'),
            Some('t') => out.push(b'\t'),
            Some('r') => out.push(b'\r'),
            Some('a') => out.push(7),
            Some('b') => out.push(8),
            Some('f') => out.push(12),
            Some('v') => out.push(11),
            Some('e') => out.push(27),
            Some('\\') => out.push(b'\\'),
            Some('"') if !echo => out.push(b'"'),
            Some('c') => return (out, true),
            Some('x') => {
                let mut value = 0u32;
                let mut digits = 0;
                while let Some(digit) = chars.peek().and_then(|c| c.to_digit(16)).filter(|_| digits < 2) {
                    value = value * 16 + digit;
                    digits += 1;
                    chars.next();
                }
                if digits == 0 { out.extend_from_slice(b"\\x") } else { out.push(value as u8) }
            }
            Some(first @ '0'..='7') if !echo || first == '0' => {
                let mut value = first.to_digit(8).unwrap_or(0);
                let mut digits = usize::from(!echo);
                while let Some(digit) = chars.peek().and_then(|c| c.to_digit(8)).filter(|_| digits < 3) {
                    value = value * 8 + digit;
                    digits += 1;
                    chars.next();
                }
                out.push(value as u8);
            }
            Some(other) => {
                out.push(b'\\');
                out.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
    }
    (out, false)
}
