//! What a program prints, and where to.

use super::eval::{Awk, Eval, Stop, shell};
use super::value::Value;
use super::{Expr, Sink};
use crate::command::format::{Spec, number};
use crate::shell::Why;
use crate::shell::machine::Halt;
use crate::shell::process::Run;

impl Awk<'_, '_, '_> {
    pub(super) fn print(&mut self, args: &[Expr], sink: &Sink) -> Eval<()> {
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

    pub(super) fn emit(&mut self, text: &str, sink: &Sink) -> Eval<()> {
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

    pub(super) fn close_sink(&mut self, (kind, name, bytes): (char, String, Vec<u8>)) -> Run {
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

    pub(super) fn formatted(&mut self, args: &[Expr]) -> Eval<String> {
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
}
