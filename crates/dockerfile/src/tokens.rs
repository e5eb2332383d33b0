//! What an editor colors: every place that means something, on broken files too.
//!
//! ```
//! use stagecraft_dockerfile::tokens::{TokenKind, tokens};
//! use stagecraft_dockerfile::{Dialect, Span, parse};
//!
//! let text = "FROM alpine AS base\n";
//! let found = tokens(&parse(text, Dialect::BuildKit), text);
//! assert_eq!(found[0], (Span::new(0, 4), TokenKind::Keyword));
//! assert_eq!(found[3], (Span::new(15, 19), TokenKind::Stage));
//! ```

use crate::instruction::{Command, From};
use crate::{Dockerfile, Heredoc, Instruction, Span};
use std::collections::BTreeSet;

/// What stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TokenKind {
    /// An instruction's name; `AS` of `FROM`; `CMD` and `NONE` of `HEALTHCHECK`.
    Keyword,
    /// A word where an instruction should be, and none is called so.
    Unknown,
    /// A comment, to the end of the line.
    Comment,
    /// A parser directive, to the end of the line.
    Directive,
    /// `--name`
    Flag,
    /// A stage's name: where it is given, in a later `FROM`, in `--from`.
    Stage,
    /// An image.
    Image,
    /// `$name`, `${name…}`, or a name that `ARG`, `ENV` or `LABEL` sets.
    Variable,
    /// A quoted string.
    String,
    /// A port.
    Number,
    /// `=`, `&&`, `|`, `;`, brackets of JSON, the mark of a continuation.
    Operator,
    /// `<<NAME`, and the line that ends a here-document.
    HeredocDelimiter,
    /// The text of a here-document.
    HeredocBody,
}

/// The tokens of a file: in order, disjoint, inside of the text at character boundaries.
pub fn tokens(file: &Dockerfile<'_>, text: &str) -> Vec<(Span, TokenKind)> {
    let mut painter = Painter { text, escape: file.escape, out: Vec::new(), stages: BTreeSet::new() };
    let mut at = 0;
    for instruction in &file.instructions {
        painter.between(file, at, instruction.span.start as usize);
        painter.instruction(instruction);
        at = instruction.span.end as usize;
    }
    painter.between(file, at, text.len());
    painter.out
}

/// No substitution is looked at for longer than this, so that many unclosed ones stay cheap.
const MAX_VARIABLE: usize = 4096;

struct Painter<'t> {
    text: &'t str,
    escape: char,
    out: Vec<(Span, TokenKind)>,
    /// Names of the stages so far, in lower case.
    stages: BTreeSet<String>,
}

impl Painter<'_> {
    /// Adds a token, unless it is empty or overlaps the one before.
    fn put(&mut self, start: usize, end: usize, kind: TokenKind) {
        let after = self.out.last().map_or(0, |(span, _)| span.end as usize);
        if start >= after && start < end {
            self.out.push((Span::new(start as u32, end as u32), kind));
        }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// Up to the line feed, without a carriage return before it.
    fn line_end(&self, at: usize) -> usize {
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let line = rest.get(..end).unwrap_or_default();
        at + line.len() - line.iter().rev().take_while(|b| **b == b'\r').count()
    }

    /// Comments and directives between instructions.
    fn between(&mut self, file: &Dockerfile<'_>, mut at: usize, end: usize) {
        while at < end {
            let line_end = self.line_end(at);
            let line = self.text.get(at..line_end.min(end)).unwrap_or_default();
            let content = line.trim_start_matches('\u{feff}').trim_start();
            if content.starts_with('#') {
                let start = at + line.len() - content.len();
                let is_directive = file
                    .directives
                    .iter()
                    .any(|d| (start..line_end).contains(&(d.value.span.start as usize)));
                let kind = if is_directive { TokenKind::Directive } else { TokenKind::Comment };
                self.put(start, at + line.len(), kind);
            }
            let rest = self.text.as_bytes().get(line_end..).unwrap_or_default();
            at = line_end + memchr::memchr(b'\n', rest).map_or(rest.len(), |n| n + 1);
        }
    }

    fn instruction(&mut self, instruction: &Instruction<'_>) {
        let keyword = instruction.keyword.span;
        let name = instruction.name();
        let kind = if name.is_some() { TokenKind::Keyword } else { TokenKind::Unknown };
        self.put(keyword.start as usize, keyword.end as usize, kind);
        let end = match instruction.heredocs.first() {
            Some(doc) => (doc.span.start as usize).min(instruction.span.end as usize),
            None => instruction.span.end as usize,
        };
        let known = self.known(instruction);
        self.body(keyword.end as usize, end, &known, name);
        for doc in &instruction.heredocs {
            self.heredoc(doc, name != Some("RUN"));
        }
    }

    /// What the typed instruction says about places, in order of place.
    fn known(&mut self, instruction: &Instruction<'_>) -> Vec<(Span, TokenKind)> {
        let mut known = Vec::new();
        match &instruction.command {
            Some(Command::From(from)) => self.from(from, &mut known),
            Some(Command::Copy(copy)) => {
                if let Some(from) = &copy.from {
                    known.push((from.span, self.stage_or_image(&from.text)));
                }
            }
            Some(Command::Arg(pairs)) => {
                known.extend(pairs.iter().map(|p| (p.key.span, TokenKind::Variable)));
            }
            Some(Command::Env(pairs) | Command::Label(pairs)) => {
                known.extend(pairs.iter().map(|p| (p.key.span, TokenKind::Variable)));
            }
            Some(Command::Expose(ports)) => {
                let plain =
                    ports.iter().filter(|port| port.text.bytes().all(|b| b.is_ascii_digit() || b == b'-'));
                known.extend(plain.map(|port| (port.span, TokenKind::Number)));
            }
            Some(Command::Healthcheck(check)) => {
                known.extend(check.test.first().map(|word| (word.span, TokenKind::Keyword)));
            }
            Some(Command::Onbuild(trigger)) => {
                let start = trigger.span.start as usize;
                let rest = self.text.get(start..trigger.span.end as usize).unwrap_or_default();
                let end = start + rest.find(|c: char| c.is_ascii_whitespace()).unwrap_or(rest.len());
                let word = self.text.get(start..end).unwrap_or_default();
                if crate::instruction::spec(word).is_some() {
                    known.push((Span::new(start as u32, end as u32), TokenKind::Keyword));
                }
            }
            _ => {}
        }
        known.sort_unstable_by_key(|(span, _)| *span);
        known
    }

    fn from(&mut self, from: &From<'_>, known: &mut Vec<(Span, TokenKind)>) {
        known.push((from.base.span, self.stage_or_image(&from.base.text)));
        if let Some(word) = &from.r#as {
            known.push((word.span, TokenKind::Keyword));
        }
        if let Some(name) = &from.name {
            known.push((name.span, TokenKind::Stage));
            self.stages.insert(name.text.to_string());
        }
    }

    fn stage_or_image(&self, text: &str) -> TokenKind {
        if self.stages.contains(&crate::go::lower(text).into_owned()) {
            TokenKind::Stage
        } else {
            TokenKind::Image
        }
    }

    /// The text behind the keyword, over all its lines.
    fn body(&mut self, start: usize, end: usize, known: &[(Span, TokenKind)], name: Option<&str>) {
        let mut known = known.iter().peekable();
        let mut at = start;
        // At the start of a line, where a comment may stand; while flags may still come; at the start of a word.
        let (mut fresh, mut flags, mut word) = (false, true, true);
        while at < end {
            while known.next_if(|(span, _)| (span.start as usize) < at).is_some() {}
            if let Some((span, kind)) =
                known.next_if(|(span, _)| span.start as usize == at && span.end > span.start)
            {
                // The value of a flag, or an argument, behind which there are no more flags.
                flags &= at > start && self.byte(at - 1) == Some(b'=');
                at = self.painted(*span, *kind, end);
                (fresh, word) = (false, false);
                continue;
            }
            let Some(b) = self.byte(at) else { return };
            match b {
                b'\n' => {
                    (fresh, word) = (true, true);
                    at += 1;
                    continue;
                }
                b' ' | b'\t' | b'\r' => {
                    word = true;
                    at += 1;
                    continue;
                }
                b'#' if fresh => {
                    let stop = self.line_end(at).min(end);
                    self.put(at, stop, TokenKind::Comment);
                    at = stop;
                    continue;
                }
                b'-' if flags && word && self.byte(at + 1) == Some(b'-') => at = self.flag(at, end),
                b'$' => at = self.variable(at, end),
                b'"' | b'\'' => at = self.string(at, end, b),
                b'<' if self.byte(at + 1) == Some(b'<') => at = self.delimiter(at, end, name),
                b if b == self.escape as u8 => at = self.escaped(at, end),
                b'=' => {
                    self.put(at, at + 1, TokenKind::Operator);
                    at += 1;
                }
                b'[' | b']' | b',' if name != Some("RUN") || word => {
                    self.put(at, at + 1, TokenKind::Operator);
                    at += 1;
                }
                b'&' | b'|' | b';' | b'>' | b'<' => {
                    let stop = (at..end).find(|i| self.byte(*i) != Some(b)).unwrap_or(end);
                    self.put(at, stop, TokenKind::Operator);
                    at = stop;
                }
                _ => at += 1,
            }
            flags &= !word || matches!(self.out.last(), Some((_, TokenKind::Flag))) || b == self.escape as u8;
            (fresh, word) = (false, false);
        }
    }

    /// A place that is known, with the variables in it.
    fn painted(&mut self, span: Span, kind: TokenKind, end: usize) -> usize {
        let stop = (span.end as usize).min(end);
        let mut from = span.start as usize;
        let mut at = from;
        while at < stop {
            match self.byte(at) {
                Some(b'$') => {
                    self.put(from, at, kind);
                    at = self.variable(at, stop);
                    from = at;
                }
                // A continuation inside: what is behind it is colored anew.
                Some(b'\n') => {
                    let line = self.text.get(from..at).unwrap_or_default().trim_end();
                    self.put(from, from + line.trim_end_matches(self.escape).len(), kind);
                    return at;
                }
                _ => at += 1,
            }
        }
        self.put(from, stop, kind);
        stop
    }

    fn flag(&mut self, start: usize, end: usize) -> usize {
        let stops = |b: u8| b == b'=' || b.is_ascii_whitespace();
        let stop = (start..end).find(|i| self.byte(*i).is_some_and(stops)).unwrap_or(end);
        self.put(start, stop, TokenKind::Flag);
        stop
    }

    /// `$name`, `${…}` (with what is in it), or a dollar sign alone.
    fn variable(&mut self, start: usize, end: usize) -> usize {
        let stop = match self.byte(start + 1) {
            Some(b'{') => {
                let mut depth = 0usize;
                let mut stop = None;
                for i in start + 1..end.min(start + MAX_VARIABLE) {
                    match self.byte(i) {
                        Some(b'{') => depth += 1,
                        Some(b'}') => {
                            depth -= 1;
                            if depth == 0 {
                                stop = Some(i + 1);
                                break;
                            }
                        }
                        Some(b'\n') | None => break,
                        _ => {}
                    }
                }
                // Not closed in this line: only the dollar sign and the brace.
                stop.unwrap_or(start + 2)
            }
            Some(b) if b == b'_' || b.is_ascii_alphabetic() => {
                let is_name = |b: u8| b == b'_' || b.is_ascii_alphanumeric();
                (start + 1..end).find(|i| !self.byte(*i).is_some_and(is_name)).unwrap_or(end)
            }
            _ => return start + 1,
        };
        self.put(start, stop.min(end), TokenKind::Variable);
        stop.min(end)
    }

    /// A string up to its closing quote, if there is one; variables and continuations in it are tokens of their own.
    fn string(&mut self, start: usize, end: usize, quote: u8) -> usize {
        let escape = self.escape as u8;
        let mut at = start + 1;
        let close = loop {
            match self.byte(at).filter(|_| at < end) {
                None => return start + 1,
                Some(b) if b == quote => break at + 1,
                Some(b) if b == escape && quote == b'"' => at += 2,
                Some(_) => at += 1,
            }
        };
        let mut from = start;
        let mut at = start + 1;
        while at < close {
            match self.byte(at) {
                Some(b'$') if quote == b'"' => {
                    self.put(from, at, TokenKind::String);
                    at = self.variable(at, close);
                    from = at;
                }
                Some(b) if b == escape && self.continues(at) => {
                    self.put(from, at, TokenKind::String);
                    self.put(at, at + 1, TokenKind::Operator);
                    at = self.next_content(at, close);
                    from = at;
                }
                Some(b) if b == escape && quote == b'"' => at += 2,
                _ => at += 1,
            }
        }
        self.put(from, close, TokenKind::String);
        close
    }

    /// Whether only white space stands between here and the end of the line.
    fn continues(&self, at: usize) -> bool {
        let rest = self.text.as_bytes().get(at + 1..).unwrap_or_default();
        matches!(rest.iter().find(|b| !matches!(b, b' ' | b'\t' | b'\r')), None | Some(b'\n'))
    }

    /// Behind a continuation: where the next line that is no comment starts.
    fn next_content(&mut self, at: usize, end: usize) -> usize {
        let mut line = at;
        loop {
            let stop = self.line_end(line);
            let rest = self.text.as_bytes().get(stop..).unwrap_or_default();
            line = stop + memchr::memchr(b'\n', rest).map_or(rest.len(), |n| n + 1);
            if line >= end {
                return end;
            }
            let text = self.text.get(line..self.line_end(line)).unwrap_or_default();
            let content = text.trim_start();
            if !content.starts_with('#') {
                return line;
            }
            self.put(line + text.len() - content.len(), line + text.len(), TokenKind::Comment);
        }
    }

    /// A continuation's mark, or an escaped character.
    fn escaped(&mut self, at: usize, end: usize) -> usize {
        if self.continues(at) {
            self.put(at, at + 1, TokenKind::Operator);
            return at + 1;
        }
        let skipped =
            self.text.get(at + 1..end).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        at + 1 + skipped
    }

    /// `<<NAME` of an instruction that takes here-documents.
    fn delimiter(&mut self, start: usize, end: usize, name: Option<&str>) -> usize {
        let plain = |b: u8| !b.is_ascii_whitespace() && !matches!(b, b'<' | b';' | b'&' | b'|' | b'>' | b')');
        let stop = (start + 2..end).find(|i| !self.byte(*i).is_some_and(plain)).unwrap_or(end);
        let takes = matches!(name, Some("RUN" | "COPY" | "ADD" | "ONBUILD"));
        if !takes || stop == start + 2 {
            self.put(start, start + 2, TokenKind::Operator);
            return start + 2;
        }
        self.put(start, stop, TokenKind::HeredocDelimiter);
        stop
    }

    /// The text of a here-document and the line that ends it.
    fn heredoc(&mut self, doc: &Heredoc<'_>, variables: bool) {
        let (start, end) = (doc.span.start as usize, doc.span.end as usize);
        let mut from = start;
        let mut at = start;
        while variables && doc.expand && at < end {
            let rest = self.text.as_bytes().get(at..end).unwrap_or_default();
            let Some(next) = memchr::memchr(b'$', rest) else { break };
            let dollar = at + next;
            let before = self.out.len();
            self.put(from, dollar, TokenKind::HeredocBody);
            at = self.variable(dollar, end);
            if at == dollar + 1 {
                // A dollar sign alone belongs to the text.
                self.out.truncate(before);
            } else {
                from = at;
            }
        }
        self.put(from, end, TokenKind::HeredocBody);
        let stop = self.line_end(end);
        let line = self.text.get(end..stop).unwrap_or_default();
        if line.trim_start_matches('\t') == doc.name {
            self.put(stop - doc.name.len(), stop, TokenKind::HeredocDelimiter);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dialect, parse};

    /// The tokens as `kind:text`.
    fn paint(text: &str) -> Vec<String> {
        let file = parse(text, Dialect::BuildKit);
        tokens(&file, text)
            .into_iter()
            .map(|(span, kind)| {
                format!("{kind:?}:{}", text.get(span.start as usize..span.end as usize).unwrap())
            })
            .collect()
    }

    #[test]
    fn paints_instructions() {
        assert_eq!(
            paint("# syntax=x\n# hi\nFROM --platform=$BUILDPLATFORM a:${V} AS b # no\n"),
            [
                "Directive:# syntax=x",
                "Comment:# hi",
                "Keyword:FROM",
                "Flag:--platform",
                "Operator:=",
                "Variable:$BUILDPLATFORM",
                "Variable:${V}"
            ]
        );
        assert_eq!(
            paint("FROM a:${V} AS B\nCOPY --from=b /x /y\nFROM b"),
            [
                "Keyword:FROM",
                "Image:a:",
                "Variable:${V}",
                "Keyword:AS",
                "Stage:B",
                "Keyword:COPY",
                "Flag:--from",
                "Operator:=",
                "Stage:b",
                "Keyword:FROM",
                "Stage:b"
            ]
        );
        assert_eq!(
            paint("ENV A=\"x $B\" C='$D'\nEXPOSE 80 $P/tcp"),
            [
                "Keyword:ENV",
                "Variable:A",
                "Operator:=",
                "String:\"x ",
                "Variable:$B",
                "String:\"",
                "Variable:C",
                "Operator:=",
                "String:'$D'",
                "Keyword:EXPOSE",
                "Number:80",
                "Variable:$P"
            ]
        );
        assert_eq!(paint("FOO \"a"), ["Unknown:FOO"]);
    }

    #[test]
    fn paints_continuations_and_here_documents() {
        assert_eq!(
            paint("RUN a && \\\n  # why\n  echo \"x\\\ny\" | b"),
            [
                "Keyword:RUN",
                "Operator:&&",
                "Operator:\\",
                "Comment:# why",
                "String:\"x",
                "Operator:\\",
                "String:y\"",
                "Operator:|"
            ]
        );
        assert_eq!(
            paint("COPY <<-A <<'B' /x\n\ta $V $\n\tA\nb $V\nB\n# c"),
            [
                "Keyword:COPY",
                "HeredocDelimiter:<<-A",
                "HeredocDelimiter:<<'B'",
                "HeredocBody:\ta ",
                "Variable:$V",
                "HeredocBody: $\n",
                "HeredocDelimiter:A",
                "HeredocBody:b $V\n",
                "HeredocDelimiter:B",
                "Comment:# c"
            ]
        );
        assert_eq!(
            paint("ONBUILD RUN x\nHEALTHCHECK --retries=3 CMD y"),
            [
                "Keyword:ONBUILD",
                "Keyword:RUN",
                "Keyword:HEALTHCHECK",
                "Flag:--retries",
                "Operator:=",
                "Keyword:CMD"
            ]
        );
    }
}
