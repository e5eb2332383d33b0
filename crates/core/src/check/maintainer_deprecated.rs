//! `MAINTAINER`.
//!
//! A label says the same, is shown by `docker inspect` with the others and can be overridden.
//!
//! ```dockerfile
//! # bad
//! MAINTAINER someone@example.com
//! # good
//! LABEL org.opencontainers.image.authors="someone@example.com"
//! ```

use super::{Rule, Warning};
use stagecraft_dockerfile::{Span, Word};

/// The rule.
pub const RULE: Rule = Rule {
    name: "MaintainerDeprecated",
    description: "The MAINTAINER instruction is deprecated, use a label instead to define an image author",
    page: "maintainer-deprecated",
    experimental: false,
};

/// `who` is the instruction's value, if it has one.
pub fn check(keyword: &Word<'_>, who: Option<&Word<'_>>) -> Warning {
    let warning = Warning::new(&RULE, "Maintainer instruction is deprecated in favor of using label".into());
    let Some(who) = who else { return warning.at(keyword.span) };
    let whole = Span::new(keyword.span.start, who.span.end);
    let value = who.text.trim_matches('"').replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$");
    warning.at(keyword.span).replace(
        "Use a label",
        whole,
        format!("LABEL org.opencontainers.image.authors=\"{value}\""),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_says_the_same() {
        let keyword = Word { text: "MAINTAINER".into(), span: Span::new(0, 10) };
        let who = Word { text: "A \"B\" <c@d>".into(), span: Span::new(11, 22) };
        let fix = check(&keyword, Some(&who)).fix.unwrap();
        assert_eq!(
            fix.edits,
            [(Span::new(0, 22), "LABEL org.opencontainers.image.authors=\"A \\\"B\\\" <c@d>\"".to_owned())]
        );
    }
}
