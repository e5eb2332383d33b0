//! Simulated commands: one file each, one line each in [`COMMANDS`].

use crate::shell::process::{Process, Run};

mod below;
mod cat;
mod chmod;
mod chown;
mod cp;
mod echo;
mod find;
mod grep;
mod ln;
mod ls;
mod mkdir;
pub(crate) mod mode;
mod names;
pub(crate) mod opts;
mod printf;
pub(crate) mod regex;
mod rm;
mod rmdir;
mod sed;
mod simple;
mod sort;
mod system;
mod test;
mod text;
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
    pure("arch", system::arch),
    pure("basename", names::basename),
    pure("cat", cat::run),
    writes("chgrp", chown::run),
    writes("chmod", chmod::run),
    writes("chown", chown::run),
    writes("cp", cp::run),
    pure("cut", text::cut),
    pure("date", system::date),
    pure("dirname", names::dirname),
    pure("du", ls::du),
    pure("echo", echo::run),
    pure("egrep", grep::run),
    writes("env", system::env),
    pure("expr", system::expr),
    pure("false", simple::no),
    pure("fgrep", grep::run),
    writes("find", find::run),
    writes("gosu", system::su),
    pure("grep", grep::run),
    pure("head", text::head),
    pure("hostname", system::hostname),
    pure("id", system::id),
    writes("install", cp::install),
    writes("ln", ln::run),
    pure("ls", ls::run),
    writes("mkdir", mkdir::run),
    writes("mktemp", names::mktemp),
    writes("mv", cp::mv),
    writes("nice", system::through),
    pure("nl", text::nl),
    writes("nohup", system::through),
    pure("nproc", system::nproc),
    pure("paste", text::paste),
    pure("printenv", system::printenv),
    pure("printf", printf::run),
    pure("pwd", names::pwd),
    pure("readlink", names::readlink),
    pure("realpath", names::realpath),
    pure("rev", text::rev),
    writes("rm", rm::run),
    writes("rmdir", rmdir::run),
    writes("runuser", system::su),
    writes("sed", sed::run),
    pure("seq", text::seq),
    writes("setsid", system::through),
    pure("sleep", simple::sleep),
    writes("sort", sort::run),
    pure("stat", ls::stat),
    writes("stdbuf", system::through),
    writes("su", system::su),
    writes("su-exec", system::su),
    writes("sudo", system::through),
    pure("sync", simple::yes),
    pure("tac", text::tac),
    pure("tail", text::tail),
    writes("tee", text::tee),
    pure("test", test::run),
    writes("timeout", system::through),
    writes("touch", touch::run),
    pure("tr", text::tr),
    pure("true", simple::yes),
    pure("uname", system::uname),
    writes("uniq", text::uniq),
    pure("wc", text::wc),
    pure("which", names::which),
    pure("whoami", system::whoami),
    writes("xargs", find::xargs),
    pure("yes", text::yes),
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

/// The lines of a text, without their line feeds.
fn lines(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    text.lines().map(str::to_owned).collect()
}
