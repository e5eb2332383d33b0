//! `ENV`.

use super::super::dispatch::{Scene, key};
use super::super::fault::Fault;
use super::super::planner::Planner;
use super::super::state::State;
use crate::check;
use stagecraft_dockerfile::instruction::Pair;
use std::sync::Arc;

/// All values are expanded before the first is set.
pub(in crate::plan) fn apply<'a>(
    planner: &mut Planner<'a>,
    state: &mut State<'a>,
    scene: &Scene<'_>,
    pairs: &[Pair<'_>],
) -> Result<(), Fault> {
    let mut expanded: Vec<(Arc<str>, Arc<str>)> = Vec::with_capacity(pairs.len());
    for pair in pairs {
        let name = Arc::from(&*planner.expand(state, scene, &pair.key)?);
        expanded.push((name, Arc::from(&*planner.expand(state, scene, &pair.value)?)));
    }
    let length: usize = expanded.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
    let mut created_by = String::with_capacity(length + 3);
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
        let env = &mut state.value.config.env;
        // What the image's config sets is part of the environment too, which is quick to ask.
        let known = state.value.env.get(&name).is_some();
        match env.iter_mut().filter(|_| known).find(|pair| *key(pair) == *name) {
            Some(slot) => *slot = text,
            None => env.push(text),
        }
        state.value.env.set(name, value);
    }
    state.commit(scene, created_by, None, false);
    Ok(())
}
