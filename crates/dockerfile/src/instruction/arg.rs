//! `ARG`: declares arguments of the build.

use super::{Command, Request, Shape, Spec};
use crate::Word;
use crate::span::split_word;

/// One argument of `ARG`.
#[derive(Debug, Clone)]
pub struct ArgPair<'a> {
    /// The name.
    pub key: Word<'a>,
    /// The default, quotes kept.
    pub value: Option<Word<'a>>,
}

/// What is known of the instruction.
pub static SPEC: Spec = Spec {
    name: "ARG",
    summary: "Declare arguments that --build-arg may set; in force to the end of the stage.",
    syntax: "ARG NAME[=DEFAULT]…",
    flags: &[],
    shape: Shape::Quoted,
    parse,
};

fn parse<'a>(request: &mut Request<'_, 'a>) -> Option<Command<'a>> {
    request.at_least_one()?;
    let mut pairs = Vec::with_capacity(request.node.args.len());
    let mut bad = false;
    let mut args = std::mem::take(&mut request.node.args);
    for word in args.drain(..) {
        let (key, value) = split_word(word, b'=');
        if key.text.is_empty() && value.is_some() {
            request.problem("blank-name", key.span, "ARG names can not be blank");
            bad = true;
        }
        pairs.push(ArgPair { key, value });
    }
    // Keeps what the next instruction's words go into.
    request.node.args = args;
    (!bad).then_some(Command::Arg(pairs))
}
