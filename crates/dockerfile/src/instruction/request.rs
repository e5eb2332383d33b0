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
    /// What should probably stand there.
    pub(crate) meant: Option<String>,
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

impl<'a> Request<'_, 'a> {
    /// Where the keyword stands.
    pub(crate) fn keyword(&self) -> Span {
        self.line.span(&self.node.keyword)
    }

    /// Notes a problem.
    pub(crate) fn problem(&mut self, code: &'static str, span: Span, message: impl Into<String>) {
        self.problems.push(Problem { code, message: message.into(), span, meant: None });
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
        let text = node.phrase.is_some() || node.trigger.is_some();
        if node.args.is_empty() && node.pairs.is_empty() && !text {
            return self.lacking("requires at least one argument");
        }
        Some(())
    }

    /// The arguments, in a list of their number; what they were collected in is used again.
    pub(crate) fn words(&mut self) -> Vec<Word<'a>> {
        let mut words = Vec::with_capacity(self.node.args.len());
        words.append(&mut self.node.args);
        words
    }

    /// The only argument.
    pub(crate) fn exactly_one(&mut self) -> Option<Word<'a>> {
        if self.node.args.len() != 1 {
            self.lacking("requires exactly one argument")?;
        }
        self.node.args.pop()
    }

    /// Checks the flags (BuildKit `instructions/bflag.go`). All problems are noted, the first is the builder's.
    /// Their values are then at hand.
    pub(crate) fn flags(&mut self) -> Option<()> {
        if self.node.flags.is_empty() {
            return Some(());
        }
        let given = std::mem::take(&mut self.node.flags);
        let before = self.problems.len();
        let mut seen = 0u32;
        for flag in &given {
            self.check_flag(flag, &mut seen);
        }
        self.node.flags = given;
        (self.problems.len() == before).then_some(())
    }

    fn check_flag(&mut self, flag: &Word<'a>, seen: &mut u32) {
        let legacy = self.dialect == Dialect::Legacy;
        let (typed, value) = parts(&flag.text);
        let name = typed.strip_prefix("--").unwrap_or(typed);
        // The legacy builder names flags without their dashes, and starts with a capital.
        let shown = if legacy { name } else { typed };
        let message = |lower: &str, upper: &str| format!("{}: {shown}", if legacy { upper } else { lower });
        let name_span = part(flag, 0, typed.len());
        let found = self.spec.flags.iter().position(|spec| spec.name == name && (!legacy || spec.legacy));
        let Some((index, spec)) = found.and_then(|i| Some((i, self.spec.flags.get(i)?))) else {
            let mut message = message("unknown flag", "Unknown flag");
            let known = self.spec.flags(self.dialect).map(|f| f.name);
            let meant = suggest::closest(name, known, true);
            if let Some(meant) = meant.as_deref().filter(|_| !legacy) {
                suggest::mention(&mut message, meant);
            }
            let as_written = matches!(flag.text, Cow::Borrowed(_));
            let meant = meant.filter(|_| as_written).map(|meant| format!("--{meant}"));
            self.problems.push(Problem { code: "unknown-flag", message, span: name_span, meant });
            return;
        };
        if spec.kind != FlagKind::List && *seen & 1 << index != 0 {
            let message = message("duplicate flag specified", "Duplicate flag specified");
            return self.problem("duplicate-flag", name_span, message);
        }
        *seen |= 1 << index;
        let missing = match (spec.kind, value) {
            (FlagKind::Switch, value) => value == Some(""),
            (_, value) => value.is_none(),
        };
        if missing {
            let message = message("missing a value on flag", "Missing a value on flag");
            return self.problem("missing-flag-value", flag.span, message);
        }
        if spec.kind == FlagKind::Switch && switch(value.unwrap_or_default()).is_none() {
            let message = format!("{}, not: {}", switch_message(legacy, shown), value.unwrap_or_default());
            let span = part(flag, typed.len() + 1, flag.text.len());
            self.problem("invalid-flag-value", span, message);
        }
    }

    /// The values of a flag, in order.
    fn values(&self, name: &str) -> impl Iterator<Item = Word<'a>> {
        self.node.flags.iter().filter_map(move |flag| {
            let value = flag.text.strip_prefix("--")?;
            if value.as_bytes().first() != name.as_bytes().first() {
                return None;
            }
            let value = value.strip_prefix(name)?;
            let value = match value.strip_prefix('=') {
                Some(value) => value,
                None if value.is_empty() => "",
                // The name of another flag goes on.
                None => return None,
            };
            let start = flag.text.len() - value.len();
            Some(match &flag.text {
                Cow::Borrowed(text) => Word {
                    text: Cow::Borrowed(text.get(start..).unwrap_or_default()),
                    span: part(flag, start, text.len()),
                },
                Cow::Owned(_) => Word { text: Cow::Owned(value.to_owned()), span: flag.span },
            })
        })
    }

    /// The value of a flag that takes text; `None` if it is not given.
    #[inline]
    pub(crate) fn text(&self, name: &str) -> Option<Word<'a>> {
        // Most instructions have no flags.
        if self.node.flags.is_empty() {
            return None;
        }
        self.values(name).next()
    }

    /// All values of a flag that may be repeated.
    #[inline]
    pub(crate) fn list(&self, name: &str) -> Vec<Word<'a>> {
        if self.node.flags.is_empty() {
            return Vec::new();
        }
        self.values(name).collect()
    }

    /// The value of a switch; `None` if it is not given.
    pub(crate) fn switch(&self, name: &str) -> Option<bool> {
        switch(&self.text(name)?.text)
    }
}

/// Name and value of `--name=value`.
fn parts(flag: &str) -> (&str, Option<&str>) {
    let Some(at) = memchr::memchr(b'=', flag.as_bytes()) else { return (flag, None) };
    (flag.get(..at).unwrap_or_default(), flag.get(at + 1..))
}

fn switch(value: &str) -> Option<bool> {
    match crate::go::text::lower(value).as_ref() {
        "true" | "" => Some(true),
        "false" => Some(false),
        _ => None,
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
