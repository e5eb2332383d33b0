//! Places in a text.

use std::borrow::Cow;

/// A half-open range of byte offsets into the text, always on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span from `start` up to, not including, `end`.
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }
}

/// A piece of text as the builder sees it (continuations joined, quotes as the instruction leaves them) and
/// the place in the file that it was written at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Word<'a> {
    /// What the builder works with; borrowed where it stands like that in the file.
    pub text: Cow<'a, str>,
    /// Where it was written; covers continuations in between.
    pub span: Span,
}
