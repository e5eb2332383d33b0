//! `HEALTHCHECK`: how to tell whether a container works.

use super::{Command, FlagSpec, Request, Shape, Spec};
use crate::go::{parse_duration, parse_int, quote, text};
use crate::{Dialect, Span, Word};
use std::borrow::Cow;

/// `HEALTHCHECK`
#[derive(Debug, Clone, Default)]
pub struct Healthcheck<'a> {
    /// `NONE`, or `CMD`/`CMD-SHELL` followed by the command's words, as in the image config.
    pub test: Vec<Word<'a>>,
    /// Nanoseconds.
    pub interval: Option<i64>,
    /// Nanoseconds.
    pub timeout: Option<i64>,
    /// Nanoseconds.
    pub start_period: Option<i64>,
    /// Nanoseconds.
    pub start_interval: Option<i64>,
    /// How often it may fail.
    pub retries: Option<i64>,
}

/// What is known of the instruction.
pub static SPEC: Spec = Spec {
    name: "HEALTHCHECK",
    summary: "How to test that a container still works, or NONE.",
    syntax: "HEALTHCHECK [FLAGS] CMD COMMAND or HEALTHCHECK NONE",
    flags: &[
        FlagSpec::text("interval", "Time between two tests.", &["30s"]).in_legacy(),
        FlagSpec::text("timeout", "How long a test may take.", &["30s"]).in_legacy(),
        FlagSpec::text("start-period", "Time to start in which failures do not count.", &["0s"]).in_legacy(),
        FlagSpec::text("start-interval", "Time between two tests while starting.", &["5s"]),
        FlagSpec::text("retries", "How many failures in a row make it unhealthy.", &["3"]).in_legacy(),
    ],
    shape: Shape::Health,
    parse,
};

fn parse<'a>(request: &mut Request<'_, 'a>) -> Option<Command<'a>> {
    request.at_least_one()?;
    let mut test = request.words();
    let kind = test.first_mut()?;
    let upper = text::upper(&kind.text).into_owned();
    let span = kind.span;
    if upper == "NONE" {
        kind.text = Cow::Borrowed("NONE");
        if test.len() > 1 {
            request.problem("wrong-number-of-arguments", span, "HEALTHCHECK NONE takes no arguments");
            return None;
        }
        return Some(Command::Healthcheck(Box::new(Healthcheck { test, ..Healthcheck::default() })));
    }
    request.flags()?;
    if upper != "CMD" {
        let message = format!("Unknown type {} in HEALTHCHECK (try CMD)", quote(&upper));
        request.problem("unknown-healthcheck", span, message);
        return None;
    }
    kind.text = Cow::Borrowed(if request.node.json { "CMD" } else { "CMD-SHELL" });
    if test.len() < 2 {
        request.problem("wrong-number-of-arguments", span, "Missing command after HEALTHCHECK CMD");
        return None;
    }
    let before = request.problems.len();
    let check = Healthcheck {
        test,
        interval: interval(request, "interval"),
        timeout: interval(request, "timeout"),
        start_period: interval(request, "start-period"),
        start_interval: interval(request, "start-interval"),
        retries: retries(request),
    };
    (request.problems.len() == before).then_some(Command::Healthcheck(Box::new(check)))
}

/// An interval of at least a millisecond; BuildKit takes 0 for the default.
fn interval(request: &mut Request<'_, '_>, name: &str) -> Option<i64> {
    const MINIMUM: i64 = 1_000_000;
    let word = request.text(name).filter(|word| !word.text.is_empty())?;
    match parse_duration(&word.text) {
        Ok(0) if request.dialect == Dialect::BuildKit => Some(0),
        Ok(nanoseconds) if nanoseconds >= MINIMUM => Some(nanoseconds),
        Ok(_) => invalid(request, word.span, format!("Interval {} cannot be less than 1ms", quote(name))),
        Err(message) => invalid(request, word.span, message),
    }
}

fn retries(request: &mut Request<'_, '_>) -> Option<i64> {
    let word = request.text("retries").filter(|word| !word.text.is_empty())?;
    match (parse_int(&word.text, 32), request.dialect) {
        (Ok(n), Dialect::BuildKit) if n < 0 => {
            invalid(request, word.span, format!("--retries cannot be negative ({n})"))
        }
        (Ok(n), Dialect::Legacy) if n < 1 => {
            invalid(request, word.span, format!("--retries must be at least 1 (not {n})"))
        }
        (Ok(n), _) => Some(n),
        (Err(message), _) => invalid(request, word.span, message),
    }
}

fn invalid(request: &mut Request<'_, '_>, span: Span, message: String) -> Option<i64> {
    request.problem("invalid-flag-value", span, message);
    None
}
