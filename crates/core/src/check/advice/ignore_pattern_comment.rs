//! A comment behind a pattern of the ignore file.
//!
//! `#` starts a comment only at the start of a line. Elsewhere it is part of the pattern, which then matches nothing.
//!
//! ```dockerignore
//! # bad, with node_modules in the context
//! node_modules # from npm
//! # good, with node_modules in the context
//! # from npm
//! node_modules
//! ```

use super::super::Rule;
use super::ignore_pattern_unused::matches_something;
use super::{Note, View};
use stagecraft_dockerfile::diagnostic::Fix;
use stagecraft_dockerfile::ignore::read;
use stagecraft_dockerfile::{Severity, Span};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "IgnorePatternComment",
    description: "A comment in an ignore file must stand on a line of its own",
    page: "",
    experimental: false,
};

pub(super) fn check(view: &View<'_>) -> Vec<Note> {
    let Some(text) = view.ignore else { return Vec::new() };
    let mut notes = Vec::new();
    for pattern in read(text) {
        let Some(at) = pattern.text.find(" #").or_else(|| pattern.text.find("\t#")) else { continue };
        if view.project.and_then(|project| matches_something(project, &pattern.text)) == Some(true) {
            continue;
        }
        let source = text.get(pattern.span.start as usize..pattern.span.end as usize).unwrap_or_default();
        let offset = source.find(" #").or_else(|| source.find("\t#")).unwrap_or(at) as u32;
        let meant = source.get(..offset as usize).unwrap_or_default().trim_end();
        let comment = source.get(offset as usize..).unwrap_or_default().trim_start();
        notes.push(Note {
            severity: Severity::Warning,
            message: format!("This pattern matches nothing: the comment behind {meant} is part of it"),
            help: "# starts a comment only at the start of a line. Put it on a line of its own above.".into(),
            span: Span::new(pattern.span.start + offset + 1, pattern.span.end),
            fix: Some(Fix {
                label: "Put the comment above".into(),
                edits: vec![(pattern.span, format!("{comment}\n{meant}"))],
            }),
            instruction: None,
        });
    }
    notes
}
