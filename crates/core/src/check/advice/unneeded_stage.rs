//! A stage that nothing needs.
//!
//! BuildKit skips it, the legacy builder builds it in vain. That may be meant, for stages that are built with
//! `--target`; a comment `# NAME what it is for` above the `FROM` says so.
//!
//! ```dockerfile
//! FROM alpine AS base
//! FROM base AS tests
//! RUN make test
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

pub(super) fn check(view: &View<'_>) -> Vec<Note> {
    // Where the build is refused, what it would need is not known.
    let refused = view.plan.error.as_ref().is_some_and(|error| !error.by_checks);
    let Some(target) = view.plan.target.filter(|_| !refused) else { return Vec::new() };
    let mut notes = Vec::new();
    for (at, stage) in view.plan.stages.iter().enumerate() {
        if stage.needed || at > target.0 as usize || !stage.description.is_empty() {
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
