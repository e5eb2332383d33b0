//! `STOPSIGNAL`: the signal that stops a container.

use super::{Command, Shape, Spec};

/// What is known of the instruction. No builder looks at its flags.
pub static SPEC: Spec = Spec {
    name: "STOPSIGNAL",
    summary: "The signal that asks a container to exit.",
    syntax: "STOPSIGNAL SIGNAL",
    flags: &[],
    shape: Shape::Text,
    parse: |request| Some(Command::Stopsignal(request.exactly_one()?)),
};
