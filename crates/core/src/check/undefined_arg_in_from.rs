//! `FROM` uses an argument that is not declared before it.
//!
//! Only arguments before the first `FROM` and predefined ones can be used there; any other is empty.
//!
//! ```dockerfile
//! # bad
//! FROM alpine:3$MINOR
//! # good
//! ARG MINOR=.20
//! FROM alpine:3$MINOR
//! ```

use super::{Rule, Warning};
use stagecraft_dockerfile::{Span, suggest};
use std::collections::BTreeSet;

/// The rule.
pub const RULE: Rule = Rule {
    name: "UndefinedArgInFrom",
    description: "FROM command must use declared ARGs",
    page: "undefined-arg-in-from",
    experimental: false,
};

/// `known`: every argument that is declared, with or without a value; `name_at`: where the name stands, if that can
/// be told.
pub fn check(name: &str, known: &BTreeSet<&str>, name_at: Option<Span>) -> Option<Warning> {
    if known.contains(name) {
        return None;
    }
    let message = format!("FROM argument '{name}' is not declared");
    let Some(near) = suggest::closest(name, known.iter().copied(), true) else {
        return Some(Warning::new(&RULE, message));
    };
    let warning = Warning::new(&RULE, format!("{message} (did you mean {near}?)"));
    Some(match name_at {
        Some(span) => warning.replace("Write the name that is declared", span, near.into_owned()),
        None => warning,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered() {
        let known = BTreeSet::from(["BUILDPLATFORM", "VERSION"]);
        assert_eq!(check("VERSION", &known, None), None);
        assert_eq!(
            check("VERSON", &known, None).unwrap().message,
            "FROM argument 'VERSON' is not declared (did you mean VERSION?)"
        );
        assert_eq!(check("OTHER", &known, None).unwrap().message, "FROM argument 'OTHER' is not declared");
    }
}
