//! `FROM` and `AS` are not written in the same case.
//!
//! One file, one habit: mixed case makes the keywords harder to find.
//!
//! ```dockerfile
//! # bad
//! FROM alpine as builder
//! # good
//! FROM alpine AS builder
//! ```

use super::{Rule, Warning};
use stagecraft_dockerfile::Span;
use stagecraft_dockerfile::go;

/// The rule.
pub const RULE: Rule = Rule {
    name: "FromAsCasing",
    description: "The 'as' keyword should match the case of the 'from' keyword",
    page: "from-as-casing",
    experimental: false,
};

/// Both keywords as written; nothing is said where `FROM` itself is of mixed case.
pub fn check(from: &str, as_: &str, span: Option<Span>) -> Option<Warning> {
    let wanted = if from == go::lower(from).into_owned() {
        go::lower(as_).into_owned()
    } else if from == go::upper(from).into_owned() {
        go::upper(as_).into_owned()
    } else {
        return None;
    };
    if wanted == as_ {
        return None;
    }
    let warning = Warning::new(&RULE, format!("'{as_}' and '{from}' keywords' casing do not match"));
    Some(match span {
        Some(span) => warning.at(span).replace("Match the case of FROM", span, wanted),
        None => warning,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_keywords_have_one_case() {
        for (from, as_) in [("FROM", "AS"), ("from", "as"), ("From", "aS")] {
            assert_eq!(check(from, as_, None), None, "{from} {as_}");
        }
        assert_eq!(
            check("FROM", "as", None).unwrap().message,
            "'as' and 'FROM' keywords' casing do not match"
        );
        assert_eq!(
            check("from", "AS", None).unwrap().message,
            "'AS' and 'from' keywords' casing do not match"
        );
    }
}
