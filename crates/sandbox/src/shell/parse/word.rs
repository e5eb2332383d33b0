//! Words: quotes, expansions and substitutions.

use super::{
    Dialect, Parse, Parser, SyntaxError, SyntaxErrorKind, is_name, is_name_start, matching_brace, push_text,
};
use crate::shell::syntax::{List, Param, ParamOp, Part, Word};
use std::rc::Rc;

impl<'s> Parser<'s> {
    /// The next word, `None` if an operator or the end is here.
    pub(super) fn word(&mut self) -> Parse<Option<Word>> {
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
    pub(super) fn part(&mut self, parts: &mut Vec<Part>) -> Parse<()> {
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

    pub(super) fn next_char(&mut self) -> char {
        let c = self.rest().chars().next().unwrap_or('\0');
        self.pos += c.len_utf8();
        if c == '\n' {
            self.line += 1;
        }
        c
    }

    pub(super) fn single_quoted(&mut self) -> Parse<String> {
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
    pub(super) fn double_quoted(&mut self, end: Option<u8>) -> Parse<Vec<Part>> {
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

    pub(super) fn dollar(&mut self, parts: &mut Vec<Part>, in_double: bool) -> Parse<()> {
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
    pub(super) fn sub_list(&mut self) -> Parse<List> {
        self.deeper()?;
        let outer = std::mem::take(&mut self.pending);
        let list = self.list(false)?;
        self.close_paren()?;
        self.pending = outer;
        self.depth -= 1;
        Ok(list)
    }

    pub(super) fn backquote(&mut self, in_double: bool) -> Parse<Part> {
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
    pub(super) fn arith_raw(&mut self) -> Parse<&'s str> {
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

    pub(super) fn arith_text(&mut self) -> Parse<Word> {
        let text = self.arith_raw()?;
        self.sub_double(text)
    }

    pub(super) fn ansi_quoted(&mut self) -> Parse<String> {
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

    pub(super) fn coded(&mut self, radix: u32, most: usize, first: &str) -> char {
        let rest = self.rest();
        let digits: String = rest.chars().take(most).take_while(|c| c.is_digit(radix)).collect();
        self.pos += digits.len();
        u32::from_str_radix(&format!("{first}{digits}"), radix).ok().and_then(char::from_u32).unwrap_or('\0')
    }

    /// What follows `${`, its `}` passed over.
    pub(super) fn braced(&mut self, in_double: bool) -> Parse<Param> {
        self.deeper()?;
        let param = self.braced_inner(in_double)?;
        self.depth -= 1;
        Ok(param)
    }

    pub(super) fn braced_inner(&mut self, in_double: bool) -> Parse<Param> {
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

    pub(super) fn skip_to_brace(&mut self) -> Parse<()> {
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
    pub(super) fn param_op(&mut self, in_double: bool) -> Parse<Option<ParamOp>> {
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
    pub(super) fn brace_word(&mut self, in_double: bool, to_slash: bool) -> Parse<(Word, bool)> {
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
