//! `true`, `false`, `sleep`, and what does nothing that a tree could show.

use crate::shell::process::{Process, Run};

pub(super) fn yes(_: &mut Process<'_, '_>) -> Run {
    Ok(0)
}

pub(super) fn no(_: &mut Process<'_, '_>) -> Run {
    Ok(1)
}

pub(super) fn sleep(p: &mut Process<'_, '_>) -> Run {
    let mut ms = 0.0;
    if p.args.is_empty() {
        return if p.busybox() {
            super::usage(p)
        } else {
            p.complain("missing operand").and_then(|()| super::try_help(p))
        };
    }
    let odd = p.args.first().and_then(|arg| arg.strip_prefix('-')?.chars().next());
    if let (Some(odd), false) = (odd, p.busybox()) {
        return super::opts::refuse(p, odd);
    }
    for arg in &p.args {
        let (number, factor) = match arg.char_indices().next_back() {
            Some((at, unit @ ('s' | 'm' | 'h' | 'd'))) => {
                let factor = match unit {
                    'm' => 60.0,
                    'h' => 3600.0,
                    'd' => 86400.0,
                    _ => 1.0,
                };
                (arg.get(..at).unwrap_or(""), factor)
            }
            _ => (arg.as_str(), 1.0),
        };
        match number.parse::<f64>() {
            Ok(number) if number >= 0.0 => ms += number * factor * 1000.0,
            _ => {
                let text = if p.busybox() {
                    format!("invalid number '{arg}'")
                } else {
                    format!("invalid time interval ‘{arg}’")
                };
                p.complain(&text)?;
                return if p.busybox() { Ok(1) } else { super::try_help(p) };
            }
        }
    }
    p.m.duration += ms.min(1e12) as u64;
    Ok(0)
}
