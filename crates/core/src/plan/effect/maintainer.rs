//! `MAINTAINER`.

use super::super::dispatch::Scene;
use super::super::fault::Fault;
use super::super::state::State;
use stagecraft_dockerfile::Word;

#[allow(clippy::unnecessary_wraps, reason = "as the other effects")]
pub(in crate::plan) fn apply(state: &mut State<'_>, scene: &Scene<'_>, who: &Word<'_>) -> Result<(), Fault> {
    state.value.author = who.text.to_string();
    state.commit(scene, format!("MAINTAINER {}", who.text), None, false);
    Ok(())
}
