//! Why a step missed the cache: compared with what the last build was like at its place.

use super::files::Input;
use super::key::Dependency;
use super::solve::{Ran, Solved, Task};
use super::store::{Key, Remembered};
use crate::builder::hexadecimal::hex;
use crate::plan::{Op, OpId, OpKind};
use crate::simulation::{Reason, Status, StepId};
use stagecraft_sandbox::tree::{Node, Tree};
use std::collections::BTreeMap;

/// More files than this are not remembered one by one.
const MAX_FILES: usize = 2000;
/// More than this are not named.
const MAX_NAMED: usize = 5;

/// What the last build was like, by stage and place in it.
pub(super) type Last<'s> = BTreeMap<&'s (String, usize), &'s Remembered>;

/// The memory of the last build, to look places up in; of several steps of a place the first.
pub(super) fn by_place(last: &[Remembered]) -> Last<'_> {
    last.iter().rev().map(|last| (&last.place, last)).collect()
}

/// Why an operation with this digest ran.
pub(super) fn why<'r>(
    task: &Task<'_>,
    last: &Last<'_>,
    op: &Op,
    (digest, dependencies): (&str, &[Dependency]),
    inputs: &[Option<Input>],
    done: impl Fn(OpId) -> Option<&'r Ran>,
) -> Reason {
    if op.ignore_cache {
        return Reason::NoCache;
    }
    let changed = || op.inputs.iter().filter_map(|id| done(*id)).find(|ran| ran.status == Status::Ran);
    if op.kind == OpKind::Merge {
        return changed().map_or(Reason::Cold, |ran| Reason::InputChanged { step: StepId(ran.step) });
    }
    let found = if last.is_empty() { None } else { last.get(&place(task, op)) };
    let Some(last) = found else {
        return if last.is_empty() { Reason::Cold } else { Reason::InstructionChanged };
    };
    if last.operation != digest {
        let text = text(&op.name);
        return match env(op).iter().find(|pair| !last.env.contains(pair)) {
            Some((name, _)) if last.text == text => Reason::ArgumentChanged { name: name.clone() },
            _ => match last.env.iter().find(|(name, _)| !env(op).iter().any(|(other, _)| other == name)) {
                Some((name, _)) if last.text == text => Reason::ArgumentChanged { name: name.clone() },
                _ => Reason::InstructionChanged,
            },
        };
    }
    let files = files(dependencies, inputs);
    if files != last.files {
        let new = files.iter().filter(|file| !last.files.contains(file));
        let gone = last.files.iter().filter(|(path, _)| !files.iter().any(|(other, _)| other == path));
        let paths = new.chain(gone).map(|(path, _)| path.clone()).take(MAX_NAMED).collect();
        return Reason::FilesChanged { paths, source: super::flow::first(op, task) };
    }
    changed().map_or(Reason::Cold, |ran| Reason::InputChanged { step: StepId(ran.step) })
}

/// The stage by name or number, and which of its operations this is.
fn place(task: &Task<'_>, op: &Op) -> (String, usize) {
    let Some(origin) = op.origins.first() else { return (op.name.to_string(), 0) };
    let stage = task.plan.stages.get(origin.stage.0 as usize);
    let name = stage.filter(|stage| !stage.name.is_empty()).map(|stage| stage.name.to_string());
    let number = origin.instruction.saturating_sub(stage.map_or(0, |stage| stage.instruction));
    (name.unwrap_or_else(|| origin.stage.0.to_string()), number)
}

/// A caption without its brackets.
fn text(caption: &str) -> String {
    caption.split_once("] ").map_or(caption, |(_, text)| text).to_owned()
}

fn env(op: &Op) -> Vec<(String, String)> {
    match &op.kind {
        OpKind::Exec(exec) => {
            exec.env.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
        }
        OpKind::Source(_) | OpKind::File(_) | OpKind::Merge => Vec::new(),
    }
}

/// Files below the selected paths, with digests.
fn files(dependencies: &[Dependency], inputs: &[Option<Input>]) -> Vec<(String, Key)> {
    let mut found = Vec::new();
    for (input, dependency) in inputs.iter().zip(dependencies) {
        let (Some(input), Some(selectors)) = (input, &dependency.content) else { continue };
        for selector in selectors {
            let paths = stagecraft_sandbox::copy::resolve_wildcards(&input.tree, &selector.path, true);
            for path in paths.unwrap_or_default() {
                gather(&input.tree, &path, &mut found);
            }
        }
    }
    if found.len() > MAX_FILES {
        return Vec::new();
    }
    let mut files: Vec<(String, Key)> =
        found.into_iter().map(|(path, node)| (path, hex(&node.digest()))).collect();
    files.sort();
    files.dedup();
    files
}

fn gather(tree: &Tree, path: &str, files: &mut Vec<(String, Node)>) {
    let Ok(found) = tree.resolve(path, true) else { return };
    let Some(node) = found.node else { return };
    if !node.is_dir() {
        files.push((path.trim_start_matches('/').to_owned(), node));
        return;
    }
    for (path, node) in tree.walk_from(&found.path).take(MAX_FILES + 1) {
        if !node.is_dir() {
            files.push((path.trim_start_matches('/').to_owned(), node.clone()));
        }
    }
}

/// What the next build compares itself with.
pub(super) fn remember(task: &Task<'_>, solved: &Solved) -> Vec<Remembered> {
    let after = |id: OpId| solved.of(id).and_then(|ran| ran.after.clone());
    let remembered = solved.ran.iter().filter_map(|ran| {
        let op = task.plan.ops.get(ran.op.index())?;
        if matches!(op.kind, OpKind::Source(_) | OpKind::Merge) {
            return None;
        }
        let (digest, dependencies) = solved.keys.get(ran.op.index())?;
        let by_content = dependencies.iter().any(|dependency| dependency.content.is_some());
        let inputs = op.inputs.iter().filter(|_| by_content).map(|id| after(*id));
        Some(Remembered {
            place: place(task, op),
            text: text(&op.name),
            operation: digest.clone(),
            env: env(op),
            files: files(dependencies, &inputs.collect::<Vec<_>>()),
        })
    });
    remembered.collect()
}
