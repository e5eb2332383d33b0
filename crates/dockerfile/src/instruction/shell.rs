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
    if request.node.json {
        return Some(Command::Shell(request.words()));
    }
    let span = request.node.phrase.map_or_else(|| request.keyword(), |phrase| phrase.span());
    request.problem("json-required", span, "SHELL requires the arguments to be in JSON form");
    None
}
