//! `FROM --platform` with a fixed value.
//!
//! The stage is then built for that platform whatever the build is for. A stage that is meant to be so should say
//! it in its name.
//!
//! ```dockerfile
//! # bad
//! FROM --platform=linux/amd64 alpine AS base
//! # good
//! FROM --platform=$BUILDPLATFORM alpine AS base
//! ```

use super::{Rule, Warning};
use crate::resolve::Platform;
use stagecraft_dockerfile::Span;
use stagecraft_dockerfile::go::quote;

/// The rule.
pub const RULE: Rule = Rule {
    name: "FromPlatformFlagConstDisallowed",
    description: "FROM --platform flag should not use a constant value",
    page: "from-platform-flag-const-disallowed",
    experimental: false,
};

/// `stage` is the stage's name; `expanded`: a variable took part.
pub fn check(stage: &str, value: &str, expanded: bool, span: Span) -> Option<Warning> {
    if expanded {
        return None;
    }
    let platform = Platform::parse(value).ok()?;
    if stage.contains(&*platform.os) || stage.contains(&*platform.architecture) {
        return None;
    }
    Some(
        Warning::new(&RULE, format!("FROM --platform flag should not use constant value {}", quote(value)))
            .at(span),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_says_so_is_enough() {
        assert!(check("base", "linux/amd64", false, Span::default()).is_some());
        assert_eq!(check("base-amd64", "linux/amd64", false, Span::default()), None);
        assert_eq!(check("base", "linux/amd64", true, Span::default()), None);
        assert_eq!(check("base", "nonsense", false, Span::default()), None);
    }
}
