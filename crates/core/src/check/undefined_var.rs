//! A variable is used that nothing sets.
//!
//! It is then empty, often because of a typing error. In a `RUN` the shell may set it, so those are not looked at.
//!
//! ```dockerfile
//! # bad
//! COPY $FOO .
//! # good
//! ARG FOO
//! COPY $FOO .
//! ```

use super::{Rule, Warning};
use stagecraft_dockerfile::{Span, suggest};

/// The rule.
pub const RULE: Rule = Rule {
    name: "UndefinedVar",
    description: "Variables should be defined before their use",
    page: "undefined-var",
    experimental: false,
};

/// `known`: the variables that are set, in order; `name_at`: where the name stands, if that can be told.
pub fn check<'k>(name: &str, known: impl Iterator<Item = &'k str>, name_at: Option<Span>) -> Warning {
    let message = format!("Usage of undefined variable '${name}'");
    let Some(near) = suggest::closest(name, known, true) else { return Warning::new(&RULE, message) };
    let warning = Warning::new(&RULE, format!("{message} (did you mean ${near}?)"));
    match name_at {
        Some(span) => warning.replace("Write the name that is set", span, near.into_owned()),
        None => warning,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered() {
        assert_eq!(
            check("PAHT", ["PATH"].into_iter(), None).message,
            "Usage of undefined variable '$PAHT' (did you mean $PATH?)"
        );
        assert_eq!(check("X", ["PATH"].into_iter(), None).message, "Usage of undefined variable '$X'");
    }
}
