//! One file per command; a new one adds a line to [`ALL`].

mod ast;
mod build;
mod check;
mod graph;
mod inspect;
mod plan;
mod timeline;

use crate::args::{Args, Failure};
use std::io::Write;
use std::process::ExitCode;

/// A command of `stagecraft`.
pub(crate) struct Command {
    /// As typed.
    pub(crate) name: &'static str,
    /// One line for `stagecraft help`.
    pub(crate) summary: &'static str,
    /// Its arguments, for `stagecraft help`.
    pub(crate) usage: &'static str,
    /// Runs it: prints its answer to the writer; the exit status is 1 where the Dockerfile is in error.
    pub(crate) run: fn(Args, &mut dyn Write) -> Result<ExitCode, Failure>,
}

/// All commands, in the order of the help.
pub(crate) const ALL: &[Command] = &[
    ast::COMMAND,
    build::COMMAND,
    check::COMMAND,
    graph::COMMAND,
    inspect::COMMAND,
    plan::COMMAND,
    timeline::COMMAND,
];

/// Reads a Dockerfile; bytes that are no UTF-8 become replacement characters.
pub(crate) fn read_dockerfile(path: &str) -> Result<String, Failure> {
    let bytes = std::fs::read(path).map_err(|e| Failure::io(path, &e))?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(e) => String::from_utf8_lossy(e.as_bytes()).into_owned(),
    })
}

/// Takes `--format` out: whether JSON is asked for.
pub(crate) fn json_format(args: &mut Args) -> Result<bool, Failure> {
    match args.value(&["--format"])?.as_deref() {
        Some("json") => Ok(true),
        None | Some("text") => Ok(false),
        Some(other) => Err(Failure::Usage(format!("unknown format {other:?}: text or json"))),
    }
}

/// `NAME=VALUE` taken apart; a name alone has an empty value.
pub(crate) fn pairs(given: &[String]) -> Vec<(&str, &str)> {
    given.iter().map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect()
}
