//! `sort`

use super::opts;
use super::text::all_input;
use crate::shell::process::{Process, Run};
use std::cmp::Ordering;

#[derive(Debug, Clone, Default)]
struct Key {
    from: (usize, usize),
    to: Option<(usize, usize)>,
    flags: String,
}

fn key(text: &str) -> Option<Key> {
    let mut key = Key { from: (1, 1), ..Key::default() };
    let (from, to) = match text.split_once(',') {
        Some((from, to)) => (from, Some(to)),
        None => (text, None),
    };
    let mut place = |text: &str| -> Option<(usize, usize)> {
        let end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
        let (digits, flags) = text.split_at_checked(end)?;
        key.flags.push_str(flags);
        match digits.split_once('.') {
            Some((field, c)) => Some((field.parse().ok()?, c.parse().ok()?)),
            None => Some((digits.parse().ok()?, 0)),
        }
    };
    let from = place(from)?;
    let to = match to {
        Some(to) => Some(place(to)?),
        None => None,
    };
    key.from = from;
    key.to = to;
    Some(key)
}

/// Start and end of each field, the blanks before it included where no separator is given.
fn fields(line: &str, separator: Option<char>) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    match separator {
        Some(separator) => {
            let mut start = 0;
            for (at, c) in line.char_indices() {
                if c == separator {
                    out.push((start, at));
                    start = at + c.len_utf8();
                }
            }
            out.push((start, line.len()));
        }
        None => {
            let mut start = 0;
            let mut in_text = false;
            for (at, c) in line.char_indices() {
                let blank = c == ' ' || c == '\t';
                if blank && in_text {
                    out.push((start, at));
                    start = at;
                }
                in_text = !blank;
            }
            out.push((start, line.len()));
        }
    }
    out
}

fn piece<'t>(line: &'t str, key: &Key, separator: Option<char>) -> &'t str {
    let fields = fields(line, separator);
    let start = match fields.get(key.from.0.saturating_sub(1)) {
        Some((start, end)) => (start + key.from.1.saturating_sub(1)).min(*end),
        None => return "",
    };
    let end = match key.to {
        None => line.len(),
        Some((field, c)) => match fields.get(field.saturating_sub(1)) {
            Some((_, end)) if c == 0 => *end,
            Some((start, end)) => (start + c).min(*end),
            None => line.len(),
        },
    };
    line.get(start..end.max(start)).unwrap_or("")
}

fn number(text: &str) -> f64 {
    let text = text.trim_start();
    let end = text
        .char_indices()
        .find(|(at, c)| !(c.is_ascii_digit() || *c == '.' || (*at == 0 && *c == '-')))
        .map_or(text.len(), |(at, _)| at);
    text.get(..end).and_then(|digits| digits.parse().ok()).unwrap_or(0.0)
}

fn human(text: &str) -> f64 {
    let factor = match text.trim().chars().next_back() {
        Some('K' | 'k') => 1024.0,
        Some('M') => 1_048_576.0,
        Some('G') => 1_073_741_824.0,
        Some('T') => 1_099_511_627_776.0,
        _ => 1.0,
    };
    number(text) * factor
}

/// `sort -V`: digits by value, the rest by bytes.
pub(super) fn by_version(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let texts = |text: &str| text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
        let (at, bt) = (texts(a), texts(b));
        let order = a.get(..at).cmp(&b.get(..bt));
        if order != Ordering::Equal {
            return order;
        }
        a = a.get(at..).unwrap_or("");
        b = b.get(bt..).unwrap_or("");
        let (ad, bd) = (digits(a), digits(b));
        let value = |text: &str, end: usize| text.get(..end).unwrap_or("").trim_start_matches('0').to_owned();
        let (av, bv) = (value(a, ad), value(b, bd));
        let order = av.len().cmp(&bv.len()).then_with(|| av.cmp(&bv));
        if order != Ordering::Equal || (a.is_empty() && b.is_empty()) {
            return order;
        }
        a = a.get(ad..).unwrap_or("");
        b = b.get(bd..).unwrap_or("");
        if a.is_empty() || b.is_empty() {
            return a.len().cmp(&b.len());
        }
    }
}

/// `sort -V` of GNU: letters come before other characters, tildes first, and the ends of file names last.
fn by_file_version(a: &str, b: &str) -> Ordering {
    let hidden = |text: &str| text.starts_with('.');
    match (a.is_empty(), b.is_empty()) {
        (false, false) => {}
        (left, right) => return right.cmp(&left),
    }
    if hidden(a) != hidden(b) {
        return hidden(b).cmp(&hidden(a));
    }
    let stem = |text: &str| text.get(..stem_end(text.as_bytes())).unwrap_or(text).to_owned();
    pieces(stem(a).as_bytes(), stem(b).as_bytes()).then_with(|| pieces(a.as_bytes(), b.as_bytes()))
}

/// Where the suffixes of a file name begin.
fn stem_end(text: &[u8]) -> usize {
    let at = |index: usize| text.get(index).copied().unwrap_or(0);
    let (mut index, mut end) = (0, 0);
    while index < text.len() {
        index += 1;
        end = index;
        while index + 1 < text.len()
            && at(index) == b'.'
            && (at(index + 1).is_ascii_alphabetic() || at(index + 1) == b'~')
        {
            index += 2;
            while index < text.len() && (at(index).is_ascii_alphanumeric() || at(index) == b'~') {
                index += 1;
            }
        }
    }
    end
}

fn pieces(a: &[u8], b: &[u8]) -> Ordering {
    let rank = |text: &[u8], at: usize| match text.get(at).copied() {
        None => -1,
        Some(c) if c.is_ascii_digit() => 0,
        Some(c) if c.is_ascii_alphabetic() => i32::from(c),
        Some(b'~') => -2,
        Some(c) => i32::from(c) + 256,
    };
    let digit = |text: &[u8], at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        while (i < a.len() && !digit(a, i)) || (j < b.len() && !digit(b, j)) {
            let order = rank(a, i).cmp(&rank(b, j));
            if order != Ordering::Equal {
                return order;
            }
            i += 1;
            j += 1;
        }
        let number = |text: &[u8], from: usize| -> (usize, Vec<u8>) {
            let run: Vec<u8> =
                text.get(from..).unwrap_or(&[]).iter().copied().take_while(u8::is_ascii_digit).collect();
            (run.len(), run.into_iter().skip_while(|c| *c == b'0').collect())
        };
        let ((x, left), (y, right)) = (number(a, i), number(b, j));
        let order = left.len().cmp(&right.len()).then_with(|| left.cmp(&right));
        if order != Ordering::Equal {
            return order;
        }
        i += x;
        j += y;
    }
    Ordering::Equal
}

fn compare(a: &str, b: &str, flags: &str) -> Ordering {
    let has = |flag| flags.contains(flag);
    let (a, b) = if has('b') { (a.trim_start(), b.trim_start()) } else { (a, b) };
    if has('n') || has('g') {
        return number(a).total_cmp(&number(b));
    }
    if has('h') {
        return human(a).total_cmp(&human(b));
    }
    if has('V') {
        return by_version(a, b);
    }
    if has('v') {
        return by_file_version(a, b);
    }
    if has('f') || has('d') {
        let fold = |text: &str| -> String {
            text.chars()
                .filter(|c| !has('d') || c.is_alphanumeric() || c.is_ascii_whitespace())
                .map(|c| if has('f') { c.to_ascii_uppercase() } else { c })
                .collect()
        };
        return fold(a).cmp(&fold(b));
    }
    a.cmp(b)
}

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let longs = [
        ("reverse", 'r'),
        ("unique", 'u'),
        ("numeric-sort", 'n'),
        ("key=", 'k'),
        ("field-separator=", 't'),
        ("output=", 'o'),
        ("version-sort", 'V'),
        ("human-numeric-sort", 'h'),
        ("stable", 's'),
        ("check", 'c'),
        ("ignore-case", 'f'),
        ("zero-terminated", 'z'),
    ];
    let opts = opts::parse(p, "runk:t:o:Vhsfbdgczm", &longs)?;
    if opts.has('h') && p.busybox() && p.m.standalone() {
        p.complain("invalid option -- 'h'")?;
        return super::usage(p).map(|_| 2);
    }
    let mut code = 0;
    let input = all_input(p, &opts.operands, &mut code)?;
    if code != 0 {
        return Ok(2);
    }
    let text = String::from_utf8_lossy(&input).into_owned();
    let end = if opts.has('z') { '\0' } else { '\n' };
    let mut lines: Vec<&str> = text.split_terminator(end).collect();
    p.m.spend(lines.len() as u64 * 4)?;
    let separator = opts.value('t').and_then(|t| t.chars().next());
    let global: String =
        opts.flags.iter().map(|(flag, _)| *flag).filter(|flag| "nVhfbdg".contains(*flag)).collect();
    let gnu = !p.busybox();
    let own = |flags: String| if gnu { flags.replace('V', "v") } else { flags };
    let global = own(global);
    let keys: Vec<Key> = opts
        .flags
        .iter()
        .filter(|(flag, _)| *flag == 'k')
        .filter_map(|(_, text)| key(text))
        .map(|key| Key { flags: own(key.flags.clone()), ..key })
        .collect();
    let reverse = opts.has('r');
    let by_keys = |a: &str, b: &str| {
        for key in &keys {
            let flags = if key.flags.is_empty() { &global } else { &key.flags };
            let order = compare(piece(a, key, separator), piece(b, key, separator), flags);
            let turned = if key.flags.is_empty() { reverse } else { key.flags.contains('r') };
            if order != Ordering::Equal {
                return if turned { order.reverse() } else { order };
            }
        }
        if keys.is_empty() {
            let order = compare(a, b, &global);
            return if reverse { order.reverse() } else { order };
        }
        Ordering::Equal
    };
    let whole = |a: &str, b: &str| {
        let order = by_keys(a, b);
        // BusyBox also breaks ties where only one of them stays.
        if order != Ordering::Equal || opts.has('s') || (opts.has('u') && gnu) {
            return order;
        }
        let order = a.cmp(b);
        if reverse { order.reverse() } else { order }
    };
    if opts.has('c') {
        let bad = lines.windows(2).position(|pair| match pair {
            [a, b] => whole(a, b) == Ordering::Greater,
            _ => false,
        });
        let Some(at) = bad else { return Ok(0) };
        let line = lines.get(at + 1).copied().unwrap_or("").to_owned();
        if p.busybox() {
            p.error(&format!("Check line {}", at + 1))?;
        } else {
            let file = opts.operands.first().map_or("-", String::as_str);
            p.complain(&format!("{file}:{}: disorder: {line}", at + 2))?;
        }
        return Ok(1);
    }
    if opts.has('m') {
        // To merge is to sort where each file is sorted.
        let mut from = 0;
        for file in &opts.operands {
            let count = super::text::open(p, file)?
                .map_or(0, |bytes| String::from_utf8_lossy(&bytes).lines().count());
            let part = lines.get(from..from + count).unwrap_or(&[]);
            if part.windows(2).any(|pair| matches!(pair, [a, b] if whole(a, b) == Ordering::Greater)) {
                return p.option("-m");
            }
            from += count;
        }
    }
    let turned = match keys.last() {
        Some(key) if !key.flags.is_empty() => key.flags.contains('r'),
        _ => reverse,
    };
    if opts.has('s') && turned && p.busybox() && p.m.standalone() {
        // Before 1.36 BusyBox turns the lines that are alike too.
        lines.reverse();
    }
    lines.sort_by(|a, b| whole(a, b));
    // Before 1.36 BusyBox numbers the lines for -s, so that none is like another.
    if opts.has('u') && !(p.busybox() && p.m.standalone() && opts.has('s')) {
        lines.dedup_by(|a, b| by_keys(a, b) == Ordering::Equal);
    }
    let mut out = String::with_capacity(text.len() + 1);
    for line in lines {
        out.push_str(line);
        out.push(end);
    }
    match opts.value('o') {
        Some(file) => {
            let file = file.to_owned();
            if let Err(errno) = p.write_file(&file, out.into_bytes())? {
                return p.fail(1, &format!("can't open '{file}': {}", errno.text()));
            }
        }
        None => p.print(&out)?,
    }
    Ok(0)
}
