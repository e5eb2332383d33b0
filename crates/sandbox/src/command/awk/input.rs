//! Records, fields and what they are read from.

use super::eval::{Awk, Eval, Reader, Stop, shell};
use super::value::Value;
use super::{Expr, Source};
use crate::command::regex::Regex;
use crate::shell::Why;
use crate::shell::machine::{Halt, is_unknown};

impl Awk<'_, '_, '_> {
    pub(super) fn set_line(&mut self, line: String) {
        self.line = line;
        self.fields = None;
        self.stale = false;
    }

    pub(super) fn whole_line(&mut self) -> String {
        if std::mem::take(&mut self.stale) {
            let separator = self.global("OFS");
            let fields: Vec<String> = self.fields.iter().flatten().map(Value::text).collect();
            self.line = fields.join(&separator);
        }
        self.line.clone()
    }

    pub(super) fn split_fields(&mut self) {
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

    pub(super) fn pieces(&mut self, text: &str, separator: &str) -> Eval<Vec<String>> {
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

    pub(super) fn regex(&mut self, text: &str) -> Eval<Regex> {
        if let Some(regex) = self.regexes.get(text) {
            return Ok(regex.clone());
        }
        let regex =
            Regex::new(text, true, false).ok_or(Stop::Halt(Halt::Unknown(Why::Option(text.to_owned()))))?;
        self.regexes.insert(text.to_owned(), regex.clone());
        Ok(regex)
    }

    // Input.

    pub(super) fn reader(&mut self, bytes: Vec<u8>, name: &str) -> Eval<Reader> {
        if is_unknown(&bytes) {
            return Err(Stop::Halt(Halt::Unknown(Why::Content(name.to_owned()))));
        }
        Ok(Reader { bytes, at: 0 })
    }

    /// The next record of the main input.
    pub(super) fn read_main(&mut self) -> Eval<Option<String>> {
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
                                let dir = errno == crate::shell::machine::Errno::IsDir;
                                let text = if self.p.busybox() && dir {
                                    "cmd. line:1: Is a directory".to_owned()
                                } else if dir {
                                    "read error (Is a directory)".to_owned()
                                } else if self.p.busybox() {
                                    [&name, ": ", errno.text()].concat()
                                } else {
                                    ["cannot open ", &name, " (", errno.text(), ")"].concat()
                                };
                                self.p.complain(&text)?;
                                return Err(Stop::Exit);
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

    pub(super) fn getline(&mut self, source: &Source, into: Option<&Expr>) -> Eval<Value> {
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
