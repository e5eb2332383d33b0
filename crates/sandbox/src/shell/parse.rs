//! From text to syntax, one complete command at a time, as a shell reads it: what stands before a syntax error
//! has already been executed.

use super::syntax::{
    AndOr, Arm, Assign, AssignValue, Command, Kind, List, Param, ParamOp, Part, Pipeline, Redirect,
    RedirectOp, Word,
};
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
        Self { src, pos: 0, line: 1, depth: 0, dialect, pending: Vec::new() }
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
                    break;
                }
                let rest = self.rest();
                let end = rest.find('\n').unwrap_or(rest.len());
                let line = rest.get(..end).unwrap_or("");
                self.pos += (end + 1).min(rest.len());
                self.line += 1;
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
                        body: None,
                    });
                }
            }
            self.skip_newlines()?;
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

    fn compound(&mut self) -> Parse<Option<Kind>> {
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
            let list = self.body(None)?;
            return self.close_paren().map(|()| Some(Kind::Subshell(list)));
        }
        if self.take_reserved("{") {
            let list = self.body(None)?;
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

    fn function_name(&self) -> String {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "_-.:+".contains(c)));
        rest.get(..end.unwrap_or(rest.len())).unwrap_or("").to_owned()
    }

    fn function(&mut self, name: String) -> Parse<Kind> {
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

    fn close_paren(&mut self) -> Parse<()> {
        self.skip_newlines()?;
        if self.peek() == Some(b')') {
            self.pos += 1;
            Ok(())
        } else {
            Err(self.unexpected(Some(")")))
        }
    }

    fn if_command(&mut self) -> Parse<Kind> {
        let mut arms = Vec::new();
        let mut otherwise = None;
        loop {
            let test = self.body(Some("then"))?;
            self.expect_reserved("then")?;
            let then = self.body(None)?;
            arms.push((test, then));
            if self.take_reserved("elif") {
                continue;
            }
            if self.take_reserved("else") {
                otherwise = Some(self.body(None)?);
            }
            self.expect_reserved("fi")?;
            return Ok(Kind::If { arms, otherwise });
        }
    }

    fn loop_command(&mut self, until: bool) -> Parse<Kind> {
        let test = self.body(Some("do"))?;
        let body = self.do_group()?;
        Ok(Kind::While { until, test, body })
    }

    fn do_group(&mut self) -> Parse<List> {
        self.expect_reserved("do")?;
        let body = self.body(None)?;
        self.expect_reserved("done")?;
        Ok(body)
    }

    fn for_command(&mut self) -> Parse<Kind> {
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
        if self.take_reserved("in") {
            let mut list = Vec::new();
            loop {
                self.blanks();
                match self.word()? {
                    Some(word) => list.push(word),
                    None => break,
                }
            }
            words = Some(list);
            if self.peek() == Some(b';') {
                self.pos += 1;
            } else if self.peek() != Some(b'\n') {
                return Err(self.unexpected(None));
            }
        } else if self.peek() == Some(b';') {
            self.pos += 1;
        }
        let body = self.do_group()?;
        Ok(Kind::For { name, words, body })
    }

    fn case_command(&mut self) -> Parse<Kind> {
        self.blanks();
        let Some(word) = self.word()? else { return Err(self.unexpected(None)) };
        self.expect_reserved("in")?;
        let mut arms = Vec::new();
        loop {
            self.skip_newlines()?;
            if self.take_reserved("esac") {
                return Ok(Kind::Case { word, arms });
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

    fn test_command(&mut self) -> Parse<Kind> {
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
    fn regex_word(&mut self) -> Parse<Word> {
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

    fn simple(&mut self, line: u32) -> Parse<Command> {
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
        if self.peek() == Some(b'(') || (assigns.is_empty() && words.is_empty() && redirects.is_empty()) {
            return Err(self.unexpected(None));
        }
        Ok(Command { kind: Kind::Simple { assigns, words }, redirects, line })
    }

    /// `declare -a x=(…)` and its kin, in bash.
    fn takes_arrays(&self, words: &[Word]) -> bool {
        self.dialect == Dialect::Bash
            && words
                .first()
                .and_then(Word::plain)
                .is_some_and(|name| matches!(name, "declare" | "local" | "export" | "readonly" | "typeset"))
    }

    /// `name=word`, `name+=word`, `name[i]=word`, `name=(words)`; only the last form if `array_only`.
    fn assign(&mut self, array_only: bool) -> Parse<Option<Assign>> {
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
    fn index(&mut self) -> Parse<Option<Word>> {
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

    fn sub_double(&self, text: &str) -> Parse<Word> {
        let mut inner = Parser::new(text, self.dialect);
        inner.depth = self.depth;
        inner.line = self.line;
        inner.deeper()?;
        inner.double_quoted(None).map(Word)
    }

    fn redirect(&mut self) -> Parse<Option<Redirect>> {
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
                    RedirectOp::HereString => self.dialect == Dialect::Bash,
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
        self.blanks();
        let Some(target) = self.word()? else { return Err(self.unexpected(None)) };
        let mut body = None;
        if op == RedirectOp::HereDoc {
            let mut quoted = false;
            let delimiter = raw_text(&target, &mut quoted);
            let cell = Rc::new(OnceCell::new());
            self.pending.push(Pending {
                delimiter,
                strip_tabs: text == "<<-",
                quoted,
                body: Rc::clone(&cell),
            });
            body = Some(cell);
        }
        Ok(Some(Redirect { fd, op, target, body }))
    }

    /// The next word, `None` if an operator or the end is here.
    fn word(&mut self) -> Parse<Option<Word>> {
        let mut parts = Vec::new();
        let start = self.pos;
        loop {
            match self.peek() {
                None | Some(b' ' | b'\t' | b'\n' | b'\r' | b';' | b'&' | b'|' | b')') => break,
                Some(b'<' | b'>') => {
                    if self.dialect == Dialect::Bash && self.rest().starts_with("<(") {
                        self.pos += 2;
                        let list = self.sub_list()?;
                        parts.push(Part::Process(Rc::new(list)));
                        continue;
                    }
                    break;
                }
                Some(b'(') => {
                    // `@(a|b)` and its kin of bash are patterns; elsewhere a parenthesis ends the word.
                    if self.dialect == Dialect::Bash
                        && matches!(parts.last(), Some(Part::Text(text)) if text.ends_with(['@', '!', '?', '*', '+']))
                        && let Some(end) = self.rest().find(')')
                    {
                        let text = self.slice(self.pos, self.pos + end + 1);
                        push_text(&mut parts, text);
                        self.pos += end + 1;
                        continue;
                    }
                    break;
                }
                Some(_) => self.part(&mut parts)?,
            }
        }
        if parts.is_empty() && self.pos == start { Ok(None) } else { Ok(Some(Word(parts))) }
    }

    /// One piece of a word outside quotes.
    fn part(&mut self, parts: &mut Vec<Part>) -> Parse<()> {
        match self.peek() {
            Some(b'\\') => match self.peek_at(1) {
                Some(b'\n') => {
                    self.pos += 2;
                    self.line += 1;
                }
                None => {
                    self.pos += 1;
                    parts.push(Part::Quoted("\\".to_owned()));
                }
                Some(_) => {
                    self.pos += 1;
                    let c = self.next_char();
                    parts.push(Part::Quoted(c.to_string()));
                }
            },
            Some(b'\'') => {
                let text = self.single_quoted()?;
                parts.push(Part::Quoted(text));
            }
            Some(b'"') => {
                self.pos += 1;
                let inner = self.double_quoted(Some(b'"'))?;
                parts.push(Part::Double(inner));
            }
            Some(b'$') => self.dollar(parts, false)?,
            Some(b'`') => {
                let part = self.backquote(false)?;
                parts.push(part);
            }
            Some(_) => {
                let rest = self.rest();
                let end = rest.find(|c: char| " \t\r\n;&|()<>\\'\"$`".contains(c)).unwrap_or(rest.len());
                let end = end.max(rest.chars().next().map_or(0, char::len_utf8));
                push_text(parts, rest.get(..end).unwrap_or(""));
                self.pos += end;
            }
            None => {}
        }
        Ok(())
    }

    fn next_char(&mut self) -> char {
        let c = self.rest().chars().next().unwrap_or('\0');
        self.pos += c.len_utf8();
        if c == '\n' {
            self.line += 1;
        }
        c
    }

    fn single_quoted(&mut self) -> Parse<String> {
        let line = self.line;
        self.pos += 1;
        let rest = self.rest();
        let Some(end) = rest.find('\'') else {
            self.pos = self.src.len();
            return Err(SyntaxError { line, kind: SyntaxErrorKind::UnterminatedQuote('\'') });
        };
        let text = rest.get(..end).unwrap_or("");
        self.line += text.bytes().filter(|c| *c == b'\n').count() as u32;
        self.pos += end + 1;
        Ok(text.to_owned())
    }

    /// Up to `end` (which is passed over), or to the end of the text.
    fn double_quoted(&mut self, end: Option<u8>) -> Parse<Vec<Part>> {
        let line = self.line;
        let mut parts = Vec::new();
        loop {
            let Some(c) = self.peek() else {
                return match end {
                    Some(quote) => {
                        Err(SyntaxError { line, kind: SyntaxErrorKind::UnterminatedQuote(char::from(quote)) })
                    }
                    None => Ok(parts),
                };
            };
            if Some(c) == end {
                self.pos += 1;
                return Ok(parts);
            }
            match c {
                b'\\' => match self.peek_at(1) {
                    Some(b'\n') => {
                        self.pos += 2;
                        self.line += 1;
                    }
                    Some(next @ (b'$' | b'`' | b'\\')) => {
                        parts.push(Part::Quoted(char::from(next).to_string()));
                        self.pos += 2;
                    }
                    Some(b'"') if end == Some(b'"') => {
                        parts.push(Part::Quoted("\"".to_owned()));
                        self.pos += 2;
                    }
                    _ => {
                        push_text(&mut parts, "\\");
                        self.pos += 1;
                    }
                },
                b'$' => self.dollar(&mut parts, true)?,
                b'`' => {
                    let part = self.backquote(end == Some(b'"'))?;
                    parts.push(part);
                }
                _ => {
                    let rest = self.rest();
                    let stop = rest.find(['\\', '$', '`', '"']).unwrap_or(rest.len());
                    let stop = stop.max(1);
                    let text = rest.get(..stop).unwrap_or("");
                    self.line += text.bytes().filter(|c| *c == b'\n').count() as u32;
                    push_text(&mut parts, text);
                    self.pos += stop;
                }
            }
        }
    }

    fn dollar(&mut self, parts: &mut Vec<Part>, in_double: bool) -> Parse<()> {
        let plain = |name: &str| {
            Part::Param(Box::new(Param {
                name: name.to_owned(),
                index: None,
                indirect: false,
                op: ParamOp::Plain,
            }))
        };
        match self.peek_at(1) {
            Some(b'(') => {
                if self.peek_at(2) == Some(b'(') {
                    let (pos, line, depth) = (self.pos, self.line, self.depth);
                    self.pos += 3;
                    match self.arith_text() {
                        Ok(word) => {
                            parts.push(Part::Arith(word));
                            return Ok(());
                        }
                        Err(error) if error.kind == SyntaxErrorKind::TooDeep => return Err(error),
                        Err(_) => (self.pos, self.line, self.depth) = (pos, line, depth),
                    }
                }
                self.pos += 2;
                let list = self.sub_list()?;
                parts.push(Part::Command(Rc::new(list)));
            }
            Some(b'{') => {
                self.pos += 2;
                let param = self.braced(in_double)?;
                parts.push(Part::Param(Box::new(param)));
            }
            Some(b'\'') if !in_double && self.dialect != Dialect::Dash => {
                self.pos += 1;
                let text = self.ansi_quoted()?;
                parts.push(Part::Quoted(text));
            }
            Some(b'"') if !in_double && self.dialect == Dialect::Bash => {
                self.pos += 2;
                let inner = self.double_quoted(Some(b'"'))?;
                parts.push(Part::Double(inner));
            }
            Some(c) if is_name_start(c) => {
                let rest = self.slice(self.pos + 1, self.src.len());
                let end = rest.bytes().position(|c| !is_name(c)).unwrap_or(rest.len());
                parts.push(plain(rest.get(..end).unwrap_or("")));
                self.pos += 1 + end;
            }
            Some(c @ (b'0'..=b'9' | b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!')) => {
                parts.push(plain(char::from(c).encode_utf8(&mut [0; 4])));
                self.pos += 2;
            }
            _ => {
                push_text(parts, "$");
                self.pos += 1;
            }
        }
        Ok(())
    }

    /// The commands of `$(…)`, its `)` passed over.
    fn sub_list(&mut self) -> Parse<List> {
        self.deeper()?;
        let outer = std::mem::take(&mut self.pending);
        let list = self.list(false)?;
        self.close_paren()?;
        self.pending = outer;
        self.depth -= 1;
        Ok(list)
    }

    fn backquote(&mut self, in_double: bool) -> Parse<Part> {
        self.pos += 1;
        let line = self.line;
        let mut text = String::new();
        loop {
            match self.peek() {
                None => {
                    return Err(SyntaxError { line, kind: SyntaxErrorKind::UnterminatedQuote('`') });
                }
                Some(b'`') => break,
                Some(b'\\') => {
                    self.pos += 1;
                    let next = self.next_char();
                    if !(matches!(next, '$' | '`' | '\\') || (in_double && next == '"')) {
                        text.push('\\');
                    }
                    text.push(next);
                }
                Some(_) => {
                    let c = self.next_char();
                    text.push(c);
                }
            }
        }
        self.pos += 1;
        let mut inner = Parser::new(&text, self.dialect);
        inner.depth = self.depth;
        inner.line = line;
        inner.deeper()?;
        let list = inner.list(false)?;
        if !inner.at_end() {
            return Err(inner.unexpected(None));
        }
        Ok(Part::Command(Rc::new(list)))
    }

    /// The raw text up to `))`, which is passed over.
    fn arith_raw(&mut self) -> Parse<&'s str> {
        let start = self.pos;
        let mut depth = 0u32;
        loop {
            match self.peek() {
                None => return self.error(SyntaxErrorKind::MissingParens),
                Some(b'(') => depth += 1,
                Some(b')') if depth > 0 => depth -= 1,
                Some(b')') if self.peek_at(1) == Some(b')') => {
                    let text = self.slice(start, self.pos);
                    self.pos += 2;
                    return Ok(text);
                }
                Some(b')') => return self.error(SyntaxErrorKind::MissingParens),
                Some(b'\n') => self.line += 1,
                Some(_) => {}
            }
            self.pos += 1;
        }
    }

    fn arith_text(&mut self) -> Parse<Word> {
        let text = self.arith_raw()?;
        self.sub_double(text)
    }

    fn ansi_quoted(&mut self) -> Parse<String> {
        let line = self.line;
        self.pos += 1;
        let mut text = String::new();
        loop {
            if self.at_end() {
                return Err(SyntaxError { line, kind: SyntaxErrorKind::UnterminatedQuote('\'') });
            }
            match self.next_char() {
                '\'' => return Ok(text),
                '\\' => {
                    let c = self.next_char();
                    match c {
                        'n' => text.push('\n'),
                        't' => text.push('\t'),
                        'r' => text.push('\r'),
                        'a' => text.push('\x07'),
                        'b' => text.push('\x08'),
                        'e' | 'E' => text.push('\x1b'),
                        'f' => text.push('\x0c'),
                        'v' => text.push('\x0b'),
                        '\\' | '\'' | '"' => text.push(c),
                        'x' => text.push(self.coded(16, 2, "")),
                        'u' => text.push(self.coded(16, 4, "")),
                        '0'..='7' => text.push(self.coded(8, 2, c.encode_utf8(&mut [0; 4]))),
                        other => {
                            text.push('\\');
                            text.push(other);
                        }
                    }
                }
                c => text.push(c),
            }
        }
    }

    fn coded(&mut self, radix: u32, most: usize, first: &str) -> char {
        let rest = self.rest();
        let digits: String = rest.chars().take(most).take_while(|c| c.is_digit(radix)).collect();
        self.pos += digits.len();
        u32::from_str_radix(&format!("{first}{digits}"), radix).ok().and_then(char::from_u32).unwrap_or('\0')
    }

    /// What follows `${`, its `}` passed over.
    fn braced(&mut self, in_double: bool) -> Parse<Param> {
        self.deeper()?;
        let param = self.braced_inner(in_double)?;
        self.depth -= 1;
        Ok(param)
    }

    fn braced_inner(&mut self, in_double: bool) -> Parse<Param> {
        let bad = |text: &str| Param {
            name: String::new(),
            index: None,
            indirect: false,
            op: ParamOp::Bad(text.to_owned()),
        };
        let start = self.pos;
        let mut length = false;
        let mut indirect = false;
        if self.peek() == Some(b'#')
            && !matches!(self.peek_at(1), Some(b'}' | b':' | b'-' | b'=' | b'+' | b'%'))
        {
            let after = self.peek_at(1);
            if after.is_some_and(|c| is_name(c) || matches!(c, b'@' | b'*' | b'#' | b'?' | b'!' | b'$')) {
                length = true;
                self.pos += 1;
            }
        } else if self.peek() == Some(b'!')
            && self.dialect == Dialect::Bash
            && self.peek_at(1).is_some_and(is_name)
        {
            indirect = true;
            self.pos += 1;
        }
        let rest = self.rest();
        let end = match self.peek() {
            Some(c) if is_name_start(c) => rest.bytes().position(|c| !is_name(c)).unwrap_or(rest.len()),
            Some(b'0'..=b'9') => rest.bytes().position(|c| !c.is_ascii_digit()).unwrap_or(rest.len()),
            Some(b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!') => 1,
            _ => 0,
        };
        let name = rest.get(..end).unwrap_or("").to_owned();
        self.pos += end;
        if name.is_empty() {
            self.skip_to_brace()?;
            return Ok(bad(self.slice(start, self.pos - 1)));
        }
        let mut index = None;
        if self.dialect == Dialect::Bash && self.peek() == Some(b'[') {
            index = self.index()?;
        }
        let op = if length {
            if self.peek() != Some(b'}') {
                self.skip_to_brace()?;
                return Ok(bad(self.slice(start, self.pos - 1)));
            }
            self.pos += 1;
            ParamOp::Length
        } else {
            match self.param_op(in_double)? {
                Some(op) => op,
                None => {
                    self.skip_to_brace()?;
                    return Ok(bad(self.slice(start, self.pos - 1)));
                }
            }
        };
        Ok(Param { name, index, indirect, op })
    }

    fn skip_to_brace(&mut self) -> Parse<()> {
        match self.rest().find('}') {
            Some(end) => {
                self.pos += end + 1;
                Ok(())
            }
            None => {
                self.pos = self.src.len();
                self.error(SyntaxErrorKind::BadSubstitution)
            }
        }
    }

    /// The operator and its words, the closing brace passed over.
    fn param_op(&mut self, in_double: bool) -> Parse<Option<ParamOp>> {
        let (Some(first), second) = (self.peek(), self.peek_at(1)) else {
            return self.error(SyntaxErrorKind::BadSubstitution);
        };
        let colon = first == b':' && matches!(second, Some(b'-' | b'=' | b'?' | b'+'));
        let key = if colon { second.unwrap_or(b':') } else { first };
        let extended = self.dialect != Dialect::Dash;
        Ok(Some(match key {
            b'}' => {
                self.pos += 1;
                ParamOp::Plain
            }
            b'-' | b'=' | b'?' | b'+' => {
                self.pos += 1 + usize::from(colon);
                let (word, _) = self.brace_word(in_double, false)?;
                match key {
                    b'-' => ParamOp::Default(colon, word),
                    b'=' => ParamOp::Assign(colon, word),
                    b'?' => ParamOp::Error(colon, word),
                    _ => ParamOp::Alternative(colon, word),
                }
            }
            b'#' | b'%' => {
                let longest = second == Some(key);
                self.pos += 1 + usize::from(longest);
                let (pattern, _) = self.brace_word(false, false)?;
                if key == b'#' {
                    ParamOp::Prefix { longest, pattern }
                } else {
                    ParamOp::Suffix { longest, pattern }
                }
            }
            b'/' if extended => {
                let all = second == Some(b'/');
                self.pos += 1 + usize::from(all);
                let anchor = match self.peek() {
                    Some(c @ (b'#' | b'%')) if !all && self.dialect == Dialect::Bash => {
                        self.pos += 1;
                        Some(char::from(c))
                    }
                    _ => None,
                };
                let (pattern, slash) = self.brace_word(false, true)?;
                let with = if slash { self.brace_word(false, false)?.0 } else { Word::default() };
                ParamOp::Replace { all, anchor, pattern, with }
            }
            b':' if extended => {
                self.pos += 1;
                let rest = self.rest();
                let Some(end) = matching_brace(rest) else {
                    return self.error(SyntaxErrorKind::BadSubstitution);
                };
                let text = rest.get(..end).unwrap_or("");
                self.pos += end + 1;
                let (offset, length) = match text.split_once(':') {
                    Some((offset, length)) => (self.sub_double(offset)?, Some(self.sub_double(length)?)),
                    None => (self.sub_double(text)?, None),
                };
                ParamOp::Slice { offset, length }
            }
            b'^' | b',' if self.dialect == Dialect::Bash => {
                let all = second == Some(key);
                self.pos += 1 + usize::from(all);
                if self.peek() != Some(b'}') {
                    return Ok(None);
                }
                self.pos += 1;
                ParamOp::Case { upper: key == b'^', all }
            }
            _ => return Ok(None),
        }))
    }

    /// A word inside braces: up to `}` (passed over), or up to `/` if that ends it; tells whether it did.
    fn brace_word(&mut self, in_double: bool, to_slash: bool) -> Parse<(Word, bool)> {
        let mut parts = Vec::new();
        loop {
            match self.peek() {
                None => return self.error(SyntaxErrorKind::BadSubstitution),
                Some(b'}') => {
                    self.pos += 1;
                    return Ok((Word(parts), false));
                }
                Some(b'/') if to_slash && !parts.is_empty() => {
                    self.pos += 1;
                    return Ok((Word(parts), true));
                }
                Some(b'\'') if in_double => {
                    push_text(&mut parts, "'");
                    self.pos += 1;
                }
                Some(b'\\') if in_double => match self.peek_at(1) {
                    Some(b'\n') => {
                        self.pos += 2;
                        self.line += 1;
                    }
                    Some(c @ (b'$' | b'`' | b'"' | b'\\' | b'}')) => {
                        parts.push(Part::Quoted(char::from(c).to_string()));
                        self.pos += 2;
                    }
                    _ => {
                        push_text(&mut parts, "\\");
                        self.pos += 1;
                    }
                },
                Some(b'$') => self.dollar(&mut parts, in_double)?,
                Some(b'\\' | b'\'' | b'"' | b'`') => self.part(&mut parts)?,
                Some(_) => {
                    let rest = self.rest();
                    let stop = rest
                        .find(|c: char| "\\'\"$`}".contains(c) || (to_slash && c == '/'))
                        .unwrap_or(rest.len());
                    let stop = stop.max(rest.chars().next().map_or(0, char::len_utf8));
                    let text = rest.get(..stop).unwrap_or("");
                    self.line += text.bytes().filter(|c| *c == b'\n').count() as u32;
                    push_text(&mut parts, text);
                    self.pos += stop;
                }
            }
        }
    }
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
