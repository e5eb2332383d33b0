//! A line that is continued is followed by an empty one.
//!
//! Docker goes on reading at the next line that is not empty, today; it will be an error one day, and what looks
//! like the end of the instruction is not.
//!
//! ```dockerfile
//! # bad
//! RUN a && \
//!
//!     b
//! # good
//! RUN a && \
//!     b
//! ```

use super::{Rule, Warning};

/// The rule.
pub const RULE: Rule = Rule {
    name: "NoEmptyContinuation",
    description: "Empty continuation lines will become errors in a future release",
    page: "no-empty-continuation",
    experimental: false,
};

/// The parser has found one.
pub fn warning() -> Warning {
    Warning::new(&RULE, "Empty continuation line".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_worded_as_buildkit_words_it() {
        assert_eq!(warning().message, "Empty continuation line");
        assert_eq!(RULE.url(), "https://docs.docker.com/go/dockerfile/rule/no-empty-continuation/");
    }
}
