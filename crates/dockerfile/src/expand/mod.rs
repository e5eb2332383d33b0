//! Expansion of variables and quotes in words, as BuildKit's `shell/lex.go` does it.
//!
//! ```
//! use stagecraft_dockerfile::expand::Lexer;
//! use std::collections::BTreeMap;
//!
//! let env = BTreeMap::from([("TAG".to_owned(), "3.20".to_owned())]);
//! let lexer = Lexer::new('\\');
//! assert_eq!(lexer.process_word("alpine:${TAG:-latest}", &env).unwrap().result, "alpine:3.20");
//! assert_eq!(lexer.process_words("'a b' $TAG", &env).unwrap(), ["a b", "3.20"]);
//! assert_eq!(
//!     lexer.process_word("${TAG", &env).unwrap_err().message,
//!     "failed to process \"${TAG\": unsupported modifier (\u{fffd}) in substitution",
//! );
//! ```

mod lex;
mod names;
mod pattern;

pub use names::Names;

use crate::Dialect;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// No expansion grows beyond this many bytes (ours; a kernel takes no environment string above 128 KiB).
pub const MAX_OUTPUT: usize = 4 << 20;

/// How deep substitutions may stand in each other (ours; BuildKit goes on until memory ends).
pub const MAX_DEPTH: usize = 128;

/// Where values of variables come from.
pub trait Environment {
    /// The value, `None` if the variable is unset.
    fn get(&self, name: &str) -> Option<&str>;
}

/// No variable is set.
impl Environment for () {
    fn get(&self, _: &str) -> Option<&str> {
        None
    }
}

impl Environment for BTreeMap<String, String> {
    fn get(&self, name: &str) -> Option<&str> {
        BTreeMap::get(self, name).map(String::as_str)
    }
}

impl<S: std::hash::BuildHasher> Environment for HashMap<String, String, S> {
    fn get(&self, name: &str) -> Option<&str> {
        HashMap::get(self, name).map(String::as_str)
    }
}

/// Pairs in order; the last of a name counts.
impl Environment for [(String, String)] {
    fn get(&self, name: &str) -> Option<&str> {
        self.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// As for slices.
impl Environment for Vec<(String, String)> {
    fn get(&self, name: &str) -> Option<&str> {
        Environment::get(self.as_slice(), name)
    }
}

impl<E: Environment + ?Sized> Environment for &E {
    fn get(&self, name: &str) -> Option<&str> {
        (**self).get(name)
    }
}

/// How words are expanded; the flags are those of BuildKit's `shell.Lex`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "they are independent switches of the reference")]
pub struct Lexer {
    /// The escape character in force.
    pub escape: char,
    /// The legacy builder knows fewer substitutions and words an error of its own.
    pub dialect: Dialect,
    /// Quotes stay in the result.
    pub raw_quotes: bool,
    /// Escape characters stay in the result.
    pub raw_escapes: bool,
    /// Quotes mean nothing.
    pub skip_process_quotes: bool,
    /// References to unset variables stay as they are.
    pub skip_unset: bool,
}

impl Lexer {
    /// With all flags off, in BuildKit's dialect.
    pub const fn new(escape: char) -> Self {
        Self {
            escape,
            dialect: Dialect::BuildKit,
            raw_quotes: false,
            raw_escapes: false,
            skip_process_quotes: false,
            skip_unset: false,
        }
    }

    /// With all flags off.
    pub const fn with_dialect(escape: char, dialect: Dialect) -> Self {
        Self { dialect, ..Self::new(escape) }
    }

    /// As BuildKit expands the text of a here-document that `COPY` or `ADD` writes.
    pub const fn for_heredoc(escape: char) -> Self {
        Self { raw_quotes: true, raw_escapes: true, skip_unset: true, ..Self::new(escape) }
    }

    /// Expands a word to one word.
    ///
    /// # Errors
    /// A malformed substitution, an unclosed quote, an unset variable with `?`, or a result that is too large.
    pub fn process_word(&self, word: &str, env: &dyn Environment) -> Result<Expansion, ExpandError> {
        if self.leaves(word) {
            return Ok(Expansion { result: word.to_owned(), ..Expansion::default() });
        }
        let mut asked = Asked { matched: Some(BTreeSet::new()), unmatched: Some(Names::default()) };
        let outcome = lex::process(self, word, env, false, &mut asked);
        let (matched, unmatched) = (asked.matched.unwrap_or_default(), asked.unmatched.unwrap_or_default());
        match outcome {
            Ok((result, _)) => Ok(Expansion { result, matched, unmatched }),
            Err(message) => Err(ExpandError { message, matched, unmatched }),
        }
    }

    /// Expands a word as [`Lexer::process_word`] does, for those who do not want to know which variables are set.
    /// Those that are not are added to `unset`, also where there is an error, if it is asked for. A word in which
    /// nothing is to be expanded stays where it is.
    ///
    /// # Errors
    /// The message alone of that of [`Lexer::process_word`].
    pub fn expand<'w>(
        &self,
        word: &'w str,
        env: &dyn Environment,
        unset: Option<&mut Names>,
    ) -> Result<Cow<'w, str>, String> {
        if self.leaves(word) {
            return Ok(Cow::Borrowed(word));
        }
        let mut asked = Asked { matched: None, unmatched: unset.as_ref().map(|_| Names::default()) };
        let outcome = lex::process(self, word, env, false, &mut asked);
        if let (Some(unset), Some(found)) = (unset, asked.unmatched)
            && !found.is_empty()
        {
            found.iter().for_each(|name| unset.insert(name));
        }
        outcome.map(|(result, _)| Cow::Owned(result))
    }

    /// Whether a word certainly stays as it is.
    fn leaves(&self, word: &str) -> bool {
        let bytes = word.as_bytes();
        bytes.is_ascii()
            && self.escape.is_ascii()
            && memchr::memchr3(b'$', b'"', b'\'', bytes).is_none()
            && memchr::memchr(self.escape as u8, bytes).is_none()
    }

    /// Expands a word and splits the result at white space that stood outside of quotes.
    ///
    /// # Errors
    /// As [`Lexer::process_word`].
    pub fn process_words(&self, word: &str, env: &dyn Environment) -> Result<Vec<String>, ExpandError> {
        let mut asked = Asked { matched: Some(BTreeSet::new()), unmatched: Some(Names::default()) };
        let outcome = lex::process(self, word, env, true, &mut asked);
        outcome.map(|(_, words)| words).map_err(|message| ExpandError {
            message,
            matched: asked.matched.unwrap_or_default(),
            unmatched: asked.unmatched.unwrap_or_default(),
        })
    }
}

/// Which names are to be noted, and those that were.
struct Asked {
    matched: Option<BTreeSet<String>>,
    unmatched: Option<Names>,
}

/// What an expansion gives.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expansion {
    /// The expanded word.
    pub result: String,
    /// Variables that were looked up and are set.
    pub matched: BTreeSet<String>,
    /// Variables that were looked up and are not set.
    pub unmatched: Names,
}

/// Why a word cannot be expanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpandError {
    /// As the builder words it: `failed to process "${x": …`.
    pub message: String,
    /// Variables that were looked up before and are set.
    pub matched: BTreeSet<String>,
    /// Variables that were looked up before and are not set.
    pub unmatched: Names,
}

impl std::fmt::Display for ExpandError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ExpandError {}
