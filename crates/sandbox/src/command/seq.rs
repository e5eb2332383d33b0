//! `seq`: numbers one after another.

use super::opts;
use crate::shell::process::{Process, Run};

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
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
