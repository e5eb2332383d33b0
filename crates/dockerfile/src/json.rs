//! JSON as Go's `encoding/json` accepts it, as far as an instruction's arguments need it.

use crate::line::Line;
use crate::{Span, Word};
use std::borrow::Cow;
use std::ops::Range;

/// How deep Go's decoder follows arrays and objects.
const MAX_DEPTH: usize = 10_000;

/// What the text turned out to be.
#[derive(Debug)]
pub(crate) enum Array {
    /// An array of strings.
    Strings,
    /// An array with something else in it, which stands there.
    Mixed(Span),
    /// No JSON array at all; the builders then take the text for words.
    None,
}

/// Reads a stretch of a line as an array of strings, which are added to `strings`, with the places between the quotes.
/// `prefix`: text behind the array is ignored.
pub(crate) fn array<'a>(
    line: &Line<'_, 'a>,
    range: &Range<usize>,
    prefix: bool,
    strings: &mut Vec<Word<'a>>,
) -> Array {
    let before = strings.len();
    let found = elements(line, range, prefix, strings);
    if !matches!(found, Array::Strings) {
        strings.truncate(before);
    }
    found
}

fn elements<'a>(
    line: &Line<'_, 'a>,
    range: &Range<usize>,
    prefix: bool,
    strings: &mut Vec<Word<'a>>,
) -> Array {
    let text = line.get(range);
    let skipped = text.len() - text.trim_start().len();
    let start = range.start + skipped;
    let text = text.get(skipped..).unwrap_or_default();
    if !text.starts_with('[') {
        return Array::None;
    }
    let mut reader = Reader { text, at: 1, overflow: false };
    let mut mixed = None;
    reader.space();
    if reader.eat(b']') {
        return if prefix || reader.ends() { Array::Strings } else { Array::None };
    }
    loop {
        reader.space();
        let from = reader.at;
        if reader.peek() == Some(b'"') {
            let Some(plain) = reader.string() else { return Array::None };
            let inner = start + from + 1..start + reader.at - 1;
            let text = if plain { line.slice(&inner) } else { Cow::Owned(unescape(line.get(&inner))) };
            strings.push(Word { text, span: line.span(&inner) });
        } else {
            if !reader.value() {
                return Array::None;
            }
            mixed.get_or_insert_with(|| line.span(&(start + from..start + reader.at)));
        }
        reader.space();
        if reader.eat(b',') {
            continue;
        }
        if !reader.eat(b']') || !prefix && !reader.ends() || reader.overflow {
            return Array::None;
        }
        return mixed.map_or(Array::Strings, Array::Mixed);
    }
}

/// Where a value is, read for its syntax only.
struct Reader<'t> {
    text: &'t str,
    at: usize,
    /// A number does not fit: Go reports that only once all has been read.
    overflow: bool,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, b: u8) -> bool {
        let there = self.peek() == Some(b);
        self.at += usize::from(there);
        there
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn ends(&mut self) -> bool {
        self.space();
        self.at >= self.text.len()
    }

    /// Passes a string; true if it is free of escapes.
    fn string(&mut self) -> Option<bool> {
        self.at += 1;
        let mut plain = true;
        loop {
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(plain);
                }
                b'\\' => {
                    plain = false;
                    self.at += 1;
                    match self.peek()? {
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                        b'u' => {
                            let digits = self.text.as_bytes().get(self.at + 1..self.at + 5)?;
                            if !digits.iter().all(u8::is_ascii_hexdigit) {
                                return None;
                            }
                            self.at += 4;
                        }
                        _ => return None,
                    }
                }
                0..0x20 => return None,
                _ => {}
            }
            self.at += 1;
        }
    }

    fn literal(&mut self, word: &str) -> bool {
        let there = self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word));
        self.at += if there { word.len() } else { 0 };
        there
    }

    fn digits(&mut self) -> bool {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        self.at > start
    }

    fn number(&mut self) -> bool {
        let start = self.at;
        self.eat(b'-');
        if !self.eat(b'0') && !self.digits() {
            return false;
        }
        if self.eat(b'.') && !self.digits() {
            return false;
        }
        if self.eat(b'e') || self.eat(b'E') {
            if !self.eat(b'+') {
                self.eat(b'-');
            }
            if !self.digits() {
                return false;
            }
        }
        let number: Result<f64, _> = self.text.get(start..self.at).unwrap_or_default().parse();
        self.overflow |= !number.is_ok_and(f64::is_finite);
        true
    }

    /// Passes any value, without recursion.
    fn value(&mut self) -> bool {
        // `}` or `]` per level that is open.
        let mut open: Vec<u8> = Vec::new();
        loop {
            self.space();
            // The array that the caller reads is a level too.
            if matches!(self.peek(), Some(b'[' | b'{')) && open.len() + 2 > MAX_DEPTH {
                return false;
            }
            let complete = match self.peek() {
                Some(b'"') => self.string().is_some(),
                Some(b't') => self.literal("true"),
                Some(b'f') => self.literal("false"),
                Some(b'n') => self.literal("null"),
                Some(b'[') => {
                    self.at += 1;
                    self.space();
                    if !self.eat(b']') {
                        open.push(b']');
                        continue;
                    }
                    true
                }
                Some(b'{') => {
                    self.at += 1;
                    self.space();
                    if !self.eat(b'}') {
                        open.push(b'}');
                        if !self.key() {
                            return false;
                        }
                        continue;
                    }
                    true
                }
                Some(b'-' | b'0'..=b'9') => self.number(),
                _ => false,
            };
            if !complete {
                return false;
            }
            loop {
                let Some(close) = open.last().copied() else { return true };
                self.space();
                if self.eat(b',') {
                    if close == b'}' && !self.key() {
                        return false;
                    }
                    break;
                }
                if !self.eat(close) {
                    return false;
                }
                open.pop();
            }
        }
    }

    fn key(&mut self) -> bool {
        self.space();
        if self.peek() != Some(b'"') || self.string().is_none() {
            return false;
        }
        self.space();
        self.eat(b':')
    }
}

/// Resolves the escapes of a string that is known to be well-formed; a lone surrogate becomes U+FFFD.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.push_str(plain);
        let mut chars = escape.chars();
        match chars.next() {
            Some('u') => {
                let high = unit(chars.as_str());
                rest = chars.as_str().get(4..).unwrap_or_default();
                let low = rest.strip_prefix("\\u").map(unit);
                match (high, low) {
                    (0xd800..0xdc00, Some(low @ 0xdc00..0xe000)) => {
                        rest = rest.get(6..).unwrap_or_default();
                        out.push(
                            char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))
                                .unwrap_or('\u{fffd}'),
                        );
                    }
                    _ => out.push(char::from_u32(high).unwrap_or('\u{fffd}')),
                }
                continue;
            }
            Some('b') => out.push('\x08'),
            Some('f') => out.push('\x0c'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some(c) => out.push(c),
            None => {}
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    out
}

fn unit(text: &str) -> u32 {
    text.get(..4).and_then(|hex| u32::from_str_radix(hex, 16).ok()).unwrap_or(0xfffd)
}

/// The string value of a key of a JSON object, which the whole text must be; `None` where Go finds none.
pub(crate) fn object_string(text: &str, key: &str) -> Option<String> {
    let mut reader = Reader { text, at: 0, overflow: false };
    if !reader.value() || !reader.ends() || reader.overflow {
        return None;
    }
    // Known to be well-formed: walk the top level, the last occurrence counts.
    let mut reader = Reader { text, at: 0, overflow: false };
    reader.space();
    if !reader.eat(b'{') {
        return None;
    }
    let mut found = None;
    loop {
        reader.space();
        let from = reader.at;
        if reader.peek() != Some(b'"') {
            return found;
        }
        reader.string()?;
        let name = unescape(text.get(from + 1..reader.at - 1)?);
        reader.space();
        reader.eat(b':');
        reader.space();
        let from = reader.at;
        let is_string = reader.peek() == Some(b'"');
        if !reader.value() {
            return None;
        }
        if name == key {
            found = if is_string { Some(unescape(text.get(from + 1..reader.at - 1)?)) } else { None };
        }
        reader.space();
        if !reader.eat(b',') {
            return found;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dialect;

    fn read(text: &str, prefix: bool) -> Option<Vec<String>> {
        let line = Line::whole(text, '\\', Dialect::BuildKit);
        let mut words = Vec::new();
        match array(&line, &(0..text.len()), prefix, &mut words) {
            Array::Strings => Some(words.into_iter().map(|w| w.text.into_owned()).collect()),
            Array::Mixed(_) => Some(vec!["MIXED".to_owned()]),
            Array::None => None,
        }
    }

    #[test]
    fn arrays_like_go() {
        assert_eq!(read("[]", false).unwrap(), [""; 0]);
        assert_eq!(
            read(r#"[ "a" , "b\n\u00e9\ud83d\ude00\ud800x" ]"#, false).unwrap(),
            ["a", "b\né😀\u{fffd}x"]
        );
        for text in [
            "[\"a\"",
            "['a']",
            "[\"a\",]",
            "[\"a\"] b",
            "[\"\t\"]",
            "[\"\\x\"]",
            "[\"\\u12g4\"]",
            "[01]",
            "[1e999]",
            "[nul]",
            "{}",
            "",
        ] {
            assert_eq!(read(text, false), None, "{text}");
        }
        for text in ["[1]", "[null]", "[\"a\", [\"b\", {}]]", "[{\"a\": [1.5e-3, true]}]", "[false, \"x\"]"] {
            assert_eq!(read(text, false).unwrap(), ["MIXED"], "{text}");
        }
        assert_eq!(read("[\"a\"] b", true).unwrap(), ["a"]);
    }

    #[test]
    fn depth_is_bounded() {
        assert_eq!(read(&"[".repeat(1_000_000), false), None);
        let deep = format!("{}{}", "[".repeat(10_001), "]".repeat(10_001));
        assert_eq!(read(&deep, false), None);
        let fits = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        assert_eq!(read(&fits, false).unwrap(), ["MIXED"]);
    }

    #[test]
    fn values_of_objects() {
        assert_eq!(object_string(r#"{"a": [1], "syntax": "x\ty"}"#, "syntax").unwrap(), "x\ty");
        assert_eq!(object_string(r#"{"syntax": 1}"#, "syntax"), None);
        assert_eq!(object_string(r#"{"syntax": "x"} y"#, "syntax"), None);
    }
}
