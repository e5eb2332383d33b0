//! `MAINTAINER`.

use super::super::dispatch::Scene;
use super::super::state::State;
use stagecraft_dockerfile::Word;

pub(in crate::plan) fn apply(state: &mut State<'_>, scene: &Scene<'_>, who: &Word<'_>) {
    state.value.author = who.text.to_string();
    state.commit(scene, format!("MAINTAINER {}", who.text), None, false);
}
