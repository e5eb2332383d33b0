//! `FROM --platform=$TARGETPLATFORM`.
//!
//! That is the platform anyway.
//!
//! ```dockerfile
//! # bad
//! FROM --platform=$TARGETPLATFORM alpine
//! # good
//! FROM alpine
//! ```

use super::{Rule, Warning};
use stagecraft_dockerfile::Span;
use stagecraft_dockerfile::expand::Names;
use std::collections::BTreeSet;

/// The rule.
pub const RULE: Rule = Rule {
    name: "RedundantTargetPlatform",
    description: "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior",
    page: "redundant-target-platform",
    experimental: false,
};

/// `written` is the flag's value, `result` what it expands to, `target` the value of `TARGETPLATFORM`.
pub fn check(
    written: &str,
    result: &str,
    matched: &BTreeSet<String>,
    unmatched: &Names,
    target: &str,
    span: Span,
) -> Option<Warning> {
    let only = matched.len() == 1 && unmatched.is_empty() && matched.contains("TARGETPLATFORM");
    (only && result == target).then(|| {
        Warning::new(
            &RULE,
            format!("Setting platform to predefined {written} in FROM is redundant as this is the default behavior"),
        )
        .at(span)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_bare_argument_is_redundant() {
        let matched = BTreeSet::from(["TARGETPLATFORM".to_owned()]);
        let run = |written, result| {
            check(written, result, &matched, &Names::default(), "linux/amd64", Span::default()).is_some()
        };
        assert!(run("${TARGETPLATFORM}", "linux/amd64"));
        assert!(!run("${TARGETPLATFORM}/v2", "linux/amd64/v2"));
    }
}
