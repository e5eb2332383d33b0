//! `CMD`.

use super::super::dispatch::Scene;
use super::super::planner::Planner;
use super::super::state::State;
use crate::check;
use stagecraft_dockerfile::go::quote;
use stagecraft_dockerfile::instruction::CommandLine;
use std::borrow::Cow;

pub(in crate::plan) fn apply<'a>(
    planner: &mut Planner<'a>,
    state: &mut State<'a>,
    scene: &Scene<'_>,
    line: &CommandLine<'_>,
) {
    if let Some(before) = state.cmd.replace(scene.site) {
        let keyword = &scene.instruction.keyword.text;
        let warning = check::multiple_instructions_disallowed::warning(keyword, planner.text, before.span);
        planner.warn(scene.config, Some(scene.at), before, warning);
    }
    let args = command(planner, state, scene, line);
    state.commit(scene, format!("CMD {}", quoted(&args)), None, false);
    state.value.config.cmd = Some(args);
    state.value.config.args_escaped = true;
}

/// The words with the shell before them in shell form.
pub(super) fn command<'a>(
    planner: &mut Planner<'a>,
    state: &State<'a>,
    scene: &Scene<'_>,
    line: &CommandLine<'_>,
) -> Vec<String> {
    let words = line.texts().map(Cow::into_owned);
    if !line.is_shell() {
        return words.collect();
    }
    if state.value.config.shell.is_empty() {
        let warning = check::json_args_recommended::check(&scene.instruction.keyword.text, &line.words());
        planner.warn(scene.config, Some(scene.at), scene.site, warning);
    }
    with_shell(state, words.collect())
}

/// The stage's shell, `/bin/sh -c` if it sets none, and the words as one.
pub(super) fn with_shell(state: &State<'_>, mut words: Vec<String>) -> Vec<String> {
    let command = if words.len() == 1 { words.swap_remove(0) } else { words.join(" ") };
    let own = &state.value.config.shell;
    if !own.is_empty() {
        return own.iter().cloned().chain([command]).collect();
    }
    if state.value.image_platform.os == "windows" {
        return vec!["cmd".into(), "/S".into(), "/C".into(), command];
    }
    vec!["/bin/sh".into(), "-c".into(), command]
}

/// As Go prints a list with `%q`.
pub(super) fn quoted(args: &[String]) -> String {
    let words: Vec<String> = args.iter().map(|arg| quote(arg)).collect();
    format!("[{}]", words.join(" "))
}
