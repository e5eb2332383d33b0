//! The eighteen instructions, one file each.

use crate::{Span, Word};
use std::borrow::Cow;

/// One instruction of the file, whether or not it could be understood.
#[derive(Debug, Clone)]
pub struct Instruction<'a> {
    /// From the first character of the keyword to the end of the last line (here-documents included).
    pub span: Span,
    /// First and last line, 1-based, as BuildKit's parser counts them.
    pub lines: (u32, u32),
    /// The keyword as typed.
    pub keyword: Word<'a>,
    /// The logical line with continuations joined, as BuildKit's `Node.Original`.
    pub original: Cow<'a, str>,
    /// Comment lines directly above (BuildKit's `PrevComment`).
    pub comments: Vec<Cow<'a, str>>,
    /// Flags (`--name=value`) as written, before the instruction's own meaning.
    pub flags: Vec<Word<'a>>,
    /// Here-documents of the instruction, in order.
    pub heredocs: Vec<Heredoc<'a>>,
    /// What it says; `None` where it is in error.
    pub command: Option<Command<'a>>,
}

/// A here-document: `<<NAME` and the lines up to `NAME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heredoc<'a> {
    /// The delimiter, unquoted.
    pub name: Cow<'a, str>,
    /// The descriptor before `<<`, 0 if none.
    pub file_descriptor: u32,
    /// Whether variables in it are expanded (the delimiter was not quoted).
    pub expand: bool,
    /// Whether leading tabs are removed (`<<-`).
    pub chomp: bool,
    /// The text, each line with its line feed; tabs not yet removed.
    pub content: Cow<'a, str>,
    /// Where the content stands.
    pub span: Span,
}

/// A typed instruction (BuildKit `instructions.Command`). Values are not yet expanded.
#[derive(Debug, Clone)]
pub enum Command<'a> {
    /// `ADD`
    Add(Copy<'a>),
    /// `ARG`
    Arg(Vec<ArgPair<'a>>),
    /// `CMD`
    Cmd(CommandLine<'a>),
    /// `COPY`
    Copy(Copy<'a>),
    /// `ENTRYPOINT`
    Entrypoint(CommandLine<'a>),
    /// `ENV`
    Env(Vec<Pair<'a>>),
    /// `EXPOSE`
    Expose(Vec<Word<'a>>),
    /// `FROM`
    From(From<'a>),
    /// `HEALTHCHECK`
    Healthcheck(Healthcheck<'a>),
    /// `LABEL`
    Label(Vec<Pair<'a>>),
    /// `MAINTAINER`
    Maintainer(Word<'a>),
    /// `ONBUILD`: the trigger's text as written behind the keyword, and its parsed form.
    Onbuild(Word<'a>),
    /// `RUN`
    Run(Run<'a>),
    /// `SHELL`
    Shell(Vec<Word<'a>>),
    /// `STOPSIGNAL`
    Stopsignal(Word<'a>),
    /// `USER`
    User(Word<'a>),
    /// `VOLUME`
    Volume(Vec<Word<'a>>),
    /// `WORKDIR`
    Workdir(Word<'a>),
}

/// `FROM [--platform=P] BASE [AS NAME]`
#[derive(Debug, Clone)]
pub struct From<'a> {
    /// Image or stage, unexpanded.
    pub base: Word<'a>,
    /// The stage's name in lower case; its span is where it stands.
    pub name: Option<Word<'a>>,
    /// `--platform`, unexpanded.
    pub platform: Option<Word<'a>>,
}

/// `NAME=VALUE` of `ENV` and `LABEL`.
#[derive(Debug, Clone)]
pub struct Pair<'a> {
    /// The name.
    pub key: Word<'a>,
    /// The value, quotes kept.
    pub value: Word<'a>,
    /// Written in the old form without `=` (`ENV key some value`).
    pub no_delimiter: bool,
}

/// One argument of `ARG`.
#[derive(Debug, Clone)]
pub struct ArgPair<'a> {
    /// The name.
    pub key: Word<'a>,
    /// The default, quotes kept.
    pub value: Option<Word<'a>>,
}

/// `COPY` and `ADD`.
#[derive(Debug, Clone, Default)]
pub struct Copy<'a> {
    /// Sources that are paths (or, for `ADD`, addresses); here-documents are in `contents`.
    pub sources: Vec<Word<'a>>,
    /// Sources that are here-documents, in order: index into [`Instruction::heredocs`].
    pub contents: Vec<usize>,
    /// The destination.
    pub destination: Word<'a>,
    /// `--from`
    pub from: Option<Word<'a>>,
    /// `--chown`
    pub chown: Option<Word<'a>>,
    /// `--chmod`
    pub chmod: Option<Word<'a>>,
    /// `--link`
    pub link: bool,
    /// `--parents`
    pub parents: bool,
    /// `--exclude`, repeated.
    pub exclude: Vec<Word<'a>>,
    /// `ADD --checksum`
    pub checksum: Option<Word<'a>>,
    /// `ADD --keep-git-dir`
    pub keep_git_dir: Option<bool>,
    /// `ADD --unpack`
    pub unpack: Option<bool>,
}

/// The words of `CMD` and `ENTRYPOINT`.
#[derive(Debug, Clone)]
pub struct CommandLine<'a> {
    /// One word in shell form, the JSON array's elements in exec form.
    pub words: Vec<Word<'a>>,
    /// Shell form: to be run by the shell.
    pub shell: bool,
}

/// `RUN`
#[derive(Debug, Clone)]
pub struct Run<'a> {
    /// The command.
    pub line: CommandLine<'a>,
    /// `--mount=…`, each unparsed as BuildKit keeps them until variables are known.
    pub mounts: Vec<Word<'a>>,
    /// `--network`
    pub network: Option<Word<'a>>,
    /// `--security`
    pub security: Option<Word<'a>>,
    /// `--device`
    pub devices: Vec<Word<'a>>,
}

/// `HEALTHCHECK`
#[derive(Debug, Clone, Default)]
pub struct Healthcheck<'a> {
    /// `NONE`, or `CMD`/`CMD-SHELL` followed by the command's words, as in the image config.
    pub test: Vec<Word<'a>>,
    /// Nanoseconds.
    pub interval: Option<i64>,
    /// Nanoseconds.
    pub timeout: Option<i64>,
    /// Nanoseconds.
    pub start_period: Option<i64>,
    /// Nanoseconds.
    pub start_interval: Option<i64>,
    /// How often it may fail.
    pub retries: Option<i64>,
}
