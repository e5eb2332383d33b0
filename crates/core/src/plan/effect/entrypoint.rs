//! `ENTRYPOINT`.

use super::super::dispatch::Scene;
use super::super::planner::Planner;
use super::super::state::State;
use super::cmd::{command, quoted};
use crate::check;
use stagecraft_dockerfile::instruction::CommandLine;

/// Also drops the `CMD` of the base, unless the stage has set one.
pub(in crate::plan) fn apply<'a>(
    planner: &mut Planner<'a>,
    state: &mut State<'a>,
    scene: &Scene<'_>,
    line: &CommandLine<'_>,
) {
    if let Some(before) = state.entrypoint.replace(scene.site) {
        let keyword = &scene.instruction.keyword.text;
        let warning = check::multiple_instructions_disallowed::warning(keyword, planner.text, before.span);
        planner.warn(scene.config, Some(scene.at), before, warning);
    }
    let args = command(planner, state, scene, line);
    let created_by = quoted(planner, "ENTRYPOINT", &args);
    state.commit(scene, created_by, None, false);
    let config = state.value.config_mut();
    config.entrypoint = (!args.is_empty()).then_some(args);
    if state.cmd.is_none() {
        config.cmd = None;
    }
}
