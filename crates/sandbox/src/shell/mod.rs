//! Executes what a `RUN` says over a file tree: a shell, its commands, and models of what installs and
//! builds. Everything that it may touch is passed in; the same request gives the same outcome to the byte.

use crate::tree::Tree;

pub mod effect;

pub use effect::Effect;

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

/// Runs a process to its end.
pub fn run(request: Exec<'_>) -> Outcome {
    Outcome {
        exit: Exit::Code(0),
        output: Vec::new(),
        tree: request.tree,
        certainty: Certainty::Unknown,
        unknown: vec![Unknown { command: request.argv.join(" "), why: Why::NoModel }],
        traces: Vec::new(),
        incomplete: true,
        duration: 0,
    }
}
