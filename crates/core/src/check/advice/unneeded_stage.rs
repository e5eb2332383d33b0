//! A stage that nothing needs.
//!
//! BuildKit skips it, the legacy builder builds it in vain. That may be meant, for stages that are built with
//! `--target`: a name such as `test` or `dev` says so, or a comment `# NAME what it is for` above the `FROM`.
//!
//! ```dockerfile
//! # bad
//! FROM alpine AS base
//! FROM base AS other
//! RUN make
//! FROM base
//! # good
//! FROM alpine AS base
//! FROM base AS test
//! RUN make
//! FROM base
//! ```

use super::super::Rule;
use super::{Note, View};
use stagecraft_dockerfile::{Command, Severity};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "UnneededStage",
    description: "A stage should be needed by the target or say what it is for",
    page: "",
    experimental: false,
};

const PURPOSES: &[&str] = &[
    "test",
    "tests",
    "lint",
    "dev",
    "devel",
    "development",
    "debug",
    "check",
    "ci",
    "bench",
    "doc",
    "docs",
    "release",
    "prod",
    "production",
    "e2e",
    "validate",
    "vendor",
    "update",
    "export",
    "local",
    "cross",
];

/// Whether one of the words of a stage's name is a purpose that people build with `--target`.
fn says_so(name: &str) -> bool {
    name.split(['-', '_', '.']).any(|word| PURPOSES.contains(&word))
}

pub(super) fn check(view: &View<'_>) -> Vec<Note> {
    // Where the build is refused, what it would need is not known.
    let refused = view.plan.error.as_ref().is_some_and(|error| !error.late);
    let Some(target) = view.plan.target.filter(|_| !refused) else { return Vec::new() };
    let mut notes = Vec::new();
    for (at, stage) in view.plan.stages.iter().enumerate() {
        if stage.needed || at > target.0 as usize || !stage.description.is_empty() || says_so(&stage.name) {
            continue;
        }
        let Some(instruction) = view.file.instructions.get(stage.instruction) else { continue };
        let span = match &instruction.command {
            Some(Command::From(from)) => from.name.as_ref().map_or(from.base.span, |name| name.span),
            _ => instruction.keyword.span,
        };
        let how = if stage.name.is_empty() {
            "Nothing can name it: give it a name with AS, or leave it out.".into()
        } else {
            format!(
                "It is built with --target {} only. The legacy builder builds it in any case.",
                stage.name
            )
            .into()
        };
        notes.push(Note {
            severity: Severity::Info,
            message: "Nothing that is built comes from this stage: BuildKit skips it".into(),
            help: how,
            span,
            fix: None,
            instruction: Some(stage.instruction),
        });
    }
    notes
}
