//! Walks the syntax and does what it says.

mod compound;
mod error;
mod quoting;
mod redirect;
mod simple;
mod start;

pub(crate) use self::quoting::{quoted_as_bash, quoted_if_needed};
pub(crate) use self::start::main;

use self::quoting::quoted_as_ash;
use super::Why;
use super::exec::Spec;
use super::machine::{Cred, Errno, Fds, Halt, MAX_DEPTH, Machine, is_unknown};
use super::parse::{Dialect, Parser};
use super::pattern;
use super::process::{Run, absolute};
use super::syntax::{AndOr, Command, Kind, List, Pipeline};
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

impl Shell {
    /// `$-`, each shell with an order of its own.
    pub(crate) fn option_letters(&self) -> String {
        let order = match self.dialect {
            Dialect::Ash => "uaCxcsfe",
            Dialect::Dash => "uaCxsfe",
            Dialect::Bash => "aefhuxBCcs",
        };
        let on = |letter: &char| match letter {
            'a' => self.options.allexport,
            'C' => self.options.noclobber,
            'e' => self.options.errexit,
            'f' => self.options.noglob,
            'u' => self.options.nounset,
            'x' => self.options.xtrace,
            'h' | 'B' => true,
            letter => *letter == self.how,
        };
        order.chars().filter(on).collect()
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
    /// The other traps, by the signal's name; they are listed and never run.
    pub(crate) traps: BTreeMap<String, String>,
    pub(crate) loops: u32,
    /// Variables to be put back when functions return.
    pub(crate) locals: Vec<Vec<(String, Option<Var>)>>,
    /// Whether `return` has a place to return from.
    pub(crate) sourced: u32,
    /// The file that is read by `.`, as it was named.
    pub(crate) source: Option<String>,
    pub(crate) line: u32,
    pub(crate) pid: u32,
    pub(crate) background: Option<u32>,
    /// What ran in the background: process and exit code.
    pub(crate) jobs: Vec<(u32, u8)>,
    /// Where the script comes from: `c` for a text, `s` for standard input.
    pub(crate) how: char,
    /// Programs that were looked up, as far as a message tells.
    pub(crate) hashed: Vec<String>,
    /// Aliases as they were when the line was read that runs now.
    seen_aliases: Rc<BTreeMap<String, String>>,
    /// `set -e` is not looked at.
    pub(crate) lenient: u32,
    /// Of the last command substitution of a command without a name.
    substituted: Option<u8>,
    /// It is a subshell of another one.
    pub(crate) nested: bool,
    /// What `eval` runs is being run: the line that its own lines are counted from, for BusyBox's messages.
    pub(crate) evals: Option<u32>,
    /// How often bash repeats the first letter of `PS4`.
    pub(crate) trace_depth: usize,
    /// What ends with an error ends with its line, in bash.
    pub(crate) discards: bool,
    /// A variable that arithmetic found not to be set, where that is an error.
    pub(crate) unbound: Option<String>,
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
            traps: BTreeMap::new(),
            loops: 0,
            locals: Vec::new(),
            sourced: 0,
            source: None,
            line: 1,
            pid: 1,
            background: None,
            jobs: Vec::new(),
            how: ' ',
            hashed: Vec::new(),
            seen_aliases: Rc::default(),
            lenient: 0,
            substituted: None,
            nested: false,
            evals: None,
            trace_depth: 1,
            unbound: None,
            discards: false,
        };
        for (name, value) in &spec.env {
            let var = Var { value: Value::Text(value.clone()), exported: true, readonly: false };
            shell.vars.insert(name.clone(), var);
        }
        shell.put("IFS", " \t\n".to_owned());
        if let Some(var) = shell.vars.get_mut("IFS") {
            var.exported = false;
        }
        if !shell.vars.contains_key("PATH") {
            let path = match dialect {
                Dialect::Ash => "/sbin:/usr/sbin:/bin:/usr/bin",
                Dialect::Dash | Dialect::Bash => {
                    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
                }
            };
            shell.put("PATH", path.to_owned());
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
            return self.discard();
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
        let (name, line) = (&self.name0, self.line);
        if let Some(first) = self.evals {
            match self.dialect {
                Dialect::Ash => return format!("{name}: eval: line {}: ", first + line.saturating_sub(1)),
                Dialect::Dash => return format!("{name}: {line}: eval: "),
                Dialect::Bash => {}
            }
        }
        if let Some(file) = &self.source {
            return match self.dialect {
                Dialect::Ash => format!("{name}: {file}: line {line}: "),
                Dialect::Dash => format!("{name}: {line}: {file}: "),
                Dialect::Bash => format!("{file}: line {line}: "),
            };
        }
        self.own_prefix()
    }

    fn own_prefix(&self) -> String {
        match self.dialect {
            Dialect::Ash if self.file => format!("{}: line {}: ", self.name0, self.line),
            Dialect::Ash => format!("{}: ", self.name0),
            Dialect::Dash => format!("{}: {}: ", self.name0, self.line),
            // What a function of a script without a file says has no name.
            Dialect::Bash if self.how == 'c' && !self.locals.is_empty() => {
                format!("environment: line {}: ", self.line)
            }
            Dialect::Bash => format!("{}: line {}: ", self.name0, self.line),
        }
    }

    /// What the messages of this shell's builtins begin with.
    pub(crate) fn builtin_prefix(&self, name: &str) -> String {
        match self.dialect {
            Dialect::Ash => {
                let reads = self.file || self.source.is_some();
                let line = if reads { self.line } else { self.line.saturating_sub(1) };
                format!("{}: {name}: line {line}: ", self.name0)
            }
            Dialect::Dash => format!("{}{name}: ", self.own_prefix()),
            Dialect::Bash => format!("{}{name}: ", self.prefix()),
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
        self.run_text(m, script, 1).map(|(flow, _)| flow)
    }

    /// As [`Shell::run_script`], lines counted from `line`; gives also whether it ended in a syntax error.
    pub(crate) fn run_text(
        &mut self,
        m: &mut Machine<'_>,
        script: &str,
        line: u32,
    ) -> Result<(Flow, bool), Halt> {
        m.spend(1 + script.len() as u64 / 16)?;
        let mut parser = Parser::from_line(script, self.dialect, line);
        loop {
            let next = parser.next_command();
            for (line, delimiter) in std::mem::take(&mut parser.endless) {
                if self.dialect == Dialect::Bash {
                    let (last, was) = (parser.line(), self.line);
                    self.line = last;
                    let text = format!(
                        "warning: here-document at line {line} delimited by end-of-file (wanted `{delimiter}')"
                    );
                    self.complain(m, &text)?;
                    self.line = was;
                }
            }
            match next {
                Ok(None) => return Ok((Flow::Next, false)),
                Ok(Some(_)) if self.options.noexec => {}
                Ok(Some(list)) => {
                    if *self.seen_aliases != self.aliases {
                        self.seen_aliases = Rc::new(self.aliases.clone());
                    }
                    let flow = match self.list(m, &list) {
                        // Bash goes on with the next line.
                        Err(Halt::Exit(code)) if std::mem::take(&mut self.discards) => {
                            self.status = code;
                            continue;
                        }
                        flow => flow?,
                    };
                    match flow {
                        Flow::Next => {}
                        flow => return Ok((flow, false)),
                    }
                }
                Err(error) => {
                    self.line = error.line.max(parser.line().min(error.line));
                    self.syntax_error(m, &error, script)?;
                    self.status = 2;
                    return Ok((Flow::Exit, true));
                }
            }
        }
    }

    pub(crate) fn list(&mut self, m: &mut Machine<'_>, list: &List) -> Eval {
        for (item, background) in &list.0 {
            if *background {
                let mut child = self.subshell();
                child.ended(m, |shell, m| shell.and_or(m, item))?;
                let process = m.number() + 1;
                self.background = Some(process);
                self.jobs.push((process, child.status));
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
        child.nested = true;
        child.traps.retain(|_, action| action.is_empty());
        child.jobs.clear();
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
        // In BusyBox even what `return` gives is turned.
        let turned = match &flow {
            Ok(Flow::Next) => true,
            Ok(Flow::Return) => self.dialect == Dialect::Ash,
            _ => false,
        };
        if pipeline.negated && turned {
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

    /// Gives up a command in the way of an expansion that is none.
    pub(crate) fn discard<T>(&mut self) -> Result<T, Halt> {
        self.discards = self.dialect == Dialect::Bash;
        Err(Halt::Exit(self.usage_code()))
    }

    /// With what a builtin fails that was called in a wrong way.
    pub(crate) fn usage_code(&self) -> u8 {
        if self.dialect == Dialect::Bash { 1 } else { 2 }
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
