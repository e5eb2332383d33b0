//! `VOLUME`.

use super::super::dispatch::Scene;
use super::super::fault::Fault;
use super::super::planner::Planner;
use super::super::state::State;
use crate::image::Empty;
use stagecraft_dockerfile::Word;

pub(in crate::plan) fn apply<'a>(
    planner: &mut Planner<'a>,
    state: &mut State<'a>,
    scene: &Scene<'_>,
    paths: &[Word<'_>],
) -> Result<(), Fault> {
    let mut expanded = Vec::with_capacity(paths.len());
    for path in paths {
        expanded.push(planner.expand(state, scene, path)?.into_owned());
    }
    for (path, word) in expanded.iter().zip(paths) {
        if path.is_empty() {
            let message = "VOLUME specified can not be an empty string";
            return Err(Fault::new("empty-volume", message).at(scene.place(word.span)));
        }
        state.value.config_mut().volumes.insert(path.clone(), Empty {});
    }
    state.commit(scene, format!("VOLUME [{}]", expanded.join(" ")), None, false);
    Ok(())
}
