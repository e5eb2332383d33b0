//! `CMD`: the default command of a container.

use super::{Command, Request, Shape, Spec};
use crate::{Phrase, Word};
use std::borrow::Cow;

/// What `CMD`, `ENTRYPOINT` and `RUN` run.
#[derive(Debug, Clone)]
pub enum CommandLine<'a> {
    /// To be run by the shell; `None` if there is no command.
    Shell(Option<Phrase<'a>>),
    /// The elements of a JSON array.
    Exec(Vec<Word<'a>>),
}

impl Default for CommandLine<'_> {
    fn default() -> Self {
        Self::Shell(None)
    }
}

impl<'a> CommandLine<'a> {
    /// Whether it is to be run by the shell.
    pub const fn is_shell(&self) -> bool {
        matches!(self, Self::Shell(_))
    }

    /// Whether there is no word.
    pub const fn is_empty(&self) -> bool {
        match self {
            Self::Shell(line) => line.is_none(),
            Self::Exec(words) => words.is_empty(),
        }
    }

    /// One word in shell form (none if there is no command), the JSON array's elements in exec form.
    pub fn words(&self) -> Vec<Word<'a>> {
        match self {
            Self::Shell(line) => line.iter().map(Phrase::word).collect(),
            Self::Exec(words) => words.clone(),
        }
    }

    /// The texts of [`Self::words`].
    pub fn texts(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let (line, words) = match self {
            Self::Shell(line) => (line.as_ref(), [].as_slice()),
            Self::Exec(words) => (None, words.as_slice()),
        };
        line.map(Phrase::text).into_iter().chain(words.iter().map(|word| Cow::Borrowed(&*word.text)))
    }
}

/// What is known of the instruction.
pub static SPEC: Spec = Spec {
    name: "CMD",
    summary: "The command that a container runs by default, or arguments for its entrypoint.",
    syntax: "CMD [\"PROGRAM\", \"ARGUMENT\"…] or CMD COMMAND",
    flags: &[],
    shape: Shape::JsonOrText,
    parse: |request| {
        request.flags()?;
        Some(Command::Cmd(command_line(request)))
    },
};

/// Takes the words of a command.
pub(super) fn command_line<'a>(request: &mut Request<'_, 'a>) -> CommandLine<'a> {
    if request.node.json {
        CommandLine::Exec(request.words())
    } else {
        CommandLine::Shell(request.node.phrase.take())
    }
}
