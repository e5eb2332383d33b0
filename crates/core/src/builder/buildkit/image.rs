//! The image that the target leaves: config, history, layers.

use super::solve::Solved;
use super::store::hash;
use crate::builder::layer;
use crate::image::History;
use crate::plan::{Op, OpId, OpKind, Plan, Source};
use crate::simulation::{Image, Layer, StepId};
use stagecraft_sandbox::diff::Change;
use stagecraft_sandbox::tree::{Node, Origin, Tree};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The layers of all operations that ran and make one.
pub(super) fn layers(plan: &Plan, solved: &Solved) -> BTreeMap<OpId, Arc<Layer>> {
    let mut layers = BTreeMap::new();
    let texts = texts(plan);
    for ran in &solved.ran {
        let (Some(op), Some(after)) = (plan.ops.get(ran.op.index()), &ran.after) else { continue };
        if ran.error.is_some() {
            continue;
        }
        let created_by = texts.get(&ran.op).copied().unwrap_or_default();
        let layer = match &op.kind {
            OpKind::Source(_) => continue,
            OpKind::Merge => merged(op, solved, created_by),
            OpKind::Exec(_) => {
                written(&ran.before, &after.tree, created_by, &|change| newer(change, ran.step))
            }
            OpKind::File(_) => written(&ran.before, &after.tree, created_by, &|change| other_time(change)),
        };
        layers.insert(ran.op, Arc::new(layer));
    }
    layers
}

fn written(before: &Tree, after: &Tree, created_by: &str, touched: &dyn Fn(&Change<'_>) -> bool) -> Layer {
    layer::overlay(before, after, created_by, touched)
}

/// The layer of `COPY --link` is all that was copied, whatever lies below.
fn merged(op: &Op, solved: &Solved, created_by: &str) -> Layer {
    let upper = op.inputs.last().and_then(|id| solved.of(*id)).and_then(|ran| ran.after.as_ref());
    let upper = upper.map(|input| input.tree.clone()).unwrap_or_default();
    written(&Tree::new(), &upper, created_by, &|_| true)
}

/// Whether a command wrote the file again: its time of change then differs.
fn newer(change: &Change<'_>, step: u32) -> bool {
    let writer = |node: Option<&Node>| node.and_then(Node::origin).map(|origin| origin.writer);
    writer(change.upper) == Some(step)
}

/// Copies keep times: those of one first file are the same.
fn other_time(change: &Change<'_>) -> bool {
    let first = |node: Option<&Node>| {
        let mut origin: Option<&Arc<Origin>> = node.and_then(Node::origin);
        while let Some((_, before)) = origin.and_then(|origin| origin.from.as_ref()) {
            origin = Some(before);
        }
        origin.map(|origin| origin.writer)
    };
    first(change.lower) != first(change.upper)
}

/// The history's text for each operation that a history names: the target's first, then the first stage's.
fn texts(plan: &Plan) -> BTreeMap<OpId, &str> {
    let all = plan.stages.iter().filter(|stage| stage.needed).map(|stage| &stage.image);
    let entries = std::iter::once(&plan.image).chain(all).flat_map(|image| &image.history);
    let mut texts = BTreeMap::new();
    for entry in entries {
        if let Some(op) = entry.op {
            texts.entry(op).or_insert(entry.created_by.as_str());
        }
    }
    texts
}

/// Puts the image together.
pub(super) fn image(
    plan: &Plan,
    solved: &Solved,
    layers: &BTreeMap<OpId, Arc<Layer>>,
    steps: &BTreeMap<OpId, StepId>,
) -> Image {
    let history: Vec<History> = plan
        .image
        .history
        .iter()
        .map(|entry| History { created_by: entry.created_by.to_string(), empty_layer: entry.empty_layer })
        .collect();
    let own = plan.image.history.iter().filter(|entry| !entry.empty_layer).filter_map(|entry| {
        let op = entry.op?;
        Some((*steps.get(&op)?, Arc::clone(layers.get(&op)?)))
    });
    let (base, base_tree) = base(plan, solved);
    let tree = plan.result.and_then(|op| solved.of(op)?.after.as_ref()).map(|after| after.tree.clone());
    let config = Arc::clone(&plan.image.config);
    let mut image = Image {
        id: String::new(),
        config,
        history,
        layers: own.collect(),
        base,
        base_size: base_tree.size(),
        base_tree,
        tree: tree.unwrap_or_default(),
    };
    image.id = id(&image);
    image
}

/// Follows the file systems below the result down to an image.
fn base(plan: &Plan, solved: &Solved) -> (Option<String>, Tree) {
    let mut at = plan.result;
    while let Some(id) = at {
        let Some(op) = plan.ops.get(id.index()) else { break };
        let below = match &op.kind {
            OpKind::Source(Source::Image(image)) => {
                let tree = solved.of(id).and_then(|ran| ran.after.as_ref()).map(|after| after.tree.clone());
                return (Some(image.reference.to_string()), tree.unwrap_or_default());
            }
            OpKind::Source(_) => None,
            OpKind::Exec(exec) => {
                exec.mounts.iter().find(|mount| mount.dest == "/").and_then(|mount| mount.input)
            }
            OpKind::File(actions) => actions.first().and_then(|action| action.input),
            OpKind::Merge => Some(0),
        };
        // Inputs stand before their users, so this ends.
        at = below.and_then(|at| op.inputs.get(at as usize)).copied().filter(|next| *next < id);
    }
    (None, Tree::new())
}

/// SHA-256 of config, history and files: the real one also covers times.
fn id(image: &Image) -> String {
    let config = super::hash::of(&format!("{:?}", image.config));
    let tree = crate::builder::hexadecimal::hex(&image.tree.digest());
    let history: Vec<&[u8]> = image.history.iter().map(|entry| entry.created_by.as_bytes()).collect();
    format!("sha256:{}", hash(&[config.as_bytes(), tree.as_bytes(), hash(&history).as_bytes()]))
}
