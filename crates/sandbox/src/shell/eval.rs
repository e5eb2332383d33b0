//! Walks the syntax and does what it says.

use super::exec::{self, Found, Spec};
use super::machine::{Cred, Errno, Fds, Halt, MAX_DEPTH, Machine, Stream, UNKNOWN, is_unknown};
use super::parse::{Dialect, Parser, SyntaxError, SyntaxErrorKind};
use super::pattern;
use super::process::{Flavor, Run, absolute};
use super::syntax::{AndOr, Assign, AssignValue, Command, Kind, List, Pipeline, Redirect, RedirectOp, Word};
use super::{Why, builtin};
use crate::tree::{Content, Node};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The value of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Array(Vec<String>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Var {
    pub(crate) value: Value,
    pub(crate) exported: bool,
    pub(crate) readonly: bool,
}

/// What `set` and `shopt` switch.
#[derive(Debug, Clone, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the shell")]
pub(crate) struct Options {
    pub(crate) errexit: bool,
    pub(crate) nounset: bool,
    pub(crate) xtrace: bool,
    pub(crate) noglob: bool,
    pub(crate) noexec: bool,
    pub(crate) allexport: bool,
    pub(crate) pipefail: bool,
    pub(crate) noclobber: bool,
}

impl Options {
    pub(crate) fn letters(&self) -> String {
        let table = [
            (self.allexport, 'a'),
            (self.noclobber, 'C'),
            (self.errexit, 'e'),
            (self.noglob, 'f'),
            (self.nounset, 'u'),
            (self.xtrace, 'x'),
        ];
        table.iter().filter(|(on, _)| *on).map(|(_, letter)| *letter).collect()
    }
}

/// Where a command leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    Next,
    Break(u32),
    Continue(u32),
    Return,
    Exit,
}

pub(crate) type Eval = Result<Flow, Halt>;

#[derive(Debug, Clone)]
pub(crate) struct Shell {
    pub(crate) dialect: Dialect,
    pub(crate) name0: String,
    /// It runs a file, so that messages name lines.
    pub(crate) file: bool,
    pub(crate) vars: BTreeMap<String, Var>,
    pub(crate) functions: BTreeMap<String, Rc<Command>>,
    pub(crate) aliases: BTreeMap<String, String>,
    pub(crate) positional: Vec<String>,
    pub(crate) options: Options,
    pub(crate) status: u8,
    pub(crate) cwd: String,
    pub(crate) cred: Cred,
    pub(crate) umask: u32,
    pub(crate) fds: Fds,
    pub(crate) exit_trap: Option<String>,
    pub(crate) loops: u32,
    /// Variables to be put back when functions return.
    pub(crate) locals: Vec<Vec<(String, Option<Var>)>>,
    /// Whether `return` has a place to return from.
    pub(crate) sourced: u32,
    pub(crate) line: u32,
    pub(crate) pid: u32,
    pub(crate) background: Option<u32>,
    /// `set -e` is not looked at.
    pub(crate) lenient: u32,
    /// Of the last command substitution of a command without a name.
    substituted: Option<u8>,
}

/// The shell as a program: reads its options, then a string, a file or standard input.
pub(crate) fn main(m: &mut Machine<'_>, spec: Spec, dialect: Dialect) -> Run {
    let mut shell = Shell::new(&spec, dialect);
    let mut args = spec.argv.iter().skip(1).cloned();
    let mut command = false;
    let mut first = None;
    let mut stdin = false;
    while let Some(arg) = args.next() {
        let (on, letters) = match (arg.strip_prefix('-'), arg.strip_prefix('+')) {
            (Some(rest), _) => (true, rest.to_owned()),
            (None, Some(rest)) => (false, rest.to_owned()),
            (None, None) => {
                first = Some(arg);
                break;
            }
        };
        if letters.is_empty() || letters == "-" {
            first = args.next();
            break;
        }
        if letters.starts_with('-') {
            continue;
        }
        for letter in letters.chars() {
            match letter {
                'c' => command = true,
                's' => stdin = true,
                'l' | 'i' | 'm' | 'h' | 'v' | 'p' | 'n' | 'b' | 'B' | 'H' => {}
                'o' | 'O' => {
                    let name = args.next().unwrap_or_default();
                    if letter == 'o' && !builtin::set_option(&mut shell, &name, on) {
                        return illegal_option(m, &mut shell, &format!("-o {name}"), &name);
                    }
                }
                letter => {
                    if !builtin::set_letter(&mut shell, letter, on) {
                        return illegal_option(m, &mut shell, &format!("-{letter}"), &format!("-{letter}"));
                    }
                }
            }
        }
    }
    let script = if command {
        let Some(script) = first else {
            let text = if dialect == Dialect::Bash {
                "-c: option requires an argument"
            } else if dialect == Dialect::Ash {
                "-c requires an argument"
            } else {
                "-c requires an argument"
            };
            let line = if dialect == Dialect::Dash { "0: " } else { "" };
            let message = format!("{}: {line}{text}\n", shell.name0);
            shell.write_error(m, &message)?;
            return Ok(2);
        };
        if let Some(name0) = args.next() {
            shell.name0 = name0;
        }
        shell.positional = args.collect();
        script
    } else if let Some(file) = first.clone().filter(|_| !stdin) {
        shell.name0.clone_from(&file);
        shell.file = true;
        shell.positional = args.collect();
        match shell.read_script(m, &file)? {
            Ok(script) => script,
            Err(code) => return Ok(code),
        }
    } else {
        shell.positional = first.into_iter().chain(args).collect();
        let stdin = shell.fds.get(&0).copied();
        let bytes = stdin.map(|stdin| m.drain(stdin)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    shell.run_to_end(m, &script)
}

fn illegal_option(m: &mut Machine<'_>, shell: &mut Shell, ash: &str, bash: &str) -> Run {
    let name = shell.name0.clone();
    let text = match shell.dialect {
        Dialect::Ash => format!("{name}: illegal option {ash}\n"),
        Dialect::Dash => format!("{name}: 0: Illegal option {ash}\n"),
        Dialect::Bash => format!("{name}: {bash}: invalid option name\n"),
    };
    shell.write_error(m, &text)?;
    Ok(2)
}

impl Shell {
    fn new(spec: &Spec, dialect: Dialect) -> Self {
        let mut shell = Self {
            dialect,
            name0: spec.argv.first().cloned().unwrap_or_default(),
            file: false,
            vars: BTreeMap::new(),
            functions: BTreeMap::new(),
            aliases: BTreeMap::new(),
            positional: Vec::new(),
            options: Options::default(),
            status: 0,
            cwd: spec.cwd.clone(),
            cred: spec.cred.clone(),
            umask: spec.umask,
            fds: spec.fds.clone(),
            exit_trap: None,
            loops: 0,
            locals: Vec::new(),
            sourced: 0,
            line: 1,
            pid: 1,
            background: None,
            lenient: 0,
            substituted: None,
        };
        for (name, value) in &spec.env {
            let var = Var { value: Value::Text(value.clone()), exported: true, readonly: false };
            shell.vars.insert(name.clone(), var);
        }
        shell.put("IFS", " \t\n".to_owned());
        if let Some(var) = shell.vars.get_mut("IFS") {
            var.exported = false;
        }
        shell.put("OPTIND", "1".to_owned());
        shell.put("PPID", "0".to_owned());
        shell.export("PWD", spec.cwd.clone());
        if dialect != Dialect::Dash {
            let level: u32 = spec.env.get("SHLVL").and_then(|level| level.parse().ok()).unwrap_or(0);
            shell.export("SHLVL", (level + 1).to_string());
        }
        if dialect == Dialect::Bash {
            shell.put("BASH_VERSION", "5.2.15(1)-release".to_owned());
            shell.put("BASH", "/bin/bash".to_owned());
            shell.put("EUID", spec.cred.uid.to_string());
            shell.put("UID", spec.cred.uid.to_string());
            shell.put("OSTYPE", "linux-gnu".to_owned());
        }
        shell
    }

    fn export(&mut self, name: &str, value: String) {
        let var = Var { value: Value::Text(value), exported: true, readonly: false };
        self.vars.insert(name.to_owned(), var);
    }

    /// The text of a variable (of an array, its first).
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        match &self.vars.get(name)?.value {
            Value::Text(text) => Some(text.clone()),
            Value::Array(items) => items.first().cloned(),
        }
    }

    /// Sets a variable without looking at `readonly`.
    pub(crate) fn put(&mut self, name: &str, value: String) {
        let exported = self.options.allexport;
        let var = self.vars.entry(name.to_owned()).or_insert(Var {
            value: Value::Text(String::new()),
            exported,
            readonly: false,
        });
        var.exported |= exported;
        match &mut var.value {
            Value::Array(items) if !items.is_empty() => {
                if let Some(first) = items.first_mut() {
                    *first = value;
                }
            }
            _ => var.value = Value::Text(value),
        }
    }

    /// Sets a variable; a readonly one ends the shell with an error.
    pub(crate) fn assign(&mut self, m: &mut Machine<'_>, name: &str, value: String) -> Result<(), Halt> {
        self.writable(m, name)?;
        m.spend(1 + value.len() as u64 / 256)?;
        if value.len() > 4 << 20 {
            return Err(Halt::Fuel);
        }
        self.put(name, value);
        Ok(())
    }

    pub(crate) fn writable(&mut self, m: &mut Machine<'_>, name: &str) -> Result<(), Halt> {
        if self.vars.get(name).is_some_and(|var| var.readonly) {
            let bash = self.dialect == Dialect::Bash;
            let text = if bash { "readonly variable" } else { "is read only" };
            self.complain(m, &format!("{name}: {text}"))?;
            return Err(Halt::Exit(if bash { 1 } else { 2 }));
        }
        Ok(())
    }

    pub(crate) fn write_error(&mut self, m: &mut Machine<'_>, text: &str) -> Result<(), Halt> {
        match self.fds.get(&2) {
            Some(stream) => m.write(*stream, text.as_bytes()),
            None => Ok(()),
        }
    }

    /// What this shell's messages begin with.
    pub(crate) fn prefix(&self) -> String {
        match self.dialect {
            Dialect::Ash if self.file => format!("{}: line {}: ", self.name0, self.line),
            Dialect::Ash => format!("{}: ", self.name0),
            Dialect::Dash => format!("{}: {}: ", self.name0, self.line),
            Dialect::Bash => format!("{}: line {}: ", self.name0, self.line),
        }
    }

    /// What the messages of this shell's builtins begin with.
    pub(crate) fn builtin_prefix(&self, name: &str) -> String {
        match self.dialect {
            Dialect::Ash => {
                format!("{}: {name}: line {}: ", self.name0, if self.file { self.line } else { 0 })
            }
            Dialect::Dash | Dialect::Bash => format!("{}{name}: ", self.prefix()),
        }
    }

    pub(crate) fn complain(&mut self, m: &mut Machine<'_>, text: &str) -> Result<(), Halt> {
        let line = format!("{}{text}\n", self.prefix());
        self.write_error(m, &line)
    }

    /// Prints a builtin's message and gives the exit code.
    pub(crate) fn fail(&mut self, m: &mut Machine<'_>, name: &str, code: u8, text: &str) -> Run {
        let line = format!("{}{text}\n", self.builtin_prefix(name));
        self.write_error(m, &line)?;
        Ok(code)
    }

    /// The text of a script file, or the exit code after a message.
    pub(crate) fn read_script(
        &mut self,
        m: &mut Machine<'_>,
        file: &str,
    ) -> Result<Result<String, u8>, Halt> {
        let path = absolute(&self.cwd, file);
        match m.read(&self.cred.clone(), &path) {
            Ok(Ok(bytes)) if is_unknown(&bytes) => {
                let cwd = self.cwd.clone();
                let command = format!("{} {file}", self.name0);
                let code = m.note_unknown(command, Why::Content(file.to_owned()), false, &cwd);
                Ok(Err(code))
            }
            Ok(Ok(bytes)) => Ok(Ok(String::from_utf8_lossy(&bytes).into_owned())),
            Ok(Err(errno)) => {
                let name = self.name0.clone();
                let text = match self.dialect {
                    Dialect::Ash => format!("{name}: can't open '{file}': {}\n", errno.text()),
                    Dialect::Dash => {
                        format!("{name}: 0: cannot open {file}: {}\n", short(errno, "No such file"))
                    }
                    Dialect::Bash => format!("{name}: {file}: {}\n", errno.text()),
                };
                self.write_error(m, &text)?;
                Ok(Err(if self.dialect == Dialect::Bash && errno != Errno::NoEntry {
                    126
                } else if self.dialect == Dialect::Bash {
                    127
                } else {
                    2
                }))
            }
            Err(Halt::Unknown(why)) => {
                let cwd = self.cwd.clone();
                let code = m.note_unknown(format!("{} {file}", self.name0), why, false, &cwd);
                Ok(Err(code))
            }
            Err(halt) => Err(halt),
        }
    }

    /// Runs a script, then the exit trap; gives the exit code.
    pub(crate) fn run_to_end(&mut self, m: &mut Machine<'_>, script: &str) -> Run {
        self.ended(m, |shell, m| shell.run_script(m, script))?;
        Ok(self.status)
    }

    /// Runs to the end of the shell: an abort of an expansion sets the code, and the exit trap is run.
    fn ended(
        &mut self,
        m: &mut Machine<'_>,
        body: impl FnOnce(&mut Self, &mut Machine<'_>) -> Eval,
    ) -> Result<(), Halt> {
        match body(self, m) {
            Ok(_) => {}
            Err(Halt::Exit(code)) => self.status = code,
            Err(halt) => return Err(halt),
        }
        if let Some(trap) = self.exit_trap.take() {
            let code = self.status;
            self.options.errexit = false;
            match self.run_script(m, &trap) {
                Ok(Flow::Exit) => {}
                Ok(_) => self.status = code,
                Err(Halt::Exit(code)) => self.status = code,
                Err(halt) => return Err(halt),
            }
        }
        Ok(())
    }

    /// Runs a text command by command in this shell.
    pub(crate) fn run_script(&mut self, m: &mut Machine<'_>, script: &str) -> Eval {
        m.spend(1 + script.len() as u64 / 16)?;
        let mut parser = Parser::new(script, self.dialect);
        loop {
            match parser.next_command() {
                Ok(None) => return Ok(Flow::Next),
                Ok(Some(list)) => match self.list(m, &list)? {
                    Flow::Next => {}
                    flow => return Ok(flow),
                },
                Err(error) => {
                    self.line = error.line.max(parser.line().min(error.line));
                    self.syntax_error(m, &error, script)?;
                    self.status = 2;
                    return Ok(Flow::Exit);
                }
            }
        }
    }

    fn syntax_error(&mut self, m: &mut Machine<'_>, error: &SyntaxError, script: &str) -> Result<(), Halt> {
        let quote = |token: &str| {
            if token == "end of file"
                || token == "newline"
                || (self.dialect == Dialect::Dash && token == "word")
            {
                token.to_owned()
            } else {
                format!("\"{token}\"")
            }
        };
        if self.dialect == Dialect::Bash {
            let head = if self.file { self.name0.clone() } else { format!("{}: -c", self.name0) };
            let line = error.line;
            let text = match &error.kind {
                SyntaxErrorKind::Unexpected { token, .. } if token == "end of file" => {
                    let last = script.lines().count() + 1;
                    format!("{head}: line {last}: syntax error: unexpected end of file\n")
                }
                SyntaxErrorKind::Unexpected { token, .. } => {
                    let source = script.lines().nth(line.saturating_sub(1) as usize).unwrap_or("");
                    format!(
                        "{head}: line {line}: syntax error near unexpected token `{token}'\n{head}: line {line}: `{source}'\n"
                    )
                }
                SyntaxErrorKind::UnterminatedQuote(quote) => {
                    format!("{head}: line {line}: unexpected EOF while looking for matching `{quote}'\n")
                }
                SyntaxErrorKind::BadSubstitution | SyntaxErrorKind::MissingParens => {
                    format!("{head}: line {line}: bad substitution\n")
                }
                SyntaxErrorKind::TooDeep => format!("{head}: line {line}: maximum nesting exceeded\n"),
                SyntaxErrorKind::BadForName => format!("{head}: line {line}: not a valid identifier\n"),
            };
            return self.write_error(m, &text);
        }
        let ash = self.dialect == Dialect::Ash;
        let text = match &error.kind {
            SyntaxErrorKind::Unexpected { token, expecting } => {
                let expecting = expecting.map(|e| format!(" (expecting \"{e}\")")).unwrap_or_default();
                let known = matches!(
                    token.as_str(),
                    "end of file"
                        | "newline"
                        | "&&"
                        | "||"
                        | ";;"
                        | ";"
                        | "&"
                        | "|"
                        | "("
                        | ")"
                        | "then"
                        | "else"
                        | "elif"
                        | "fi"
                        | "do"
                        | "done"
                        | "esac"
                        | "}"
                        | "{"
                        | "in"
                        | "<<"
                        | ">>"
                        | "<"
                        | ">"
                );
                let shown = if known { quote(token) } else { "word".to_owned() };
                if ash {
                    format!("unexpected {shown}{expecting}")
                } else {
                    format!("{shown} unexpected{expecting}")
                }
            }
            SyntaxErrorKind::UnterminatedQuote('`') => "EOF in backquote substitution".to_owned(),
            SyntaxErrorKind::UnterminatedQuote(_) if ash => "unterminated quoted string".to_owned(),
            SyntaxErrorKind::UnterminatedQuote(_) => "Unterminated quoted string".to_owned(),
            SyntaxErrorKind::BadSubstitution if ash => "bad substitution".to_owned(),
            SyntaxErrorKind::BadSubstitution => "Missing '}'".to_owned(),
            SyntaxErrorKind::MissingParens => "missing '))'".to_owned(),
            SyntaxErrorKind::TooDeep => "too many levels of nesting".to_owned(),
            SyntaxErrorKind::BadForName if ash => "bad for loop variable".to_owned(),
            SyntaxErrorKind::BadForName => "Bad for loop variable".to_owned(),
        };
        let word = if ash { "syntax error" } else { "Syntax error" };
        self.complain(m, &format!("{word}: {text}"))
    }

    pub(crate) fn list(&mut self, m: &mut Machine<'_>, list: &List) -> Eval {
        for (item, background) in &list.0 {
            if *background {
                let mut child = self.subshell();
                child.ended(m, |shell, m| shell.and_or(m, item))?;
                self.background = Some(m.number() + 1);
                self.status = 0;
                continue;
            }
            match self.and_or(m, item)? {
                Flow::Next => {}
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Next)
    }

    pub(crate) fn subshell(&self) -> Self {
        let mut child = self.clone();
        child.exit_trap = None;
        child.loops = 0;
        child
    }

    fn and_or(&mut self, m: &mut Machine<'_>, item: &AndOr) -> Eval {
        let last = item.rest.len();
        let mut ran = &item.first;
        let mut ran_at = 0;
        self.lenient += u32::from(last > 0);
        let mut flow = self.pipeline(m, &item.first);
        self.lenient -= u32::from(last > 0);
        for (at, (and, next)) in item.rest.iter().enumerate() {
            if !matches!(flow, Ok(Flow::Next)) {
                return flow;
            }
            if *and != (self.status == 0) {
                continue;
            }
            let inner = at + 1 < last;
            self.lenient += u32::from(inner);
            flow = self.pipeline(m, next);
            self.lenient -= u32::from(inner);
            (ran, ran_at) = (next, at + 1);
        }
        let flow = flow?;
        let strict = self.options.errexit && self.lenient == 0 && ran_at == last && !ran.negated;
        if flow == Flow::Next && self.status != 0 && strict && counts(ran) {
            return Ok(Flow::Exit);
        }
        Ok(flow)
    }

    fn pipeline(&mut self, m: &mut Machine<'_>, pipeline: &Pipeline) -> Eval {
        self.lenient += u32::from(pipeline.negated);
        let flow = match pipeline.commands.as_slice() {
            [command] => self.command(m, command),
            commands => self.piped(m, commands).map(|()| Flow::Next),
        };
        self.lenient -= u32::from(pipeline.negated);
        if pipeline.negated {
            self.status = u8::from(self.status == 0);
        }
        flow
    }

    /// Each command in a shell of its own, one after the other, its output kept for the next.
    fn piped(&mut self, m: &mut Machine<'_>, commands: &[Command]) -> Result<(), Halt> {
        let mut input = self.fds.get(&0).copied();
        let mut failed = 0;
        let count = commands.len();
        for (at, command) in commands.iter().enumerate() {
            let mut child = self.subshell();
            child.line = self.line;
            if let Some(input) = input {
                child.fds.insert(0, input);
            }
            if at + 1 < count {
                let pipe = m.pipe();
                child.fds.insert(1, pipe);
                input = Some(pipe);
            }
            self.enter(m)?;
            child.ended(m, |shell, m| shell.command(m, command))?;
            m.depth -= 1;
            self.status = child.status;
            if child.status != 0 {
                failed = child.status;
            }
        }
        if self.options.pipefail {
            self.status = failed;
        }
        Ok(())
    }

    pub(crate) fn enter(&mut self, m: &mut Machine<'_>) -> Result<(), Halt> {
        m.spend(2)?;
        m.depth += 1;
        if m.depth > MAX_DEPTH { Err(Halt::Fuel) } else { Ok(()) }
    }

    pub(crate) fn command(&mut self, m: &mut Machine<'_>, command: &Command) -> Eval {
        self.enter(m)?;
        let flow = self.command_inner(m, command);
        m.depth -= 1;
        flow
    }

    fn command_inner(&mut self, m: &mut Machine<'_>, command: &Command) -> Eval {
        self.line = command.line;
        if let Kind::Simple { assigns, words } = &command.kind {
            return self.simple(m, assigns, words, &command.redirects);
        }
        let saved = if command.redirects.is_empty() {
            None
        } else {
            match self.redirected(m, &command.redirects)? {
                Ok(fds) => Some(std::mem::replace(&mut self.fds, fds)),
                Err(code) => {
                    self.status = code;
                    return Ok(Flow::Next);
                }
            }
        };
        let flow = self.compound(m, &command.kind);
        if let Some(saved) = saved {
            self.fds = saved;
        }
        flow
    }

    fn compound(&mut self, m: &mut Machine<'_>, kind: &Kind) -> Eval {
        match kind {
            Kind::Simple { .. } => Ok(Flow::Next),
            Kind::Brace(list) => self.list(m, list),
            Kind::Subshell(list) => {
                let mut child = self.subshell();
                child.ended(m, |shell, m| shell.list(m, list))?;
                self.status = child.status;
                Ok(Flow::Next)
            }
            Kind::If { arms, otherwise } => {
                for (test, body) in arms {
                    match self.condition(m, test)? {
                        Flow::Next => {}
                        flow => return Ok(flow),
                    }
                    if self.status == 0 {
                        return self.list(m, body);
                    }
                }
                self.status = 0;
                otherwise.as_ref().map_or(Ok(Flow::Next), |body| self.list(m, body))
            }
            Kind::While { until, test, body } => self.while_loop(m, *until, test, body),
            Kind::For { name, words, body } => {
                let items = match words {
                    Some(words) => self.fields(m, words)?,
                    None => self.positional.clone(),
                };
                self.status = 0;
                self.loops += 1;
                let flow = self.for_loop(m, name, items, body);
                self.loops -= 1;
                flow
            }
            Kind::ForArith { init, test, step, body } => {
                self.arith(m, init)?;
                self.loops += 1;
                let mut flow = Ok(Flow::Next);
                loop {
                    m.spend(2)?;
                    let text = self.single(m, test)?;
                    if !text.trim().is_empty() && self.arith_text(m, &text)? == Some(0) {
                        break;
                    }
                    match self.list(m, body)? {
                        Flow::Next | Flow::Continue(1) => {}
                        Flow::Break(1) => break,
                        other => {
                            flow = Ok(outer(other));
                            break;
                        }
                    }
                    self.arith(m, step)?;
                }
                self.loops -= 1;
                flow
            }
            Kind::Case { word, arms } => {
                let text = self.single(m, word)?;
                self.status = 0;
                let mut falling = false;
                for arm in arms {
                    let mut hit = falling;
                    for pattern in &arm.patterns {
                        if hit {
                            break;
                        }
                        let pattern = self.as_pattern(m, pattern)?;
                        m.spend(1 + text.len() as u64 / 8)?;
                        hit = matches_any(&pattern, &text);
                    }
                    if hit {
                        match self.list(m, &arm.body)? {
                            Flow::Next if arm.falls => falling = true,
                            flow => return Ok(flow),
                        }
                    }
                }
                Ok(Flow::Next)
            }
            Kind::Function { name, body } => {
                self.functions.insert(name.clone(), Rc::clone(body));
                self.status = 0;
                Ok(Flow::Next)
            }
            Kind::Arith(word) => {
                let value = self.arith(m, word)?;
                self.status = u8::from(value == Some(0));
                Ok(Flow::Next)
            }
            Kind::Test(words) => {
                self.status = builtin::double_bracket(self, m, words)?;
                Ok(Flow::Next)
            }
        }
    }

    fn condition(&mut self, m: &mut Machine<'_>, test: &List) -> Eval {
        self.lenient += 1;
        let flow = self.list(m, test);
        self.lenient -= 1;
        flow
    }

    fn while_loop(&mut self, m: &mut Machine<'_>, until: bool, test: &List, body: &List) -> Eval {
        let mut status = 0;
        self.loops += 1;
        let flow = loop {
            m.spend(2)?;
            match self.condition(m, test) {
                Ok(Flow::Next) => {}
                Ok(Flow::Break(1)) => break Ok(Flow::Next),
                other => break other.map(outer),
            }
            if (self.status == 0) == until {
                break Ok(Flow::Next);
            }
            match self.list(m, body) {
                Ok(Flow::Next | Flow::Continue(1)) => status = self.status,
                Ok(Flow::Break(1)) => {
                    status = self.status;
                    break Ok(Flow::Next);
                }
                other => break other.map(outer),
            }
        };
        self.loops -= 1;
        if matches!(flow, Ok(Flow::Next)) {
            self.status = status;
        }
        flow
    }

    fn for_loop(&mut self, m: &mut Machine<'_>, name: &str, items: Vec<String>, body: &List) -> Eval {
        for item in items {
            m.spend(2)?;
            self.assign(m, name, item)?;
            match self.list(m, body)? {
                Flow::Next | Flow::Continue(1) => {}
                Flow::Break(1) => break,
                other => return Ok(outer(other)),
            }
        }
        Ok(Flow::Next)
    }

    /// The output of commands, without line feeds at its end.
    pub(crate) fn substitute(&mut self, m: &mut Machine<'_>, list: &Rc<List>) -> Result<String, Halt> {
        let bytes = self.substitute_raw(m, list)?;
        let text = String::from_utf8_lossy(&bytes).replace('\0', "");
        Ok(text.trim_end_matches('\n').to_owned())
    }

    pub(crate) fn substitute_raw(&mut self, m: &mut Machine<'_>, list: &Rc<List>) -> Result<Vec<u8>, Halt> {
        self.enter(m)?;
        let mut child = self.subshell();
        if self.dialect == Dialect::Bash {
            child.options.errexit = false;
        }
        let pipe = m.pipe();
        child.fds.insert(1, pipe);
        child.ended(m, |shell, m| shell.list(m, list))?;
        m.depth -= 1;
        self.substituted = Some(child.status);
        self.status = child.status;
        Ok(m.drain(pipe))
    }

    fn value_of(&mut self, m: &mut Machine<'_>, assign: &Assign) -> Result<Value, Halt> {
        Ok(match &assign.value {
            AssignValue::Word(word) => {
                let mut text = self.assigned_text(m, word)?;
                if assign.append && assign.index.is_none() {
                    text = format!("{}{text}", self.get(&assign.name).unwrap_or_default());
                }
                Value::Text(text)
            }
            AssignValue::Array(words) => {
                let mut items = self.fields(m, words)?;
                if assign.append {
                    let mut old = match self.vars.get(&assign.name).map(|var| &var.value) {
                        Some(Value::Array(old)) => old.clone(),
                        Some(Value::Text(text)) => vec![text.clone()],
                        None => Vec::new(),
                    };
                    old.append(&mut items);
                    items = old;
                }
                Value::Array(items)
            }
        })
    }

    /// The value of an assignment: tildes after colons count too.
    fn assigned_text(&mut self, m: &mut Machine<'_>, word: &Word) -> Result<String, Halt> {
        self.single(m, word)
    }

    fn perform(&mut self, m: &mut Machine<'_>, assign: &Assign) -> Result<String, Halt> {
        let value = self.value_of(m, assign)?;
        self.writable(m, &assign.name)?;
        m.spend(2)?;
        let shown = match &value {
            Value::Text(text) => text.clone(),
            Value::Array(items) => format!("({})", items.join(" ")),
        };
        match (value, &assign.index) {
            (Value::Text(text), Some(index)) => {
                let at = self.arith(m, index)?.unwrap_or(0);
                let at = usize::try_from(at).unwrap_or(0);
                if at > 100_000 {
                    return Err(Halt::Fuel);
                }
                let var = self.vars.entry(assign.name.clone()).or_insert(Var {
                    value: Value::Array(Vec::new()),
                    exported: false,
                    readonly: false,
                });
                if let Value::Text(old) = &var.value {
                    var.value = Value::Array(vec![old.clone()]);
                }
                if let Value::Array(items) = &mut var.value {
                    if items.len() <= at {
                        items.resize(at + 1, String::new());
                    }
                    if let Some(item) = items.get_mut(at) {
                        *item = text;
                    }
                }
            }
            (Value::Text(text), None) => self.assign(m, &assign.name, text)?,
            (value @ Value::Array(_), _) => {
                let exported = self.vars.get(&assign.name).is_some_and(|var| var.exported);
                self.vars.insert(assign.name.clone(), Var { value, exported, readonly: false });
            }
        }
        Ok(shown)
    }

    fn simple(
        &mut self,
        m: &mut Machine<'_>,
        assigns: &[Assign],
        words: &[Word],
        redirects: &[Redirect],
    ) -> Eval {
        self.substituted = None;
        let line = self.line;
        let declares = words
            .first()
            .and_then(Word::plain)
            .is_some_and(|name| matches!(name, "export" | "readonly" | "local" | "declare" | "typeset"));
        let mut argv = if declares { self.declared_fields(m, words)? } else { self.fields(m, words)? };
        self.line = line;
        if let Some(alias) = argv.first().and_then(|first| self.aliases.get(first)).cloned()
            && self.dialect != Dialect::Bash
        {
            let rest = argv.split_off(1);
            argv = alias.split_whitespace().map(str::to_owned).chain(rest).collect();
        }
        if argv.is_empty() {
            return self.only_assigns(m, assigns, redirects);
        }
        let name = argv.first().cloned().unwrap_or_default();
        let mut pairs = Vec::new();
        for assign in assigns {
            let value = match self.value_of(m, assign)? {
                Value::Text(text) => text,
                Value::Array(items) => items.first().cloned().unwrap_or_default(),
            };
            pairs.push((assign.name.clone(), value));
        }
        self.xtrace(m, &pairs, &argv)?;
        if name == "exec" && argv.len() == 1 {
            match self.redirected(m, redirects)? {
                Ok(fds) => {
                    self.fds = fds;
                    self.status = 0;
                }
                Err(code) => return Ok(self.redirect_failed(code, true)),
            }
            return Ok(Flow::Next);
        }
        let special = builtin::is_special(&name) && !self.functions.contains_key(&name);
        let fds = match self.redirected(m, redirects)? {
            Ok(fds) => fds,
            Err(code) => return Ok(self.redirect_failed(code, special)),
        };
        if let Some(body) = self.functions.get(&name).cloned() {
            return self.call(m, &body, argv, pairs, fds);
        }
        if builtin::is_builtin(self, &name) {
            let outer_fds = std::mem::replace(&mut self.fds, fds);
            let saved: Vec<(String, Option<Var>)> =
                pairs.iter().map(|(name, _)| (name.clone(), self.vars.get(name).cloned())).collect();
            for (name, value) in pairs {
                self.assign(m, &name, value)?;
                if let Some(var) = self.vars.get_mut(&name) {
                    var.exported = true;
                }
            }
            let flow = builtin::run(self, m, &argv);
            if !special || self.dialect == Dialect::Bash {
                for (name, var) in saved {
                    self.restore(name, var);
                }
            }
            if name != "exec" {
                self.fds = outer_fds;
            }
            return flow;
        }
        self.external(m, argv, pairs, fds)
    }

    pub(crate) fn restore(&mut self, name: String, var: Option<Var>) {
        match var {
            Some(var) => {
                self.vars.insert(name, var);
            }
            None => {
                self.vars.remove(&name);
            }
        }
    }

    fn redirect_failed(&mut self, code: u8, special: bool) -> Flow {
        self.status = code;
        if special && self.dialect != Dialect::Bash { Flow::Exit } else { Flow::Next }
    }

    /// The fields of `export a=$b`: values are not split where the shell knows the builtin.
    fn declared_fields(&mut self, m: &mut Machine<'_>, words: &[Word]) -> Result<Vec<String>, Halt> {
        let mut out = Vec::new();
        for word in words {
            let assigns = matches!(word.0.first(), Some(super::syntax::Part::Text(text))
                if text.split_once('=').is_some_and(|(name, _)| super::parse::valid_name(name)));
            if assigns {
                let text = self.single(m, word)?;
                out.push(text);
            } else {
                out.extend(self.fields(m, std::slice::from_ref(word))?);
            }
        }
        Ok(out)
    }

    fn only_assigns(&mut self, m: &mut Machine<'_>, assigns: &[Assign], redirects: &[Redirect]) -> Eval {
        if !redirects.is_empty()
            && let Err(code) = self.redirected(m, redirects)?
        {
            self.status = code;
            return Ok(Flow::Next);
        }
        let mut shown = Vec::new();
        for assign in assigns {
            let text = self.perform(m, assign)?;
            shown.push((assign.name.clone(), text));
        }
        self.xtrace(m, &shown, &[])?;
        self.status = self.substituted.take().unwrap_or(0);
        Ok(Flow::Next)
    }

    fn xtrace(
        &mut self,
        m: &mut Machine<'_>,
        pairs: &[(String, String)],
        argv: &[String],
    ) -> Result<(), Halt> {
        if !self.options.xtrace || (pairs.is_empty() && argv.is_empty()) {
            return Ok(());
        }
        let dialect = self.dialect;
        let quote = |text: &str| match dialect {
            Dialect::Dash => text.to_owned(),
            Dialect::Ash => quoted_as_ash(text),
            Dialect::Bash => quoted_if_needed(text),
        };
        let prompt = self.get("PS4").unwrap_or_else(|| "+ ".to_owned());
        let mut line = prompt.clone();
        let mut words: Vec<String> = pairs
            .iter()
            .map(|(name, value)| {
                format!("{name}={}", if value.is_empty() { String::new() } else { quote(value) })
            })
            .collect();
        if self.dialect == Dialect::Bash {
            for word in std::mem::take(&mut words) {
                self.write_error(m, &format!("{prompt}{word}\n"))?;
            }
            if argv.is_empty() {
                return Ok(());
            }
        }
        words.extend(argv.iter().map(|word| quote(word)));
        line.push_str(&words.join(" "));
        line.push('\n');
        self.write_error(m, &line)
    }

    fn call(
        &mut self,
        m: &mut Machine<'_>,
        body: &Rc<Command>,
        argv: Vec<String>,
        pairs: Vec<(String, String)>,
        fds: Fds,
    ) -> Eval {
        let outer_fds = std::mem::replace(&mut self.fds, fds);
        let mut args = argv;
        args.remove(0);
        let positional = std::mem::replace(&mut self.positional, args);
        let loops = std::mem::take(&mut self.loops);
        let mut saved = Vec::new();
        for (name, value) in pairs {
            saved.push((name.clone(), self.vars.get(&name).cloned()));
            self.export(&name, value);
        }
        self.locals.push(saved);
        let flow = self.command(m, body);
        for (name, var) in self.locals.pop().unwrap_or_default().into_iter().rev() {
            self.restore(name, var);
        }
        self.loops = loops;
        self.positional = positional;
        self.fds = outer_fds;
        match flow? {
            Flow::Return | Flow::Next | Flow::Break(_) | Flow::Continue(_) => Ok(Flow::Next),
            Flow::Exit => Ok(Flow::Exit),
        }
    }

    /// The environment of programs.
    pub(crate) fn environment(&self) -> BTreeMap<String, String> {
        let exported = self.vars.iter().filter(|(_, var)| var.exported);
        exported
            .filter_map(|(name, var)| match &var.value {
                Value::Text(text) => Some((name.clone(), text.clone())),
                Value::Array(_) => None,
            })
            .collect()
    }

    pub(crate) fn spec(&self, argv: Vec<String>, fds: Fds) -> Spec {
        Spec {
            argv,
            env: self.environment(),
            cwd: self.cwd.clone(),
            cred: self.cred.clone(),
            umask: self.umask,
            fds,
        }
    }

    /// The implementation that this shell's builtins follow.
    pub(crate) fn flavor(&self) -> Flavor {
        if self.dialect == Dialect::Ash { Flavor::BusyBox } else { Flavor::Gnu }
    }

    pub(crate) fn find(&self, m: &Machine<'_>, name: &str) -> Found {
        let path = self.get("PATH").unwrap_or_default();
        exec::find(m, name, &path, &self.cwd, &self.cred)
    }

    fn external(
        &mut self,
        m: &mut Machine<'_>,
        argv: Vec<String>,
        pairs: Vec<(String, String)>,
        fds: Fds,
    ) -> Eval {
        let name = argv.first().cloned().unwrap_or_default();
        let path_var = pairs.iter().rev().find(|(name, _)| name == "PATH").map(|(_, path)| path.clone());
        let path = path_var.or_else(|| self.get("PATH")).unwrap_or_default();
        let found = if name.contains(UNKNOWN) {
            Found::MayExist(name.clone())
        } else {
            exec::find(m, &name, &path, &self.cwd, &self.cred)
        };
        let mut spec = self.spec(argv, fds);
        spec.env.extend(pairs);
        if self.dialect == Dialect::Bash
            && let Found::At(path) = &found
        {
            spec.env.insert("_".to_owned(), path.clone());
        }
        self.status = match found {
            Found::At(path) => {
                let code = exec::run(m, spec, &path)?;
                if code == 127
                    && let Some(interpreter) = missing_interpreter(m, &path)
                {
                    let text = if self.dialect == Dialect::Bash {
                        format!("{name}: {interpreter}: bad interpreter: No such file or directory")
                    } else {
                        format!("{name}: not found")
                    };
                    self.complain(m, &text)?;
                    if self.dialect == Dialect::Bash { 126 } else { 127 }
                } else {
                    code
                }
            }
            Found::MayExist(path) => exec::run_unlisted(m, spec, &path)?,
            Found::Missing => {
                let text = match self.dialect {
                    Dialect::Bash if name.contains('/') => format!("{name}: No such file or directory"),
                    Dialect::Bash => format!("{name}: command not found"),
                    Dialect::Ash | Dialect::Dash => format!("{name}: not found"),
                };
                let prefix = self.prefix();
                if let Some(stderr) = spec.fds.get(&2) {
                    m.write(*stderr, format!("{prefix}{text}\n").as_bytes())?;
                }
                127
            }
            Found::Denied { directory } => {
                let why = if directory && self.dialect == Dialect::Bash {
                    "Is a directory"
                } else {
                    "Permission denied"
                };
                let prefix = self.prefix();
                if let Some(stderr) = spec.fds.get(&2) {
                    m.write(*stderr, format!("{prefix}{name}: {why}\n").as_bytes())?;
                }
                126
            }
        };
        Ok(Flow::Next)
    }

    /// The open files after some redirections; or the exit code after a message.
    pub(crate) fn redirected(
        &mut self,
        m: &mut Machine<'_>,
        redirects: &[Redirect],
    ) -> Result<Result<Fds, u8>, Halt> {
        let mut fds = self.fds.clone();
        for redirect in redirects {
            m.spend(2)?;
            let default = match redirect.op {
                RedirectOp::Read
                | RedirectOp::ReadWrite
                | RedirectOp::DupIn
                | RedirectOp::HereDoc
                | RedirectOp::HereString => 0,
                _ => 1,
            };
            let fd = redirect.fd.unwrap_or(default);
            let target = match redirect.op {
                RedirectOp::HereDoc => {
                    let body =
                        redirect.body.as_ref().and_then(|body| body.get()).cloned().unwrap_or_default();
                    let text = self.single(m, &body)?;
                    let stream = m.open(Stream::Data { bytes: text.into_bytes(), pos: 0 });
                    fds.insert(fd, stream);
                    continue;
                }
                _ => self.single(m, &redirect.target)?,
            };
            let opened = match redirect.op {
                RedirectOp::HereDoc => continue,
                RedirectOp::HereString => {
                    m.open(Stream::Data { bytes: format!("{target}\n").into_bytes(), pos: 0 })
                }
                RedirectOp::DupIn | RedirectOp::DupOut => {
                    if target == "-" {
                        fds.remove(&fd);
                        continue;
                    }
                    match target.parse::<u32>() {
                        Ok(from) => match fds.get(&from) {
                            Some(stream) => *stream,
                            None => {
                                let text = match self.dialect {
                                    Dialect::Ash | Dialect::Bash => format!("{from}: Bad file descriptor"),
                                    Dialect::Dash => format!("{from}: Bad file descriptor"),
                                };
                                self.complain(m, &text)?;
                                return Ok(Err(self.redirect_code()));
                            }
                        },
                        Err(_) if redirect.op == RedirectOp::DupOut && redirect.fd.is_none() => {
                            match self.open_write(m, &target, false, &fds)? {
                                Ok(stream) => {
                                    fds.insert(2, stream);
                                    stream
                                }
                                Err(code) => return Ok(Err(code)),
                            }
                        }
                        Err(_) => {
                            self.complain(m, "syntax error: bad fd number")?;
                            return Ok(Err(self.redirect_code()));
                        }
                    }
                }
                RedirectOp::Read | RedirectOp::ReadWrite => match self.open_read(m, &target, &fds)? {
                    Ok(stream) => stream,
                    Err(code) => return Ok(Err(code)),
                },
                RedirectOp::Write
                | RedirectOp::Clobber
                | RedirectOp::Append
                | RedirectOp::Both
                | RedirectOp::BothAppend => {
                    let append = matches!(redirect.op, RedirectOp::Append | RedirectOp::BothAppend);
                    match self.open_write(m, &target, append, &fds)? {
                        Ok(stream) => {
                            if matches!(redirect.op, RedirectOp::Both | RedirectOp::BothAppend) {
                                fds.insert(2, stream);
                            }
                            stream
                        }
                        Err(code) => return Ok(Err(code)),
                    }
                }
            };
            fds.insert(fd, opened);
        }
        Ok(Ok(fds))
    }

    fn redirect_code(&self) -> u8 {
        if self.dialect == Dialect::Dash { 2 } else { 1 }
    }

    fn open_read(&mut self, m: &mut Machine<'_>, target: &str, fds: &Fds) -> Result<Result<usize, u8>, Halt> {
        if let Some(stream) = device_fd(target).and_then(|fd| fds.get(&fd)) {
            return Ok(Ok(*stream));
        }
        let path = absolute(&self.cwd, target);
        let cred = self.cred.clone();
        match m.read(&cred, &path) {
            Ok(Ok(bytes)) => Ok(Ok(m.open(Stream::Data { bytes, pos: 0 }))),
            Ok(Err(Errno::IsDir)) => Ok(Ok(m.pipe())),
            Ok(Err(errno)) => {
                let text = match self.dialect {
                    Dialect::Ash => format!("can't open {target}: {}", short(errno, "no such file")),
                    Dialect::Dash => format!("cannot open {target}: {}", short(errno, "No such file")),
                    Dialect::Bash => format!("{target}: {}", errno.text()),
                };
                self.complain(m, &text)?;
                Ok(Err(self.redirect_code()))
            }
            Err(Halt::Unknown(why)) => {
                let cwd = self.cwd.clone();
                m.note_unknown(format!("< {target}"), why, true, &cwd);
                let bytes = format!("{UNKNOWN}\n").into_bytes();
                Ok(Ok(m.open(Stream::Data { bytes, pos: 0 })))
            }
            Err(halt) => Err(halt),
        }
    }

    fn open_write(
        &mut self,
        m: &mut Machine<'_>,
        target: &str,
        append: bool,
        fds: &Fds,
    ) -> Result<Result<usize, u8>, Halt> {
        if let Some(stream) = device_fd(target).and_then(|fd| fds.get(&fd)) {
            return Ok(Ok(*stream));
        }
        if target == "/dev/tty" {
            return Ok(Ok(m.open(Stream::Null)));
        }
        let path = absolute(&self.cwd, target);
        if super::fs::is_device(&path) {
            return Ok(Ok(m.open(Stream::Null)));
        }
        let errno = match self.create(m, &path, append) {
            Ok(Ok(path)) => return Ok(Ok(m.open(Stream::File { path, append, pos: 0 }))),
            Ok(Err(errno)) => errno,
            Err(Halt::Unknown(why)) => {
                // The directory may have been made by a command without a model.
                let cwd = self.cwd.clone();
                m.note_unknown(format!("> {target}"), why, true, &cwd);
                return Ok(Ok(m.open(Stream::Null)));
            }
            Err(halt) => return Err(halt),
        };
        let text = match self.dialect {
            Dialect::Ash => format!("can't create {target}: {}", short(errno, "nonexistent directory")),
            Dialect::Dash => format!("cannot create {target}: {}", short(errno, "Directory nonexistent")),
            Dialect::Bash => format!("{target}: {}", errno.text()),
        };
        self.complain(m, &text)?;
        Ok(Err(self.redirect_code()))
    }

    fn create(&mut self, m: &mut Machine<'_>, path: &str, append: bool) -> super::machine::Sys<String> {
        use super::fs::sys;
        if path.contains(UNKNOWN) {
            return Err(Halt::Unknown(Why::Content(path.to_owned())));
        }
        let found = sys!(m.resolve(path, true));
        let cred = self.cred.clone();
        match &found.node {
            Some(Node::File(file)) if append => {
                if !cred.may(file.meta, 2) {
                    return Ok(Err(Errno::Access));
                }
            }
            _ => sys!(m.write_content(&cred, path, Content::bytes([]), 0o666 & !self.umask)),
        }
        Ok(Ok(found.path))
    }
}

/// `no such file` for what is missing, the kernel's words for the rest.
fn short(errno: Errno, missing: &'static str) -> &'static str {
    if matches!(errno, Errno::NoEntry | Errno::NotDir) { missing } else { errno.text() }
}

fn device_fd(path: &str) -> Option<u32> {
    match path {
        "/dev/stdin" => Some(0),
        "/dev/stdout" => Some(1),
        "/dev/stderr" => Some(2),
        _ => path.strip_prefix("/dev/fd/").or_else(|| path.strip_prefix("/proc/self/fd/"))?.parse().ok(),
    }
}

fn missing_interpreter(m: &Machine<'_>, path: &str) -> Option<String> {
    let file = m.tree.read(path).ok()?;
    let first = file.content.known()?.split(|b| *b == b'\n').next()?.strip_prefix(b"#!")?;
    let text = String::from_utf8_lossy(first).trim().to_owned();
    let interpreter = text.split_whitespace().next()?.to_owned();
    (!m.tree.exists(&interpreter)).then_some(interpreter)
}

/// Whether `set -e` looks at this pipeline's code.
fn counts(pipeline: &Pipeline) -> bool {
    match pipeline.commands.as_slice() {
        [command] => {
            matches!(command.kind, Kind::Simple { .. } | Kind::Subshell(_) | Kind::Arith(_) | Kind::Test(_))
        }
        _ => true,
    }
}

/// A loop lets through what is meant for the loops around it.
fn outer(flow: Flow) -> Flow {
    match flow {
        Flow::Break(n) if n > 1 => Flow::Break(n - 1),
        Flow::Continue(n) if n > 1 => Flow::Continue(n - 1),
        flow => flow,
    }
}

/// A pattern against a text of which pieces may be unknown: an unknown text matches only what matches all.
fn matches_any(pattern: &str, text: &str) -> bool {
    pattern::matches(pattern, text)
}

/// A word as `set -x` of bash and BusyBox shows it.
pub(crate) fn quoted_if_needed(text: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%^+,".contains(c) || !c.is_ascii();
    if text.is_empty() {
        return "''".to_owned();
    }
    if text.chars().all(safe) { text.to_owned() } else { single_quoted(text) }
}

/// A word as `set -x` of BusyBox shows it.
fn quoted_as_ash(text: &str) -> String {
    let odd = |c: char| c <= '*' || "<=>?;[\\`{|}~".contains(c) || c == '\u{7f}';
    if !text.is_empty() && !text.contains(odd) { text.to_owned() } else { single_quoted(text) }
}

/// A word in single quotes.
pub(crate) fn single_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
