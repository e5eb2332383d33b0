//! `COPY` or `ADD` of a path that the ignore file keeps out of the context.
//!
//! It is not there when the build looks for it.
//!
//! ```dockerfile
//! # bad, with `*.env` in .dockerignore, with prod.env in the context
//! COPY prod.env /app/
//! # good: mount it, or do not ignore it
//! RUN --mount=type=secret,id=env make
//! ```

use super::{Rule, Warning};
use stagecraft_dockerfile::go::quote;

/// The rule.
pub const RULE: Rule = Rule {
    name: "CopyIgnoredFile",
    description: "Attempting to Copy file that is excluded by .dockerignore",
    page: "copy-ignored-file",
    experimental: false,
};

/// `command` is `Copy` or `Add`, `path` the cleaned source.
pub fn warning(command: &str, path: &str) -> Warning {
    Warning::new(
        &RULE,
        format!("Attempting to {command} file {} that is excluded by .dockerignore", quote(path)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_worded_as_buildkit_words_it() {
        assert_eq!(
            warning("Add", "a.env").message,
            "Attempting to Add file \"a.env\" that is excluded by .dockerignore"
        );
    }
}
