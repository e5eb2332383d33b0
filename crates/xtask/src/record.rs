//! `cargo xtask record`: asks real builders and keeps their answers as test data.

use crate::failure::Failure;
use std::process::Command;

/// What the chore does, for the help text.
pub(crate) const ABOUT: &str = "ask a real Docker and keep its answers as test data";

/// Records what real builders answer to the cases of `tests/oracle`. The work is a program of the tests' own, so that
/// this one need not know what a build is.
pub(crate) fn run(args: &[String]) -> Result<(), Failure> {
    let status = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--package", "stagecraft-tests", "--bin", "record", "--"])
        .args(args)
        .status()
        .map_err(|error| Failure::new(format!("cargo could not be started: {error}")))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new("recording failed").remedy(
        "it needs Docker Engine 20.10: start one, and give its address with --host unix:///PATH/docker.sock",
    ))
}
