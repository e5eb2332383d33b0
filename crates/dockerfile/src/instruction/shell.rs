//! `SHELL`: the shell of what follows.

use super::{Command, Request, Shape, Spec};

/// What is known of the instruction.
pub static SPEC: Spec = Spec {
    name: "SHELL",
    summary: "The shell that runs commands in shell form.",
    syntax: "SHELL [\"PROGRAM\", \"ARGUMENT\"…]",
    flags: &[],
    shape: Shape::JsonOrText,
    parse,
};

fn parse<'a>(request: &mut Request<'_, 'a>) -> Option<Command<'a>> {
    request.flags()?;
    request.at_least_one()?;
    let words = std::mem::take(&mut request.node.args);
    if request.node.json {
        return Some(Command::Shell(words));
    }
    let span = words.first().map_or_else(|| request.keyword(), |word| word.span);
    request.problem("json-required", span, "SHELL requires the arguments to be in JSON form");
    None
}
