//! `USER`.

use super::super::dispatch::Scene;
use super::super::fault::Fault;
use super::super::planner::Planner;
use super::super::state::State;
use stagecraft_dockerfile::Word;

pub(in crate::plan) fn apply<'a>(
    planner: &mut Planner<'a>,
    state: &mut State<'a>,
    scene: &Scene<'_>,
    user: &Word<'_>,
) -> Result<(), Fault> {
    let user = planner.expand(state, scene, user)?;
    state.commit(scene, format!("USER {user}"), None, false);
    state.value.user = (&*user).into();
    state.value.config_mut().user = user.into_owned();
    Ok(())
}
