//! `MAINTAINER`: the author of the image. Deprecated.

use super::{Command, Shape, Spec};

/// What is known of the instruction.
pub static SPEC: Spec = Spec {
    name: "MAINTAINER",
    summary: "Name the image's author. Deprecated: use a label.",
    syntax: "MAINTAINER NAME",
    flags: &[],
    shape: Shape::Text,
    parse: |request| {
        let word = request.exactly_one()?;
        request.flags()?;
        Some(Command::Maintainer(word))
    },
};
