//! Problems found in a file, as values.

use crate::{Dialect, Span};
use std::borrow::Cow;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The builder refuses the file.
    Error,
    /// The builder goes on (BuildKit's build checks, and ours).
    Warning,
    /// Worth knowing.
    Info,
}

/// When the builder comes across it; earlier phases hide later ones in the builder, not here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// Splitting the text into instructions (BuildKit `parser.Parse`).
    Parse,
    /// Typing one instruction (BuildKit `instructions.Parse`).
    Instruction,
    /// Resolving stages and arguments, making operations (BuildKit `dockerfile2llb`).
    Plan,
    /// Running the build.
    Build,
}

/// A problem with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable kebab-case code, or the name of BuildKit's check (`JSONArgsRecommended`).
    pub code: Cow<'static, str>,
    /// How bad it is.
    pub severity: Severity,
    /// When the builder finds it.
    pub phase: Phase,
    /// The message as the real builder words it.
    pub message: String,
    /// The very word; inside the text, on character boundaries.
    pub span: Span,
    /// `(first, last)` line pairs as BuildKit reports the location, one pair per line for an instruction that
    /// spans lines; empty where BuildKit reports none.
    pub lines: Vec<(u32, u32)>,
    /// Why, or the way out, in our words.
    pub help: Option<Cow<'static, str>>,
    /// A mechanical mend, where there is one.
    pub fix: Option<Fix>,
}

/// Edits that remove the problem and change nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What the button says.
    pub label: Cow<'static, str>,
    /// Replacements, disjoint, in order.
    pub edits: Vec<(Span, String)>,
}

impl Diagnostic {
    /// The message as the builder reports it for the whole file: problems of single instructions name their line.
    pub fn in_full(&self, dialect: Dialect) -> String {
        if self.phase != Phase::Instruction || self.code == "no-build-stage" {
            return self.message.clone();
        }
        let line = self.lines.first().map_or(0, |(first, _)| *first);
        match dialect {
            Dialect::BuildKit => format!("dockerfile parse error on line {line}: {}", self.message),
            Dialect::Legacy => format!("dockerfile parse error line {line}: {}", self.message),
        }
    }
}

/// One pair per line, as BuildKit reports a range of lines.
pub fn lines((first, last): (u32, u32)) -> Vec<(u32, u32)> {
    (first..=last.max(first)).map(|line| (line, line)).collect()
}
