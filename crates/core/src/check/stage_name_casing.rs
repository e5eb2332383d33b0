//! A stage's name is written with capitals.
//!
//! Names are compared without regard to case and shown in lower case, so capitals only look as if they meant
//! something.
//!
//! ```dockerfile
//! # bad
//! FROM alpine AS Builder
//! # good
//! FROM alpine AS builder
//! ```

use super::{Rule, Warning};
use stagecraft_dockerfile::Span;
use stagecraft_dockerfile::go;

/// The rule.
pub const RULE: Rule = Rule {
    name: "StageNameCasing",
    description: "Stage names should be lowercase",
    page: "stage-name-casing",
    experimental: false,
};

/// `name` as written.
pub fn check(name: &str, span: Option<Span>) -> Option<Warning> {
    let lower = go::lower(name).into_owned();
    if lower == name {
        return None;
    }
    let warning = Warning::new(&RULE, format!("Stage name '{name}' should be lowercase"));
    Some(match span {
        Some(span) => warning.at(span).replace("Write it in lower case", span, lower),
        None => warning,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_are_reported() {
        assert_eq!(check("builder", None), None);
        assert_eq!(check("Builder", None).unwrap().message, "Stage name 'Builder' should be lowercase");
    }
}
