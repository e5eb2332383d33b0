//! One file per command; a new one adds a line to [`ALL`].

mod ast;

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
pub(crate) const ALL: &[Command] = &[ast::COMMAND];

/// Reads a Dockerfile; bytes that are no UTF-8 become replacement characters.
pub(crate) fn read_dockerfile(path: &str) -> Result<String, Failure> {
    let bytes = std::fs::read(path).map_err(|e| Failure::io(path, &e))?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(e) => String::from_utf8_lossy(e.as_bytes()).into_owned(),
    })
}
