//! What can be named at an instruction: stages before it, variables that it sees.

use stagecraft_dockerfile::{Command, Dockerfile, Instruction};
use std::collections::BTreeMap;

/// Arguments that BuildKit gives every build; a stage sees them after `ARG NAME`.
const PLATFORM: [&str; 8] = [
    "BUILDARCH",
    "BUILDOS",
    "BUILDPLATFORM",
    "BUILDVARIANT",
    "TARGETARCH",
    "TARGETOS",
    "TARGETPLATFORM",
    "TARGETVARIANT",
];

/// What can be named.
pub(super) struct Scope {
    /// Names of the stages before, with their lines.
    pub(super) stages: Vec<(String, u32)>,
    /// Variables with their defaults, as written.
    pub(super) variables: BTreeMap<String, String>,
    /// Arguments before the first `FROM`, with their defaults.
    pub(super) global: BTreeMap<String, String>,
}

impl Scope {
    /// At an instruction of the file.
    pub(super) fn at(file: &Dockerfile<'_>, instruction: &Instruction<'_>) -> Self {
        let mut scope = Self { stages: Vec::new(), variables: BTreeMap::new(), global: BTreeMap::new() };
        let mut begun = false;
        for before in file.instructions.iter().take_while(|i| i.span.start < instruction.span.start) {
            match &before.command {
                Some(Command::From(from)) => {
                    begun = true;
                    scope.variables.clear();
                    scope.stages.extend(from.name.iter().map(|name| (name.text.to_string(), before.lines.0)));
                }
                Some(Command::Arg(pairs)) => {
                    for pair in pairs {
                        let name = pair.key.text.to_string();
                        let default = pair.value.as_ref().map(|v| v.text.to_string());
                        let known = scope.global.get(&name).cloned();
                        let value = default.or(known).unwrap_or_default();
                        if !begun {
                            scope.global.insert(name.clone(), value.clone());
                        }
                        scope.variables.insert(name, value);
                    }
                }
                Some(Command::Env(pairs)) => {
                    let named = pairs.iter().map(|p| (p.key.text.to_string(), p.value.text.to_string()));
                    scope.variables.extend(named);
                }
                _ => {}
            }
        }
        if instruction.name() == Some("FROM") {
            scope.variables = scope.global.clone();
            scope.variables.extend(PLATFORM.map(|name| (name.to_owned(), "given by BuildKit".to_owned())));
        }
        if instruction.name() == Some("ARG") {
            scope.global.extend(PLATFORM.map(|name| (name.to_owned(), "given by BuildKit".to_owned())));
        }
        scope
    }
}
