//! `ENV`.

use super::super::dispatch::{Scene, key};
use super::super::fault::Fault;
use super::super::planner::Planner;
use super::super::state::State;
use crate::check;
use smol_str::SmolStr;
use stagecraft_dockerfile::instruction::Pair;

/// All values are expanded before the first is set.
pub(in crate::plan) fn apply<'a>(
    planner: &mut Planner<'a>,
    state: &mut State<'a>,
    scene: &Scene<'_>,
    pairs: &[Pair<'_>],
) -> Result<(), Fault> {
    let mut expanded: Vec<(SmolStr, SmolStr)> = Vec::with_capacity(pairs.len());
    for pair in pairs {
        let name = SmolStr::from(planner.expand(state, scene, &pair.key)?);
        expanded.push((name, planner.expand(state, scene, &pair.value)?.into()));
    }
    let mut created_by = std::mem::take(&mut planner.scratch);
    created_by.clear();
    created_by.push_str("ENV");
    for (pair, (name, value)) in pairs.iter().zip(expanded) {
        let legacy = check::legacy_key_value_format::check(&scene.instruction.keyword.text, pair);
        let secret = check::secrets_used_in_arg_or_env::check("ENV", &name, pair.key.span);
        for warning in [legacy, secret].into_iter().flatten() {
            planner.warn(scene.config, Some(scene.at), scene.site, warning);
        }
        let text = [&*name, "=", &*value].concat();
        created_by.push(' ');
        created_by.push_str(&text);
        let known = state.value.env.get(&name).is_some();
        let env = &mut state.value.config_mut().env;
        // What the image's config sets is part of the environment too, which is quick to ask.
        match env.iter_mut().filter(|_| known).find(|pair| *key(pair) == *name) {
            Some(slot) => *slot = text,
            None => env.push(text),
        }
        state.value.env.set(name, value);
    }
    state.commit(scene, created_by.as_str(), None, false);
    planner.scratch = created_by;
    Ok(())
}
