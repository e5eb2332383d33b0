//! Two stages have the same name.
//!
//! The name then means the later one from there on; `--target` and `COPY --from` may not get what was meant.
//!
//! ```dockerfile
//! # bad
//! FROM alpine AS build
//! FROM build AS build
//! # good
//! FROM alpine AS base
//! FROM base AS build
//! ```

use super::{Rule, Warning};

/// The rule.
pub const RULE: Rule = Rule {
    name: "DuplicateStageName",
    description: "Stage names should be unique",
    page: "duplicate-stage-name",
    experimental: false,
};

/// `taken`: an earlier stage has the name.
pub fn check(name: &str, taken: bool) -> Option<Warning> {
    taken.then(|| Warning::new(&RULE, format!("Duplicate stage name {name:?}, stage names should be unique")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_reported() {
        assert_eq!(check("b", false), None);
        assert_eq!(
            check("b", true).unwrap().message,
            "Duplicate stage name \"b\", stage names should be unique"
        );
    }
}
