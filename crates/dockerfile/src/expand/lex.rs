//! The scanner behind [`Lexer`]: one pass over the characters, recursion only for `${name…word}`.

use super::{Asked, Environment, Lexer, MAX_DEPTH, MAX_OUTPUT, pattern};
use crate::Dialect;
use crate::go::quote;
use crate::go::text::{is_digit, is_letter};
use std::borrow::Cow;
use std::str::Chars;

/// The expansion of a word, and its words if they are asked for.
pub(super) fn process(
    lexer: &Lexer,
    word: &str,
    env: &dyn Environment,
    splits: bool,
    asked: &mut Asked,
) -> Result<(String, Vec<String>), String> {
    let mut state = State {
        lexer,
        env,
        // Go's scanner skips a byte order mark at the start.
        chars: word.strip_prefix('\u{feff}').unwrap_or(word).chars(),
        raw_escapes: lexer.raw_escapes,
        splits,
        depth: 0,
        grown: 0,
        exhausted: false,
        buffer: String::new(),
        asked,
    };
    let outcome = state.until(None, lexer.raw_escapes);
    outcome.map_err(|message| format!("failed to process {}: {message}", quote(word)))
}

struct State<'s> {
    lexer: &'s Lexer,
    env: &'s dyn Environment,
    chars: Chars<'s>,
    raw_escapes: bool,
    /// Words are asked for, not only the whole.
    splits: bool,
    depth: usize,
    /// Bytes that substitutions brought in so far.
    grown: usize,
    /// A bound was hit; that is then the error, whatever is left open.
    exhausted: bool,
    /// The word that is being collected. BuildKit has one for all levels, so a substitution with a word of its
    /// own drops what the level above has collected; the legacy builder does not.
    buffer: String,
    asked: &'s mut Asked,
}

/// The words of one level.
#[derive(Default)]
struct Words {
    /// Nobody asks for them.
    off: bool,
    done: Vec<String>,
    inside: bool,
}

impl Words {
    fn char(&mut self, buffer: &mut String, c: char) {
        if self.off {
            return;
        }
        if !c.is_whitespace() {
            self.raw_char(buffer, c);
        } else if self.inside && !buffer.is_empty() {
            self.done.push(std::mem::take(buffer));
            self.inside = false;
        }
    }

    fn raw_char(&mut self, buffer: &mut String, c: char) {
        if !self.off {
            buffer.push(c);
            self.inside = true;
        }
    }

    fn string(&mut self, buffer: &mut String, text: &str) {
        if !self.off {
            text.chars().for_each(|c| self.char(buffer, c));
        }
    }

    fn raw_string(&mut self, buffer: &mut String, text: &str) {
        if !self.off {
            buffer.push_str(text);
            self.inside = true;
        }
    }

    fn finish(mut self, buffer: &mut String) -> Vec<String> {
        if !buffer.is_empty() {
            self.done.push(std::mem::take(buffer));
        }
        self.done
    }
}

/// Ends a plain run always.
const SPECIAL: u8 = 1;
/// White space, and what is no printable character.
const BLANK: u8 = 2;
/// Part of a character that is not in ASCII.
const OTHER: u8 = 4;

/// Which bytes may end a plain run: those above, and each of those that a lexer or a level may stop at, on its own.
const CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut b = 0;
    while b < 256 {
        class[b] = match b as u8 {
            b'$' | b'"' | b'\'' | b'<' => SPECIAL,
            b'\\' => 8,
            b'`' => 16,
            b'/' => 32,
            b'}' => 64,
            b'!'..=b'~' => 0,
            0x80.. => OTHER,
            _ => BLANK,
        };
        b += 1;
    }
    class
};

type Outcome<T> = Result<T, String>;

impl<'s> State<'s> {
    fn peek(&self) -> Option<char> {
        self.chars.clone().next()
    }

    fn next(&mut self) -> Option<char> {
        self.chars.next()
    }

    fn at_end(&self) -> bool {
        self.chars.as_str().is_empty()
    }

    /// Text up to a character that ends it, or to the end.
    fn until(&mut self, stop: Option<char>, raw_escapes: bool) -> Outcome<(String, Vec<String>)> {
        if self.depth >= MAX_DEPTH {
            self.exhausted = true;
            return Err("substitutions are nested too deeply".to_owned());
        }
        self.depth += 1;
        let outer_escapes = std::mem::replace(&mut self.raw_escapes, raw_escapes);
        let outer_buffer = std::mem::take(&mut self.buffer);
        let outcome = self.until_inner(stop);
        if self.lexer.dialect == Dialect::Legacy {
            self.buffer = outer_buffer;
        } else {
            self.buffer.clear();
        }
        self.raw_escapes = outer_escapes;
        self.depth -= 1;
        outcome
    }

    fn until_inner(&mut self, stop: Option<char>) -> Outcome<(String, Vec<String>)> {
        let mut result = String::with_capacity(self.capacity(stop));
        let mut words = Words { off: !self.splits, ..Words::default() };
        let heredocs = self.lexer.dialect == Dialect::BuildKit;
        loop {
            let run = self.plain_run(stop);
            if !run.is_empty() {
                result.push_str(run);
                words.raw_string(&mut self.buffer, run);
            }
            let Some(c) = self.peek() else { break };
            if stop == Some(c) {
                self.next();
                return Ok((result, words.finish(&mut self.buffer)));
            }
            match c {
                '$' => {
                    let value = self.dollar()?;
                    result.push_str(&value);
                    words.string(&mut self.buffer, &value);
                }
                '\'' | '"' if !self.lexer.skip_process_quotes => {
                    let start = result.len();
                    if c == '"' {
                        self.double_quote(&mut result)?;
                    } else {
                        self.single_quote(&mut result)?;
                    }
                    words.raw_string(&mut self.buffer, result.get(start..).unwrap_or_default());
                }
                '<' if heredocs => {
                    let value = self.possible_heredoc();
                    result.push_str(&value);
                    words.raw_string(&mut self.buffer, &value);
                }
                _ => {
                    self.next();
                    let mut c = c;
                    if c == self.lexer.escape {
                        if self.raw_escapes {
                            words.raw_char(&mut self.buffer, c);
                            result.push(c);
                        }
                        match self.next() {
                            Some(escaped) => c = escaped,
                            None => break,
                        }
                        words.raw_char(&mut self.buffer, c);
                    } else {
                        words.char(&mut self.buffer, c);
                    }
                    result.push(c);
                }
            }
        }
        match stop {
            Some(stop) => Err(format!("unexpected end of statement while looking for matching {stop}")),
            None => Ok((result, words.finish(&mut self.buffer))),
        }
    }

    /// How much room a level needs at first: the outermost about as much as it was given.
    fn capacity(&self, stop: Option<char>) -> usize {
        if stop.is_none() { self.chars.as_str().len() } else { 0 }
    }

    /// Passes the characters that stand for themselves wherever they are: most of most texts.
    fn plain_run(&mut self, stop: Option<char>) -> &'s str {
        let text = self.chars.as_str();
        let escape = self.lexer.escape;
        if !self.splits && escape.is_ascii() {
            // Where nobody asks for words, hardly anything is special.
            let mut run = text.as_bytes();
            let before = |b: u8, run: &[u8]| memchr::memchr(b, run).unwrap_or(run.len());
            let end = memchr::memchr3(b'$', b'"', b'\'', run).unwrap_or(run.len());
            run = run.get(..end).unwrap_or_default();
            run = run.get(..before(escape as u8, run)).unwrap_or_default();
            if let Some(stop) = stop.filter(char::is_ascii) {
                run = run.get(..before(stop as u8, run)).unwrap_or_default();
            }
            let (run, rest) = text.split_at_checked(run.len()).unwrap_or(("", text));
            self.chars = rest.chars();
            return run;
        }
        let mut asked = SPECIAL;
        for c in std::iter::once(escape).chain(stop) {
            asked |= if c.is_ascii() { CLASS.get(c as usize).copied().unwrap_or_default() } else { OTHER };
        }
        asked |= BLANK | OTHER;
        let ends = |b: u8| {
            CLASS.get(usize::from(b)).is_some_and(|class| class & asked != 0) || char::from(b) == escape
        };
        let length = text.bytes().position(ends).unwrap_or(text.len());
        let (run, rest) = text.split_at_checked(length).unwrap_or(("", text));
        self.chars = rest.chars();
        run
    }

    /// Adds what stands in single quotes.
    fn single_quote(&mut self, result: &mut String) -> Outcome<()> {
        self.next();
        let rest = self.chars.as_str();
        let Some((inner, after)) = rest.split_once('\'') else {
            self.chars = "".chars();
            return Err("unexpected end of statement while looking for matching single-quote".to_owned());
        };
        self.chars = after.chars();
        let quote = if self.lexer.raw_quotes { "'" } else { "" };
        result.extend([quote, inner, quote]);
        Ok(())
    }

    /// Adds what stands in double quotes.
    fn double_quote(&mut self, result: &mut String) -> Outcome<()> {
        self.next();
        if self.lexer.raw_quotes {
            result.push('"');
        }
        loop {
            match self.peek() {
                None => {
                    return Err(
                        "unexpected end of statement while looking for matching double-quote".to_owned()
                    );
                }
                Some('"') => {
                    self.next();
                    if self.lexer.raw_quotes {
                        result.push('"');
                    }
                    return Ok(());
                }
                Some('$') => {
                    let value = self.dollar()?;
                    result.push_str(&value);
                }
                Some(mut c) => {
                    let run = self.plain_run(None);
                    if !run.is_empty() {
                        result.push_str(run);
                        continue;
                    }
                    self.next();
                    if c == self.lexer.escape {
                        if self.raw_escapes {
                            result.push(c);
                        }
                        match self.peek() {
                            // An escape character at the end is dropped.
                            None => continue,
                            Some(escaped) if matches!(escaped, '"' | '$') || escaped == self.lexer.escape => {
                                self.next();
                                c = escaped;
                            }
                            // Before anything else it stands for itself.
                            Some(_) => {}
                        }
                    }
                    result.push(c);
                }
            }
        }
    }

    fn possible_heredoc(&mut self) -> String {
        self.next();
        if self.peek() != Some('<') {
            return "<".to_owned();
        }
        self.next();
        let mut result = "<<".to_owned();
        while let Some(c @ ('\t' | '\r' | ' ')) = self.peek() {
            self.next();
            result.push(c);
        }
        result
    }

    /// A variable's name: letters, digits and `_`; or a number; or a special parameter.
    fn name(&mut self) -> &'s str {
        let rest = self.chars.as_str();
        let first = rest.chars().next();
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        let length = rest.bytes().position(|b| !plain(b)).unwrap_or(rest.len());
        let ascii = first.is_some_and(|c| c == '_' || c.is_ascii_alphabetic())
            && rest.as_bytes().get(length).is_none_or(u8::is_ascii);
        let end = match first {
            _ if ascii => Some(length),
            Some(c) if is_digit(c) => rest.find(|c| !is_digit(c)),
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => Some(1),
            _ => rest.find(|c| c != '_' && !is_letter(c) && !is_digit(c)),
        };
        let (name, rest) = rest.split_at_checked(end.unwrap_or(rest.len())).unwrap_or((rest, ""));
        self.chars = rest.chars();
        name
    }

    fn grow(&mut self, bytes: usize) -> Outcome<()> {
        self.grown = self.grown.saturating_add(bytes);
        if self.grown > MAX_OUTPUT {
            self.exhausted = true;
            return Err(format!("the result is larger than {} MiB", MAX_OUTPUT >> 20));
        }
        Ok(())
    }

    /// The value, and a note that it was asked for. An unset variable has an empty one.
    fn lookup(&mut self, name: &str) -> Outcome<(Cow<'s, str>, bool)> {
        let env = self.env;
        if let Some(value) = env.get(name) {
            if let Some(matched) = &mut self.asked.matched
                && !matched.contains(name)
            {
                matched.insert(name.to_owned());
            }
            self.grow(value.len())?;
            return Ok((Cow::Borrowed(value), true));
        }
        if let Some(unmatched) = &mut self.asked.unmatched {
            unmatched.insert(name);
        }
        Ok((Cow::Borrowed(""), false))
    }

    /// What was read since `before` was all that was left.
    fn since(&self, before: &'s str) -> Cow<'s, str> {
        let read = before.len() - self.chars.as_str().len();
        Cow::Borrowed(before.get(..read).unwrap_or_default())
    }

    fn dollar(&mut self) -> Outcome<Cow<'s, str>> {
        let before = self.chars.as_str();
        self.next();
        let skip_unset = self.lexer.skip_unset;
        if self.peek() != Some('{') {
            let name = self.name();
            if name.is_empty() {
                return Ok(Cow::Borrowed("$"));
            }
            let (value, set) = self.lookup(name)?;
            return Ok(if !set && skip_unset { self.since(before) } else { value });
        }
        self.next();
        match self.peek() {
            None => return Err("syntax error: missing '}'".to_owned()),
            Some('{' | '}' | ':') => return Err("syntax error: bad substitution".to_owned()),
            Some(_) => {}
        }
        let name = self.name();
        let modifier = self.next();
        if modifier == Some('}') {
            let (value, set) = self.lookup(name)?;
            return Ok(if !set && skip_unset { self.since(before) } else { value });
        }
        match self.lexer.dialect {
            Dialect::BuildKit => self.modifier(name, modifier),
            Dialect::Legacy => self.legacy_modifier(name, modifier),
        }
    }

    /// The word of a substitution, up to its end.
    fn operand(&mut self, stop: char, raw_escapes: bool, missing: &str) -> Outcome<String> {
        match self.until(Some(stop), raw_escapes) {
            Ok((word, _)) => Ok(word),
            Err(_) if self.at_end() && !self.exhausted => Err(missing.to_owned()),
            Err(error) => Err(error),
        }
    }

    fn modifier(&mut self, name: &str, first: Option<char>) -> Outcome<Cow<'s, str>> {
        let skip_unset = self.lexer.skip_unset;
        // Go prints the end of the text as U+FFFD.
        let mut typed = String::from(first.unwrap_or('\u{fffd}'));
        let unsupported = |typed: &str| Err(format!("unsupported modifier ({typed}) in substitution"));
        let mut kind = first;
        let null_is_unset = first == Some(':');
        if null_is_unset {
            kind = self.next();
            typed.push(kind.unwrap_or('\u{fffd}'));
        }
        if !null_is_unset && kind == Some('/') {
            return self.replace(name);
        }
        if !null_is_unset && !matches!(kind, Some('+' | '-' | '?' | '#' | '%')) {
            return unsupported(&typed);
        }
        let trims = matches!(kind, Some('#' | '%'));
        if null_is_unset && trims {
            return unsupported(&typed);
        }
        let word = self.operand('}', trims, "syntax error: missing '}'")?;
        let (value, set) = self.lookup(name)?;
        if skip_unset && !set {
            return Ok(format!("${{{name}{typed}{word}}}").into());
        }
        let counts = set && !(null_is_unset && value.is_empty());
        match kind {
            Some('-') => Ok(if counts { value } else { word.into() }),
            Some('+') => Ok(if counts { word.into() } else { Cow::Borrowed("") }),
            Some('?') if counts => Ok(value),
            Some('?') => {
                let reason = match (word.is_empty(), set) {
                    (false, _) => word,
                    (true, false) => "is not allowed to be unset".to_owned(),
                    (true, true) => "is not allowed to be empty".to_owned(),
                };
                Err(format!("{name}: {reason}"))
            }
            Some(end @ ('%' | '#')) => {
                let (greedy, pattern) = match word.strip_prefix(end) {
                    Some(pattern) => (true, pattern),
                    None => (false, word.as_str()),
                };
                let trimmed = if end == '%' {
                    pattern::trim_suffix(pattern, &value, greedy)
                } else {
                    pattern::trim_prefix(pattern, &value, greedy)
                };
                trimmed.map(Cow::Owned)
            }
            _ => unsupported(&typed),
        }
    }

    fn replace(&mut self, name: &str) -> Outcome<Cow<'s, str>> {
        let all = self.peek() == Some('/');
        if all {
            self.next();
        }
        let pattern = self.operand('/', true, "syntax error: missing '/' in ${}")?;
        let replacement = self.operand('}', true, "syntax error: missing '}'")?;
        let (value, set) = self.lookup(name)?;
        if self.lexer.skip_unset && !set {
            return Ok(format!("${{{name}/{pattern}/{replacement}}}").into());
        }
        let result = pattern::replace(&pattern, &value, &replacement, all)?;
        self.grow(result.len().saturating_sub(value.len()))?;
        Ok(result.into())
    }

    /// Docker 20.10 knows `?`, `:+`, `:-` and `:?`.
    fn legacy_modifier(&mut self, name: &str, first: Option<char>) -> Outcome<Cow<'s, str>> {
        let skip_unset = self.lexer.skip_unset;
        let (typed, kind) = match first {
            Some('?') => ("?".to_owned(), Some('?')),
            Some(':') => {
                let kind = self.next();
                (format!(":{}", kind.unwrap_or('\u{fffd}')), kind)
            }
            _ => return Err("missing ':' in substitution".to_owned()),
        };
        let word = self.operand('}', false, "syntax error: missing '}'")?;
        let (value, set) = self.lookup(name)?;
        if !matches!(kind, Some('+' | '-' | '?')) {
            return Err(format!("unsupported modifier ({}) in substitution", kind.unwrap_or('\u{fffd}')));
        }
        if skip_unset && !set {
            return Ok(format!("${{{name}{typed}{word}}}").into());
        }
        let empty = value.is_empty() && first == Some(':');
        match kind {
            Some('+') => Ok(if value.is_empty() { value } else { word.into() }),
            Some('-') => Ok(if value.is_empty() { word.into() } else { value }),
            _ if set && !empty => Ok(value),
            _ if !word.is_empty() => Err(format!("{name}: {word}")),
            _ if set => Err(format!("{name}: is not allowed to be empty")),
            _ => Err(format!("{name}: is not allowed to be unset")),
        }
    }
}
