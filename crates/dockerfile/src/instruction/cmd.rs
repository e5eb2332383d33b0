//! `CMD`: the default command of a container.

use super::{Command, Request, Shape, Spec};
use crate::Word;

/// The words of `CMD`, `ENTRYPOINT` and `RUN`.
#[derive(Debug, Clone, Default)]
pub struct CommandLine<'a> {
    /// One word in shell form (none if there is no command), the JSON array's elements in exec form.
    pub words: Vec<Word<'a>>,
    /// Shell form: to be run by the shell.
    pub shell: bool,
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
    CommandLine { words: std::mem::take(&mut request.node.args), shell: !request.node.json }
}
