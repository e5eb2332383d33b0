//! A `RUN` that ends in `cd`.
//!
//! Each `RUN` is a process of its own: the next instruction starts in the working directory of the image again.
//!
//! ```dockerfile
//! # bad
//! RUN cd /app
//! RUN make
//! # good
//! WORKDIR /app
//! RUN make
//! ```

use super::super::Rule;
use super::{Note, View, joinable, script};
use stagecraft_dockerfile::diagnostic::Fix;
use stagecraft_dockerfile::{Instruction, Severity};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "DirectoryChangeLost",
    description: "A directory that is changed to in RUN is left at its end",
    page: "",
    experimental: false,
};

pub(super) fn check(view: &View<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    for stage in &view.plan.stages {
        for (index, instruction, text) in view.runs(stage) {
            let commands = script::commands(&text);
            let Some(["cd", dir @ ..]) = commands.last().map(Vec::as_slice) else { continue };
            // In a subshell it was meant to end.
            if text.trim_end().ends_with([')', '}']) {
                continue;
            }
            let alone = commands.len() == 1;
            notes.push(Note {
                severity: Severity::Warning,
                message: "This cd is over when its RUN is".into(),
                help: "Each RUN is a process of its own, and the next instruction starts in the working directory of the image again. Write WORKDIR, or do what is to be done there in the same RUN.".into(),
                span: view.find(instruction, "cd"),
                fix: dir.first().filter(|_| alone && dir.len() == 1).and_then(|dir| workdir(instruction, dir)),
                instruction: Some(index),
            });
        }
    }
    notes
}

fn workdir(instruction: &Instruction<'_>, dir: &str) -> Option<Fix> {
    joinable(instruction)?;
    Some(Fix { label: "Write WORKDIR".into(), edits: vec![(instruction.span, format!("WORKDIR {dir}"))] })
}
