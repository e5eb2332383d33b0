//! A pattern of the ignore file that no file of the context matches.
//!
//! It may be there for files that come later, such as those a tool makes; or it is mistyped, and what it should keep out
//! gets in.
//!
//! ```dockerignore
//! # bad, with debug.log in the context
//! *.lgo
//! # good, with debug.log in the context
//! *.log
//! ```

use super::super::Rule;
use super::{Note, View};
use crate::project::Project;
use stagecraft_dockerfile::ignore::{Matcher, read};
use stagecraft_dockerfile::{Dialect, Severity};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "IgnorePatternUnused",
    description: "Patterns of the ignore file should match something",
    page: "",
    experimental: false,
};

/// Comparisons of a pattern with a path at most.
const MOST: usize = 1_000_000;

pub(super) fn check(view: &View<'_>) -> Vec<Note> {
    let (Some(text), Some(project)) = (view.ignore, view.project) else { return Vec::new() };
    let patterns = read(text);
    if patterns.len().saturating_mul(project.files.len()) > MOST {
        return Vec::new();
    }
    let commented = |text: &str| text.contains(" #") || text.contains("\t#");
    patterns
        .into_iter()
        .filter(|pattern| !commented(&pattern.text))
        .filter(|pattern| matches_something(project, &pattern.text) == Some(false))
        .map(|pattern| Note {
            severity: Severity::Info,
            message: format!("No file of the context matches {}", pattern.text),
            help: "That is right for files that are yet to come. Otherwise look for a typing error.".into(),
            span: pattern.span,
            fix: None,
            instruction: None,
        })
        .collect()
}

/// Whether a file of the context matches; `None` for what is no pattern.
pub(super) fn matches_something(project: &Project, pattern: &str) -> Option<bool> {
    let matcher = Matcher::new([pattern.trim_start_matches('!')], Dialect::BuildKit).ok()?;
    Some(project.files.keys().any(|path| matcher.matches(path).unwrap_or(false)))
}
