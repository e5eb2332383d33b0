//! `ENV`: sets environment variables of the image.

use super::{Command, Request, Shape, Spec};
use crate::Word;

/// `NAME=VALUE` of `ENV` and `LABEL`.
#[derive(Debug, Clone)]
pub struct Pair<'a> {
    /// The name.
    pub key: Word<'a>,
    /// The value, quotes kept.
    pub value: Word<'a>,
    /// Written in the old form without `=` (`ENV key some value`).
    pub no_delimiter: bool,
}

/// What is known of the instruction.
pub static SPEC: Spec = Spec {
    name: "ENV",
    summary: "Set environment variables, for the instructions below and in the image.",
    syntax: "ENV NAME=VALUE…",
    flags: &[],
    shape: Shape::Pairs,
    parse: |request| pairs(request).map(Command::Env),
};

/// Reads what `ENV` and `LABEL` share.
pub(super) fn pairs<'a>(request: &mut Request<'_, 'a>) -> Option<Vec<Pair<'a>>> {
    request.flags()?;
    request.at_least_one()?;
    let pairs: Vec<Pair<'a>> = std::mem::take(&mut request.node.pairs);
    let before = request.problems.len();
    for pair in pairs.iter().filter(|pair| pair.key.text.is_empty()) {
        let message = format!("{} names can not be blank", request.spec.name);
        request.problem("blank-name", pair.key.span, message);
    }
    (request.problems.len() == before).then_some(pairs)
}
