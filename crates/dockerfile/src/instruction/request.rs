//! What an instruction's parser is given: the line taken apart, and where problems go.

use super::{FlagKind, FlagSpec, Spec};
use crate::line::Line;
use crate::split::Node;
use crate::{Dialect, Heredoc, Span, Word, suggest};
use std::borrow::Cow;

/// A problem of one instruction.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) span: Span,
}

/// One instruction to be given a meaning.
pub(crate) struct Request<'r, 'a> {
    pub(crate) spec: &'static Spec,
    pub(crate) node: &'r mut Node<'a>,
    pub(crate) line: &'r Line<'r, 'a>,
    pub(crate) heredocs: &'r [Heredoc<'a>],
    pub(crate) dialect: Dialect,
    pub(crate) problems: &'r mut Vec<Problem>,
}

/// The flags of an instruction, found to be in order.
#[derive(Debug, Default)]
pub(crate) struct Flags<'a>(Vec<(&'static str, Word<'a>)>);

impl<'a> Request<'_, 'a> {
    /// Where the keyword stands.
    pub(crate) fn keyword(&self) -> Span {
        self.line.span(&self.node.keyword)
    }

    /// Notes a problem.
    pub(crate) fn problem(&mut self, code: &'static str, span: Span, message: impl Into<String>) {
        self.problems.push(Problem { code, message: message.into(), span });
    }

    /// Notes a problem with the keyword as its place, for what is missing.
    pub(crate) fn lacking(&mut self, message: &str) -> Option<()> {
        let message = format!("{} {message}", self.spec.name);
        self.problem("wrong-number-of-arguments", self.keyword(), message);
        None
    }

    /// Refuses an instruction without arguments.
    pub(crate) fn at_least_one(&mut self) -> Option<()> {
        let node = &*self.node;
        if node.args.is_empty() && node.pairs.is_empty() && node.trigger.is_none() {
            return self.lacking("requires at least one argument");
        }
        Some(())
    }

    /// The only argument.
    pub(crate) fn exactly_one(&mut self) -> Option<Word<'a>> {
        if self.node.args.len() != 1 {
            self.lacking("requires exactly one argument")?;
        }
        self.node.args.pop()
    }

    /// Reads the flags (BuildKit `instructions/bflag.go`). All problems are noted, the first is the builder's.
    pub(crate) fn flags(&mut self) -> Option<Flags<'a>> {
        if self.node.flags.is_empty() {
            return Some(Flags::default());
        }
        let given = std::mem::take(&mut self.node.flags);
        let before = self.problems.len();
        let mut found = Flags::default();
        for flag in &given {
            self.flag(flag, &mut found);
        }
        self.node.flags = given;
        (self.problems.len() == before).then_some(found)
    }

    fn flag(&mut self, flag: &Word<'a>, found: &mut Flags<'a>) {
        let legacy = self.dialect == Dialect::Legacy;
        let (typed, value) = match flag.text.split_once('=') {
            Some((typed, value)) => (typed, Some(value)),
            None => (flag.text.as_ref(), None),
        };
        let name = typed.strip_prefix("--").unwrap_or(typed);
        // The legacy builder names flags without their dashes, and starts with a capital.
        let shown = if legacy { name } else { typed };
        let message = |lower: &str, upper: &str| format!("{}: {shown}", if legacy { upper } else { lower });
        let name_span = part(flag, 0, typed.len());
        let Some(spec) = self.spec.flags(self.dialect).find(|spec| spec.name == name) else {
            let mut message = message("unknown flag", "Unknown flag");
            if !legacy {
                suggest::append(&mut message, name, self.spec.flags(self.dialect).map(|f| f.name), true);
            }
            return self.problem("unknown-flag", name_span, message);
        };
        if spec.kind != FlagKind::List && found.0.iter().any(|(seen, _)| *seen == spec.name) {
            let message = message("duplicate flag specified", "Duplicate flag specified");
            return self.problem("duplicate-flag", name_span, message);
        }
        let missing = match (spec.kind, value) {
            (FlagKind::Switch, value) => value == Some(""),
            (_, value) => value.is_none(),
        };
        if missing {
            let message = message("missing a value on flag", "Missing a value on flag");
            return self.problem("missing-flag-value", flag.span, message);
        }
        let mut word = match &flag.text {
            Cow::Borrowed(text) => Word {
                text: Cow::Borrowed(text.split_once('=').map_or("", |(_, value)| value)),
                span: part(flag, typed.len() + 1, text.len()),
            },
            Cow::Owned(text) => Word {
                text: Cow::Owned(
                    text.split_once('=').map_or_else(String::new, |(_, value)| value.to_owned()),
                ),
                span: flag.span,
            },
        };
        if spec.kind == FlagKind::Switch {
            let on = match crate::go::text::lower(&word.text).as_ref() {
                "true" | "" => true,
                "false" => false,
                _ => {
                    let message = format!("{}, not: {}", switch_message(legacy, shown), word.text);
                    return self.problem("invalid-flag-value", word.span, message);
                }
            };
            word.text = Cow::Borrowed(if on { "true" } else { "false" });
        }
        found.0.push((spec.name, word));
    }
}

fn switch_message(legacy: bool, shown: &str) -> String {
    format!("{} boolean value for flag {shown}", if legacy { "Expecting" } else { "expecting" })
}

/// The place of a part of a flag, which is known where the flag stands in the file as it is.
fn part(flag: &Word<'_>, start: usize, end: usize) -> Span {
    match flag.text {
        Cow::Borrowed(_) => {
            let end = flag.span.end.min(flag.span.start + end as u32);
            Span::new(end.min(flag.span.start + start as u32), end)
        }
        Cow::Owned(_) => flag.span,
    }
}

impl<'a> Flags<'a> {
    /// The value of a flag that takes text; `None` if it is not given.
    pub(crate) fn text(&mut self, name: &str) -> Option<Word<'a>> {
        let index = self.0.iter().position(|(n, _)| *n == name)?;
        Some(self.0.swap_remove(index).1)
    }

    /// All values of a flag that may be repeated.
    pub(crate) fn list(&self, name: &str) -> Vec<Word<'a>> {
        self.0.iter().filter(|(n, _)| *n == name).map(|(_, word)| word.clone()).collect()
    }

    /// The value of a switch; `None` if it is not given.
    pub(crate) fn switch(&self, name: &str) -> Option<bool> {
        self.0.iter().find(|(n, _)| *n == name).map(|(_, word)| word.text == "true")
    }
}

impl FlagSpec {
    pub(crate) const fn switch(name: &'static str, summary: &'static str) -> Self {
        Self { name, kind: FlagKind::Switch, summary, values: &[], legacy: false }
    }

    pub(crate) const fn text(
        name: &'static str,
        summary: &'static str,
        values: &'static [&'static str],
    ) -> Self {
        Self { name, kind: FlagKind::Text, summary, values, legacy: false }
    }

    pub(crate) const fn list(
        name: &'static str,
        summary: &'static str,
        values: &'static [&'static str],
    ) -> Self {
        Self { name, kind: FlagKind::List, summary, values, legacy: false }
    }

    /// Docker 20.10's classic builder parses it too.
    pub(crate) const fn in_legacy(mut self) -> Self {
        self.legacy = true;
        self
    }
}
