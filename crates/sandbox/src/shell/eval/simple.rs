//! Simple commands: assignments, words, functions and programs.

use super::{Eval, Flow, Shell, Value, Var, missing_interpreter, quoted_as_ash, quoted_as_bash};
use crate::shell::builtin;
use crate::shell::exec::{self, Found, Order, Spec};
use crate::shell::machine::{Fds, Halt, Machine, UNKNOWN};
use crate::shell::parse::Dialect;
use crate::shell::process::Flavor;
use crate::shell::syntax::{Assign, AssignValue, Command, Redirect, Word};
use std::collections::BTreeMap;
use std::rc::Rc;

impl Shell {
    pub(super) fn value_of(&mut self, m: &mut Machine<'_>, assign: &Assign) -> Result<Value, Halt> {
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
    pub(super) fn assigned_text(&mut self, m: &mut Machine<'_>, word: &Word) -> Result<String, Halt> {
        use crate::shell::syntax::Part;
        let later = |part: &Part| matches!(part, Part::Text(text) if text.contains(":~"));
        if !word.0.iter().any(later) {
            return self.single(m, word);
        }
        let mut out = String::new();
        let mut piece = Word::default();
        for (at, part) in word.0.iter().enumerate() {
            let Part::Text(text) = part else {
                piece.0.push(part.clone());
                continue;
            };
            for (nth, text) in text.split(':').enumerate() {
                if nth > 0 {
                    out.push_str(&self.single(m, &std::mem::take(&mut piece))?);
                    out.push(':');
                }
                // A tilde counts where nothing stands before it.
                let first = piece.0.is_empty() && (nth > 0 || at == 0);
                let text = text.to_owned();
                piece.0.push(if first { Part::Text(text) } else { Part::Quoted(text) });
            }
        }
        out.push_str(&self.single(m, &piece)?);
        Ok(out)
    }

    pub(super) fn perform(&mut self, m: &mut Machine<'_>, assign: &Assign) -> Result<String, Halt> {
        let value = self.value_of(m, assign)?;
        if self.dialect == Dialect::Bash && self.options.xtrace {
            // Bash shows it before it is done.
            let sign = if assign.append { "+=" } else { "=" };
            let text = match &value {
                Value::Text(text) if text.is_empty() => String::new(),
                Value::Text(text) => quoted_as_bash(text),
                Value::Array(items) => {
                    let items: Vec<String> = items.iter().map(|item| quoted_as_bash(item)).collect();
                    ["(", &items.join(" "), ")"].concat()
                }
            };
            self.trace_line(m, &[&assign.name, sign, &text].concat())?;
        }
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

    pub(super) fn simple(
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
        if let Some(alias) = argv.first().and_then(|first| self.seen_aliases.get(first)).cloned()
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

    pub(super) fn redirect_failed(&mut self, code: u8, special: bool) -> Flow {
        self.status = code;
        if special && self.dialect != Dialect::Bash { Flow::Exit } else { Flow::Next }
    }

    /// The fields of `export a=$b`: values are not split where the shell knows the builtin.
    pub(super) fn declared_fields(
        &mut self,
        m: &mut Machine<'_>,
        words: &[Word],
    ) -> Result<Vec<String>, Halt> {
        let mut out = Vec::new();
        for word in words {
            let assigns = matches!(word.0.first(), Some(crate::shell::syntax::Part::Text(text))
                if text.split_once('=').is_some_and(|(name, _)| crate::shell::parse::valid_name(name)));
            if assigns {
                let text = self.single(m, word)?;
                out.push(text);
            } else {
                out.extend(self.fields(m, std::slice::from_ref(word))?);
            }
        }
        Ok(out)
    }

    pub(super) fn only_assigns(
        &mut self,
        m: &mut Machine<'_>,
        assigns: &[Assign],
        redirects: &[Redirect],
    ) -> Eval {
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
        if self.dialect != Dialect::Bash {
            self.xtrace(m, &shown, &[])?;
        }
        self.status = self.substituted.take().unwrap_or(0);
        Ok(Flow::Next)
    }

    pub(super) fn xtrace(
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
            Dialect::Bash => quoted_as_bash(text),
        };
        let mut words: Vec<String> = pairs
            .iter()
            .map(|(name, value)| {
                // Reserved words need no quotes there.
                let plain = value.is_empty() || value.bytes().all(|b| b.is_ascii_alphanumeric());
                [name, "=", &if plain { value.clone() } else { quote(value) }].concat()
            })
            .collect();
        if self.dialect == Dialect::Bash {
            for word in std::mem::take(&mut words) {
                self.trace_line(m, &word)?;
            }
            if argv.is_empty() {
                return Ok(());
            }
        }
        words.extend(argv.iter().map(|word| quote(word)));
        self.trace_line(m, &words.join(" "))
    }

    /// A line of `set -x`, with `PS4` before it.
    pub(crate) fn trace_line(&mut self, m: &mut Machine<'_>, text: &str) -> Result<(), Halt> {
        let mut prompt = self.get("PS4").unwrap_or_else(|| "+ ".to_owned());
        if prompt.contains(['$', '`', '\\']) {
            self.options.xtrace = false;
            let (status, substituted) = (self.status, self.substituted);
            let word = crate::shell::parse::here_text(&prompt, self.dialect);
            prompt = match word {
                Some(word) => self.single(m, &word)?,
                None => prompt,
            };
            (self.status, self.substituted) = (status, substituted);
            self.options.xtrace = true;
        }
        if self.dialect == Dialect::Bash
            && let Some(first) = prompt.chars().next()
        {
            let again = String::from(first).repeat(self.trace_depth.saturating_sub(1).min(99));
            prompt.insert_str(0, &again);
        }
        self.write_error(m, &[&prompt, text, "\n"].concat())
    }

    /// What bash shows of a compound command with `set -x`.
    pub(super) fn trace_head(&mut self, m: &mut Machine<'_>, words: &[&str]) -> Result<(), Halt> {
        if self.options.xtrace && self.dialect == Dialect::Bash {
            self.trace_line(m, &words.concat())?;
        }
        Ok(())
    }

    pub(super) fn call(
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
        // In BusyBox a function is part of the loop that calls it.
        let own_loops = self.dialect != Dialect::Ash;
        let loops = if own_loops { std::mem::take(&mut self.loops) } else { self.loops };
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
            flow @ (Flow::Break(_) | Flow::Continue(_)) if !own_loops => Ok(flow),
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
            order: if self.dialect == Dialect::Bash { Order::Bash(Vec::new()) } else { Order::Table },
        }
    }

    /// The implementation that this shell's builtins follow.
    pub(crate) fn flavor(&self) -> Flavor {
        if self.dialect == Dialect::Ash { Flavor::BusyBox } else { Flavor::Gnu }
    }

    /// Where BusyBox is that runs an applet by itself, whatever `PATH` says.
    pub(crate) fn own_applet(&self, m: &Machine<'_>, name: &str) -> Option<String> {
        if self.dialect != Dialect::Ash || !m.standalone() || name.contains('/') {
            return None;
        }
        let path = ["/bin/", name].concat();
        m.tree.resolve(&path, true).is_ok_and(|found| found.path == "/bin/busybox").then_some(path)
    }

    pub(crate) fn find(&self, m: &Machine<'_>, name: &str) -> Found {
        let path = self.get("PATH").unwrap_or_default();
        exec::find(m, name, &path, &self.cwd, &self.cred)
    }

    pub(super) fn external(
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
        } else if name.is_empty() && self.dialect != Dialect::Bash {
            let text = [&self.prefix(), ": Permission denied\n"].concat();
            if let Some(stderr) = fds.get(&2) {
                m.write(*stderr, text.as_bytes())?;
            }
            self.status = 127;
            return Ok(Flow::Next);
        } else {
            match self.own_applet(m, &name) {
                Some(path) => Found::At(path),
                None if path.is_empty() && self.dialect != Dialect::Ash => {
                    // Only the working directory is searched.
                    exec::find(m, &name, ".", &self.cwd, &self.cred)
                }
                None => exec::find(m, &name, &path, &self.cwd, &self.cred),
            }
        };
        let mut spec = self.spec(argv, fds);
        if self.dialect == Dialect::Bash {
            spec.order = Order::Bash(pairs.iter().map(|(name, _)| name.clone()).collect());
        }
        spec.env.extend(pairs);
        if self.dialect == Dialect::Bash
            && let Found::At(path) = &found
        {
            spec.env.insert("_".to_owned(), path.clone());
        }
        if matches!(found, Found::At(_)) && !self.hashed.contains(&name) && self.dialect == Dialect::Dash {
            self.hashed.push(name.clone());
        }
        self.status = match found {
            Found::At(path) => {
                let stderr = spec.fds.get(&2).copied();
                m.killed = None;
                let code = exec::run(m, spec, &path)?;
                if let (Some(signal), Some(stderr)) = (m.killed.take(), stderr) {
                    let text = match signal {
                        "TERM" => "Terminated\n",
                        // Bash also tells the process, which nobody knows.
                        _ if self.dialect == Dialect::Bash => "",
                        "KILL" => "Killed\n",
                        "HUP" => "Hangup\n",
                        "QUIT" => "Quit\n",
                        "ABRT" => "Aborted\n",
                        "SEGV" => "Segmentation fault\n",
                        "USR1" => "User defined signal 1\n",
                        "USR2" => "User defined signal 2\n",
                        _ => "",
                    };
                    m.write(stderr, text.as_bytes())?;
                }
                if code == 127 && missing_interpreter(m, &path).is_some() {
                    let text = match self.dialect {
                        Dialect::Bash => format!("{name}: cannot execute: required file not found"),
                        _ => format!("{name}: not found"),
                    };
                    self.complain(m, &text)?;
                    127
                } else {
                    code
                }
            }
            Found::MayExist(path) => exec::run_unlisted(m, spec, &path)?,
            Found::Missing => {
                let text = match self.dialect {
                    Dialect::Bash if name.contains('/') || path.is_empty() => {
                        format!("{name}: No such file or directory")
                    }
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
}
