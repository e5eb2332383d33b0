//! `strconv.Quote`, `strings.ToLower`, `strings.ToUpper` and `unicode.IsDigit` as Go has them.

use std::borrow::Cow;
use std::fmt::Write;

/// Quotes as Go's `%q` does.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    quote_into(&mut out, text);
    out
}

/// As [`quote`], appended to what is there.
pub fn quote_into(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x0b' => out.push_str("\\v"),
            ' '..='~' => out.push(c),
            _ if printable(c) => out.push(c),
            // Writing to a string cannot fail.
            c if c < '\u{80}' => drop(write!(out, "\\x{:02x}", u32::from(c))),
            c if c <= '\u{ffff}' => drop(write!(out, "\\u{:04x}", u32::from(c))),
            c => drop(write!(out, "\\U{:08x}", u32::from(c))),
        }
    }
    out.push('"');
}

/// Go's `unicode.IsPrint`. The standard library draws the same line in its `Debug` output of strings (where only
/// the first character of a string is treated apart), so ask it.
fn printable(c: char) -> bool {
    let mut buffer = [0; 5];
    buffer[0] = b'a';
    let end = 1 + c.encode_utf8(buffer.get_mut(1..).unwrap_or_default()).len();
    let pair = buffer.get(..end).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or_default();
    pair.escape_debug().nth(1) != Some('\\')
}

/// Lower case, character by character: Go knows no mapping to several characters.
pub fn lower(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Cow::Owned(text.to_ascii_lowercase());
        }
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect())
}

/// Upper case, character by character.
pub fn upper(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if text.bytes().any(|b| b.is_ascii_lowercase()) {
            return Cow::Owned(text.to_ascii_uppercase());
        }
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .map(|c| {
                let mut mapped = c.to_uppercase();
                match (mapped.next(), mapped.next()) {
                    (Some(one), None) => one,
                    _ => c,
                }
            })
            .collect(),
    )
}

/// The zeros of the scripts whose decimal digits Go's `unicode.IsDigit` knows; nine more follow each.
const ZEROS: [u32; 36] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
    0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50,
    0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
];

/// Go's `unicode.IsDigit`.
pub(crate) fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || !c.is_ascii() && ZEROS.iter().any(|&zero| (zero..zero + 10).contains(&u32::from(c)))
}

/// Go's `unicode.IsLetter`.
pub(crate) fn is_letter(c: char) -> bool {
    // The property that Rust offers also holds for numbers written with letters.
    c.is_alphabetic() && !matches!(c, '\u{2160}'..='\u{2188}' | '\u{3007}' | '\u{3021}'..='\u{3029}')
}

/// Go's `unicode.IsSpace` of a single byte taken for a character, as the reference does here and there.
pub(crate) const fn is_space_byte(b: u8) -> bool {
    matches!(b, b'\t'..=b'\r' | b' ' | 0x85 | 0xa0)
}

/// `\s` of Go's regular expressions.
pub(crate) const fn is_regexp_space(b: u8) -> bool {
    matches!(b, b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_like_go() {
        for (text, expected) in [
            ("", r#""""#),
            ("a\"b\\c", r#""a\"b\\c""#),
            ("\u{7}\u{8}\u{c}\n\r\t\u{b}", r#""\a\b\f\n\r\t\v""#),
            ("\0\u{1b}\u{7f}", r#""\x00\x1b\x7f""#),
            ("\u{a0}\u{ad}\u{feff}\u{e000}\u{10ffff}", r#""\u00a0\u00ad\ufeff\ue000\U0010ffff""#),
            ("한é\u{301}😀", "\"한é\u{301}😀\""),
            ("\u{fffd}", "\"\u{fffd}\""),
        ] {
            assert_eq!(quote(text), expected);
        }
    }

    #[test]
    fn cases_map_one_to_one() {
        assert_eq!(lower("WOR\u{212a}DIR"), "workdir");
        assert_eq!(lower("\u{130}"), "i");
        assert_eq!(upper("straße"), "STRAßE");
        assert!(matches!(lower("run"), Cow::Borrowed(_)));
    }
}
