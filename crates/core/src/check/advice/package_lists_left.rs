//! A package manager's lists stay in the image.
//!
//! What a later `RUN` deletes still weighs in the layer below, so it must go in the same one.
//!
//! ```dockerfile
//! # bad
//! RUN apt-get update && apt-get install -y curl
//! # good
//! RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*
//! ```

use super::super::Rule;
use super::{Note, View, apt_update_alone, joinable, script};
use stagecraft_dockerfile::diagnostic::Fix;
use stagecraft_dockerfile::{Command, Instruction, Severity, Span};
use std::collections::BTreeSet;

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "PackageListsLeft",
    description: "Package lists and caches should be removed in the RUN that brings them",
    page: "",
    experimental: false,
};

pub(super) fn check(view: &View<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    // Lists that a later RUN wants are another matter.
    let wanted: BTreeSet<usize> =
        apt_update_alone::check(view).into_iter().filter_map(|note| note.instruction).collect();
    for (at, stage) in view.plan.stages.iter().enumerate() {
        if !view.ends_in_image(at) {
            continue;
        }
        for (index, instruction, text) in view.runs(stage) {
            let Some(left) = left(&text, instruction).filter(|_| !wanted.contains(&index)) else { continue };
            let fix = match left.mend {
                Mend::Append(command) => joinable(instruction).map(|line| Fix {
                    label: "Remove them at the end".into(),
                    edits: vec![(Span::new(line.span.end, line.span.end), format!(" && {command}"))],
                }),
                Mend::Replace(old, new) => Some(Fix {
                    label: format!("Write {new}").into(),
                    edits: vec![(view.find(instruction, old), new.to_owned())],
                }),
                Mend::None => None,
            };
            notes.push(Note {
                severity: Severity::Info,
                message: "Package lists stay in the image".into(),
                help: left.help.into(),
                span: view.find(instruction, left.word),
                fix,
                instruction: Some(index),
            });
        }
    }
    notes
}

/// What a command leaves.
struct Left {
    /// The word to show.
    word: &'static str,
    /// The way out.
    help: &'static str,
    mend: Mend,
}

/// The way out as an edit.
enum Mend {
    Append(&'static str),
    Replace(&'static str, &'static str),
    None,
}

fn left(text: &str, instruction: &Instruction<'_>) -> Option<Left> {
    let mounted = |path: &str| match &instruction.command {
        Some(Command::Run(run)) => run.mounts().iter().any(|mount| mount.text.contains(path)),
        _ => false,
    };
    if apt_update_alone::calls(text, &["update"])
        && !text.contains("/var/lib/apt")
        && !mounted("/var/lib/apt")
    {
        return Some(Left {
            word: "update",
            help: "End the RUN with && rm -rf /var/lib/apt/lists/*.",
            mend: Mend::Append("rm -rf /var/lib/apt/lists/*"),
        });
    }
    script::commands(text).iter().find_map(|words| match words.as_slice() {
        ["apk", rest @ ..] => {
            let update = rest.contains(&"--update") && rest.contains(&"add");
            let kept = (update || rest.contains(&"update"))
                && !text.contains("--no-cache")
                && !text.contains("/var/cache/apk")
                && !mounted("/var/cache/apk");
            kept.then_some(Left {
                word: "apk",
                help: "apk add --no-cache needs no update and leaves no lists.",
                mend: if update { Mend::Replace("--update", "--no-cache") } else { Mend::None },
            })
        }
        [tool @ ("dnf" | "yum" | "microdnf"), rest @ ..] if rest.contains(&"install") => {
            let (word, clean) = match *tool {
                "yum" => ("yum", "yum clean all"),
                "dnf" => ("dnf", "dnf clean all"),
                _ => ("microdnf", "microdnf clean all"),
            };
            let kept = !text.contains("clean all") && !text.contains("/var/cache/") && !mounted("/var/cache");
            kept.then_some(Left {
                word,
                help: "End the RUN with && dnf clean all (yum clean all).",
                mend: Mend::Append(clean),
            })
        }
        _ => None,
    })
}
