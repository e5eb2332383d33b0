//! A command uses an argument that its stage never declares.
//!
//! An `ARG` before the first `FROM` is for `FROM` lines, and one in another stage ends with it. In this stage the
//! variable is empty, and nothing says so: BuildKit does not look into commands.
//!
//! ```dockerfile
//! # bad
//! ARG VERSION=1.0
//! FROM alpine
//! RUN echo $VERSION
//! # good
//! ARG VERSION=1.0
//! FROM alpine
//! ARG VERSION
//! RUN echo $VERSION
//! ```

use super::super::Rule;
use super::{Note, View, script};
use crate::simulation::Base;
use stagecraft_dockerfile::diagnostic::Fix;
use stagecraft_dockerfile::instruction::mount::Mount;
use stagecraft_dockerfile::{Command, Instruction, Severity, Span};
use std::collections::{BTreeMap, BTreeSet};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "ArgumentNotInStage",
    description: "Arguments must be declared in the stage that uses them",
    page: "",
    experimental: false,
};

pub(super) fn check(view: &View<'_>) -> Vec<Note> {
    if view.file.escape != '\\' {
        return Vec::new();
    }
    // Where each argument of the file is declared first: before any FROM, or not.
    let mut declared: BTreeMap<&str, bool> = BTreeMap::new();
    let first = view.plan.stages.first().map_or(usize::MAX, |stage| stage.instruction);
    for (index, instruction) in view.file.instructions.iter().enumerate() {
        if let Some(Command::Arg(pairs)) = &instruction.command {
            for pair in pairs {
                declared.entry(&pair.key.text).or_insert(index < first);
            }
        }
    }
    if declared.is_empty() {
        return Vec::new();
    }
    let mut notes = Vec::new();
    let mut at_end: Vec<BTreeSet<&str>> = Vec::with_capacity(view.plan.stages.len());
    for stage in &view.plan.stages {
        let mut known = match &stage.base {
            Base::Stage(base) => at_end.get(base.0 as usize).cloned().unwrap_or_default(),
            _ => BTreeSet::new(),
        };
        // What the image sets, and what ENV sets anywhere in the stage.
        known.extend(stage.image.config.env.iter().filter_map(|pair| pair.split('=').next()));
        let from = view.file.instructions.get(stage.instruction);
        let mut reported = BTreeSet::new();
        for (index, instruction) in view.instructions(stage) {
            match &instruction.command {
                Some(Command::Arg(pairs)) => known.extend(pairs.iter().map(|pair| &*pair.key.text)),
                Some(Command::Run(run)) => {
                    let secrets: Vec<String> = run
                        .mounts()
                        .iter()
                        .filter_map(|mount| {
                            Mount::parse(&mount.text, &mut |value| Ok(value.to_owned())).ok()?.env
                        })
                        .collect();
                    let source = source_of(view.text, instruction);
                    for found in script::uses(source) {
                        let Some(&global) = declared.get(found.name) else { continue };
                        if known.contains(found.name)
                            || secrets.iter().any(|secret| secret == found.name)
                            || script::sets(source, found.name)
                            || !reported.insert(found.name)
                        {
                            continue;
                        }
                        let start = instruction.span.start as usize;
                        let span = Span::new((start + found.start) as u32, (start + found.end) as u32);
                        notes.push(note(found.name, global, span, index, from));
                    }
                }
                _ => {}
            }
        }
        at_end.push(known);
    }
    notes
}

fn source_of<'t>(text: &'t str, instruction: &Instruction<'_>) -> &'t str {
    text.get(instruction.span.start as usize..instruction.span.end as usize).unwrap_or_default()
}

fn note(name: &str, global: bool, span: Span, index: usize, from: Option<&Instruction<'_>>) -> Note {
    let whence = if global { "declared before the first FROM" } else { "declared in another stage" };
    Note {
        severity: Severity::Warning,
        message: format!("${name} is empty here: the argument is {whence} and not in this stage"),
        help: format!(
            "An argument ends with the stage that declares it, and one before the first FROM is for FROM lines \
             only. Write ARG {name} behind this stage's FROM: it then has the value from there."
        )
        .into(),
        span,
        fix: from.map(|from| Fix {
            label: "Declare it in this stage".into(),
            edits: vec![(Span::new(from.span.end, from.span.end), format!("\nARG {name}"))],
        }),
        instruction: Some(index),
    }
}
