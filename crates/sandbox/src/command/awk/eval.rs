//! Runs a program over its input.

use super::array::Array;
use super::value::Value;
use super::{Expr, Function, Program, Stmt, When};
use crate::command::regex::Regex;
use crate::shell::Why;
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};
use std::collections::BTreeMap;

/// Why a statement did not lead to the next one.
pub(super) enum Stop {
    Halt(Halt),
    Next,
    Exit,
    Return(Value),
    Break,
    Continue,
    /// An error of the program in the words of its interpreter.
    Error(&'static str),
}

impl From<Halt> for Stop {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

pub(super) type Eval<T> = Result<T, Stop>;

/// A parameter: its value, and the array that it names.
pub(super) struct Local {
    pub(super) name: String,
    pub(super) value: Value,
    pub(super) array: String,
}

/// What is read line by line.
pub(super) struct Reader {
    pub(super) bytes: Vec<u8>,
    pub(super) at: usize,
}

pub(super) struct Awk<'e, 'p, 'a> {
    pub(super) p: &'e mut Process<'p, 'a>,
    pub(super) functions: &'e [Function],
    pub(super) globals: BTreeMap<String, Value>,
    pub(super) arrays: BTreeMap<String, Array>,
    pub(super) frames: Vec<Vec<Local>>,
    /// `$0` and what it is split into; the fields are made when they are asked for.
    pub(super) line: String,
    pub(super) fields: Option<Vec<Value>>,
    /// `$0` has to be joined anew.
    pub(super) stale: bool,
    pub(super) files: Vec<String>,
    pub(super) next_file: usize,
    pub(super) input: Option<Reader>,
    pub(super) read_any: bool,
    pub(super) readers: Vec<(String, Reader)>,
    /// Files and commands that were written to: kind, name, bytes.
    pub(super) sinks: Vec<(char, String, Vec<u8>)>,
    pub(super) regexes: BTreeMap<String, Regex>,
    pub(super) inside: Vec<bool>,
    pub(super) code: u8,
    pub(super) counter: u32,
}

pub(super) fn execute(
    p: &mut Process<'_, '_>,
    program: &Program,
    separator: Option<String>,
    assigns: &[String],
    files: Vec<String>,
) -> Run {
    let environment: Vec<(String, String)> = p.env.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
    let mut awk = Awk {
        p,
        functions: &program.functions,
        globals: BTreeMap::new(),
        arrays: BTreeMap::new(),
        frames: Vec::new(),
        line: String::new(),
        fields: None,
        stale: false,
        files,
        next_file: 0,
        input: None,
        read_any: false,
        readers: Vec::new(),
        sinks: Vec::new(),
        regexes: BTreeMap::new(),
        inside: vec![false; program.rules.len()],
        code: 0,
        counter: 0,
    };
    for (name, value) in [("FS", " "), ("OFS", " "), ("ORS", "\n"), ("RS", "\n"), ("SUBSEP", "\x1c")] {
        awk.globals.insert(name.to_owned(), Value::Text(value.to_owned()));
    }
    for name in ["NR", "FNR"] {
        awk.globals.insert(name.to_owned(), Value::Number(0.0));
    }
    let argv: Vec<String> = std::iter::once("awk".to_owned()).chain(awk.files.iter().cloned()).collect();
    awk.globals.insert("ARGC".to_owned(), Value::Number(argv.len() as f64));
    for (at, arg) in argv.into_iter().enumerate() {
        awk.arrays.entry("ARGV".to_owned()).or_default().set(&at.to_string(), Value::Input(arg));
    }
    for (name, value) in environment {
        awk.arrays.entry("ENVIRON".to_owned()).or_default().set(&name, Value::Input(value));
    }
    if let Some(separator) = separator {
        let separator =
            if separator == "t" && !awk.p.busybox() { "\t".to_owned() } else { escaped(&separator) };
        awk.globals.insert("FS".to_owned(), Value::Text(separator));
    }
    for assign in assigns {
        awk.command_line(assign);
    }
    let done = awk.whole(program).or_else(|stop| match stop {
        Stop::Halt(halt) => Err(halt),
        Stop::Error(text) => {
            awk.p.complain(text)?;
            awk.code = if awk.p.busybox() { 1 } else { 2 };
            Ok(())
        }
        _ => Ok(()),
    });
    done?;
    let sinks = std::mem::take(&mut awk.sinks);
    for sink in sinks {
        awk.close_sink(sink)?;
    }
    Ok(awk.code)
}

pub(super) fn escaped(text: &str) -> String {
    let (bytes, _) = crate::command::echo::unescape(text, false);
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Awk<'_, '_, '_> {
    pub(super) fn whole(&mut self, program: &Program) -> Eval<()> {
        let begin = |when: &When| matches!(when, When::Begin);
        let end = |when: &When| matches!(when, When::End);
        let mut exited = false;
        for (_, body) in program.rules.iter().filter(|(when, _)| begin(when)) {
            match self.block(body.as_deref().unwrap_or(&[])) {
                Err(Stop::Exit) => {
                    exited = true;
                    break;
                }
                done => done?,
            }
        }
        let reads = program.rules.iter().any(|(when, _)| !begin(when));
        while reads && !exited {
            let Some(line) = self.read_main()? else { break };
            self.set_line(line);
            match self.rules(program) {
                Err(Stop::Exit) => exited = true,
                Err(Stop::Next) => {}
                done => done?,
            }
        }
        for (_, body) in program.rules.iter().filter(|(when, _)| end(when)) {
            if exited && !reads {
                break;
            }
            match self.block(body.as_deref().unwrap_or(&[])) {
                Err(Stop::Exit) => break,
                done => done?,
            }
        }
        Ok(())
    }

    pub(super) fn rules(&mut self, program: &Program) -> Eval<()> {
        for (at, (when, body)) in program.rules.iter().enumerate() {
            let hit = match when {
                When::Begin | When::End => false,
                When::Always => true,
                When::Test(test) => self.eval(test)?.truth(),
                When::Range(from, to) => {
                    let was = self.inside.get(at).copied().unwrap_or(false);
                    let inside = was || self.eval(from)?.truth();
                    let stays = inside && !self.eval(to)?.truth();
                    if let Some(flag) = self.inside.get_mut(at) {
                        *flag = stays;
                    }
                    inside
                }
            };
            if hit {
                match body {
                    Some(body) => self.block(body)?,
                    None => self.print(&[], &None)?,
                }
            }
        }
        Ok(())
    }

    pub(super) fn block(&mut self, body: &[Stmt]) -> Eval<()> {
        body.iter().try_for_each(|stmt| self.stmt(stmt))
    }

    /// Runs the body of a loop; `true` if the loop ends.
    pub(super) fn turn(&mut self, body: &Stmt) -> Eval<bool> {
        self.p.m.spend(1)?;
        match self.stmt(body) {
            Ok(()) | Err(Stop::Continue) => Ok(false),
            Err(Stop::Break) => Ok(true),
            Err(stop) => Err(stop),
        }
    }

    pub(super) fn stmt(&mut self, stmt: &Stmt) -> Eval<()> {
        self.p.m.spend(1)?;
        match stmt {
            Stmt::Expr(expr) => self.eval(expr).map(drop),
            Stmt::Print(args, sink) => self.print(args, sink),
            Stmt::Printf(args, sink) => {
                let text = self.formatted(args)?;
                self.emit(&text, sink)
            }
            Stmt::If(test, yes, no) => {
                if self.eval(test)?.truth() {
                    self.stmt(yes)
                } else {
                    no.as_ref().map_or(Ok(()), |no| self.stmt(no))
                }
            }
            Stmt::While(test, body, after) => {
                let mut first = *after;
                while std::mem::take(&mut first) || self.eval(test)?.truth() {
                    if self.turn(body)? {
                        break;
                    }
                }
                Ok(())
            }
            Stmt::For(init, test, step, body) => {
                if let Some(init) = init {
                    self.stmt(init)?;
                }
                while match test {
                    Some(test) => self.eval(test)?.truth(),
                    None => true,
                } {
                    if self.turn(body)? {
                        break;
                    }
                    if let Some(step) = step {
                        self.stmt(step)?;
                    }
                }
                Ok(())
            }
            Stmt::ForIn(name, array, body) => {
                let array = self.array_name(array);
                let busybox = self.p.busybox();
                let keys = match self.arrays.get(&array) {
                    Some(array) if busybox => array.keys_by_hash(),
                    Some(array) => array.items.iter().map(|(key, _)| key.clone()).collect(),
                    None => Vec::new(),
                };
                if !busybox && keys.len() > 1 {
                    // The order of other implementations is not known.
                    self.p.m.at_least(crate::shell::Certainty::Modelled);
                }
                self.p.m.spend(keys.len() as u64)?;
                for key in keys {
                    self.set_name(name, Value::Input(key));
                    if self.turn(body)? {
                        break;
                    }
                }
                Ok(())
            }
            Stmt::Block(body) => self.block(body),
            Stmt::Next => Err(Stop::Next),
            Stmt::Exit(code) => {
                if let Some(code) = code {
                    self.code = self.eval(code)?.number() as i64 as u8;
                }
                Err(Stop::Exit)
            }
            Stmt::Return(value) => {
                let value = value.as_ref().map_or(Ok(Value::Unset), |value| self.eval(value))?;
                Err(Stop::Return(value))
            }
            Stmt::Break => Err(Stop::Break),
            Stmt::Continue => Err(Stop::Continue),
            Stmt::Delete(name, index) => {
                let name = self.array_name(name);
                match index {
                    Some(index) => {
                        let key = self.key(index)?;
                        if let Some(array) = self.arrays.get_mut(&name) {
                            array.remove(&key);
                        }
                    }
                    None => drop(self.arrays.remove(&name)),
                }
                Ok(())
            }
        }
    }

    // Variables.

    pub(super) fn local(&self, name: &str) -> Option<&Local> {
        self.frames.last()?.iter().find(|local| local.name == name)
    }

    pub(super) fn array_name(&self, name: &str) -> String {
        self.local(name).map_or_else(|| name.to_owned(), |local| local.array.clone())
    }

    pub(super) fn global(&self, name: &str) -> String {
        self.globals.get(name).map(Value::text).unwrap_or_default()
    }

    pub(super) fn set_name(&mut self, name: &str, value: Value) {
        let frame = self.frames.last_mut();
        if let Some(local) = frame.and_then(|frame| frame.iter_mut().find(|local| local.name == name)) {
            local.value = value;
            return;
        }
        if name == "NF" {
            self.split_fields();
            let count = (value.number().max(0.0) as usize).min(100_000);
            if let Some(fields) = &mut self.fields {
                fields.resize(count, Value::Input(String::new()));
            }
            self.stale = true;
            return;
        }
        self.globals.insert(name.to_owned(), value);
    }

    /// `name=value` of the command line.
    pub(super) fn command_line(&mut self, assign: &str) {
        if let Some((name, value)) = assign.split_once('=') {
            self.set_name(name, Value::Input(escaped(value)));
        }
    }

    pub(super) fn key(&mut self, index: &[Expr]) -> Eval<String> {
        let separator = self.global("SUBSEP");
        let mut key = String::new();
        for (at, part) in index.iter().enumerate() {
            if at > 0 {
                key.push_str(&separator);
            }
            key.push_str(&self.eval(part)?.text());
        }
        Ok(key)
    }

    pub(super) fn set(&mut self, place: &Expr, value: Value) -> Eval<()> {
        match place {
            Expr::Name(name) => self.set_name(name, value),
            Expr::Item(name, index) => {
                let key = self.key(index)?;
                let name = self.array_name(name);
                self.p.m.spend(1)?;
                self.arrays.entry(name).or_default().set(&key, value);
            }
            Expr::Field(index) => {
                let at = self.eval(index)?.number().max(0.0) as usize;
                if at == 0 {
                    self.set_line(value.text());
                    return Ok(());
                }
                if at > 100_000 {
                    return Err(Stop::Halt(Halt::Fuel));
                }
                self.split_fields();
                if let Some(fields) = &mut self.fields {
                    if fields.len() < at {
                        fields.resize(at, Value::Input(String::new()));
                    }
                    if let Some(field) = fields.get_mut(at - 1) {
                        *field = Value::Input(value.text());
                    }
                }
                self.stale = true;
            }
            _ => {}
        }
        Ok(())
    }

    // Expressions.

    pub(super) fn text(&mut self, expr: &Expr) -> Eval<String> {
        Ok(self.eval(expr)?.text())
    }

    pub(super) fn matches(&mut self, text: &str, pattern: &Expr) -> Eval<bool> {
        let pattern = match pattern {
            Expr::Regex(text) => text.clone(),
            other => self.text(other)?,
        };
        let regex = self.regex(&pattern)?;
        Ok(regex.is_match(self.p.m, text)?)
    }

    pub(super) fn eval(&mut self, expr: &Expr) -> Eval<Value> {
        self.p.m.spend(1)?;
        Ok(match expr {
            Expr::Number(value) => Value::Number(*value),
            Expr::Text(text) => Value::Text(text.clone()),
            Expr::Regex(_) => {
                let line = self.whole_line();
                self.matches(&line, expr)?.into()
            }
            Expr::Name(name) => {
                if let Some(local) = self.local(name) {
                    return Ok(local.value.clone());
                }
                if name == "NF" {
                    self.split_fields();
                    return Ok(Value::Number(self.fields.as_ref().map_or(0, Vec::len) as f64));
                }
                self.globals.get(name).cloned().unwrap_or_default()
            }
            Expr::Field(index) => {
                let at = self.eval(index)?.number();
                if at < 0.0 {
                    return Err(Stop::Error("cmd. line:1: Access to negative field"));
                }
                if at < 1.0 {
                    return Ok(Value::Input(self.whole_line()));
                }
                self.split_fields();
                self.fields.iter().flatten().nth(at as usize - 1).cloned().unwrap_or_default()
            }
            Expr::Item(name, index) => {
                let key = self.key(index)?;
                let name = self.array_name(name);
                self.p.m.spend(1)?;
                self.arrays.entry(name).or_default().get(&key)
            }
            Expr::In(index, name) => {
                let key = self.key(index)?;
                let name = self.array_name(name);
                self.arrays.get(&name).is_some_and(|array| array.index.contains_key(&key)).into()
            }
            Expr::Unary(op, inner) => {
                let value = self.eval(inner)?;
                match op {
                    '!' => (!value.truth()).into(),
                    '-' => Value::Number(-value.number()),
                    '+' => Value::Number(value.number()),
                    _ => value,
                }
            }
            Expr::Binary(op, left, right) => self.binary(op, left, right)?,
            Expr::Choice(test, yes, no) => {
                let hit = self.eval(test)?.truth();
                self.eval(if hit { yes } else { no })?
            }
            Expr::Assign(op, place, value) => {
                let mut value = self.eval(value)?;
                if *op != '=' {
                    let old = self.eval(place)?.number();
                    value = Value::Number(self.calculate(*op, old, value.number())?);
                }
                self.set(place, value.clone())?;
                value
            }
            Expr::Step(old_counts, by, place) => {
                let old = self.eval(place)?.number();
                self.set(place, Value::Number(old + by))?;
                Value::Number(if *old_counts { old } else { old + by })
            }
            Expr::Call(name, args) => self.call(name, args)?,
            Expr::Getline(source, into) => self.getline(source, into.as_deref())?,
        })
    }

    pub(super) fn calculate(&mut self, op: char, a: f64, b: f64) -> Eval<f64> {
        if matches!(op, '/' | '%') && b == 0.0 {
            return Err(Stop::Error(if self.p.busybox() {
                "cmd. line:1: Division by zero"
            } else {
                "division by zero"
            }));
        }
        if op == '^' {
            self.math()?;
        }
        Ok(match op {
            '+' => a + b,
            '-' => a - b,
            '*' => a * b,
            '/' => a / b,
            '%' => a % b,
            _ => a.powf(b),
        })
    }

    /// Debian's BusyBox has none.
    pub(super) fn math(&mut self) -> Eval<()> {
        if self.p.busybox() && self.p.m.standalone() {
            return Err(Stop::Error("cmd. line:1: Math support is not compiled in"));
        }
        Ok(())
    }

    pub(super) fn binary(&mut self, op: &str, left: &Expr, right: &Expr) -> Eval<Value> {
        use std::cmp::Ordering;
        match op {
            "||" => return Ok((self.eval(left)?.truth() || self.eval(right)?.truth()).into()),
            "&&" => return Ok((self.eval(left)?.truth() && self.eval(right)?.truth()).into()),
            "~" | "!~" => {
                let text = self.text(left)?;
                return Ok((self.matches(&text, right)? == (op == "~")).into());
            }
            _ => {}
        }
        let (a, b) = (self.eval(left)?, self.eval(right)?);
        Ok(match op {
            " " => {
                let text = [a.text(), b.text()].concat();
                self.p.m.spend(text.len() as u64 / 256)?;
                if text.len() > 1 << 20 {
                    return Err(Stop::Halt(Halt::Fuel));
                }
                Value::Text(text)
            }
            "==" => (a.compare(&b) == Ordering::Equal).into(),
            "!=" => (a.compare(&b) != Ordering::Equal).into(),
            "<" => (a.compare(&b) == Ordering::Less).into(),
            ">" => (a.compare(&b) == Ordering::Greater).into(),
            "<=" => (a.compare(&b) != Ordering::Greater).into(),
            ">=" => (a.compare(&b) != Ordering::Less).into(),
            op => Value::Number(self.calculate(op.chars().next().unwrap_or('+'), a.number(), b.number())?),
        })
    }
}

pub(super) fn unmodelled(name: &str) -> Stop {
    Stop::Halt(Halt::Unknown(Why::Option(name.to_owned())))
}

pub(super) fn shell(command: &str) -> Vec<String> {
    vec!["/bin/sh".to_owned(), "-c".to_owned(), command.to_owned()]
}
