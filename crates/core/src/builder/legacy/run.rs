//! The run through a Dockerfile: stages and instructions in order, log, steps, cache.

use super::args::BuildArgs;
use super::cache::{Cache, Record};
use super::client::{self, Sent};
use super::image::{self, Image, short};
use super::reason::{self, Probe};
use super::stage::{self, Results};
use super::stored::StoredLayer;
use super::{config, layer};
use crate::builder::cost;
use crate::catalogue::Catalogue;
use crate::image::{History, ImageConfig};
use crate::project::Project;
use crate::simulation::{
    Build, BuildError, Builder, Certainty, Flow, FlowSource, Layer, LogLine, OutputLine, Reason, StageId,
    Status, Step, StepId, StepKind,
};
use stagecraft_dockerfile::expand::Lexer;
use stagecraft_dockerfile::{Command, Dialect, Dockerfile, Instruction, Severity, Span};
use stagecraft_sandbox::tree::Tree;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A failure in the engine's words.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) message: String,
    /// Before the engine began to stream: the client says whose words they are.
    pub(super) early: bool,
    pub(super) span: Option<Span>,
    pub(super) lines: Vec<(u32, u32)>,
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self { message, early: false, span: None, lines: Vec::new() }
    }
}

impl From<&str> for Failure {
    fn from(message: &str) -> Self {
        message.to_owned().into()
    }
}

/// A build under way.
pub(super) struct Run<'a> {
    pub(super) project: &'a Project,
    pub(super) catalogue: &'a Catalogue,
    pub(super) cache: &'a mut Cache,
    pub(super) context: &'a Tree,
    pub(super) lexer: Lexer,
    pub(super) steps: Vec<Step>,
    pub(super) log: Vec<LogLine>,
    /// Images that exist, by id.
    pub(super) images: BTreeMap<String, Arc<Image>>,
    /// The step of this build that made an image.
    pub(super) makers: BTreeMap<String, StepId>,
    pub(super) results: Results,
    /// The step that missed the cache in this stage: nothing is looked up after it.
    busted: Option<StepId>,
    now: u64,
    number: usize,
    total: usize,
}

/// A stage under way (moby `dispatchState`).
pub(super) struct State {
    pub(super) id: StageId,
    pub(super) config: ImageConfig,
    pub(super) author: String,
    pub(super) cmd_set: bool,
    pub(super) image: Arc<Image>,
    pub(super) args: BuildArgs,
}

/// What a step gives to be committed.
#[derive(Default)]
pub(super) struct Change {
    pub(super) layer: Option<Layer>,
    pub(super) tree: Tree,
    pub(super) incomplete: bool,
    pub(super) certainty: Option<Certainty>,
    pub(super) sources: BTreeMap<String, String>,
}

pub(super) fn build(project: &Project, catalogue: &Catalogue, cache: &mut Cache) -> Build {
    let mut build = crate::builder::empty(Builder::Legacy);
    let sent = match client::send(project) {
        Ok(sent) => sent,
        Err(message) => {
            build.log.push(line(&message, None));
            build.error = Some(BuildError { message, span: None, lines: Vec::new(), step: None });
            return build;
        }
    };
    let file = stagecraft_dockerfile::parse(&sent.text, Dialect::Legacy);
    build.diagnostics.clone_from(&file.diagnostics);
    let plan = stage::Plan::new(&file);
    let mut run = Run {
        project,
        catalogue,
        cache,
        context: &sent.tree,
        lexer: Lexer::with_dialect(file.escape, Dialect::Legacy),
        steps: Vec::new(),
        log: vec![line(&sent.line, None)],
        images: BTreeMap::new(),
        makers: BTreeMap::new(),
        results: Results::default(),
        busted: None,
        now: cost::transfer(sent.size.0, sent.size.1),
        number: 1,
        total: 0,
    };
    let outcome = run.all(&sent, &file, &plan);
    let target = plan.target(project.target.as_deref());
    let reached = run.results.len();
    let edges = std::mem::take(&mut run.results.edges);
    let Run { steps, log, now, .. } = run;
    build.steps = steps;
    build.log = log;
    build.duration = now;
    let failed = outcome.is_err();
    build.stages = plan.fates(&edges, target.unwrap_or_default(), reached, failed);
    match outcome {
        Ok(image) => build.image = Some(image),
        Err(failure) => {
            let last = build.steps.last().map(|_| StepId(build.steps.len() as u32 - 1));
            let prefix = if failure.early { "Error response from daemon: " } else { "" };
            build.log.push(line(&format!("{prefix}{}", failure.message), last));
            build.error = Some(BuildError {
                message: failure.message,
                span: failure.span,
                lines: failure.lines,
                step: last,
            });
        }
    }
    build
}

pub(super) fn line(text: &str, step: Option<StepId>) -> LogLine {
    LogLine { text: text.to_owned(), step, modelled: false }
}

impl Run<'_> {
    fn all(
        &mut self,
        sent: &Sent,
        file: &Dockerfile<'_>,
        plan: &stage::Plan<'_>,
    ) -> Result<crate::simulation::Image, Failure> {
        refuse(sent, file)?;
        let target = plan.target(self.project.target.as_deref()).ok_or_else(|| Failure {
            early: true,
            ..Failure::from(format!(
                "failed to reach build target {} in Dockerfile",
                self.project.target.as_deref().unwrap_or_default()
            ))
        })?;
        self.warn_empty_lines(file);
        let stages = plan.stages.get(..=target).unwrap_or_default();
        self.total = plan.meta.len() + stages.iter().map(|stage| stage.instructions.len()).sum::<usize>();
        let mut args = BuildArgs::new(&self.project.build_args);
        for &index in &plan.meta {
            let Some(instruction) = file.instructions.get(index) else { continue };
            self.begin(instruction, index, None, StepKind::Instruction);
            self.meta(instruction, &mut args)?;
            self.finish(Status::Ran, Reason::Always, None);
        }
        let mut last = None;
        for (number, stage) in stages.iter().enumerate() {
            let state = self.stage(StageId(number as u32), stage, file, &args)?;
            args.merge_referenced(&state.args);
            self.results.commit(&stage.name, &state.image.id)?;
            last = Some(state);
        }
        let unused = args.unused();
        if !unused.is_empty() {
            let text = format!("[Warning] One or more build-args [{}] were not consumed", unused.join(" "));
            self.say(&text);
        }
        // With nothing but ARG lines the engine fails without a word of its own.
        let state = last.ok_or_else(|| Failure::from("unexpected EOF"))?;
        if state.image.id.is_empty() {
            return Err("No image was generated. Is your Dockerfile empty?".into());
        }
        self.log.push(line(&format!("Successfully built {}", short(&state.image.id)), None));
        let mut seen: Vec<String> = Vec::new();
        for tag in &self.project.tags {
            let tag = super::reference::familiar(tag);
            if !seen.contains(&tag) {
                self.log.push(line(&format!("Successfully tagged {tag}"), None));
                seen.push(tag);
            }
        }
        Ok(result(&state.image))
    }

    fn warn_empty_lines(&mut self, file: &Dockerfile<'_>) {
        let warnings: Vec<String> = file
            .diagnostics
            .iter()
            .filter(|d| d.severity == Severity::Warning && d.code == "NoEmptyContinuation")
            .map(|d| format!("[WARNING]: {}", d.message))
            .collect();
        if warnings.is_empty() {
            return;
        }
        for text in warnings.iter().flat_map(|warning| warning.lines()) {
            self.log.push(line(text, None));
        }
        self.log
            .push(line("[WARNING]: Empty continuation lines will become errors in a future release.", None));
    }

    fn stage(
        &mut self,
        id: StageId,
        stage: &stage::Draft<'_>,
        file: &Dockerfile<'_>,
        args: &BuildArgs,
    ) -> Result<State, Failure> {
        self.results.check_name(&stage.name)?;
        let mut state = State {
            id,
            config: ImageConfig::default(),
            author: String::new(),
            cmd_set: false,
            image: Arc::new(Image::default()),
            args: args.for_stage(),
        };
        self.busted = None;
        for (number, &index) in stage.instructions.iter().enumerate() {
            let Some(instruction) = file.instructions.get(index) else { continue };
            let kind = if number == 0 { StepKind::Source } else { StepKind::Instruction };
            self.begin(instruction, index, Some(id), kind);
            let outcome = match &instruction.command {
                Some(Command::From(from)) => self.from(&mut state, from),
                Some(command) => self.dispatch(&mut state, command, instruction),
                None => Ok(()),
            };
            if let Err(mut failure) = outcome {
                failure.span.get_or_insert(instruction.span);
                if failure.lines.is_empty() {
                    failure.lines = stagecraft_dockerfile::diagnostic::lines(instruction.lines);
                }
                self.finish(Status::Failed, Reason::Failure, Some(&state));
                return Err(failure);
            }
            if number == 0 {
                let reason = self.steps.last().map_or(Reason::Always, |step| step.reason.clone());
                let status = self.steps.last().map_or(Status::Ran, |step| step.status);
                self.finish(status, reason, Some(&state));
            } else {
                self.finish_dispatched(&state);
            }
            let text = format!(" ---> {}", short(&state.image.id));
            self.say(&text);
        }
        Ok(state)
    }

    /// Prints and opens a step.
    fn begin(&mut self, instruction: &Instruction<'_>, index: usize, stage: Option<StageId>, kind: StepKind) {
        let name = format!("Step {}/{} : {}", self.number, self.total, instruction.original.trim());
        self.number += 1;
        self.open(name, index, stage, kind, Some(instruction.span));
        let text = self.steps.last().map(|step| step.name.clone()).unwrap_or_default();
        for part in text.split('\n') {
            self.say(part);
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

    fn finish(&mut self, status: Status, reason: Reason, state: Option<&State>) {
        let project = self.project;
        let Some(step) = self.steps.last_mut() else { return };
        step.status = status;
        step.reason = reason;
        if let Some(state) = state {
            step.after = state.image.tree.clone();
            step.config = Arc::new(state.config.clone());
        }
        let text = step.name.split_once(" : ").map(|(_, text)| text);
        if status != Status::Cached
            && let Some(stated) = cost::stated(project, &step.name, text)
        {
            step.duration = stated;
        }
        self.now += step.duration;
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
            FlowSource::Stage(id) => {
                let last = self.steps.iter().rposition(|step| step.stage == Some(*id));
                last.map(|last| StepId(last as u32))
            }
            _ => None,
        };
        if let Some(step) = self.steps.last_mut() {
            if let Some(maker) = maker.filter(|maker| !step.inputs.contains(maker)) {
                step.inputs.push(maker);
            }
            step.flows.push(flow);
        }
    }

    /// Looks a container config up in the cache (moby `imageProber`). What it says is kept as the step's reason.
    pub(super) fn probe(
        &mut self,
        state: &State,
        container: &ImageConfig,
        sources: Option<(&BTreeMap<String, String>, FlowSource)>,
    ) -> Option<Arc<Record>> {
        let (found, reason) = if self.project.no_cache {
            (None, Reason::NoCache)
        } else if let Some(step) = self.busted {
            (None, Reason::StoppedLooking { step })
        } else if let Some(found) = self.cache.find(&state.image.id, container) {
            (Some(found), Reason::Unchanged)
        } else {
            self.busted = Some(self.current());
            let made_by = self.makers.get(&state.image.id).copied();
            let probe = Probe { parent: &state.image.id, container, sources, made_by };
            (None, reason::miss(self.cache, &probe))
        };
        if let Some(step) = self.steps.last_mut() {
            step.reason = reason;
            step.status = if found.is_some() { Status::Cached } else { Status::Ran };
        }
        if found.is_some() {
            self.say(" ---> Using cache");
            self.spend(1);
        }
        found
    }

    /// Goes on from a cached image; `redone` is its layer and tree where the step was played again to know where
    /// its files come from.
    pub(super) fn adopt(
        &mut self,
        state: &mut State,
        record: &Record,
        redone: Option<(Option<Layer>, Tree)>,
    ) {
        let created_by = config::created_by(&record.container);
        let writer = self.writer();
        let (layer, tree) = redone.unwrap_or_else(|| {
            let layer = record.layer.as_ref().map(|stored| stored.layer(created_by.clone(), writer));
            let tree = match &layer {
                Some(layer) => layer::apply(&state.image.tree, &layer.entries),
                None => state.image.tree.clone(),
            };
            (layer, tree)
        });
        self.certain(record.certainty.into());
        self.enter(
            state,
            record.id.clone(),
            record.config.clone(),
            created_by,
            layer,
            tree,
            record.incomplete,
        );
    }

    /// Makes an image of what a step did (moby `commitContainer`, `exportImage`).
    pub(super) fn commit(&mut self, state: &mut State, container: ImageConfig, change: Change) {
        let created_by = config::created_by(&container);
        let layer = change.layer.as_ref().map(StoredLayer::new);
        let count = self.cache.count().to_le_bytes();
        let digest = layer.as_ref().map(StoredLayer::digest).unwrap_or_default();
        let (own, of_container) = (image::config_bytes(&state.config), image::config_bytes(&container));
        let parts =
            [state.image.id.as_bytes(), &own, &of_container, state.author.as_bytes(), &digest, &count];
        let id = format!("sha256:{}", image::hash(parts));
        let certainty = change.certainty.unwrap_or(Certainty::Exact);
        self.certain(certainty);
        self.cache.push(Record {
            id: id.clone(),
            parent: state.image.id.clone(),
            container,
            config: state.config.clone(),
            author: state.author.clone(),
            layer,
            incomplete: change.incomplete,
            certainty: certainty.into(),
            sources: change.sources,
        });
        self.makers.insert(id.clone(), self.current());
        let config = state.config.clone();
        self.enter(state, id, config, created_by, change.layer, change.tree, change.incomplete);
    }

    #[allow(clippy::too_many_arguments, reason = "they are an image's parts, given by two callers")]
    fn enter(
        &mut self,
        state: &mut State,
        id: String,
        config: ImageConfig,
        created_by: String,
        layer: Option<Layer>,
        tree: Tree,
        incomplete: bool,
    ) {
        let below = &state.image;
        let mut next = Image {
            id: id.clone(),
            config,
            history: below.history.clone(),
            layers: below.layers.clone(),
            tree,
            base: below.base.clone(),
            base_tree: below.base_tree.clone(),
            base_size: below.base_size,
            incomplete,
        };
        next.history.push(History { created_by, empty_layer: layer.is_none() });
        if let Some(layer) = layer {
            let layer = Arc::new(layer);
            next.layers.push((self.current(), Arc::clone(&layer)));
            if let Some(step) = self.steps.last_mut() {
                step.layer = Some(layer);
            }
        }
        let next = Arc::new(next);
        self.images.insert(id, Arc::clone(&next));
        state.image = next;
    }
}

/// What the engine refuses before it begins.
fn refuse(sent: &Sent, file: &Dockerfile<'_>) -> Result<(), Failure> {
    let early = |message: String| Failure { early: true, ..Failure::from(message) };
    if sent.text.is_empty() {
        return Err(early(format!("the Dockerfile ({}) cannot be empty", sent.dockerfile)));
    }
    let Some(error) = file.first_error() else { return Ok(()) };
    let message = match error.phase {
        stagecraft_dockerfile::Phase::Parse => {
            format!("failed to parse {}: {}", sent.dockerfile, error.message)
        }
        _ => error.in_full(Dialect::Legacy),
    };
    Err(Failure { message, early: true, span: Some(error.span), lines: error.lines.clone() })
}

fn result(image: &Image) -> crate::simulation::Image {
    crate::simulation::Image {
        id: image.id.clone(),
        config: Arc::new(image.config.clone()),
        history: image.history.clone(),
        layers: image.layers.clone(),
        base: image.base.clone(),
        base_tree: image.base_tree.clone(),
        base_size: image.base_size,
        tree: image.tree.clone(),
    }
}
