//! `SHELL`.

use super::super::dispatch::Scene;
use super::super::state::State;
use stagecraft_dockerfile::Word;

pub(in crate::plan) fn apply(state: &mut State<'_>, scene: &Scene<'_>, words: &[Word<'_>]) {
    let words: Vec<String> = words.iter().map(|word| word.text.to_string()).collect();
    state.commit(scene, format!("SHELL [{}]", words.join(" ")), None, false);
    state.value.config_mut().shell = words;
}
