//! Steps and the log: what is noted while the run goes on.

use super::run::{Run, State};
use crate::image::ImageConfig;
use crate::import::Outcome;
use crate::simulation::{
    Certainty, DurationSource, Flow, FlowSource, LogLine, OutputLine, Reason, StageId, Status, Step, StepId,
    StepKind,
};
use stagecraft_dockerfile::{Instruction, Span};
use std::sync::Arc;

pub(super) fn line(text: &str, step: Option<StepId>) -> LogLine {
    LogLine { text: text.to_owned(), step, modelled: false }
}

impl Run<'_> {
    /// Prints and opens a step.
    pub(super) fn begin(
        &mut self,
        instruction: &Instruction<'_>,
        index: usize,
        stage: Option<StageId>,
        kind: StepKind,
    ) {
        let name = format!("Step {}/{} : {}", self.number, self.total, instruction.code());
        let entry = self.entries.get(self.number - 1).copied().flatten();
        self.number += 1;
        self.open(name, index, stage, kind, Some(instruction.span));
        let text = self.steps.last().map(|step| step.name.clone()).unwrap_or_default();
        for part in text.split('\n') {
            self.say(part);
        }
        let (known, source) = self.timing.time(&text, Some(instruction), entry, 0);
        self.known = (source != DurationSource::Model).then_some((known, source));
        self.caption_end = self.log.len();
        if let Some(step) = self.steps.last_mut() {
            step.entry = entry;
        }
    }

    /// Opens a step.
    pub(super) fn open(
        &mut self,
        name: String,
        index: usize,
        stage: Option<StageId>,
        kind: StepKind,
        span: Option<Span>,
    ) {
        self.known = None;
        let before = self.steps.last().filter(|step| step.stage == stage).map(|step| step.after.clone());
        let before = before.unwrap_or_default();
        let inputs = self.steps.len().checked_sub(1).map(|last| StepId(last as u32)).into_iter().collect();
        self.steps.push(Step {
            name,
            kind,
            stage,
            instruction: Some(index),
            span,
            status: Status::Ran,
            reason: Reason::Always,
            inputs,
            flows: Vec::new(),
            start: self.now,
            duration: 0,
            work: 0,
            duration_source: DurationSource::Model,
            entry: None,
            lane: 0,
            critical: true,
            after: before.clone(),
            before,
            layer: None,
            config: Arc::new(ImageConfig::default()),
            output: Vec::new(),
            certainty: Certainty::Exact,
        });
    }

    /// Closes the current step with what it became while it was dispatched.
    pub(super) fn finish_dispatched(&mut self, state: &State) {
        let (status, reason) = self
            .steps
            .last()
            .map_or((Status::Ran, Reason::Always), |step| (step.status, step.reason.clone()));
        self.finish(status, reason, Some(state));
    }

    pub(super) fn finish(&mut self, status: Status, reason: Reason, state: Option<&State>) {
        let known = self.known.take();
        let hit = status == Status::Ran && self.logged_hit();
        let cold = self.earlier == 0 && !self.project.no_cache;
        let Some(step) = self.steps.last_mut() else { return };
        step.status = status;
        step.reason = reason;
        if step.reason == Reason::Cold && cold && self.timing.outcome(step.entry).is_some() {
            step.reason = Reason::Logged;
        }
        if let Some(state) = state {
            step.after = state.image.tree.clone();
            step.config = Arc::clone(&state.config);
        }
        if status != Status::Cached {
            step.work = step.duration;
        }
        if let Some((known, source)) = known {
            (step.work, step.duration_source) = (known, source);
        }
        if hit {
            (step.status, step.reason, step.duration) = (Status::Cached, Reason::Logged, 1);
            step.output.clear();
        } else if status != Status::Cached {
            step.duration = step.work;
        }
        self.now += step.duration;
        if hit {
            // The next one is looked up again, and the log tells what a hit tells.
            self.busted = None;
            self.log.truncate(self.caption_end);
            self.say(" ---> Using cache");
        }
    }

    /// Whether the log of a real build says that the current step came from the cache; after a step that did not,
    /// the engine looks no further.
    fn logged_hit(&self) -> bool {
        let [.., last, step] = self.steps.as_slice() else { return false };
        let follows = last.status == Status::Cached || last.kind == StepKind::Source;
        self.earlier == 0
            && !self.project.no_cache
            && follows
            && last.stage == step.stage
            && self.timing.outcome(step.entry) == Some(Outcome::Cached)
    }

    /// The current step's id.
    pub(super) fn current(&self) -> StepId {
        StepId(self.steps.len().saturating_sub(1) as u32)
    }

    /// The number that origins know the current step by.
    pub(super) fn writer(&self) -> u32 {
        self.current().0
    }

    /// Prints a line for the current step.
    pub(super) fn say(&mut self, text: &str) {
        let step = (!self.steps.is_empty()).then(|| self.current());
        self.log.push(line(text, step));
    }

    /// Prints what a process printed.
    pub(super) fn output(&mut self, output: Vec<OutputLine>) {
        let step = Some(self.current());
        for out in &output {
            self.log.push(LogLine { text: out.text.clone(), step, modelled: out.modelled });
        }
        if let Some(step) = self.steps.last_mut() {
            step.output.extend(output);
        }
    }

    /// Adds to the time that the current step takes.
    pub(super) fn spend(&mut self, ms: u64) {
        if let Some(step) = self.steps.last_mut() {
            step.duration += ms;
        }
    }

    /// Notes how far the current step is known; the worst counts.
    pub(super) fn certain(&mut self, certainty: Certainty) {
        if let Some(step) = self.steps.last_mut() {
            step.certainty = step.certainty.max(certainty);
        }
    }

    /// Notes what flows into the current step.
    pub(super) fn flow(&mut self, flow: Flow) {
        let maker = match &flow.source {
            FlowSource::Stage(id) => self.results.last_step(*id),
            _ => None,
        };
        if let Some(step) = self.steps.last_mut() {
            if let Some(maker) = maker.filter(|maker| !step.inputs.contains(maker)) {
                step.inputs.push(maker);
            }
            step.flows.push(flow);
        }
    }
}
