//! The Dockerfile language as BuildKit and the legacy builder read it.
//!
//! Text goes in, instructions with spans come out; every problem in the file is a [`Diagnostic`] and the
//! rest still parses. This crate knows nothing of stages, images or files.

pub mod diagnostic;
pub mod dialect;
pub mod instruction;
pub mod span;

pub use diagnostic::{Diagnostic, Phase, Severity};
pub use dialect::Dialect;
pub use instruction::{Command, Instruction};
pub use span::{Span, Word};

use std::borrow::Cow;

/// A parsed Dockerfile. Borrowed from its text; total: a damaged file yields what could be recognised.
#[derive(Debug, Clone, Default)]
pub struct Dockerfile<'a> {
    /// The escape character in force, `\` unless the `escape` directive says otherwise.
    pub escape: char,
    /// Parser directives at the top of the file (`syntax`, `escape`, `check`), names in lower case.
    pub directives: Vec<Directive<'a>>,
    /// Every top-level instruction in order of the file, including those that are in error.
    pub instructions: Vec<Instruction<'a>>,
    /// All problems, in the order in which BuildKit would come across them: those of the line parser
    /// first, then those of single instructions. The first error is the one BuildKit reports.
    pub diagnostics: Vec<Diagnostic>,
}

/// `# name=value` at the top of the file.
#[derive(Debug, Clone)]
pub struct Directive<'a> {
    /// In lower case: `syntax`, `escape` or `check`.
    pub name: Cow<'a, str>,
    /// The trimmed value.
    pub value: Word<'a>,
    /// 1-based line.
    pub line: u32,
}
