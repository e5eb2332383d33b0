//! Simulated commands: one file each, one line each in [`COMMANDS`].

use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};

mod below;
mod cat;
mod chmod;
mod chown;
mod cp;
mod echo;
mod ln;
mod mkdir;
pub(crate) mod mode;
pub(crate) mod opts;
mod printf;
pub(crate) mod regex;
mod rm;
mod rmdir;
mod simple;
mod test;
mod touch;

/// What sort of model it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Reads and prints; where it is not modelled, only its output is unknown.
    Pure,
    /// Changes files as in life.
    Writes,
    /// Makes up what it writes and prints.
    Model,
}

/// A command by its name.
pub(crate) struct Command {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) run: fn(&mut Process<'_, '_>) -> Run,
}

const fn pure(name: &'static str, run: fn(&mut Process<'_, '_>) -> Run) -> Command {
    Command { name, kind: Kind::Pure, run }
}

const fn writes(name: &'static str, run: fn(&mut Process<'_, '_>) -> Run) -> Command {
    Command { name, kind: Kind::Writes, run }
}

/// Every command that is modelled.
pub(crate) static COMMANDS: &[Command] = &[
    pure("[", test::run),
    pure("[[", test::run),
    pure("cat", cat::run),
    writes("chgrp", chown::run),
    writes("chmod", chmod::run),
    writes("chown", chown::run),
    writes("cp", cp::run),
    pure("echo", echo::run),
    pure("false", simple::no),
    writes("install", cp::install),
    writes("ln", ln::run),
    writes("mkdir", mkdir::run),
    writes("mv", cp::mv),
    pure("printf", printf::run),
    writes("rm", rm::run),
    writes("rmdir", rmdir::run),
    pure("sleep", simple::sleep),
    pure("sync", simple::yes),
    pure("test", test::run),
    writes("touch", touch::run),
    pure("true", simple::yes),
];

/// The command of that name.
pub(crate) fn find(name: &str) -> Option<&'static Command> {
    let models = crate::model::COMMANDS;
    COMMANDS.iter().chain(models).find(|command| command.name == name)
}

/// What BusyBox prints when its operands are wrong; the text of the usage is left out, its first line is the
/// same for all.
fn usage(p: &mut Process<'_, '_>) -> Run {
    p.error("BusyBox v1.35.0 (Debian 1:1.35.0-4+deb12u1+b1) multi-call binary.")?;
    Ok(1)
}

fn try_help(p: &mut Process<'_, '_>) -> Run {
    let name = p.name.clone();
    p.error(&format!("Try '{name} --help' for more information."))?;
    Ok(1)
}

/// `dir/base name of source`
fn join_name(dir: &str, source: &str) -> String {
    let name = source.trim_end_matches('/').rsplit('/').next().unwrap_or("");
    if dir.ends_with('/') { format!("{dir}{name}") } else { format!("{dir}/{name}") }
}

/// Runs `then` for each line of bytes, the line feed left out.
#[allow(dead_code, reason = "used by the text tools")]
fn lines(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    text.lines().map(str::to_owned).collect()
}

#[allow(dead_code, reason = "used by the text tools")]
type Done<T> = Result<T, Halt>;
