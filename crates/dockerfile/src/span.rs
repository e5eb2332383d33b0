//! Places in a text.

use std::borrow::Cow;
use std::ops::Deref;

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

/// Words in order. One alone, as most lists have, needs no room of its own.
#[derive(Debug, Clone)]
pub enum Words<'a> {
    /// One.
    One(Word<'a>),
    /// Any number.
    Many(Vec<Word<'a>>),
}

impl<'a> Words<'a> {
    /// Takes all words of a list, which keeps its room.
    pub(crate) fn take(list: &mut Vec<Word<'a>>) -> Self {
        if list.len() == 1
            && let Some(word) = list.pop()
        {
            return Self::One(word);
        }
        let mut words = Vec::with_capacity(list.len());
        words.append(list);
        Self::Many(words)
    }
}

impl Default for Words<'_> {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl<'a> Deref for Words<'a> {
    type Target = [Word<'a>];

    fn deref(&self) -> &Self::Target {
        match self {
            Self::One(word) => std::slice::from_ref(word),
            Self::Many(words) => words,
        }
    }
}

impl<'w, 'a> IntoIterator for &'w Words<'a> {
    type Item = &'w Word<'a>;
    type IntoIter = std::slice::Iter<'w, Word<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Splits a word at the first occurrence of an ASCII character, which goes away.
pub(crate) fn split_word(word: Word<'_>, at: u8) -> (Word<'_>, Option<Word<'_>>) {
    let span = word.span;
    match word.text {
        Cow::Borrowed(text) => match split_once(text, at) {
            Some((head, tail)) => {
                let middle = span.start + head.len() as u32;
                let head = Word { text: Cow::Borrowed(head), span: Span::new(span.start, middle) };
                let tail = Word { text: Cow::Borrowed(tail), span: Span::new(middle + 1, span.end) };
                (head, Some(tail))
            }
            None => (Word { text: Cow::Borrowed(text), span }, None),
        },
        Cow::Owned(text) => match split_once(&text, at) {
            Some((head, tail)) => {
                let tail = Word { text: Cow::Owned(tail.to_owned()), span };
                (Word { text: Cow::Owned(head.to_owned()), span }, Some(tail))
            }
            None => (Word { text: Cow::Owned(text), span }, None),
        },
    }
}

fn split_once(text: &str, at: u8) -> Option<(&str, &str)> {
    let middle = text.bytes().position(|b| b == at)?;
    Some((text.get(..middle)?, text.get(middle + 1..)?))
}
