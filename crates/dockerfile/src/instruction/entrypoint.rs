//! `ENTRYPOINT`: the program of a container.

use super::cmd::command_line;
use super::{Command, Shape, Spec};

/// What is known of the instruction.
pub static SPEC: Spec = Spec {
    name: "ENTRYPOINT",
    summary: "The program that a container runs.",
    syntax: "ENTRYPOINT [\"PROGRAM\", \"ARGUMENT\"…] or ENTRYPOINT COMMAND",
    flags: &[],
    shape: Shape::JsonOrText,
    parse: |request| {
        request.flags()?;
        Some(Command::Entrypoint(command_line(request)))
    },
};
