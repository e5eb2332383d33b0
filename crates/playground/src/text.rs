//! Words for readers as data: plain, strong, code, and where a click on them goes.

use serde::{Deserialize, Serialize};
use stagecraft_core::simulation::{Builder, StepId};
use std::fmt;
use std::rc::Rc;

/// Shared text; cloning is free, and the page can hand it to the DOM as it is.
pub type Text = Rc<str>;

/// How a piece of a phrase is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Style {
    /// As the text around it.
    Plain,
    /// What matters.
    Strong,
    /// What Docker would print, or what stands in a file.
    Code,
}

/// Where a click on something goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Goto {
    /// A step of a builder.
    Step(Builder, StepId),
    /// A line of the Dockerfile, 1-based.
    Line(u32),
}

/// A piece of a phrase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// What it says.
    pub text: Text,
    /// How it is set.
    pub style: Style,
    /// Where a click on it goes, if anywhere.
    pub goto: Option<Goto>,
}

/// A sentence or two for the reader.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Phrase {
    /// In order; spaces are in the pieces.
    pub pieces: Vec<Piece>,
}

impl Phrase {
    /// Nothing said yet.
    pub const fn new() -> Self {
        Self { pieces: Vec::new() }
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    fn with(mut self, text: &str, style: Style, goto: Option<Goto>) -> Self {
        if !text.is_empty() {
            self.pieces.push(Piece { text: text.into(), style, goto });
        }
        self
    }

    /// Adds plain text.
    #[must_use]
    pub fn plain(self, text: &str) -> Self {
        self.with(text, Style::Plain, None)
    }

    /// Adds what matters.
    #[must_use]
    pub fn strong(self, text: &str) -> Self {
        self.with(text, Style::Strong, None)
    }

    /// Adds what Docker would print.
    #[must_use]
    pub fn code(self, text: &str) -> Self {
        self.with(text, Style::Code, None)
    }

    /// Adds code that leads somewhere.
    #[must_use]
    pub fn code_to(self, text: &str, goto: Option<Goto>) -> Self {
        self.with(text, Style::Code, goto)
    }

    /// Adds plain text that leads somewhere.
    #[must_use]
    pub fn plain_to(self, text: &str, goto: Option<Goto>) -> Self {
        self.with(text, Style::Plain, goto)
    }

    /// Adds another phrase.
    #[must_use]
    pub fn then(mut self, other: Self) -> Self {
        self.pieces.extend(other.pieces);
        self
    }
}

/// Without its styles.
impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces.iter().try_for_each(|piece| f.write_str(&piece.text))
    }
}
