//! The image that is shipped carries a compiler.
//!
//! What builds the program is not needed to run it. A second stage that takes only the result is smaller and has
//! less in it to attack.
//!
//! ```dockerfile
//! # bad
//! FROM golang:1.22
//! RUN go build -o /app .
//! # good
//! FROM golang:1.22 AS build
//! RUN go build -o /app .
//! FROM alpine
//! COPY --from=build /app /app
//! ```

use super::super::Rule;
use super::{Note, View, script};
use crate::simulation::Base;
use stagecraft_dockerfile::{Command, Severity};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "CompilerInLastStage",
    description: "The image should not carry what it was built with",
    page: "",
    experimental: false,
};

const TOOLCHAINS: &[&str] = &["golang", "rust", "gcc", "maven", "gradle", "swift", "haskell", "dart"];

pub(super) fn check(view: &View<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    for (at, stage) in view.plan.stages.iter().enumerate() {
        if !view.ends_in_image(at) {
            continue;
        }
        let compiles = view.runs(stage).any(|(_, _, text)| builds(&text));
        if let Base::Image(reference) = &stage.base {
            let name = reference.rsplit('/').next().unwrap_or(reference);
            let name = name.split([':', '@']).next().unwrap_or(name);
            let instruction = view.file.instructions.get(stage.instruction);
            if let (true, true, Some(Command::From(from))) =
                (compiles, TOOLCHAINS.contains(&name), instruction.and_then(|i| i.command.as_ref()))
            {
                notes.push(note(
                    format!("The image carries the whole of {name}"),
                    from.base.span,
                    stage.instruction,
                ));
            }
        }
        for (index, instruction, text) in view.runs(stage) {
            if let Some(package) = installs(&text) {
                notes.push(note(
                    format!("The image carries {package}"),
                    view.find(instruction, package),
                    index,
                ));
            }
        }
    }
    notes
}

fn note(message: String, span: stagecraft_dockerfile::Span, instruction: usize) -> Note {
    Note {
        severity: Severity::Info,
        message,
        help: "Build in a stage of its own, and copy only the result into the last one with COPY --from."
            .into(),
        span,
        fix: None,
        instruction: Some(instruction),
    }
}

/// Whether a command makes a program that could be copied.
fn builds(text: &str) -> bool {
    script::commands(text).iter().any(|words| match words.as_slice() {
        ["go" | "cargo" | "swift", command, ..] => matches!(*command, "build" | "install"),
        [program, ..] => {
            matches!(
                *program,
                "mvn" | "./mvnw" | "gradle" | "./gradlew" | "make" | "gcc" | "g++" | "cc" | "rustc"
            )
        }
        [] => false,
    })
}

/// A compiler that the command installs and does not take out again.
fn installs(text: &str) -> Option<&'static str> {
    if text.contains("apk del") || text.contains("purge") || text.contains("remove") {
        return None;
    }
    let commands = script::commands(text);
    let packages = commands.iter().filter(|words| {
        matches!(words.as_slice(), ["apt-get" | "apt" | "apk" | "dnf" | "yum" | "microdnf", rest @ ..]
            if rest.iter().any(|word| matches!(*word, "install" | "add")))
    });
    let names =
        ["build-essential", "build-base", "gcc", "g++", "clang", "golang", "cargo", "default-jdk", "maven"];
    packages.flatten().find_map(|word| names.into_iter().find(|name| name == word))
}
