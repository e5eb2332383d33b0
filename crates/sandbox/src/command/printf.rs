//! `printf`

use super::echo::unescape;
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
            return p.fail(2, "usage: printf [-v var] format [arguments]");
        }
        return p.fail(1, "usage: printf FORMAT [ARG]...");
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
                let mut flags = String::new();
                while let Some(flag) = format.get(at).filter(|c| "-+ #0".contains(**c)) {
                    flags.push(*flag);
                    at += 1;
                }
                let mut width = number(format, &mut at, args);
                let mut precision = None;
                if format.get(at) == Some(&'.') {
                    at += 1;
                    precision = Some(number(format, &mut at, args).unwrap_or(0));
                }
                if let Some(negative) = width.filter(|width| *width < 0) {
                    flags.push('-');
                    width = Some(-negative);
                }
                while format.get(at).is_some_and(|c| "hlLqjzt".contains(*c)) {
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
                    's' => cut(arg.unwrap_or_default(), precision),
                    'c' => arg.and_then(|arg| arg.chars().next()).map(String::from).unwrap_or_default(),
                    'b' => {
                        let (bytes, stop) = unescape(&arg.unwrap_or_default(), true);
                        let text = String::from_utf8_lossy(&bytes).into_owned();
                        p.print(&pad(cut(text, precision), &flags, width, false))?;
                        if stop {
                            return Ok(false);
                        }
                        continue;
                    }
                    'q' => crate::shell_quote(&arg.unwrap_or_default()),
                    'd' | 'i' | 'u' | 'x' | 'X' | 'o' => {
                        let arg = arg.unwrap_or_default();
                        if arg.contains(UNKNOWN) {
                            arg
                        } else {
                            let value = integer(&arg);
                            if value.is_none() && !arg.is_empty() {
                                *code = 1;
                                bad_number(p, &arg)?;
                            }
                            let value = value.unwrap_or(0);
                            let digits = match kind {
                                'x' => format!("{value:x}"),
                                'X' => format!("{value:X}"),
                                'o' => format!("{value:o}"),
                                'u' => (value as u64).to_string(),
                                _ => value.unsigned_abs().to_string(),
                            };
                            let digits = match precision.and_then(|n| usize::try_from(n).ok()) {
                                Some(least) => format!("{digits:0>least$}"),
                                None => digits,
                            };
                            let alternate = flags.contains('#') && value != 0;
                            let sign = match kind {
                                'd' | 'i' if value < 0 => "-",
                                'd' | 'i' if flags.contains('+') => "+",
                                'd' | 'i' if flags.contains(' ') => " ",
                                'x' if alternate => "0x",
                                'X' if alternate => "0X",
                                'o' if alternate => "0",
                                _ => "",
                            };
                            let zero = flags.contains('0') && !flags.contains('-') && precision.is_none();
                            if zero {
                                let width = usize::try_from(width.unwrap_or(0)).unwrap_or(0).min(4096);
                                let fill = width.saturating_sub(sign.len());
                                p.print(&format!("{sign}{digits:0>fill$}"))?;
                                continue;
                            }
                            format!("{sign}{digits}")
                        }
                    }
                    'f' | 'F' | 'e' | 'g' | 'G' | 'E' => {
                        let arg = arg.unwrap_or_default();
                        let value: f64 = arg.trim().parse().unwrap_or(0.0);
                        let digits = usize::try_from(precision.unwrap_or(6)).unwrap_or(6).min(100);
                        if matches!(kind, 'g' | 'G') {
                            format!("{value}")
                        } else {
                            format!("{value:.digits$}")
                        }
                    }
                    other => {
                        let shown: String = format!("%{other}");
                        p.complain(&format!("{shown}: invalid format"))?;
                        *code = 1;
                        return Ok(false);
                    }
                };
                let zero = flags.contains('0') && "feEgG".contains(*kind);
                p.print(&pad(text, &flags, width, zero))?;
            }
            c => p.print(c.encode_utf8(&mut [0; 4]))?,
        }
    }
    Ok(true)
}

fn number(format: &[char], at: &mut usize, args: &mut Args) -> Option<i64> {
    if format.get(*at) == Some(&'*') {
        *at += 1;
        return args.next().and_then(|arg| arg.parse().ok());
    }
    let digits: String = format.get(*at..)?.iter().take_while(|c| c.is_ascii_digit()).collect();
    *at += digits.len();
    digits.parse().ok()
}

fn cut(text: String, precision: Option<i64>) -> String {
    match precision.and_then(|n| usize::try_from(n).ok()) {
        Some(most) => text.chars().take(most).collect(),
        None => text,
    }
}

fn pad(text: String, flags: &str, width: Option<i64>, zero: bool) -> String {
    let width = usize::try_from(width.unwrap_or(0)).unwrap_or(0).min(4096);
    if flags.contains('-') {
        format!("{text:<width$}")
    } else if zero {
        format!("{text:0>width$}")
    } else {
        format!("{text:>width$}")
    }
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
