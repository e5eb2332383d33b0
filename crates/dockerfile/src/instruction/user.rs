//! `USER`: who runs what follows.

use super::{Command, Shape, Spec};

/// What is known of the instruction.
pub static SPEC: Spec = Spec {
    name: "USER",
    summary: "The user, and group, for RUN below and for containers.",
    syntax: "USER USER[:GROUP]",
    flags: &[],
    shape: Shape::Text,
    parse: |request| {
        let word = request.exactly_one()?;
        request.flags()?;
        Some(Command::User(word))
    },
};
