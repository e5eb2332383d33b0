//! `LABEL`.

use super::super::dispatch::Scene;
use super::super::fault::Fault;
use super::super::planner::Planner;
use super::super::state::State;
use crate::check;
use stagecraft_dockerfile::instruction::Pair;

pub(in crate::plan) fn apply<'a>(
    planner: &mut Planner<'a>,
    state: &mut State<'a>,
    scene: &Scene<'_>,
    pairs: &[Pair<'_>],
) -> Result<(), Fault> {
    let mut expanded = Vec::with_capacity(pairs.len());
    for pair in pairs {
        let name = planner.expand(state, scene, &pair.key)?.into_owned();
        expanded.push((name, planner.expand(state, scene, &pair.value)?.into_owned()));
    }
    let mut created_by = "LABEL".to_owned();
    for (pair, (name, value)) in pairs.iter().zip(expanded) {
        if let Some(warning) = check::legacy_key_value_format::check(&scene.instruction.keyword.text, pair) {
            planner.warn(scene.config, Some(scene.at), scene.site, warning);
        }
        for part in [" ", &name, "=", &value] {
            created_by.push_str(part);
        }
        state.value.config_mut().labels.insert(name, value);
    }
    state.commit(scene, created_by, None, false);
    Ok(())
}
