//! Logical lines: physical lines joined at their continuations, with the way back to the file.

use crate::{Span, Word};
use std::borrow::Cow;
use std::ops::Range;

/// A run of a logical line that stands in the file as it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    /// Offset in the logical line.
    pub(crate) logical: u32,
    /// Offset in the file.
    pub(crate) source: u32,
}

/// A logical line. Offsets into [`Line::text`] are logical; [`Line::word`] and [`Line::span`] lead back.
#[derive(Debug, Clone)]
pub(crate) struct Line<'l, 'a> {
    /// The whole file.
    pub(crate) source: &'a str,
    /// The joined text.
    pub(crate) text: &'l str,
    /// In ascending order; the first starts at 0.
    pub(crate) pieces: &'l [Piece],
}

impl<'l, 'a> Line<'l, 'a> {
    fn piece(&self, at: u32) -> (Piece, u32) {
        if let [only] = self.pieces {
            return (*only, u32::MAX);
        }
        let index = self.pieces.partition_point(|p| p.logical <= at).saturating_sub(1);
        let piece = self.pieces.get(index).copied().unwrap_or(Piece { logical: 0, source: 0 });
        (piece, self.pieces.get(index + 1).map_or(u32::MAX, |next| next.logical))
    }

    /// Where a character of the logical line stands in the file.
    fn place(&self, at: u32) -> u32 {
        let (piece, _) = self.piece(at);
        piece.source + (at - piece.logical)
    }

    /// Where a stretch of the logical line stands in the file; covers continuations in between.
    pub(crate) fn span(&self, range: &Range<usize>) -> Span {
        let start = self.place(range.start as u32);
        if range.end <= range.start {
            return Span::new(start, start);
        }
        Span::new(start, self.place(range.end as u32 - 1) + 1)
    }

    /// A stretch of the logical line; empty where it is out of bounds or splits a character.
    pub(crate) fn get(&self, range: &Range<usize>) -> &'l str {
        self.text.get(range.clone()).unwrap_or_default()
    }

    /// A stretch of the logical line, borrowed from the file if it crosses no continuation.
    pub(crate) fn slice(&self, range: &Range<usize>) -> Cow<'a, str> {
        let (piece, end) = self.piece(range.start as u32);
        if range.end as u32 <= end {
            let start = piece.source as usize + (range.start - piece.logical as usize);
            if let Some(text) = self.source.get(start..start + (range.end - range.start)) {
                return Cow::Borrowed(text);
            }
        }
        Cow::Owned(self.get(range).to_owned())
    }

    /// A stretch of the logical line as a word.
    pub(crate) fn word(&self, range: &Range<usize>) -> Word<'a> {
        if let [only] = self.pieces {
            // Most lines are one piece.
            let start = only.source as usize + range.start - only.logical as usize;
            let end = start + range.end - range.start;
            let text = Cow::Borrowed(self.source.get(start..end).unwrap_or_default());
            return Word { text, span: Span::new(start as u32, end as u32) };
        }
        Word { text: self.slice(range), span: self.span(range) }
    }

    /// The stretch without white space at its ends.
    pub(crate) fn trim(&self, range: &Range<usize>) -> Range<usize> {
        let text = self.get(range);
        let plain = |b: Option<&u8>| matches!(b, Some(b'!'..=b'~'));
        if plain(text.as_bytes().first()) && plain(text.as_bytes().last()) {
            return range.clone();
        }
        let start = range.start + (text.len() - text.trim_start().len());
        start..start + text.trim().len()
    }
}

/// White space that separates words, `[\t\v\f\r ]` of the reference.
pub(crate) const fn is_separator(b: u8) -> bool {
    matches!(b, b'\t' | 0x0b | 0x0c | b'\r' | b' ')
}

/// The physical lines of a text, each with its line feed.
pub(crate) struct Lines<'a> {
    text: &'a str,
    position: usize,
    /// How many were read.
    pub(crate) read: u32,
}

impl<'a> Lines<'a> {
    pub(crate) const fn new(text: &'a str) -> Self {
        Self { text, position: 0, read: 0 }
    }

    /// Offset of the next line.
    pub(crate) const fn position(&self) -> usize {
        self.position
    }

    /// Where the next line starts and how many were read, to come back to.
    pub(crate) const fn mark(&self) -> (usize, u32) {
        (self.position, self.read)
    }

    /// Goes back (or on) to a mark.
    pub(crate) const fn reset(&mut self, mark: (usize, u32)) {
        (self.position, self.read) = mark;
    }
}

impl<'a> Iterator for Lines<'a> {
    /// Offset of the line and the line.
    type Item = (usize, &'a str);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let start = self.position;
        let rest = self.text.as_bytes().get(start..).filter(|rest| !rest.is_empty())?;
        let end = start + line_length(rest);
        self.position = end;
        self.read += 1;
        Some((start, self.text.get(start..end)?))
    }
}

/// The length of the first line, its line feed included.
#[inline]
fn line_length(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    // Most lines are short: eight bytes at a time are done before a search for long stretches has set out.
    let (words, _) = bytes.as_chunks::<8>();
    let mut length = 0;
    for word in words.iter().take(8) {
        // A byte is zero where a line feed stands; the lowest high bit says which is the first.
        let word = u64::from_le_bytes(*word) ^ (ONES * 0x0a);
        let found = word.wrapping_sub(ONES) & !word & (ONES << 7);
        if found != 0 {
            return length + found.trailing_zeros() as usize / 8 + 1;
        }
        length += 8;
    }
    let rest = bytes.get(length..).unwrap_or_default();
    length + memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1)
}
