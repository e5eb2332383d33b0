//! `ONBUILD`.

use super::super::fault::Fault;
use super::super::state::State;
use stagecraft_dockerfile::Word;

/// Kept as written for those who build on the image; leaves no history.
#[allow(clippy::unnecessary_wraps, reason = "as the other effects")]
pub(in crate::plan) fn apply(state: &mut State<'_>, trigger: &Word<'_>) -> Result<(), Fault> {
    state.value.config.on_build.push(trigger.text.to_string());
    Ok(())
}
