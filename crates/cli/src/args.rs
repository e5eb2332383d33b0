//! Reading of the command line, as `docker build` reads its own: `--name value`, `--name=value`, short
//! names, options and operands in any order, `--` ends the options.

use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;

/// What was given behind the command's name and has not been taken yet.
pub(crate) struct Args {
    options: Vec<String>,
    operands: Vec<String>,
}

impl Args {
    /// All that stands behind the command's name.
    pub(crate) fn new(given: impl IntoIterator<Item = String>) -> Self {
        let mut options: Vec<String> = given.into_iter().collect();
        let operands = match options.iter().position(|a| a == "--") {
            Some(end) => options.drain(end..).skip(1).collect(),
            None => Vec::new(),
        };
        Self { options, operands }
    }

    /// Takes an option without a value out; true if it was there.
    pub(crate) fn switch(&mut self, names: &[&str]) -> bool {
        let before = self.options.len();
        self.options.retain(|a| !names.contains(&a.as_str()));
        self.options.len() != before
    }

    /// Takes every occurrence of an option with a value out, in order.
    pub(crate) fn values(&mut self, names: &[&str]) -> Result<Vec<String>, Failure> {
        let mut found = Vec::new();
        let mut kept = Vec::with_capacity(self.options.len());
        let mut given = std::mem::take(&mut self.options).into_iter();
        while let Some(arg) = given.next() {
            if names.contains(&arg.as_str()) {
                match given.next() {
                    Some(value) => found.push(value),
                    None => return Err(Failure::Usage(format!("{arg} needs a value"))),
                }
            } else {
                match arg.split_once('=').filter(|(name, _)| name.starts_with('-') && names.contains(name)) {
                    Some((_, value)) => found.push(value.to_owned()),
                    None => kept.push(arg),
                }
            }
        }
        self.options = kept;
        Ok(found)
    }

    /// As [`Args::values`]; the last occurrence counts.
    pub(crate) fn value(&mut self, names: &[&str]) -> Result<Option<String>, Failure> {
        Ok(self.values(names)?.pop())
    }

    /// What is left once all options have been taken; refuses options that nobody took.
    pub(crate) fn operands(self) -> Result<Vec<String>, Failure> {
        if let Some(unknown) = self.options.iter().find(|a| a.len() > 1 && a.starts_with('-')) {
            return Err(Failure::Usage(format!("unknown option {unknown}")));
        }
        let mut all = self.options;
        all.extend(self.operands);
        Ok(all)
    }

    /// As [`Args::operands`], for a command that takes exactly one; `what` names it.
    pub(crate) fn operand(self, what: &str) -> Result<String, Failure> {
        let mut all = self.operands()?;
        match (all.pop(), all.is_empty()) {
            (Some(only), true) => Ok(only),
            _ => Err(Failure::Usage(format!("expected exactly one {what}"))),
        }
    }
}

/// Why a command gave no answer (a Dockerfile in error is an answer).
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line is wrong.
    Usage(String),
    /// A file could not be read or written.
    Io(String),
}

impl Failure {
    /// A failure with the file it happened on.
    pub(crate) fn io(path: impl Display, error: &std::io::Error) -> Self {
        Self::Io(format!("{path}: {error}"))
    }

    /// Prints it and gives the exit status: 2 for a wrong command line, 1 else.
    pub(crate) fn report(&self) -> ExitCode {
        let (message, code) = match self {
            Self::Usage(message) => (message, 2),
            Self::Io(message) => (message, 1),
        };
        // Nothing is left to do if even that cannot be written.
        let _ = writeln!(std::io::stderr(), "stagecraft: {message}");
        ExitCode::from(code)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(line: &str) -> Args {
        Args::new(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn options_come_in_every_form_and_order() {
        let mut a = args("dir --build-arg A=1 --format=json -t x --build-arg=B=2 --no-cache");
        assert_eq!(a.values(&["--build-arg"]).unwrap(), ["A=1", "B=2"]);
        assert_eq!(a.value(&["--format"]).unwrap().as_deref(), Some("json"));
        assert_eq!(a.value(&["--tag", "-t"]).unwrap().as_deref(), Some("x"));
        assert!(a.switch(&["--no-cache"]));
        assert!(!a.switch(&["--no-cache"]));
        assert_eq!(a.operand("context").unwrap(), "dir");
    }

    #[test]
    fn what_nobody_took_is_refused() {
        assert!(matches!(args("--wat .").operands(), Err(Failure::Usage(m)) if m == "unknown option --wat"));
        assert!(matches!(args("--format").value(&["--format"]), Err(Failure::Usage(_))));
        assert_eq!(args("-- --wat").operands().unwrap(), ["--wat"]);
        assert_eq!(args("-").operand("file").unwrap(), "-");
    }
}
