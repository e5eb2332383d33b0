//! `stagecraft`: the simulator from a terminal.

mod args;
mod command;
mod entries;
mod images;

use args::{Args, Failure};
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut given = std::env::args().skip(1);
    let name = given.next().unwrap_or_default();
    let mut out = std::io::stdout().lock();
    let result = match command::ALL.iter().find(|c| c.name == name) {
        Some(command) => (command.run)(Args::new(given), &mut out),
        None if matches!(name.as_str(), "" | "help" | "--help" | "-h") => help(&mut out),
        None => Err(Failure::Usage(format!("unknown command {name:?}; `stagecraft help` lists them"))),
    };
    match result {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}

fn help(out: &mut dyn Write) -> Result<ExitCode, Failure> {
    writeln!(out, "usage: stagecraft COMMAND [OPTIONS]\n\ncommands:")?;
    for command in command::ALL {
        writeln!(out, "  {:<8} {}\n           {}", command.name, command.summary, command.usage)?;
    }
    Ok(ExitCode::SUCCESS)
}
