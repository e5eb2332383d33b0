//! `VOLUME`: declares mount points.

use super::{Command, Request, Shape, Spec};
use crate::{Span, Word};
use std::borrow::Cow;

/// What is known of the instruction.
pub static SPEC: Spec = Spec {
    name: "VOLUME",
    summary: "Declare directories that hold data of a container's own.",
    syntax: "VOLUME PATH… or VOLUME [\"PATH\"…]",
    flags: &[],
    shape: Shape::JsonOrWords,
    parse,
};

fn parse<'a>(request: &mut Request<'_, 'a>) -> Option<Command<'a>> {
    request.at_least_one()?;
    request.flags()?;
    let mut volumes = request.words();
    let before = request.problems.len();
    for word in &mut volumes {
        trim(word);
        if word.text.is_empty() {
            request.problem("blank-volume", word.span, "VOLUME specified can not be an empty string");
        }
    }
    (request.problems.len() == before).then_some(Command::Volume(volumes))
}

fn trim(word: &mut Word<'_>) {
    let trimmed = match &word.text {
        Cow::Borrowed(text) => {
            let lead = (text.len() - text.trim_start().len()) as u32;
            let text = text.trim();
            word.span = Span::new(word.span.start + lead, word.span.start + lead + text.len() as u32);
            Cow::Borrowed(text)
        }
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    };
    word.text = trimmed;
}
