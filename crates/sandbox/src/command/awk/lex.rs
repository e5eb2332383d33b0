//! Tokens. A slash begins an expression or divides, as what came before tells.

use super::parse::{Bad, Parse, Parser};
use crate::command::echo::unescape;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Text(String),
    Regex(String),
    Word(String),
    /// A name with `(` right after it.
    Called(String),
    Op(&'static str),
    Line,
    End,
}

const OPS: &[&str] = &[
    "**=", "&&", "||", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "**", "==", "<=", ">=", "!=", ">>",
    "{", "}", "(", ")", "[", "]", ";", ",", "+", "-", "*", "%", "^", "!", ">", "<", "|", "?", ":", "~", "$",
    "=", "/",
];

impl Parser {
    pub(super) fn peek(&self, ahead: usize) -> char {
        self.chars.get(self.at + ahead).copied().unwrap_or('\0')
    }

    pub(super) fn next(&mut self) -> Parse<()> {
        self.token = self.lex()?;
        self.value_before = match &self.token {
            Token::Number(_)
            | Token::Text(_)
            | Token::Regex(_)
            | Token::Op(")" | "]" | "$" | "++" | "--") => true,
            Token::Word(word) => !matches!(
                word.as_str(),
                "print"
                    | "printf"
                    | "return"
                    | "in"
                    | "getline"
                    | "if"
                    | "while"
                    | "do"
                    | "else"
                    | "exit"
                    | "delete"
            ),
            _ => false,
        };
        Ok(())
    }

    pub(super) fn lex(&mut self) -> Parse<Token> {
        loop {
            match self.peek(0) {
                ' ' | '\t' | '\r' => self.at += 1,
                '\\' if self.peek(1) == '\n' => self.at += 2,
                '#' => {
                    while self.at < self.chars.len() && self.peek(0) != '\n' {
                        self.at += 1;
                    }
                }
                _ => break,
            }
        }
        if self.at >= self.chars.len() {
            return Ok(Token::End);
        }
        let c = self.peek(0);
        if c == '\n' {
            self.at += 1;
            return Ok(Token::Line);
        }
        if c == '"' {
            self.at += 1;
            return self.quoted('"').map(|raw| Token::Text(plain(&raw)));
        }
        if c == '/' && !self.value_before {
            self.at += 1;
            return self.quoted('/').map(|raw| Token::Regex(raw.replace("\\/", "/").replace("\\\"", "\"")));
        }
        if c.is_ascii_digit() || (c == '.' && self.peek(1).is_ascii_digit()) {
            let start = self.at;
            while self.peek(0).is_ascii_digit() || self.peek(0) == '.' {
                self.at += 1;
            }
            if matches!(self.peek(0), 'e' | 'E')
                && (self.peek(1).is_ascii_digit()
                    || (matches!(self.peek(1), '+' | '-') && self.peek(2).is_ascii_digit()))
            {
                self.at += 2;
                while self.peek(0).is_ascii_digit() {
                    self.at += 1;
                }
            }
            let text: String = self.chars.get(start..self.at).unwrap_or(&[]).iter().collect();
            return text.parse().map(Token::Number).map_err(|_| Bad::Token);
        }
        if c.is_ascii_alphabetic() || c == '_' {
            let mut word = String::new();
            while self.peek(0).is_ascii_alphanumeric() || self.peek(0) == '_' {
                word.push(self.peek(0));
                self.at += 1;
            }
            let called = self.peek(0) == '(' && !is_keyword(&word);
            return Ok(if called { Token::Called(word) } else { Token::Word(word) });
        }
        for op in OPS {
            if op.chars().enumerate().all(|(ahead, c)| self.peek(ahead) == c) {
                self.at += op.len();
                return Ok(Token::Op(match *op {
                    "**" => "^",
                    "**=" => "^=",
                    op => op,
                }));
            }
        }
        Err(Bad::Token)
    }

    pub(super) fn quoted(&mut self, close: char) -> Parse<String> {
        let mut raw = String::new();
        let mut in_set = false;
        loop {
            if self.at >= self.chars.len() {
                return Err(Bad::End);
            }
            let c = self.peek(0);
            self.at += 1;
            match c {
                '\\' => {
                    raw.push('\\');
                    raw.push(self.peek(0));
                    self.at += 1;
                }
                '[' if close == '/' => {
                    in_set = true;
                    raw.push(c);
                }
                ']' => {
                    in_set = false;
                    raw.push(c);
                }
                '\n' => return Err(Bad::Token),
                _ if c == close && !in_set => return Ok(raw),
                _ => raw.push(c),
            }
        }
    }
}

pub(super) fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "BEGIN"
            | "END"
            | "function"
            | "func"
            | "if"
            | "else"
            | "while"
            | "for"
            | "do"
            | "break"
            | "continue"
            | "next"
            | "nextfile"
            | "exit"
            | "return"
            | "delete"
            | "in"
            | "getline"
            | "print"
            | "printf"
    )
}

/// A text in double quotes without its escapes.
fn plain(raw: &str) -> String {
    let raw = raw.replace("\\/", "/");
    let (bytes, _) = unescape(&raw, false);
    String::from_utf8_lossy(&bytes).into_owned()
}
