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
use stagecraft_dockerfile::suggest;

/// The rule.
pub const RULE: Rule = Rule {
    name: "UndefinedVar",
    description: "Variables should be defined before their use",
    page: "undefined-var",
    experimental: false,
};

/// `known`: the variables that are set, in order.
pub fn check<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Warning {
    let message = format!("Usage of undefined variable '${name}'");
    Warning::new(
        &RULE,
        match suggest::closest(name, known, true) {
            Some(near) => format!("{message} (did you mean ${near}?)"),
            None => message,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered() {
        assert_eq!(
            check("PAHT", ["PATH"].into_iter()).message,
            "Usage of undefined variable '$PAHT' (did you mean $PATH?)"
        );
        assert_eq!(check("X", ["PATH"].into_iter()).message, "Usage of undefined variable '$X'");
    }
}
