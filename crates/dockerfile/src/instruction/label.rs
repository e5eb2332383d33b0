//! `LABEL`: adds labels to the image.

use super::env::pairs;
use super::{Command, Shape, Spec};

/// What is known of the instruction.
pub static SPEC: Spec = Spec {
    name: "LABEL",
    summary: "Add labels to the image's config.",
    syntax: "LABEL NAME=VALUE…",
    flags: &[],
    shape: Shape::Pairs,
    parse: |request| pairs(request).map(Command::Label),
};
