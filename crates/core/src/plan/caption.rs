//! What progress calls an operation (BuildKit `prefixCommand`, `uppercaseCmd`, `processCmdEnv`).

use super::state::State;
use crate::resolve::{Env, Platform};
use smol_str::SmolStr;
use stagecraft_dockerfile::expand::{Environment, Lexer};
use stagecraft_dockerfile::go;
use std::borrow::Cow;

/// `[stage 2/4] ` before the text; counts the stage's operations. `platform` is put before the stage's name where
/// several platforms are built.
/// `scratch` is where it is put together.
pub(super) fn prefix(scratch: &mut String, state: &mut State<'_>, text: &str, platform: &str) -> SmolStr {
    if state.command_total > 0 {
        state.command_index += 1;
    }
    numbered(scratch, state, text, platform)
}

/// As [`prefix`], for another operation of the same instruction.
pub(super) fn numbered(out: &mut String, state: &State<'_>, text: &str, platform: &str) -> SmolStr {
    if state.command_total == 0 {
        return text.into();
    }
    out.clear();
    out.push('[');
    for part in [platform, &state.label] {
        if !part.is_empty() {
            out.push_str(part);
            out.push(' ');
        }
    }
    let total = state.command_total;
    let width = total.ilog10() as usize + 1;
    number(out, state.command_index, width);
    out.push('/');
    number(out, total, width);
    out.push_str("] ");
    if state.onbuild {
        out.push_str("ONBUILD ");
    }
    out.push_str(text);
    out.as_str().into()
}

/// A number in decimal, with blanks before it up to a width.
fn number(out: &mut String, number: usize, width: usize) {
    let digits = number.checked_ilog10().unwrap_or_default();
    for place in (0..width.max(digits as usize + 1) as u32).rev() {
        let digit = number.checked_div(10_usize.saturating_pow(place)).unwrap_or_default() % 10;
        out.push(if place > digits { ' ' } else { char::from(b'0' + digit as u8) });
    }
}

/// `linux/amd64->arm64`: the stage's platform and, where it compiles for another, that.
pub(super) fn platforms(platform: &Platform, env: &Env) -> String {
    let mut target = Platform::new("", "", "");
    for (name, value) in env.iter() {
        match name {
            "TARGETPLATFORM" => {
                if let Ok(found) = Platform::parse(value) {
                    target = found;
                    break;
                }
            }
            "TARGETOS" => target.os = value.to_owned().into(),
            "TARGETARCH" => target.architecture = value.to_owned().into(),
            "TARGETVARIANT" => target.variant = value.to_owned().into(),
            _ => {}
        }
    }
    if target.os.is_empty() {
        target.os.clone_from(&platform.os);
    }
    if target.architecture.is_empty() {
        target.architecture.clone_from(&platform.architecture);
    }
    let target = target.normalized();
    if target.os != platform.os {
        return format!("{platform}->{target}");
    }
    if target.architecture == platform.architecture {
        return platform.to_string();
    }
    let variant = if target.variant.is_empty() { String::new() } else { format!("/{}", target.variant) };
    format!("{platform}->{}{variant}", target.architecture)
}

/// The instruction's code with variables expanded, the keyword in capitals. Where it cannot be expanded it stays.
pub(super) fn shown<'c>(lexer: &Lexer, code: &'c str, env: &dyn Environment) -> Cow<'c, str> {
    // Where nothing can be expanded the text stays, also if a quote is not closed.
    let bytes = code.as_bytes();
    let has = |b: u8| bytes.contains(&b);
    // The first byte of a byte order mark is enough to look closer.
    let quoted = || !lexer.raw_quotes && (has(b'"') || has(b'\'') || has(0xef));
    let expanded = if has(b'$') || has(lexer.escape as u8) || quoted() {
        lexer.expand(code, env, None).ok()
    } else {
        None
    };
    let text = expanded.unwrap_or(Cow::Borrowed(code));
    let end = text.bytes().position(|b| b == b' ').unwrap_or(text.len());
    let (keyword, rest) = text.split_at_checked(end).unwrap_or((&text, ""));
    if keyword.bytes().all(|b| b.is_ascii_uppercase()) {
        return text;
    }
    let upper = match go::upper(keyword) {
        Cow::Borrowed(_) => None,
        Cow::Owned(upper) => Some([&upper, rest].concat()),
    };
    upper.map_or(text, Cow::Owned)
}

/// ` (first line...)` of a here-document.
pub(super) fn summary(document: &str) -> String {
    let document = document.trim();
    match document.split_once('\n') {
        Some((first, _)) => format!("{}...", first.strip_suffix('\r').unwrap_or(first)),
        None => document.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cross_builds_name_both_platforms() {
        let env = |pairs: &[(&'static str, &'static str)]| pairs.iter().copied().collect::<Env>();
        let here = Platform::default();
        assert_eq!(platforms(&here, &env(&[])), "linux/amd64");
        assert_eq!(platforms(&here, &env(&[("TARGETARCH", "arm64")])), "linux/amd64->arm64");
        assert_eq!(platforms(&here, &env(&[("TARGETPLATFORM", "linux/arm/v6")])), "linux/amd64->arm/v6");
        assert_eq!(platforms(&here, &env(&[("TARGETOS", "windows")])), "linux/amd64->windows/amd64");
    }

    #[test]
    fn documents_are_summed_up() {
        assert_eq!(summary("\n  one\n"), "one");
        assert_eq!(summary("one\r\ntwo\n"), "one...");
    }
}
