//! A running command: its words, who it is, and what it reads and prints.

use super::exec::{self, Order, Spec};
use super::machine::{Cred, Fds, Halt, Machine, Sys};
use super::parse::Dialect;
use super::{Certainty, Why};
use crate::tree::{Content, Dir, Node};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Whose implementation of a command it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavor {
    BusyBox,
    Gnu,
}

/// What a command gives: its exit code, or that it cannot go on.
pub(crate) type Run = Result<u8, Halt>;

/// Programs that name themselves without directories.
const SHORT: &[&str] = &[
    "addgroup", "adduser", "awk", "chfn", "chpasswd", "chsh", "delgroup", "deluser", "gawk", "getent",
    "gpasswd", "groupadd", "groupdel", "groupmod", "gunzip", "gzip", "hd", "hexdump", "mawk", "passwd",
    "rev", "runuser", "su", "useradd", "userdel", "usermod", "xxd", "zcat",
];

pub(crate) struct Process<'p, 'a> {
    pub(crate) m: &'p mut Machine<'a>,
    /// The name that it was called by, without directories.
    pub(crate) name: String,
    /// The word that it was called by.
    pub(crate) given: String,
    /// What its messages begin with, where that is not its name.
    called: String,
    pub(crate) args: Vec<String>,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) cwd: String,
    pub(crate) cred: Cred,
    pub(crate) umask: u32,
    pub(crate) fds: Fds,
    pub(crate) order: Order,
    pub(crate) flavor: Flavor,
    /// Of the shell whose builtin it is.
    pub(crate) dialect: Option<Dialect>,
    /// What that shell's messages begin with.
    pub(crate) prefix: String,
    /// What it prints may be unknown, but it changes nothing.
    pub(crate) reads: bool,
    out: Vec<u8>,
}

impl<'p, 'a> Process<'p, 'a> {
    pub(crate) fn new(
        m: &'p mut Machine<'a>,
        spec: Spec,
        flavor: Flavor,
        builtin: Option<(Dialect, String)>,
    ) -> Self {
        let (dialect, prefix) = builtin.map_or((None, String::new()), |(d, p)| (Some(d), p));
        let mut words = spec.argv.into_iter();
        let first = words.next().unwrap_or_default();
        let name = first.rsplit('/').next().unwrap_or("").to_owned();
        // Most of GNU's programs repeat how they were called.
        let short = flavor == Flavor::BusyBox || dialect.is_some() || SHORT.contains(&name.as_str());
        let called = if short { String::new() } else { first.clone() };
        Self {
            m,
            name,
            given: first,
            called,
            reads: false,
            args: words.collect(),
            env: spec.env,
            cwd: spec.cwd,
            cred: spec.cred,
            umask: spec.umask,
            fds: spec.fds,
            order: spec.order,
            flavor,
            dialect,
            prefix,
            out: Vec::new(),
        }
    }

    pub(crate) fn busybox(&self) -> bool {
        self.flavor == Flavor::BusyBox
    }

    /// Prints bytes on standard output.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Halt> {
        self.out.extend_from_slice(bytes);
        if self.out.len() > 1 << 16 { self.flush() } else { Ok(()) }
    }

    pub(crate) fn print(&mut self, text: &str) -> Result<(), Halt> {
        self.write(text.as_bytes())
    }

    /// Prints a line on standard output.
    pub(crate) fn line(&mut self, text: &str) -> Result<(), Halt> {
        self.write(text.as_bytes())?;
        self.write(b"\n")
    }

    pub(crate) fn flush(&mut self) -> Result<(), Halt> {
        let out = std::mem::take(&mut self.out);
        self.write_fd(1, &out)
    }

    pub(crate) fn write_fd(&mut self, fd: u32, bytes: &[u8]) -> Result<(), Halt> {
        match self.fds.get(&fd) {
            Some(stream) => {
                let stream = *stream;
                self.m.write(stream, bytes)
            }
            None => Ok(()),
        }
    }

    /// Prints a line on standard error.
    pub(crate) fn error(&mut self, text: &str) -> Result<(), Halt> {
        self.flush()?;
        self.write_fd(2, format!("{text}\n").as_bytes())
    }

    /// Whether GNU's messages have the quotes of UTF-8 around names: in the C locale, that of an image which says
    /// nothing, they are plain. Other locales than `C.UTF-8` have to be installed.
    pub(crate) fn curly(&self) -> bool {
        let set = |name: &&str| self.env.get(*name).filter(|value| !value.is_empty());
        let Some(locale) = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set) else { return false };
        let Some((name, charset)) = locale.split_once('.') else { return false };
        let utf8 = charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8");
        utf8 && (name == "C" || self.m.tree.exists("/usr/lib/locale/locale-archive"))
    }

    /// What its messages begin with.
    pub(crate) fn called(&self) -> &str {
        if self.called.is_empty() { &self.name } else { &self.called }
    }

    /// Prints `name: text` on standard error.
    pub(crate) fn complain(&mut self, text: &str) -> Result<(), Halt> {
        let plain;
        let text = if text.contains('‘') && !self.curly() {
            plain = text.replace(['‘', '’'], "'");
            plain.as_str()
        } else {
            text
        };
        let text = format!("{}{}: {text}", self.prefix, self.called());
        self.error(&text)
    }

    /// Prints `name: text` and gives the exit code.
    pub(crate) fn fail(&mut self, code: u8, text: &str) -> Run {
        self.complain(text)?;
        Ok(code)
    }

    /// The option is not modelled.
    pub(crate) fn option<T>(&self, option: impl Into<String>) -> Result<T, Halt> {
        Err(Halt::Unknown(Why::Option(option.into())))
    }

    /// What it prints is not known; it changes nothing.
    pub(crate) fn only_reads<T>(&mut self, what: impl Into<String>) -> Result<T, Halt> {
        self.reads = true;
        self.option(what)
    }

    /// What a model prints from here on is marked as made up.
    pub(crate) fn modelled(&mut self) {
        self.m.modelled = true;
        self.m.at_least(Certainty::Modelled);
    }

    /// All of standard input.
    pub(crate) fn stdin(&mut self) -> Vec<u8> {
        self.fds.get(&0).map(|stream| self.m.drain(*stream)).unwrap_or_default()
    }

    /// A path seen from the working directory, `..` left to the kernel.
    pub(crate) fn path(&self, path: &str) -> String {
        absolute(&self.cwd, path)
    }

    pub(crate) fn stat(&self, path: &str) -> Sys<Node> {
        if path.is_empty() {
            return Ok(Err(super::machine::Errno::NoEntry));
        }
        self.m.stat(&self.path(path), true)
    }

    pub(crate) fn lstat(&self, path: &str) -> Sys<Node> {
        if path.is_empty() {
            return Ok(Err(super::machine::Errno::NoEntry));
        }
        self.m.stat(&self.path(path), false)
    }

    /// What is there for certain, links followed: what may exist counts as missing, as for a destination.
    pub(crate) fn probe(&self, path: &str) -> Option<Node> {
        self.m.tree.stat(&self.path(path)).ok()
    }

    /// The bytes of a file, `-` and `/dev/stdin` being standard input.
    pub(crate) fn read(&mut self, path: &str) -> Sys<Vec<u8>> {
        if path.is_empty() {
            return Ok(Err(super::machine::Errno::NoEntry));
        }
        if path == "-" || path == "/dev/stdin" || path == "/dev/fd/0" || path == "/proc/self/fd/0" {
            return Ok(Ok(self.stdin()));
        }
        if let Some(fd) = path.strip_prefix("/dev/fd/").and_then(|fd| fd.parse().ok()) {
            let stream: Option<usize> = self.fds.get(&fd).copied();
            return Ok(Ok(stream.map(|stream| self.m.drain(stream)).unwrap_or_default()));
        }
        let path = self.path(path);
        self.m.read(&self.cred, &path)
    }

    pub(crate) fn content(&mut self, path: &str) -> Sys<Content> {
        let path = self.path(path);
        self.m.content_of(&self.cred, &path)
    }

    pub(crate) fn list(&mut self, path: &str) -> Sys<Arc<Dir>> {
        let path = self.path(path);
        self.m.list(&self.cred, &path)
    }

    /// Writes a file; a new one has mode 0666 without the umask.
    pub(crate) fn touch(&mut self, path: &str) -> Sys<()> {
        let path = self.path(path);
        self.m.touch(&self.cred, &path)
    }

    pub(crate) fn write_file(&mut self, path: &str, bytes: Vec<u8>) -> Sys<()> {
        if matches!(path, "/dev/stdout" | "/dev/stderr" | "/proc/self/fd/1" | "/proc/self/fd/2") {
            let fd = if path.ends_with("stdout") || path.ends_with('1') { 1 } else { 2 };
            self.flush()?;
            return self.write_fd(fd, &bytes).map(Ok);
        }
        let content = self.m.content(bytes);
        self.write_content(path, content)
    }

    pub(crate) fn write_content(&mut self, path: &str, content: Content) -> Sys<()> {
        let path = self.path(path);
        self.m.write_content(&self.cred, &path, content, 0o666 & !self.umask)
    }

    /// Runs another program with the same environment and open files.
    pub(crate) fn spawn(&mut self, argv: Vec<String>) -> Run {
        let spec = self.spec(argv);
        self.spawn_spec(spec)
    }

    pub(crate) fn spec(&self, argv: Vec<String>) -> Spec {
        Spec {
            argv,
            env: self.env.clone(),
            cwd: self.cwd.clone(),
            cred: self.cred.clone(),
            umask: self.umask,
            fds: self.fds.clone(),
            order: self.order.clone(),
        }
    }

    /// As [`Process::spawn`]; a program that is missing gives 127 and a message of the caller's.
    pub(crate) fn spawn_spec(&mut self, spec: Spec) -> Run {
        self.flush()?;
        let program = spec.argv.first().cloned().unwrap_or_default();
        if program == "sh" && self.busybox() && self.m.standalone() {
            // An applet of its own comes before what `PATH` leads to.
            let mut spec = spec;
            spec.argv.insert(0, "busybox".to_owned());
            return exec::run(self.m, spec, "/bin/busybox");
        }
        match exec::find(
            self.m,
            &program,
            spec.env.get("PATH").map_or("", String::as_str),
            &spec.cwd,
            &spec.cred,
        ) {
            exec::Found::At(path) => exec::run(self.m, spec, &path),
            exec::Found::MayExist(path) => exec::run_unlisted(self.m, spec, &path),
            exec::Found::Missing => {
                let text = if self.busybox() {
                    format!("can't execute '{program}': No such file or directory")
                } else if self.name == "env" {
                    format!("‘{program}’: No such file or directory")
                } else {
                    format!("{program}: No such file or directory")
                };
                self.fail(127, &text)
            }
            exec::Found::Denied { .. } => {
                let text = if self.busybox() {
                    format!("can't execute '{program}': Permission denied")
                } else {
                    format!("{program}: Permission denied")
                };
                self.fail(126, &text)
            }
        }
    }
}

/// What no path leads to.
const NOWHERE: &str = "/\0/\0";

/// `path` seen from `cwd` without resolving anything.
pub(crate) fn absolute(cwd: &str, path: &str) -> String {
    if path.is_empty() {
        // No name is the name of nothing: neither is it there nor can it be made.
        return NOWHERE.to_owned();
    }
    if path.starts_with('/') {
        path.to_owned()
    } else if cwd.ends_with('/') {
        format!("{cwd}{path}")
    } else {
        format!("{cwd}/{path}")
    }
}
