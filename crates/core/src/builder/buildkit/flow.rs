//! What flows into a step besides the files below it.

use super::files::Input;
use super::solve::{Ran, Task};
use crate::builder::context;
use crate::plan::{FileActionKind, MountKind, Op, OpId, OpKind, Source};
use crate::simulation::{Flow, FlowSource, StageId};
use stagecraft_sandbox::tree::{Node, Tree};
use std::sync::Arc;

/// Sizes alone, until [`of`] says where they come from.
pub(super) fn sizes(written: &[(u64, u64)]) -> Vec<Flow> {
    let flow = |(files, bytes): &(u64, u64)| Flow {
        source: FlowSource::Inline,
        path: String::new(),
        files: *files,
        bytes: *bytes,
        mount: false,
    };
    written.iter().map(flow).collect()
}

/// The flows of an operation that ran; sizes of copies are already in `ran`.
pub(super) fn of(op: &Op, task: &Task<'_>, ran: &Ran, inputs: &[Option<Input>]) -> Vec<Flow> {
    let from = |at: u32| op.inputs.get(at as usize).map(|id| source(*id, task));
    match &op.kind {
        OpKind::Source(_) | OpKind::Merge => Vec::new(),
        OpKind::File(actions) => {
            let copies = actions.iter().enumerate().filter_map(|(index, action)| {
                let FileActionKind::Copy(copy) = &action.kind else { return None };
                let (files, bytes) = ran.flows.get(index).map_or((0, 0), |flow| (flow.files, flow.bytes));
                Some(Flow {
                    source: from(copy.from?)?,
                    path: copy.src.to_string(),
                    files,
                    bytes,
                    mount: false,
                })
            });
            copies.collect()
        }
        OpKind::Exec(exec) => {
            let mounts = exec.mounts.iter().filter_map(|mount| {
                if mount.dest == "/" || !matches!(mount.kind, MountKind::Bind | MountKind::Cache { .. }) {
                    return None;
                }
                let at = mount.input?;
                let input = inputs.get(at as usize)?.as_ref()?;
                let (files, bytes) = match input.tree.stat(&format!("/{}", mount.selector)) {
                    Ok(Node::Dir(dir)) => context::size(&Tree { root: Arc::clone(&dir) }),
                    Ok(Node::File(file)) => (1, file.content.size()),
                    _ => (0, 0),
                };
                Some(Flow { source: from(at)?, path: mount.selector.to_string(), files, bytes, mount: true })
            });
            mounts.collect()
        }
    }
}

/// Where an operation takes files from, besides those below it: the first place, if there are several.
pub(super) fn first(op: &Op, task: &Task<'_>) -> FlowSource {
    let at = match &op.kind {
        OpKind::File(actions) => actions.iter().find_map(|action| match &action.kind {
            FileActionKind::Copy(copy) => copy.from,
            _ => None,
        }),
        OpKind::Exec(exec) => exec
            .mounts
            .iter()
            .find(|mount| mount.dest != "/" && matches!(mount.kind, MountKind::Bind))
            .and_then(|mount| mount.input),
        OpKind::Source(_) | OpKind::Merge => None,
    };
    at.and_then(|at| op.inputs.get(at as usize)).map_or(FlowSource::Context, |id| source(*id, task))
}

/// What an input is to a reader: a stage if one ends in it, else where it comes from.
fn source(id: OpId, task: &Task<'_>) -> FlowSource {
    let kind = task.plan.ops.get(id.index()).map(|op| &op.kind);
    match kind {
        Some(OpKind::Source(Source::Local(local))) if &*local.name == "context" => {
            return FlowSource::Context;
        }
        Some(OpKind::Source(Source::Local(local))) => {
            return FlowSource::NamedContext(local.name.to_string());
        }
        Some(OpKind::Source(source @ (Source::Http(_) | Source::Git(_)))) => {
            return FlowSource::Remote(source.identifier());
        }
        _ => {}
    }
    let stage = task.plan.stages.iter().position(|stage| stage.needed && stage.result == Some(id));
    match (stage, kind) {
        (Some(stage), _) => FlowSource::Stage(StageId(stage as u32)),
        (None, Some(OpKind::Source(Source::Image(image)))) => FlowSource::Image(image.reference.to_string()),
        (None, _) => FlowSource::Inline,
    }
}
