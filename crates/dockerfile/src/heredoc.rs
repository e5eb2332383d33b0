//! Here-documents: `<<NAME` in a line and the lines up to `NAME` (BuildKit `parser/parser.go`).

use crate::Span;
use crate::expand::Lexer;
use crate::go::text::is_regexp_space;
use std::borrow::Cow;

/// A here-document: `<<NAME` and the lines up to `NAME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heredoc<'a> {
    /// The delimiter, unquoted.
    pub name: Cow<'a, str>,
    /// The descriptor before `<<`, 0 if none.
    pub file_descriptor: u64,
    /// Whether variables in it are expanded (the delimiter was not quoted).
    pub expand: bool,
    /// Whether leading tabs are removed (`<<-`).
    pub chomp: bool,
    /// The text, each line with its line feed; tabs not yet removed.
    pub content: Cow<'a, str>,
    /// Where the content stands.
    pub span: Span,
}

/// What `<<NAME` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delimiter {
    /// Unquoted.
    pub name: String,
    /// The descriptor before `<<`, 0 if none.
    pub file_descriptor: u64,
    /// Whether variables are expanded in the text.
    pub expand: bool,
    /// Whether leading tabs are removed.
    pub chomp: bool,
}

/// Reads a word as the start of a here-document; `None` where it is another word.
///
/// # Errors
/// An unclosed quote, worded as BuildKit's `ParseHeredoc` words it.
pub fn parse(word: &str) -> Result<Option<Delimiter>, String> {
    let digits = word.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(word.len());
    let (number, rest) = word.split_at_checked(digits).unwrap_or((word, ""));
    let Some(rest) = rest.strip_prefix("<<") else { return Ok(None) };
    let (chomp, rest) = match rest.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let rest = rest.trim_start_matches(|c: char| c.is_ascii() && is_regexp_space(c as u8));
    if rest.is_empty() || rest.contains('<') {
        return Ok(None);
    }
    let mut lexer = Lexer { skip_unset: true, ..Lexer::new('\\') };
    let words = lexer.process_words(rest, &()).map_err(|e| e.message)?;
    let [name] = words.as_slice() else { return Ok(None) };
    lexer.raw_quotes = true;
    let raw = lexer.process_words(rest, &()).map_err(|e| e.message)?;
    let [raw] = raw.as_slice() else {
        return Err(format!("internal lexing of heredoc produced inconsistent results: {rest}"));
    };
    let quotes = |text: &str| text.bytes().filter(|b| matches!(b, b'\'' | b'"')).count();
    let file_descriptor = if number.is_empty() { 0 } else { number.parse().unwrap_or(u64::MAX) };
    Ok(Some(Delimiter { expand: quotes(name) == quotes(raw), name: name.clone(), file_descriptor, chomp }))
}

/// Whether `<<` stands anywhere.
pub(crate) fn has_mark(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'<', bytes).any(|at| bytes.get(at + 1) == Some(&b'<'))
}

/// Whether `<<` can stand anywhere once lines are joined at either escape character.
pub(crate) fn may_have_mark(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'<', bytes).any(|at| matches!(bytes.get(at + 1), Some(b'<' | b'\\' | b'`')))
}

/// All here-documents that a line announces.
pub(crate) fn announced(line: &str) -> Result<Vec<Delimiter>, String> {
    let lexer = Lexer { raw_quotes: true, raw_escapes: true, skip_unset: true, ..Lexer::new('\\') };
    // A line that cannot be split announces none.
    let words = lexer.process_words(line, &()).unwrap_or_default();
    words.iter().filter_map(|word| parse(word).transpose()).collect()
}

/// Removes the tabs at the start of every line.
pub fn chomp<'a>(text: &Cow<'a, str>) -> Cow<'a, str> {
    if !text.starts_with('\t') && !text.contains("\n\t") {
        return text.clone();
    }
    Cow::Owned(text.split_inclusive('\n').map(|line| line.trim_start_matches('\t')).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_delimiters() {
        let plain = Delimiter { name: "EOF".to_owned(), file_descriptor: 0, expand: true, chomp: false };
        assert_eq!(parse("<<EOF").unwrap().unwrap(), plain);
        assert_eq!(
            parse("3<<-'EOF'").unwrap().unwrap(),
            Delimiter { file_descriptor: 3, expand: false, chomp: true, ..plain }
        );
        for word in ["", "EOF", "<<", "<<-", "<EOF", "<<<EOF", "<<EOF sh", "a<<EOF", "<<A<<B"] {
            assert_eq!(parse(word).unwrap(), None, "{word}");
        }
        assert!(parse("<<'EOF").is_err());
    }

    #[test]
    fn chomps_tabs_only() {
        assert_eq!(chomp(&Cow::Borrowed("\t\ta\n\t b\n c\n")), "a\n b\n c\n");
        assert!(matches!(chomp(&Cow::Borrowed("a\n")), Cow::Borrowed(_)));
    }
}
