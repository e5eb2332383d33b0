//! Reading a script of `sed`.

use super::{Action, Address, Command, Piece};
use crate::command::regex::Regex;

/// Why a script cannot be run.
pub(super) enum Bad {
    Message(String),
    /// There is no such label.
    Label(String),
    Unmodelled(String),
}

/// A script that is being read.
pub(super) struct Parser {
    pub(super) chars: Vec<char>,
    pub(super) at: usize,
    pub(super) extended: bool,
    pub(super) last_regex: Option<Regex>,
    pub(super) busybox: bool,
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
        let fault = crate::command::regex::fault(text, self.extended, !self.busybox);
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

    pub(super) fn parse(&mut self) -> Result<Vec<Command>, Bad> {
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
