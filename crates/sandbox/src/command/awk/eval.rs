//! Runs a program over its input.

use super::value::Value;
use super::{Expr, Function, Program, Sink, Source, Stmt, When};
use crate::command::format::{Spec, number};
use crate::command::regex::Regex;
use crate::shell::Why;
use crate::shell::machine::{Halt, is_unknown};
use crate::shell::process::{Process, Run};
use std::collections::BTreeMap;

/// Why a statement did not lead to the next one.
enum Stop {
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

type Eval<T> = Result<T, Stop>;

/// An associative array, its elements in the order in which they came.
#[derive(Default)]
struct Array {
    items: Vec<(String, Value)>,
    index: BTreeMap<String, usize>,
}

impl Array {
    /// The value of a key, made if it is missing.
    fn get(&mut self, key: &str) -> Value {
        match self.index.get(key) {
            Some(at) => self.items.get(*at).map(|(_, value)| value.clone()).unwrap_or_default(),
            None => {
                self.set(key, Value::Unset);
                Value::Unset
            }
        }
    }

    fn set(&mut self, key: &str, value: Value) {
        if let Some((_, old)) = self.index.get(key).and_then(|at| self.items.get_mut(*at)) {
            *old = value;
            return;
        }
        self.index.insert(key.to_owned(), self.items.len());
        self.items.push((key.to_owned(), value));
    }

    fn remove(&mut self, key: &str) {
        if let Some(at) = self.index.remove(key) {
            self.items.remove(at);
            for place in self.index.values_mut().filter(|place| **place > at) {
                *place -= 1;
            }
        }
    }

    /// The keys as BusyBox walks its table.
    fn keys_by_hash(&self) -> Vec<String> {
        let hash = |text: &str| {
            text.bytes().fold(0u32, |sum, byte| {
                // The letters are signed there.
                (i32::from(byte.cast_signed()).cast_unsigned()).wrapping_add(sum << 6).wrapping_sub(sum)
            })
        };
        let mut sizes = [251usize, 1021, 4093, 16381, 65521].into_iter();
        let mut size = 61;
        let mut table: Vec<Vec<&str>> = vec![Vec::new(); size];
        for (count, (key, _)) in self.items.iter().enumerate() {
            if count + 1 > size * 8
                && let Some(next) = sizes.next()
            {
                let mut bigger: Vec<Vec<&str>> = vec![Vec::new(); next];
                for key in table.iter().flat_map(|row| row.iter().rev()) {
                    if let Some(row) = bigger.get_mut(hash(key) as usize % next) {
                        row.push(key);
                    }
                }
                (size, table) = (next, bigger);
            }
            if let Some(row) = table.get_mut(hash(key) as usize % size) {
                row.push(key);
            }
        }
        table.iter().flat_map(|row| row.iter().rev()).map(|key| (*key).to_owned()).collect()
    }
}

/// A parameter: its value, and the array that it names.
struct Local {
    name: String,
    value: Value,
    array: String,
}

/// What is read line by line.
struct Reader {
    bytes: Vec<u8>,
    at: usize,
}

struct Awk<'e, 'p, 'a> {
    p: &'e mut Process<'p, 'a>,
    functions: &'e [Function],
    globals: BTreeMap<String, Value>,
    arrays: BTreeMap<String, Array>,
    frames: Vec<Vec<Local>>,
    /// `$0` and what it is split into; the fields are made when they are asked for.
    line: String,
    fields: Option<Vec<Value>>,
    /// `$0` has to be joined anew.
    stale: bool,
    files: Vec<String>,
    next_file: usize,
    input: Option<Reader>,
    read_any: bool,
    readers: Vec<(String, Reader)>,
    /// Files and commands that were written to: kind, name, bytes.
    sinks: Vec<(char, String, Vec<u8>)>,
    regexes: BTreeMap<String, Regex>,
    inside: Vec<bool>,
    code: u8,
    counter: u32,
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

fn escaped(text: &str) -> String {
    let (bytes, _) = crate::command::echo::unescape(text, false);
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Awk<'_, '_, '_> {
    fn whole(&mut self, program: &Program) -> Eval<()> {
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

    fn rules(&mut self, program: &Program) -> Eval<()> {
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

    fn block(&mut self, body: &[Stmt]) -> Eval<()> {
        body.iter().try_for_each(|stmt| self.stmt(stmt))
    }

    /// Runs the body of a loop; `true` if the loop ends.
    fn turn(&mut self, body: &Stmt) -> Eval<bool> {
        self.p.m.spend(1)?;
        match self.stmt(body) {
            Ok(()) | Err(Stop::Continue) => Ok(false),
            Err(Stop::Break) => Ok(true),
            Err(stop) => Err(stop),
        }
    }

    fn stmt(&mut self, stmt: &Stmt) -> Eval<()> {
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

    fn local(&self, name: &str) -> Option<&Local> {
        self.frames.last()?.iter().find(|local| local.name == name)
    }

    fn array_name(&self, name: &str) -> String {
        self.local(name).map_or_else(|| name.to_owned(), |local| local.array.clone())
    }

    fn global(&self, name: &str) -> String {
        self.globals.get(name).map(Value::text).unwrap_or_default()
    }

    fn set_name(&mut self, name: &str, value: Value) {
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
    fn command_line(&mut self, assign: &str) {
        if let Some((name, value)) = assign.split_once('=') {
            self.set_name(name, Value::Input(escaped(value)));
        }
    }

    fn key(&mut self, index: &[Expr]) -> Eval<String> {
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

    fn set(&mut self, place: &Expr, value: Value) -> Eval<()> {
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

    // Records and fields.

    fn set_line(&mut self, line: String) {
        self.line = line;
        self.fields = None;
        self.stale = false;
    }

    fn whole_line(&mut self) -> String {
        if std::mem::take(&mut self.stale) {
            let separator = self.global("OFS");
            let fields: Vec<String> = self.fields.iter().flatten().map(Value::text).collect();
            self.line = fields.join(&separator);
        }
        self.line.clone()
    }

    fn split_fields(&mut self) {
        if self.fields.is_some() {
            return;
        }
        let separator = self.global("FS");
        let line = self.line.clone();
        // A bad expression splits nothing.
        let mut pieces = self.pieces(&line, &separator).unwrap_or_else(|_| vec![line]);
        if self.global("RS").is_empty() && separator != "\n" && separator != " " {
            pieces = pieces.iter().flat_map(|piece| piece.split('\n')).map(str::to_owned).collect();
        }
        self.fields = Some(pieces.into_iter().map(Value::Input).collect());
    }

    fn pieces(&mut self, text: &str, separator: &str) -> Eval<Vec<String>> {
        self.p.m.spend(1 + text.len() as u64 / 16)?;
        if text.is_empty() {
            return Ok(Vec::new());
        }
        if separator == " " {
            return Ok(text
                .split([' ', '\t', '\n'])
                .filter(|piece| !piece.is_empty())
                .map(str::to_owned)
                .collect());
        }
        if separator.is_empty() {
            return Ok(text.chars().map(String::from).collect());
        }
        if separator.chars().count() == 1 && separator != "\\" {
            return Ok(text.split(separator).map(str::to_owned).collect());
        }
        let regex = self.regex(separator)?;
        let (mut all, mut from, mut at) = (Vec::new(), 0, 0);
        while let Some(found) = regex.find(self.p.m, text, at)? {
            let (start, end) = found.span();
            if start == end {
                at = end + text.get(end..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
                if at > text.len() {
                    break;
                }
                continue;
            }
            all.push(text.get(from..start).unwrap_or("").to_owned());
            (from, at) = (end, end);
        }
        all.push(text.get(from..).unwrap_or("").to_owned());
        Ok(all)
    }

    fn regex(&mut self, text: &str) -> Eval<Regex> {
        if let Some(regex) = self.regexes.get(text) {
            return Ok(regex.clone());
        }
        let regex =
            Regex::new(text, true, false).ok_or(Stop::Halt(Halt::Unknown(Why::Option(text.to_owned()))))?;
        self.regexes.insert(text.to_owned(), regex.clone());
        Ok(regex)
    }

    // Input.

    fn reader(&mut self, bytes: Vec<u8>, name: &str) -> Eval<Reader> {
        if is_unknown(&bytes) {
            return Err(Stop::Halt(Halt::Unknown(Why::Content(name.to_owned()))));
        }
        Ok(Reader { bytes, at: 0 })
    }

    /// The next record of the main input.
    fn read_main(&mut self) -> Eval<Option<String>> {
        loop {
            if self.input.is_none() {
                match self.files.get(self.next_file).cloned() {
                    None if self.read_any => return Ok(None),
                    None => {
                        let bytes = self.p.stdin();
                        self.input = Some(self.reader(bytes, "standard input")?);
                        self.read_any = true;
                    }
                    Some(name) => {
                        self.next_file += 1;
                        let assigns = name
                            .split_once('=')
                            .is_some_and(|(name, _)| crate::shell::parse::valid_name(name));
                        if assigns {
                            self.command_line(&name);
                            continue;
                        }
                        self.read_any = true;
                        self.globals.insert("FILENAME".to_owned(), Value::Input(name.clone()));
                        self.globals.insert("FNR".to_owned(), Value::Number(0.0));
                        match self.p.read(&name)? {
                            Ok(bytes) => self.input = Some(self.reader(bytes, &name)?),
                            Err(errno) => {
                                self.code = if self.p.busybox() { 1 } else { 2 };
                                let text = if self.p.busybox() {
                                    [&name, ": ", errno.text()].concat()
                                } else {
                                    ["cannot open ", &name, " (", errno.text(), ")"].concat()
                                };
                                self.p.complain(&text)?;
                                if !self.p.busybox() {
                                    return Err(Stop::Exit);
                                }
                                return Ok(None);
                            }
                        }
                    }
                }
            }
            let separator = self.global("RS");
            let Some(reader) = &mut self.input else { return Ok(None) };
            self.p.m.spend(1)?;
            match record(reader, &separator, self.p.busybox()) {
                Some(Ok(line)) => {
                    for name in ["NR", "FNR"] {
                        let next = self.globals.get(name).map_or(0.0, Value::number) + 1.0;
                        self.globals.insert(name.to_owned(), Value::Number(next));
                    }
                    return Ok(Some(line));
                }
                Some(Err(())) => return Err(Stop::Halt(Halt::Unknown(Why::Option("RS".to_owned())))),
                None => self.input = None,
            }
        }
    }

    fn getline(&mut self, source: &Source, into: Option<&Expr>) -> Eval<Value> {
        let line = match source {
            Source::Input => self.read_main()?,
            Source::File(expr) | Source::Command(expr) => {
                let name = self.eval(expr)?.text();
                let command = matches!(source, Source::Command(_));
                let key = [if command { "|" } else { "<" }, &name].concat();
                if !self.readers.iter().any(|(known, _)| *known == key) {
                    let bytes = if command {
                        self.p.flush()?;
                        let pipe = self.p.m.pipe();
                        let mut spec = self.p.spec(shell(&name));
                        spec.fds.insert(1, pipe);
                        self.p.spawn_spec(spec)?;
                        self.p.m.drain(pipe)
                    } else {
                        match self.p.read(&name)? {
                            Ok(bytes) => bytes,
                            Err(_) => return Ok(Value::Number(-1.0)),
                        }
                    };
                    let reader = self.reader(bytes, &name)?;
                    self.readers.push((key.clone(), reader));
                }
                let separator = self.global("RS");
                let busybox = self.p.busybox();
                let reader = self.readers.iter_mut().find(|(known, _)| *known == key);
                let line =
                    reader.and_then(|(_, reader)| record(reader, &separator, busybox)).and_then(Result::ok);
                if line.is_some() && command {
                    let next = self.globals.get("NR").map_or(0.0, Value::number) + 1.0;
                    self.globals.insert("NR".to_owned(), Value::Number(next));
                }
                line
            }
        };
        let Some(line) = line else { return Ok(Value::Number(0.0)) };
        match into {
            Some(place) => self.set(place, Value::Input(line))?,
            None => self.set_line(line),
        }
        Ok(Value::Number(1.0))
    }

    // Output.

    fn print(&mut self, args: &[Expr], sink: &Sink) -> Eval<()> {
        let mut text = String::new();
        if args.is_empty() {
            text = self.whole_line();
        }
        let separator = self.global("OFS");
        for (at, arg) in args.iter().enumerate() {
            if at > 0 {
                text.push_str(&separator);
            }
            match self.eval(arg) {
                Ok(value) => text.push_str(&value.text()),
                // What came before the error is printed.
                Err(stop) => {
                    self.emit(&text, sink)?;
                    return Err(stop);
                }
            }
        }
        text.push_str(&self.global("ORS"));
        self.emit(&text, sink)
    }

    fn emit(&mut self, text: &str, sink: &Sink) -> Eval<()> {
        let Some((kind, to)) = sink else { return Ok(self.p.print(text)?) };
        let name = self.eval(to)?.text();
        if *kind != '|' {
            match name.as_str() {
                "/dev/stdout" | "-" => return Ok(self.p.print(text)?),
                "/dev/stderr" => {
                    self.p.flush()?;
                    return Ok(self.p.write_fd(2, text.as_bytes())?);
                }
                _ => {}
            }
        }
        self.p.m.spend(1 + text.len() as u64 / 64)?;
        match self.sinks.iter_mut().find(|(known, at, _)| known == kind && *at == name) {
            Some((_, _, bytes)) => bytes.extend_from_slice(text.as_bytes()),
            None => self.sinks.push((*kind, name, text.as_bytes().to_vec())),
        }
        Ok(())
    }

    fn close_sink(&mut self, (kind, name, bytes): (char, String, Vec<u8>)) -> Run {
        if kind == '|' {
            self.p.flush()?;
            let stdin = self.p.m.open(crate::shell::machine::Stream::Data { bytes, pos: 0 });
            let mut spec = self.p.spec(shell(&name));
            spec.fds.insert(0, stdin);
            return self.p.spawn_spec(spec);
        }
        let mut all = if kind == 'a' { self.p.read(&name)?.unwrap_or_default() } else { Vec::new() };
        all.extend(bytes);
        if let Err(errno) = self.p.write_file(&name, all)? {
            let text = if self.p.busybox() {
                ["can't open '", &name, "': ", errno.text()].concat()
            } else {
                ["cannot open ", &name, " (", errno.text(), ")"].concat()
            };
            self.code = self.p.fail(if self.p.busybox() { 1 } else { 2 }, &text)?;
        }
        Ok(0)
    }

    fn formatted(&mut self, args: &[Expr]) -> Eval<String> {
        let mut values = Vec::new();
        for arg in args {
            values.push(self.eval(arg)?);
        }
        let mut values = values.into_iter();
        let format: Vec<char> = values.next().unwrap_or_default().text().chars().collect();
        let mut out = String::new();
        let mut at = 0;
        while let Some(c) = format.get(at) {
            at += 1;
            if *c != '%' {
                out.push(*c);
                continue;
            }
            if format.get(at) == Some(&'%') {
                at += 1;
                out.push('%');
                continue;
            }
            let mut flags = String::new();
            while let Some(flag) = format.get(at).filter(|c| "-+ #0".contains(**c)) {
                flags.push(*flag);
                at += 1;
            }
            let width = number(&format, &mut at, || values.next().map(|value| value.number() as i64));
            let mut precision = None;
            if format.get(at) == Some(&'.') {
                at += 1;
                precision =
                    number(&format, &mut at, || values.next().map(|value| value.number() as i64)).or(Some(0));
            }
            let spec = Spec::new(&flags, width, precision);
            let Some(kind) = format.get(at) else {
                out.push('%');
                break;
            };
            at += 1;
            let value = values.next().unwrap_or_default();
            match kind {
                'd' | 'i' | 'u' | 'x' | 'X' | 'o' => out.push_str(&spec.whole(*kind, value.number() as i64)),
                'f' | 'F' | 'e' | 'E' | 'g' | 'G' => out.push_str(&spec.real(*kind, value.number())),
                's' => out.push_str(&spec.text(&value.text())),
                'c' => {
                    let c = match &value {
                        Value::Number(code) => char::from_u32(*code as u32),
                        other => other.text().chars().next(),
                    };
                    out.push_str(&spec.text(&c.map(String::from).unwrap_or_default()));
                }
                _ => return Err(Stop::Halt(Halt::Unknown(Why::Option("printf".to_owned())))),
            }
        }
        Ok(out)
    }

    // Expressions.

    fn text(&mut self, expr: &Expr) -> Eval<String> {
        Ok(self.eval(expr)?.text())
    }

    fn matches(&mut self, text: &str, pattern: &Expr) -> Eval<bool> {
        let pattern = match pattern {
            Expr::Regex(text) => text.clone(),
            other => self.text(other)?,
        };
        let regex = self.regex(&pattern)?;
        Ok(regex.is_match(self.p.m, text)?)
    }

    fn eval(&mut self, expr: &Expr) -> Eval<Value> {
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

    fn calculate(&mut self, op: char, a: f64, b: f64) -> Eval<f64> {
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
    fn math(&mut self) -> Eval<()> {
        if self.p.busybox() && self.p.m.standalone() {
            return Err(Stop::Error("cmd. line:1: Math support is not compiled in"));
        }
        Ok(())
    }

    fn binary(&mut self, op: &str, left: &Expr, right: &Expr) -> Eval<Value> {
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

    fn call(&mut self, name: &str, args: &[Expr]) -> Eval<Value> {
        if let Some(function) = self.functions.iter().find(|function| function.name == name) {
            return self.user_function(function, args);
        }
        let arg = |at: usize| args.get(at);
        Ok(match (name, args.len()) {
            ("length", 0) => Value::Number(self.whole_line().chars().count() as f64),
            ("length", 1) => {
                if let Some(Expr::Name(name)) = arg(0) {
                    let name = self.array_name(name);
                    if let Some(array) = self.arrays.get(&name) {
                        return Ok(Value::Number(array.items.len() as f64));
                    }
                }
                let text = self.text_of(arg(0))?;
                Value::Number(text.chars().count() as f64)
            }
            ("substr", 2 | 3) => {
                let text: Vec<char> = self.text_of(arg(0))?.chars().collect();
                let from = self.number_of(arg(1))?.round();
                let count = if args.len() == 3 { self.number_of(arg(2))?.round() } else { f64::MAX };
                // BusyBox does not count what lies before the first letter.
                let from = if self.p.busybox() { from.max(1.0) } else { from };
                let to = (from + count).min(text.len() as f64 + 1.0);
                let from = from.max(1.0);
                let piece = text.get(from as usize - 1..(to.max(from) as usize - 1).min(text.len()));
                Value::Text(piece.unwrap_or(&[]).iter().collect())
            }
            ("index", 2) => {
                let (text, part) = (self.text_of(arg(0))?, self.text_of(arg(1))?);
                let at =
                    text.find(&part).and_then(|at| text.get(..at)).map_or(0, |head| head.chars().count() + 1);
                Value::Number(at as f64)
            }
            ("split", 2 | 3) => {
                let text = self.text_of(arg(0))?;
                let Some(Expr::Name(array)) = arg(1) else { return Err(unmodelled("split")) };
                let separator = match arg(2) {
                    Some(Expr::Regex(text)) => text.clone(),
                    Some(other) => self.text(other)?,
                    None => self.global("FS"),
                };
                let pieces = self.pieces(&text, &separator)?;
                let name = self.array_name(array);
                let mut array = Array::default();
                let count = pieces.len();
                for (at, piece) in pieces.into_iter().enumerate() {
                    array.set(&(at + 1).to_string(), Value::Input(piece));
                }
                self.arrays.insert(name, array);
                Value::Number(count as f64)
            }
            ("sub" | "gsub", 2 | 3) => {
                let pattern = match arg(0) {
                    Some(Expr::Regex(text)) => text.clone(),
                    other => self.text_of(other)?,
                };
                let with = self.text_of(arg(1))?;
                let line = Expr::Field(Box::new(Expr::Number(0.0)));
                let place = arg(2).unwrap_or(&line);
                let text = self.text(place)?;
                let (changed, count) = self.replace(&text, &pattern, &with, name == "gsub")?;
                if count > 0 {
                    self.set(place, Value::Text(changed))?;
                }
                Value::Number(f64::from(count))
            }
            ("match", 2) => {
                let text = self.text_of(arg(0))?;
                let pattern = match arg(1) {
                    Some(Expr::Regex(text)) => text.clone(),
                    other => self.text_of(other)?,
                };
                let regex = self.regex(&pattern)?;
                let found = regex.find(self.p.m, &text, 0)?.map(|found| found.span());
                let chars = |from: usize, to: usize| {
                    text.get(from..to).map_or(0, |piece| piece.chars().count()) as f64
                };
                let (start, length) =
                    found.map_or((0.0, -1.0), |(from, to)| (chars(0, from) + 1.0, chars(from, to)));
                self.globals.insert("RSTART".to_owned(), Value::Number(start));
                self.globals.insert("RLENGTH".to_owned(), Value::Number(length));
                Value::Number(start)
            }
            ("sprintf", 1..) => Value::Text(self.formatted(args)?),
            ("tolower", 1) => Value::Text(self.text_of(arg(0))?.to_ascii_lowercase()),
            ("toupper", 1) => Value::Text(self.text_of(arg(0))?.to_ascii_uppercase()),
            ("int", 1) => Value::Number(self.number_of(arg(0))?.trunc()),
            ("sin" | "cos" | "exp" | "log" | "sqrt", 1) => {
                let x = self.number_of(arg(0))?;
                self.math()?;
                Value::Number(match name {
                    "sin" => x.sin(),
                    "cos" => x.cos(),
                    "exp" => x.exp(),
                    "log" => x.ln(),
                    _ => x.sqrt(),
                })
            }
            ("atan2", 2) => {
                let (y, x) = (self.number_of(arg(0))?, self.number_of(arg(1))?);
                self.math()?;
                Value::Number(y.atan2(x))
            }
            ("system", 1) => {
                let command = self.text_of(arg(0))?;
                Value::Number(f64::from(self.p.spawn(shell(&command))?))
            }
            ("close", 1) => {
                let name = self.text_of(arg(0))?;
                self.readers.retain(|(key, _)| key.get(1..) != Some(name.as_str()));
                match self.sinks.iter().position(|(_, at, _)| *at == name) {
                    Some(at) => {
                        let sink = self.sinks.remove(at);
                        Value::Number(f64::from(self.close_sink(sink)?))
                    }
                    None => Value::Number(-1.0),
                }
            }
            ("fflush", _) => {
                self.p.flush()?;
                Value::Number(0.0)
            }
            _ => return Err(unmodelled(name)),
        })
    }

    fn text_of(&mut self, expr: Option<&Expr>) -> Eval<String> {
        expr.map_or(Ok(String::new()), |expr| self.text(expr))
    }

    fn number_of(&mut self, expr: Option<&Expr>) -> Eval<f64> {
        expr.map_or(Ok(0.0), |expr| Ok(self.eval(expr)?.number()))
    }

    fn replace(&mut self, text: &str, pattern: &str, with: &str, all: bool) -> Eval<(String, u32)> {
        let regex = self.regex(pattern)?;
        let (mut out, mut at, mut count) = (String::new(), 0, 0);
        let mut last_end = None;
        while let Some(found) = regex.find(self.p.m, text, at)? {
            self.p.m.spend(1)?;
            let (start, end) = found.span();
            out.push_str(text.get(at..start).unwrap_or(""));
            // Right after a match an empty one does not count.
            if start < end || last_end != Some(start) {
                count += 1;
                let mut chars = with.chars().peekable();
                while let Some(c) = chars.next() {
                    match c {
                        '\\' if matches!(chars.peek(), Some('&' | '\\')) => out.extend(chars.next()),
                        '&' => out.push_str(text.get(start..end).unwrap_or("")),
                        c => out.push(c),
                    }
                }
            }
            last_end = Some(end);
            at = end;
            if start == end {
                let Some(c) = text.get(end..).and_then(|rest| rest.chars().next()) else { break };
                out.push(c);
                at += c.len_utf8();
            }
            if !all || out.len() > 1 << 20 {
                break;
            }
        }
        out.push_str(text.get(at..).unwrap_or(""));
        Ok((out, count))
    }

    fn user_function(&mut self, function: &Function, args: &[Expr]) -> Eval<Value> {
        if self.frames.len() > 60 {
            return Err(Stop::Halt(Halt::Fuel));
        }
        let mut frame = Vec::new();
        for (at, name) in function.params.iter().enumerate() {
            self.counter += 1;
            let mut array = [name, "#", &self.counter.to_string()].concat();
            let mut value = Value::Unset;
            if let Some(arg) = args.get(at) {
                if let Expr::Name(name) = arg {
                    array = self.array_name(name);
                }
                value = self.eval(arg)?;
            }
            frame.push(Local { name: name.clone(), value, array });
        }
        self.frames.push(frame);
        let done = self.block(&function.body);
        self.frames.pop();
        match done {
            Ok(()) => Ok(Value::Unset),
            Err(Stop::Return(value)) => Ok(value),
            Err(stop) => Err(stop),
        }
    }
}

fn unmodelled(name: &str) -> Stop {
    Stop::Halt(Halt::Unknown(Why::Option(name.to_owned())))
}

fn shell(command: &str) -> Vec<String> {
    vec!["/bin/sh".to_owned(), "-c".to_owned(), command.to_owned()]
}

/// The next record; an error where its separator is not read here.
fn record(reader: &mut Reader, separator: &str, busybox: bool) -> Option<Result<String, ()>> {
    let mut rest = reader.bytes.get(reader.at..).filter(|rest| !rest.is_empty())?;
    let text = |bytes: &[u8]| Some(Ok(String::from_utf8_lossy(bytes).into_owned()));
    if separator.is_empty() {
        // Paragraphs: blank lines before, between and after do not count.
        let skip = rest.iter().take_while(|byte| **byte == b'\n').count();
        reader.at += skip;
        rest = rest.get(skip..).filter(|rest| !rest.is_empty())?;
        let end = rest.windows(2).position(|pair| pair == b"\n\n");
        let line = rest.get(..end.unwrap_or(rest.len())).unwrap_or(&[]);
        reader.at += line.len();
        // The line feed at the very end stays where BusyBox reads.
        let line = if busybox { line } else { line.strip_suffix(b"\n").unwrap_or(line) };
        return text(line);
    }
    let &[mark] = separator.as_bytes() else { return Some(Err(())) };
    let end = rest.iter().position(|byte| *byte == mark);
    reader.at += end.map_or(rest.len(), |end| end + 1);
    text(rest.get(..end.unwrap_or(rest.len())).unwrap_or(&[]))
}
