//! A relative `WORKDIR` before any absolute one of the file.
//!
//! Where it leads then depends on the base image, which may change.
//!
//! ```dockerfile
//! # bad
//! FROM nginx
//! WORKDIR usr/share/nginx/html
//! # good
//! FROM nginx
//! WORKDIR /usr/share/nginx/html
//! ```

use super::{Rule, Warning};
use crate::resolve::path::is_absolute;
use stagecraft_dockerfile::go::quote;

/// The rule.
pub const RULE: Rule = Rule {
    name: "WorkdirRelativePath",
    description: "Relative workdir without an absolute workdir declared within the build can have unexpected \
                  results if the base image changes",
    page: "workdir-relative-path",
    experimental: false,
};

/// `os` is that of the stage's platform; `set_before`: a `WORKDIR` of the file already applies to the stage. The mend is
/// with the caller, who knows where the path leads.
pub fn check(path: &str, os: &str, set_before: bool) -> Option<Warning> {
    (!set_before && !is_absolute(path, os)).then(|| {
        Warning::new(
            &RULE,
            format!("Relative workdir {} can have unexpected results if the base image changes", quote(path)),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_counts() {
        assert_eq!(check("/app", "linux", false), None);
        assert_eq!(check("app", "linux", true), None);
        assert_eq!(check("C:\\app", "windows", false), None);
        assert_eq!(
            check("app", "linux", false).unwrap().message,
            "Relative workdir \"app\" can have unexpected results if the base image changes"
        );
    }
}
