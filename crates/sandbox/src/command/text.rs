//! The small text filters: `head`, `tail`, `wc`, `tee`, `uniq`, `cut`, `tr`, `tac`, `rev`, `nl`, `seq`, `yes`,
//! `paste`, `comm`, `fold`.

use super::opts;
use crate::shell::machine::{Errno, Halt, UNKNOWN};
use crate::shell::process::{Process, Run};

/// A file's bytes, or a complaint in the words that readers of files use.
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

/// Columns of a line, tabs up to the next eighth.
fn line_width(line: &str) -> u64 {
    line.chars().fold(0, |at, c| if c == '\t' { (at / 8 + 1) * 8 } else { at + 1 })
}

/// Columns that GNU's `wc` takes for a number: those of the size of all files, seven where one is none.
fn gnu_width(p: &mut Process<'_, '_>, files: &[String]) -> Result<usize, Halt> {
    let (mut total, mut least) = (0, 1);
    for file in files {
        let size = if file.is_empty() || file == "-" {
            let stdin = p.fds.get(&0).copied();
            stdin.and_then(|stream| p.m.sizes.get(&stream).copied())
        } else {
            match p.stat(file)? {
                Ok(node) => node.as_file().map(|file| file.content.size()),
                Err(_) => Some(0),
            }
        };
        match size {
            Some(size) => total += size,
            None => least = 7,
        }
    }
    Ok(total.to_string().len().max(least))
}

pub(super) fn wc(p: &mut Process<'_, '_>) -> Run {
    let longs = [("lines", 'l'), ("words", 'w'), ("bytes", 'c'), ("chars", 'm'), ("max-line-length", 'L')];
    let opts = opts::parse(p, "lwcmL", &longs)?;
    let columns: Vec<char> =
        "lwmcL".chars().filter(|c| opts.has(*c) || (opts.flags.is_empty() && "lwc".contains(*c))).collect();
    let mut code = 0;
    let mut rows: Vec<(Vec<Option<u64>>, String)> = Vec::new();
    let files = if opts.operands.is_empty() { vec![String::new()] } else { opts.operands.clone() };
    for file in &files {
        let size = match (file.is_empty(), p.stat(file)) {
            (false, Ok(Ok(node))) => node.as_file().map(|file| file.content.clone()),
            _ => None,
        };
        let dir = !file.is_empty() && matches!(p.stat(file), Ok(Ok(node)) if node.is_dir());
        let bytes = if file.is_empty() { Some(p.stdin()) } else { open(p, file)? };
        let Some(bytes) = bytes else {
            code = 1;
            if dir {
                rows.push((columns.iter().map(|_| Some(0)).collect(), file.clone()));
            }
            continue;
        };
        let text = String::from_utf8_lossy(&bytes);
        let unknown = text.contains(UNKNOWN);
        let row = columns
            .iter()
            .map(|column| match (column, &size) {
                ('c', Some(content)) if content.known().is_none() && content.size() > 0 => {
                    Some(content.size())
                }
                _ if unknown => None,
                ('l', _) => Some(bytes.iter().filter(|b| **b == b'\n').count() as u64),
                ('w', _) => Some(text.split_ascii_whitespace().count() as u64),
                ('m', _) => Some(text.chars().count() as u64),
                ('L', _) => text.lines().map(line_width).max().or(Some(0)),
                _ => Some(bytes.len() as u64),
            })
            .collect();
        rows.push((row, file.clone()));
    }
    if files.len() > 1 {
        let mut total: Vec<Option<u64>> = vec![Some(0); columns.len()];
        for (row, _) in &rows {
            for ((sum, value), column) in total.iter_mut().zip(row).zip(&columns) {
                *sum = match (column, *sum, *value) {
                    ('L', Some(a), Some(b)) => Some(a.max(b)),
                    (_, Some(a), Some(b)) => Some(a + b),
                    _ => None,
                };
            }
        }
        rows.push((total, "total".to_owned()));
    }
    let shown = |value: &Option<u64>| value.map_or_else(|| UNKNOWN.to_string(), |value| value.to_string());
    let gnu_width = if columns.len() == 1 && files.len() == 1 { 1 } else { gnu_width(p, &files)? };
    for (row, file) in rows {
        let alone = columns.len() == 1;
        let mut text = String::new();
        for (at, value) in row.iter().enumerate() {
            let value = shown(value);
            if p.busybox() {
                // One number of standard input or of one file stands alone; more are set in columns of nine.
                if alone && files.len() == 1 {
                    text.push_str(&value);
                } else {
                    if at > 0 {
                        text.push(' ');
                    }
                    text.push_str(&format!("{value:>9}"));
                }
            } else {
                let width = gnu_width;
                if at > 0 {
                    text.push(' ');
                }
                text.push_str(&format!("{value:>width$}"));
            }
        }
        if !file.is_empty() {
            text.push(' ');
            text.push_str(&file);
        }
        p.line(&text)?;
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

/// `1,3-5,7-` as ranges counted from 1.
fn ranges(text: &str) -> Option<Vec<(usize, usize)>> {
    text.split(',')
        .map(|part| match part.split_once('-') {
            None => part.parse().ok().filter(|n| *n > 0).map(|n| (n, n)),
            Some((from, to)) => {
                let from = if from.is_empty() { 1 } else { from.parse().ok()? };
                let to = if to.is_empty() { usize::MAX } else { to.parse().ok()? };
                Some((from, to))
            }
        })
        .collect()
}

pub(super) fn cut(p: &mut Process<'_, '_>) -> Run {
    let longs = [
        ("delimiter=", 'd'),
        ("fields=", 'f'),
        ("characters=", 'c'),
        ("bytes=", 'b'),
        ("only-delimited", 's'),
        ("output-delimiter=", 'O'),
        ("complement", 'C'),
    ];
    let opts = opts::parse(p, "d:f:c:b:snO:D", &longs)?;
    let list =
        opts.value('f').or_else(|| opts.value('c')).or_else(|| opts.value('b')).unwrap_or("").to_owned();
    let lists = opts.flags.iter().filter(|(flag, _)| "fcb".contains(*flag)).count();
    if lists > 1 {
        if p.busybox() {
            return super::usage(p);
        }
        p.complain("only one list may be specified")?;
        return super::try_help(p);
    }
    if list.is_empty() && lists > 0 {
        if p.busybox() {
            return p.fail(1, "missing list of positions");
        }
        let kind = if opts.has('f') { "fields" } else { "byte/character positions" };
        p.complain(&[kind, " are numbered from 1"].concat())?;
        return super::try_help(p);
    }
    if list.is_empty() {
        let text = if p.busybox() {
            "expected a list of bytes, characters, or fields"
        } else {
            "you must specify a list of bytes, characters, or fields"
        };
        p.complain(text)?;
        return if p.busybox() { Ok(1) } else { super::try_help(p) };
    }
    // BusyBox takes a zero for the first.
    let list = if p.busybox() && list == "0" { "1".to_owned() } else { list };
    let zero = |part: &str| part.split('-').next() == Some("0");
    if !p.busybox() && list.split(',').any(zero) {
        let kind = if opts.has('f') { "fields" } else { "byte/character positions" };
        p.complain(&[kind, " are numbered from 1"].concat())?;
        return super::try_help(p);
    }
    let fields = opts.has('f');
    if opts.has('s') && !fields {
        let text = if p.busybox() {
            "suppressing non-delimited lines makes sense only when operating on fields"
        } else {
            "suppressing non-delimited lines makes sense\n\tonly when operating on fields"
        };
        p.complain(text)?;
        return if p.busybox() { Ok(1) } else { super::try_help(p) };
    }
    if !p.busybox() && opts.value('d').is_some_and(|text| text.chars().count() > 1) {
        p.complain("the delimiter must be a single character")?;
        return super::try_help(p);
    }
    let Some(ranges) = ranges(&list) else {
        let odd = list.split([',', '-']).find(|part| !part.is_empty() && part.parse::<usize>().is_err());
        let odd = odd.unwrap_or(&list).to_owned();
        if p.busybox() {
            return p.fail(1, &format!("invalid number '{odd}'"));
        }
        let what = if fields { "field value" } else { "byte/character position" };
        p.complain(&format!("invalid {what} ‘{odd}’"))?;
        return super::try_help(p);
    };
    if let Some((from, to)) = ranges.iter().find(|(from, to)| from > to) {
        if p.busybox() {
            return p.fail(1, &format!("{to}<{}", from - 1));
        }
        p.complain("invalid decreasing range")?;
        return super::try_help(p);
    }
    let wanted = |n: usize| ranges.iter().any(|(from, to)| *from <= n && n <= *to) != opts.has('C');
    let mut code = 0;
    let input = all_input(p, &opts.operands, &mut code)?;
    let text = String::from_utf8_lossy(&input).into_owned();
    let delimiter = opts.value('d').and_then(|d| d.chars().next()).unwrap_or('\t');
    let joint = opts.value('O').map_or_else(|| delimiter.to_string(), str::to_owned);
    let mut out = String::new();
    for line in text.lines() {
        if line.contains(UNKNOWN) {
            out.push(UNKNOWN);
        } else if opts.has('f') {
            // Before 1.37 BusyBox keeps blank lines.
            let blank = line.is_empty() && p.busybox() && p.m.standalone();
            if line.contains(delimiter) {
                let fields = line.split(delimiter).enumerate().filter(|(at, _)| wanted(at + 1));
                let fields: Vec<&str> = fields.map(|(_, field)| field).collect();
                out.push_str(&fields.join(&joint));
                // Before 1.37 BusyBox separates what is there from the first field that is not.
                let count = line.split(delimiter).count();
                let beyond = ranges.iter().any(|(from, _)| *from > count);
                if p.busybox() && p.m.standalone() && beyond && !fields.is_empty() && !opts.has('C') {
                    out.push_str(&joint);
                }
            } else {
                if opts.has('s') && !blank {
                    continue;
                }
                out.push_str(line);
            }
        } else {
            out.extend(line.chars().enumerate().filter(|(at, _)| wanted(at + 1)).map(|(_, c)| c));
        }
        out.push('\n');
    }
    p.print(&out)?;
    Ok(code)
}

/// A set of `tr`: ranges, classes and escapes spelled out.
fn tr_set(text: &str) -> Vec<char> {
    let (bytes, _) = super::echo::unescape(text, false);
    let escaped_dash = text.contains("\\-");
    let chars: Vec<char> = String::from_utf8_lossy(&bytes).chars().collect();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(c) = chars.get(at) {
        let rest: String = chars.iter().skip(at).take(12).collect();
        if let Some(name) =
            rest.strip_prefix("[:").and_then(|rest| rest.split_once(":]")).map(|(name, _)| name)
        {
            out.extend((0u8..128).map(char::from).filter(|c| crate::shell::pattern::class(name, *c)));
            at += name.len() + 4;
            continue;
        }
        if chars.get(at + 1) == Some(&'-') && !escaped_dash && chars.get(at + 2).is_some_and(|high| high < c)
        {
            // A range that is none; GNU has refused it before.
            at += 3;
            continue;
        }
        if chars.get(at + 1) == Some(&'-')
            && !escaped_dash
            && let Some(high) = chars.get(at + 2).filter(|high| *high >= c)
        {
            out.extend(*c..=*high);
            at += 3;
            continue;
        }
        out.push(*c);
        at += 1;
    }
    out
}

/// A range of a set whose ends are in the wrong order.
fn reversed(text: &str) -> Option<String> {
    if text.contains('\\') || text.contains("[:") {
        return None;
    }
    let chars: Vec<char> = text.chars().collect();
    let mut at = 0;
    while let (Some(low), Some(dash), Some(high)) = (chars.get(at), chars.get(at + 1), chars.get(at + 2)) {
        if *dash != '-' {
            at += 1;
            continue;
        }
        if high < low {
            return Some([*low, '-', *high].iter().collect());
        }
        at += 3;
    }
    None
}

pub(super) fn tr(p: &mut Process<'_, '_>) -> Run {
    let longs = [("delete", 'd'), ("squeeze-repeats", 's'), ("complement", 'c'), ("truncate-set1", 't')];
    let opts = opts::parse(p, "dscCt", &longs)?;
    let operands = opts.operands.clone();
    let most = if opts.has('d') && !opts.has('s') { 1 } else { 2 };
    if p.busybox() {
        if operands.is_empty() {
            return super::usage(p);
        }
        if operands.get(1).is_some_and(String::is_empty) {
            return p.fail(1, "STRING2 cannot be empty");
        }
    } else if operands.is_empty() || (operands.len() < 2 && !opts.any("ds")) {
        let Some(only) = operands.first() else {
            p.complain("missing operand")?;
            return super::try_help(p);
        };
        p.complain(&format!("missing operand after ‘{only}’"))?;
        p.error("Two strings must be given when translating.")?;
        return super::try_help(p);
    } else if let Some(extra) = operands.get(most) {
        p.complain(&format!("extra operand ‘{extra}’"))?;
        if most == 1 && operands.len() == 2 {
            p.error("Only one string may be given when deleting without squeezing repeats.")?;
        }
        return super::try_help(p);
    } else if let Some(range) = operands.iter().find_map(|set| reversed(set)) {
        return p.fail(1, &format!("range-endpoints of ‘{range}’ are in reverse collating sequence order"));
    } else if operands.get(1).is_some_and(String::is_empty) && !opts.any("dt") {
        return p.fail(1, "when not truncating set1, string2 must be non-empty");
    }
    let mut first = tr_set(opts.operands.first().map_or("", String::as_str));
    let second = opts.operands.get(1).map(|set| tr_set(set));
    if opts.has('t')
        && let Some(second) = &second
    {
        first.truncate(second.len());
    }
    let input = p.stdin();
    let text = String::from_utf8_lossy(&input).into_owned();
    p.m.spend(text.len() as u64 / 4)?;
    let complement = opts.any("cC");
    let hit = |c: char| c != UNKNOWN && first.contains(&c) != complement;
    let mut out = String::with_capacity(text.len());
    let mut last = None;
    for c in text.chars() {
        let mapped = if opts.has('d') {
            if hit(c) {
                continue;
            }
            c
        } else if hit(c) {
            match &second {
                Some(set) if !set.is_empty() => {
                    let at =
                        if complement { usize::MAX } else { first.iter().position(|f| *f == c).unwrap_or(0) };
                    set.get(at).or_else(|| set.last()).copied().unwrap_or(c)
                }
                _ => c,
            }
        } else {
            c
        };
        if opts.has('s') {
            let squeezes = match &second {
                Some(set) => set.contains(&mapped),
                None => hit(mapped),
            };
            if squeezes && last == Some(mapped) {
                continue;
            }
        }
        last = Some(mapped);
        out.push(mapped);
    }
    p.print(&out)?;
    Ok(0)
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

pub(super) fn seq(p: &mut Process<'_, '_>) -> Run {
    let mut separator = "\n".to_owned();
    let mut width = false;
    let mut form = None;
    let mut numbers: Vec<(f64, usize, usize)> = Vec::new();
    let mut operands = Vec::new();
    let mut args = std::mem::take(&mut p.args).into_iter();
    while let Some(arg) = args.next() {
        let digits =
            arg.get(1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit() || c == '.'));
        if arg.starts_with('-')
            && arg.len() > 1
            && (!digits || (p.busybox() && p.m.standalone() && numbers.is_empty()))
        {
            match arg.get(1..2).unwrap_or("") {
                "s" if arg.len() > 2 => separator = arg.get(2..).unwrap_or("").to_owned(),
                "s" => separator = args.next().unwrap_or_default(),
                "w" => width = true,
                "f" if !p.busybox() && arg.len() > 2 => form = arg.get(2..).map(str::to_owned),
                "f" if !p.busybox() => form = args.next(),
                letter if p.busybox() => {
                    let text = ["invalid option -- '", letter, "'"].concat();
                    p.complain(&text)?;
                    return super::usage(p);
                }
                letter if letter != "-" => return opts::refuse(p, letter.chars().next().unwrap_or('-')),
                _ => return p.option(arg),
            }
            continue;
        }
        let hex = |arg: &str| {
            let digits = arg.strip_prefix("0x").or_else(|| arg.strip_prefix("0X"))?;
            i64::from_str_radix(digits, 16).ok().map(|value| value as f64)
        };
        let Some(value) = arg.parse::<f64>().ok().or_else(|| hex(&arg)) else {
            if p.busybox() {
                return super::usage(p);
            }
            p.complain(&["invalid floating point argument: ‘", &arg, "’"].concat())?;
            return super::try_help(p);
        };
        let decimals = arg.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        numbers.push((value, decimals.min(20), arg.len()));
        operands.push(arg);
    }
    let one = (1.0, 0, 1);
    let (first, step, last) = match *numbers.as_slice() {
        [last] => (one, one, last),
        [first, last] => (first, one, last),
        [first, step, last] => (first, step, last),
        _ if p.busybox() => return super::usage(p),
        [_, _, _, ..] => {
            let extra = operands.get(3).cloned().unwrap_or_default();
            p.complain(&format!("extra operand ‘{extra}’"))?;
            return super::try_help(p);
        }
        _ => return p.complain("missing operand").and_then(|()| super::try_help(p)),
    };
    if step.0 == 0.0 && !p.busybox() {
        let text = operands.get(1).cloned().unwrap_or_default();
        p.complain(&format!("invalid Zero increment value: ‘{text}’"))?;
        return super::try_help(p);
    }
    let form = match form {
        None => None,
        Some(form) => match directive(&form) {
            Some(parts) => Some(parts),
            None => return p.option(["-f ", &form].concat()),
        },
    };
    let decimals = first.1.max(step.1);
    let least = if width {
        format!("{:.decimals$}", first.0).len().max(format!("{:.decimals$}", last.0).len())
    } else {
        0
    };
    let mut n = 0.0;
    loop {
        let at = first.0 + n * step.0;
        // Half of the last digit shown lies between two numbers.
        let slack = 1e-10 * step.0.abs();
        // What does not end stops after as much as any reader asks for.
        if (step.0 == 0.0 || !last.0.is_finite()) && n >= 2000.0 {
            break;
        }
        if (step.0 > 0.0 && at > last.0 + slack) || (step.0 < 0.0 && at < last.0 - slack) {
            break;
        }
        p.m.spend(1)?;
        if n > 0.0 {
            p.print(&separator)?;
        }
        match &form {
            Some((head, spec, kind, tail)) => {
                p.print(&[head.as_str(), &spec.real(*kind, at), tail].concat())?;
            }
            None => p.print(&format!("{at:0least$.decimals$}"))?,
        }
        n += 1.0;
    }
    if n > 0.0 {
        p.print("\n")?;
    }
    Ok(0)
}

/// A format of `seq`: what stands before its directive, the directive, and what stands behind.
fn directive(form: &str) -> Option<(String, super::format::Spec, char, String)> {
    let (head, rest) = form.split_once('%')?;
    let chars: Vec<char> = rest.chars().collect();
    let mut at = chars.iter().take_while(|c| "-+ #0".contains(**c)).count();
    let flags: String = chars.iter().take(at).collect();
    let width = super::format::number(&chars, &mut at, || None);
    let mut precision = None;
    if chars.get(at) == Some(&'.') {
        at += 1;
        precision = super::format::number(&chars, &mut at, || None).or(Some(0));
    }
    let kind = *chars.get(at).filter(|c| "feg".contains(**c))?;
    let tail: String = chars.get(at + 1..)?.iter().collect();
    (!tail.contains('%'))
        .then(|| (head.to_owned(), super::format::Spec::new(&flags, width, precision), kind, tail))
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

/// Cells with the delimiters between them in turn.
fn joined(cells: &[&str], delimiters: &[char]) -> String {
    let mut out = String::new();
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            out.extend(delimiters.get((at - 1) % delimiters.len().max(1)).filter(|c| **c != '\0'));
        }
        out.push_str(cell);
    }
    out
}

pub(super) fn paste(p: &mut Process<'_, '_>) -> Run {
    let opts = opts::parse(p, "sd:", &[("serial", 's'), ("delimiters=", 'd')])?;
    let (bytes, _) = super::echo::unescape(opts.value('d').unwrap_or("\t"), false);
    let delimiters: Vec<char> = String::from_utf8_lossy(&bytes).chars().collect();
    if delimiters.is_empty() && p.busybox() {
        return p.fail(1, "-d '' is not supported");
    }
    let files = if opts.operands.is_empty() { vec!["-".to_owned()] } else { opts.operands.clone() };
    let mut columns: Vec<Vec<String>> = Vec::new();
    let shares = files.iter().filter(|file| *file == "-").count().max(1);
    let input = if files.iter().any(|file| file == "-") { super::lines(&p.stdin()) } else { Vec::new() };
    let mut share = 0;
    for file in &files {
        if file == "-" {
            // Columns of standard input take its lines in turn.
            columns.push(input.iter().skip(share).step_by(shares).cloned().collect());
            share += 1;
            continue;
        }
        let Some(bytes) = open(p, file)? else { return Ok(1) };
        columns.push(super::lines(&bytes));
    }
    if opts.has('s') {
        for column in columns {
            let cells: Vec<&str> = column.iter().map(String::as_str).collect();
            p.line(&joined(&cells, &delimiters))?;
        }
        return Ok(0);
    }
    let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
    for row in 0..rows {
        if p.busybox() {
            // What has ended prints nothing, not even what stands behind it.
            let mut nth = 0;
            for (at, column) in columns.iter().enumerate() {
                let Some(cell) = column.get(row) else { continue };
                p.print(cell)?;
                if at + 1 == columns.len() {
                    p.print("\n")?;
                } else if let Some(delimiter) = delimiters.get(nth % delimiters.len().max(1)) {
                    nth += 1;
                    if *delimiter != '\0' {
                        p.print(delimiter.encode_utf8(&mut [0; 4]))?;
                    }
                }
            }
            continue;
        }
        let cells: Vec<&str> =
            columns.iter().map(|column| column.get(row).map_or("", String::as_str)).collect();
        p.line(&joined(&cells, &delimiters))?;
    }
    Ok(0)
}
