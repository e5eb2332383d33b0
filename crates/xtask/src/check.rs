//! `cargo xtask check`: formatting and lints, for the host and for the browser.

use std::process::Command;
use std::time::Instant;

use crate::failure::Failure;
use crate::process::{self, seconds};
use crate::setup::{self, Toolchain};

/// What the chore does, for the help text.
pub(crate) const ABOUT: &str = "check formatting, and lints for the host and for wasm32";

/// The packages that no browser runs.
const HOST_ONLY: &[&str] = &["stagecraft", "stagecraft-xtask", "stagecraft-tests"];

/// Checks formatting, then clippy for the host, then for wasm32, with warnings as errors.
pub(crate) fn run(_args: &[String]) -> Result<(), Failure> {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        component_is_there(subcommand, component)?;
    }
    let toolchain = setup::wasm_only()?;
    let mut fmt = process::cargo();
    fmt.args(["fmt", "--all", "--check"]);
    step("1/3 formatting", &mut fmt, "run `cargo fmt --all`")?;

    let mut host = process::cargo();
    host.args(["clippy", "--quiet", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]);
    step("2/3 clippy for the host", &mut host, "mend what it names above")?;

    step("3/3 clippy for wasm32", &mut wasm_clippy(&toolchain), "mend what it names above")
}

fn wasm_clippy(toolchain: &Toolchain) -> Command {
    let mut wasm = toolchain.cargo();
    wasm.args(["clippy", "--quiet", "--workspace", "--locked", "--target", "wasm32-unknown-unknown"]);
    for package in HOST_ONLY {
        wasm.args(["--exclude", package]);
    }
    wasm.args(["--", "-D", "warnings"]);
    wasm
}

/// Makes sure that cargo has the subcommand, by rustup where it has not.
fn component_is_there(subcommand: &str, component: &str) -> Result<(), Failure> {
    let there = || process::output(process::cargo().args([subcommand, "--version"])).is_some();
    if there() {
        return Ok(());
    }
    println!("      adding {component} with rustup");
    let added = process::output(Command::new("rustup").args(["component", "add", component]));
    if added.is_some() && there() {
        return Ok(());
    }
    Err(Failure::new(format!("{component} is missing"))
        .remedy(format!("run `rustup component add {component}` and the command again")))
}

fn step(name: &str, command: &mut Command, remedy: &str) -> Result<(), Failure> {
    let started = Instant::now();
    println!("[{name}]");
    process::show(command, name).map_err(|failure| failure.remedy(remedy))?;
    println!("      done in {}", seconds(started.elapsed()));
    Ok(())
}
