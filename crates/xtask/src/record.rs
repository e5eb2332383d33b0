//! `cargo xtask record`: asks real builders and keeps their answers as test data.

use crate::failure::Failure;

/// What the chore does, for the help text.
pub(crate) const ABOUT: &str = "ask a real Docker and keep its answers as test data";

/// Records what real builders answer.
pub(crate) fn run(_args: &[String]) -> Result<(), Failure> {
    Err(Failure::new("recording is not there yet").remedy("see docs/plan.md"))
}
