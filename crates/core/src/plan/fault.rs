//! Errors on their way up.

use stagecraft_dockerfile::Span;

/// An error of one instruction or of the whole plan.
#[derive(Debug, Clone, Default)]
pub(super) struct Fault {
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) lines: Vec<(u32, u32)>,
    pub(super) span: Option<Span>,
    pub(super) help: Option<&'static str>,
}

impl Fault {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), ..Self::default() }
    }

    /// At the very word, if none is known yet.
    pub(super) fn at(mut self, span: Span) -> Self {
        self.span.get_or_insert(span);
        self
    }

    /// With the way out.
    pub(super) fn help(mut self, help: &'static str) -> Self {
        self.help = Some(help);
        self
    }

    /// BuildKit's `parser.WithLocation`: adds a location to those that the error has.
    pub(super) fn located(mut self, lines: (u32, u32)) -> Self {
        self.lines.extend(each_line(lines));
        self
    }
}

/// One pair per line, as BuildKit keeps the location of an instruction.
pub(super) fn each_line((first, last): (u32, u32)) -> impl Iterator<Item = (u32, u32)> {
    (first..=last.max(first)).map(|line| (line, line))
}
