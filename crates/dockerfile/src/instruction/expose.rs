//! `EXPOSE`: says on which ports a container listens.

use super::{Command, Request, Shape, Spec};

/// What is known of the instruction.
pub static SPEC: Spec = Spec {
    name: "EXPOSE",
    summary: "Say which ports a container listens on; it publishes none.",
    syntax: "EXPOSE PORT[/PROTOCOL]…",
    flags: &[],
    shape: Shape::Words,
    parse,
};

fn parse<'a>(request: &mut Request<'_, 'a>) -> Option<Command<'a>> {
    request.at_least_one()?;
    request.flags()?;
    let mut ports = request.words();
    ports.sort_by(|a, b| a.text.cmp(&b.text));
    Some(Command::Expose(ports))
}
