//! From the planner's state to the plan.

use super::arena::{Numbers, VertexId};
use super::dispatch::Scene;
use super::front::Front;
use super::planner::Planner;
use super::state::State;
use super::{
    Dependency, Finding, HistoryEntry, Local, Op, OpId, OpKind, Plan, PlanError, Report, Source, Stage,
    StageImage, outline,
};
use crate::resolve::path;
use crate::simulation::{Base, StageId};
use smol_str::SmolStr;
use stagecraft_dockerfile::{Dialect, Severity, Span};
use std::collections::BTreeSet;

impl<'a> Planner<'a> {
    /// The op that brings in the build context; one for all.
    pub(super) fn context(&mut self, scene: &Scene<'_>) -> VertexId {
        if let Some(id) = self.context {
            return id;
        }
        let local = Local { name: SmolStr::new_static("context"), follow_paths: Vec::new() };
        let name = SmolStr::new_static("[internal] load build context");
        let mut op = Op::new(name, OpKind::Source(Source::Local(local)));
        op.origins.push(scene.origin());
        let id = self.arena.add(op);
        self.context = Some(id);
        id
    }

    /// Turns everything into the plan of a target.
    pub(super) fn finish(mut self, front: &Front<'a>, target: Option<usize>) -> Plan {
        let mut plan = Plan { targets: self.targets(front), ..Plan::default() };
        plan.warnings_are_errors = self.lint.error;
        self.set_follow_paths();
        plan.outline = target.map(|target| outline::outline(&self.states, target)).unwrap_or_default();
        let result = target.and_then(|target| self.states.get(target)).and_then(|state| state.value.out);
        plan.findings = findings(&self.states, std::mem::take(&mut self.findings));
        plan.parsed = !self.file.diagnostics.iter().any(|d| d.severity == Severity::Error);
        if !plan.parsed {
            plan.targets.clear();
        }
        plan.error = plan.report(false).error;
        let Self { arena, states, .. } = self;
        let (ops, of) =
            if plan.error.is_some() { (Vec::new(), Numbers::default()) } else { arena.marshal(result) };
        // BuildKit notices only when it writes the definition (`ExecOp.Validate`).
        let nothing = |op: &Op| matches!(&op.kind, OpKind::Exec(exec) if exec.args.is_empty());
        if let Some(op) = ops.iter().find(|op| nothing(op)) {
            plan.error = Some(PlanError {
                message: "failed to marshal LLB definition: arguments are required".into(),
                span: op.origins.first().map(|origin| origin.span),
                late: true,
                ..PlanError::default()
            });
        }
        let (ops, of) = if plan.error.is_some() { (Vec::new(), Numbers::default()) } else { (ops, of) };
        plan.ops = ops;
        plan.result = result.and_then(|result| of.get(result));
        plan.target =
            target.filter(|&target| target < front.stages.len()).map(|target| StageId(target as u32));
        for state in &states {
            let Some(from) = state.stage else { continue };
            let from = StageId(from as u32);
            if let Some(on) = state.base.and_then(|base| stage_id(&states, base)) {
                plan.dependencies.push(Dependency {
                    from,
                    on,
                    instruction: state.site.instruction,
                    kind: super::DependencyKind::Base,
                });
            }
            for (on, site, kind) in &state.deps {
                if let Some(on) = stage_id(&states, *on) {
                    plan.dependencies.push(Dependency {
                        from,
                        on,
                        instruction: site.instruction,
                        kind: *kind,
                    });
                }
            }
        }
        let base_of: Vec<Base> = states.iter().map(|state| base(state, &states)).collect();
        plan.stages.reserve(front.stages.len());
        for (state, base) in states.into_iter().zip(base_of).filter(|(state, _)| state.stage.is_some()) {
            let stage = stage(state, base, &of, front);
            plan.stages.push(stage);
        }
        for dependency in &plan.dependencies {
            let needed = |id: StageId| plan.stages.get(id.0 as usize).is_some_and(|stage| stage.needed);
            if !needed(dependency.from) {
                continue;
            }
            if let Some(on) = plan.stages.get_mut(dependency.on.0 as usize)
                && !on.needed_by.contains(&dependency.from)
            {
                on.needed_by.push(dependency.from);
            }
        }
        if let Some(stage) = plan.target.and_then(|id| plan.stages.get(id.0 as usize)) {
            plan.image = stage.image.clone();
            plan.image.history = plan.whole_history(stage);
        }
        plan
    }

    /// Tells the context which paths the needed stages take from it (BuildKit `filterPaths`).
    fn set_follow_paths(&mut self) {
        let Some(id) = self.context else { return };
        let mut paths: BTreeSet<&str> = BTreeSet::new();
        for state in self.states.iter().filter(|state| state.needed) {
            paths.extend(state.context_paths.iter().map(SmolStr::as_str));
        }
        if paths.contains("/") {
            return;
        }
        let mut list: Vec<String> =
            paths.into_iter().map(|path| path::clean(path.trim_start_matches('/')).into_owned()).collect();
        list.sort();
        if let Some(Op { kind: OpKind::Source(Source::Local(local)), .. }) = self.arena.get_mut(id) {
            local.follow_paths = list;
        }
    }
}

fn findings(states: &[State<'_>], noted: Vec<super::planner::Noted>) -> Vec<Finding> {
    noted
        .into_iter()
        .map(|noted| {
            let state = noted.state.and_then(|at| states.get(at));
            Finding {
                stage: state.and_then(|state| state.stage).map(|stage| StageId(stage as u32)),
                early: noted.early,
                needed: noted.early || state.is_none_or(|state| state.needed),
                diagnostic: noted.diagnostic,
            }
        })
        .collect()
}

/// The stage of the file that a state is.
fn stage_id(states: &[State<'_>], at: usize) -> Option<StageId> {
    states.get(at)?.stage.map(|stage| StageId(stage as u32))
}

fn base(state: &State<'_>, states: &[State<'_>]) -> Base {
    if let Some((name, _)) = state.named_context {
        return Base::Context(name.into());
    }
    if let Some(stage) = state.base.and_then(|base| stage_id(states, base)) {
        return Base::Stage(stage);
    }
    if state.base_name == super::arguments::SCRATCH {
        return Base::Scratch;
    }
    if state.broken || state.base_name.is_empty() {
        return Base::Unknown;
    }
    Base::Image(state.base_name.as_str().into())
}

fn stage(state: State<'_>, base: Base, of: &Numbers, front: &Front<'_>) -> Stage {
    let number = |vertex: Option<VertexId>| vertex.and_then(|vertex| of.get(vertex));
    let mut history = state.value.history;
    for entry in &mut history {
        entry.op = number(entry.op);
    }
    let mut steps = state.steps;
    for step in &mut steps {
        step.op = number(step.op);
    }
    let written = state.stage.and_then(|at| front.stages.get(at));
    Stage {
        name: state.name,
        label: state.label,
        span: Span::new(state.site.span.start, state.end_offset.max(state.site.span.end)),
        lines: stagecraft_dockerfile::diagnostic::lines(state.site.lines),
        instruction: state.site.instruction,
        end: written.map_or(state.end, |written| written.end),
        base_name: state.base_written,
        base,
        platform: state.platform.clone().unwrap_or_default(),
        description: state.description,
        needed: state.needed,
        needed_by: Vec::new(),
        steps,
        result: number(state.value.out),
        image: StageImage {
            config: state.value.config,
            author: state.value.author,
            platform: state.value.image_platform,
            history,
        },
    }
}

impl Plan {
    /// What BuildKit reports, in its order: for a build of the target, or for a check of `all` stages. Warnings
    /// behind the first error are not among it.
    pub fn report(&self, all: bool) -> Report<'_> {
        let mut report = Report::default();
        for finding in self.findings.iter().filter(|finding| all || finding.needed) {
            let diagnostic = &finding.diagnostic;
            if diagnostic.severity == Severity::Error {
                report.error = Some(PlanError {
                    message: diagnostic.in_full(Dialect::BuildKit),
                    lines: diagnostic.lines.clone(),
                    span: Some(diagnostic.span),
                    late: false,
                });
                return report;
            }
            report.warnings.push(diagnostic);
        }
        if self.warnings_are_errors && !report.warnings.is_empty() {
            let mut rules: Vec<&str> = Vec::new();
            for warning in &report.warnings {
                if !rules.contains(&&*warning.code) {
                    rules.push(&warning.code);
                }
            }
            report.error = Some(PlanError {
                message: format!("lint violation found for rules: {}", rules.join(", ")),
                late: true,
                ..PlanError::default()
            });
        }
        report
    }

    /// The history of a stage's image above the base image: those of the stages that it derives from, and its own.
    pub fn whole_history(&self, stage: &Stage) -> Vec<HistoryEntry> {
        let mut parts = vec![stage];
        while let Some(Base::Stage(base)) = parts.last().map(|stage| &stage.base)
            && let Some(base) = self.stages.get(base.0 as usize)
            && parts.len() <= self.stages.len()
        {
            parts.push(base);
        }
        parts.into_iter().rev().flat_map(|stage| stage.image.history.iter().cloned()).collect()
    }

    /// An op by its id.
    pub fn op(&self, id: OpId) -> Option<&Op> {
        self.ops.get(id.index())
    }
}
