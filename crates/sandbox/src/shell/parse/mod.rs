//! From text to syntax, one complete command at a time, as a shell reads it: what stands before a syntax error
//! has already been executed.

mod compound;
mod simple;
mod word;

use super::syntax::{AndOr, Command, Kind, List, Part, Pipeline, Redirect, RedirectOp, Word};
use std::cell::OnceCell;
use std::rc::Rc;

/// How deep compounds and substitutions may nest; real shells go on until their stack ends.
const MAX_DEPTH: u32 = 60;

/// Which shell's grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// BusyBox.
    Ash,
    /// Debian's `/bin/sh`.
    Dash,
    /// Bash, also as `sh`.
    Bash,
}

/// What is wrong with a script, before a shell words it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    pub(crate) line: u32,
    pub(crate) kind: SyntaxErrorKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SyntaxErrorKind {
    /// This token is not wanted here; perhaps another one was.
    Unexpected { token: String, expecting: Option<&'static str> },
    /// An opening quote without its end.
    UnterminatedQuote(char),
    /// `${` without its end, or nonsense in it.
    BadSubstitution,
    /// `$((`
    MissingParens,
    /// Nested deeper than [`MAX_DEPTH`].
    TooDeep,
    /// `for 1x in`
    BadForName,
}

type Parse<T> = Result<T, SyntaxError>;

struct Pending {
    line: u32,
    delimiter: String,
    strip_tabs: bool,
    quoted: bool,
    body: Rc<OnceCell<Word>>,
}

pub(crate) struct Parser<'s> {
    src: &'s str,
    pos: usize,
    line: u32,
    depth: u32,
    dialect: Dialect,
    pending: Vec<Pending>,
    /// Here-documents that end only with the text: where they began, and what would have ended them.
    pub(crate) endless: Vec<(u32, String)>,
}

const RESERVED_ENDS: &[&str] = &["then", "else", "elif", "fi", "do", "done", "esac", "}"];

fn is_name_start(c: u8) -> bool {
    c.is_ascii_alphabetic() || c == b'_'
}

fn is_name(c: u8) -> bool {
    c.is_ascii_alphanumeric() || c == b'_'
}

/// Whether a text may name a variable.
pub(crate) fn valid_name(text: &str) -> bool {
    text.bytes().next().is_some_and(is_name_start) && text.bytes().all(is_name)
}

impl<'s> Parser<'s> {
    pub(crate) fn new(src: &'s str, dialect: Dialect) -> Self {
        Self::from_line(src, dialect, 1)
    }

    /// A parser whose first line has that number.
    pub(crate) fn from_line(src: &'s str, dialect: Dialect, line: u32) -> Self {
        Self { src, pos: 0, line, depth: 0, dialect, pending: Vec::new(), endless: Vec::new() }
    }

    /// The line that was reached, counted from 1.
    pub(crate) fn line(&self) -> u32 {
        self.line
    }

    /// The next complete command (a line with all that it needs), `None` at the end.
    pub(crate) fn next_command(&mut self) -> Parse<Option<List>> {
        self.skip_newlines()?;
        if self.at_end() {
            return Ok(None);
        }
        let list = self.list(true)?;
        self.blanks();
        match self.peek() {
            Some(b'\n') => {
                self.newline()?;
            }
            None => self.read_pending()?,
            Some(_) => return Err(self.unexpected(None)),
        }
        Ok(Some(list))
    }

    fn peek(&self) -> Option<u8> {
        self.src.as_bytes().get(self.pos).copied()
    }

    fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.src.as_bytes().get(self.pos + ahead).copied()
    }

    fn at_end(&self) -> bool {
        self.pos >= self.src.len()
    }

    fn rest(&self) -> &'s str {
        self.src.get(self.pos..).unwrap_or("")
    }

    fn slice(&self, from: usize, to: usize) -> &'s str {
        self.src.get(from..to).unwrap_or("")
    }

    fn error<T>(&self, kind: SyntaxErrorKind) -> Parse<T> {
        Err(SyntaxError { line: self.line, kind })
    }

    /// The next token as an error shows it.
    fn token_text(&self) -> String {
        let rest = self.rest();
        match self.peek() {
            None => "end of file".to_owned(),
            Some(b'\n') => "newline".to_owned(),
            Some(_) => {
                for op in ["&&", "||", ";;", "<<", ">>", "<&", ">&", "<>", ">|"] {
                    if rest.starts_with(op) {
                        return op.to_owned();
                    }
                }
                let end = rest.find(|c: char| " \t\n;&|<>()".contains(c)).unwrap_or(rest.len());
                let end = if end == 0 { rest.chars().next().map_or(0, char::len_utf8) } else { end };
                rest.get(..end).unwrap_or("").to_owned()
            }
        }
    }

    fn unexpected(&self, expecting: Option<&'static str>) -> SyntaxError {
        SyntaxError {
            line: self.line,
            kind: SyntaxErrorKind::Unexpected { token: self.token_text(), expecting },
        }
    }

    /// Blanks, continued lines and comments.
    fn blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r') => self.pos += 1,
                Some(b'\\') if self.peek_at(1) == Some(b'\n') => {
                    self.pos += 2;
                    self.line += 1;
                }
                Some(b'#') => {
                    while !matches!(self.peek(), None | Some(b'\n')) {
                        self.pos += 1;
                    }
                    return;
                }
                _ => return,
            }
        }
    }

    /// One line feed and the here-documents that begin after it.
    fn newline(&mut self) -> Parse<()> {
        self.pos += 1;
        self.line += 1;
        self.read_pending()
    }

    fn skip_newlines(&mut self) -> Parse<()> {
        loop {
            self.blanks();
            if self.peek() != Some(b'\n') {
                return Ok(());
            }
            self.newline()?;
        }
    }

    fn read_pending(&mut self) -> Parse<()> {
        for doc in std::mem::take(&mut self.pending) {
            let mut text = String::new();
            loop {
                if self.at_end() {
                    self.endless.push((doc.line, doc.delimiter.clone()));
                    break;
                }
                let rest = self.rest();
                let end = rest.find('\n').unwrap_or(rest.len());
                let line = rest.get(..end).unwrap_or("");
                let ended = end < rest.len();
                self.pos += (end + 1).min(rest.len());
                self.line += u32::from(ended);
                let line = if doc.strip_tabs { line.trim_start_matches('\t') } else { line };
                if line == doc.delimiter {
                    break;
                }
                text.push_str(line);
                text.push('\n');
            }
            let word = if doc.quoted {
                Word(vec![Part::Quoted(text)])
            } else {
                let mut inner = Parser::new(&text, self.dialect);
                inner.depth = self.depth;
                let parts = inner.double_quoted(None)?;
                Word(vec![Part::Double(parts)])
            };
            let _ = doc.body.set(word);
        }
        Ok(())
    }

    /// Whether the reserved word stands here, as a whole word.
    fn at_reserved(&self, word: &str) -> bool {
        let rest = self.rest();
        rest.strip_prefix(word).is_some_and(|after| {
            after.is_empty() || after.starts_with([' ', '\t', '\n', ';', '&', '|', '(', ')', '<', '>', '\r'])
        })
    }

    fn take_reserved(&mut self, word: &str) -> bool {
        if self.at_reserved(word) {
            self.pos += word.len();
            true
        } else {
            false
        }
    }

    fn expect_reserved(&mut self, word: &'static str) -> Parse<()> {
        self.skip_newlines()?;
        if self.take_reserved(word) { Ok(()) } else { Err(self.unexpected(Some(word))) }
    }

    fn deeper(&mut self) -> Parse<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { self.error(SyntaxErrorKind::TooDeep) } else { Ok(()) }
    }

    /// Whether a list ends here.
    fn at_list_end(&self) -> bool {
        self.at_end()
            || self.peek() == Some(b')')
            || self.rest().starts_with(";;")
            || self.rest().starts_with(";&")
            || RESERVED_ENDS.iter().any(|word| self.at_reserved(word))
    }

    /// Commands up to a reserved word that ends them, or up to the end of the line if `one_line`.
    fn list(&mut self, one_line: bool) -> Parse<List> {
        self.deeper()?;
        let mut items = Vec::new();
        if !one_line {
            self.skip_newlines()?;
        }
        loop {
            self.blanks();
            if (one_line && self.at_end()) || (!one_line && self.at_list_end()) {
                break;
            }
            let item = self.and_or()?;
            self.blanks();
            let background = match self.peek() {
                Some(b'&') => {
                    self.pos += 1;
                    true
                }
                Some(b';') if self.peek_at(1) != Some(b';') && self.peek_at(1) != Some(b'&') => {
                    self.pos += 1;
                    false
                }
                Some(b'\n') if !one_line => false,
                _ => {
                    items.push((item, false));
                    break;
                }
            };
            items.push((item, background));
            if one_line {
                self.blanks();
                if matches!(self.peek(), None | Some(b'\n')) {
                    break;
                }
            } else {
                self.skip_newlines()?;
            }
        }
        self.depth -= 1;
        Ok(List(items))
    }

    /// A list that must not be empty.
    fn body(&mut self, expecting: Option<&'static str>) -> Parse<List> {
        let list = self.list(false)?;
        if !list.0.is_empty() {
            return Ok(list);
        }
        // Only at the end does the shell say what it waits for.
        Err(self.unexpected(expecting.filter(|_| self.at_end())))
    }

    fn and_or(&mut self) -> Parse<AndOr> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            self.blanks();
            let and = if self.rest().starts_with("&&") {
                true
            } else if self.rest().starts_with("||") {
                false
            } else {
                return Ok(AndOr { first, rest });
            };
            self.pos += 2;
            self.skip_newlines()?;
            rest.push((and, self.pipeline()?));
        }
    }

    fn pipeline(&mut self) -> Parse<Pipeline> {
        self.blanks();
        let mut negated = false;
        while self.take_reserved("!") {
            negated = !negated;
            self.blanks();
            if self.dialect != Dialect::Bash && self.at_reserved("!") {
                return Err(self.unexpected(None));
            }
        }
        if self.dialect != Dialect::Dash && self.at_reserved("time") {
            self.pos += 4;
            self.blanks();
            if self.take_reserved("-p") {
                self.blanks();
            }
        }
        let mut commands = vec![self.command()?];
        loop {
            self.blanks();
            let rest = self.rest();
            if !rest.starts_with('|') || rest.starts_with("||") {
                return Ok(Pipeline { negated, commands });
            }
            self.pos += 1;
            if self.peek() == Some(b'&') && self.dialect == Dialect::Bash {
                self.pos += 1;
                if let Some(last) = commands.last_mut() {
                    last.redirects.push(Redirect {
                        fd: Some(2),
                        op: RedirectOp::DupOut,
                        target: Word::text("1"),
                        raw: String::new(),
                        body: None,
                    });
                }
            }
            self.skip_newlines()?;
            if self.at_reserved("!") {
                return Err(self.unexpected(None));
            }
            commands.push(self.command()?);
        }
    }

    fn command(&mut self) -> Parse<Command> {
        self.blanks();
        let line = self.line;
        let Some(kind) = self.compound()? else {
            return self.simple(line);
        };
        let mut redirects = Vec::new();
        if !matches!(kind, Kind::Function { .. }) {
            loop {
                self.blanks();
                match self.redirect()? {
                    Some(redirect) => redirects.push(redirect),
                    None => break,
                }
            }
        }
        Ok(Command { kind, redirects, line })
    }
}

/// A text with the expansions of double quotes, `None` if it is no such text.
pub(crate) fn here_text(text: &str, dialect: Dialect) -> Option<Word> {
    let parts = Parser::new(text, dialect).double_quoted(None).ok()?;
    Some(Word(vec![Part::Double(parts)]))
}

/// Where the brace closes that stands open before `text`.
fn matching_brace(text: &str) -> Option<usize> {
    let mut depth = 0u32;
    for (at, c) in text.bytes().enumerate() {
        match c {
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    if let Some(Part::Text(last)) = parts.last_mut() {
        last.push_str(text);
    } else {
        parts.push(Part::Text(text.to_owned()));
    }
}

/// A here-document's delimiter: its text without quotes, and whether there were any.
fn raw_text(word: &Word, quoted: &mut bool) -> String {
    fn add(parts: &[Part], out: &mut String, quoted: &mut bool) {
        for part in parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Quoted(text) => {
                    *quoted = true;
                    out.push_str(text);
                }
                Part::Double(inner) => {
                    *quoted = true;
                    add(inner, out, quoted);
                }
                Part::Param(param) => {
                    out.push('$');
                    out.push_str(&param.name);
                }
                Part::Command(_) | Part::Arith(_) | Part::Process(_) => {}
            }
        }
    }
    let mut out = String::new();
    add(&word.0, &mut out, quoted);
    out
}
