//! A name that is nearly that of a stage.
//!
//! A name that is no stage is taken for an image and asked for at a registry, where anyone may have put one.
//!
//! ```dockerfile
//! # bad
//! FROM golang AS builder
//! FROM scratch
//! COPY --from=builder /app /app
//! COPY --from=bulider /conf /conf
//! # good
//! FROM golang AS builder
//! FROM scratch
//! COPY --from=builder /app /app
//! COPY --from=builder /conf /conf
//! ```

use super::super::Rule;
use super::{Note, View};
use stagecraft_dockerfile::diagnostic::Fix;
use stagecraft_dockerfile::go;
use stagecraft_dockerfile::{Command, Severity, Word, suggest};
use std::collections::{BTreeMap, BTreeSet};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "MistypedStageName",
    description: "A name close to that of a stage is taken for an image",
    page: "",
    experimental: false,
};

/// Stages that a name is compared with at most; every name is compared once.
const MOST: usize = 500;

pub(super) fn check(view: &View<'_>) -> Vec<Note> {
    let stages: BTreeSet<&str> =
        view.plan.stages.iter().map(|stage| stage.name.as_str()).filter(|name| !name.is_empty()).collect();
    let mut nearest: BTreeMap<String, Option<&str>> = BTreeMap::new();
    let mut notes = Vec::new();
    for (index, instruction) in view.file.instructions.iter().enumerate() {
        let word: Option<&Word<'_>> = match &instruction.command {
            Some(Command::From(from)) => Some(&from.base),
            Some(Command::Copy(copy)) => copy.from.as_ref(),
            _ => None,
        };
        let Some(word) = word else { continue };
        let name = go::lower(&word.text).into_owned();
        if stages.contains(name.as_str()) {
            continue;
        }
        let near = match nearest.get(&name) {
            Some(known) => *known,
            None if nearest.len() < MOST => {
                let found = near(&name, &stages);
                nearest.insert(name, found);
                found
            }
            None => None,
        };
        let Some(near) = near else { continue };
        notes.push(Note {
            severity: Severity::Warning,
            message: format!("{} is no stage and is taken for an image; did you mean {near}?", word.text),
            help: "Stages are named by FROM … AS name. Any other name is an image from a registry.".into(),
            span: word.span,
            fix: Some(Fix {
                label: format!("Take the stage {near}").into(),
                edits: vec![(word.span, near.to_owned())],
            }),
            instruction: Some(index),
        });
    }
    notes
}

/// The stage that was probably meant by a name that is none.
fn near<'s>(name: &str, stages: &BTreeSet<&'s str>) -> Option<&'s str> {
    if name.contains(['/', ':', '@', '$', '.'])
        || name.len() < 4
        || name.parse::<u32>().is_ok()
        || known_image(name)
    {
        return None;
    }
    let found = suggest::closest(name, stages.iter().copied().take(MOST), true)?;
    let near = *stages.get(&*found)?;
    // Two edits in a short word lead to another word altogether, and names that differ in a number only are not
    // mistyped.
    let letters = |text: &str| text.bytes().filter(|b| !b.is_ascii_digit()).collect::<Vec<_>>();
    let far = near.len() < 4 || name.len().abs_diff(near.len()) > 1 || letters(name) == letters(near);
    (!far).then_some(near)
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
