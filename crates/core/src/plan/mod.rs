//! What BuildKit's Dockerfile front end makes of a file: operations, image config, history, stages.
//!
//! A plan is a value. It borrows nothing, knows no file of the context and runs nothing; [`Op`]s name each other
//! by [`OpId`] and stand in an order in which every input comes before its users.

mod arena;
mod arguments;
mod base;
mod caption;
mod dispatch;
mod effect;
mod epoch;
mod fault;
mod finish;
mod front;
mod graph;
mod op;
mod outline;
mod planner;
mod state;

pub use op::{
    Copy, Exec, FileAction, FileActionKind, Git, Http, Image, Local, Mkdir, Mkfile, Mode, Mount, MountKind,
    Network, Op, OpId, OpKind, Origin, Owner, SecretEnv, Security, Sharing, Source, SourcePoint, User,
};

use crate::check::{Config, IgnoreList};
use crate::image::ImageConfig;
use crate::project::{FileContent, Project};
use crate::resolve::{Env, ImageSource, Options, Platform};
use crate::simulation::{Base, StageId};
use planner::Planner;
use smol_str::SmolStr;
use stagecraft_dockerfile::expand::Lexer;
use stagecraft_dockerfile::{Diagnostic, Dialect, Dockerfile, Span, parse};
use std::sync::Arc;

/// Plans a build. `text` is what `file` was parsed from, in BuildKit's dialect. Never fails: what is wrong is among
/// the findings, and what can be told all the same is there.
pub fn plan(text: &str, file: &Dockerfile<'_>, options: &Options<'_>, images: &dyn ImageSource) -> Plan {
    let target_platform = options.platform.clone().unwrap_or_default();
    let planner = Planner {
        text,
        file,
        options,
        images,
        lexer: Lexer::new(file.escape),
        lint: Config::default(),
        build_args: options.build_args.iter().map(|&(name, value)| (name, value.into())).collect(),
        global: Env::default(),
        meta: outline::Capture::default(),
        default_bases: Vec::new(),
        target_platform,
        states: Vec::new(),
        by_name: std::collections::BTreeMap::new(),
        arena: arena::Arena::for_file(file),
        context: None,
        proxy: Vec::new(),
        ignore: IgnoreList::new(&options.ignore),
        findings: Vec::new(),
        ports_left: 1 << 18,
        names_left: 1 << 18,
        scratch: String::new(),
        early: true,
    };
    planner.run()
}

/// Plans a project: its chosen Dockerfile with its ignore file.
pub fn plan_project(project: &Project, images: &dyn ImageSource) -> Plan {
    let text = text_of(project, &project.dockerfile).unwrap_or_default();
    let mut options = Options::of(project);
    let beside = format!("{}.dockerignore", project.dockerfile);
    if let Some(ignore) = text_of(project, &beside).or_else(|| text_of(project, ".dockerignore")) {
        options.ignore = stagecraft_dockerfile::ignore::read(&ignore).into_iter().map(|p| p.text).collect();
    }
    plan(&text, &parse(&text, Dialect::BuildKit), &options, images)
}

/// A file of the project as text.
pub(crate) fn text_of<'p>(project: &'p Project, path: &str) -> Option<std::borrow::Cow<'p, str>> {
    match &project.files.get(path)?.content {
        FileContent::Text(text) => Some(text.as_str().into()),
        FileContent::Bytes(bytes) => Some(String::from_utf8_lossy(bytes)),
        _ => None,
    }
}

/// What BuildKit reports of a plan.
#[derive(Debug, Clone, Default)]
pub struct Report<'p> {
    /// Warnings of checks, in the order in which BuildKit comes across them.
    pub warnings: Vec<&'p Diagnostic>,
    /// Why it stops, if it does.
    pub error: Option<PlanError>,
}

/// What BuildKit would do for one target of a Dockerfile.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The operations that the target needs; equal ones are one, as in LLB. Every input stands before its users.
    pub ops: Vec<Op>,
    /// The op whose output is the image's file system; `None` is an empty one (`FROM scratch` and nothing more).
    pub result: Option<OpId>,
    /// The stage that is built; `None` if the build is refused before that is known.
    pub target: Option<StageId>,
    /// The target's image.
    pub image: StageImage,
    /// Every stage of the file, in order, whether needed or not.
    pub stages: Vec<Stage>,
    /// Where stages take from: from which stage to which, in order of the file.
    pub dependencies: Vec<Dependency>,
    /// Every instruction could be understood.
    pub parsed: bool,
    /// As `docker build --call targets` lists them; empty if the file does not parse.
    pub targets: Vec<Target>,
    /// As `docker build --call outline` lists it.
    pub outline: Outline,
    /// Why BuildKit refuses to build, if it does: the first error that it comes across. `ops` is empty then.
    pub error: Option<PlanError>,
    /// Every finding of BuildKit's front end in the order in which it comes across them, also behind the first
    /// error and in stages that nobody needs; see [`Plan::report`].
    pub findings: Vec<Finding>,
    /// `# check=error=true`: warnings end the build.
    pub warnings_are_errors: bool,
}

/// A problem and where it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The problem.
    pub diagnostic: Diagnostic,
    /// In which stage; `None` if it concerns the whole file.
    pub stage: Option<StageId>,
    /// It concerns what the target needs, so a build finds it; otherwise only a check of all stages does.
    pub needed: bool,
    /// BuildKit comes across it before it asks for base images.
    pub early: bool,
}

/// Why BuildKit refuses to build.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlanError {
    /// As BuildKit words it, without `failed to solve:`.
    pub message: String,
    /// `(first, last)` line pairs, one per line for an instruction that spans lines.
    pub lines: Vec<(u32, u32)>,
    /// Where it is, as near as can be told.
    pub span: Option<Span>,
    /// All instructions were taken up before: it is only that there are warnings, and `# check=error=true` makes an
    /// error of them, or that the operations cannot be written down.
    pub late: bool,
}

/// An image config with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StageImage {
    /// Config.
    pub config: Arc<ImageConfig>,
    /// `MAINTAINER`
    pub author: String,
    /// Platform of the image.
    pub platform: Platform,
    /// Of the plan's image: what the Dockerfile adds to the base image's history, stages that it derives from
    /// included. Of a stage: what its own instructions add.
    pub history: Vec<HistoryEntry>,
}

/// A line of the history and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HistoryEntry {
    /// `RUN |1 A=b /bin/sh -c true # buildkit`
    pub created_by: SmolStr,
    /// The instruction makes no layer.
    pub empty_layer: bool,
    /// The op that makes the layer, if it makes one and is part of the plan.
    pub op: Option<OpId>,
    /// The stage it was made in.
    pub stage: StageId,
    /// Index into the Dockerfile's instructions (for `ONBUILD` triggers, of the stage's `FROM`).
    pub instruction: usize,
}

/// A stage of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stage {
    /// Its name in lower case; empty if it has none.
    pub name: SmolStr,
    /// What captions call it: the name, `stage-2`, or nothing where the file has one stage only.
    pub label: SmolStr,
    /// From its `FROM` to the end of its last instruction.
    pub span: Span,
    /// Lines of its `FROM`.
    pub lines: Vec<(u32, u32)>,
    /// Index of its `FROM` in the Dockerfile's instructions.
    pub instruction: usize,
    /// One past its last instruction.
    pub end: usize,
    /// The base as written, arguments expanded.
    pub base_name: SmolStr,
    /// What it starts from.
    pub base: Base,
    /// The platform that it is built for.
    pub platform: Platform,
    /// Comment above `FROM` that describes it (`# NAME what it is for`).
    pub description: SmolStr,
    /// The target is this stage or needs it.
    pub needed: bool,
    /// Stages of the plan that take from it directly (base, copy or mount), in order.
    pub needed_by: Vec<StageId>,
    /// What became of its instructions, in order of execution: `FROM` if it brings in an image, triggers of the
    /// base, then the rest.
    pub steps: Vec<StageStep>,
    /// The op whose output is its file system, if the plan has it.
    pub result: Option<OpId>,
    /// Its image as it is at the end of the stage; also known for stages that are not needed.
    pub image: StageImage,
}

/// What became of one instruction of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StageStep {
    /// Index into the Dockerfile's instructions; for a trigger, that of the stage's `FROM`.
    pub instruction: usize,
    /// It is an `ONBUILD` trigger of the base.
    pub onbuild: bool,
    /// What progress calls it, `[build 2/4] RUN make`; empty for instructions that are config only.
    pub caption: SmolStr,
    /// The op it became, if it became one and the target needs it.
    pub op: Option<OpId>,
}

/// A stage that takes from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dependency {
    /// Who takes.
    pub from: StageId,
    /// Whom it takes from.
    pub on: StageId,
    /// By which instruction: index into the Dockerfile's instructions.
    pub instruction: usize,
    /// How.
    pub kind: DependencyKind,
}

/// How a stage takes from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DependencyKind {
    /// `FROM`
    Base,
    /// `COPY --from`
    Copy,
    /// `RUN --mount=from=`
    Mount,
}

/// A line of `docker build --call targets`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Target {
    /// Name of the stage, empty if it has none.
    pub name: SmolStr,
    /// The base as written.
    pub base: SmolStr,
    /// `--platform` as written; empty if there is none.
    pub platform: SmolStr,
    /// From the comment above.
    pub description: SmolStr,
    /// What is built without `--target`.
    pub default: bool,
}

/// `docker build --call outline`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outline {
    /// The target's name.
    pub name: SmolStr,
    /// The target's description.
    pub description: SmolStr,
    /// Arguments that it takes, in order of the file.
    pub args: Vec<OutlineArg>,
    /// Secrets that it mounts.
    pub secrets: Vec<OutlineMount>,
    /// SSH agents that it mounts.
    pub ssh: Vec<OutlineMount>,
}

/// An argument that a target takes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OutlineArg {
    /// Its name.
    pub name: String,
    /// The value that it has.
    pub value: String,
    /// From the comment above.
    pub description: String,
    /// Lines of the `ARG`.
    pub lines: Vec<(u32, u32)>,
}

/// A secret or agent that a target mounts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OutlineMount {
    /// Its id.
    pub name: String,
    /// The build fails without.
    pub required: bool,
    /// Lines of the `RUN`.
    pub lines: Vec<(u32, u32)>,
}
