//! A comment above `ARG` or a named `FROM` that does not describe it.
//!
//! `docker build --call outline` and `targets` show such comments where they start with the name. Off unless asked
//! for.
//!
//! ```dockerfile
//! # bad
//! # the version
//! ARG VERSION
//! # good
//! # VERSION is what is built
//! ARG VERSION
//! ```

use super::{Rule, Warning};
use stagecraft_dockerfile::{Comments, Span};

/// The rule.
pub const RULE: Rule = Rule {
    name: "InvalidDefinitionDescription",
    description: "Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`. \
                  If this is not intended to be a description comment, add an empty line or comment between the \
                  instruction and the comment.",
    page: "invalid-definition-description",
    experimental: true,
};

/// `instruction` is `ARG` or `FROM`, which stands at `start`; `names` is what it declares.
pub fn check(instruction: &str, names: &[&str], comments: Comments<'_>, start: u32) -> Option<Warning> {
    let first = comments.iter().next_back()?.split(' ').next().unwrap_or_default();
    let example = match names {
        [] => return None,
        _ if names.contains(&first) => return None,
        [only] => only,
        _ => "<arg_key>",
    };
    let message = format!("Comment for {instruction} should follow the format: `# {example} <description>`");
    // Behind an empty comment it is no description, and nothing else changes.
    let above = Span::new(start, start);
    Some(Warning::new(&RULE, message).replace("Part it from the comment", above, "#\n".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_comment_starts_with_a_name() {
        assert_eq!(check("ARG", &["a"], Comments::default(), 0), None);
        assert_eq!(check("ARG", &["a", "b"], Comments::new("# x\n# b is it\n"), 0), None);
        assert_eq!(
            check("ARG", &["a", "b"], Comments::new("# bad\n"), 0).unwrap().message,
            "Comment for ARG should follow the format: `# <arg_key> <description>`"
        );
    }
}
