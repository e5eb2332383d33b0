//! `cut`: columns of lines, by bytes, characters or fields.

use super::opts;
use super::text::all_input;
use crate::shell::machine::UNKNOWN;
use crate::shell::process::{Process, Run};

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

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
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
