//! `ONBUILD`.

use super::super::state::State;
use stagecraft_dockerfile::Word;

/// Kept as written for those who build on the image; leaves no history.
pub(in crate::plan) fn apply(state: &mut State<'_>, trigger: &Word<'_>) {
    state.value.config_mut().on_build.push(trigger.text.to_string());
}
