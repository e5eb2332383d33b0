//! What a script says: the tree that the parser makes and the evaluator walks.

use std::cell::OnceCell;
use std::rc::Rc;

/// Commands one after the other; `true` marks one that `&` sends to the background.
#[derive(Debug, Clone, Default)]
pub(crate) struct List(pub(crate) Vec<(AndOr, bool)>);

/// Pipelines joined by `&&` and `||`.
#[derive(Debug, Clone)]
pub(crate) struct AndOr {
    pub(crate) first: Pipeline,
    /// `true` is `&&`.
    pub(crate) rest: Vec<(bool, Pipeline)>,
}

#[derive(Debug, Clone)]
pub(crate) struct Pipeline {
    /// `!`
    pub(crate) negated: bool,
    pub(crate) commands: Vec<Command>,
}

#[derive(Debug, Clone)]
pub(crate) struct Command {
    pub(crate) kind: Kind,
    pub(crate) redirects: Vec<Redirect>,
    /// Counted from 1.
    pub(crate) line: u32,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Simple {
        assigns: Vec<Assign>,
        words: Vec<Word>,
    },
    Brace(List),
    Subshell(List),
    If {
        arms: Vec<(List, List)>,
        otherwise: Option<List>,
    },
    For {
        name: String,
        words: Option<Vec<Word>>,
        /// The words as they are written, for `set -x`.
        raw: String,
        body: List,
    },
    /// `for ((a; b; c))` of bash.
    ForArith {
        init: Word,
        test: Word,
        step: Word,
        body: List,
    },
    While {
        until: bool,
        test: List,
        body: List,
    },
    Case {
        word: Word,
        /// The word as it is written, for `set -x`.
        raw: String,
        arms: Vec<Arm>,
    },
    Function {
        name: String,
        body: Rc<Command>,
    },
    /// `(( … ))` of bash.
    Arith(Word),
    /// `[[ … ]]`: words with operators as they stand.
    Test(Vec<Word>),
}

#[derive(Debug, Clone)]
pub(crate) struct Arm {
    pub(crate) patterns: Vec<Word>,
    pub(crate) body: List,
    /// `;&` goes on with the next body.
    pub(crate) falls: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Assign {
    pub(crate) name: String,
    pub(crate) index: Option<Word>,
    /// `+=`
    pub(crate) append: bool,
    pub(crate) value: AssignValue,
}

#[derive(Debug, Clone)]
pub(crate) enum AssignValue {
    Word(Word),
    Array(Vec<Word>),
}

#[derive(Debug, Clone)]
pub(crate) struct Redirect {
    pub(crate) fd: Option<u32>,
    pub(crate) op: RedirectOp,
    pub(crate) target: Word,
    /// The target as it is written.
    pub(crate) raw: String,
    /// Of a here-document, filled when its lines have been read.
    pub(crate) body: Option<Rc<OnceCell<Word>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RedirectOp {
    /// `<`
    Read,
    /// `>`
    Write,
    /// `>|`
    Clobber,
    /// `>>`
    Append,
    /// `<>`
    ReadWrite,
    /// `<&`
    DupIn,
    /// `>&`
    DupOut,
    /// `&>`
    Both,
    /// `&>>`
    BothAppend,
    /// `<<`, `<<-`
    HereDoc,
    /// `<<<`
    HereString,
}

/// A word before expansion.
#[derive(Debug, Clone, Default)]
pub(crate) struct Word(pub(crate) Vec<Part>);

#[derive(Debug, Clone)]
pub(crate) enum Part {
    /// Outside quotes.
    Text(String),
    /// In single quotes, or after a backslash.
    Quoted(String),
    /// In double quotes.
    Double(Vec<Part>),
    Param(Box<Param>),
    /// `$( … )`
    Command(Rc<List>),
    /// `$(( … ))`
    Arith(Word),
    /// `<( … )` of bash.
    Process(Rc<List>),
}

/// `${name…}`
#[derive(Debug, Clone)]
pub(crate) struct Param {
    /// A variable, a digit string, or one of `@*#?-$!`.
    pub(crate) name: String,
    pub(crate) index: Option<Word>,
    /// `${!name}`
    pub(crate) indirect: bool,
    pub(crate) op: ParamOp,
}

#[derive(Debug, Clone)]
pub(crate) enum ParamOp {
    Plain,
    /// `${#name}`
    Length,
    /// `:-` and `-`: `true` is with the colon, in all four.
    Default(bool, Word),
    /// `:=`
    Assign(bool, Word),
    /// `:?`
    Error(bool, Word),
    /// `:+`
    Alternative(bool, Word),
    /// `#`, `##`
    Prefix {
        longest: bool,
        pattern: Word,
    },
    /// `%`, `%%`
    Suffix {
        longest: bool,
        pattern: Word,
    },
    /// `/`, `//`, `/#`, `/%`
    Replace {
        all: bool,
        anchor: Option<char>,
        pattern: Word,
        with: Word,
    },
    /// `:offset:length`
    Slice {
        offset: Word,
        length: Option<Word>,
    },
    /// `^`, `^^`, `,`, `,,`
    Case {
        upper: bool,
        all: bool,
    },
    /// `@Q` and its kin, and what else is bad substitution.
    Bad(String),
}

impl Word {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self(vec![Part::Text(text.into())])
    }

    /// The word as a plain unquoted text, if it is one.
    pub(crate) fn plain(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }
}
