//! What progress calls an operation (BuildKit `prefixCommand`, `uppercaseCmd`, `processCmdEnv`).

use super::state::State;
use crate::resolve::{Env, Platform};
use stagecraft_dockerfile::expand::{Environment, Lexer};
use stagecraft_dockerfile::go;
use std::fmt::Write as _;

/// `[stage 2/4] ` before the text; counts the stage's operations. `platform` is put before the stage's name where
/// several platforms are built.
pub(super) fn prefix(state: &mut State<'_>, text: &str, platform: &str) -> String {
    if state.command_total > 0 {
        state.command_index += 1;
    }
    numbered(state, text, platform)
}

/// As [`prefix`], for another operation of the same instruction.
pub(super) fn numbered(state: &State<'_>, text: &str, platform: &str) -> String {
    if state.command_total == 0 {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + state.label.len() + platform.len() + 16);
    out.push('[');
    for part in [platform, &state.label] {
        if !part.is_empty() {
            out.push_str(part);
            out.push(' ');
        }
    }
    let total = state.command_total;
    let width = total.ilog10() as usize + 1;
    // Writing to a string cannot fail.
    let _ = write!(out, "{:width$}/{total}] ", state.command_index);
    if state.onbuild {
        out.push_str("ONBUILD ");
    }
    out.push_str(text);
    out
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
            "TARGETOS" => value.clone_into(&mut target.os),
            "TARGETARCH" => value.clone_into(&mut target.architecture),
            "TARGETVARIANT" => value.clone_into(&mut target.variant),
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
pub(super) fn shown(lexer: &Lexer, code: &str, env: &dyn Environment) -> String {
    // Where nothing can be expanded the text stays, also if a quote is not closed.
    let plain = |c: char| {
        c != '$' && c != lexer.escape && (lexer.raw_quotes || !matches!(c, '"' | '\'' | '\u{feff}'))
    };
    let expanded = if code.chars().all(plain) { None } else { lexer.process_word(code, env).ok() };
    let text = expanded.as_ref().map_or(code, |expansion| &expansion.result);
    match text.split_once(' ') {
        Some((keyword, rest)) => format!("{} {rest}", go::upper(keyword).into_owned()),
        None => go::upper(text).into_owned(),
    }
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
