//! `od`, `hexdump`, `hd`, `xxd`: bytes shown as numbers.

use super::opts;
use super::text::open;
use crate::shell::machine::{Halt, UNKNOWN, is_unknown};
use crate::shell::process::{Process, Run};

/// All bytes of the operands, or of standard input. `None` where one cannot be read.
fn input(p: &mut Process<'_, '_>, files: &[String], most: Option<usize>) -> Result<(Vec<u8>, u8), Halt> {
    let mut code = 0;
    let mut all = Vec::new();
    if files.is_empty() {
        all = p.stdin();
    }
    for file in files {
        // A device that does not end gives as much as is asked for.
        match (file.as_str(), most) {
            ("/dev/zero", Some(most)) => all.resize(most.min(1 << 20), 0),
            ("/dev/urandom" | "/dev/random", _) => all.extend(UNKNOWN.to_string().bytes()),
            _ => match open(p, file)? {
                Some(bytes) => all.extend(bytes),
                None => code = 1,
            },
        }
    }
    p.m.spend(all.len() as u64 / 16)?;
    Ok((all, code))
}

/// What shows the bytes of one column.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A character or its escape.
    Char,
    /// Names of control characters.
    Named,
    Octal,
    Hex,
    Unsigned,
    Signed,
}

fn number(bytes: &[u8], kind: Kind) -> String {
    let size = bytes.len();
    let value = bytes.iter().rev().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
    match kind {
        Kind::Octal => {
            let width = match size {
                1 => 3,
                2 => 6,
                4 => 11,
                _ => 22,
            };
            format!("{value:0width$o}")
        }
        Kind::Hex => format!("{value:0width$x}", width = size * 2),
        Kind::Unsigned => value.to_string(),
        _ => {
            let shift = 64 - 8 * size as u32;
            ((value << shift).cast_signed() >> shift).to_string()
        }
    }
}

/// Columns that a number takes, the space before it left out.
fn width(kind: Kind, size: usize) -> usize {
    match (kind, size) {
        (Kind::Char | Kind::Named, _) => 3,
        (Kind::Octal, 1) => 3,
        (Kind::Octal, 2) => 6,
        (Kind::Octal, 4) => 11,
        (Kind::Octal, _) => 22,
        (Kind::Hex, size) => size * 2,
        (Kind::Unsigned, 1) => 3,
        (Kind::Unsigned, 2) => 5,
        (Kind::Unsigned, 4) => 10,
        (Kind::Unsigned, _) => 20,
        (Kind::Signed, 1) => 4,
        (Kind::Signed, 2) => 6,
        (Kind::Signed, 4) => 11,
        (Kind::Signed, _) => 20,
    }
}

fn character(byte: u8) -> String {
    match byte {
        0 => "\\0".to_owned(),
        7 => "\\a".to_owned(),
        8 => "\\b".to_owned(),
        9 => "\\t".to_owned(),
        10 => "\\n".to_owned(),
        11 => "\\v".to_owned(),
        12 => "\\f".to_owned(),
        13 => "\\r".to_owned(),
        32..=126 => char::from(byte).to_string(),
        _ => format!("{byte:03o}"),
    }
}

const NAMES: [&str; 33] = [
    "nul", "soh", "stx", "etx", "eot", "enq", "ack", "bel", "bs", "ht", "nl", "vt", "ff", "cr", "so", "si",
    "dle", "dc1", "dc2", "dc3", "dc4", "nak", "syn", "etb", "can", "em", "sub", "esc", "fs", "gs", "rs",
    "us", "sp",
];

fn named(byte: u8) -> String {
    match byte & 0x7f {
        127 => "del".to_owned(),
        low => {
            NAMES.get(usize::from(low)).map_or_else(|| char::from(low).to_string(), |name| (*name).to_owned())
        }
    }
}

/// `x1`, `o2`, `c`, `d4z` …
fn types(text: &str) -> Option<Vec<(Kind, usize, bool)>> {
    let mut found = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let kind = match c {
            'c' => Kind::Char,
            'a' => Kind::Named,
            'o' => Kind::Octal,
            'x' => Kind::Hex,
            'u' => Kind::Unsigned,
            'd' => Kind::Signed,
            _ => return None,
        };
        let size = match chars.peek() {
            _ if matches!(kind, Kind::Char | Kind::Named) => 1,
            Some(digit @ ('1' | '2' | '4' | '8')) => {
                let size = digit.to_digit(10).unwrap_or(1) as usize;
                chars.next();
                size
            }
            Some('C') => 1,
            Some('S') => 2,
            Some('L') => 8,
            _ => 4,
        };
        if matches!(chars.peek(), Some('C' | 'S' | 'I' | 'L')) {
            chars.next();
        }
        let shown = chars.next_if_eq(&'z').is_some();
        found.push((kind, size, shown));
    }
    Some(found)
}

pub(super) fn od(p: &mut Process<'_, '_>) -> Run {
    let longs = [
        ("format=", 't'),
        ("address-radix=", 'A'),
        ("read-bytes=", 'N'),
        ("skip-bytes=", 'j'),
        ("output-duplicates", 'v'),
        ("width=", 'w'),
    ];
    let opts = opts::parse(p, "t:A:N:j:vw:abcdxosil", &longs)?;
    let mut columns = Vec::new();
    for (flag, value) in &opts.flags {
        match flag {
            't' => match types(value) {
                Some(found) => columns.extend(found),
                None => return p.option(["-t ", value].concat()),
            },
            'a' => columns.push((Kind::Named, 1, false)),
            'b' => columns.push((Kind::Octal, 1, false)),
            'c' => columns.push((Kind::Char, 1, false)),
            'd' => columns.push((Kind::Unsigned, 2, false)),
            'o' => columns.push((Kind::Octal, 2, false)),
            's' => columns.push((Kind::Signed, 2, false)),
            'i' => columns.push((Kind::Signed, if p.busybox() { 2 } else { 4 }, false)),
            'l' => columns.push((Kind::Signed, if p.busybox() { 4 } else { 8 }, false)),
            'x' => columns.push((Kind::Hex, 2, false)),
            _ => {}
        }
    }
    if columns.is_empty() {
        columns.push((Kind::Octal, 2, false));
    }
    // BusyBox sets several columns apart in its own way.
    if p.busybox() && (columns.len() > 1 || columns.iter().any(|(_, _, shown)| *shown)) {
        return p.option("-t");
    }
    let parsed = |flag| opts.value(flag).map(str::parse::<usize>).transpose();
    let (Ok(most), Ok(skip), Ok(wide)) = (parsed('N'), parsed('j'), parsed('w')) else {
        return p.option("-N");
    };
    let wide = wide.unwrap_or(16).clamp(1, 1024);
    let (mut bytes, code) = input(p, &opts.operands, most)?;
    if is_unknown(&bytes) {
        p.line(&UNKNOWN.to_string())?;
        return Ok(code);
    }
    if code != 0 && opts.operands.len() == 1 {
        return Ok(code);
    }
    let skip = skip.unwrap_or(0);
    if skip > bytes.len() && !p.busybox() {
        return p.fail(1, "cannot skip past end of combined input");
    }
    let skip = skip.min(bytes.len());
    bytes.drain(..skip);
    bytes.truncate(most.unwrap_or(usize::MAX));
    let radix = opts.value('A').unwrap_or("o").to_owned();
    let address = |at: usize| match radix.as_str() {
        "n" => String::new(),
        "x" => format!("{at:06x}"),
        "d" => format!("{at:07}"),
        _ => format!("{at:07o}"),
    };
    // Every column is as wide as the one that needs the most for its bytes.
    let largest = columns.iter().map(|(_, size, _)| *size).max().unwrap_or(1);
    let room =
        columns.iter().map(|(kind, size, _)| (width(*kind, *size) + 1) * (largest / size)).max().unwrap_or(4);
    let mut before: Option<&[u8]> = None;
    let mut stars = false;
    for (row, chunk) in bytes.chunks(wide).enumerate() {
        if before == Some(chunk) && !opts.has('v') && chunk.len() == wide {
            if !stars {
                p.line("*")?;
            }
            stars = true;
            continue;
        }
        stars = false;
        before = Some(chunk);
        for (at, (kind, size, shown)) in columns.iter().enumerate() {
            let head = address(skip + row * wide);
            let mut line = if at == 0 { head } else { " ".repeat(head.len()) };
            for (index, part) in chunk.chunks(*size).enumerate() {
                let mut part = part.to_vec();
                part.resize(*size, 0);
                let text = match kind {
                    Kind::Char => character(part.first().copied().unwrap_or(0)),
                    Kind::Named => named(part.first().copied().unwrap_or(0)),
                    _ => number(&part, *kind),
                };
                // The room is shared out so that columns of different sizes stay in line.
                let per = largest / size;
                let filled = room * (index / per) + room * (index % per + 1) / per;
                let done = room * (index / per) + room * (index % per) / per;
                let width = filled - done;
                line.push_str(&format!("{text:>width$}"));
            }
            if *shown {
                // What the bytes are as characters stands behind all columns.
                let missing = wide.div_ceil(largest).saturating_sub(chunk.len().div_ceil(largest)) * room;
                line.push_str(&" ".repeat(missing + 2));
                line.push('>');
                line.extend(
                    chunk.iter().map(|byte| if (32..127).contains(byte) { char::from(*byte) } else { '.' }),
                );
                line.push('<');
            }
            p.line(&line)?;
        }
    }
    if radix != "n" {
        p.line(&address(skip + bytes.len()))?;
    }
    Ok(code)
}

/// `hexdump` and `hd`
pub(super) fn hexdump(p: &mut Process<'_, '_>) -> Run {
    let opts = opts::parse(
        p,
        "Cvn:s:bcdox",
        &[("canonical", 'C'), ("length=", 'n'), ("skip=", 's'), ("no-squeezing", 'v')],
    )?;
    let parsed = |flag| opts.value(flag).map(str::parse::<usize>).transpose();
    let (Ok(most), Ok(skip)) = (parsed('n'), parsed('s')) else { return p.option("-n") };
    if opts.any("bcdo") {
        return p.option("-b");
    }
    let canonical = opts.has('C') || p.name == "hd";
    let (mut bytes, code) = input(p, &opts.operands, most)?;
    if is_unknown(&bytes) {
        p.line(&UNKNOWN.to_string())?;
        return Ok(code);
    }
    let skip = skip.unwrap_or(0).min(bytes.len());
    bytes.drain(..skip);
    bytes.truncate(most.unwrap_or(usize::MAX));
    let mut before: Option<&[u8]> = None;
    let mut stars = false;
    for (row, chunk) in bytes.chunks(16).enumerate() {
        if before == Some(chunk) && !opts.has('v') && chunk.len() == 16 {
            if !stars {
                p.line("*")?;
            }
            stars = true;
            continue;
        }
        stars = false;
        before = Some(chunk);
        let at = skip + row * 16;
        let mut line = if canonical { format!("{at:08x}") } else { format!("{at:07x}") };
        if canonical {
            for index in 0..16 {
                line.push_str(if index % 8 == 0 { "  " } else { " " });
                match chunk.get(index) {
                    Some(byte) => line.push_str(&format!("{byte:02x}")),
                    None => line.push_str("  "),
                }
            }
            line.push_str("  |");
            line.extend(
                chunk.iter().map(|byte| if (32..127).contains(byte) { char::from(*byte) } else { '.' }),
            );
            line.push('|');
        } else {
            let gap = if opts.has('x') { 4 } else { 1 };
            for index in 0..8 {
                let pair = chunk.get(index * 2..).unwrap_or_default();
                match pair.first() {
                    Some(low) => {
                        let value = u16::from(*low) | u16::from(pair.get(1).copied().unwrap_or(0)) << 8;
                        line.push_str(&format!("{}{value:04x}", " ".repeat(gap)));
                    }
                    None => line.push_str(&" ".repeat(gap + 4)),
                }
            }
        }
        p.line(&line)?;
    }
    if !bytes.is_empty() {
        let end = skip + bytes.len();
        let text = if canonical { format!("{end:08x}") } else { format!("{end:07x}") };
        p.line(&text)?;
    }
    Ok(code)
}

pub(super) fn xxd(p: &mut Process<'_, '_>) -> Run {
    let opts = opts::parse(p, "prul:s:c:g:i", &[])?;
    let parsed = |flag| opts.value(flag).map(str::parse::<usize>).transpose();
    let (Ok(most), Ok(skip), Ok(wide), Ok(group)) = (parsed('l'), parsed('s'), parsed('c'), parsed('g'))
    else {
        return p.option("-l");
    };
    if opts.has('i') || opts.operands.len() > 1 || (opts.has('u') && p.busybox()) {
        return p.option("-i");
    }
    let (mut bytes, mut code) = input(p, &opts.operands, most)?;
    if code != 0 && !p.busybox() {
        code = 2;
    }
    if is_unknown(&bytes) {
        p.line(&UNKNOWN.to_string())?;
        return Ok(code);
    }
    if opts.has('r') {
        if !opts.has('p') {
            return p.option("-r");
        }
        let digits: Vec<u32> = bytes.iter().filter_map(|byte| char::from(*byte).to_digit(16)).collect();
        let out: Vec<u8> = digits
            .chunks_exact(2)
            .map(|pair| pair.iter().fold(0, |value, digit| value << 4 | *digit as u8))
            .collect();
        p.write(&out)?;
        return Ok(code);
    }
    let skip = skip.unwrap_or(0).min(bytes.len());
    bytes.drain(..skip);
    bytes.truncate(most.unwrap_or(usize::MAX));
    let hex = |byte: u8| if opts.has('u') { format!("{byte:02X}") } else { format!("{byte:02x}") };
    if opts.has('p') {
        for chunk in bytes.chunks(wide.unwrap_or(30).clamp(1, 256)) {
            let text: String = chunk.iter().map(|byte| hex(*byte)).collect();
            p.line(&text)?;
        }
        return Ok(code);
    }
    let wide = wide.unwrap_or(16).clamp(1, 256);
    let group = group.unwrap_or(2).clamp(1, wide);
    for (row, chunk) in bytes.chunks(wide).enumerate() {
        let mut line = format!("{:08x}:", skip + row * wide);
        for index in 0..wide {
            if index % group == 0 {
                line.push(' ');
            }
            match chunk.get(index) {
                Some(byte) => line.push_str(&hex(*byte)),
                None => line.push_str("  "),
            }
        }
        line.push_str("  ");
        line.extend(chunk.iter().map(|byte| if (32..127).contains(byte) { char::from(*byte) } else { '.' }));
        p.line(&line)?;
    }
    Ok(code)
}
