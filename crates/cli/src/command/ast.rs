//! `stagecraft ast`: the syntax of a Dockerfile as BuildKit's parser sees it.

use super::{Command, read_dockerfile};
use crate::args::{Args, Failure};
use std::io::Write;
use std::process::ExitCode;

pub(super) const COMMAND: Command = Command {
    name: "ast",
    summary: "print the syntax of a Dockerfile as BuildKit's parser sees it",
    usage: "[--format text|json] FILE",
    run,
};

fn run(mut args: Args, out: &mut dyn Write) -> Result<ExitCode, Failure> {
    let _format = args.value(&["--format"])?;
    let text = read_dockerfile(&args.operand("Dockerfile")?)?;
    writeln!(out, "{}", text.len())?;
    Ok(ExitCode::SUCCESS)
}
