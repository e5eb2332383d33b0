//! Compound commands and functions.

use super::{Dialect, Parse, Parser, RESERVED_ENDS, SyntaxErrorKind, is_name, push_text, valid_name};
use crate::shell::syntax::{Arm, Kind, List, Word};
use std::rc::Rc;

impl Parser<'_> {
    pub(super) fn compound(&mut self) -> Parse<Option<Kind>> {
        let bash = self.dialect == Dialect::Bash;
        if self.peek() == Some(b'(') {
            if bash && self.peek_at(1) == Some(b'(') {
                let (pos, line, depth) = (self.pos, self.line, self.depth);
                self.pos += 2;
                match self.arith_text() {
                    Ok(word) => return Ok(Some(Kind::Arith(word))),
                    Err(_) => (self.pos, self.line, self.depth) = (pos, line, depth),
                }
            }
            self.pos += 1;
            let list = self.body(Some(")"))?;
            return self.close_paren().map(|()| Some(Kind::Subshell(list)));
        }
        if self.take_reserved("{") {
            let list = self.body(Some("}"))?;
            self.expect_reserved("}")?;
            return Ok(Some(Kind::Brace(list)));
        }
        if self.take_reserved("if") {
            return self.if_command().map(Some);
        }
        if self.take_reserved("while") {
            return self.loop_command(false).map(Some);
        }
        if self.take_reserved("until") {
            return self.loop_command(true).map(Some);
        }
        if self.take_reserved("for") {
            return self.for_command().map(Some);
        }
        if self.take_reserved("case") {
            return self.case_command().map(Some);
        }
        if self.dialect != Dialect::Dash && self.take_reserved("[[") {
            return self.test_command().map(Some);
        }
        if self.dialect != Dialect::Dash && self.at_reserved("function") {
            self.pos += 8;
            self.blanks();
            let name = self.function_name();
            self.blanks();
            if self.peek() == Some(b'(') {
                self.pos += 1;
                self.blanks();
                self.close_paren()?;
            }
            return self.function(name).map(Some);
        }
        for word in RESERVED_ENDS {
            if self.at_reserved(word) {
                return Err(self.unexpected(None));
            }
        }
        // name ( ) body
        let name = self.function_name();
        if !name.is_empty() {
            let mut ahead = name.len();
            while matches!(self.peek_at(ahead), Some(b' ' | b'\t')) {
                ahead += 1;
            }
            if self.peek_at(ahead) == Some(b'(') {
                let mut close = ahead + 1;
                while matches!(self.peek_at(close), Some(b' ' | b'\t')) {
                    close += 1;
                }
                if self.peek_at(close) == Some(b')') {
                    self.pos += close + 1;
                    return self.function(name).map(Some);
                }
            }
        }
        Ok(None)
    }

    pub(super) fn function_name(&self) -> String {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "_-.:+".contains(c)));
        rest.get(..end.unwrap_or(rest.len())).unwrap_or("").to_owned()
    }

    pub(super) fn function(&mut self, name: String) -> Parse<Kind> {
        if self.rest().starts_with(&name) {
            // `function name` leaves the name to be read.
            self.pos += name.len();
            self.blanks();
            if self.peek() == Some(b'(') {
                self.pos += 1;
                self.blanks();
                self.close_paren()?;
            }
        }
        self.skip_newlines()?;
        self.deeper()?;
        let body = self.command()?;
        self.depth -= 1;
        Ok(Kind::Function { name, body: Rc::new(body) })
    }

    pub(super) fn close_paren(&mut self) -> Parse<()> {
        self.skip_newlines()?;
        if self.peek() == Some(b')') {
            self.pos += 1;
            Ok(())
        } else {
            Err(self.unexpected(Some(")")))
        }
    }

    pub(super) fn if_command(&mut self) -> Parse<Kind> {
        let mut arms = Vec::new();
        let mut otherwise = None;
        loop {
            let test = self.body(Some("then"))?;
            self.expect_reserved("then")?;
            let then = self.body(Some("fi"))?;
            arms.push((test, then));
            if self.take_reserved("elif") {
                continue;
            }
            if self.take_reserved("else") {
                otherwise = Some(self.body(Some("fi"))?);
            }
            self.expect_reserved("fi")?;
            return Ok(Kind::If { arms, otherwise });
        }
    }

    pub(super) fn loop_command(&mut self, until: bool) -> Parse<Kind> {
        let test = self.body(Some("do"))?;
        let body = self.do_group()?;
        Ok(Kind::While { until, test, body })
    }

    pub(super) fn do_group(&mut self) -> Parse<List> {
        self.expect_reserved("do")?;
        let body = self.body(Some("done"))?;
        self.expect_reserved("done")?;
        Ok(body)
    }

    pub(super) fn for_command(&mut self) -> Parse<Kind> {
        self.blanks();
        if self.dialect == Dialect::Bash && self.rest().starts_with("((") {
            self.pos += 2;
            let text = self.arith_raw()?;
            let mut parts = text.splitn(3, ';');
            let mut next = || -> Parse<Word> { self.sub_double(parts.next().unwrap_or("")) };
            let (init, test, step) = (next()?, next()?, next()?);
            self.blanks();
            if self.peek() == Some(b';') {
                self.pos += 1;
            }
            let body = self.do_group()?;
            return Ok(Kind::ForArith { init, test, step, body });
        }
        let name = self.rest();
        let end = name.bytes().position(|c| !is_name(c)).unwrap_or(name.len());
        let name = name.get(..end).unwrap_or("").to_owned();
        if !valid_name(&name) {
            return self.error(SyntaxErrorKind::BadForName);
        }
        self.pos += end;
        self.skip_newlines()?;
        let mut words = None;
        let mut raw = "\"$@\"".to_owned();
        if self.take_reserved("in") {
            self.blanks();
            let start = self.pos;
            let mut list = Vec::new();
            loop {
                self.blanks();
                match self.word()? {
                    Some(word) => list.push(word),
                    None => break,
                }
            }
            words = Some(list);
            raw = self.slice(start, self.pos).trim_end().to_owned();
            if self.peek() == Some(b';') {
                self.pos += 1;
            } else if self.peek() != Some(b'\n') {
                return Err(self.unexpected(None));
            }
        } else if self.peek() == Some(b';') {
            self.pos += 1;
        }
        let body = self.do_group()?;
        Ok(Kind::For { name, words, raw, body })
    }

    pub(super) fn case_command(&mut self) -> Parse<Kind> {
        self.blanks();
        let start = self.pos;
        let Some(word) = self.word()? else { return Err(self.unexpected(Some("word"))) };
        let raw = self.slice(start, self.pos).to_owned();
        self.expect_reserved("in")?;
        let mut arms = Vec::new();
        loop {
            self.skip_newlines()?;
            if self.take_reserved("esac") {
                return Ok(Kind::Case { word, raw, arms });
            }
            if self.peek() == Some(b'(') {
                self.pos += 1;
            }
            let mut patterns = Vec::new();
            loop {
                self.blanks();
                let Some(pattern) = self.word()? else { return Err(self.unexpected(Some(")"))) };
                patterns.push(pattern);
                self.blanks();
                match self.peek() {
                    Some(b'|') => self.pos += 1,
                    Some(b')') => break,
                    _ => return Err(self.unexpected(Some(")"))),
                }
            }
            self.pos += 1;
            let body = self.list(false)?;
            self.skip_newlines()?;
            let mut falls = false;
            if self.rest().starts_with(";;") {
                self.pos += 2;
                if self.peek() == Some(b'&') {
                    self.pos += 1;
                }
            } else if self.rest().starts_with(";&") {
                self.pos += 2;
                falls = true;
            } else if !self.at_reserved("esac") {
                return Err(self.unexpected(Some(";;")));
            }
            arms.push(Arm { patterns, body, falls });
        }
    }

    pub(super) fn test_command(&mut self) -> Parse<Kind> {
        let mut words = Vec::new();
        let mut regex = false;
        loop {
            self.skip_newlines()?;
            if self.take_reserved("]]") {
                return Ok(Kind::Test(words));
            }
            if regex {
                regex = false;
                words.push(self.regex_word()?);
                continue;
            }
            let op = ["&&", "||", "(", ")", "<", ">"].into_iter().find(|op| self.rest().starts_with(op));
            if let Some(op) = op {
                self.pos += op.len();
                words.push(Word::text(op));
                continue;
            }
            match self.word()? {
                Some(word) => {
                    regex = word.plain() == Some("=~");
                    words.push(word);
                }
                None => return Err(self.unexpected(Some("]]"))),
            }
        }
    }

    /// The right side of `=~`, where parentheses and bars are text.
    pub(super) fn regex_word(&mut self) -> Parse<Word> {
        let mut parts = Vec::new();
        let mut depth = 0u32;
        loop {
            match self.peek() {
                None | Some(b'\n') => break,
                Some(b' ' | b'\t') if depth == 0 => break,
                Some(b'(') => {
                    depth += 1;
                    push_text(&mut parts, "(");
                    self.pos += 1;
                }
                Some(b')') if depth > 0 => {
                    depth -= 1;
                    push_text(&mut parts, ")");
                    self.pos += 1;
                }
                Some(c @ (b'|' | b'&' | b'<' | b'>' | b';' | b' ' | b'\t')) => {
                    push_text(&mut parts, char::from(c).encode_utf8(&mut [0; 4]));
                    self.pos += 1;
                }
                Some(_) => self.part(&mut parts)?,
            }
        }
        Ok(Word(parts))
    }
}
