//! Functions: those of the language and those of the program.

use super::array::Array;
use super::eval::{Awk, Eval, Local, Stop, shell, unmodelled};
use super::value::Value;
use super::{Expr, Function};
use crate::shell::machine::Halt;

impl Awk<'_, '_, '_> {
    pub(super) fn call(&mut self, name: &str, args: &[Expr]) -> Eval<Value> {
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
                if from < 1.0 && count < f64::MAX && self.old_mawk() {
                    return Err(unmodelled("substr before the first letter"));
                }
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

    /// Whether it is the `mawk` of Debian, whose versions differ here.
    fn old_mawk(&self) -> bool {
        let m = &self.p.m;
        !self.p.busybox()
            && crate::shell::exec::family(m) == crate::shell::exec::Family::Debian
            && !m.tree.exists("/usr/bin/gawk")
    }

    pub(super) fn text_of(&mut self, expr: Option<&Expr>) -> Eval<String> {
        expr.map_or(Ok(String::new()), |expr| self.text(expr))
    }

    pub(super) fn number_of(&mut self, expr: Option<&Expr>) -> Eval<f64> {
        expr.map_or(Ok(0.0), |expr| Ok(self.eval(expr)?.number()))
    }

    pub(super) fn replace(
        &mut self,
        text: &str,
        pattern: &str,
        with: &str,
        all: bool,
    ) -> Eval<(String, u32)> {
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

    pub(super) fn user_function(&mut self, function: &Function, args: &[Expr]) -> Eval<Value> {
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
