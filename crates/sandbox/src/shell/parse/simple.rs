//! Simple commands, assignments and redirections.

use super::{Dialect, Parse, Parser, Pending, is_name, raw_text, valid_name};
use crate::shell::syntax::{Assign, AssignValue, Command, Kind, Redirect, RedirectOp, Word};
use std::cell::OnceCell;
use std::rc::Rc;

impl Parser<'_> {
    pub(super) fn simple(&mut self, line: u32) -> Parse<Command> {
        let mut assigns = Vec::new();
        let mut words = Vec::new();
        let mut redirects = Vec::new();
        loop {
            self.blanks();
            if let Some(redirect) = self.redirect()? {
                redirects.push(redirect);
                continue;
            }
            if (words.is_empty() || self.takes_arrays(&words))
                && let Some(assign) = self.assign(!words.is_empty())?
            {
                if words.is_empty() {
                    assigns.push(assign);
                }
                continue;
            }
            match self.word()? {
                Some(word) => words.push(word),
                None => break,
            }
        }
        if self.peek() == Some(b'(')
            && words.len() == 1
            && assigns.is_empty()
            && self.dialect != Dialect::Bash
        {
            // It would be a function.
            self.pos += 1;
            self.blanks();
            let mut error = self.unexpected(Some(")"));
            // Reserved words are plain words there.
            if let super::SyntaxErrorKind::Unexpected { token, .. } = &mut error.kind
                && token.starts_with(|c: char| c.is_ascii_alphabetic() || c == '{' || c == '}')
                && token != "end of file"
                && token != "newline"
            {
                *token = "word".to_owned();
            }
            return Err(error);
        }
        if self.peek() == Some(b'(') || (assigns.is_empty() && words.is_empty() && redirects.is_empty()) {
            return Err(self.unexpected(None));
        }
        Ok(Command { kind: Kind::Simple { assigns, words }, redirects, line })
    }

    /// `declare -a x=(…)` and its kin, in bash.
    pub(super) fn takes_arrays(&self, words: &[Word]) -> bool {
        self.dialect == Dialect::Bash
            && words
                .first()
                .and_then(Word::plain)
                .is_some_and(|name| matches!(name, "declare" | "local" | "export" | "readonly" | "typeset"))
    }

    /// `name=word`, `name+=word`, `name[i]=word`, `name=(words)`; only the last form if `array_only`.
    pub(super) fn assign(&mut self, array_only: bool) -> Parse<Option<Assign>> {
        let rest = self.rest();
        let end = rest.bytes().position(|c| !is_name(c)).unwrap_or(rest.len());
        let name = rest.get(..end).unwrap_or("");
        if !valid_name(name) {
            return Ok(None);
        }
        let (start, line) = (self.pos, self.line);
        self.pos += end;
        let mut index = None;
        if self.dialect == Dialect::Bash && self.peek() == Some(b'[') {
            match self.index()? {
                Some(word) => index = Some(word),
                None => {
                    (self.pos, self.line) = (start, line);
                    return Ok(None);
                }
            }
        }
        let append = self.dialect == Dialect::Bash && self.rest().starts_with("+=");
        if append {
            self.pos += 1;
        }
        if self.peek() != Some(b'=') || (array_only && self.peek_at(1) != Some(b'(')) {
            (self.pos, self.line) = (start, line);
            return Ok(None);
        }
        self.pos += 1;
        let name = name.to_owned();
        if self.dialect == Dialect::Bash && self.peek() == Some(b'(') {
            self.pos += 1;
            let mut words = Vec::new();
            loop {
                self.skip_newlines()?;
                match self.word()? {
                    Some(word) => words.push(word),
                    None => break,
                }
            }
            self.close_paren()?;
            return Ok(Some(Assign { name, index, append, value: AssignValue::Array(words) }));
        }
        let word = self.word()?.unwrap_or_default();
        Ok(Some(Assign { name, index, append, value: AssignValue::Word(word) }))
    }

    /// `[…]` after a name; `None` if it does not close.
    pub(super) fn index(&mut self) -> Parse<Option<Word>> {
        let rest = self.rest();
        let Some(end) = rest.find(']') else { return Ok(None) };
        let text = rest.get(1..end).unwrap_or("");
        if text.contains(['\n', ' ']) && !text.contains('$') {
            return Ok(None);
        }
        self.pos += end + 1;
        let text = text.trim_matches(['"', '\'']);
        self.sub_double(text).map(Some)
    }

    pub(super) fn sub_double(&self, text: &str) -> Parse<Word> {
        let mut inner = Parser::new(text, self.dialect);
        inner.depth = self.depth;
        inner.line = self.line;
        inner.deeper()?;
        inner.double_quoted(None).map(Word)
    }

    pub(super) fn redirect(&mut self) -> Parse<Option<Redirect>> {
        let rest = self.rest();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let after = rest.get(digits..).unwrap_or("");
        let bashy = self.dialect != Dialect::Dash;
        let table: [(&str, RedirectOp); 12] = [
            ("&>>", RedirectOp::BothAppend),
            ("&>", RedirectOp::Both),
            ("<<<", RedirectOp::HereString),
            ("<<-", RedirectOp::HereDoc),
            ("<<", RedirectOp::HereDoc),
            ("<&", RedirectOp::DupIn),
            ("<>", RedirectOp::ReadWrite),
            ("<", RedirectOp::Read),
            (">>", RedirectOp::Append),
            (">&", RedirectOp::DupOut),
            (">|", RedirectOp::Clobber),
            (">", RedirectOp::Write),
        ];
        let found = table.into_iter().find(|(text, op)| {
            after.starts_with(text)
                && match op {
                    RedirectOp::Both | RedirectOp::BothAppend => bashy && digits == 0,
                    _ => true,
                }
        });
        let Some((text, op)) = found else { return Ok(None) };
        if digits > 9 {
            return Ok(None);
        }
        if self.dialect == Dialect::Bash && (after.starts_with("<(") || after.starts_with(">(")) {
            return Ok(None);
        }
        let fd = rest.get(..digits).and_then(|digits| digits.parse().ok());
        self.pos += digits + text.len();
        if op == RedirectOp::HereString && self.dialect != Dialect::Bash {
            // Here-strings are bash's: it is `<<` and one redirection too many.
            self.pos -= 1;
            return Err(self.unexpected(None));
        }
        self.blanks();
        let start = self.pos;
        let Some(target) = self.word()? else { return Err(self.unexpected(None)) };
        let raw = self.slice(start, self.pos).to_owned();
        let mut body = None;
        if op == RedirectOp::HereDoc {
            let mut quoted = false;
            let delimiter = raw_text(&target, &mut quoted);
            let cell = Rc::new(OnceCell::new());
            self.pending.push(Pending {
                line: self.line,
                delimiter,
                strip_tabs: text == "<<-",
                quoted,
                body: Rc::clone(&cell),
            });
            body = Some(cell);
        }
        Ok(Some(Redirect { fd, op, target, raw, body }))
    }
}
