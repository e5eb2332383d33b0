//! A command uses a variable that `ENV` sets in another stage only.
//!
//! A variable ends with its stage, unless another one starts from that stage: here it is empty, and nothing says so.
//!
//! ```dockerfile
//! # bad
//! FROM alpine AS one
//! ENV NAME=x
//! RUN touch /x
//! FROM alpine
//! COPY --from=one /x /x
//! RUN echo $NAME
//! # good
//! FROM alpine AS one
//! ENV NAME=x
//! FROM one
//! RUN echo $NAME
//! ```

use super::super::Rule;
use super::{Note, View, script};
use stagecraft_dockerfile::{Command, Severity, Span};
use std::collections::BTreeSet;

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "VariableNotInStage",
    description: "Variables of ENV end with their stage",
    page: "",
    experimental: false,
};

pub(super) fn check(view: &View<'_>) -> Vec<Note> {
    let keys = |command: &Option<Command<'_>>, args: bool| -> Vec<String> {
        match command {
            Some(Command::Env(pairs)) => pairs.iter().map(|pair| pair.key.text.to_string()).collect(),
            Some(Command::Arg(pairs)) if args => pairs.iter().map(|pair| pair.key.text.to_string()).collect(),
            _ => Vec::new(),
        }
    };
    let all: BTreeSet<String> =
        view.file.instructions.iter().flat_map(|instruction| keys(&instruction.command, false)).collect();
    // Where an argument of that name is about, another check has a say.
    let arguments = view.file.instructions.iter().filter(|i| matches!(i.command, Some(Command::Arg(_))));
    let arguments: BTreeSet<String> =
        arguments.flat_map(|instruction| keys(&instruction.command, true)).collect();
    let mut notes = Vec::new();
    for stage in view.plan.stages.iter().filter(|_| view.file.escape == '\\' && !all.is_empty()) {
        // What its base and its own ENV set.
        let known: BTreeSet<&str> =
            stage.image.config.env.iter().filter_map(|pair| pair.split('=').next()).collect();
        for (index, instruction, _) in view.runs(stage) {
            let span = instruction.span;
            let source = view.text.get(span.start as usize..span.end as usize).unwrap_or_default();
            let lost = script::uses(source).into_iter().find(|found| {
                all.contains(found.name)
                    && !known.contains(found.name)
                    && !arguments.contains(found.name)
                    && !script::sets(source, found.name)
            });
            notes.extend(lost.map(|found| Note {
                severity: Severity::Warning,
                message: format!("${} is empty here: its ENV is in another stage", found.name),
                help: "Variables end with their stage, unless this one starts FROM it. Write the ENV in this stage as well.".into(),
                span: Span::new(span.start + found.start as u32, span.start + found.end as u32),
                fix: None,
                instruction: Some(index),
            }));
        }
    }
    notes
}
