//! The eighteen instructions, one file each: what the instruction holds, how it is parsed, its flags and one
//! line of documentation per flag. To add one, write its file and add a line to [`ALL`] and to [`Command`].

pub mod add;
pub mod arg;
pub mod cmd;
pub mod copy;
pub mod device;
pub mod entrypoint;
pub mod env;
pub mod expose;
pub mod from;
pub mod healthcheck;
pub mod label;
pub mod maintainer;
pub mod mount;
pub mod onbuild;
pub mod run;
pub mod shell;
pub mod stopsignal;
pub mod user;
pub mod volume;
pub mod workdir;

mod request;

pub use arg::ArgPair;
pub use cmd::CommandLine;
pub use copy::{Copy, Inline};
pub use env::Pair;
pub use from::From;
pub use healthcheck::Healthcheck;
pub use run::Run;

pub(crate) use request::{Problem, Request};

use crate::{Comments, Dialect, Heredoc, Phrase, Span, Word};
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
    /// The logical line, as BuildKit's `Node.Original`.
    pub original: Phrase<'a>,
    /// Comment lines directly above (BuildKit's `PrevComment`).
    pub comments: Comments<'a>,
    /// Flags (`--name=value`) as written, before the instruction's own meaning.
    pub flags: Vec<Word<'a>>,
    /// Here-documents of the instruction, in order.
    pub heredocs: Vec<Heredoc<'a>>,
    /// What it says; `None` where it is in error.
    pub command: Option<Command<'a>>,
}

impl<'a> Instruction<'a> {
    /// The instruction's name in upper case, whatever case it is typed in; `None` for an unknown one.
    pub fn name(&self) -> Option<&'static str> {
        spec(&self.keyword.text).map(|spec| spec.name)
    }

    /// As BuildKit shows and records the instruction (`String()`): the logical line without white space around.
    pub fn code(&self) -> Cow<'a, str> {
        match self.original.text() {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        }
    }

    /// Text of the comment above that describes an argument or a stage: `# NAME description`.
    pub fn doc_comment(&self, name: &str) -> Option<&str> {
        if name.is_empty() {
            return None;
        }
        self.comments.iter().find_map(|c| c.strip_prefix(name)?.strip_prefix(' '))
    }
}

/// A typed instruction (BuildKit `instructions.Command`). Values are not yet expanded.
#[derive(Debug, Clone)]
pub enum Command<'a> {
    /// `ADD`
    Add(Box<Copy<'a>>),
    /// `ARG`
    Arg(Vec<ArgPair<'a>>),
    /// `CMD`
    Cmd(CommandLine<'a>),
    /// `COPY`
    Copy(Box<Copy<'a>>),
    /// `ENTRYPOINT`
    Entrypoint(CommandLine<'a>),
    /// `ENV`
    Env(Vec<Pair<'a>>),
    /// `EXPOSE`, sorted as BuildKit sorts them.
    Expose(Vec<Word<'a>>),
    /// `FROM`
    From(Box<From<'a>>),
    /// `HEALTHCHECK`
    Healthcheck(Box<Healthcheck<'a>>),
    /// `LABEL`
    Label(Vec<Pair<'a>>),
    /// `MAINTAINER`
    Maintainer(Word<'a>),
    /// `ONBUILD`: the trigger as it goes into the image config, here-documents included.
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

/// What there is to know about an instruction without reading a file.
#[derive(Debug)]
pub struct Spec {
    /// In upper case.
    pub name: &'static str,
    /// One line of documentation.
    pub summary: &'static str,
    /// How it is written.
    pub syntax: &'static str,
    /// Its flags.
    pub flags: &'static [FlagSpec],
    /// How its arguments are split.
    pub(crate) shape: Shape,
    /// Gives the arguments their meaning; where that fails, the problems are in the request.
    pub(crate) parse: for<'a> fn(&mut Request<'_, 'a>) -> Option<Command<'a>>,
}

/// What there is to know about a flag.
#[derive(Debug)]
pub struct FlagSpec {
    /// Without the dashes.
    pub name: &'static str,
    /// What it takes.
    pub kind: FlagKind,
    /// One line of documentation.
    pub summary: &'static str,
    /// Values, or beginnings of values, to suggest.
    pub values: &'static [&'static str],
    /// Whether the legacy builder of Docker 20.10 parses it too.
    pub legacy: bool,
}

/// What a flag takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlagKind {
    /// Nothing, or `true` or `false`.
    Switch,
    /// A value, once.
    Text,
    /// A value, any number of times.
    List,
}

/// How the text behind the keyword and the flags is split (BuildKit's dispatch table of line parsers).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// All of it is one argument.
    Text,
    /// At white space.
    Words,
    /// At white space outside of quotes.
    Quoted,
    /// A JSON array, or all of it is one argument.
    JsonOrText,
    /// A JSON array, or at white space.
    JsonOrWords,
    /// `NAME=VALUE …` or `NAME VALUE`.
    Pairs,
    /// A word, then a JSON array or text.
    Health,
    /// Another instruction.
    Trigger,
}

/// Every instruction, in alphabetical order.
pub static ALL: [&Spec; 18] = [
    &add::SPEC,
    &arg::SPEC,
    &cmd::SPEC,
    &copy::SPEC,
    &entrypoint::SPEC,
    &env::SPEC,
    &expose::SPEC,
    &from::SPEC,
    &healthcheck::SPEC,
    &label::SPEC,
    &maintainer::SPEC,
    &onbuild::SPEC,
    &run::SPEC,
    &shell::SPEC,
    &stopsignal::SPEC,
    &user::SPEC,
    &volume::SPEC,
    &workdir::SPEC,
];

/// The places in [`ALL`] by a hash of the name; a collision goes to the next slot. Free slots lead nowhere.
static TABLE: [u8; 128] = {
    let mut table = [u8::MAX; 128];
    let mut place = 0;
    while place < ALL.len() {
        let mut at = slot(ALL[place].name.as_bytes());
        while table[at] != u8::MAX {
            at = (at + 1) % table.len();
        }
        table[at] = place as u8;
        place += 1;
    }
    table
};

/// Where the search for a name starts; the same for capital and small letters.
const fn slot(name: &[u8]) -> usize {
    match name {
        [first, second, ..] => ((*first % 32) as usize * 4 + (*second % 32) as usize + name.len()) % 128,
        _ => name.len() % 128,
    }
}

/// What is known of an instruction; its name in any case.
pub fn spec(name: &str) -> Option<&'static Spec> {
    let mut at = slot(name.as_bytes());
    // The table is mostly empty, so this ends soon.
    while let Some(spec) = TABLE.get(at).and_then(|place| ALL.get(usize::from(*place))) {
        if spec.name.eq_ignore_ascii_case(name) {
            return Some(spec);
        }
        at = (at + 1) % TABLE.len();
    }
    if name.is_ascii() {
        return None;
    }
    // A few other characters have ASCII letters as their lower case.
    let lower = crate::go::text::lower(name);
    if lower.is_ascii() { spec(&lower) } else { None }
}

impl Spec {
    /// The flags that a builder knows.
    pub fn flags(&self, dialect: Dialect) -> impl Iterator<Item = &'static FlagSpec> + use<> {
        self.flags.iter().filter(move |flag| dialect == Dialect::BuildKit || flag.legacy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case() {
        assert!(ALL.iter().all(|s| spec(s.name).is_some_and(|found| found.name == s.name)));
        assert_eq!(spec("fRoM").map(|s| s.name), Some("FROM"));
        assert_eq!(spec("WOR\u{212a}DIR").map(|s| s.name), Some("WORKDIR"));
        assert!(spec("RUNN").is_none());
        assert!(spec("").is_none());
    }

    #[test]
    fn the_list_is_sorted_and_documented() {
        assert!(ALL.is_sorted_by_key(|s| s.name));
        for spec in ALL {
            assert!(!spec.summary.is_empty() && spec.syntax.starts_with(spec.name), "{}", spec.name);
            assert!(spec.flags.iter().all(|f| !f.summary.is_empty()), "{}", spec.name);
        }
    }
}
