//! Splitting of a logical line into keyword, flags and arguments (BuildKit `parser/split_command.go` and
//! `parser/line_parsers.go`).

use crate::go::text::{is_space_byte, quote_into};
use crate::instruction::{Pair, Shape, Spec};
use crate::line::{Line, is_plain, is_separator};
use crate::{Dialect, Phrase, Span, Word, instruction, json};
use std::borrow::Cow;
use std::ops::Range;

/// A logical line taken apart; the arguments are not yet given a meaning.
#[derive(Debug, Default)]
pub(crate) struct Node<'a> {
    /// Where the keyword stands in the logical line.
    pub(crate) keyword: Range<usize>,
    /// What is known of it; `None` for an unknown instruction.
    pub(crate) spec: Option<&'static Spec>,
    /// Flags, quotes and escapes resolved.
    pub(crate) flags: Vec<Word<'a>>,
    /// The arguments, unless they are pairs or a trigger.
    pub(crate) args: Vec<Word<'a>>,
    /// The arguments, where they are one text that may go over several lines.
    pub(crate) phrase: Option<Phrase<'a>>,
    /// The arguments came as a JSON array.
    pub(crate) json: bool,
    /// Arguments of `ENV` and `LABEL`.
    pub(crate) pairs: Vec<Pair<'a>>,
    /// Argument of `ONBUILD`: where the trigger stands in the logical line.
    pub(crate) trigger: Option<Range<usize>>,
}

impl Node<'_> {
    /// Empties it, and keeps the room that it has.
    pub(crate) fn clear(&mut self) {
        self.flags.clear();
        self.args.clear();
        self.pairs.clear();
        (self.json, self.trigger, self.spec, self.phrase) = (false, None, None, None);
    }
}

/// Why a line cannot be taken apart.
#[derive(Debug)]
pub(crate) struct SplitError {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) span: Span,
}

/// Takes a line, or the part of one behind `ONBUILD`, apart. What was found before an error stays in the node.
pub(crate) fn split<'a>(
    line: &Line<'_, 'a>,
    range: Range<usize>,
    escape: char,
    dialect: Dialect,
    node: &mut Node<'a>,
) -> Result<(), SplitError> {
    let all = line.trim(&range);
    let text = line.get(&all);
    let end = text.bytes().position(is_separator).unwrap_or(text.len());
    node.keyword = all.start..all.start + end;
    node.spec = instruction::spec(line.get(&node.keyword));
    let rest = text.as_bytes().get(end..).unwrap_or_default();
    let gap = rest.iter().position(|b| !is_separator(*b)).unwrap_or(rest.len());
    let mut rest = all.start + end + gap..all.end;
    let flag_escape = match dialect {
        Dialect::BuildKit => escape,
        Dialect::Legacy => '\\',
    };
    if !matches!(text.as_bytes().get(end + gap), Some(b'!'..=b',' | b'.'..=b'~')) {
        rest.start = flags(line, rest.clone(), flag_escape, &mut node.flags);
        rest = line.trim(&rest);
    }
    let Some(spec) = node.spec else { return Ok(()) };
    match spec.shape {
        Shape::Text => {
            if !rest.is_empty() {
                node.args.push(line.word(&rest));
            }
        }
        Shape::Words => separated(line, &rest, &mut node.args),
        Shape::Quoted => {
            words(line, &rest, escape, |word| {
                node.args.push(line.word(&word));
                true
            });
        }
        Shape::JsonOrText => {
            if !rest.is_empty() && !array(node, line, &rest, dialect)? {
                node.phrase = Some(line.phrase(&rest));
            }
        }
        Shape::JsonOrWords => {
            if !array(node, line, &rest, dialect)? {
                separated(line, &rest, &mut node.args);
            }
        }
        Shape::Pairs => pairs(node, line, &rest, escape, spec.name)?,
        Shape::Health => {
            let text = line.get(&rest).as_bytes();
            let end = text.iter().position(|b| is_space_byte(*b)).unwrap_or(text.len());
            if end > 0 {
                let next =
                    text.iter().skip(end).position(|b| !is_space_byte(*b)).map_or(text.len(), |n| end + n);
                let kind = rest.start..boundary(line, rest.start + end);
                let command = boundary(line, rest.start + next)..rest.end;
                if !command.is_empty() && !array(node, line, &command, dialect)? {
                    node.args.push(line.word(&command));
                }
                node.args.insert(0, line.word(&kind));
            }
        }
        Shape::Trigger => {
            if !rest.is_empty() {
                node.trigger = Some(rest);
            }
        }
    }
    Ok(())
}

/// The next character boundary; the reference splits some things at bytes.
fn boundary(line: &Line<'_, '_>, mut at: usize) -> usize {
    while at < line.text.len() && !line.text.is_char_boundary(at) {
        at += 1;
    }
    at
}

/// Collects flags at the start of the arguments; gives where the rest starts.
fn flags<'a>(line: &Line<'_, 'a>, range: Range<usize>, escape: char, found: &mut Vec<Word<'a>>) -> usize {
    let bytes = line.text.as_bytes();
    let byte = |at: usize| if at < range.end { bytes.get(at).copied() } else { None };
    let mut at = range.start;
    loop {
        while byte(at).is_some_and(is_space_byte) {
            at += 1;
        }
        if byte(at) != Some(b'-') || byte(at + 1) != Some(b'-') {
            return boundary(line, at.min(range.end));
        }
        let start = at;
        // The text as long as it stands in the line as it is; owned once a quote or an escape is left out.
        let mut owned: Option<String> = None;
        let mut quote = None;
        let mut blank_ok = false;
        while let Some(b) = byte(at) {
            if is_plain(b) {
                let rest = bytes.get(at..range.end).unwrap_or_default();
                let plain = rest.iter().position(|b| !is_plain(*b)).unwrap_or(rest.len());
                if let Some(owned) = &mut owned {
                    owned.push_str(line.get(&(at..at + plain)));
                }
                at += plain;
                continue;
            }
            if quote.is_none() && is_space_byte(b) {
                break;
            }
            if quote == Some(b) || quote.is_none() && matches!(b, b'\'' | b'"') {
                owned.get_or_insert_with(|| latin(bytes.get(start..at).unwrap_or_default()));
                blank_ok = true;
                quote = if quote.is_none() { Some(b) } else { None };
                at += 1;
                continue;
            }
            let mut kept = b;
            if escape.is_ascii() && b == escape as u8 {
                owned.get_or_insert_with(|| latin(bytes.get(start..at).unwrap_or_default()));
                at += 1;
                match byte(at) {
                    Some(b) => kept = b,
                    None => break,
                }
            }
            // The reference takes each byte for a character.
            if !kept.is_ascii() {
                owned.get_or_insert_with(|| latin(bytes.get(start..at).unwrap_or_default()));
            }
            if let Some(owned) = &mut owned {
                owned.push(char::from(kept));
            }
            at += 1;
        }
        let place = start..boundary(line, at);
        let word = match owned {
            Some(text) => Word { text: Cow::Owned(text), span: line.span(&place) },
            None => line.word(&place),
        };
        if word.text == "--" {
            return boundary(line, at);
        }
        if blank_ok || !word.text.is_empty() {
            found.push(word);
        }
    }
}

fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|b| char::from(*b)).collect()
}

/// Words separated by white space.
fn separated<'a>(line: &Line<'_, 'a>, range: &Range<usize>, words: &mut Vec<Word<'a>>) {
    let mut rest = line.get(range).as_bytes();
    let mut at = range.start;
    while let Some(gap) = rest.iter().position(|b| !is_separator(*b)) {
        rest = rest.get(gap..).unwrap_or_default();
        at += gap;
        let length = rest.iter().position(|b| is_separator(*b)).unwrap_or(rest.len());
        words.push(line.word(&(at..at + length)));
        rest = rest.get(length..).unwrap_or_default();
        at += length;
    }
}

/// Words with their quotes and escapes (`parseWords` of the reference); stops when `each` returns false.
pub(crate) fn words(
    line: &Line<'_, '_>,
    range: &Range<usize>,
    escape: char,
    mut each: impl FnMut(Range<usize>) -> bool,
) {
    let text = line.get(range);
    let bytes = text.as_bytes();
    // The escape character is an ASCII one.
    let escape = escape as u8;
    let mut start = None;
    let mut quote = None;
    let mut at = 0;
    while let Some(&b) = bytes.get(at) {
        if is_plain(b) {
            start.get_or_insert(at);
            let rest = bytes.get(at..).unwrap_or_default();
            at += rest.iter().position(|b| !is_plain(*b)).unwrap_or(rest.len());
            continue;
        }
        let (blank, width) = match b {
            b' ' | b'\t'..=b'\r' => (true, 1),
            0..0x80 => (false, 1),
            _ => text
                .get(at..)
                .and_then(|rest| rest.chars().next())
                .map_or((false, 1), |c| (c.is_whitespace(), c.len_utf8())),
        };
        match quote {
            None if blank => {
                if let Some(begin) = start.take()
                    && !each(range.start + begin..range.start + at)
                {
                    return;
                }
                at += width;
                continue;
            }
            None if matches!(b, b'\'' | b'"') => quote = Some(b),
            Some(open) if open == b => quote = None,
            _ => {}
        }
        let begin = *start.get_or_insert(at);
        if b == escape && quote != Some(b'\'') {
            // What is behind it belongs to the word, whatever it is. At the end of the text it is dropped.
            let Some(next) = text.get(at + 1..).and_then(|rest| rest.chars().next()) else {
                if at > begin {
                    each(range.start + begin..range.start + at);
                }
                return;
            };
            at += next.len_utf8();
        }
        at += width;
    }
    if let Some(begin) = start {
        each(range.start + begin..range.end);
    }
}

fn array<'a>(
    node: &mut Node<'a>,
    line: &Line<'_, 'a>,
    range: &Range<usize>,
    dialect: Dialect,
) -> Result<bool, SplitError> {
    if matches!(line.text.as_bytes().get(range.start), Some(b'!'..=b'Z' | b'\\'..=b'~')) {
        // Neither a bracket nor white space before one.
        return Ok(false);
    }
    match json::array(line, range, dialect == Dialect::Legacy, &mut node.args) {
        json::Array::Strings => {
            node.json = true;
            Ok(true)
        }
        json::Array::Mixed(span) => Err(SplitError {
            code: "json-strings-only",
            message: "when using JSON array syntax, arrays must be comprised of strings only".to_owned(),
            span,
        }),
        json::Array::None => Ok(false),
    }
}

/// `NAME=VALUE …`, or the old form `NAME VALUE`.
fn pairs<'a>(
    node: &mut Node<'a>,
    line: &Line<'_, 'a>,
    range: &Range<usize>,
    escape: char,
    name: &str,
) -> Result<(), SplitError> {
    let mut error = None;
    words(line, range, escape, |word| {
        let text = line.get(&word);
        if let Some(equals) = memchr::memchr(b'=', text.as_bytes()) {
            let equals = word.start + equals;
            if node.pairs.is_empty() {
                // Most have one.
                node.pairs.reserve_exact(1);
            }
            node.pairs.push(Pair {
                key: line.word(&(word.start..equals)),
                value: line.word(&(equals + 1..word.end)),
                no_delimiter: false,
            });
            return true;
        }
        if node.pairs.is_empty() {
            let text = line.get(range);
            let end = text.bytes().position(is_separator).unwrap_or(text.len());
            let rest = text.get(end..).unwrap_or_default();
            match rest.bytes().position(|b| !is_separator(b)) {
                Some(gap) => node.pairs.push(Pair {
                    key: line.word(&(range.start..range.start + end)),
                    value: line.word(&(range.start + end + gap..range.end)),
                    no_delimiter: true,
                }),
                None if !rest.is_empty() => node.pairs.push(Pair {
                    key: line.word(&(range.start..range.start + end)),
                    value: line.word(&(range.end..range.end)),
                    no_delimiter: true,
                }),
                None => {
                    error = Some(SplitError {
                        code: "missing-value",
                        message: format!("{name} must have two arguments"),
                        span: line.span(&word),
                    });
                }
            }
        } else {
            let mut message = "Syntax error - can't find = in ".to_owned();
            quote_into(&mut message, text);
            message.push_str(". Must be of the form: name=value");
            error = Some(SplitError { code: "missing-equals", message, span: line.span(&word) });
        }
        false
    });
    match error {
        Some(error) => Err(error),
        None => Ok(()),
    }
}
