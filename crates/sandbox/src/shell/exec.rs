//! Starting programs: finding them in `PATH`, telling what they are, and running the model of that name.

use super::machine::{Cred, Fds, Halt, Machine, Stream, UNKNOWN_BYTES};
use super::parse::Dialect;
use super::process::{Flavor, Process, Run, absolute};
use super::{Certainty, Trace, Why, eval};
use crate::command::{self, Kind};
use crate::tree::{Content, Node, base_name};
use std::collections::BTreeMap;

/// What a new process is given.
#[derive(Debug, Clone)]
pub(crate) struct Spec {
    pub(crate) argv: Vec<String>,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) cwd: String,
    pub(crate) cred: Cred,
    pub(crate) umask: u32,
    pub(crate) fds: Fds,
    /// In which order the environment stands.
    pub(crate) order: Order,
}

/// In which order a program finds its environment.
#[derive(Debug, Clone)]
pub(crate) enum Order {
    /// As the tables of dash and BusyBox have their variables.
    Table,
    /// As bash has them, after what stood before the command.
    Bash(Vec<String>),
    /// These first.
    Listed(Vec<String>),
}

impl Order {
    /// The variables of an environment in that order.
    pub(crate) fn apply(&self, env: &BTreeMap<String, String>) -> Vec<(String, String)> {
        let mut all: Vec<(String, String)> = env.clone().into_iter().collect();
        match self {
            Self::Table => all.sort_by_key(|(name, _)| {
                let bytes = name.bytes().map(u32::from);
                (bytes.clone().next().unwrap_or(0) * 16 + bytes.sum::<u32>()) % 39
            }),
            Self::Bash(first) => all.sort_by_key(|(name, _)| {
                let hash = name
                    .bytes()
                    .fold(2_166_136_261_u32, |hash, byte| hash.wrapping_mul(16_777_619) ^ u32::from(byte));
                let before = first.iter().rev().position(|known| known == name).unwrap_or(first.len());
                (name == "_", before, hash % 1024)
            }),
            Self::Listed(names) => {
                all.sort_by_key(|(name, _)| {
                    names.iter().position(|known| known == name).unwrap_or(names.len())
                });
            }
        }
        all
    }
}

/// Where a program is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// At this absolute path (links not resolved).
    At(String),
    /// Nobody knows whether it is there.
    MayExist(String),
    Missing,
    /// It is there but not to be executed.
    Denied {
        directory: bool,
    },
}

/// Paths that a shell without `PATH` looks in.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Looks a program up as `execvp` does.
pub(crate) fn find(m: &Machine<'_>, program: &str, path: &str, cwd: &str, cred: &Cred) -> Found {
    if program.is_empty() {
        return Found::Missing;
    }
    if program.contains('/') {
        return check(m, absolute(cwd, program), cred);
    }
    let path = if path.is_empty() { DEFAULT_PATH } else { path };
    let mut fallback = Found::Missing;
    for dir in path.split(':') {
        let dir = if dir.is_empty() { cwd } else { dir };
        match check(m, absolute(cwd, &[dir, "/", program].concat()), cred) {
            at @ Found::At(_) => return at,
            Found::Denied { directory: false } => fallback = Found::Denied { directory: false },
            may @ Found::MayExist(_) if fallback == Found::Missing => fallback = may,
            _ => {}
        }
    }
    if let Found::MayExist(path) = &fallback
        && (!plausible(m, program) || !brought(m, path, program))
    {
        return Found::Missing;
    }
    fallback
}

fn check(m: &Machine<'_>, path: String, cred: &Cred) -> Found {
    match m.stat(&path, true) {
        Ok(Ok(Node::File(file))) if cred.may(file.meta, 1) => Found::At(path),
        Ok(Ok(Node::File(_))) => Found::Denied { directory: false },
        Ok(Ok(_)) => Found::Denied { directory: true },
        Ok(Err(super::machine::Errno::Access)) => Found::Denied { directory: false },
        Ok(Err(_)) => Found::Missing,
        Err(_) => Found::MayExist(path),
    }
}

/// The family of distributions, as far as the tree tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Alpine,
    Debian,
    RedHat,
    Other,
    /// There is no `/etc/os-release`.
    Unknown,
}

pub(crate) fn family(m: &Machine<'_>) -> Family {
    let Ok(file) = m.tree.read("/etc/os-release").or_else(|_| m.tree.read("/usr/lib/os-release")) else {
        for (path, family) in [
            ("/sbin/apk", Family::Alpine),
            ("/usr/bin/apt-get", Family::Debian),
            ("/etc/debian_version", Family::Debian),
            ("/usr/bin/rpm", Family::RedHat),
        ] {
            if m.tree.exists(path) {
                return family;
            }
        }
        return Family::Unknown;
    };
    let text = String::from_utf8_lossy(file.content.known().unwrap_or(b""));
    let value = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        line.unwrap_or("").trim_matches('"').to_owned()
    };
    let names = format!("{} {}", value("ID"), value("ID_LIKE"));
    for name in names.split_whitespace() {
        match name {
            "alpine" | "wolfi" | "chainguard" => return Family::Alpine,
            "debian" | "ubuntu" => return Family::Debian,
            "rhel" | "fedora" | "centos" | "amzn" | "ol" | "rocky" | "almalinux" => return Family::RedHat,
            _ => {}
        }
    }
    if text.trim().is_empty() { Family::Unknown } else { Family::Other }
}

/// Whether what a directory may hold besides what is listed can be this program.
fn brought(m: &Machine<'_>, path: &str, program: &str) -> bool {
    if m.incomplete {
        return true;
    }
    match m.tree.stat(crate::tree::parent(path)) {
        Ok(Node::Dir(dir)) => {
            dir.unlisted.as_ref().is_none_or(|more| crate::model::may_have_brought(&more.source, program))
        }
        _ => true,
    }
}

/// A package manager of another distribution is not there, even where not everything is listed.
fn plausible(m: &Machine<'_>, program: &str) -> bool {
    let home = match program {
        "apk" => Family::Alpine,
        "apt" | "apt-get" | "apt-cache" | "apt-key" | "apt-mark" | "dpkg" | "add-apt-repository" => {
            Family::Debian
        }
        "dnf" | "yum" | "microdnf" | "rpm" | "tdnf" => Family::RedHat,
        _ => return true,
    };
    let family = family(m);
    family == home || family == Family::Unknown
}

/// Runs a program that was found.
pub(crate) fn run(m: &mut Machine<'_>, spec: Spec, path: &str) -> Run {
    m.spend(10)?;
    m.depth += 1;
    if m.depth > super::machine::MAX_DEPTH {
        return Err(Halt::Fuel);
    }
    let code = run_file(m, spec, path);
    m.depth -= 1;
    code
}

fn run_file(m: &mut Machine<'_>, spec: Spec, path: &str) -> Run {
    let Ok(found) = m.tree.resolve(path, true) else { return Ok(127) };
    let Some(Node::File(file)) = found.node else { return Ok(126) };
    match &file.content {
        Content::Bytes(bytes) if bytes.starts_with(b"\x7fELF") => unknown(m, &spec, Why::MadeUpBinary),
        Content::Bytes(bytes) if bytes.starts_with(b"#!") => {
            let first = bytes.split(|b| *b == b'\n').next().unwrap_or(b"");
            let text = String::from_utf8_lossy(first.get(2..).unwrap_or(b"")).trim().to_owned();
            let (interpreter, arg) = match text.split_once([' ', '\t']) {
                Some((interpreter, arg)) => (interpreter.to_owned(), Some(arg.trim().to_owned())),
                None => (text, None),
            };
            let mut argv = vec![interpreter.clone()];
            argv.extend(arg);
            // The kernel passes on the path as it was given.
            let given = spec.argv.first().filter(|first| first.contains('/')).cloned();
            argv.push(given.unwrap_or_else(|| path.to_owned()));
            argv.extend(spec.argv.iter().skip(1).cloned());
            let name = base_name(path).to_owned();
            let wrapped = crate::model::is_wrapper(&name, bytes);
            match check(m, interpreter, &spec.cred) {
                Found::At(_) if wrapped => return run_named(m, spec, &[&name], Flavor::Gnu),
                _ => {}
            }
            let interpreter = argv.first().cloned().unwrap_or_default();
            let spec = Spec { argv, ..spec };
            match check(m, interpreter, &spec.cred) {
                Found::At(path) => run(m, spec, &path),
                Found::MayExist(path) => run_unlisted(m, spec, &path),
                Found::Missing | Found::Denied { .. } => Ok(127),
            }
        }
        Content::Bytes(_) => {
            // Text without `#!`: a shell runs it itself.
            let given = spec.argv.first().filter(|first| first.contains('/')).cloned();
            let mut argv = vec!["/bin/sh".to_owned(), given.unwrap_or_else(|| path.to_owned())];
            argv.extend(spec.argv.iter().skip(1).cloned());
            let spec = Spec { argv, ..spec };
            let dialect = dialect_of(m, "/bin/sh");
            run_shell(m, spec, dialect)
        }
        Content::Modelled { source, .. } if made_up(source) => unknown(m, &spec, Why::MadeUpBinary),
        Content::Modelled { .. } | Content::Unknown { .. } => {
            let mut spec = spec;
            let real = base_name(&found.path).to_owned();
            let called = spec.argv.first().map(|first| base_name(first).to_owned()).unwrap_or_default();
            let copy = || {
                let digest = file.content.digest();
                matches!(m.tree.read("/bin/busybox"), Ok(busybox) if busybox.content.digest() == digest)
            };
            if real == "busybox" || copy() {
                let mut name = base_name(path).to_owned();
                if name == "busybox" {
                    if spec.argv.len() > 1 {
                        spec.argv.remove(0);
                    }
                    name = spec.argv.first().map(|first| base_name(first).to_owned()).unwrap_or_default();
                }
                return run_applet(m, spec, &name);
            }
            run_named(m, spec, &[base_name(path), &real, &called], Flavor::Gnu)
        }
    }
}

/// Runs a program of which nobody knows whether it is there, if there is a model of its name.
pub(crate) fn run_unlisted(m: &mut Machine<'_>, spec: Spec, path: &str) -> Run {
    m.spend(10)?;
    let name = base_name(path).to_owned();
    if m.depth >= super::machine::MAX_DEPTH {
        return Err(Halt::Fuel);
    }
    let flavor = if family(m) == Family::Alpine { Flavor::BusyBox } else { Flavor::Gnu };
    if spec.argv.first().is_some_and(|first| first.contains('/')) && !system_dir(path) {
        return unknown(m, &spec, Why::MayExist(path.to_owned()));
    }
    m.depth += 1;
    let code = run_named(m, spec, &[&name], flavor);
    m.depth -= 1;
    code
}

fn system_dir(path: &str) -> bool {
    ["/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/local/"].iter().any(|dir| path.starts_with(dir))
}

/// Whether the file is what a compiler's model wrote, so that its name says nothing.
fn made_up(source: &str) -> bool {
    // The names of images, which label their files, are among no maker's.
    [
        "go ",
        "gcc build",
        "make ",
        "cargo ",
        "rustc",
        "javac",
        "dotnet build",
        "stated",
        "download",
        "declared",
    ]
    .iter()
    .any(|maker| source.starts_with(maker))
}

/// `python3.11` → `python3`, `gcc-12` → `gcc`.
fn unversioned(name: &str) -> &str {
    let trimmed = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
    if trimmed.len() < 2 { name } else { trimmed }
}

/// Runs BusyBox by the name of an applet. Where its names are links, a name that is none is no applet.
fn run_applet(m: &mut Machine<'_>, spec: Spec, applet: &str) -> Run {
    let link = |dir: &&str| {
        let path = [dir, "/", applet].concat();
        m.tree.resolve(&path, true).is_ok_and(|found| base_name(&found.path) == "busybox")
    };
    let is_applet = matches!(applet, "sh" | "ash" | "hush")
        || ["/bin", "/sbin", "/usr/bin", "/usr/sbin"].iter().any(link);
    if !is_applet && !applet.starts_with('-') && !applet.is_empty() && m.tree.exists("/bin/ls") {
        let text = [applet, ": applet not found\n"].concat();
        if let Some(stderr) = spec.fds.get(&2).copied() {
            m.write(stderr, text.as_bytes())?;
        }
        return Ok(127);
    }
    run_named(m, spec, &[applet], Flavor::BusyBox)
}

fn run_named(m: &mut Machine<'_>, spec: Spec, names: &[&str], flavor: Flavor) -> Run {
    for name in names {
        let shell = match *name {
            "sh" | "ash" | "hush" if flavor == Flavor::BusyBox => Some(Dialect::Ash),
            "dash" => Some(Dialect::Dash),
            "bash" | "rbash" => Some(Dialect::Bash),
            "sh" => Some(default_dialect(m)),
            "ash" => Some(Dialect::Ash),
            _ => None,
        };
        if let Some(dialect) = shell {
            return run_shell(m, spec, dialect);
        }
    }
    let found = names.iter().find_map(|name| command::find(name));
    let found = found.or_else(|| names.iter().find_map(|name| command::find(unversioned(name))));
    match found {
        Some(command) => run_command(m, spec, command, flavor, None),
        None if names.iter().any(|name| READERS.contains(name)) => {
            finish_unknown(m, &spec.argv, &spec.cwd, &spec.fds, Why::NoModel, true, 100)
        }
        None => unknown(m, &spec, Why::NoModel),
    }
}

/// Programs without a model that read and print, and leave files alone.
const READERS: &[&str] = &[
    "b2sum",
    "bc",
    "dpkg-buildflags",
    "cal",
    "cksum",
    "column",
    "dc",
    "df",
    "expand",
    "factor",
    "file",
    "fmt",
    "free",
    "getconf",
    "join",
    "jq",
    "ldd",
    "locale",
    "look",
    "lscpu",
    "nm",
    "numfmt",
    "objdump",
    "pr",
    "ps",
    "readelf",
    "shuf",
    "size",
    "strings",
    "sum",
    "tree",
    "tsort",
    "unexpand",
    "uptime",
    "users",
    "w",
    "who",
];

fn default_dialect(m: &Machine<'_>) -> Dialect {
    match family(m) {
        Family::Alpine => Dialect::Ash,
        Family::RedHat => Dialect::Bash,
        Family::Debian | Family::Other | Family::Unknown => Dialect::Dash,
    }
}

/// Which shell stands at a path.
pub(crate) fn dialect_of(m: &Machine<'_>, path: &str) -> Dialect {
    match m.tree.resolve(path, true) {
        Ok(found) => match base_name(&found.path) {
            "busybox" | "ash" => Dialect::Ash,
            "dash" => Dialect::Dash,
            "bash" => Dialect::Bash,
            _ => default_dialect(m),
        },
        Err(_) => default_dialect(m),
    }
}

fn words(argv: &[String]) -> String {
    let mut text = argv.join(" ");
    if let Some((at, _)) = text.char_indices().nth(200) {
        text.truncate(at);
        text.push('…');
    }
    text.replace(super::machine::UNKNOWN, "…")
}

/// Notes that nobody knows what the program does, and goes on as if it had succeeded.
pub(crate) fn unknown(m: &mut Machine<'_>, spec: &Spec, why: Why) -> Run {
    let pure = asks(&spec.argv);
    finish_unknown(m, &spec.argv, &spec.cwd, &spec.fds, why, pure, 1000)
}

/// Whether a program is asked for its version or its help alone.
fn asks(argv: &[String]) -> bool {
    matches!(argv, [_, flag] if matches!(flag.as_str(), "--version" | "--help" | "-version" | "-V"))
}

fn finish_unknown(
    m: &mut Machine<'_>,
    argv: &[String],
    cwd: &str,
    fds: &Fds,
    why: Why,
    pure: bool,
    duration: u64,
) -> Run {
    let code = m.note_unknown(words(argv), why, pure, cwd);
    if let Some(out) = fds.get(&1).copied()
        && !matches!(m.streams.get(out), Some(Stream::Terminal { .. }))
    {
        m.write(out, &[UNKNOWN_BYTES, b"\n"].concat())?;
    }
    m.duration += duration;
    trace(m, argv, code, duration, Certainty::Unknown);
    Ok(code)
}

fn trace(m: &mut Machine<'_>, argv: &[String], exit: u8, duration: u64, certainty: Certainty) {
    if m.traces.len() < 2000 {
        m.traces.push(Trace { command: words(argv), exit, duration, bytes: 0, certainty });
    }
}

/// Runs the model of a command.
pub(crate) fn run_command(
    m: &mut Machine<'_>,
    spec: Spec,
    command: &command::Command,
    flavor: Flavor,
    builtin: Option<(Dialect, String)>,
) -> Run {
    m.spend(5)?;
    let (argv, cwd, fds) = (spec.argv.clone(), spec.cwd.clone(), spec.fds.clone());
    let actor = std::mem::replace(&mut m.actor, spec.cred.clone());
    let modelled = m.modelled;
    if command.kind == Kind::Model {
        m.modelled = true;
        m.at_least(Certainty::Modelled);
        use sha2::Digest as _;
        for word in &argv {
            m.history.update(word.as_bytes());
            m.history.update([0]);
        }
    }
    let before = m.duration;
    let external = builtin.is_none();
    let mut process = Process::new(m, spec, flavor, builtin);
    let mut result = (command.run)(&mut process);
    if !matches!(result, Err(Halt::Fuel)) {
        result = process.flush().and(result);
    }
    let reads = process.reads;
    m.modelled = modelled;
    m.actor = actor;
    match result {
        Ok(code) => {
            if external {
                m.duration += 2;
                let certainty =
                    if command.kind == Kind::Model { Certainty::Modelled } else { Certainty::Exact };
                let spent = m.duration - before;
                trace(m, &argv, code, spent, certainty);
            }
            Ok(code)
        }
        Err(Halt::Unknown(why)) => {
            // Asked for its version or help, a program does nothing else.
            let pure = reads || command.kind == Kind::Pure || asks(&argv);
            finish_unknown(m, &argv, &cwd, &fds, why, pure, 10)
        }
        Err(Halt::Exit(code)) => {
            trace(m, &argv, code, m.duration - before, Certainty::Modelled);
            Ok(code)
        }
        Err(halt) => Err(halt),
    }
}

/// Runs a shell as a program of its own.
pub(crate) fn run_shell(m: &mut Machine<'_>, spec: Spec, dialect: Dialect) -> Run {
    let actor = std::mem::replace(&mut m.actor, spec.cred.clone());
    m.shells += 1;
    let done = eval::main(m, spec, dialect);
    m.shells -= 1;
    m.actor = actor;
    done
}
