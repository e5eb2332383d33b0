//! `cargo xtask fuzz`: throws damaged and random Dockerfiles at both builders for a while.

use std::process::Command;

use crate::failure::Failure;
use crate::process;

/// What the chore does, for the help text.
pub(crate) const ABOUT: &str = "throw random Dockerfiles at both builders: fuzz [CASES]";

/// Runs the property tests with many more cases than `cargo xtask test` does.
pub(crate) fn run(args: &[String]) -> Result<(), Failure> {
    let cases = args.first().map_or("20000", String::as_str);
    if cases.parse::<u32>().is_err() {
        return Err(Failure::new(format!("\"{cases}\" is not a number of cases"))
            .remedy("run `cargo xtask fuzz 20000`"));
    }
    let mut cargo: Command = process::cargo();
    cargo.args(["test", "--package", "stagecraft-tests", "--test", "robust"]).env("PROPTEST_CASES", cases);
    process::show(&mut cargo, "fuzzing")
}
