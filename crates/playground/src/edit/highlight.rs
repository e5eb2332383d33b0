//! Colors of the Dockerfile's text, from the real parser.

use super::Language;
use crate::place::{Index, Range};
use serde::{Deserialize, Serialize};
use stagecraft_dockerfile::tokens::{self, tokens};
use stagecraft_dockerfile::{Dialect, Span, ignore, parse};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TokenKind {
    /// `FROM`, `AS`.
    Keyword,
    /// A comment.
    Comment,
    /// A parser directive.
    Directive,
    /// `--from`
    Flag,
    /// `${GO}`, and the name of an argument where it is declared.
    Variable,
    /// A stage's name, where it is given and where it is used.
    Stage,
    /// A quoted string, or one of a JSON array.
    String,
    /// The delimiters of a here-document.
    Heredoc,
    /// The text of a here-document.
    HeredocBody,
    /// An instruction that no builder knows.
    Invalid,
}

/// A colored range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Where.
    pub range: Range,
    /// What.
    pub kind: TokenKind,
}

/// The colors of a text: sorted, disjoint.
pub fn highlight(language: Language, text: &str) -> Vec<Token> {
    let index = Index::new(text);
    if language == Language::Ignore {
        return ignore_file(text, &index);
    }
    let file = parse(text, Dialect::BuildKit);
    let found = tokens(&file, text).into_iter();
    found.filter_map(|(span, kind)| Some(Token { range: index.range(span), kind: of(kind)? })).collect()
}

/// Comments, the mark of an exception, and what stands for any name.
fn ignore_file(text: &str, index: &Index<'_>) -> Vec<Token> {
    let mut patterns = ignore::read(text).into_iter().map(|pattern| pattern.span).peekable();
    let mut out = Vec::new();
    let mut put = |from: usize, to: usize, kind| {
        let range = index.range(Span::new(from as u32, to as u32));
        out.push(Token { range, kind });
    };
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let (at, end) = (start, start + line.len());
        start = end;
        let Some(pattern) = patterns.next_if(|pattern| (pattern.start as usize) < end) else {
            if let Some(from) = line.find('#') {
                put(at + from, at + line.trim_end().len(), TokenKind::Comment);
            }
            continue;
        };
        let written = text.get(pattern.start as usize..pattern.end as usize).unwrap_or_default();
        for (offset, c) in written.char_indices() {
            let from = pattern.start as usize + offset;
            match c {
                '!' if offset == 0 => put(from, from + 1, TokenKind::Keyword),
                '*' | '?' => put(from, from + 1, TokenKind::Variable),
                _ => {}
            }
        }
    }
    out
}

/// Images, ports and operators are set like the text around them.
fn of(kind: tokens::TokenKind) -> Option<TokenKind> {
    Some(match kind {
        tokens::TokenKind::Keyword => TokenKind::Keyword,
        tokens::TokenKind::Unknown => TokenKind::Invalid,
        tokens::TokenKind::Comment => TokenKind::Comment,
        tokens::TokenKind::Directive => TokenKind::Directive,
        tokens::TokenKind::Flag => TokenKind::Flag,
        tokens::TokenKind::Stage => TokenKind::Stage,
        tokens::TokenKind::Variable => TokenKind::Variable,
        tokens::TokenKind::String => TokenKind::String,
        tokens::TokenKind::Image | tokens::TokenKind::Number | tokens::TokenKind::Operator => return None,
        tokens::TokenKind::HeredocDelimiter => TokenKind::Heredoc,
        tokens::TokenKind::HeredocBody => TokenKind::HeredocBody,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(language: Language, text: &str) -> Vec<String> {
        let units: Vec<u16> = text.encode_utf16().collect();
        let of = |range: Range| String::from_utf16_lossy(&units[range.from as usize..range.to as usize]);
        highlight(language, text).iter().map(|t| format!("{:?} {}", t.kind, of(t.range))).collect()
    }

    #[test]
    fn an_ignore_file_has_comments_exceptions_and_wildcards() {
        let text = "# é\n\n**/*.log # no comment\n !keep?\n#end";
        let stars = ["Variable *"; 3];
        let mut all = vec!["Comment # é"];
        all.extend(stars);
        all.extend(["Keyword !", "Variable ?", "Comment #end"]);
        assert_eq!(told(Language::Ignore, text), all);
    }

    #[test]
    fn places_are_in_utf16_units() {
        let text = "# 𝄞\nFROM a AS b\n";
        assert_eq!(
            told(Language::Dockerfile, text),
            ["Comment # 𝄞", "Keyword FROM", "Keyword AS", "Stage b"]
        );
    }
}
