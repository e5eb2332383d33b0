//! A stage is called `scratch` or `context`.
//!
//! Both words mean something to the builder already: the empty image and the build context.
//!
//! ```dockerfile
//! # bad
//! FROM alpine AS scratch
//! # good
//! FROM alpine AS base
//! ```

use super::{Rule, Warning};

/// The rule.
pub const RULE: Rule = Rule {
    name: "ReservedStageName",
    description: "Reserved words should not be used as stage names",
    page: "reserved-stage-name",
    experimental: false,
};

/// `name` in lower case.
pub fn check(name: &str) -> Option<Warning> {
    matches!(name, "scratch" | "context").then(|| {
        Warning::new(&RULE, format!("Stage name should not use the same name as reserved stage {name:?}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_words_are_reserved() {
        assert_eq!(check("build"), None);
        assert_eq!(
            check("context").unwrap().message,
            "Stage name should not use the same name as reserved stage \"context\""
        );
    }
}
