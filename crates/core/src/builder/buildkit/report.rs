//! What happened, as a [`Build`].

use super::front::{Front, internal, timed};
use super::image;
use super::log::{self, Extra, bytes, seconds};
use super::solve::{Ran, Solved, Task};
use super::{critical, excerpt};
use crate::builder::cost;
use crate::image::ImageConfig;
use crate::plan::{Op, OpId, OpKind, Plan, Source};
use crate::simulation::{
    Build, BuildError, Builder, Fate, Image, Stage, StageId, Status, Step, StepId, StepKind,
};
use stagecraft_dockerfile::Span;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A build that ended before its first operation.
pub(super) fn refused(front: &Front<'_>) -> Build {
    let Some(error) = &front.plan.error else { return crate::builder::empty(Builder::BuildKit) };
    let mut steps = front.steps.clone();
    critical::mark(&mut steps);
    let mut log = log::print(&steps, &front.extra);
    let excerpt = excerpt::excerpt(&front.name, front.text, &error.lines);
    let diagnostics = diagnostics(&front.plan);
    log.extend(log::failure(None, &diagnostics, excerpt, &error.message));
    Build {
        error: Some(BuildError {
            message: error.message.clone(),
            span: error.span,
            lines: error.lines.clone(),
            step: steps.iter().position(|step| step.status == Status::Failed).map(|at| StepId(at as u32)),
        }),
        stages: stages(&front.plan, true, &BTreeSet::new()),
        duration: front.end(),
        steps,
        log,
        diagnostics,
        ..crate::builder::empty(Builder::BuildKit)
    }
}

fn diagnostics(plan: &Plan) -> Vec<stagecraft_dockerfile::Diagnostic> {
    plan.findings.iter().filter(|finding| finding.needed).map(|finding| finding.diagnostic.clone()).collect()
}

/// The answer to a plan that was carried out.
pub(super) fn build(task: &Task<'_>, front: &Front<'_>, solved: &Solved) -> Build {
    let plan = task.plan;
    let layers = image::layers(plan, solved);
    let mut steps = front.steps.clone();
    let mut extra = front.extra.clone();
    let mut of_op: BTreeMap<OpId, StepId> = BTreeMap::new();
    let configs: Vec<Arc<ImageConfig>> =
        plan.stages.iter().map(|stage| Arc::clone(&stage.image.config)).collect();
    for ran in &solved.ran {
        let id = StepId(steps.len() as u32);
        of_op.insert(ran.op, id);
        let mut step = step(task, ran, &of_op, &configs, front.steps.len());
        step.layer = layers.get(&ran.op).cloned();
        steps.push(step);
        extra.push(notes(plan, ran));
    }
    fold_groups(plan, solved, &mut steps, &mut extra, &of_op);
    let failed =
        solved.failure.as_ref().and_then(|(place, message)| Some((solved.ran.get(*place)?, message)));
    let image = failed.is_none().then(|| image::image(plan, solved, &layers, &of_op));
    if let Some(image) = &image {
        let (step, notes) = export(task, image, &steps, plan.result.and_then(|op| of_op.get(&op)));
        steps.push(step);
        extra.push(notes);
    }
    critical::mark(&mut steps);
    let mut log = log::print(&steps, &extra);
    let diagnostics = diagnostics(plan);
    if failed.is_none() {
        log.extend(log::warnings(&diagnostics));
    }
    let error = failed.map(|(ran, message)| {
        let op = plan.ops.get(ran.op.index());
        let lines = op.map(Op::each_line).unwrap_or_default();
        let id = of_op.get(&ran.op).copied();
        let step = id.and_then(|id| Some((id.0 as usize, steps.get(id.0 as usize)?)));
        let visible = step.filter(|(at, _)| extra.get(*at).is_none_or(|extra| !extra.hidden));
        let excerpt = excerpt::excerpt(&front.name, front.text, &lines);
        log.extend(log::failure(visible, &diagnostics, excerpt, message));
        let span = op.and_then(|op| op.origins.first()).map(|origin| origin.span);
        BuildError { message: message.clone(), span, lines, step: id }
    });
    let reached: BTreeSet<StageId> = steps.iter().filter_map(|step| step.stage).collect();
    Build {
        builder: Builder::BuildKit,
        stages: stages(plan, error.is_some(), &reached),
        duration: steps.iter().map(|step| step.start + step.duration).max().unwrap_or(0),
        error,
        steps,
        log,
        image,
        diagnostics,
    }
}

fn step(
    task: &Task<'_>,
    ran: &Ran,
    of_op: &BTreeMap<OpId, StepId>,
    configs: &[Arc<ImageConfig>],
    front: usize,
) -> Step {
    let plan = task.plan;
    let op = plan.ops.get(ran.op.index());
    let name = op.map_or_else(String::new, |op| op.group.as_ref().unwrap_or(&op.name).to_string());
    let origin = op.and_then(|op| op.origins.first());
    let kind = match op.map(|op| &op.kind) {
        _ if name.starts_with("[internal] ") => StepKind::Internal,
        Some(OpKind::Source(_)) => StepKind::Source,
        _ => StepKind::Instruction,
    };
    let mut inputs: BTreeSet<StepId> =
        op.iter().flat_map(|op| &op.inputs).filter_map(|id| of_op.get(id)).copied().collect();
    if inputs.is_empty() {
        inputs.extend((0..front).map(|at| StepId(at as u32)));
    }
    let internal_stage = kind == StepKind::Internal;
    let stage = origin.filter(|_| !internal_stage).map(|origin| origin.stage);
    let config = stage.and_then(|stage| configs.get(stage.0 as usize));
    Step {
        kind,
        stage,
        instruction: origin.filter(|_| !internal_stage).map(|origin| origin.instruction),
        span: origin.filter(|_| !internal_stage).map(|origin| origin.span),
        status: ran.status,
        reason: ran.reason.clone(),
        inputs: inputs.into_iter().collect(),
        flows: ran.flows.clone(),
        before: ran.before.clone(),
        after: ran.after.as_ref().map_or_else(|| ran.before.clone(), |after| after.tree.clone()),
        config: config.cloned().unwrap_or_default(),
        output: ran.output.clone(),
        certainty: ran.certainty,
        work: ran.work,
        duration_source: ran.source,
        entry: ran.entry,
        ..internal(name, ran.start, ran.end.saturating_sub(ran.start))
    }
}

fn notes(plan: &Plan, ran: &Ran) -> Extra {
    let mut extra = Extra { error: ran.error.clone(), ..Extra::default() };
    let op = plan.ops.get(ran.op.index()).map(|op| &op.kind);
    if let (Some(OpKind::Source(Source::Local(local))), Some(sent)) = (op, ran.transferred) {
        let time = ran.end.saturating_sub(ran.start);
        let time = if time > 10 { format!(" {}", seconds(time)) } else { String::new() };
        extra.notes.push(format!("transferring {}: {}{time} done", local.name, bytes(sent)));
    }
    extra
}

/// `COPY --link` is two operations but one line of progress: the merge's step is told, with both times.
fn fold_groups(
    plan: &Plan,
    solved: &Solved,
    steps: &mut [Step],
    extra: &mut [Extra],
    of_op: &BTreeMap<OpId, StepId>,
) {
    let at = |op: OpId| of_op.get(&op).map(|id| id.0 as usize);
    let mut merges: BTreeMap<OpId, Vec<usize>> = BTreeMap::new();
    for (index, op) in plan.ops.iter().enumerate().filter(|(_, op)| op.kind == OpKind::Merge) {
        for input in &op.inputs {
            merges.entry(*input).or_default().push(index);
        }
    }
    for ran in &solved.ran {
        let Some(op) = plan.ops.get(ran.op.index()) else { continue };
        if op.group.is_none() || op.kind == OpKind::Merge {
            continue;
        }
        let Some(own) = at(ran.op) else { continue };
        if let Some(extra) = extra.get_mut(own) {
            extra.hidden = true;
        }
        let named = |index: &&usize| plan.ops.get(**index).map(|op| op.name.as_str()) == op.group.as_deref();
        let merge = merges.get(&ran.op).into_iter().flatten().find(named);
        let Some(merge) = merge.and_then(|index| at(OpId(*index as u32))) else { continue };
        let Some(files) = steps.get(own).cloned() else { continue };
        if let Some(step) = steps.get_mut(merge) {
            step.flows = files.flows;
            step.certainty = step.certainty.max(files.certainty);
            if step.status == Status::Ran && files.status == Status::Ran {
                step.reason = files.reason;
            }
        }
    }
}

fn export(task: &Task<'_>, image: &Image, steps: &[Step], result: Option<&StepId>) -> (Step, Extra) {
    let start = steps.iter().map(|step| step.start + step.duration).max().unwrap_or(0);
    let size: u64 = image.layers.iter().map(|(_, layer)| layer.size).sum();
    let step = timed(task.timing, "exporting to image".to_owned(), start, cost::export(size));
    let duration = step.duration;
    let mut notes = vec![
        format!("exporting layers {} done", seconds(duration)),
        format!("writing image {} done", image.id),
    ];
    notes.extend(task.project.tags.iter().map(|tag| format!("naming to {} done", full_name(tag))));
    let step = Step {
        kind: StepKind::Export,
        inputs: result.copied().into_iter().collect(),
        before: image.tree.clone(),
        after: image.tree.clone(),
        config: Arc::clone(&image.config),
        ..step
    };
    (step, Extra { notes, ..Extra::default() })
}

/// `x` is `docker.io/library/x:latest`.
fn full_name(tag: &str) -> String {
    let domain =
        tag.split_once('/').is_some_and(|(first, _)| first.contains(['.', ':']) || first == "localhost");
    let path = match (domain, tag.contains('/')) {
        (true, _) => tag.to_owned(),
        (false, true) => format!("docker.io/{tag}"),
        (false, false) => format!("docker.io/library/{tag}"),
    };
    let last = path.rsplit('/').next().unwrap_or(&path);
    if last.contains(':') { path } else { format!("{path}:latest") }
}

fn stages(plan: &Plan, failed: bool, reached: &BTreeSet<StageId>) -> Vec<Stage> {
    let stage = |(index, stage): (usize, &crate::plan::Stage)| {
        let id = StageId(index as u32);
        let fate = match () {
            () if !stage.needed && plan.target != Some(id) => Fate::Skipped,
            () if failed && !reached.contains(&id) => Fate::NotReached,
            () if plan.target == Some(id) => Fate::Target,
            () => Fate::Needed { by: stage.needed_by.clone() },
        };
        Stage {
            name: stage.name.to_string(),
            span: Span { ..stage.span },
            instructions: (stage.instruction..stage.end).collect(),
            base: stage.base.clone(),
            fate,
        }
    };
    plan.stages.iter().enumerate().map(stage).collect()
}
