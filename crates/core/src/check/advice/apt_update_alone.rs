//! `apt-get update` in a `RUN` that installs nothing.
//!
//! Its layer stays in the cache, so a later `RUN apt-get install` works with lists of long ago.
//!
//! ```dockerfile
//! # bad
//! RUN apt-get update
//! RUN apt-get install -y curl
//! # good
//! RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*
//! ```

use super::super::Rule;
use super::{Note, View, joinable, script};
use stagecraft_dockerfile::diagnostic::Fix;
use stagecraft_dockerfile::{Instruction, Severity, Span};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "AptUpdateAlone",
    description: "apt-get update and install belong into one RUN",
    page: "",
    experimental: false,
};

pub(super) fn check(view: &View<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    for stage in &view.plan.stages {
        let runs: Vec<_> = view.runs(stage).collect();
        for (position, (index, instruction, text)) in runs.iter().enumerate() {
            if !calls(text, &["update"]) || calls(text, &["install", "upgrade", "dist-upgrade", "build-dep"])
            {
                continue;
            }
            // Only where a later command relies on it.
            if !runs
                .iter()
                .skip(position + 1)
                .any(|(_, _, text)| calls(text, &["install"]) && !calls(text, &["update"]))
            {
                continue;
            }
            notes.push(Note {
                severity: Severity::Warning,
                message: "The package lists of this RUN get old in the cache".into(),
                help: "Write apt-get update and apt-get install in one RUN, joined by &&.".into(),
                span: view.find(instruction, "update"),
                fix: joined(view, instruction, view.file.instructions.get(index + 1)),
                instruction: Some(*index),
            });
        }
    }
    notes
}

/// Both in one `RUN`, where one stands right behind the other and installs.
fn joined(view: &View<'_>, update: &Instruction<'_>, next: Option<&Instruction<'_>>) -> Option<Fix> {
    let (line, next) = (joinable(update)?, joinable(next?)?);
    let between = Span::new(line.span.end, next.span.start);
    let keyword = view.text.get(between.start as usize..between.end as usize)?.trim();
    (keyword.eq_ignore_ascii_case("RUN") && calls(&next.text, &["install"]))
        .then(|| Fix { label: "Join the two".into(), edits: vec![(between, " && ".to_owned())] })
}

/// Whether apt is called with one of these commands.
pub(super) fn calls(text: &str, commands: &[&str]) -> bool {
    script::commands(text).iter().any(|words| {
        matches!(words.first(), Some(&("apt-get" | "apt" | "aptitude")))
            && words.iter().skip(1).any(|word| commands.contains(word))
    })
}
