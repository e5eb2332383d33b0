//! `stagecraft ast`: the syntax of a Dockerfile as BuildKit's parser sees it.

use super::{Command, read_dockerfile};
use crate::args::{Args, Failure};
use serde_json::json;
use stagecraft_dockerfile::{Dialect, Dockerfile, Phase, Severity, dump, parse};
use std::io::Write;
use std::process::ExitCode;

pub(super) const COMMAND: Command = Command {
    name: "ast",
    summary: "print the syntax of a Dockerfile as BuildKit's parser sees it",
    usage: "[--format text|json] FILE",
    run,
};

fn run(mut args: Args, out: &mut dyn Write) -> Result<ExitCode, Failure> {
    let json = match args.value(&["--format"])?.as_deref() {
        Some("json") => true,
        None | Some("text") => false,
        Some(other) => return Err(Failure::Usage(format!("unknown format {other:?}: text or json"))),
    };
    let text = read_dockerfile(&args.operand("Dockerfile")?)?;
    let file = parse(&text, Dialect::BuildKit);
    // Only what the line parser refuses leaves no tree; problems of single instructions come later.
    let error = file.diagnostics.iter().find(|d| d.severity == Severity::Error && d.phase == Phase::Parse);
    match (error, json) {
        (Some(error), true) => {
            writeln!(out, "{}", json!({"error": {"message": error.message, "lines": error.lines}}))?;
        }
        (Some(error), false) => {
            let line = error.lines.first().map_or(0, |(first, _)| *first);
            writeln!(out, "line {line}: {}", error.message)?;
        }
        (None, true) => writeln!(out, "{}", document(&file))?,
        (None, false) => writeln!(out, "{}", dump(&file))?,
    }
    Ok(if error.is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn document(file: &Dockerfile<'_>) -> serde_json::Value {
    let lines: Vec<_> = file.instructions.iter().map(|i| i.lines).collect();
    json!({"dump": dump(file), "escape": file.escape.to_string(), "lines": lines})
}
