//! `tr`: characters for characters.

use super::opts;
use crate::shell::machine::UNKNOWN;
use crate::shell::process::{Process, Run};

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

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
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
