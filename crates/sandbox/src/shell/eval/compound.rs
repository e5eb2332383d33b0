//! Compound commands, and command substitution.

use super::{Eval, Flow, Shell, matches_any, outer};
use crate::shell::builtin;
use crate::shell::machine::{Halt, Machine};
use crate::shell::parse::Dialect;
use crate::shell::syntax::{Command, Kind, List};
use std::rc::Rc;

impl Shell {
    pub(crate) fn command(&mut self, m: &mut Machine<'_>, command: &Command) -> Eval {
        self.enter(m)?;
        let flow = self.command_inner(m, command);
        m.depth -= 1;
        flow
    }

    pub(super) fn command_inner(&mut self, m: &mut Machine<'_>, command: &Command) -> Eval {
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

    pub(super) fn compound(&mut self, m: &mut Machine<'_>, kind: &Kind) -> Eval {
        match kind {
            Kind::Simple { .. } => Ok(Flow::Next),
            Kind::Brace(list) => self.list(m, list),
            Kind::Subshell(list) => {
                let mut child = self.subshell();
                if self.dialect == Dialect::Bash {
                    child.loops = 0;
                }
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
                match otherwise {
                    Some(body) => self.list(m, body),
                    None => {
                        self.status = 0;
                        Ok(Flow::Next)
                    }
                }
            }
            Kind::While { until, test, body } => self.while_loop(m, *until, test, body),
            Kind::For { name, words, raw, body } => {
                let items = match words {
                    Some(words) => self.fields(m, words)?,
                    None => self.positional.clone(),
                };
                if items.is_empty() {
                    self.status = 0;
                }
                self.loops += 1;
                let flow = self.for_loop(m, name, items, raw, body);
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
            Kind::Case { word, raw, arms } => {
                self.trace_head(m, &["case ", raw, " in"])?;
                let text = self.single(m, word)?;
                m.decides_by(&text);
                let (mut falling, mut found) = (false, false);
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
                        if arm.body.0.is_empty() {
                            self.status = 0;
                        }
                        found = true;
                        match self.list(m, &arm.body)? {
                            Flow::Next if arm.falls => falling = true,
                            flow => return Ok(flow),
                        }
                    }
                }
                if !found {
                    self.status = 0;
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

    pub(super) fn condition(&mut self, m: &mut Machine<'_>, test: &List) -> Eval {
        self.lenient += 1;
        let flow = self.list(m, test);
        self.lenient -= 1;
        flow
    }

    pub(super) fn while_loop(&mut self, m: &mut Machine<'_>, until: bool, test: &List, body: &List) -> Eval {
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

    pub(super) fn for_loop(
        &mut self,
        m: &mut Machine<'_>,
        name: &str,
        items: Vec<String>,
        raw: &str,
        body: &List,
    ) -> Eval {
        for item in items {
            m.spend(2)?;
            self.trace_head(m, &["for ", name, " in ", raw])?;
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
        child.trace_depth += 1;
        let pipe = m.pipe();
        child.fds.insert(1, pipe);
        child.ended(m, |shell, m| shell.list(m, list))?;
        m.depth -= 1;
        self.substituted = Some(child.status);
        self.status = child.status;
        Ok(m.drain(pipe))
    }
}
