//! `sed`: addresses, `s`, `d`, `p`, `a`, `i`, `c`, `y`, `q`, `=`, `n`, `N`, `g`, `G`, `h`, `H`, `x`, labels.

mod execute;

use crate::command::regex::Regex;
use crate::shell::machine::{Halt, UNKNOWN};
use crate::shell::process::{Process, Run};
use execute::process;

#[derive(Debug, Clone)]
enum Address {
    Line(usize),
    Last,
    Match(Regex),
    Step(usize, usize),
    /// `+N` after a first address.
    Plus(usize),
}

#[derive(Debug, Clone)]
struct Command {
    from: Option<Address>,
    to: Option<Address>,
    negated: bool,
    action: Action,
}

#[derive(Debug, Clone)]
enum Action {
    Substitute { regex: Regex, with: Vec<Piece>, global: bool, print: bool, nth: usize, file: Option<String> },
    Delete,
    DeleteFirst,
    Print,
    PrintFirst,
    Append(String),
    Insert(String),
    Change(String),
    Translate(Vec<(char, char)>),
    Quit(u8, bool),
    Number,
    Next,
    NextAppend,
    Get(bool),
    Hold(bool),
    Exchange,
    Empty,
    List,
    Label(String),
    Branch(String, char),
    ReadFile(String),
    WriteFile(String),
    Open(usize),
    Close,
}

#[derive(Debug, Clone)]
enum Piece {
    Text(String),
    Group(usize),
    Case(char),
}

enum Bad {
    Message(String),
    /// There is no such label.
    Label(String),
    Unmodelled(String),
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    extended: bool,
    last_regex: Option<Regex>,
    busybox: bool,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|c| c == ' ' || c == '\t') {
            self.at += 1;
        }
    }

    fn number(&mut self) -> Option<usize> {
        let digits: String = self.chars.get(self.at..)?.iter().take_while(|c| c.is_ascii_digit()).collect();
        self.at += digits.len();
        digits.parse().ok()
    }

    /// Text up to the delimiter, which is passed over; escapes of the delimiter are undone.
    fn delimited(&mut self, delimiter: char, regex: bool) -> Option<String> {
        let mut out = String::new();
        let mut in_set = false;
        loop {
            let c = self.peek()?;
            self.at += 1;
            if c == '\\' {
                let next = self.peek()?;
                self.at += 1;
                if next == delimiter && !(regex && "()|+?{}".contains(next)) {
                    if regex && delimiter != '/' && "*.^$[]".contains(next) {
                        out.push('\\');
                    }
                    out.push(next);
                } else if next == '\n' && !regex {
                    out.push_str("\\\n");
                } else {
                    out.push('\\');
                    out.push(next);
                }
                continue;
            }
            if regex && c == '[' && !in_set {
                in_set = true;
                out.push(c);
                // `]` right after the opening belongs to the set.
                if self.peek() == Some('^') {
                    out.push('^');
                    self.at += 1;
                }
                if self.peek() == Some(']') {
                    out.push(']');
                    self.at += 1;
                }
                continue;
            }
            if c == ']' {
                in_set = false;
            }
            if c == delimiter && !(in_set && regex) {
                return Some(out);
            }
            out.push(c);
        }
    }

    fn regex(&mut self, text: &str, ignore_case: bool) -> Result<Regex, Bad> {
        if text.is_empty() {
            return self.last_regex.clone().ok_or_else(|| Bad::Message("no previous regexp".to_owned()));
        }
        let fault = super::regex::fault(text, self.extended, !self.busybox);
        let regex = if fault.is_none() { Regex::new(text, self.extended, ignore_case) } else { None };
        let regex = regex.ok_or_else(|| {
            let why = fault.unwrap_or("Invalid regular expression");
            Bad::Message(if self.busybox {
                ["bad regex '", text, "': ", why].concat()
            } else {
                why.to_owned()
            })
        })?;
        self.last_regex = Some(regex.clone());
        Ok(regex)
    }

    fn address(&mut self) -> Result<Option<Address>, Bad> {
        Ok(match self.peek() {
            Some('$') => {
                self.at += 1;
                Some(Address::Last)
            }
            Some(c) if c.is_ascii_digit() => {
                let n = self.number().unwrap_or(0);
                if self.peek() == Some('~') && !self.busybox {
                    self.at += 1;
                    Some(Address::Step(n, self.number().unwrap_or(0)))
                } else {
                    Some(Address::Line(n))
                }
            }
            Some('+') => {
                self.at += 1;
                Some(Address::Plus(self.number().unwrap_or(0)))
            }
            Some(c @ ('/' | '\\')) => {
                self.at += 1;
                let delimiter = if c == '\\' {
                    let delimiter = self.peek().unwrap_or('/');
                    self.at += 1;
                    delimiter
                } else {
                    '/'
                };
                let text = self
                    .delimited(delimiter, true)
                    .ok_or_else(|| Bad::Message("unterminated address regex".to_owned()))?;
                let fold = self.peek() == Some('I');
                if fold {
                    self.at += 1;
                }
                Some(Address::Match(self.regex(&text, fold)?))
            }
            _ => None,
        })
    }

    fn parse(&mut self) -> Result<Vec<Command>, Bad> {
        let mut commands: Vec<Command> = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        loop {
            while self.peek().is_some_and(|c| c.is_ascii_whitespace() || c == ';') {
                self.at += 1;
            }
            let Some(_) = self.peek() else { break };
            let mut from = self.address()?;
            self.blanks();
            let mut to = None;
            if from.is_some() && self.peek() == Some(',') {
                self.at += 1;
                self.blanks();
                to = self.address()?;
                if to.is_none() {
                    self.at += 1;
                    let text = if self.busybox { "no address after comma" } else { "unexpected `,'" };
                    return Err(Bad::Message(text.to_owned()));
                }
            }
            self.blanks();
            let mut negated = false;
            while self.peek() == Some('!') {
                negated = true;
                self.at += 1;
                self.blanks();
            }
            let Some(letter) = self.peek() else {
                return Err(Bad::Message("missing command".to_owned()));
            };
            self.at += 1;
            let zero = matches!(from, Some(Address::Line(0))) && !matches!(to, Some(Address::Match(_)));
            if zero && self.busybox && to.is_none() {
                // To BusyBox it is no address.
                from = None;
            }
            if zero && !self.busybox {
                return Err(Bad::Message("invalid usage of line address 0".to_owned()));
            }
            let action = match letter {
                '#' => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                    continue;
                }
                '{' => {
                    open.push(commands.len());
                    Action::Open(0)
                }
                '}' => {
                    let Some(start) = open.pop() else {
                        if self.busybox {
                            continue;
                        }
                        return Err(Bad::Message("unexpected `}'".to_owned()));
                    };
                    let end = commands.len();
                    if let Some(command) = commands.get_mut(start) {
                        command.action = Action::Open(end);
                    }
                    Action::Close
                }
                's' => self.substitute()?,
                'y' => self.translate()?,
                'd' => Action::Delete,
                'D' => Action::DeleteFirst,
                'p' => Action::Print,
                'P' => Action::PrintFirst,
                'q' | 'Q' => {
                    self.blanks();
                    if self.busybox && self.peek().is_some_and(|c| c.is_ascii_digit()) {
                        // The code would be a command of its own.
                        return Err(Bad::Message("missing command".to_owned()));
                    }
                    Action::Quit(self.number().unwrap_or(0) as u8, letter == 'q')
                }
                '=' => Action::Number,
                'n' => Action::Next,
                'N' => Action::NextAppend,
                'g' => Action::Get(false),
                'G' => Action::Get(true),
                'h' => Action::Hold(false),
                'H' => Action::Hold(true),
                'x' => Action::Exchange,
                'z' if !self.busybox => Action::Empty,
                'l' if self.busybox => Action::Label(String::new()),
                'l' => Action::List,
                'a' | 'i' | 'c' if !self.busybox && self.peek().is_none() => {
                    return Err(Bad::Message("expected \\ after `a', `c' or `i'".to_owned()));
                }
                ':' if !self.busybox && self.rest_is_blank() => {
                    return Err(Bad::Message("\":\" lacks a label".to_owned()));
                }
                'a' => Action::Append(self.text()),
                'i' => Action::Insert(self.text()),
                'c' => Action::Change(self.text()),
                ':' => Action::Label(self.word()),
                'b' | 't' | 'T' => Action::Branch(self.word(), letter),
                'r' => Action::ReadFile(self.rest_of_line()),
                'w' => Action::WriteFile(self.rest_of_line()),
                other if self.busybox => {
                    return Err(Bad::Message(
                        ["unsupported command ", other.encode_utf8(&mut [0; 4])].concat(),
                    ));
                }
                other if "elFRvWz".contains(other) => return Err(Bad::Unmodelled(other.to_string())),
                other => {
                    return Err(Bad::Message(
                        ["unknown command: `", other.encode_utf8(&mut [0; 4]), "'"].concat(),
                    ));
                }
            };
            // GNU wants a command to end where it does.
            if !self.busybox && "}=dDpPgGhHxnNqQylsz".contains(letter) {
                self.blanks();
                if self.peek().is_some_and(|c| !";}#\n".contains(c)) {
                    self.at += 1;
                    return Err(Bad::Message("extra characters after command".to_owned()));
                }
            }
            if !self.busybox && to.is_some() && "qQ".contains(letter) {
                return Err(Bad::Message("command only uses one address".to_owned()));
            }
            if self.busybox && to.is_some() && "air".contains(letter) {
                return Err(Bad::Message(format!("command '{letter}' uses only one address")));
            }
            commands.push(Command { from, to, negated, action });
        }
        while let Some(start) = open.pop() {
            if !self.busybox {
                self.at = 0;
                return Err(Bad::Message("unmatched `{'".to_owned()));
            }
            // BusyBox closes it at the end.
            let end = commands.len();
            if let Some(command) = commands.get_mut(start) {
                command.action = Action::Open(end);
            }
            commands.push(Command { from: None, to: None, negated: false, action: Action::Close });
        }
        let has =
            |label: &str| commands.iter().any(|c| matches!(&c.action, Action::Label(name) if name == label));
        let lost = commands.iter().find_map(|command| match &command.action {
            Action::Branch(label, _) if !label.is_empty() && !has(label) => Some(label.clone()),
            _ => None,
        });
        match lost {
            Some(label) => Err(Bad::Label(label)),
            None => Ok(commands),
        }
    }

    fn rest_is_blank(&self) -> bool {
        let mut rest = self.chars.iter().skip(self.at).skip_while(|c| matches!(c, ' ' | '\t'));
        rest.next().is_none_or(|c| matches!(c, '\n' | ';'))
    }

    fn word(&mut self) -> String {
        self.blanks();
        let mut out = String::new();
        while let Some(c) = self.peek().filter(|c| !matches!(c, ';' | '\n' | '}' | ' ')) {
            out.push(c);
            self.at += 1;
        }
        out
    }

    fn rest_of_line(&mut self) -> String {
        self.blanks();
        let mut out = String::new();
        while let Some(c) = self.peek().filter(|c| *c != '\n') {
            out.push(c);
            self.at += 1;
        }
        out
    }

    /// The text of `a`, `i`, `c`: on the same line, or after a backslash and a line feed.
    fn text(&mut self) -> String {
        self.blanks();
        if self.peek() == Some('\\') {
            // After the backslash blanks count, unless the line ends.
            self.at += 1;
            let start = self.at;
            self.blanks();
            if self.peek() == Some('\n') {
                self.at += 1;
            } else {
                self.at = start;
            }
        }
        let mut out = String::new();
        while let Some(c) = self.peek() {
            self.at += 1;
            match c {
                '\n' => break,
                '\\' => match self.peek() {
                    Some(next) => {
                        self.at += 1;
                        match next {
                            't' => out.push('\t'),
                            'n' => out.push('\n'),
                            other => out.push(other),
                        }
                    }
                    None => out.push('\\'),
                },
                c => out.push(c),
            }
        }
        out.push('\n');
        out
    }

    fn substitute(&mut self) -> Result<Action, Bad> {
        let unterminated = || Bad::Message("unterminated `s' command".to_owned());
        let delimiter = self.peek().ok_or_else(unterminated)?;
        self.at += 1;
        let pattern = self.delimited(delimiter, true).ok_or_else(unterminated)?;
        let with = self.delimited(delimiter, false).ok_or_else(unterminated)?;
        let (mut global, mut print, mut nth, mut fold, mut file) = (false, false, 1, false, None);
        loop {
            match self.peek() {
                Some(c @ ('g' | 'p')) if !self.busybox && (if c == 'g' { global } else { print }) => {
                    self.at += 1;
                    return Err(Bad::Message(format!("multiple `{c}' options to `s' command")));
                }
                Some('g') => global = true,
                Some('p') => print = true,
                Some('i' | 'I') => fold = true,
                Some('m' | 'M') => {}
                Some(c) if c.is_ascii_digit() => {
                    nth = self.number().unwrap_or(1);
                    if nth == 0 && !self.busybox {
                        return Err(Bad::Message("number option to `s' command may not be zero".to_owned()));
                    }
                    continue;
                }
                Some('w') => {
                    self.at += 1;
                    file = Some(self.rest_of_line());
                    break;
                }
                Some('e') => return Err(Bad::Unmodelled("s///e".to_owned())),
                None | Some(';' | '\n' | '}' | ' ' | '\t' | '#') => break,
                Some(_) => {
                    self.at += 1;
                    let text = if self.busybox {
                        "bad option in substitution expression"
                    } else {
                        "unknown option to `s'"
                    };
                    return Err(Bad::Message(text.to_owned()));
                }
            }
            self.at += 1;
        }
        let regex = self.regex(&pattern, fold)?;
        let with_pieces = pieces(&with, self.busybox);
        let most = with_pieces.iter().filter_map(|piece| match piece {
            Piece::Group(n) => Some(*n),
            _ => None,
        });
        if let Some(most) = most.max().filter(|most| *most > regex.groups() && !self.busybox) {
            return Err(Bad::Message(format!("invalid reference \\{most} on `s' command's RHS")));
        }
        // In BusyBox all means all.
        if self.busybox && global {
            nth = 1;
        }
        Ok(Action::Substitute { regex, with: with_pieces, global, print, nth, file })
    }

    fn translate(&mut self) -> Result<Action, Bad> {
        let unterminated = || Bad::Message("unterminated `y' command".to_owned());
        let delimiter = self.peek().ok_or_else(unterminated)?;
        self.at += 1;
        let from = self.delimited(delimiter, false).ok_or_else(unterminated)?;
        let to = self.delimited(delimiter, false).ok_or_else(unterminated)?;
        let plain = |text: &str| text.replace("\\n", "\n").replace("\\\\", "\\").chars().collect::<Vec<_>>();
        let (from, to) = (plain(&from), plain(&to));
        if from.len() != to.len() && !self.busybox {
            return Err(Bad::Message("strings for `y' command are different lengths".to_owned()));
        }
        Ok(Action::Translate(from.into_iter().zip(to).collect()))
    }
}

fn pieces(text: &str, busybox: bool) -> Vec<Piece> {
    let mut out = vec![];
    let mut plain = String::new();
    let mut chars = text.chars();
    let flush = |plain: &mut String, out: &mut Vec<Piece>| {
        if !plain.is_empty() {
            out.push(Piece::Text(std::mem::take(plain)));
        }
    };
    while let Some(c) = chars.next() {
        match c {
            '&' => {
                flush(&mut plain, &mut out);
                out.push(Piece::Group(0));
            }
            '\\' => match chars.next() {
                Some(digit @ '0'..='9') => {
                    flush(&mut plain, &mut out);
                    out.push(Piece::Group(digit as usize - '0' as usize));
                }
                Some('n') => plain.push('\n'),
                Some('t') => plain.push('\t'),
                Some('r') => plain.push('\r'),
                Some(case @ ('U' | 'L' | 'E' | 'u' | 'l')) if !busybox => {
                    flush(&mut plain, &mut out);
                    out.push(Piece::Case(case));
                }
                Some(other) => plain.push(other),
                None => plain.push('\\'),
            },
            c => plain.push(c),
        }
    }
    flush(&mut plain, &mut out);
    out
}

struct State {
    lines: Vec<String>,
    next: usize,
    hold: String,
    /// Of each command with a range: the line that it ends at, or that it is open.
    ranges: Vec<Option<usize>>,
    out: String,
    after: String,
    /// Where the output ended that a cycle printed by itself.
    own: usize,
    /// The hold space took part, and ends its lines.
    full: bool,
}

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let mut script: Option<String> = None;
    let mut quiet = false;
    let mut extended = false;
    let mut in_place: Option<String> = None;
    let mut separate = false;
    let mut files = Vec::new();
    let mut args = std::mem::take(&mut p.args).into_iter();
    let add = |text: &str, script: &mut Option<String>| match script {
        Some(script) => {
            script.push('\n');
            script.push_str(text);
        }
        None => *script = Some(text.to_owned()),
    };
    while let Some(arg) = args.next() {
        if let Some(long) = arg.strip_prefix("--") {
            match long.split_once('=').unwrap_or((long, "")) {
                ("quiet" | "silent", _) => quiet = true,
                ("regexp-extended", _) => extended = true,
                ("in-place", suffix) => in_place = Some(suffix.to_owned()),
                ("expression", "") => add(&args.next().unwrap_or_default(), &mut script),
                ("expression", text) => add(text, &mut script),
                ("separate", _) => separate = true,
                ("follow-symlinks" | "posix", _) => {}
                ("version", _) if p.busybox() => {
                    return p.line("This is not GNU sed version 4.0").map(|()| 0);
                }
                ("", _) => {
                    files.extend(args);
                    break;
                }
                _ if p.busybox() => return super::opts::refuse_long(p, long),
                _ => return p.option(arg),
            }
            continue;
        }
        let Some(letters) = arg.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            files.push(arg);
            continue;
        };
        let chars = letters.char_indices();
        for (at, letter) in chars {
            let rest = letters.get(at + 1..).unwrap_or("");
            match letter {
                'n' => quiet = true,
                'E' | 'r' => extended = true,
                odd if super::letters::lacks("sed", p.flavor, odd) => return super::opts::refuse(p, odd),
                's' => separate = true,
                'u' | 'b' => {}
                'i' => {
                    in_place = Some(rest.to_owned());
                    break;
                }
                'e' => {
                    let text =
                        if rest.is_empty() { args.next().unwrap_or_default() } else { rest.to_owned() };
                    add(&text, &mut script);
                    break;
                }
                'f' => {
                    let file =
                        if rest.is_empty() { args.next().unwrap_or_default() } else { rest.to_owned() };
                    match p.read(&file)? {
                        Ok(bytes) => add(String::from_utf8_lossy(&bytes).trim_end_matches('\n'), &mut script),
                        Err(errno) if p.busybox() => return p.fail(1, &format!("{file}: {}", errno.text())),
                        Err(errno) => {
                            let text = format!("couldn't open file {file}: {}", errno.text());
                            p.error(&["sed: ", &text].concat())?;
                            return Ok(4);
                        }
                    }
                    break;
                }
                other => return p.option(format!("-{other}")),
            }
        }
    }
    let script = match script {
        Some(script) => script,
        None if files.is_empty() && !p.busybox() => {
            let name = p.called().to_owned();
            p.error(&format!(
                "Usage: {name} [OPTION]... {{script-only-if-no-other-script}} [input-file]..."
            ))?;
            p.error(&UNKNOWN.to_string())?;
            return Ok(1);
        }
        None if files.is_empty() => return super::usage(p),
        None => files.remove(0),
    };
    let mut parser =
        Parser { chars: script.chars().collect(), at: 0, extended, last_regex: None, busybox: p.busybox() };
    let commands = match parser.parse() {
        Ok(commands) => commands,
        Err(Bad::Message(text)) => {
            let text = if p.busybox() && text.starts_with("unterminated") {
                "unmatched '/'".to_owned()
            } else if p.busybox() {
                text
            } else {
                format!("-e expression #1, char {}: {text}", parser.at)
            };
            return p.fail(1, &text);
        }
        Err(Bad::Label(label)) => {
            let quote = if p.busybox() { "'" } else { "`" };
            let code = if p.busybox() { 1 } else { 4 };
            return p.fail(code, &["can't find label for jump to ", quote, &label, "'"].concat());
        }
        Err(Bad::Unmodelled(what)) => return p.option(what),
    };
    for command in &commands {
        // What is written to is emptied first.
        if let Action::WriteFile(file) | Action::Substitute { file: Some(file), .. } = &command.action
            && !file.starts_with("/dev/")
        {
            let _ = p.write_file(file, Vec::new())?;
        }
    }
    let mut code = 0;
    let to_file = in_place.is_some();
    let mut inputs: Vec<(Option<String>, Vec<u8>)> = Vec::new();
    if files.is_empty() {
        inputs.push((None, p.stdin()));
    }
    for file in files {
        let name = if to_file && file == "-" { "./-" } else { &file };
        match p.read(name)? {
            Ok(bytes) => inputs.push((Some(file), bytes)),
            Err(crate::shell::machine::Errno::IsDir) if p.busybox() && to_file => {
                // It writes a temporary file of a random name, and moves that.
                p.m.modelled = true;
                return p.fail(1, &format!("can't move '{UNKNOWN}' to '{file}': Is a directory"));
            }
            Err(crate::shell::machine::Errno::IsDir) if p.busybox() => {}
            Err(crate::shell::machine::Errno::IsDir) if to_file => {
                code = 4;
                p.complain(&format!("couldn't edit {file}: not a regular file"))?;
            }
            Err(crate::shell::machine::Errno::IsDir) => {
                code = 4;
                p.complain(&format!("read error on {file}: Is a directory"))?;
            }
            Err(errno) => {
                code = if p.busybox() { 1 } else { 2 };
                let text = if p.busybox() {
                    format!("{file}: {}", errno.text())
                } else {
                    format!("can't read {file}: {}", errno.text())
                };
                p.complain(&text)?;
            }
        }
    }
    if !to_file && !separate && inputs.len() > 1 {
        let mut all = Vec::new();
        for (_, bytes) in inputs {
            if !all.is_empty() && !all.ends_with(b"\n") && !bytes.is_empty() {
                all.push(b'\n');
            }
            all.extend(bytes);
        }
        inputs = vec![(None, all)];
    }
    for (file, bytes) in inputs {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let ended = text.ends_with('\n') || text.is_empty();
        let mut state = State {
            lines: text.lines().map(str::to_owned).collect(),
            next: 0,
            hold: String::new(),
            ranges: vec![None; commands.len()],
            out: String::new(),
            after: String::new(),
            own: 0,
            full: false,
        };
        let quit = process(p, &commands, &mut state, quiet)?;
        let mut out = state.out;
        if !ended && state.own == out.len() && out.ends_with('\n') {
            out.pop();
        }
        match (&in_place, file) {
            (Some(suffix), Some(file)) => {
                if !suffix.is_empty() {
                    let backup = if suffix.contains('*') {
                        suffix.replace('*', &file)
                    } else {
                        format!("{file}{suffix}")
                    };
                    // The file itself is the backup; the new one is like it.
                    let meta = p.stat(&file)?.ok().map(|node| node.meta());
                    let (from, to) = (p.path(&file), p.path(&backup));
                    let moved = p.m.rename(&p.cred, &from, &to)?;
                    if let (Ok(()), Some(meta)) = (moved, meta) {
                        let _ = p.write_file(&file, Vec::new())?;
                        let _ = p.m.chown(&p.cred, &from, (Some(meta.uid), Some(meta.gid)), true)?;
                        let _ = p.m.chmod(&p.cred, &from, meta.mode)?;
                    }
                }
                let known = !crate::shell::machine::is_unknown(&bytes);
                // A link gives way to the new file.
                if known
                    && let Ok(Ok(node)) = p.lstat(&file)
                    && node.is_symlink()
                {
                    let mode = p.stat(&file)?.map_or(0o644, |node| node.meta().mode);
                    let path = p.path(&file);
                    let _ = p.m.remove(&p.cred, &path)?;
                    let _ = p.write_file(&file, Vec::new())?;
                    let _ = p.m.chmod(&p.cred, &path, mode)?;
                }
                if known {
                    if let Err(errno) = p.write_file(&file, out.into_bytes())? {
                        return p.fail(4, &format!("couldn't open file {file}: {}", errno.text()));
                    }
                } else {
                    // The content is not known, and other than before.
                    let marked = format!("{UNKNOWN}{script}\n");
                    let _ = p.write_file(&file, marked.into_bytes())?;
                    return Err(Halt::Unknown(crate::shell::Why::Content(file)));
                }
            }
            _ => p.print(&out)?,
        }
        if let Some(quit) = quit {
            return Ok(quit);
        }
    }
    Ok(code)
}
