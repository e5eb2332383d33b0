//! `WORKDIR`: the working directory.

use super::{Command, Shape, Spec};

/// What is known of the instruction.
pub static SPEC: Spec = Spec {
    name: "WORKDIR",
    summary: "The working directory for what follows and for containers; made if it is missing.",
    syntax: "WORKDIR PATH",
    flags: &[],
    shape: Shape::Text,
    parse: |request| {
        let word = request.exactly_one()?;
        request.flags()?;
        Some(Command::Workdir(word))
    },
};
