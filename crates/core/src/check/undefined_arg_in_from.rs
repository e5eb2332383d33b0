//! `FROM` uses an argument that is not declared before it.
//!
//! Only arguments before the first `FROM` and predefined ones can be used there; any other is empty.
//!
//! ```dockerfile
//! # bad
//! FROM alpine:$VERSION
//! # good
//! ARG VERSION=3.20
//! FROM alpine:$VERSION
//! ```

use super::{Rule, Warning};
use stagecraft_dockerfile::suggest;
use std::collections::BTreeSet;

/// The rule.
pub const RULE: Rule = Rule {
    name: "UndefinedArgInFrom",
    description: "FROM command must use declared ARGs",
    page: "undefined-arg-in-from",
    experimental: false,
};

/// `known`: every argument that is declared, with or without a value.
pub fn check(name: &str, known: &BTreeSet<&str>) -> Option<Warning> {
    if known.contains(name) {
        return None;
    }
    let message = format!("FROM argument '{name}' is not declared");
    let message = match suggest::closest(name, known.iter().copied(), true) {
        Some(near) => format!("{message} (did you mean {near}?)"),
        None => message,
    };
    Some(Warning::new(&RULE, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered() {
        let known = BTreeSet::from(["BUILDPLATFORM", "VERSION"]);
        assert_eq!(check("VERSION", &known), None);
        assert_eq!(
            check("VERSON", &known).unwrap().message,
            "FROM argument 'VERSON' is not declared (did you mean VERSION?)"
        );
        assert_eq!(check("OTHER", &known).unwrap().message, "FROM argument 'OTHER' is not declared");
    }
}
