//! `dd`, `truncate`, `cmp`, `comm`, `fold`, `split`-less: commands over whole files.

use super::opts;
use super::text::open;
use crate::shell::machine::{Halt, UNKNOWN, is_unknown};
use crate::shell::process::{Process, Run};
use crate::tree::Content;
use std::sync::Arc;

fn size(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at_checked(end)?;
    let factor = match unit {
        "" | "c" => 1,
        "w" => 2,
        "b" => 512,
        "k" | "K" | "KiB" => 1024,
        "kB" | "KB" => 1000,
        "M" | "MiB" => 1 << 20,
        "MB" => 1_000_000,
        "G" | "GiB" => 1 << 30,
        "GB" => 1_000_000_000,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

pub(super) fn dd(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    if let Some(odd) =
        args.iter().find(|arg| !arg.contains('=') && !arg.starts_with('-')).filter(|_| !p.busybox())
    {
        p.complain(&format!("unrecognized operand ‘{odd}’"))?;
        return super::try_help(p);
    }
    const KEYS: &[&str] =
        &["if", "of", "bs", "ibs", "obs", "count", "skip", "seek", "conv", "status", "iflag", "oflag", "cbs"];
    for arg in &args {
        let Some((key, text)) = arg.split_once('=') else { continue };
        if !KEYS.contains(&key) {
            if p.busybox() {
                return super::usage(p);
            }
            p.complain(&format!("unrecognized operand ‘{arg}’"))?;
            return super::try_help(p);
        }
        if matches!(key, "bs" | "ibs" | "obs" | "count" | "skip" | "seek") && size(text).is_none() {
            if text.contains(UNKNOWN) || text.starts_with(|c: char| c.is_ascii_digit()) {
                return p.option(arg.clone());
            }
            let text = if p.busybox() {
                format!("invalid number '{text}'")
            } else {
                format!("invalid number: ‘{text}’")
            };
            return p.fail(1, &text);
        }
    }
    let value = |key: &str| {
        args.iter().rev().find_map(|arg| arg.strip_prefix(key)?.strip_prefix('=')).map(str::to_owned)
    };
    let number = |key: &str| value(key).and_then(|text| size(&text));
    let block = number("bs").or_else(|| number("ibs")).or_else(|| number("obs")).unwrap_or(512).max(1);
    let count = number("count");
    let (skip, seek) = (number("skip").unwrap_or(0), number("seek").unwrap_or(0));
    let conversions = value("conv").unwrap_or_default();
    let (mut keep, mut pads, mut upper) = (false, false, None);
    for conversion in conversions.split(',').filter(|text| !text.is_empty()) {
        match conversion {
            "notrunc" => keep = true,
            "ucase" | "lcase" if p.busybox() => {
                return p.fail(1, &["invalid argument '", conversion, "' to 'conv'"].concat());
            }
            "ucase" => upper = Some(true),
            "lcase" => upper = Some(false),
            "sync" => pads = true,
            "fsync" | "fdatasync" | "noerror" => {}
            other => return p.option(["conv=", other].concat()),
        }
    }
    let quiet = value("status").is_some_and(|status| status == "none");
    let input = value("if").unwrap_or_else(|| "-".to_owned());
    let output = value("of");
    let most = count.map(|count| count.saturating_mul(block));
    let endless = matches!(input.as_str(), "/dev/zero" | "/dev/urandom" | "/dev/random");
    let mut bytes = if endless {
        let total = most.unwrap_or(0);
        if input != "/dev/zero" || total > 1 << 16 || seek > 0 {
            let digest = p.m.digest_of(&[input.as_bytes(), &total.to_le_bytes()]);
            let content =
                Content::Modelled { size: total + seek * block, digest, source: Arc::from(input.as_str()) };
            if input != "/dev/zero" {
                p.m.at_least(crate::shell::Certainty::Modelled);
            }
            match output {
                Some(file) => {
                    if let Err(errno) = p.write_content(&file, content)? {
                        return p.fail(1, &["can't open '", &file, "': ", errno.text()].concat());
                    }
                }
                None => p.print(&UNKNOWN.to_string())?,
            }
            return records(p, total, total, block, quiet);
        }
        vec![0; total as usize]
    } else {
        match p.read(&input)? {
            Ok(bytes) => bytes,
            Err(errno) if p.busybox() => {
                return p.fail(1, &["can't open '", &input, "': ", errno.text()].concat());
            }
            Err(errno) => return p.fail(1, &["failed to open '", &input, "': ", errno.text()].concat()),
        }
    };
    if !endless {
        let from = usize::try_from(skip.saturating_mul(block)).unwrap_or(usize::MAX).min(bytes.len());
        bytes.drain(..from);
    }
    bytes.truncate(most.and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX));
    let total = bytes.len() as u64;
    let read = total;
    if pads && !total.is_multiple_of(block) && total < 1 << 24 && block < 1 << 24 {
        bytes.resize(total.next_multiple_of(block) as usize, 0);
    }
    match upper {
        Some(true) => bytes.make_ascii_uppercase(),
        Some(false) => bytes.make_ascii_lowercase(),
        None => {}
    }
    let total = bytes.len() as u64;
    match output {
        Some(file) => {
            let at = usize::try_from(seek.saturating_mul(block)).unwrap_or(usize::MAX);
            if at > 1 << 20 {
                return p.option("seek");
            }
            let mut all = if keep || at > 0 { p.read(&file)?.unwrap_or_default() } else { Vec::new() };
            if !keep {
                all.truncate(at);
            }
            all.resize(all.len().max(at + bytes.len()), 0);
            for (to, from) in all.iter_mut().skip(at).zip(&bytes) {
                *to = *from;
            }
            if let Err(errno) = p.write_file(&file, all)? {
                let head = if p.busybox() { "can't open '" } else { "failed to open '" };
                return p.fail(1, &[head, &file, "': ", errno.text()].concat());
            }
        }
        None => p.write(&bytes)?,
    }
    records(p, read, total, block, quiet)
}

fn records(p: &mut Process<'_, '_>, read: u64, total: u64, block: u64, quiet: bool) -> Run {
    if quiet {
        return Ok(0);
    }
    let (full, part) = (read / block, u64::from(!read.is_multiple_of(block)));
    p.error(&format!("{full}+{part} records in"))?;
    let (full, part) = (total / block, u64::from(!total.is_multiple_of(block)));
    p.error(&format!("{full}+{part} records out"))?;
    p.modelled();
    p.error(&format!("{total} bytes copied"))?;
    Ok(0)
}

pub(super) fn truncate(p: &mut Process<'_, '_>) -> Run {
    let opts = opts::parse(p, "s:c", &[("size=", 's'), ("no-create", 'c')])?;
    let text = opts.value('s').unwrap_or("").to_owned();
    let (sign, digits) = match text.chars().next() {
        Some(c @ ('+' | '-')) if !p.busybox() => (c, text.get(1..).unwrap_or("")),
        _ => (' ', text.as_str()),
    };
    let Some(wanted) = size(digits) else {
        if p.busybox() {
            return p.fail(1, &["invalid number '", &text, "'"].concat());
        }
        if text.is_empty() {
            p.complain("you must specify either '--size' or '--reference'")?;
            return super::try_help(p);
        }
        return if text.starts_with(|c: char| c.is_ascii_digit()) {
            p.option("-s")
        } else {
            p.fail(1, &format!("Invalid number: ‘{text}’"))
        };
    };
    for file in &opts.operands {
        let found = p.read(file)?;
        if opts.has('c') && found.is_err() {
            continue;
        }
        let old = found.unwrap_or_default();
        let size = match sign {
            '+' => old.len() as u64 + wanted,
            '-' => (old.len() as u64).saturating_sub(wanted),
            _ => wanted,
        };
        let content = if size <= 1 << 20 && !is_unknown(&old) {
            let mut bytes = old;
            bytes.resize(size as usize, 0);
            Content::bytes(bytes)
        } else {
            let digest = p.m.digest_of(&[b"truncate", &size.to_le_bytes(), &old]);
            Content::Modelled { size, digest, source: Arc::from("truncate") }
        };
        if let Err(errno) = p.write_content(file, content)? {
            return p.fail(1, &format!("{file}: open: {}", errno.text()));
        }
    }
    Ok(0)
}

fn two(p: &mut Process<'_, '_>, operands: &[String]) -> Result<Option<(Vec<u8>, Vec<u8>)>, Halt> {
    let (Some(a), Some(b)) = (operands.first(), operands.get(1)) else { return Ok(None) };
    let Some(first) = open(p, a)? else { return Ok(None) };
    let Some(second) = open(p, b)? else { return Ok(None) };
    if is_unknown(&first) || is_unknown(&second) {
        return Err(Halt::Unknown(crate::shell::Why::Content(a.clone())));
    }
    Ok(Some((first, second)))
}

pub(super) fn cmp(p: &mut Process<'_, '_>) -> Run {
    let longs = [("quiet", 's'), ("silent", 's'), ("verbose", 'l'), ("print-bytes", 'b'), ("bytes=", 'n')];
    let mut opts = opts::parse(p, "slbn:", &longs)?;
    if opts.operands.is_empty() {
        if p.busybox() {
            return super::usage(p);
        }
        p.complain("missing operand after ‘cmp’")?;
        p.complain("Try 'cmp --help' for more information.")?;
        return Ok(2);
    }
    if opts.operands.len() == 1 {
        opts.operands.push("-".to_owned());
    }
    if opts.has('s') {
        for file in &opts.operands {
            if file != "-" && p.stat(file)?.is_err() {
                return Ok(2);
            }
        }
    }
    let Some((mut a, mut b)) = two(p, &opts.operands)? else { return Ok(2) };
    if let Some(most) = opts.value('n') {
        let Ok(most) = most.parse() else { return p.option("-n") };
        a.truncate(most);
        b.truncate(most);
    }
    if a == b {
        return Ok(0);
    }
    if opts.has('l') {
        let width = a.len().min(b.len()).to_string().len();
        for (at, (x, y)) in a.iter().zip(&b).enumerate().filter(|(_, (x, y))| x != y) {
            p.line(&format!("{:width$} {x:3o} {y:3o}", at + 1))?;
        }
    }
    if !opts.has('s') && (!opts.has('l') || a.len() != b.len()) {
        let (x, y) = (
            opts.operands.first().cloned().unwrap_or_default(),
            opts.operands.get(1).cloned().unwrap_or_default(),
        );
        match a.iter().zip(&b).position(|(a, b)| a != b) {
            Some(at) if !opts.has('l') && opts.has('b') => {
                let line = a.iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
                let (x1, y1) = (a.get(at).copied().unwrap_or(0), b.get(at).copied().unwrap_or(0));
                if !(x1.is_ascii_graphic() && y1.is_ascii_graphic()) {
                    return p.option("-b");
                }
                p.line(&format!(
                    "{x} {y} differ: byte {}, line {line} is {x1:3o} {} {y1:3o} {}",
                    at + 1,
                    char::from(x1),
                    char::from(y1)
                ))?;
            }
            Some(_) if opts.has('l') && a.len() == b.len() => {}
            Some(at) if !opts.has('l') => {
                let line = a.iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
                let word = if p.busybox() || !p.curly() { "char" } else { "byte" };
                p.line(&format!("{x} {y} differ: {word} {}, line {line}", at + 1))?;
            }
            _ => {
                let (name, short) = if a.len() < b.len() { (x, &a) } else { (y, &b) };
                let lines = short.iter().filter(|byte| **byte == b'\n').count();
                let more = if p.busybox() {
                    String::new()
                } else if short.is_empty() {
                    " which is empty".to_owned()
                } else if opts.has('l') {
                    format!(" after byte {}", short.len())
                } else if short.ends_with(b"\n") {
                    format!(" after byte {}, line {lines}", short.len())
                } else {
                    format!(" after byte {}, in line {}", short.len(), lines + 1)
                };
                p.complain(&format!("EOF on {name}{more}"))?;
            }
        }
    }
    Ok(1)
}

pub(super) fn comm(p: &mut Process<'_, '_>) -> Run {
    let opts = opts::parse(p, "123", &[])?;
    if opts.operands.len() < 2 && !p.busybox() {
        match opts.operands.first() {
            Some(only) => p.complain(&format!("missing operand after ‘{only}’"))?,
            None => p.complain("missing operand")?,
        }
        return super::try_help(p);
    }
    let Some((a, b)) = two(p, &opts.operands)? else { return Ok(1) };
    let (a, b) = (super::lines(&a), super::lines(&b));
    let (mut i, mut j) = (0, 0);
    let show = |p: &mut Process<'_, '_>, column: char, text: &str| -> Result<(), Halt> {
        if opts.has(column) {
            return Ok(());
        }
        let tabs = "123".chars().take_while(|c| *c != column).filter(|c| !opts.has(*c)).count();
        p.line(&format!("{}{text}", "\t".repeat(tabs)))
    };
    loop {
        p.m.spend(1)?;
        match (a.get(i), b.get(j)) {
            (None, None) => return Ok(0),
            (Some(x), Some(y)) if x == y => {
                show(p, '3', x)?;
                i += 1;
                j += 1;
            }
            (Some(x), y) if y.is_none_or(|y| x < y) => {
                show(p, '1', x)?;
                i += 1;
            }
            (_, Some(y)) => {
                show(p, '2', y)?;
                j += 1;
            }
            (Some(_), None) => i += 1,
        }
    }
}

pub(super) fn fold(p: &mut Process<'_, '_>) -> Run {
    let opts = opts::parse(p, "w:s", &[("width=", 'w'), ("spaces", 's')])?;
    let width: usize = opts.value('w').and_then(|w| w.parse().ok()).unwrap_or(80).max(1);
    let mut code = 0;
    let input = super::text::all_input(p, &opts.operands, &mut code)?;
    let lines = super::lines(&input);
    for (at, line) in lines.iter().enumerate() {
        let chars: Vec<char> = line.chars().collect();
        let bare = at + 1 == lines.len() && !input.ends_with(b"\n");
        if chars.is_empty() {
            p.line("")?;
        }
        let mut rest = chars.as_slice();
        while !rest.is_empty() {
            p.m.spend(1)?;
            let mut end = width.min(rest.len());
            if opts.has('s') && end < rest.len() {
                let blank = rest.get(..end).and_then(|head| head.iter().rposition(|c| *c == ' '));
                end = blank.map_or(end, |at| at + 1);
            }
            let (head, tail) = rest.split_at_checked(end).unwrap_or((rest, &[]));
            p.print(&head.iter().collect::<String>())?;
            if !(bare && tail.is_empty()) {
                p.print("\n")?;
            }
            rest = tail;
        }
    }
    Ok(code)
}
