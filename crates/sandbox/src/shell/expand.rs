//! Expansion: from words to fields, in the order that POSIX gives.

use super::arith::{self, ArithError};
use super::eval::{Shell, Value};
use super::machine::{Halt, Machine, Stream, UNKNOWN};
use super::parse::Dialect;
use super::pattern;
use super::syntax::{Param, ParamOp, Part, Word};

/// A field while it is made: its text, and the same as a pattern with quoted specials escaped.
#[derive(Debug, Clone, Default)]
struct Field {
    text: String,
    pattern: String,
    magic: bool,
}

impl Field {
    fn quoted(&mut self, text: &str) {
        self.text.push_str(text);
        pattern::escape(text, &mut self.pattern);
    }

    fn plain(&mut self, text: &str) {
        self.text.push_str(text);
        for c in text.chars() {
            if c == '\\' {
                self.pattern.push('\\');
            }
            self.magic |= matches!(c, '*' | '?' | '[');
            self.pattern.push(c);
        }
    }
}

/// Fields while a word is expanded.
struct Fields {
    done: Vec<Field>,
    current: Option<Field>,
    split: bool,
    ifs: String,
    /// Inside of `${x-…}`: its plain text is split too.
    inner: bool,
}

impl Fields {
    fn current(&mut self) -> &mut Field {
        self.current.get_or_insert_default()
    }

    fn end(&mut self) {
        self.done.extend(self.current.take());
    }

    /// The result of an expansion outside quotes.
    fn expanded(&mut self, text: &str) {
        if !self.split {
            if !text.is_empty() {
                self.current().plain(text);
            }
            return;
        }
        let blank = |ifs: &str, c: char| matches!(c, ' ' | '\t' | '\n') && ifs.contains(c);
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            if !self.ifs.contains(c) {
                self.current().plain(c.encode_utf8(&mut [0; 4]));
                continue;
            }
            let mut hard = !blank(&self.ifs, c);
            if hard {
                // A delimiter that is no blank ends a field, even an empty one.
                self.current();
            }
            while let Some(&next) = chars.peek() {
                if blank(&self.ifs, next) {
                    chars.next();
                } else if !hard && self.ifs.contains(next) && self.current.is_some() {
                    hard = true;
                    chars.next();
                } else {
                    break;
                }
            }
            self.end();
        }
    }
}

/// The value of a parameter.
enum Found {
    One(Option<String>),
    /// `$@`, `$*`, `${a[@]}`; `true` for the star.
    Many(Vec<String>, bool),
}

impl Shell {
    /// All fields of some words: with splitting and pathnames.
    pub(crate) fn fields(&mut self, m: &mut Machine<'_>, words: &[Word]) -> Result<Vec<String>, Halt> {
        let mut out = Vec::new();
        for word in words {
            if self.dialect == Dialect::Bash
                && word.0.iter().any(|part| matches!(part, Part::Text(t) if t.contains('{')))
            {
                for word in super::brace::expand(m, word)? {
                    self.word_fields(m, &word, &mut out)?;
                }
            } else {
                self.word_fields(m, word, &mut out)?;
            }
        }
        Ok(out)
    }

    fn word_fields(&mut self, m: &mut Machine<'_>, word: &Word, out: &mut Vec<String>) -> Result<(), Halt> {
        m.spend(1)?;
        let mut fields =
            Fields { done: Vec::new(), current: None, split: true, ifs: self.ifs(), inner: false };
        self.parts(m, &word.0, &mut fields, false, true)?;
        fields.end();
        for field in fields.done {
            m.spend(1 + field.text.len() as u64 / 64)?;
            if field.magic && !self.options.noglob {
                let pattern = self.caretless(field.pattern);
                let found = self.glob(m, &pattern)?;
                if !found.is_empty() {
                    out.extend(found);
                    continue;
                }
            }
            out.push(field.text);
        }
        Ok(())
    }

    /// A word as one text: no splitting, no pathnames.
    pub(crate) fn single(&mut self, m: &mut Machine<'_>, word: &Word) -> Result<String, Halt> {
        Ok(self.joined(m, word)?.text)
    }

    /// A word as a pattern: what was quoted is literal.
    pub(crate) fn as_pattern(&mut self, m: &mut Machine<'_>, word: &Word) -> Result<String, Halt> {
        // Backslashes that come out of an expansion keep their meaning in patterns.
        let pattern = self.joined(m, word)?.pattern;
        Ok(self.caretless(pattern))
    }

    /// In dash a caret in a set is a caret.
    fn caretless(&self, pattern: String) -> String {
        if self.dialect == Dialect::Dash { pattern.replace("[^", "[\\^") } else { pattern }
    }

    fn joined(&mut self, m: &mut Machine<'_>, word: &Word) -> Result<Field, Halt> {
        m.spend(1)?;
        let mut fields =
            Fields { done: Vec::new(), current: None, split: false, ifs: String::new(), inner: false };
        self.parts(m, &word.0, &mut fields, false, true)?;
        fields.end();
        let mut all = Field::default();
        for (at, field) in fields.done.into_iter().enumerate() {
            if at > 0 {
                all.plain(" ");
            }
            all.text.push_str(&field.text);
            all.pattern.push_str(&field.pattern);
        }
        m.spend(all.text.len() as u64 / 64)?;
        Ok(all)
    }

    fn parts(
        &mut self,
        m: &mut Machine<'_>,
        parts: &[Part],
        fields: &mut Fields,
        quoted: bool,
        first: bool,
    ) -> Result<(), Halt> {
        for (at, part) in parts.iter().enumerate() {
            match part {
                Part::Text(text) if quoted => fields.current().quoted(text),
                Part::Text(text) => {
                    let mut rest = text.as_str();
                    if first && at == 0 && rest.starts_with('~') {
                        let end = rest.find('/').unwrap_or(rest.len());
                        let name = rest.get(1..end).unwrap_or("");
                        if (end < rest.len() || parts.len() == 1)
                            && let Some(home) = self.tilde(m, name)
                        {
                            fields.current().quoted(&home);
                            rest = rest.get(end..).unwrap_or("");
                        }
                    }
                    if fields.inner {
                        fields.expanded(rest);
                    } else {
                        fields.current().plain(rest);
                    }
                }
                Part::Quoted(text) => fields.current().quoted(text),
                Part::Double(inner) => {
                    // `"$@"` without parameters is no field; any other empty quotes are one.
                    let vanishes =
                        matches!(inner.as_slice(), [Part::Param(param)] if self.is_empty_list(param));
                    if !vanishes {
                        fields.current();
                    }
                    self.parts(m, inner, fields, true, false)?;
                }
                Part::Param(param) => self.param(m, param, fields, quoted)?,
                Part::Command(list) => {
                    let text = self.substitute(m, list)?;
                    if quoted {
                        fields.current().quoted(&text);
                    } else {
                        fields.expanded(&text);
                    }
                }
                Part::Arith(word) => {
                    let value = self.arith(m, word)?;
                    let text = value.map_or_else(|| UNKNOWN.to_string(), |value| value.to_string());
                    if quoted {
                        fields.current().quoted(&text);
                    } else {
                        fields.expanded(&text);
                    }
                }
                Part::Process(list) => {
                    let text = self.substitute_raw(m, list)?;
                    let stream = m.open(Stream::Data { bytes: text, pos: 0 });
                    let fd = 63 - (m.number() % 32);
                    self.fds.insert(fd, stream);
                    fields.current().quoted(&format!("/dev/fd/{fd}"));
                }
            }
        }
        Ok(())
    }

    /// Letters where the locale knows them, bytes elsewhere.
    fn length(&self, text: &str, standalone: bool) -> usize {
        let locale =
            ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| self.get(name).filter(|v| !v.is_empty()));
        let wide = locale.is_some_and(|locale| locale.to_ascii_lowercase().contains("utf"));
        // The C library of Alpine knows no other locale.
        let wide = wide || (self.dialect == Dialect::Ash && !standalone);
        if wide && self.dialect != Dialect::Dash { text.chars().count() } else { text.len() }
    }

    /// The word of `${x-…}` or `${x+…}`.
    fn inner_parts(
        &mut self,
        m: &mut Machine<'_>,
        word: &Word,
        fields: &mut Fields,
        quoted: bool,
    ) -> Result<(), Halt> {
        let outer = std::mem::replace(&mut fields.inner, true);
        let done = self.parts(m, &word.0, fields, quoted, !quoted);
        fields.inner = outer;
        done
    }

    fn is_empty_list(&self, param: &Param) -> bool {
        if !matches!(param.op, ParamOp::Plain) {
            return false;
        }
        match (&*param.name, &param.index) {
            ("@", None) => self.positional.is_empty(),
            (name, Some(index)) if index.plain() == Some("@") => match self.vars.get(name) {
                Some(var) => matches!(&var.value, Value::Array(items) if items.is_empty()),
                None => true,
            },
            _ => false,
        }
    }

    fn tilde(&self, m: &Machine<'_>, name: &str) -> Option<String> {
        if name.is_empty() {
            return self.get("HOME");
        }
        crate::user::users(&m.tree).into_iter().find(|user| user.name == name).map(|user| user.home)
    }

    fn ifs(&self) -> String {
        self.get("IFS").unwrap_or_else(|| " \t\n".to_owned())
    }

    /// The value of an expression; `None` if a piece of it is not known.
    pub(crate) fn arith(&mut self, m: &mut Machine<'_>, word: &Word) -> Result<Option<i64>, Halt> {
        let text = self.single(m, word)?;
        self.arith_text(m, &text)
    }

    pub(crate) fn arith_text(&mut self, m: &mut Machine<'_>, text: &str) -> Result<Option<i64>, Halt> {
        m.spend(1 + text.len() as u64 / 4)?;
        if text.contains(UNKNOWN) {
            return Ok(None);
        }
        self.unbound = None;
        let value = arith::evaluate(text, self);
        if let Some(name) = self.unbound.take() {
            return self.unset_error(m, &name);
        }
        match value {
            Ok(value) => Ok(Some(value)),
            Err(arith::Failure { error, text: inner, token }) => {
                let message = match (error, self.dialect) {
                    (ArithError::DivideByZero, Dialect::Ash) => "divide by zero".to_owned(),
                    (ArithError::Number(text), _) => ["Illegal number: ", &text].concat(),
                    (ArithError::Loop, Dialect::Ash) => "expression recursion loop detected".to_owned(),
                    (_, Dialect::Ash) => "arithmetic syntax error".to_owned(),
                    (ArithError::DivideByZero, Dialect::Dash) => {
                        format!("arithmetic expression: division by zero: \"{text}\"")
                    }
                    (ArithError::Rest, Dialect::Dash) => {
                        ["arithmetic expression: expecting EOF: \"", text, "\""].concat()
                    }
                    (_, Dialect::Dash) => {
                        ["arithmetic expression: expecting primary: \"", text, "\""].concat()
                    }
                    (error, Dialect::Bash) => {
                        let why = match error {
                            ArithError::DivideByZero => "division by 0",
                            ArithError::Loop => "expression recursion level exceeded",
                            ArithError::Digit => "value too great for base",
                            ArithError::Rest if token.starts_with('=') => {
                                "attempted assignment to non-variable"
                            }
                            ArithError::Rest => "syntax error in expression",
                            _ if token.starts_with('?') => "expression expected",
                            _ => "syntax error: operand expected",
                        };
                        [&inner, ": ", why, " (error token is \"", &token, "\")"].concat()
                    }
                };
                self.complain(m, &message)?;
                self.discard()
            }
        }
    }

    fn lookup(&mut self, m: &mut Machine<'_>, param: &Param) -> Result<Found, Halt> {
        let name =
            if param.indirect { self.get(&param.name).unwrap_or_default() } else { param.name.clone() };
        if let Some(index) = &param.index {
            let items = match self.vars.get(&name).map(|var| &var.value) {
                Some(Value::Array(items)) => items.clone(),
                Some(Value::Text(text)) => vec![text.clone()],
                None => Vec::new(),
            };
            return Ok(match index.plain() {
                Some("@") => Found::Many(items, false),
                Some("*") => Found::Many(items, true),
                _ => {
                    let at = self.arith(m, index)?.unwrap_or(0);
                    let at = if at < 0 { at + items.len() as i64 } else { at };
                    Found::One(usize::try_from(at).ok().and_then(|at| items.get(at).cloned()))
                }
            });
        }
        Ok(match &*name {
            "@" => Found::Many(self.positional.clone(), false),
            "*" => Found::Many(self.positional.clone(), true),
            "#" => Found::One(Some(self.positional.len().to_string())),
            "?" => Found::One(Some(self.status.to_string())),
            "-" => Found::One(Some(self.option_letters())),
            "$" => Found::One(Some(self.pid.to_string())),
            "!" => Found::One(self.background.map(|pid| pid.to_string())),
            "0" => Found::One(Some(self.name0.clone())),
            digits if digits.bytes().all(|c| c.is_ascii_digit()) => {
                let at: usize = digits.parse().unwrap_or(usize::MAX);
                Found::One(at.checked_sub(1).and_then(|at| self.positional.get(at).cloned()))
            }
            "LINENO" if self.dialect == Dialect::Dash => Found::One(None),
            "LINENO" => Found::One(Some(self.line.to_string())),
            "RANDOM" if self.dialect != Dialect::Dash => Found::One(Some(UNKNOWN.to_string())),
            "FUNCNAME" | "BASH_SOURCE" if self.dialect == Dialect::Bash => {
                Found::One(Some(self.name0.clone()))
            }
            name => Found::One(self.get(name)),
        })
    }

    fn param(
        &mut self,
        m: &mut Machine<'_>,
        param: &Param,
        fields: &mut Fields,
        quoted: bool,
    ) -> Result<(), Halt> {
        m.spend(1)?;
        if let ParamOp::Bad(text) = &param.op {
            let message = match self.dialect {
                Dialect::Ash => "syntax error: bad substitution".to_owned(),
                Dialect::Dash => "Bad substitution".to_owned(),
                Dialect::Bash => format!("${{{text}}}: bad substitution"),
            };
            self.complain(m, &message)?;
            return self.discard();
        }
        let found = self.lookup(m, param)?;
        let (list, star, value) = match found {
            Found::Many(list, star) => {
                let joined = if list.is_empty() { None } else { Some(self.join(&list, star && quoted)) };
                (Some(list), star, joined)
            }
            Found::One(value) => (None, false, value),
        };
        let set = value.is_some();
        let empty = value.as_deref().unwrap_or("").is_empty();
        match &param.op {
            ParamOp::Default(colon, word) => {
                if !set || (*colon && empty) {
                    return self.inner_parts(m, word, fields, quoted);
                }
            }
            ParamOp::Alternative(colon, word) => {
                if set && !(*colon && empty) {
                    return self.inner_parts(m, word, fields, quoted);
                }
                return Ok(());
            }
            ParamOp::Assign(colon, word) => {
                if !set || (*colon && empty) {
                    let text = self.single(m, word)?;
                    if !super::parse::valid_name(&param.name) {
                        let message = match self.dialect {
                            Dialect::Bash => ["$", &param.name, ": cannot assign in this way"],
                            _ => ["", &param.name, ": bad variable name"],
                        };
                        self.complain(m, &message.concat())?;
                        return self.discard();
                    }
                    self.assign(m, &param.name, text.clone())?;
                    self.emit(fields, &text, quoted);
                    return Ok(());
                }
            }
            ParamOp::Error(colon, word) => {
                if !set || (*colon && empty) {
                    let mut text = self.single(m, word)?;
                    if text.is_empty() {
                        text = match (self.dialect, colon) {
                            (Dialect::Bash, true) => "parameter null or not set".to_owned(),
                            (_, true) => "parameter not set or null".to_owned(),
                            (_, false) => "parameter not set".to_owned(),
                        };
                    }
                    self.complain(m, &format!("{}: {text}", param.name))?;
                    return Err(Halt::Exit(self.unset_code()));
                }
            }
            _ => {
                let exempt = matches!(&*param.name, "@" | "*");
                if !set && self.options.nounset && !exempt && list.is_none() {
                    return self.unset_error(m, &param.name);
                }
            }
        }
        let change =
            |shell: &mut Self, m: &mut Machine<'_>, value: &str| shell.transform(m, &param.op, value);
        match (&param.op, list) {
            (ParamOp::Length, Some(list)) => {
                let text = match (self.dialect, value) {
                    (Dialect::Bash, _) => list.len(),
                    (_, value) => value.map_or(0, |value| value.len()),
                };
                let text = text.to_string();
                self.emit(fields, &text, quoted);
            }
            (ParamOp::Slice { offset, length }, Some(list)) => {
                let offset = self.arith(m, offset)?.unwrap_or(0);
                let length = match length {
                    Some(length) => self.arith(m, length)?,
                    None => None,
                };
                let from = if param.index.is_none() { offset - 1 } else { offset };
                let items: Vec<String> = list
                    .into_iter()
                    .skip(usize::try_from(from).unwrap_or(0))
                    .take(length.and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX))
                    .collect();
                self.emit_list(fields, &items, star, quoted);
            }
            (_, Some(list)) => {
                let mut items = Vec::new();
                for item in &list {
                    items.push(change(self, m, item)?);
                }
                self.emit_list(fields, &items, star, quoted);
            }
            (ParamOp::Length, None) => {
                let text = match value.as_deref() {
                    Some(value) if value.contains(UNKNOWN) => UNKNOWN.to_string(),
                    value => self.length(value.unwrap_or(""), m.standalone()).to_string(),
                };
                self.emit(fields, &text, quoted);
            }
            (_, None) => {
                if let Some(value) = value {
                    let text = change(self, m, &value)?;
                    self.emit(fields, &text, quoted);
                }
            }
        }
        Ok(())
    }

    pub(crate) fn unset_error<T>(&mut self, m: &mut Machine<'_>, name: &str) -> Result<T, Halt> {
        let bash = self.dialect == Dialect::Bash;
        let text = if bash { "unbound variable" } else { "parameter not set" };
        self.complain(m, &format!("{name}: {text}"))?;
        Err(Halt::Exit(self.unset_code()))
    }

    /// With what a shell ends that lacks a variable.
    fn unset_code(&self) -> u8 {
        match self.dialect {
            Dialect::Bash if self.nested || self.how != 'c' || self.options.errexit => 1,
            Dialect::Bash => 127,
            _ => 2,
        }
    }

    fn emit(&self, fields: &mut Fields, text: &str, quoted: bool) {
        if quoted {
            fields.current().quoted(text);
        } else {
            fields.expanded(text);
        }
    }

    fn emit_list(&self, fields: &mut Fields, items: &[String], star: bool, quoted: bool) {
        if quoted && star {
            let joined = self.join(items, true);
            fields.current().quoted(&joined);
            return;
        }
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                if fields.split {
                    fields.end();
                } else {
                    // What is not split is one text.
                    let by_ifs = star || self.dialect != Dialect::Bash;
                    let separator = if by_ifs { self.separator() } else { " ".to_owned() };
                    if quoted {
                        fields.current().quoted(&separator);
                    } else {
                        fields.current().plain(&separator);
                    }
                }
            }
            if quoted {
                fields.current().quoted(item);
            } else {
                fields.expanded(item);
            }
        }
    }

    fn join(&self, items: &[String], by_ifs: bool) -> String {
        items.join(&if by_ifs { self.separator() } else { " ".to_owned() })
    }

    /// What joins parameters.
    fn separator(&self) -> String {
        self.ifs().chars().next().map(String::from).unwrap_or_default()
    }

    fn transform(&mut self, m: &mut Machine<'_>, op: &ParamOp, value: &str) -> Result<String, Halt> {
        m.spend(value.len() as u64 / 16)?;
        let chars: Vec<char> = value.chars().collect();
        let text = |chars: &[char]| chars.iter().collect::<String>();
        Ok(match op {
            ParamOp::Prefix { longest, pattern } => {
                let pattern: Vec<char> = self.as_pattern(m, pattern)?.chars().collect();
                let mut ends: Vec<usize> = (0..=chars.len()).collect();
                if *longest {
                    ends.reverse();
                }
                for end in ends {
                    m.spend(1 + end as u64 / 8)?;
                    if pattern::matches_chars(&pattern, chars.get(..end).unwrap_or(&[])) {
                        return Ok(text(chars.get(end..).unwrap_or(&[])));
                    }
                }
                value.to_owned()
            }
            ParamOp::Suffix { longest, pattern } => {
                let pattern: Vec<char> = self.as_pattern(m, pattern)?.chars().collect();
                let mut starts: Vec<usize> = (0..=chars.len()).collect();
                if !*longest {
                    starts.reverse();
                }
                for start in starts {
                    m.spend(1 + (chars.len() - start) as u64 / 8)?;
                    if pattern::matches_chars(&pattern, chars.get(start..).unwrap_or(&[])) {
                        return Ok(text(chars.get(..start).unwrap_or(&[])));
                    }
                }
                value.to_owned()
            }
            ParamOp::Replace { all, anchor, pattern, with } => {
                let pattern: Vec<char> = self.as_pattern(m, pattern)?.chars().collect();
                let with = self.single(m, with)?;
                if pattern.is_empty() {
                    return Ok(value.to_owned());
                }
                let mut out = String::new();
                let mut at = 0;
                let mut replaced = false;
                while at <= chars.len() {
                    let allowed = match anchor {
                        Some('#') => at == 0,
                        _ => *all || !replaced,
                    };
                    let mut end = None;
                    if allowed {
                        for stop in (at..=chars.len()).rev() {
                            m.spend(1 + (stop - at) as u64 / 8)?;
                            if (*anchor != Some('%') || stop == chars.len())
                                && stop > at
                                && pattern::matches_chars(&pattern, chars.get(at..stop).unwrap_or(&[]))
                            {
                                end = Some(stop);
                                break;
                            }
                        }
                    }
                    match end {
                        Some(end) => {
                            out.push_str(&with);
                            replaced = true;
                            at = end;
                        }
                        None => {
                            out.extend(chars.get(at));
                            at += 1;
                        }
                    }
                }
                out
            }
            ParamOp::Slice { offset, length } => {
                let count = chars.len() as i64;
                let offset = self.arith(m, offset)?.unwrap_or(0);
                let from = if offset < 0 { (count + offset).max(0) } else { offset.min(count) };
                let to = match length {
                    Some(length) => {
                        let length = self.arith(m, length)?.unwrap_or(0);
                        if length < 0 { (count + length).max(from) } else { (from + length).min(count) }
                    }
                    None => count,
                };
                text(chars.get(from as usize..to as usize).unwrap_or(&[]))
            }
            ParamOp::Case { upper, all } => {
                let change = |c: &char| if *upper { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
                chars.iter().enumerate().map(|(at, c)| if *all || at == 0 { change(c) } else { *c }).collect()
            }
            _ => value.to_owned(),
        })
    }
}

impl arith::Scope for Shell {
    fn get(&mut self, name: &str) -> Option<String> {
        Shell::get(self, name)
    }

    fn set(&mut self, name: &str, value: i64) {
        self.put(name, value.to_string());
    }

    fn plain(&self) -> bool {
        self.dialect == Dialect::Dash
    }

    fn lazy(&self) -> bool {
        self.dialect != Dialect::Ash
    }

    fn narrow(&self, value: u128) -> i64 {
        match self.dialect {
            Dialect::Dash => i64::try_from(value).unwrap_or(i64::MAX),
            // What no word holds is nothing.
            Dialect::Ash => u64::try_from(value).unwrap_or(0) as i64,
            Dialect::Bash => value as i64,
        }
    }

    fn unset(&mut self, name: &str) {
        if self.dialect == Dialect::Bash && self.options.nounset {
            self.unbound.get_or_insert_with(|| name.to_owned());
        }
    }
}
