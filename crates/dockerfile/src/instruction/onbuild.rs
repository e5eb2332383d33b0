//! `ONBUILD`: instructions for those who build on the image.

use super::{Command, Request, Shape, Spec};
use crate::go::text::{is_regexp_space, upper};
use crate::line::is_separator;
use crate::{Dialect, Word};
use std::borrow::Cow;

/// What is known of the instruction.
pub static SPEC: Spec = Spec {
    name: "ONBUILD",
    summary: "Leave an instruction for the builds that use this image as their base.",
    syntax: "ONBUILD INSTRUCTION",
    flags: &[],
    shape: Shape::Trigger,
    parse,
};

fn parse<'a>(request: &mut Request<'_, 'a>) -> Option<Command<'a>> {
    request.at_least_one()?;
    request.flags()?;
    let line = request.line;
    let trigger = request.node.trigger.clone()?;
    let text = line.get(&trigger);
    let end = text.bytes().position(is_separator).unwrap_or(text.len());
    let keyword = trigger.start..trigger.start + end;
    let name = upper(line.get(&keyword));
    let refused = match name.trim() {
        "ONBUILD" => "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed".to_owned(),
        name @ ("MAINTAINER" | "FROM") => format!("{name} isn't allowed as an ONBUILD trigger"),
        _ => return Some(Command::Onbuild(expression(request))),
    };
    request.problem("trigger-not-allowed", line.span(&keyword), refused);
    None
}

/// The line without the keyword, and here-documents as they were written. Flags in between would stay, but
/// `ONBUILD` has none.
fn expression<'a>(request: &Request<'_, 'a>) -> Word<'a> {
    let line = request.line;
    let bytes = line.text.as_bytes();
    let skip = |at: usize| at + bytes.iter().skip(at).take_while(|b| is_regexp_space(**b)).count();
    let start = skip(0);
    let keyword = line.get(&(start..start + SPEC.name.len()));
    let start = if keyword.eq_ignore_ascii_case(SPEC.name) { skip(start + SPEC.name.len()) } else { 0 };
    let mut word = line.word(&(start..line.text.len()));
    if request.dialect == Dialect::BuildKit && !request.heredocs.is_empty() {
        let mut text = word.text.into_owned();
        for doc in request.heredocs {
            text.push('\n');
            text.push_str(&doc.content);
            text.push_str(&doc.name);
        }
        word.text = Cow::Owned(text);
    }
    word
}
