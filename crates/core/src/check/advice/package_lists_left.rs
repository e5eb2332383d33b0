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
use super::{Note, View, apt_update_alone, script};
use stagecraft_dockerfile::{Command, Instruction, Severity};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "PackageListsLeft",
    description: "Package lists and caches should be removed in the RUN that brings them",
    page: "",
    experimental: false,
};

pub(super) fn check(view: &View<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    for (at, stage) in view.plan.stages.iter().enumerate() {
        if !view.ends_in_image(at) {
            continue;
        }
        for (index, instruction, text) in view.runs(stage) {
            let Some((word, help)) = left(&text, instruction) else { continue };
            notes.push(Note {
                severity: Severity::Info,
                message: "Package lists stay in the image".into(),
                help: help.into(),
                span: view.find(instruction, word),
                fix: None,
                instruction: Some(index),
            });
        }
    }
    notes
}

/// The program that leaves something, and the way out.
fn left(text: &str, instruction: &Instruction<'_>) -> Option<(&'static str, &'static str)> {
    let mounted = |path: &str| match &instruction.command {
        Some(Command::Run(run)) => run.mounts.iter().any(|mount| mount.text.contains(path)),
        _ => false,
    };
    if apt_update_alone::calls(text, &["update"])
        && !text.contains("/var/lib/apt")
        && !mounted("/var/lib/apt")
    {
        return Some(("update", "End the RUN with && rm -rf /var/lib/apt/lists/*."));
    }
    for words in script::commands(text) {
        match words.as_slice() {
            ["apk", rest @ ..]
                if rest.contains(&"update") || (rest.contains(&"add") && rest.contains(&"--update")) =>
            {
                let kept = !text.contains("--no-cache")
                    && !text.contains("/var/cache/apk")
                    && !mounted("/var/cache/apk");
                if kept {
                    return Some(("apk", "apk add --no-cache needs no update and leaves no lists."));
                }
            }
            [tool @ ("dnf" | "yum" | "microdnf"), rest @ ..] if rest.contains(&"install") => {
                let program = if *tool == "yum" { "yum" } else { "dnf" };
                if !text.contains("clean all") && !text.contains("/var/cache/") && !mounted("/var/cache") {
                    return Some((program, "End the RUN with && dnf clean all (yum clean all)."));
                }
            }
            _ => {}
        }
    }
    None
}
