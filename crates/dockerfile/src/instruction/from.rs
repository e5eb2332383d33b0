//! `FROM`: starts a stage.

use super::{Command, FlagSpec, Request, Shape, Spec};
use crate::Word;
use crate::go::text::{lower, quote_into};
use std::borrow::Cow;

/// `FROM [--platform=P] BASE [AS NAME]`
#[derive(Debug, Clone)]
pub struct From<'a> {
    /// Image or stage, unexpanded.
    pub base: Word<'a>,
    /// The stage's name in lower case; its span is where it stands.
    pub name: Option<Word<'a>>,
    /// `--platform`, unexpanded.
    pub platform: Option<Word<'a>>,
    /// The word `AS` as typed.
    pub r#as: Option<Word<'a>>,
    /// The stage's name as typed.
    pub typed_name: Option<Cow<'a, str>>,
}

/// What is known of the instruction.
pub static SPEC: Spec = Spec {
    name: "FROM",
    summary: "Start a build stage from an image or from an earlier stage.",
    syntax: "FROM [--platform=PLATFORM] IMAGE[:TAG|@DIGEST] [AS NAME]",
    flags: &[FlagSpec::text(
        "platform",
        "The platform of the base image.",
        &["$BUILDPLATFORM", "$TARGETPLATFORM", "linux/amd64", "linux/arm64"],
    )
    .in_legacy()],
    shape: Shape::Words,
    parse,
};

fn parse<'a>(request: &mut Request<'_, 'a>) -> Option<Command<'a>> {
    let count = request.node.args.len();
    let mut args = request.node.args.drain(..);
    let (base, r#as, typed) = (args.next(), args.next(), args.next());
    drop(args);
    let r#as = r#as.filter(|word| count == 3 && is_as(&word.text));
    let (Some(base), true) = (base, count == 1 || r#as.is_some()) else {
        request.lacking("requires either one or three arguments")?;
        return None;
    };
    let mut name = None;
    let mut typed_name = None;
    if let Some(typed) = typed {
        let lowered = match lower(&typed.text) {
            // Nothing changes: keep what is borrowed from the file.
            Cow::Borrowed(_) => typed.text.clone(),
            Cow::Owned(lowered) => Cow::Owned(lowered),
        };
        if !is_stage_name(&lowered) {
            let mut message = "invalid name for build stage: ".to_owned();
            quote_into(&mut message, &typed.text);
            message.push_str(", name can't start with a number or contain symbols");
            request.problem("invalid-stage-name", typed.span, message);
            return None;
        }
        name = Some(Word { text: lowered, span: typed.span });
        typed_name = Some(typed.text);
    }
    request.flags()?;
    let platform = request.text("platform");
    Some(Command::From(Box::new(From { base, name, platform, r#as, typed_name })))
}

/// Go's `strings.EqualFold` with "as"; the long s folds to s.
fn is_as(text: &str) -> bool {
    let mut chars = text.chars();
    matches!((chars.next(), chars.next(), chars.next()), (Some('a' | 'A'), Some('s' | 'S' | 'ſ'), None))
}

/// Whether a stage may be called so: `^[a-z][a-z0-9-_.]*$`.
pub fn is_stage_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.'))
}
