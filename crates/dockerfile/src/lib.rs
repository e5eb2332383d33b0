//! The Dockerfile language as BuildKit and the legacy builder read it.
//!
//! Text goes in, instructions with spans come out; every problem in the file is a [`Diagnostic`] and the
//! rest still parses. This crate knows nothing of stages, images or files.
//!
//! ```
//! use stagecraft_dockerfile::{Command, Dialect, parse};
//!
//! let file = parse("FROM alpine AS base\nRUNN make\nCOPY --from=base /a /b\n", Dialect::BuildKit);
//! let Some(Command::From(from)) = &file.instructions[0].command else { panic!() };
//! assert_eq!(from.base.text, "alpine");
//! // The second line is in error, and the third is understood all the same.
//! assert_eq!(file.diagnostics[0].message, "unknown instruction: RUNN (did you mean RUN?)");
//! assert_eq!((file.diagnostics[0].span.start, file.diagnostics[0].span.end), (20, 24));
//! assert!(matches!(file.instructions[2].command, Some(Command::Copy(_))));
//! ```

pub mod diagnostic;
pub mod dialect;
pub mod directive;
pub mod dump;
pub mod expand;
pub mod go;
pub mod heredoc;
pub mod ignore;
pub mod instruction;
pub mod reference;
pub mod span;
pub mod suggest;
pub mod tokens;

mod comments;
mod help;
mod json;
mod line;
mod parse;
mod phrase;
mod split;

pub use comments::Comments;
pub use diagnostic::{Diagnostic, Phase, Severity};
pub use dialect::Dialect;
pub use directive::Directive;
pub use dump::dump;
pub use heredoc::Heredoc;
pub use instruction::{Command, Instruction};
pub use parse::parse;
pub use phrase::Phrase;
pub use span::{Span, Word, Words};

/// A parsed Dockerfile. Borrowed from its text; total: a damaged file yields what could be recognised.
#[derive(Debug, Clone)]
pub struct Dockerfile<'a> {
    /// Whose reading this is.
    pub dialect: Dialect,
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

impl Dockerfile<'_> {
    /// The error that the builder reports, if it refuses the file.
    pub fn first_error(&self) -> Option<&Diagnostic> {
        self.diagnostics.iter().find(|d| d.severity == Severity::Error)
    }
}

impl Default for Dockerfile<'_> {
    fn default() -> Self {
        Self {
            dialect: Dialect::BuildKit,
            escape: '\\',
            directives: Vec::new(),
            instructions: Vec::new(),
            diagnostics: Vec::new(),
        }
    }
}
