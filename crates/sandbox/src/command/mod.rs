//! Simulated commands: one file each, one line each in [`COMMANDS`].

#![allow(
    clippy::single_match_else,
    clippy::match_same_arms,
    clippy::many_single_char_names,
    clippy::format_push_string,
    clippy::format_collect,
    clippy::assigning_clones,
    clippy::case_sensitive_file_extension_comparisons,
    clippy::unnecessary_wraps,
    clippy::needless_pass_by_value,
    clippy::struct_excessive_bools,
    clippy::too_many_arguments,
    clippy::type_complexity,
    clippy::unused_self,
    clippy::if_same_then_else,
    clippy::nonminimal_bool,
    clippy::unnested_or_patterns,
    clippy::doc_markdown,
    clippy::naive_bytecount,
    clippy::items_after_statements,
    reason = "tables of options and messages read best as they stand, one case per line"
)]

use crate::shell::machine::UNKNOWN;
use crate::shell::process::{Process, Run};

mod adduser;
mod awk;
mod below;
mod bytes;
mod cat;
mod chmod;
mod chown;
mod cp;
mod cut;
mod date;
mod diff;
mod dump;
mod echo;
mod expr;
mod find;
mod format;
mod grep;
mod groups;
mod gzip;
mod letters;
mod ln;
mod ls;
mod md;
mod mkdir;
pub(crate) mod mode;
mod names;
pub(crate) mod opts;
mod paste;
mod printf;
pub(crate) mod regex;
mod rm;
mod rmdir;
mod rsync;
mod sed;
mod seq;
mod shadow;
mod simple;
mod sort;
mod sums;
mod system;
mod tar;
mod test;
mod text;
mod touch;
mod tr;
mod users;
mod wc;
mod xargs;

pub(crate) use system::machine as machine_of;

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
    writes("addgroup", users::addgroup),
    writes("adduser", users::adduser),
    pure("arch", system::arch),
    writes("awk", awk::run),
    pure("base64", sums::base64),
    pure("basename", names::basename),
    writes("bunzip2", gzip::other),
    writes("bzip2", gzip::other),
    pure("cat", cat::run),
    writes("chfn", groups::change_entry),
    writes("chgrp", chown::run),
    writes("chmod", chmod::run),
    writes("chown", chown::run),
    writes("chpasswd", users::password),
    writes("chsh", groups::change_entry),
    pure("cmp", bytes::cmp),
    pure("comm", bytes::comm),
    writes("cp", cp::run),
    pure("cut", cut::run),
    pure("date", date::run),
    writes("dd", bytes::dd),
    writes("delgroup", users::delete),
    writes("deluser", users::delete),
    pure("diff", diff::run),
    pure("dirname", names::dirname),
    pure("du", ls::du),
    pure("echo", echo::run),
    pure("egrep", grep::run),
    writes("env", system::env),
    pure("expr", expr::run),
    pure("false", simple::no),
    pure("fgrep", grep::run),
    writes("find", find::run),
    pure("fold", bytes::fold),
    writes("gawk", awk::run),
    pure("getent", groups::getent),
    writes("gosu", system::su),
    writes("gpasswd", groups::gpasswd),
    pure("grep", grep::run),
    writes("groupadd", groups::groupadd),
    writes("groupdel", groups::groupdel),
    writes("groupmod", groups::groupmod),
    pure("groups", system::groups),
    writes("gunzip", gzip::gzip),
    writes("gzip", gzip::gzip),
    pure("hd", dump::hexdump),
    pure("head", text::head),
    pure("hexdump", dump::hexdump),
    pure("hostname", system::hostname),
    pure("id", system::id),
    writes("install", cp::install),
    writes("link", ln::link),
    writes("ln", ln::run),
    pure("ls", ls::run),
    pure("logname", system::logname),
    writes("mawk", awk::run),
    pure("md5sum", sums::sum),
    writes("mkdir", mkdir::run),
    writes("mktemp", names::mktemp),
    writes("mv", cp::mv),
    writes("nice", system::through),
    pure("nl", text::nl),
    writes("nohup", system::through),
    pure("nproc", system::nproc),
    pure("nologin", system::nologin),
    pure("od", dump::od),
    writes("passwd", users::password),
    pure("paste", paste::run),
    pure("printenv", system::printenv),
    pure("printf", printf::run),
    pure("pwd", names::pwd),
    pure("readlink", names::readlink),
    pure("realpath", names::realpath),
    pure("rev", text::rev),
    writes("rm", rm::run),
    writes("rmdir", rmdir::run),
    writes("rsync", rsync::run),
    writes("runuser", system::su),
    writes("sed", sed::run),
    pure("seq", seq::run),
    writes("setsid", system::through),
    pure("sha1sum", sums::sum),
    pure("sha256sum", sums::sum),
    pure("sha384sum", sums::sum),
    pure("sha512sum", sums::sum),
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
    writes("tar", tar::run),
    writes("tee", text::tee),
    pure("test", test::run),
    writes("timeout", system::through),
    writes("touch", touch::run),
    pure("tr", tr::run),
    pure("true", simple::yes),
    pure("tty", system::tty),
    writes("truncate", bytes::truncate),
    pure("uname", system::uname),
    writes("uniq", text::uniq),
    writes("unlink", ln::unlink),
    writes("unxz", gzip::other),
    writes("unzip", gzip::other),
    pure("usleep", simple::yes),
    writes("useradd", shadow::useradd),
    writes("userdel", shadow::userdel),
    writes("usermod", shadow::usermod),
    pure("wc", wc::run),
    pure("which", names::which),
    pure("whoami", system::whoami),
    writes("xargs", xargs::run),
    pure("xxd", dump::xxd),
    writes("xz", gzip::other),
    pure("yes", text::yes),
    writes("zcat", gzip::gzip),
    writes("zstd", gzip::other),
];

/// The command of that name.
pub(crate) fn find(name: &str) -> Option<&'static Command> {
    let models = crate::model::COMMANDS;
    COMMANDS.iter().chain(models).find(|command| command.name == name)
}

/// What BusyBox prints when its operands are wrong. The text of the usage is not known here: a line stands for it that
/// says so.
pub(crate) fn usage(p: &mut Process<'_, '_>) -> Run {
    if p.m.standalone() {
        p.error("BusyBox v1.35.0 (Debian 1:1.35.0-4+deb12u1+b1) multi-call binary.")?;
    } else {
        // The day of the build stands there too.
        let was = std::mem::replace(&mut p.m.modelled, true);
        p.error("BusyBox v1.37.0 multi-call binary.")?;
        p.m.modelled = was;
    }
    p.error(&UNKNOWN.to_string())?;
    Ok(1)
}

fn try_help(p: &mut Process<'_, '_>) -> Run {
    let name = p.called().to_owned();
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
