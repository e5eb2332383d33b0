//! Logical lines: physical lines joined at their continuations, with the way back to the file.

use crate::{Dialect, Phrase, Span, Word};
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
    /// The text where it stands in the file as it is, as most lines do.
    pub(crate) single: Option<&'a str>,
    /// In ascending order; the first starts at 0.
    pub(crate) pieces: &'l [Piece],
    /// Where it starts in the file.
    pub(crate) start: usize,
    /// Where its last physical line ends in the file, the line feed aside.
    pub(crate) end: usize,
    /// The character that continues a line.
    pub(crate) escape: char,
    /// Whose reading this is.
    pub(crate) dialect: Dialect,
}

impl<'a> Line<'a, 'a> {
    /// A text that is a logical line already.
    pub(crate) const fn whole(text: &'a str, escape: char, dialect: Dialect) -> Self {
        let (single, end) = (Some(text), text.len());
        Self { source: text, text, single, pieces: &[], start: 0, end, escape, dialect }
    }
}

impl<'l, 'a> Line<'l, 'a> {
    /// The piece that a place is in, and where the next one starts.
    fn piece(&self, at: u32) -> (Piece, u32) {
        let index = self.pieces.partition_point(|p| p.logical <= at).saturating_sub(1);
        let piece =
            self.pieces.get(index).copied().unwrap_or(Piece { logical: 0, source: self.start as u32 });
        (piece, self.pieces.get(index + 1).map_or(u32::MAX, |next| next.logical))
    }

    /// Where a character of the logical line stands in the file.
    fn place(&self, at: u32) -> u32 {
        let (piece, _) = self.piece(at);
        piece.source + (at - piece.logical)
    }

    /// Where a stretch of the logical line stands in the file; covers continuations in between.
    #[inline]
    pub(crate) fn span(&self, range: &Range<usize>) -> Span {
        if self.single.is_some() {
            return Span::new((self.start + range.start) as u32, (self.start + range.end) as u32);
        }
        self.joined_span(range)
    }

    #[cold]
    fn joined_span(&self, range: &Range<usize>) -> Span {
        let start = self.place(range.start as u32);
        if range.end <= range.start {
            return Span::new(start, start);
        }
        Span::new(start, self.place(range.end as u32 - 1) + 1)
    }

    /// A stretch of the logical line; empty where it is out of bounds or splits a character.
    #[inline]
    pub(crate) fn get(&self, range: &Range<usize>) -> &'l str {
        self.text.get(range.clone()).unwrap_or_default()
    }

    /// A stretch of a joined line, if it crosses no continuation.
    fn unbroken(&self, range: &Range<usize>) -> Option<&'a str> {
        let (piece, end) = self.piece(range.start as u32);
        if range.end as u32 > end {
            return None;
        }
        let start = piece.source as usize + (range.start - piece.logical as usize);
        self.source.get(start..start + (range.end - range.start))
    }

    /// A stretch of the logical line, borrowed from the file if it crosses no continuation.
    #[inline]
    pub(crate) fn slice(&self, range: &Range<usize>) -> Cow<'a, str> {
        match self.single {
            Some(text) => Cow::Borrowed(text.get(range.clone()).unwrap_or_default()),
            None => self.joined_slice(range),
        }
    }

    #[cold]
    fn joined_slice(&self, range: &Range<usize>) -> Cow<'a, str> {
        match self.unbroken(range) {
            Some(text) => Cow::Borrowed(text),
            None => Cow::Owned(self.get(range).to_owned()),
        }
    }

    /// A stretch of the logical line as a word.
    #[inline]
    pub(crate) fn word(&self, range: &Range<usize>) -> Word<'a> {
        Word { text: self.slice(range), span: self.span(range) }
    }

    /// All of it.
    pub(crate) fn original(&self) -> Phrase<'a> {
        if let Some(text) = self.single {
            return Phrase::plain(text, Span::new(self.start as u32, (self.start + text.len()) as u32));
        }
        let source = self.source.get(self.start..self.end).unwrap_or_default();
        let span = Span::new(self.start as u32, self.end as u32);
        Phrase::lines(source, span, self.text.len(), self.escape, self.dialect)
    }

    /// The rest of the logical line from `range.start` on, up to white space before its end.
    pub(crate) fn phrase(&self, range: &Range<usize>) -> Phrase<'a> {
        let span = self.span(range);
        if let Some(text) = self.single {
            return Phrase::plain(text.get(range.clone()).unwrap_or_default(), span);
        }
        if let Some(text) = self.unbroken(range) {
            return Phrase::plain(text, span);
        }
        let source = self.source.get(span.start as usize..self.end).unwrap_or_default();
        Phrase::lines(source, span, range.len(), self.escape, self.dialect)
    }

    /// The stretch without white space at its ends.
    pub(crate) fn trim(&self, range: &Range<usize>) -> Range<usize> {
        let text = self.get(range);
        if let [b'!'..=b'~', .., b'!'..=b'~'] = text.as_bytes() {
            return range.clone();
        }
        let start = range.start + (text.len() - text.trim_start().len());
        start..start + text.trim().len()
    }
}

/// White space that separates words, `[\t\v\f\r ]` of the reference.
#[inline]
pub(crate) fn is_separator(b: u8) -> bool {
    KINDS.get(usize::from(b)).is_some_and(|kinds| kinds & SEPARATOR != 0)
}

/// Whether a byte is part of a word whatever stands around it: no white space, quote or escape, and ASCII.
#[inline]
pub(crate) fn is_plain(b: u8) -> bool {
    KINDS.get(usize::from(b)).is_some_and(|kinds| kinds & PLAIN != 0)
}

const SEPARATOR: u8 = 1;
const PLAIN: u8 = 2;

/// What each byte is, to look it up once.
static KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut b = 0;
    while b < kinds.len() {
        kinds[b] = match b as u8 {
            b'\t' | 0x0b | 0x0c | b'\r' | b' ' => SEPARATOR,
            b'!' | b'#'..=b'&' | b'('..=b'[' | b']'..=b'_' | b'a'..=b'~' => PLAIN,
            _ => 0,
        };
        b += 1;
    }
    kinds
};

/// The physical lines of a text, each with its line feed.
pub(crate) struct Lines<'a> {
    /// Bytes of the whole text.
    length: usize,
    rest: &'a str,
    /// How many were read.
    pub(crate) read: u32,
}

impl<'a> Lines<'a> {
    pub(crate) const fn new(text: &'a str) -> Self {
        Self { length: text.len(), rest: text, read: 0 }
    }

    /// Offset of the next line.
    pub(crate) const fn offset(&self) -> usize {
        self.length - self.rest.len()
    }

    /// Where the next line starts, what comes from there on and how many were read, to come back to.
    pub(crate) const fn mark(&self) -> (usize, &'a str, u32) {
        (self.offset(), self.rest, self.read)
    }

    /// Goes back (or on) to a mark.
    pub(crate) const fn reset(&mut self, mark: (usize, &'a str, u32)) {
        (_, self.rest, self.read) = mark;
    }
}

impl<'a> Iterator for Lines<'a> {
    /// Offset of the line and the line.
    type Item = (usize, &'a str);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let start = self.length - self.rest.len();
        let (line, rest) = first_line(self.rest);
        self.rest = rest;
        self.read += 1;
        Some((start, line))
    }
}

/// The length of the first line, its line feed included. Most lines are short: they are done before a search for long
/// stretches has set out.
#[inline]
fn line_length(bytes: &[u8]) -> usize {
    const SHORT: usize = 64;
    let mut length = 0;
    if let Some(start) = bytes.first_chunk::<SHORT>() {
        // Where a processor compares many bytes at a time, a block without line feeds costs next to nothing.
        for block in start.as_chunks::<16>().0 {
            let (halves, _) = block.as_chunks::<8>();
            if cfg!(target_feature = "sse2")
                && block.iter().fold(0, |found, b| found | u8::from(*b == b'\n')) == 0
            {
                length += block.len();
                continue;
            }
            for half in halves {
                if let Some(at) = line_feed(*half) {
                    return length + at + 1;
                }
                length += half.len();
            }
        }
    }
    let rest = bytes.get(length..).unwrap_or_default();
    length + memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1)
}

/// Where the first line feed of eight bytes stands.
#[inline]
fn line_feed(bytes: [u8; 8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    // A byte is zero where a line feed stands; the lowest high bit says which is the first.
    let word = u64::from_le_bytes(bytes) ^ (ONES * 0x0a);
    let found = word.wrapping_sub(ONES) & !word & (ONES << 7);
    (found != 0).then(|| found.trailing_zeros() as usize / 8)
}

/// The first line, its line feed included, and what is behind it.
#[inline]
pub(crate) fn first_line(text: &str) -> (&str, &str) {
    text.split_at_checked(line_length(text.as_bytes())).unwrap_or((text, ""))
}

/// The line without the characters that end it.
#[inline]
pub(crate) fn trim_newline(raw: &str, dialect: Dialect) -> &str {
    let bytes = raw.as_bytes();
    let cut = match (dialect, bytes) {
        (_, [.., b' '..=0xff, b'\n']) => 1,
        (Dialect::BuildKit, _) => bytes.iter().rev().take_while(|b| matches!(b, b'\r' | b'\n')).count(),
        // The older builder takes one line feed off, and one carriage return.
        (Dialect::Legacy, [.., b'\r', b'\n']) => 2,
        (Dialect::Legacy, [.., b'\r' | b'\n']) => 1,
        (Dialect::Legacy, _) => 0,
    };
    raw.get(..raw.len() - cut).unwrap_or_default()
}

/// The text without white space before it.
#[inline]
pub(crate) fn trim_start(text: &str) -> &str {
    let bytes = text.as_bytes();
    if let Some(b'!'..=b'~') = bytes.first() {
        return text;
    }
    let blank = bytes.iter().position(|b| !matches!(b, b' ' | b'\t')).unwrap_or(bytes.len());
    match bytes.get(blank) {
        Some(b'!'..=b'~') => text.get(blank..).unwrap_or_default(),
        _ => text.trim_start(),
    }
}

/// The text before a continuation mark, and whether there is one.
#[inline]
pub(crate) fn continuation(text: &str, escape: u8) -> (&str, bool) {
    let bytes = text.as_bytes();
    let escape = Some(&escape);
    if bytes.last() != escape && !matches!(bytes.last(), Some(b' ' | b'\t')) {
        return (text, false);
    }
    let mark = bytes.iter().rposition(|b| !matches!(b, b' ' | b'\t')).map_or(0, |last| last + 1);
    if mark == 0 || bytes.get(mark - 1) != escape || mark > 1 && bytes.get(mark - 2) == escape {
        return (text, false);
    }
    (text.get(..mark - 1).unwrap_or_default(), true)
}
