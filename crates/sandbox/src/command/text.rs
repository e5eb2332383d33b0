//! The small text filters: `head`, `tail`, `tee`, `uniq`, `tac`, `rev`, `nl`, `yes`.

use super::opts;
use crate::shell::machine::{Errno, Halt};
use crate::shell::process::{Process, Run};

/// A name as GNU's messages show it: in quotes where a shell would need them.
pub(super) fn quoted(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./+:,%@=^".contains(c) || !c.is_ascii();
    if !name.is_empty() && name.chars().all(plain) { name.to_owned() } else { format!("'{name}'") }
}

pub(super) fn open(p: &mut Process<'_, '_>, file: &str) -> Result<Option<Vec<u8>>, Halt> {
    match p.read(file)? {
        Ok(bytes) => Ok(Some(bytes)),
        Err(errno) => {
            let why = errno.text();
            let text = match (p.busybox(), p.name.as_str()) {
                (true, "tail") if errno == Errno::IsDir => format!("read error: {why}"),
                (true, "head") if errno == Errno::IsDir => format!("{file}: Input/output error"),
                (true, "sha256sum" | "sha1sum" | "sha512sum" | "sha384sum" | "md5sum")
                    if errno == Errno::IsDir =>
                {
                    format!("can't read '{file}': {why}")
                }
                (
                    true,
                    "tail" | "uniq" | "sha256sum" | "sha1sum" | "sha512sum" | "md5sum" | "cat" | "tee",
                ) => {
                    format!("can't open '{file}': {why}")
                }
                (false, "head" | "tail") if errno == Errno::IsDir => format!("error reading '{file}': {why}"),
                (false, "head" | "tail") => format!("cannot open '{file}' for reading: {why}"),
                (false, "uniq") if errno == Errno::IsDir => format!("error reading '{file}'"),
                (_, "base64") if errno == Errno::IsDir => format!("read error: {why}"),
                (false, "rev") => format!("cannot open {file}: {why}"),
                (false, "tac") => format!("failed to open '{file}' for reading: {why}"),
                (false, "sort") if errno == Errno::IsDir => format!("read failed: {}: {why}", quoted(file)),
                (false, "sort") => format!("cannot read: {}: {why}", quoted(file)),
                (false, "sed") if errno == Errno::IsDir => format!("read error on {file}: {why}"),
                (
                    false,
                    "cat" | "wc" | "cut" | "paste" | "nl" | "uniq" | "comm" | "fold" | "tr" | "base64",
                ) => {
                    format!("{}: {why}", quoted(file))
                }
                (true, "sed" | "sort" | "cut" | "nl") if errno == Errno::IsDir => {
                    return Ok(Some(Vec::new()));
                }
                (true, "fold") if errno == Errno::IsDir => format!("{file}: Input/output error"),
                (false, "sed") => format!("can't read {file}: {why}"),
                _ => format!("{file}: {why}"),
            };
            p.complain(&text)?;
            Ok(None)
        }
    }
}

/// All operands one after the other, or standard input.
pub(super) fn all_input(p: &mut Process<'_, '_>, files: &[String], code: &mut u8) -> Result<Vec<u8>, Halt> {
    if files.is_empty() {
        return Ok(p.stdin());
    }
    let mut all = Vec::new();
    for file in files {
        match open(p, file)? {
            Some(bytes) => {
                // A line does not go on in the next file.
                if files.len() > 1 && !all.is_empty() && !all.ends_with(b"\n") {
                    all.push(b'\n');
                }
                all.extend(bytes);
            }
            None => *code = 1,
        }
    }
    Ok(all)
}

fn count(text: &str) -> Option<(char, usize)> {
    let (sign, digits) = match text.chars().next()? {
        c @ ('+' | '-') => (c, text.get(1..)?),
        _ => (' ', text),
    };
    let (digits, factor) = match digits.chars().next_back()? {
        'k' | 'K' => (digits.get(..digits.len() - 1)?, 1024),
        'm' | 'M' => (digits.get(..digits.len() - 1)?, 1 << 20),
        'b' => (digits.get(..digits.len() - 1)?, 512),
        _ => (digits, 1),
    };
    Some((sign, digits.parse::<usize>().ok()?.checked_mul(factor)?))
}

/// `head -5` and `tail +3` of old.
fn old_style(args: &mut [String]) {
    if let Some(first) = args.first_mut()
        && let Some(rest) = first.strip_prefix(['-', '+'])
        && !rest.is_empty()
        && rest.bytes().all(|b| b.is_ascii_digit())
    {
        *first = if first.starts_with('+') { format!("-n+{rest}") } else { format!("-n{rest}") };
    }
}

pub(super) fn head(p: &mut Process<'_, '_>) -> Run {
    old_style(&mut p.args);
    let longs = [("lines=", 'n'), ("bytes=", 'c'), ("quiet", 'q'), ("verbose", 'v')];
    let opts = opts::parse(p, "n:c:qv", &longs)?;
    let bytes_only = opts.has('c');
    let value = opts.value(if bytes_only { 'c' } else { 'n' }).unwrap_or("10").to_owned();
    let Some((sign, n)) = count(&value).filter(|(sign, _)| *sign != '+' || !p.busybox()) else {
        let text = match (p.busybox(), bytes_only) {
            (true, _) => format!("invalid number '{value}'"),
            (false, true) => format!("invalid number of bytes: ‘{value}’"),
            (false, false) => format!("invalid number of lines: ‘{value}’"),
        };
        return p.fail(1, &text);
    };
    let mut code = 0;
    let files = if opts.operands.is_empty() { vec!["-".to_owned()] } else { opts.operands.clone() };
    let titles = (files.len() > 1 && !opts.has('q')) || opts.has('v');
    for (at, file) in files.iter().enumerate() {
        // A device that does not end gives as much as is asked for.
        if file == "/dev/zero" && bytes_only && n <= 1 << 20 {
            p.write(&vec![0; n])?;
            continue;
        }
        let Some(bytes) = open(p, file)? else {
            code = 1;
            continue;
        };
        if titles {
            let shown = if file == "-" { "standard input" } else { file };
            p.print(&format!("{}==> {shown} <==\n", if at > 0 { "\n" } else { "" }))?;
        }
        let end = if bytes_only {
            if sign == '-' { bytes.len().saturating_sub(n) } else { n.min(bytes.len()) }
        } else {
            let ends: Vec<usize> = bytes
                .split_inclusive(|b| *b == b'\n')
                .scan(0, |at, line| {
                    *at += line.len();
                    Some(*at)
                })
                .collect();
            let lines = if sign == '-' { ends.len().saturating_sub(n) } else { n.min(ends.len()) };
            if lines == 0 { 0 } else { ends.get(lines - 1).copied().unwrap_or(0) }
        };
        p.write(bytes.get(..end).unwrap_or(&[]))?;
    }
    Ok(code)
}

pub(super) fn tail(p: &mut Process<'_, '_>) -> Run {
    if let Some(odd) = p.args.first().and_then(|arg| arg.strip_prefix('-'))
        && odd.starts_with(|c: char| c.is_ascii_digit())
        && odd.contains(|c: char| !c.is_ascii_digit() && !"bcfklmr".contains(c))
    {
        let text = if p.busybox() {
            format!("invalid number '{odd}'")
        } else {
            format!("option used in invalid context -- {}", odd.get(..1).unwrap_or(""))
        };
        return p.fail(1, &text);
    }
    // GNU knows the form of old only with one file.
    let old = p.args.first().and_then(|arg| arg.strip_prefix('-')).unwrap_or("");
    let digit = old.chars().next().filter(char::is_ascii_digit);
    if let (Some(digit), false) = (digit, p.busybox())
        && (p.args.len() > 2 && p.args.get(1).is_none_or(|arg| arg != "--") || p.args.len() > 3)
    {
        return p.fail(1, &format!("option used in invalid context -- {digit}"));
    }
    old_style(&mut p.args);
    let longs = [("lines=", 'n'), ("bytes=", 'c'), ("quiet", 'q'), ("verbose", 'v'), ("follow", 'f')];
    let opts = opts::parse(p, "n:c:qvfF", &longs)?;
    let bytes_only = opts.has('c');
    let value = opts.value(if bytes_only { 'c' } else { 'n' }).unwrap_or("10").to_owned();
    let Some((sign, n)) = count(&value) else {
        let text = match (p.busybox(), bytes_only) {
            (true, _) => format!("invalid number '{value}'"),
            (false, true) => format!("invalid number of bytes: ‘{value}’"),
            (false, false) => format!("invalid number of lines: ‘{value}’"),
        };
        return p.fail(1, &text);
    };
    let mut code = 0;
    let files = if opts.operands.is_empty() { vec!["-".to_owned()] } else { opts.operands.clone() };
    if n == 0 && sign != '+' && !p.busybox() {
        return Ok(0);
    }
    // BusyBox counts only the files that it could open.
    let mut count = files.len();
    if p.busybox() && count > 1 {
        count = 0;
        for file in &files {
            count += usize::from(file == "-" || p.stat(file)?.is_ok());
        }
    }
    let titles = (count > 1 && !opts.has('q')) || opts.has('v');
    for (at, file) in files.iter().enumerate() {
        let Some(bytes) = open(p, file)? else {
            code = 1;
            let dir = matches!(p.stat(file)?, Ok(node) if node.is_dir());
            if p.busybox() && files.len() == 1 && !dir {
                p.complain("no files")?;
            }
            continue;
        };
        if titles {
            let shown = if file == "-" && !p.busybox() { "standard input" } else { file };
            p.print(&format!("{}==> {shown} <==\n", if at > 0 { "\n" } else { "" }))?;
        }
        let start = if bytes_only {
            if sign == '+' { n.saturating_sub(1).min(bytes.len()) } else { bytes.len().saturating_sub(n) }
        } else {
            let mut starts = vec![0];
            for line in bytes.split_inclusive(|b| *b == b'\n') {
                starts.push(starts.last().copied().unwrap_or(0) + line.len());
            }
            let total = starts.len() - 1;
            let first = if sign == '+' { n.saturating_sub(1).min(total) } else { total.saturating_sub(n) };
            starts.get(first).copied().unwrap_or(0)
        };
        p.write(bytes.get(start..).unwrap_or(&[]))?;
    }
    Ok(code)
}

pub(super) fn tee(p: &mut Process<'_, '_>) -> Run {
    let opts = opts::parse(p, "aip", &[("append", 'a'), ("ignore-interrupts", 'i')])?;
    let bytes = p.stdin();
    p.write(&bytes)?;
    let mut code = 0;
    for file in &opts.operands {
        let mut all = Vec::new();
        if opts.has('a')
            && let Ok(old) = p.read(file)?
        {
            all = old;
        }
        all.extend_from_slice(&bytes);
        if let Err(errno) = p.write_file(file, all)? {
            code = 1;
            p.complain(&format!("{file}: {}", errno.text()))?;
        }
    }
    Ok(code)
}

pub(super) fn uniq(p: &mut Process<'_, '_>) -> Run {
    let longs = [
        ("count", 'c'),
        ("repeated", 'd'),
        ("unique", 'u'),
        ("ignore-case", 'i'),
        ("skip-fields=", 'f'),
        ("skip-chars=", 's'),
    ];
    let opts = opts::parse(p, "cduif:s:w:z", &longs)?;
    let mut code = 0;
    let input = all_input(p, opts.operands.get(..1.min(opts.operands.len())).unwrap_or(&[]), &mut code)?;
    let text = String::from_utf8_lossy(&input).into_owned();
    let number = |flag| opts.value(flag).and_then(|value| value.parse::<usize>().ok());
    let key = |line: &str| {
        let mut rest = line;
        for _ in 0..number('f').unwrap_or(0) {
            rest = rest.trim_start_matches([' ', '\t']);
            rest = rest.get(rest.find([' ', '\t']).unwrap_or(rest.len())..).unwrap_or("");
        }
        let key: String =
            rest.chars().skip(number('s').unwrap_or(0)).take(number('w').unwrap_or(usize::MAX)).collect();
        if opts.has('i') { key.to_lowercase() } else { key }
    };
    let mut groups: Vec<(String, usize)> = Vec::new();
    for line in text.lines() {
        match groups.last_mut() {
            Some((last, n)) if key(last) == key(line) => *n += 1,
            _ => groups.push((line.to_owned(), 1)),
        }
    }
    let mut out = String::new();
    for (line, n) in groups {
        if (opts.has('d') && n < 2) || (opts.has('u') && n > 1) {
            continue;
        }
        if opts.has('c') {
            out.push_str(&format!("{n:7} "));
        }
        out.push_str(&line);
        out.push('\n');
    }
    match opts.operands.get(1) {
        Some(file) => {
            if let Err(errno) = p.write_file(file, out.into_bytes())? {
                return p.fail(1, &format!("{file}: {}", errno.text()));
            }
        }
        None => p.print(&out)?,
    }
    Ok(code)
}

pub(super) fn tac(p: &mut Process<'_, '_>) -> Run {
    let opts = opts::parse(p, "", &[])?;
    let mut code = 0;
    let input = all_input(p, &opts.operands, &mut code)?;
    let mut lines: Vec<&[u8]> = input.split_inclusive(|b| *b == b'\n').collect();
    lines.reverse();
    p.write(&lines.concat())?;
    Ok(code)
}

pub(super) fn rev(p: &mut Process<'_, '_>) -> Run {
    let files = opts::parse(p, "", &[])?.operands;
    let mut code = 0;
    let input = all_input(p, &files, &mut code)?;
    for line in String::from_utf8_lossy(&input).split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        let text: String = line.chars().rev().collect();
        p.print(&[&text, end].concat())?;
    }
    Ok(code)
}

pub(super) fn nl(p: &mut Process<'_, '_>) -> Run {
    let longs = [
        ("body-numbering=", 'b'),
        ("number-width=", 'w'),
        ("number-separator=", 's'),
        ("starting-line-number=", 'v'),
        ("line-increment=", 'i'),
        ("number-format=", 'n'),
    ];
    let opts = opts::parse(p, "b:w:s:v:i:n:p", &longs)?;
    let style = opts.value('b').unwrap_or("t").to_owned();
    if !matches!(style.as_str(), "a" | "t" | "n") {
        if !p.busybox() && style.starts_with('p') {
            return p.option(["-b", &style].concat());
        }
        if !p.busybox() {
            p.complain(&format!("invalid body numbering style: ‘{style}’"))?;
            return super::try_help(p);
        }
    }
    let number = |flag: char, or: i64| opts.value(flag).map_or(Some(or), |text| text.parse().ok());
    let (Some(mut n), Some(step), Some(width)) = (number('v', 1), number('i', 1), number('w', 6)) else {
        return p.option("a number");
    };
    let width = usize::try_from(width.clamp(1, 1000)).unwrap_or(6);
    let separator = opts.value('s').unwrap_or("\t").to_owned();
    let mut code = 0;
    let input = all_input(p, &opts.operands, &mut code)?;
    let blank = " ".repeat(width + separator.chars().count());
    for line in String::from_utf8_lossy(&input).lines() {
        if style == "a" || (style == "t" && !line.is_empty()) {
            let shown = match opts.value('n') {
                Some("ln") => format!("{n:<width$}"),
                Some("rz") => format!("{n:0width$}"),
                _ => format!("{n:width$}"),
            };
            p.line(&[&shown, &separator, line].concat())?;
            n = n.saturating_add(step);
        } else {
            p.line(&[&blank, line].concat())?;
        }
    }
    Ok(code)
}

/// Real `yes` goes on until nobody reads; here it stops after as much as any reader asks for.
pub(super) fn yes(p: &mut Process<'_, '_>) -> Run {
    let text = if p.args.is_empty() { "y".to_owned() } else { p.args.join(" ") };
    for _ in 0..2000 {
        p.m.spend(1)?;
        p.line(&text)?;
    }
    Ok(0)
}
