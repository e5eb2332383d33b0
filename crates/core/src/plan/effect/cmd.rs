//! `CMD`.

use super::super::dispatch::Scene;
use super::super::planner::Planner;
use super::super::state::State;
use crate::check;
use smol_str::SmolStr;
use stagecraft_dockerfile::go::quote_into;
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
    let created_by = quoted(planner, "CMD", &args);
    state.commit(scene, created_by, None, false);
    let config = state.value.config_mut();
    config.cmd = Some(args);
    config.args_escaped = true;
}

/// The words with the shell before them in shell form.
pub(super) fn command<'a>(
    planner: &mut Planner<'a>,
    state: &State<'a>,
    scene: &Scene<'_>,
    line: &CommandLine<'_>,
) -> Vec<String> {
    if !line.is_shell() {
        return line.texts().map(Cow::into_owned).collect();
    }
    if state.value.config.shell.is_empty() {
        let warning = check::json_args_recommended::check(&scene.instruction.keyword.text, &line.words());
        planner.warn(scene.config, Some(scene.at), scene.site, warning);
    }
    with_shell(state, &joined(line)).into_iter().map(String::from).collect()
}

/// The words as one.
pub(super) fn joined<'l>(line: &'l CommandLine<'_>) -> Cow<'l, str> {
    let mut words = line.texts();
    match (words.next(), words.next()) {
        (None, _) => Cow::Borrowed(""),
        (Some(only), None) => only,
        (Some(_), Some(_)) => line.texts().collect::<Vec<_>>().join(" ").into(),
    }
}

/// The stage's shell, `/bin/sh -c` if it sets none, and a command.
pub(super) fn with_shell(state: &State<'_>, command: &str) -> Vec<SmolStr> {
    let own = &state.value.config.shell;
    let usual: &[&'static str] =
        if state.value.image_platform.os == "windows" { &["cmd", "/S", "/C"] } else { &["/bin/sh", "-c"] };
    let mut args = Vec::with_capacity(own.len().max(usual.len()) + 1);
    if own.is_empty() {
        args.extend(usual.iter().map(|word| SmolStr::new_static(word)));
    } else {
        args.extend(own.iter().map(SmolStr::from));
    }
    args.push(command.into());
    args
}

/// The keyword, and the words as Go prints a list with `%q`.
pub(super) fn quoted(planner: &mut Planner<'_>, keyword: &str, args: &[String]) -> SmolStr {
    let out = &mut planner.scratch;
    out.clear();
    out.push_str(keyword);
    for (at, arg) in args.iter().enumerate() {
        out.push_str(if at == 0 { " [" } else { " " });
        quote_into(out, arg);
    }
    out.push_str(if args.is_empty() { " []" } else { "]" });
    out.as_str().into()
}
