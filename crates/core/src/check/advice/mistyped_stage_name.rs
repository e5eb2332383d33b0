//! A name that is nearly that of a stage.
//!
//! A name that is no stage is taken for an image and asked for at a registry, where anyone may have put one.
//!
//! ```dockerfile
//! # bad
//! FROM golang AS builder
//! FROM scratch
//! COPY --from=bulider /app /app
//! # good
//! COPY --from=builder /app /app
//! ```

use super::super::Rule;
use super::{Note, View};
use stagecraft_dockerfile::diagnostic::Fix;
use stagecraft_dockerfile::{Command, Severity, Word, suggest};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "MistypedStageName",
    description: "A name close to that of a stage is taken for an image",
    page: "",
    experimental: false,
};

pub(super) fn check(view: &View<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    for (index, instruction) in view.file.instructions.iter().enumerate() {
        let word: Option<&Word<'_>> = match &instruction.command {
            Some(Command::From(from)) => Some(&from.base),
            Some(Command::Copy(copy)) => copy.from.as_ref(),
            _ => None,
        };
        let Some(word) = word else { continue };
        let name = word.text.to_lowercase();
        if name.contains(['/', ':', '@', '$', '.']) || name.len() < 4 || name.parse::<u32>().is_ok() {
            continue;
        }
        let stages = view.plan.stages.iter().filter(|stage| !stage.name.is_empty());
        let Some(near) = suggest::closest(&name, stages.map(|stage| stage.name.as_str()), true) else {
            continue;
        };
        // Two edits in a short word lead to another word altogether.
        // Names that differ in a number only are not mistyped.
        let letters = |text: &str| text.bytes().filter(|b| !b.is_ascii_digit()).collect::<Vec<_>>();
        if near.len() < 4
            || name.len().abs_diff(near.len()) > 1
            || known_image(&name)
            || letters(&name) == letters(&near)
        {
            continue;
        }
        notes.push(Note {
            severity: Severity::Warning,
            message: format!("{} is no stage and is taken for an image; did you mean {near}?", word.text),
            help: "Stages are named by FROM … AS name. Any other name is an image from a registry.".into(),
            span: word.span,
            fix: Some(Fix {
                label: format!("Take the stage {near}").into(),
                edits: vec![(word.span, near.to_string())],
            }),
            instruction: Some(index),
        });
    }
    notes
}

fn known_image(name: &str) -> bool {
    matches!(
        name,
        "alpine"
            | "bash"
            | "busybox"
            | "caddy"
            | "debian"
            | "docker"
            | "fedora"
            | "golang"
            | "maven"
            | "mysql"
            | "nginx"
            | "node"
            | "postgres"
            | "python"
            | "redis"
            | "ruby"
            | "rust"
            | "scratch"
            | "tomcat"
            | "ubuntu"
    )
}
