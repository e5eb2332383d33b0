//! What progress calls an operation (BuildKit `prefixCommand`, `uppercaseCmd`, `processCmdEnv`).

use super::state::State;
use stagecraft_dockerfile::expand::{Environment, Lexer};
use std::fmt::Write as _;

/// `[stage 2/4] ` before the text; counts the stage's operations.
pub(super) fn prefix(state: &mut State<'_>, text: &str) -> String {
    if state.command_total == 0 {
        return text.to_owned();
    }
    state.command_index += 1;
    numbered(state, text)
}

/// As [`prefix`], for another operation of the same instruction.
pub(super) fn numbered(state: &State<'_>, text: &str) -> String {
    if state.command_total == 0 {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + state.label.len() + 16);
    out.push('[');
    if !state.label.is_empty() {
        out.push_str(&state.label);
        out.push(' ');
    }
    let total = state.command_total;
    let width = total.checked_ilog10().unwrap_or_default() as usize + 1;
    let _ = write!(out, "{:width$}/{total}] ", state.command_index);
    if state.onbuild {
        out.push_str("ONBUILD ");
    }
    out.push_str(text);
    out
}

/// The instruction's code with variables expanded, the keyword in capitals. Where it cannot be expanded it stays.
pub(super) fn shown(lexer: &Lexer, code: &str, env: &dyn Environment) -> String {
    let expanded = lexer.process_word(code, env).map(|expansion| expansion.result);
    let text = expanded.as_deref().unwrap_or(code);
    match text.split_once(' ') {
        Some((keyword, rest)) => format!("{} {rest}", keyword.to_uppercase()),
        None => text.to_uppercase(),
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
