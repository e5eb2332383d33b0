//! Executes what a `RUN` says over a file tree: a shell, its commands, and models of what installs and
//! builds. Everything that it may touch is passed in; the same request gives the same outcome to the byte.

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

use crate::tree::Tree;
use crate::user::{self, IdentityError};
use machine::{Cred, Errno, Halt, Machine};
use std::collections::BTreeMap;

mod arith;
mod brace;
mod builtin;
pub mod effect;
mod eval;
pub(crate) mod exec;
mod expand;
pub(crate) mod fs;
pub(crate) mod machine;
mod mounts;
pub(crate) mod parse;
mod pathname;
pub(crate) mod pattern;
pub(crate) mod process;
mod syntax;

pub use effect::Effect;
pub use mounts::MountPoint;

/// One process to run to its end.
#[derive(Debug, Clone)]
pub struct Exec<'a> {
    /// Program and arguments: exec form as written, shell form as `["/bin/sh", "-c", SCRIPT]`.
    pub argv: &'a [String],
    /// Environment in order; a later value of a name wins. `HOME` is added from `/etc/passwd` where it is
    /// missing, as the runtime does.
    pub env: &'a [(String, String)],
    /// Working directory; made if it is missing, as the runtime does.
    pub cwd: &'a str,
    /// `USER`: `name`, `uid`, `name:group`, `uid:gid`; empty for root.
    pub user: &'a str,
    /// The file system, mounts already grafted.
    pub tree: Tree,
    /// What standard input holds.
    pub stdin: &'a [u8],
    /// What is mounted in it.
    pub mounts: &'a [MountPoint],
    /// For [`crate::tree::Origin`] of what is written.
    pub writer: u32,
    /// Whether the network may be used.
    pub network: bool,
    /// `amd64`, `arm64` … : what `uname -m` and the package models answer by.
    pub arch: &'a str,
    /// What `hostname` answers.
    pub hostname: &'a str,
    /// The tree may hold files that are not shown (an earlier command without a model ran over it, or the
    /// base image is not known): what is missing is unknown instead of not found.
    pub incomplete: bool,
    /// What the person stated in `# effect:` comments.
    pub effects: &'a [Effect],
    /// Work units that may be spent; see [`DEFAULT_FUEL`].
    pub fuel: u64,
}

/// Work units that a `RUN` gets when nobody says otherwise: enough for a million simple commands' worth of
/// words, well below a second.
pub const DEFAULT_FUEL: u64 = 4_000_000;

impl<'a> Exec<'a> {
    /// A request as root in `/` with nothing but a tree and a command line.
    pub fn new(argv: &'a [String], tree: Tree) -> Self {
        Self {
            argv,
            env: &[],
            cwd: "/",
            user: "",
            tree,
            mounts: &[],
            stdin: &[],
            writer: 0,
            network: true,
            arch: "amd64",
            hostname: "buildkitsandbox",
            incomplete: false,
            effects: &[],
            fuel: DEFAULT_FUEL,
        }
    }
}

/// What a process left.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// How it ended.
    pub exit: Exit,
    /// What it printed, in order.
    pub output: Vec<Line>,
    /// The file system after it.
    pub tree: Tree,
    /// How far all of this is known.
    pub certainty: Certainty,
    /// Commands whose effect is not known, in order of appearance.
    pub unknown: Vec<Unknown>,
    /// The programs that ran, in order; the shell's builtins are left out.
    pub traces: Vec<Trace>,
    /// [`Exec::incomplete`] for whatever runs over this tree next.
    pub incomplete: bool,
    /// An estimate in milliseconds, or what the person stated.
    pub duration: u64,
}

/// How a process ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// It ran.
    Code(u8),
    /// It could not be started.
    NotStarted(ExecError),
    /// It wanted more work than it was given; what it did until then is kept.
    OutOfFuel,
}

impl Exit {
    /// Whether a builder goes on.
    pub fn success(&self) -> bool {
        *self == Self::Code(0)
    }
}

/// Why a process could not be started; builders word it as their runtime does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExecError {
    /// No arguments at all.
    Empty,
    /// No such program.
    NotFound {
        /// As given.
        program: String,
        /// It was looked up in `PATH` (no slash in it).
        in_path: bool,
    },
    /// It is there but may not be executed, or is a directory.
    NotExecutable {
        /// As given.
        program: String,
        /// It is a directory.
        directory: bool,
    },
    /// Neither a binary nor a script with `#!`, or its interpreter is missing.
    Format {
        /// As given.
        program: String,
        /// The interpreter of its `#!` line does not exist.
        missing_interpreter: bool,
    },
    /// The user is not in `/etc/passwd`.
    UnknownUser {
        /// As given.
        user: String,
    },
    /// The group is not in `/etc/group`.
    UnknownGroup {
        /// As given.
        group: String,
    },
}

/// A line of output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Without line feed; bytes that are not UTF-8 are replaced.
    pub text: String,
    /// To standard error.
    pub stderr: bool,
    /// A model made it up.
    pub modelled: bool,
}

/// How far an effect is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// As in life.
    Exact,
    /// A model or the person says so.
    Modelled,
    /// A command without a model took part.
    Unknown,
}

/// A command whose effect is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// Its words, joined by spaces.
    pub command: String,
    /// Why.
    pub why: Why,
}

/// Why an effect is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// There is no model of this program.
    NoModel,
    /// There is one, but not of this option or operand.
    Option(String),
    /// It is a binary that a model made up (`go build`).
    MadeUpBinary,
    /// It reads a file whose content is not known.
    Content(String),
    /// It depends on a file that an unknown command may have made.
    MayExist(String),
    /// It is written in a language that is not executed here.
    Interpreter(String),
}

/// A program that ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// Its words, joined by spaces, cut off at 200 characters.
    pub command: String,
    /// Its exit code.
    pub exit: u8,
    /// An estimate in milliseconds.
    pub duration: u64,
    /// Bytes that it downloaded or wrote, where a model says so.
    pub bytes: u64,
    /// How far it is known.
    pub certainty: Certainty,
}

pub(crate) use eval::quoted_if_needed as quote;

/// Runs a process to its end.
pub fn run(request: Exec<'_>) -> Outcome {
    let mut m = Machine::new(&request);
    let exit = match start(&mut m, &request) {
        Ok(exit) => exit,
        Err(Halt::Exit(code)) => Exit::Code(code),
        Err(Halt::Fuel) => Exit::OutOfFuel,
        Err(Halt::Unknown(why)) => {
            Exit::Code(m.note_unknown(request.argv.join(" "), why, false, request.cwd))
        }
    };
    let mut exit = exit;
    if exit.success() && !request.effects.is_empty() {
        m.apply_effects(request.cwd);
        if request.effects.iter().any(|effect| !matches!(effect, Effect::Takes { .. })) {
            m.at_least(Certainty::Modelled);
        }
        if let Some(code) = m.stated_failure {
            exit = Exit::Code(code);
        }
    }
    m.finish();
    Outcome {
        exit,
        duration: m.total_duration(),
        output: m.lines,
        tree: m.tree,
        certainty: m.certainty,
        unknown: m.unknown,
        traces: m.traces,
        incomplete: m.incomplete,
    }
}

/// What the runtime does before a program's first instruction.
fn start(m: &mut Machine<'_>, request: &Exec<'_>) -> Result<Exit, Halt> {
    let Some(program) = request.argv.first() else { return Ok(Exit::NotStarted(ExecError::Empty)) };
    if m.tree.root.unlisted.as_ref().is_some_and(|more| more.source.starts_with(crate::WINDOWS)) {
        return Err(Halt::Unknown(Why::Interpreter("Windows".to_owned())));
    }
    let identity = match user::identity(&m.tree, request.user) {
        Ok(identity) => identity,
        Err(_) if m.incomplete => somebody(m, request.user),
        Err(IdentityError::User(user)) => return Ok(Exit::NotStarted(ExecError::UnknownUser { user })),
        Err(IdentityError::Group(group)) => return Ok(Exit::NotStarted(ExecError::UnknownGroup { group })),
    };
    let mut env: BTreeMap<String, String> = request.env.iter().cloned().collect();
    env.entry("HOME".to_owned()).or_insert_with(|| identity.home.clone());
    // The engines put the primary group among the others, and the kernel sorts them.
    let mut groups = identity.groups;
    groups.push(identity.gid);
    groups.sort_unstable();
    groups.dedup();
    let cred = Cred { uid: identity.uid, gid: identity.gid, groups };
    let cwd = if request.cwd.is_empty() { "/".to_owned() } else { crate::tree::absolute("/", request.cwd) };
    let root = Cred::default();
    if !matches!(m.stat(&cwd, true), Ok(Ok(_))) {
        // The runtime makes it, as root.
        let _ = m.mkdir_all(&root, &cwd, 0o755)?;
    }
    let path = env.get("PATH").cloned().unwrap_or_default();
    let spec = exec::Spec {
        argv: request.argv.to_vec(),
        env,
        cwd: cwd.clone(),
        cred: cred.clone(),
        umask: 0o022,
        fds: [(0, 0), (1, 1), (2, 2)].into_iter().collect(),
        order: exec::Order::Listed(request.env.iter().map(|(name, _)| name.clone()).collect()),
    };
    let in_path = !program.contains('/');
    match exec::find(m, program, &path, &cwd, &cred) {
        exec::Found::At(path) => {
            if let Some(error) = bad_format(m, &path, program) {
                return Ok(Exit::NotStarted(error));
            }
            exec::run(m, spec, &path).map(Exit::Code)
        }
        exec::Found::MayExist(path) => exec::run_unlisted(m, spec, &path).map(Exit::Code),
        exec::Found::Missing => {
            Ok(Exit::NotStarted(ExecError::NotFound { program: program.clone(), in_path }))
        }
        exec::Found::Denied { directory } => {
            Ok(Exit::NotStarted(ExecError::NotExecutable { program: program.clone(), directory }))
        }
    }
}

/// A user of whom nobody knows the number, because nobody knows the whole image.
fn somebody(m: &mut Machine<'_>, user: &str) -> user::Identity {
    let name = user.split(':').next().unwrap_or("");
    if name == "root" {
        return user::Identity { home: "/root".to_owned(), ..user::Identity::default() };
    }
    m.at_least(Certainty::Unknown);
    user::Identity { uid: 1000, gid: 1000, home: ["/home/", name].concat(), ..user::Identity::default() }
}

/// A text without `#!` is no program to the kernel, and an interpreter has to exist.
fn bad_format(m: &Machine<'_>, path: &str, program: &str) -> Option<ExecError> {
    let file = m.tree.read(path).ok()?;
    let bytes = file.content.known()?;
    let format = |missing_interpreter| ExecError::Format { program: program.to_owned(), missing_interpreter };
    if let Some(rest) = bytes.strip_prefix(b"#!") {
        let line = String::from_utf8_lossy(rest.split(|b| *b == b'\n').next().unwrap_or(b"")).into_owned();
        let interpreter = line.split_whitespace().next().unwrap_or("").to_owned();
        return matches!(m.stat(&interpreter, true), Ok(Err(Errno::NoEntry | Errno::NotDir)))
            .then(|| format(true));
    }
    (!bytes.starts_with(b"\x7fELF")).then(|| format(false))
}
