//! Colors of the Dockerfile's text, from the real parser.

use crate::place::{Index, Range};
use serde::{Deserialize, Serialize};
use stagecraft_dockerfile::tokens::{self, tokens};
use stagecraft_dockerfile::{Dialect, parse};

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

/// The colors of a Dockerfile: sorted, disjoint.
pub fn highlight(text: &str) -> Vec<Token> {
    let index = Index::new(text);
    let file = parse(text, Dialect::BuildKit);
    let found = tokens(&file, text).into_iter();
    found.filter_map(|(span, kind)| Some(Token { range: index.range(span), kind: of(kind)? })).collect()
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

    #[test]
    fn places_are_in_utf16_units() {
        let text = "# 𝄞\nFROM a AS b\n";
        let units: Vec<u16> = text.encode_utf16().collect();
        let told: Vec<String> = highlight(text)
            .iter()
            .map(|t| {
                format!(
                    "{:?} {}",
                    t.kind,
                    String::from_utf16_lossy(&units[t.range.from as usize..t.range.to as usize])
                )
            })
            .collect();
        assert_eq!(told, ["Comment # 𝄞", "Keyword FROM", "Keyword AS", "Stage b"]);
    }
}
