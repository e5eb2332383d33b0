//! Stagecraft's chores, one file each: `cargo xtask serve`, `test`, `build`, `bench`, `check`, `record`, `fuzz`.
//!
//! Whatever a chore needs beyond Rust and Node it sets up by itself (see [`setup`]), into the project's own
//! `.tools/` folder. The crate has no dependencies, so that the first command of a newcomer starts in seconds.
// A chore talks to the person at the terminal: that is what it is for.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod bench;
mod build;
mod check;
mod failure;
mod fingerprint;
mod fuzz;
mod halves;
mod help;
mod process;
mod project;
mod record;
mod serve;
mod server;
mod setup;
mod split;
mod test;

use std::process::ExitCode;

use failure::Failure;

/// A chore: its name, what it does in a line, and the function that does it.
struct Chore {
    name: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result<(), Failure>,
}

/// Every chore there is, in the order of the help text.
const CHORES: &[Chore] = &[
    Chore { name: "serve", about: serve::ABOUT, run: serve::run },
    Chore { name: "test", about: test::ABOUT, run: test::run },
    Chore { name: "build", about: build::ABOUT, run: build::run },
    Chore { name: "bench", about: bench::ABOUT, run: bench::run },
    Chore { name: "check", about: check::ABOUT, run: check::run },
    Chore { name: "record", about: record::ABOUT, run: record::run },
    Chore { name: "fuzz", about: fuzz::ABOUT, run: fuzz::run },
    Chore { name: "help", about: help::ABOUT, run: help::run },
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (name, rest) = match args.split_first() {
        Some((name, rest)) => (name.trim_start_matches('-'), rest),
        None => ("help", args.as_slice()),
    };
    let outcome = match CHORES.iter().find(|chore| chore.name == name) {
        Some(chore) => (chore.run)(rest),
        None => Err(Failure::new(format!("there is no chore called \"{name}\""))
            .remedy("run `cargo xtask help` for the list")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}
