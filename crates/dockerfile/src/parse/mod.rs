//! Text to instructions (BuildKit `parser.Parse` and `instructions.Parse`), in one pass over the lines.

mod heredocs;
mod typed;

use crate::diagnostic::{Fix, lines};
use crate::directive::Reader;
use crate::help::help;
use crate::instruction::Problem;
use crate::line::{Line, Lines, Piece, continuation, trim_newline, trim_start};
use crate::split::Node;
use crate::{Comments, Diagnostic, Dialect, Dockerfile, Instruction, Phase, Severity, Span, heredoc};
use std::borrow::Cow;

/// The longest line that the builders read, line feed included (Go's `bufio.MaxScanTokenSize`).
const MAX_LINE: usize = 64 * 1024;

/// Reads a Dockerfile as a builder does. Total: a damaged file gives what could be recognised, and every problem.
pub fn parse(text: &str, dialect: Dialect) -> Dockerfile<'_> {
    let mut parser = Parser {
        text,
        dialect,
        escape: '\\',
        lines: Lines::new(text),
        directives: Reader::default(),
        comments: None,
        // A guess that saves most of the moving when it grows.
        instructions: Vec::with_capacity((text.len() / 64).clamp(8, 4096)),
        syntax: Vec::new(),
        typing: Vec::new(),
        problems: Vec::new(),
        announces: heredoc::may_have_mark(text),
        too_long: None,
        stage: Stage::None,
        recovering: false,
    };
    parser.run();
    let Parser { escape, directives, instructions, mut syntax, typing, .. } = parser;
    // What the line parser finds comes first, whatever the place.
    syntax.extend(typing);
    Dockerfile { dialect, escape, directives: directives.found, instructions, diagnostics: syntax }
}

/// How far `FROM` has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    None,
    /// An instruction outside of any stage was reported.
    Missed,
    Open,
}

/// Room that every instruction uses again.
struct Scratch<'a> {
    /// The logical line taken apart.
    node: Node<'a>,
    /// The text of a logical line of several parts.
    joined: String,
    /// Where the parts of the logical line stand.
    pieces: Vec<Piece>,
}

struct Parser<'a> {
    text: &'a str,
    dialect: Dialect,
    escape: char,
    lines: Lines<'a>,
    directives: Reader<'a>,
    /// Where the line of the first comment starts that is not yet above an instruction.
    comments: Option<usize>,
    instructions: Vec<Instruction<'a>>,
    /// Problems of the line parser.
    syntax: Vec<Diagnostic>,
    /// Problems of single instructions.
    typing: Vec<Diagnostic>,
    problems: Vec<Problem>,
    /// Whether any line of the file can announce a here-document.
    announces: bool,
    /// Offset and number of the first line that is longer than the builders take.
    too_long: Option<(usize, u32)>,
    stage: Stage,
    /// A here-document did not end: those behind it are looked for with less zeal.
    recovering: bool,
}

impl<'a> Parser<'a> {
    fn run(&mut self) {
        // As much as most files need.
        let node = Node { args: Vec::with_capacity(12), ..Node::default() };
        let mut scratch =
            Scratch { node, joined: String::with_capacity(1000), pieces: Vec::with_capacity(24) };
        while let Some((start, raw)) = self.next_line() {
            self.physical(start, raw, &mut scratch);
        }
        if self.instructions.is_empty() && self.too_long.is_none() {
            let end = self.text.len() as u32;
            let line = self.lines.read;
            self.syntax.push(error(
                "no-instructions",
                Span::new(end, end),
                (line, line),
                "file with no instructions".to_owned(),
            ));
        }
        if let Some((start, line)) = self.too_long {
            self.report_long_line(start, line);
        }
    }

    #[inline]
    fn next_line(&mut self) -> Option<(usize, &'a str)> {
        let (start, raw) = self.lines.next()?;
        if raw.len() >= MAX_LINE && is_too_long(raw) {
            self.too_long.get_or_insert((start, self.lines.read));
        }
        Some((start, raw))
    }

    /// The builders stop reading at a line that is too long; what is wrong behind it they never see.
    fn report_long_line(&mut self, start: usize, line: u32) {
        let before = self.instructions.iter().take_while(|i| i.lines.0 < line).last();
        let too_long = || format!("dockerfile line greater than max allowed size of {}", MAX_LINE - 1);
        let read = line - 1;
        let (message, lines) = match before {
            None => ("file with no instructions".to_owned(), (read, read)),
            Some(i) if i.heredocs.iter().any(|d| (d.span.start..d.span.end).contains(&(start as u32))) => {
                ("unterminated heredoc".to_owned(), (i.lines.0, read))
            }
            // Asked once more after it failed, the scanner gives what it has of the line.
            Some(i) if i.lines.1 >= line => (too_long(), (line, line)),
            Some(_) => (too_long(), (read, read)),
        };
        let place = Span::new(start as u32, start as u32);
        let at = self.syntax.iter().take_while(|d| d.span.start < place.start).count();
        self.syntax.insert(at, error("line-too-long", place, lines, message));
    }

    /// A physical line at which something may start: a comment, a directive, an instruction.
    fn physical(&mut self, start: usize, raw: &'a str, scratch: &mut Scratch<'a>) {
        let number = self.lines.read;
        let (mut start, mut raw) = (start, raw);
        if number == 1
            && let Some(rest) = raw.strip_prefix('\u{feff}')
        {
            start += raw.len() - rest.len();
            raw = rest;
        }
        let body = trim_newline(raw, self.dialect);
        let trimmed = trim_start(body);
        let indent = body.len() - trimmed.len();
        if trimmed.starts_with('#') {
            self.comment(start, indent, trimmed, number);
            return;
        }
        self.directives.stop();
        if trimmed.is_empty() {
            return;
        }
        let comments = self.comments.take().and_then(|from| self.text.get(from..start));
        let comments = comments.map(Comments::new).unwrap_or_default();
        self.logical(start + indent, trimmed, number, comments, scratch);
    }

    /// Takes note of a comment in a line that starts at `line`.
    fn comment(&mut self, line: usize, indent: usize, trimmed: &'a str, number: u32) {
        let start = line + indent;
        // The mark of an indented comment counts as its text in the reference.
        if indent == 0 && is_blank(trimmed.get(1..).unwrap_or_default()) {
            self.comments = None;
        } else {
            self.comments.get_or_insert(line);
        }
        if self.directives.done() {
            return;
        }
        // Lines count from 0 here in the reference: the line is not yet counted when it fails.
        let lines = (number - 1, number - 1);
        let span = Span::new(start as u32, (start + trimmed.len()) as u32);
        match self.directives.line(trimmed, start, number, self.dialect) {
            Ok(false) => {}
            Ok(true) => {
                if self.dialect == Dialect::BuildKit {
                    self.comments = None;
                }
                let Some(directive) = self.directives.found.last().filter(|d| d.name == "escape") else {
                    return;
                };
                match directive.value.text.as_ref() {
                    "\\" => self.escape = '\\',
                    "`" => self.escape = '`',
                    other => {
                        let message = format!("invalid escape token '{other}' does not match ` or \\");
                        let span = directive.value.span;
                        self.syntax.push(error("invalid-escape", span, lines, message));
                    }
                }
            }
            Err(name) => {
                let message = format!("only one {name} parser directive can be used");
                self.syntax.push(error("duplicate-directive", span, lines, message));
            }
        }
    }

    /// Joins the lines of an instruction and takes it apart.
    fn logical(
        &mut self,
        start: usize,
        first: &'a str,
        number: u32,
        comments: Comments<'a>,
        scratch: &mut Scratch<'a>,
    ) {
        let escape = self.escape as u8;
        let Scratch { node, joined, pieces } = scratch;
        pieces.clear();
        joined.clear();
        pieces.push(Piece { logical: 0, source: start as u32 });
        let (part, mut more) = continuation(first, escape);
        let mut end = start + first.len();
        let mut empty_lines = Vec::new();
        while more {
            let Some((line_start, raw)) = self.next_line() else { break };
            let body = trim_newline(raw, self.dialect);
            match trim_start(body).as_bytes().first() {
                Some(b'#') => continue,
                None => {
                    empty_lines.push(Span::new(line_start as u32, (line_start + raw.len()) as u32));
                    continue;
                }
                Some(_) => {}
            }
            if pieces.len() == 1 {
                joined.push_str(part);
            }
            pieces.push(Piece { logical: joined.len() as u32, source: line_start as u32 });
            let next;
            (next, more) = continuation(body, escape);
            joined.push_str(next);
            end = line_start + body.len();
        }
        let last = self.lines.read;
        let single = (pieces.len() == 1).then_some(part);
        let line = Line {
            source: self.text,
            text: single.unwrap_or(joined),
            single,
            pieces,
            start,
            end,
            escape: self.escape,
            dialect: self.dialect,
        };
        if !empty_lines.is_empty() {
            self.warn_empty_lines(&empty_lines, last, line.text);
        }
        self.instruction(&line, number, end, comments, node);
    }

    fn warn_empty_lines(&mut self, found: &[Span], last: u32, line: &str) {
        let message = match self.dialect {
            Dialect::BuildKit => format!("Empty continuation line found in: {line}"),
            Dialect::Legacy => format!("Empty continuation line found in:\n    {line}"),
        };
        let at = found.first().map_or(0, |line| line.start);
        let mut warning = error("NoEmptyContinuation", Span::new(at, at), (last, last), message);
        warning.severity = Severity::Warning;
        let edits = found.iter().map(|line| (*line, String::new())).collect();
        warning.fix = Some(Fix { label: "Remove the empty lines".into(), edits });
        self.syntax.push(warning);
    }
}

/// Whether there is nothing but white space.
fn is_blank(text: &str) -> bool {
    let first = text.bytes().find(|b| !matches!(b, b' ' | b'\t'));
    !matches!(first, Some(b'!'..=b'~')) && text.trim().is_empty()
}

/// Go's scanner takes a line of the whole buffer only if its line feed is in it.
fn is_too_long(raw: &str) -> bool {
    if raw.ends_with('\n') { raw.len() > MAX_LINE } else { raw.len() >= MAX_LINE }
}

fn error(code: &'static str, span: Span, range: (u32, u32), message: String) -> Diagnostic {
    Diagnostic {
        code: Cow::Borrowed(code),
        severity: Severity::Error,
        phase: Phase::Parse,
        message,
        span,
        lines: lines(range),
        help: help(code).map(Cow::Borrowed),
        fix: None,
    }
}
