//! Text that may go over several lines.

use crate::line::{continuation, first_line, trim_newline, trim_start};
use crate::{Dialect, Span, Word};
use std::borrow::Cow;

/// Text of an instruction as the builder sees it, its lines joined and comments between them left out. It is joined when
/// it is asked for: to read a file is then mostly to look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Phrase<'a> {
    /// What stands in the file.
    source: &'a str,
    span: Span,
    /// Bytes of the text once it is joined.
    length: u32,
    /// The escape character that continues a line; 0 where the text stands in the file as it is.
    escape: u8,
    dialect: Dialect,
}

impl<'a> Phrase<'a> {
    /// Text that stands in the file as it is.
    pub(crate) const fn plain(source: &'a str, span: Span) -> Self {
        Self { source, span, length: source.len() as u32, escape: 0, dialect: Dialect::BuildKit }
    }

    /// Text over several lines, of which so many bytes stay; the source ends with the last line that has a part in it.
    pub(crate) const fn lines(
        source: &'a str,
        span: Span,
        length: usize,
        escape: char,
        dialect: Dialect,
    ) -> Self {
        Self { source, span, length: length as u32, escape: escape as u8, dialect }
    }

    /// The text; borrowed where it stands in the file like that.
    pub fn text(&self) -> Cow<'a, str> {
        if self.escape == 0 {
            return Cow::Borrowed(self.source);
        }
        let length = self.length as usize;
        let mut joined = String::with_capacity(length);
        let mut rest = self.source;
        let mut first = true;
        while !rest.is_empty() && joined.len() < length {
            let (line, behind) = first_line(rest);
            rest = behind;
            let body = if line.ends_with('\n') { trim_newline(line, self.dialect) } else { line };
            // The first is no whole line.
            if !first && matches!(trim_start(body).as_bytes().first(), None | Some(b'#')) {
                continue;
            }
            first = false;
            let (part, _) = continuation(body, self.escape);
            let part = part.get(..length - joined.len()).unwrap_or(part);
            joined.push_str(part);
        }
        Cow::Owned(joined)
    }

    /// Where it was written; covers continuations in between.
    pub const fn span(&self) -> Span {
        self.span
    }

    /// The text with its place.
    pub fn word(&self) -> Word<'a> {
        Word { text: self.text(), span: self.span }
    }
}
