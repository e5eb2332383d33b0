//! Which arguments, secrets and agents a target takes (BuildKit `outline.go`).

use super::fault::each_line;
use super::state::State;
use super::{Outline, OutlineArg, OutlineMount};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What one stage declares and uses.
#[derive(Debug, Clone, Default)]
pub(super) struct Capture {
    /// Shared by stages as long as they declare nothing more.
    all: Option<Arc<BTreeMap<SmolStr, Argument>>>,
    pub(super) used: BTreeSet<SmolStr>,
    pub(super) secrets: Vec<Requirement>,
    pub(super) ssh: Vec<Requirement>,
}

/// An argument with its value.
#[derive(Debug, Clone, Default)]
pub(super) struct Argument {
    pub(super) value: SmolStr,
    pub(super) description: SmolStr,
    pub(super) lines: (u32, u32),
    /// Arguments in its default.
    pub(super) deps: BTreeSet<SmolStr>,
}

/// A secret or an agent.
#[derive(Debug, Clone)]
pub(super) struct Requirement {
    pub(super) name: String,
    pub(super) required: bool,
    pub(super) lines: (u32, u32),
}

impl Capture {
    /// A declared argument.
    pub(super) fn get(&self, name: &str) -> Option<&Argument> {
        self.all.as_ref()?.get(name)
    }

    /// The names of all declared arguments.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.all.iter().flat_map(|all| all.keys()).map(SmolStr::as_str)
    }

    /// Declares an argument.
    pub(super) fn declare(&mut self, name: &str, argument: Argument) {
        Arc::make_mut(self.all.get_or_insert_default()).insert(name.into(), argument);
    }

    /// The arguments used, with those that their defaults need.
    fn used_with_deps(&self) -> BTreeSet<&str> {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&str> = self.used.iter().map(SmolStr::as_str).collect();
        while let Some(name) = open.pop() {
            if seen.insert(name)
                && let Some(argument) = self.get(name)
            {
                open.extend(argument.deps.iter().map(SmolStr::as_str));
            }
        }
        seen
    }
}

/// Walks the target and everything that it takes from.
pub(super) fn outline(states: &[State<'_>], target: usize) -> Outline {
    let mut out = Outline::default();
    if let Some(state) = states.get(target) {
        out.name.clone_from(&state.name);
        out.description.clone_from(&state.description);
    }
    let (mut args, mut secrets, mut ssh) = (Vec::new(), Vec::new(), Vec::new());
    let mut names = BTreeSet::new();
    let mut visited = vec![false; states.len()];
    let mut open = vec![target];
    while let Some(at) = open.pop() {
        let Some(state) = states.get(at) else { continue };
        if visited.get_mut(at).is_none_or(|seen| std::mem::replace(seen, true)) {
            continue;
        }
        for name in state.outline.used_with_deps() {
            if let Some(argument) = state.outline.get(name)
                && names.insert(name)
            {
                args.push((argument.lines.0, name, argument));
            }
        }
        for (from, to) in [(&state.outline.secrets, &mut secrets), (&state.outline.ssh, &mut ssh)] {
            for requirement in from {
                if !to.iter().any(|other: &&Requirement| other.name == requirement.name) {
                    to.push(requirement);
                }
            }
        }
        open.extend(state.deps.iter().rev().map(|&(on, ..)| on));
        open.extend(state.base);
    }
    args.sort_by_key(|&(line, ..)| line);
    out.args = args
        .into_iter()
        .map(|(_, name, argument)| OutlineArg {
            name: name.to_owned(),
            value: argument.value.to_string(),
            description: argument.description.to_string(),
            lines: each_line(argument.lines).collect(),
        })
        .collect();
    out.secrets = sorted(secrets);
    out.ssh = sorted(ssh);
    out
}

fn sorted(mut requirements: Vec<&Requirement>) -> Vec<OutlineMount> {
    requirements.sort_by_key(|requirement| requirement.lines.0);
    requirements
        .into_iter()
        .map(|requirement| OutlineMount {
            name: requirement.name.clone(),
            required: requirement.required,
            lines: each_line(requirement.lines).collect(),
        })
        .collect()
}
