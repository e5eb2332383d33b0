//! `test` and `[`

use crate::shell::machine::{Halt, UNKNOWN};
use crate::shell::parse::Dialect;
use crate::shell::process::{Process, Run};
use crate::tree::Node;

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let mut args = std::mem::take(&mut p.args);
    for arg in &args {
        p.m.decides_by(arg);
    }
    if p.name == "[" || p.name == "[[" {
        let close = if p.name == "[" { "]" } else { "]]" };
        if args.pop().as_deref() != Some(close) {
            return match p.dialect {
                Some(Dialect::Ash) => {
                    let prefix = p.prefix.clone();
                    p.error(&format!("{prefix}missing {close}"))?;
                    Ok(2)
                }
                Some(Dialect::Bash) => p.fail(2, "missing `]'"),
                _ => p.fail(2, &format!("missing {close}")),
            };
        }
    }
    match evaluate(p, &args) {
        Ok(Ok(value)) => Ok(u8::from(!value)),
        Ok(Err(text)) => {
            match p.dialect {
                Some(Dialect::Ash) => {
                    let prefix = p.prefix.clone();
                    p.error(&format!("{prefix}{text}"))?;
                }
                _ => p.complain(&text)?,
            }
            Ok(2)
        }
        Err(Halt::Unknown(why)) => {
            // What may exist is taken to exist, and said to be unknown.
            let words = format!("{} {}", p.name, args.join(" "));
            let cwd = p.cwd.clone();
            p.m.note_unknown(words, why, true, &cwd);
            Ok(0)
        }
        Err(halt) => Err(halt),
    }
}

type Answer = Result<Result<bool, String>, Halt>;

fn evaluate(p: &mut Process<'_, '_>, args: &[String]) -> Answer {
    match args {
        [] => Ok(Ok(false)),
        [one] => Ok(Ok(!one.is_empty())),
        [not, one] if not == "!" => Ok(Ok(one.is_empty())),
        [op, one] if is_unary(op) => unary(p, op, one),
        [a, op, b] if is_binary(op) => binary(p, a, op, b),
        [not, rest @ ..] if not == "!" && rest.len() <= 3 => Ok(evaluate(p, rest)?.map(|value| !value)),
        [open, one, close] if open == "(" && close == ")" => Ok(Ok(!one.is_empty())),
        _ => {
            let mut at = 0;
            let value = or(p, args, &mut at, 0)?;
            if value.is_ok() && at < args.len() {
                let odd = args.get(at).cloned().unwrap_or_default();
                let last = args.get(at.saturating_sub(1)).cloned().unwrap_or_default();
                if p.dialect == Some(Dialect::Dash) && args.len() > 2 {
                    return Ok(Err([&last, ": unexpected operator"].concat()));
                }
                return Ok(Err(unexpected(p, args, &odd)));
            }
            Ok(value)
        }
    }
}

fn unexpected(p: &Process<'_, '_>, args: &[String], odd: &str) -> String {
    match p.dialect {
        Some(Dialect::Bash) if args.len() == 3 => {
            format!("{}: binary operator expected", args.get(1).map_or("", String::as_str))
        }
        Some(Dialect::Bash) if args.len() == 2 => {
            format!("{}: unary operator expected", args.first().map_or("", String::as_str))
        }
        Some(Dialect::Bash) => "too many arguments".to_owned(),
        Some(Dialect::Dash) => {
            format!("{}: unexpected operator", args.first().map_or("", String::as_str))
        }
        _ if p.busybox() => format!("{odd}: unknown operand"),
        _ => format!("extra argument ‘{odd}’"),
    }
}

fn or(p: &mut Process<'_, '_>, args: &[String], at: &mut usize, depth: u32) -> Answer {
    let mut value = and(p, args, at, depth)?;
    while value.is_ok() && args.get(*at).is_some_and(|op| op == "-o") {
        *at += 1;
        let right = and(p, args, at, depth)?;
        value = value.and_then(|a| right.map(|b| a || b));
    }
    Ok(value)
}

fn and(p: &mut Process<'_, '_>, args: &[String], at: &mut usize, depth: u32) -> Answer {
    let mut value = not(p, args, at, depth)?;
    while value.is_ok() && args.get(*at).is_some_and(|op| op == "-a") {
        *at += 1;
        let right = not(p, args, at, depth)?;
        value = value.and_then(|a| right.map(|b| a && b));
    }
    Ok(value)
}

fn not(p: &mut Process<'_, '_>, args: &[String], at: &mut usize, depth: u32) -> Answer {
    p.m.spend(1)?;
    if depth > 50 {
        return Err(Halt::Fuel);
    }
    let Some(first) = args.get(*at) else { return Ok(Err("argument expected".to_owned())) };
    let second = args.get(*at + 1);
    if let Some(op) = second.filter(|op| is_binary(op))
        && let Some(right) = args.get(*at + 2)
    {
        *at += 3;
        return binary(p, first, op, right);
    }
    if first == "!" {
        *at += 1;
        return Ok(not(p, args, at, depth + 1)?.map(|value| !value));
    }
    if first == "(" {
        *at += 1;
        let value = or(p, args, at, depth + 1)?;
        *at += 1;
        return Ok(value);
    }
    // An operator without its right side.
    if let Some(op) = second.filter(|op| is_binary(op) && args.len() == *at + 2) {
        let bash = p.dialect == Some(Dialect::Bash);
        let text = if bash { unexpected(p, args, op) } else { [op, ": argument expected"].concat() };
        return Ok(Err(text));
    }
    if let Some(operand) = second.filter(|_| is_unary(first)) {
        *at += 2;
        return unary(p, first, operand);
    }
    *at += 1;
    Ok(Ok(!first.is_empty()))
}

fn is_unary(op: &str) -> bool {
    let mut chars = op.chars();
    chars.next() == Some('-')
        && chars.next().is_some_and(|c| "bcdefghkLprsStuwxzOGnN".contains(c))
        && chars.next().is_none()
}

fn is_binary(op: &str) -> bool {
    matches!(
        op,
        "=" | "==" | "!=" | "<" | ">" | "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" | "-nt" | "-ot" | "-ef"
    )
}

fn unary(p: &mut Process<'_, '_>, op: &str, operand: &str) -> Answer {
    let unknown = operand.contains(UNKNOWN);
    match op {
        "-z" => return Ok(Ok(operand.is_empty())),
        "-n" => return Ok(Ok(!operand.is_empty())),
        "-t" => return Ok(Ok(false)),
        _ if unknown => {
            return Err(Halt::Unknown(crate::shell::Why::Content(operand.to_owned())));
        }
        _ => {}
    }
    if operand == "/dev/null" || operand == "/dev/tty" || operand == "/dev/zero" {
        return Ok(Ok(matches!(op, "-e" | "-c" | "-r" | "-w")));
    }
    let node = if matches!(op, "-L" | "-h") { p.lstat(operand)? } else { p.stat(operand)? };
    let Ok(node) = node else { return Ok(Ok(false)) };
    let meta = node.meta();
    Ok(Ok(match op {
        "-e" => true,
        "-f" => node.as_file().is_some(),
        "-d" => node.is_dir(),
        "-L" | "-h" => node.is_symlink(),
        "-s" => match &node {
            Node::File(file) => match &file.content {
                crate::tree::Content::Unknown { .. } => true,
                content => content.size() > 0,
            },
            _ => true,
        },
        "-r" => p.cred.may(meta, 4),
        "-w" => p.cred.may(meta, 2),
        "-x" => p.cred.may(meta, 1) || (p.cred.uid == 0 && node.is_dir()),
        "-u" => meta.mode & 0o4000 != 0,
        "-g" => meta.mode & 0o2000 != 0,
        "-k" => meta.mode & 0o1000 != 0,
        "-O" => meta.uid == p.cred.uid,
        "-G" => meta.gid == p.cred.gid,
        "-N" => true,
        _ => false,
    }))
}

fn binary(p: &mut Process<'_, '_>, a: &str, op: &str, b: &str) -> Answer {
    if op == "==" && p.dialect == Some(Dialect::Dash) {
        return Ok(Err([a, ": unexpected operator"].concat()));
    }
    if op == "==" && p.name == "[[" && p.busybox() {
        return Ok(Ok(crate::shell::pattern::matches(b, a)));
    }
    if a.contains(UNKNOWN) || b.contains(UNKNOWN) {
        // Nobody knows; a build goes on as if the check had passed.
        let words = format!("{a} {op} {b}").replace(UNKNOWN, "…");
        let cwd = p.cwd.clone();
        let why = crate::shell::Why::Content(words.clone());
        p.m.note_unknown(format!("[ {words} ]"), why, true, &cwd);
        return Ok(Ok(true));
    }
    match op {
        "=" | "==" => return Ok(Ok(a == b)),
        "!=" => return Ok(Ok(a != b)),
        "<" => return Ok(Ok(a < b)),
        ">" => return Ok(Ok(a > b)),
        "-ef" => {
            let (left, right) = (p.m.resolve(&p.path(a), true)?, p.m.resolve(&p.path(b), true)?);
            return Ok(Ok(match (left, right) {
                (Ok(left), Ok(right)) => {
                    let link = |node: &Option<Node>| match node {
                        Some(Node::File(file)) if file.hardlink != 0 => Some(file.hardlink),
                        _ => None,
                    };
                    let linked = link(&left.node).is_some() && link(&left.node) == link(&right.node);
                    left.node.is_some() && (left.path == right.path || linked)
                }
                _ => false,
            }));
        }
        "-nt" | "-ot" => {
            // Times are no part of the tree; what exists is newer than what does not.
            let (left, right) = (p.stat(a)?.is_ok(), p.stat(b)?.is_ok());
            if left && right && crate::tree::clean(&p.path(a)) != crate::tree::clean(&p.path(b)) {
                return Err(Halt::Unknown(crate::shell::Why::Option(op.to_owned())));
            }
            return Ok(Ok(if op == "-nt" { left && !right } else { !left && right }));
        }
        _ => {}
    }
    let number = |text: &str| text.trim().parse::<i64>().ok();
    let (left, right) = match (number(a), number(b)) {
        (Some(left), Some(right)) => (left, right),
        (left, _) => {
            let bad = if left.is_none() { a } else { b };
            return Ok(Err(match p.dialect {
                Some(Dialect::Bash) => format!("{bad}: integer expression expected"),
                Some(Dialect::Dash) => format!("Illegal number: {bad}"),
                Some(Dialect::Ash) if bad.is_empty() => "bad number".to_owned(),
                Some(Dialect::Ash) if bad.len() > 18 && bad.bytes().all(|b| b.is_ascii_digit()) => {
                    format!("{bad}: out of range")
                }
                _ if p.busybox() => format!("{bad}: bad number"),
                _ => format!("invalid integer ‘{bad}’"),
            }));
        }
    };
    Ok(Ok(match op {
        "-eq" => left == right,
        "-ne" => left != right,
        "-lt" => left < right,
        "-le" => left <= right,
        "-gt" => left > right,
        _ => left >= right,
    }))
}
