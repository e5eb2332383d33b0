//! The run through a Dockerfile: stages and instructions in order, log, steps, cache.

use super::args::BuildArgs;
use super::cache::{Cache, Records};
use super::client::{self, Sent};
use super::image::{Chain, Image, short};
use super::stage::{self, Results};
use super::step::line;
use crate::builder::cost;
use crate::builder::timing::Timing;
use crate::catalogue::Catalogue;
use crate::image::ImageConfig;
use crate::import::matching;
use crate::project::Project;
use crate::simulation::{
    Build, BuildError, Builder, Certainty, DurationSource, Layer, LogLine, Reason, StageId, Status, Step,
    StepId, StepKind,
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
    pub(super) cache: Records<'a>,
    /// Images that the cache held when the build started.
    pub(super) earlier: usize,
    pub(super) context: &'a Tree,
    pub(super) lexer: Lexer,
    pub(super) steps: Vec<Step>,
    pub(super) log: Vec<LogLine>,
    /// Images that exist, by id.
    pub(super) images: BTreeMap<String, Arc<Image>>,
    /// What each step added to its image.
    pub(super) chain: Chain,
    /// The step of this build that made an image.
    pub(super) makers: BTreeMap<String, StepId>,
    pub(super) results: Results,
    /// The step that missed the cache in this stage: nothing is looked up after it.
    pub(super) busted: Option<StepId>,
    pub(super) now: u64,
    pub(super) number: usize,
    pub(super) total: usize,
    /// What is known of durations.
    pub(super) timing: Timing<'a>,
    /// For each step its entry in the project's log.
    pub(super) entries: Vec<Option<u32>>,
    /// What is known of the current step's duration.
    pub(super) known: Option<(u64, DurationSource)>,
    /// How much of the log there is when the current step's caption is printed.
    pub(super) caption_end: usize,
}

/// A stage under way (moby `dispatchState`).
pub(super) struct State {
    pub(super) id: StageId,
    pub(super) config: Arc<ImageConfig>,
    pub(super) author: String,
    pub(super) cmd_set: bool,
    pub(super) image: Arc<Image>,
    pub(super) args: BuildArgs,
}

impl State {
    /// The config, to be changed; what was committed keeps its own.
    pub(super) fn change(&mut self) -> &mut ImageConfig {
        Arc::make_mut(&mut self.config)
    }
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
        earlier: cache.count(),
        cache: Records::of(cache),
        context: &sent.tree,
        lexer: Lexer::with_dialect(file.escape, Dialect::Legacy),
        steps: Vec::new(),
        log: vec![line(&sent.line, None)],
        images: BTreeMap::new(),
        chain: Chain::default(),
        makers: BTreeMap::new(),
        results: Results::default(),
        busted: None,
        now: cost::transfer(sent.size.0, sent.size.1),
        number: 1,
        total: 0,
        timing: Timing::of(project, Builder::Legacy),
        entries: Vec::new(),
        known: None,
        caption_end: 0,
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
        self.entries = self.find_entries(file, plan, target);
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
            self.results.commit(&stage.name, &state.image.id, self.current())?;
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
        Ok(result(&state.image, &self.chain))
    }

    /// Which entry of the project's log each step is.
    fn find_entries(&self, file: &Dockerfile<'_>, plan: &stage::Plan<'_>, target: usize) -> Vec<Option<u32>> {
        let Some(log) = &self.timing.log else { return Vec::new() };
        let stages = plan.stages.iter().enumerate().take(target + 1);
        let staged = stages.flat_map(|(number, stage)| {
            let label = matching::label(&stage.name, number);
            stage.instructions.iter().map(move |index| (label.clone(), *index))
        });
        let all = plan.meta.iter().map(|index| (String::new(), *index)).chain(staged);
        let wanted = all.enumerate().map(|(at, (label, index))| {
            let code = file.instructions.get(index).map(Instruction::code).unwrap_or_default();
            let caption = format!("Step {}/{} : {code}", at + 1, self.total);
            matching::of_legacy(log, &label, &caption, &code)
        });
        matching::assign(log, &wanted.collect::<Vec<_>>())
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
            config: Arc::default(),
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

fn result(image: &Image, chain: &Chain) -> crate::simulation::Image {
    let (history, layers) = chain.collect(image.top);
    crate::simulation::Image {
        id: image.id.clone(),
        config: Arc::clone(&image.config),
        history,
        layers,
        base: image.base.clone(),
        base_tree: image.base_tree.clone(),
        base_size: image.base_size,
        tree: image.tree.clone(),
    }
}
