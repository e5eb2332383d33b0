//! With the defaults of its arguments, a `FROM` has no valid image name.
//!
//! The build then works only where the argument is given.
//!
//! ```dockerfile
//! # bad
//! ARG TAG
//! FROM busybox:${TAG}
//! # good
//! ARG TAG=latest
//! FROM busybox:${TAG}
//! ```

use super::{Rule, Warning};
use stagecraft_dockerfile::Word;

/// The rule.
pub const RULE: Rule = Rule {
    name: "InvalidDefaultArgInFrom",
    description: "Default value for global ARG results in an empty or invalid base image name",
    page: "invalid-default-arg-in-from",
    experimental: false,
};

/// `base` as written; `valid`: with the defaults it names an image or a stage.
pub fn check(base: &Word<'_>, valid: bool) -> Option<Warning> {
    (!valid).then(|| {
        let message =
            format!("Default value for ARG {} results in empty or invalid base image name", base.text);
        Warning::new(&RULE, message).at(base.span)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_is_named_as_written() {
        let base = Word { text: "busybox:${TAG}".into(), ..Word::default() };
        assert_eq!(check(&base, true), None);
        assert_eq!(
            check(&base, false).unwrap().message,
            "Default value for ARG busybox:${TAG} results in empty or invalid base image name"
        );
    }
}
