//! Everything is copied before dependencies are installed.
//!
//! Then every edit of any file installs them anew. With the manifests copied first, the installation stays in the
//! cache until they change.
//!
//! ```dockerfile
//! # bad
//! COPY . .
//! RUN npm ci
//! # good
//! COPY package.json package-lock.json ./
//! RUN npm ci
//! COPY . .
//! ```

use super::super::Rule;
use super::{Note, View, script, script_of};
use stagecraft_dockerfile::{Command, Severity};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "CopyBeforeInstall",
    description: "Dependencies should be installed before the sources are copied",
    page: "",
    experimental: false,
};

pub(super) fn check(view: &View<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    for stage in &view.plan.stages {
        let mut copied = None;
        let mut installed = false;
        for (index, instruction) in view.instructions(stage) {
            match &instruction.command {
                Some(Command::Copy(copy)) if copy.from.is_none() => {
                    let all = copy.sources.iter().find(|source| matches!(&*source.text, "." | "./" | "/"));
                    if let Some(source) = all
                        && copied.is_none()
                    {
                        copied = Some((index, source.span));
                    }
                }
                Some(Command::Run(_)) => {
                    let text = script_of(instruction).unwrap_or_default();
                    let Some(manifest) = installs(&text) else { continue };
                    if let (Some((at, span)), false) = (copied, installed) {
                        notes.push(Note {
                            severity: Severity::Info,
                            message: format!(
                                "Any change of the context installs again: {manifest} could be copied first"
                            ),
                            help: "Copy what names the dependencies, install them, then copy the rest."
                                .into(),
                            span,
                            fix: None,
                            instruction: Some(at),
                        });
                    }
                    installed = true;
                }
                _ => {}
            }
        }
    }
    notes
}

/// What names the dependencies that the command installs, if it installs some.
fn installs(text: &str) -> Option<&'static str> {
    script::commands(text).iter().find_map(|words| match words.as_slice() {
        ["npm", "ci" | "install" | "i", rest @ ..] if rest.iter().all(|word| word.starts_with('-')) => {
            Some("package.json")
        }
        ["yarn"] | ["yarn" | "pnpm", "install", ..] => Some("package.json"),
        ["pip" | "pip3", "install", rest @ ..] if rest.contains(&"-r") => Some("requirements.txt"),
        ["go", "mod", "download", ..] => Some("go.mod"),
        ["bundle", "install", ..] => Some("Gemfile"),
        ["composer", "install", ..] => Some("composer.json"),
        ["poetry", "install", ..] => Some("pyproject.toml"),
        ["cargo", "fetch", ..] => Some("Cargo.toml"),
        ["dotnet", "restore", ..] => Some("the project file"),
        ["mvn" | "./mvnw", rest @ ..] if rest.iter().any(|word| word.starts_with("dependency:")) => {
            Some("pom.xml")
        }
        _ => None,
    })
}
