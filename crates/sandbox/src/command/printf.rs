//! `printf`

use super::echo::unescape;
use super::format::{Spec, number};
use crate::shell::machine::UNKNOWN;
use crate::shell::parse::Dialect;
use crate::shell::process::{Process, Run};

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let mut args = std::mem::take(&mut p.args).into_iter().peekable();
    if args.peek().is_some_and(|arg| arg == "--") {
        args.next();
    }
    let Some(format) = args.next() else {
        if p.dialect == Some(Dialect::Bash) {
            p.error("printf: usage: printf [-v var] format [arguments]")?;
            return Ok(2);
        }
        return match p.dialect {
            Some(Dialect::Ash) => {
                let text = [&p.prefix, "usage: printf FORMAT [ARGUMENT...]"].concat();
                p.error(&text)?;
                Ok(2)
            }
            Some(_) => p.fail(2, "usage: printf format [arg ...]"),
            None if p.busybox() => p.fail(1, "usage: printf FORMAT [ARGUMENT...]"),
            None => p.complain("missing operand").and_then(|()| super::try_help(p)),
        };
    };
    let format: Vec<char> = format.chars().collect();
    let mut code = 0;
    loop {
        let before = args.len();
        if !one(p, &format, &mut args, &mut code)? {
            return Ok(code);
        }
        if args.len() == 0 || args.len() == before {
            return Ok(code);
        }
        p.m.spend(1)?;
    }
}

type Args = std::iter::Peekable<std::vec::IntoIter<String>>;

/// One pass over the format; `false` if `\c` ended it.
fn one(
    p: &mut Process<'_, '_>,
    format: &[char],
    args: &mut Args,
    code: &mut u8,
) -> Result<bool, crate::shell::machine::Halt> {
    let mut at = 0;
    while let Some(c) = format.get(at) {
        at += 1;
        match c {
            '\\' => {
                let end = (at + 4).min(format.len());
                let mut len = 1;
                let mut text = String::from("\\");
                // The longest escape has four characters; take what belongs to it.
                if let Some(next) = format.get(at) {
                    text.push(*next);
                    len = 1;
                    let octal = next.is_digit(8);
                    let hex = *next == 'x';
                    let most = if octal || hex { 2 } else { 0 };
                    for next in format.get(at + 1..end).unwrap_or(&[]).iter().take(most) {
                        if (octal && next.is_digit(8)) || (hex && next.is_ascii_hexdigit()) {
                            text.push(*next);
                            len += 1;
                        } else {
                            break;
                        }
                    }
                }
                at += len;
                if p.dialect == Some(Dialect::Dash)
                    && text.starts_with(['\\'])
                    && matches!(text.chars().nth(1), Some('x' | 'c'))
                {
                    p.print(&text)?;
                    continue;
                }
                let (bytes, stop) = unescape(&text, false);
                p.write(&bytes)?;
                if stop {
                    return Ok(false);
                }
            }
            '%' if format.get(at) == Some(&'%') => {
                at += 1;
                p.write(b"%")?;
            }
            '%' => {
                let begin = at;
                let mut flags = String::new();
                while let Some(flag) = format.get(at).filter(|c| "-+ #0".contains(**c)) {
                    flags.push(*flag);
                    at += 1;
                }
                let mut star = || args.next().map(|arg| arg.parse().unwrap_or(0));
                let width = number(format, &mut at, &mut star);
                let mut precision = None;
                if format.get(at) == Some(&'.') {
                    at += 1;
                    precision = number(format, &mut at, &mut star).or(Some(0));
                }
                let spec = Spec::new(&flags, width, precision);
                let lengths = match p.dialect {
                    Some(Dialect::Dash) => "",
                    Some(Dialect::Ash) => "hlLz",
                    _ if p.busybox() => "hlLz",
                    _ => "hlLjzt",
                };
                while format.get(at).is_some_and(|c| lengths.contains(*c)) {
                    at += 1;
                }
                let Some(kind) = format.get(at) else {
                    p.complain("%: invalid format")?;
                    *code = 1;
                    return Ok(false);
                };
                at += 1;
                let arg = args.next();
                let text = match kind {
                    's' => spec.text(&arg.unwrap_or_default()),
                    'c' => {
                        let c = arg.and_then(|arg| arg.chars().next());
                        spec.text(&c.map(String::from).unwrap_or_default())
                    }
                    'b' => {
                        let arg = arg.unwrap_or_default();
                        let arg =
                            if p.dialect == Some(Dialect::Dash) { super::echo::hexless(&arg) } else { arg };
                        let (bytes, stop) = unescape(&octals(&arg), true);
                        let text = String::from_utf8_lossy(&bytes).into_owned();
                        p.print(&spec.text(&text))?;
                        if stop {
                            return Ok(false);
                        }
                        continue;
                    }
                    'q' if p.dialect != Some(Dialect::Ash)
                        && p.dialect != Some(Dialect::Dash)
                        && !p.busybox() =>
                    {
                        let arg = arg.unwrap_or_default();
                        if p.dialect == Some(Dialect::Bash) {
                            spec.text(&backslashed(&arg))
                        } else {
                            spec.text(&crate::shell_quote(&arg))
                        }
                    }
                    'd' | 'i' | 'u' | 'x' | 'X' | 'o' => {
                        let arg = arg.unwrap_or_default();
                        if arg.contains(UNKNOWN) {
                            arg
                        } else {
                            let mut value = integer(&arg);
                            let ash = p.dialect == Some(Dialect::Ash) || (p.dialect.is_none() && p.busybox());
                            if arg.is_empty() && ash {
                                *code = 1;
                                bad_number(p, &arg)?;
                            }
                            if value.is_none() && !arg.is_empty() {
                                *code = 1;
                                // The beginning counts where it is a number.
                                let head: String = arg
                                    .char_indices()
                                    .take_while(|(at, c)| {
                                        c.is_ascii_digit() || (*at == 0 && matches!(c, '-' | '+'))
                                    })
                                    .map(|(_, c)| c)
                                    .collect();
                                value = integer(&head)
                                    .filter(|_| !p.busybox() && p.dialect != Some(Dialect::Ash));
                                match (value, p.dialect) {
                                    (Some(_), Some(Dialect::Dash)) => {
                                        p.complain(&format!("{arg}: not completely converted"))?;
                                    }
                                    (Some(_), None) => {
                                        p.complain(&format!("‘{arg}’: value not completely converted"))?;
                                    }
                                    _ => bad_number(p, &arg)?,
                                }
                            }
                            spec.whole(*kind, value.unwrap_or(0))
                        }
                    }
                    'f' | 'F' | 'e' | 'g' | 'G' | 'E' => {
                        let arg = arg.unwrap_or_default();
                        let value = arg.trim().parse::<f64>();
                        if value.is_err() && integer(&arg).is_none() && !arg.is_empty() {
                            *code = 1;
                            bad_number(p, &arg)?;
                        }
                        let value = value.ok().or_else(|| integer(&arg).map(|value| value as f64));
                        spec.real(*kind, value.unwrap_or(0.0))
                    }
                    other => {
                        let rest: String = format.get(at..).unwrap_or(&[]).iter().collect();
                        let mut letter: String = format.get(begin..at).unwrap_or(&[]).iter().collect();
                        if p.dialect == Some(Dialect::Bash) {
                            letter = other.to_string();
                        }
                        match p.dialect {
                            Some(Dialect::Ash) => {
                                let text = [&p.prefix, "%", &letter, &rest, ": invalid format"].concat();
                                p.error(&text)?;
                            }
                            Some(Dialect::Dash) => {
                                p.complain(&["%", &letter, ": invalid directive"].concat())?;
                            }
                            Some(Dialect::Bash) => {
                                p.complain(&["`", &letter, "': invalid format character"].concat())?;
                            }
                            None if p.busybox() => {
                                p.complain(&["%", &letter, &rest, ": invalid format"].concat())?;
                            }
                            None => {
                                p.complain(&["%", &letter, ": invalid conversion specification"].concat())?;
                            }
                        }
                        *code = if p.dialect == Some(Dialect::Dash) { 2 } else { 1 };
                        return Ok(false);
                    }
                };
                p.print(&text)?;
            }
            c => p.print(c.encode_utf8(&mut [0; 4]))?,
        }
    }
    Ok(true)
}

/// Octal escapes with the zero that `echo` asks for.
fn octals(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        out.push(c);
        if c == '\\' {
            match chars.next() {
                Some(digit @ '1'..='7') => out.extend(['0', digit]),
                other => out.extend(other),
            }
        }
    }
    out
}

/// A word as bash's `%q` writes it.
fn backslashed(text: &str) -> String {
    if text.is_empty() {
        return "''".to_owned();
    }
    if text.contains(|c: char| c.is_control()) {
        return crate::shell_quote(text);
    }
    let mut out = String::new();
    for (at, c) in text.chars().enumerate() {
        if " '\"\\|&;()<>!{}*[?]^$`,".contains(c) || (at == 0 && "~#".contains(c)) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn integer(text: &str) -> Option<i64> {
    let text = text.trim_start();
    if let Some(rest) = text.strip_prefix(['\'', '"']) {
        return rest.chars().next().map(|c| i64::from(u32::from(c)));
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let value = if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        i64::from_str_radix(hex, 16).ok()?
    } else if digits.len() > 1 && digits.starts_with('0') {
        i64::from_str_radix(digits, 8).ok()?
    } else {
        digits.parse().ok()?
    };
    Some(if negative { -value } else { value })
}

fn bad_number(p: &mut Process<'_, '_>, arg: &str) -> Result<(), crate::shell::machine::Halt> {
    match p.dialect {
        Some(Dialect::Bash) => p.complain(&format!("{arg}: invalid number")),
        Some(Dialect::Ash) => {
            let shell = p.prefix.clone();
            p.error(&format!("{shell}invalid number '{arg}'"))
        }
        None if p.busybox() => p.complain(&format!("invalid number '{arg}'")),
        Some(Dialect::Dash) => p.complain(&format!("{arg}: expected numeric value")),
        None => p.complain(&format!("‘{arg}’: expected a numeric value")),
    }
}
