//! Builtins that read input, options and masks.

use super::print;
use crate::command;
use crate::shell::eval::{Shell, Value, Var};
use crate::shell::machine::Machine;
use crate::shell::parse::{Dialect, valid_name};
use crate::shell::process::Run;

pub(super) fn read(shell: &mut Shell, m: &mut Machine<'_>, args: &[String]) -> Run {
    let mut raw = false;
    let mut array = false;
    let mut fd = 0;
    let mut letters = None;
    let mut delimiter = '\n';
    let mut names: Vec<String> = Vec::new();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let Some(flags) = arg.strip_prefix('-').filter(|_| names.is_empty()) else {
            names.push(arg.clone());
            continue;
        };
        if flags == "-" {
            continue;
        }
        for flag in flags.chars() {
            let known = match shell.dialect {
                Dialect::Dash => "rp",
                Dialect::Ash => "rpnstud",
                Dialect::Bash => "rpnstudaeiN",
            };
            if !known.contains(flag) {
                let text = match shell.dialect {
                    Dialect::Ash => format!("illegal option -{flag}"),
                    Dialect::Dash => format!("Illegal option -{flag}"),
                    Dialect::Bash => format!("-{flag}: invalid option"),
                };
                shell.fail(m, "read", 2, &text)?;
                if shell.dialect == Dialect::Bash {
                    shell.write_error(
                        m,
                        "read: usage: read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]\n",
                    )?;
                }
                return Ok(2);
            }
            match flag {
                'r' => raw = true,
                'a' => array = true,
                'n' | 'N' => letters = args.next().and_then(|count| count.parse::<usize>().ok()),
                'd' => delimiter = args.next().and_then(|text| text.chars().next()).unwrap_or('\0'),
                'u' => fd = args.next().and_then(|fd| fd.parse().ok()).unwrap_or(0),
                'p' | 't' | 'i' => {
                    args.next();
                }
                _ => {}
            }
        }
    }
    if names.is_empty() && shell.dialect == Dialect::Dash {
        return shell.fail(m, "read", 2, "arg count");
    }
    if let Some(name) = names.iter().find(|name| !valid_name(name)).cloned() {
        return match shell.dialect {
            Dialect::Ash => {
                let text =
                    [crate::tree::base_name(&shell.name0), ": read: '", &name, "': bad variable name\n"];
                shell.write_error(m, &text.concat())?;
                Ok(1)
            }
            Dialect::Dash => shell.fail(m, "read", 2, &[&name, ": bad variable name"].concat()),
            Dialect::Bash => shell.fail(m, "read", 1, &["`", &name, "': not a valid identifier"].concat()),
        };
    }
    let Some(stream) = shell.fds.get(&fd).copied() else { return Ok(1) };
    let mut text = String::new();
    let mut ended = false;
    if let Some(count) = letters {
        let bytes = m.drain(stream);
        let all = String::from_utf8_lossy(&bytes).into_owned();
        let line = all.split(delimiter).next().unwrap_or("");
        text = line.chars().take(count).collect();
        ended = text.chars().count() == count;
        let mut rest = all.get(text.len()..).unwrap_or("");
        if !ended && rest.starts_with(delimiter) {
            rest = rest.get(delimiter.len_utf8()..).unwrap_or("");
            ended = true;
        }
        let rest = m.open(crate::shell::machine::Stream::Data { bytes: rest.as_bytes().to_vec(), pos: 0 });
        m.streams.swap(stream, rest);
    } else if delimiter == '\n' {
        while let Some(bytes) = m.read_line(stream) {
            m.spend(1 + bytes.len() as u64 / 64)?;
            let mut line = String::from_utf8_lossy(&bytes).into_owned();
            ended = line.ends_with('\n');
            if ended {
                line.pop();
            }
            let odd = line.chars().rev().take_while(|c| *c == '\\').count() % 2 == 1;
            if !raw && odd && ended {
                line.pop();
                text.push_str(&line);
                continue;
            }
            text.push_str(&line);
            break;
        }
    } else {
        let bytes = m.drain(stream);
        let all = String::from_utf8_lossy(&bytes).into_owned();
        match all.split_once(delimiter) {
            Some((first, rest)) => {
                text = first.to_owned();
                ended = true;
                let stream_at =
                    m.open(crate::shell::machine::Stream::Data { bytes: rest.as_bytes().to_vec(), pos: 0 });
                m.streams.swap(stream, stream_at);
            }
            None => text = all,
        }
    }
    // No variable holds a NUL.
    let text = text.replace('\0', "");
    let ifs = shell.get("IFS").unwrap_or_else(|| " \t\n".to_owned());
    if names.is_empty() {
        names.push("REPLY".to_owned());
        shell.assign(m, "REPLY", text)?;
        return Ok(u8::from(!ended));
    }
    let count = if array { usize::MAX } else { names.len() };
    let fields = split_read(&text, &ifs, raw, count);
    if array {
        let value = Value::Array(fields);
        let name = names.first().cloned().unwrap_or_default();
        shell.vars.insert(name, Var { value, exported: false, readonly: false });
    } else {
        let mut fields = fields.into_iter();
        for name in names {
            shell.assign(m, &name, fields.next().unwrap_or_default())?;
        }
    }
    Ok(u8::from(!ended))
}

/// Splits a line as `read` does: the last field takes the rest.
pub(super) fn split_read(text: &str, ifs: &str, raw: bool, count: usize) -> Vec<String> {
    let blank = |c: char| c.is_ascii_whitespace() && ifs.contains(c);
    let mut fields = Vec::new();
    let mut rest: Vec<(char, bool)> = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '\\' && !raw {
            rest.extend(chars.next().map(|c| (c, true)));
        } else {
            rest.push((c, false));
        }
    }
    let mut at = 0;
    let is_blank = |at: usize| rest.get(at).is_some_and(|(c, escaped)| !escaped && blank(*c));
    let is_ifs = |at: usize| rest.get(at).is_some_and(|(c, escaped)| !escaped && ifs.contains(*c));
    while is_blank(at) {
        at += 1;
    }
    while at < rest.len() {
        let last = fields.len() + 1 >= count;
        let start = at;
        if last {
            let mut end = rest.len();
            while end > start && is_blank(end - 1) {
                end -= 1;
            }
            fields.push(rest.get(start..end).unwrap_or(&[]).iter().map(|(c, _)| *c).collect());
            break;
        }
        while at < rest.len() && !is_ifs(at) {
            at += 1;
        }
        fields.push(rest.get(start..at).unwrap_or(&[]).iter().map(|(c, _)| *c).collect());
        while is_blank(at) {
            at += 1;
        }
        if is_ifs(at) && !is_blank(at) {
            at += 1;
            while is_blank(at) {
                at += 1;
            }
        }
    }
    fields
}

pub(super) fn mapfile(shell: &mut Shell, m: &mut Machine<'_>, args: &[String]) -> Run {
    let strip = args.iter().any(|arg| arg == "-t");
    let name = args.iter().rev().find(|arg| !arg.starts_with('-')).cloned();
    let mut items = Vec::new();
    if let Some(stream) = shell.fds.get(&0).copied() {
        while let Some(line) = m.read_line(stream) {
            m.spend(1)?;
            let mut text = String::from_utf8_lossy(&line).into_owned();
            if strip {
                text = text.trim_end_matches('\n').to_owned();
            }
            items.push(text);
        }
    }
    let var = Var { value: Value::Array(items), exported: false, readonly: false };
    shell.vars.insert(name.unwrap_or_else(|| "MAPFILE".to_owned()), var);
    Ok(0)
}

pub(super) fn umask(shell: &mut Shell, m: &mut Machine<'_>, args: &[String]) -> Run {
    match args.first().map(String::as_str) {
        None => {
            let text = format!("{:04o}\n", shell.umask);
            print(shell, m, &text)?;
        }
        Some("-S") => {
            let mode = !shell.umask & 0o777;
            let who = |shift: u32| {
                let bits = mode >> shift;
                let letters = [(4, 'r'), (2, 'w'), (1, 'x')];
                letters.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, c)| *c).collect::<String>()
            };
            let text = format!("u={},g={},o={}\n", who(6), who(3), who(0));
            print(shell, m, &text)?;
        }
        Some(text) => match u32::from_str_radix(text, 8) {
            Ok(mask) => shell.umask = mask & 0o777,
            Err(_) => match command::mode::parse(text, !shell.umask & 0o777, true, 0) {
                Some(mode) => shell.umask = !mode & 0o777,
                None => return shell.fail(m, "umask", 1, &format!("illegal mode: {text}")),
            },
        },
    }
    Ok(0)
}

pub(super) fn getopts(shell: &mut Shell, m: &mut Machine<'_>, args: &[String]) -> Run {
    let (Some(spec), Some(name)) = (args.first(), args.get(1)) else {
        return match shell.dialect {
            Dialect::Ash => shell.fail(m, "getopts", 2, "usage: getopts optstring var [arg]"),
            _ => shell.fail(m, "getopts", 2, "Usage: getopts optstring var [arg...]"),
        };
    };
    let operands =
        if args.len() > 2 { args.get(2..).unwrap_or(&[]).to_vec() } else { shell.positional.clone() };
    let mut index: usize = shell.get("OPTIND").and_then(|n| n.parse().ok()).unwrap_or(1);
    let mut offset: usize = shell.get("_GETOPTS_AT").and_then(|n| n.parse().ok()).unwrap_or(1);
    let silent = spec.starts_with(':');
    let current = operands.get(index.wrapping_sub(1)).cloned().unwrap_or_default();
    let letter =
        if current.starts_with('-') && current.len() > 1 { current.chars().nth(offset) } else { None };
    let Some(letter) = letter.filter(|_| current != "--") else {
        if current == "--" {
            index += 1;
        }
        if shell.dialect != Dialect::Dash {
            shell.vars.remove("OPTARG");
        }
        shell.put("OPTIND", index.to_string());
        shell.assign(m, name, "?".to_owned())?;
        return Ok(1);
    };
    let last = offset + 1 >= current.chars().count();
    let known = letter != ':' && spec.contains(letter);
    let takes = known && spec.split_once(letter).is_some_and(|(_, rest)| rest.starts_with(':'));
    let mut value = letter.to_string();
    if shell.dialect == Dialect::Bash {
        shell.vars.remove("OPTARG");
    } else {
        shell.put("OPTARG", String::new());
    }
    if !known {
        if silent {
            shell.put("OPTARG", letter.to_string());
        } else {
            let text = match shell.dialect {
                Dialect::Bash => format!("illegal option -- {letter}"),
                Dialect::Ash | Dialect::Dash => format!("Illegal option -{letter}"),
            };
            let text = if shell.dialect == Dialect::Bash { format!("{}: {text}", shell.name0) } else { text };
            shell.write_error(m, &format!("{text}\n"))?;
        }
        value = "?".to_owned();
    }
    if takes {
        if last {
            match operands.get(index) {
                Some(arg) => shell.put("OPTARG", arg.clone()),
                None if silent => {
                    shell.put("OPTARG", letter.to_string());
                    value = ":".to_owned();
                }
                None => {
                    let text = if shell.dialect == Dialect::Bash {
                        format!("{}: option requires an argument -- {letter}\n", shell.name0)
                    } else {
                        format!("No arg for -{letter} option\n")
                    };
                    shell.write_error(m, &text)?;
                    value = "?".to_owned();
                }
            }
            index += 2;
        } else {
            shell.put("OPTARG", current.chars().skip(offset + 1).collect());
            index += 1;
        }
        offset = 1;
    } else if last {
        index += 1;
        offset = 1;
    } else {
        offset += 1;
    }
    shell.put("OPTIND", index.to_string());
    shell.put("_GETOPTS_AT", offset.to_string());
    shell.assign(m, name, value)?;
    Ok(0)
}
