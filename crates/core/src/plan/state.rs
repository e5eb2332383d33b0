//! A stage, or an image that an instruction copies from, while it is planned (BuildKit's `dispatchState`).

use super::arena::VertexId;
use super::outline::Capture;
use super::planner::Site;
use super::{DependencyKind, HistoryEntry, StageStep};
use crate::image::ImageConfig;
use crate::project::NamedContext;
use crate::resolve::{Env, Platform};
use smol_str::SmolStr;
use stagecraft_dockerfile::Span;
use std::sync::{Arc, LazyLock};

/// See the module.
#[derive(Debug, Clone, Default)]
#[allow(clippy::struct_excessive_bools, reason = "BuildKit's own flags")]
pub(super) struct State<'a> {
    /// The stage of the file; `None` for an image or an empty directory that an instruction takes from.
    pub(super) stage: Option<usize>,
    pub(super) site: Site,
    /// Of what is no stage: the stage that took from it first.
    pub(super) owner: Option<usize>,
    /// One past the last instruction.
    pub(super) end: usize,
    /// Where the last instruction ends in the text.
    pub(super) end_offset: u32,
    pub(super) name: SmolStr,
    pub(super) description: SmolStr,
    /// Expanded; normalized once the image is resolved.
    pub(super) base_name: SmolStr,
    /// As expanded, before normalization.
    pub(super) base_written: SmolStr,
    pub(super) base_span: Span,
    pub(super) platform: Option<Platform>,
    pub(super) named_context: Option<(&'a str, &'a NamedContext)>,
    pub(super) base: Option<usize>,
    /// Which state, by which instruction, how.
    pub(super) deps: Vec<(usize, Site, DependencyKind)>,
    pub(super) commands: Vec<Command>,

    pub(super) dispatched: bool,
    pub(super) resolved: bool,
    pub(super) broken: bool,
    pub(super) onbuild_init: bool,
    pub(super) unregistered: bool,
    pub(super) ignore_cache: bool,
    pub(super) needed: bool,

    pub(super) label: SmolStr,
    /// The instruction at hand is a trigger.
    pub(super) onbuild: bool,
    pub(super) command_index: usize,
    pub(super) command_total: usize,

    pub(super) value: Value,
    /// In no order, some maybe more than once.
    pub(super) context_paths: Vec<SmolStr>,
    pub(super) outline: Capture,
    pub(super) entrypoint: Option<Site>,
    pub(super) cmd: Option<Site>,
    pub(super) healthcheck: Option<Site>,
    /// Ops are numbered as in the arena until the plan is finished, as those of the history are.
    pub(super) steps: Vec<StageStep>,
    /// The platform as its execs have it, once it is asked for.
    pub(super) exec_platform: Option<Arc<Platform>>,
}

/// What a stage inherits from the stage that it starts from: the LLB state and the image.
#[derive(Debug, Clone)]
pub(super) struct Value {
    pub(super) out: Option<VertexId>,
    pub(super) env: Env,
    pub(super) dir: SmolStr,
    pub(super) user: SmolStr,
    pub(super) config: Arc<ImageConfig>,
    pub(super) author: String,
    pub(super) image_platform: Platform,
    /// What the stage itself adds.
    pub(super) history: Vec<HistoryEntry>,
    /// Arguments declared so far, with their values.
    pub(super) build_args: Vec<(SmolStr, Option<SmolStr>)>,
    pub(super) workdir_set: bool,
}

impl Value {
    /// The config, to be changed: no longer that of the base.
    pub(super) fn config_mut(&mut self) -> &mut ImageConfig {
        Arc::make_mut(&mut self.config)
    }

    /// A copy without the history, which stays with the stage that made it.
    pub(super) fn shallow(&self) -> Self {
        Self {
            out: self.out,
            env: self.env.clone(),
            dir: self.dir.clone(),
            user: self.user.clone(),
            config: self.config.clone(),
            author: self.author.clone(),
            image_platform: self.image_platform.clone(),
            history: Vec::new(),
            build_args: self.build_args.clone(),
            workdir_set: self.workdir_set,
        }
    }
}

/// What every stage starts with, made once.
static EMPTY: LazyLock<Arc<ImageConfig>> = LazyLock::new(Arc::default);

impl Default for Value {
    fn default() -> Self {
        Self {
            out: None,
            env: Env::default(),
            dir: SmolStr::new_static("/"),
            user: SmolStr::default(),
            config: Arc::clone(&EMPTY),
            author: String::new(),
            image_platform: Platform::default(),
            history: Vec::new(),
            build_args: Vec::new(),
            workdir_set: false,
        }
    }
}

/// An instruction of a stage.
#[derive(Debug, Clone)]
pub(super) struct Command {
    /// Index into the Dockerfile's instructions; for a trigger, of the stage's `FROM`.
    pub(super) instruction: usize,
    /// The trigger's text.
    pub(super) trigger: Option<Arc<str>>,
    /// States that it takes from: of `COPY --from` one, of `RUN` one for each mount.
    pub(super) sources: Vec<usize>,
}
