//! What a simulated build gives: steps with their reasons, files, layers, image and log, as data.
//!
//! Words for people are made at the edge (`stagecraft-playground`), except those that the real builder prints.

use crate::image::{History, ImageConfig};
use stagecraft_dockerfile::{Diagnostic, Span};
use stagecraft_sandbox::tree::Tree;
use std::sync::Arc;

/// Which builder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum Builder {
    /// The classic builder of Docker Engine 20.10.
    Legacy,
    /// BuildKit with its built-in front end.
    BuildKit,
}

/// Index into [`Build::steps`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct StepId(pub u32);

/// Index of a stage in the file.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, serde::Serialize, serde::Deserialize,
)]
pub struct StageId(pub u32);

/// One builder's answer to a project.
#[derive(Debug, Clone)]
pub struct Build {
    /// Whose answer.
    pub builder: Builder,
    /// Why it failed, if it did.
    pub error: Option<BuildError>,
    /// The stages of the file, whether used or not.
    pub stages: Vec<Stage>,
    /// In the order in which the builder starts them (legacy: prints them). Skipped instructions are not here;
    /// see [`Stage::fate`].
    pub steps: Vec<Step>,
    /// What `docker build` prints (`--progress=plain` for BuildKit).
    pub log: Vec<LogLine>,
    /// The result, unless it failed.
    pub image: Option<Image>,
    /// Problems that this builder alone finds while it plans or builds.
    pub diagnostics: Vec<Diagnostic>,
    /// From the first start to the last end, milliseconds of simulated time.
    pub duration: u64,
}

/// A failure in the builder's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildError {
    /// As the builder words it, without the client's prefixes.
    pub message: String,
    /// Where, if it has a place.
    pub span: Option<Span>,
    /// Line pairs as BuildKit reports them.
    pub lines: Vec<(u32, u32)>,
    /// The step that failed.
    pub step: Option<StepId>,
}

impl BuildError {
    /// The path that a `COPY`, an `ADD` or a mount did not find, where that is the failure: BuildKit says `"/x": not
    /// found`, the legacy builder `stat x: file does not exist`.
    pub fn missing(&self) -> Option<&str> {
        let buildkit = || self.message.strip_suffix("\": not found")?.rsplit('"').next();
        let legacy = || Some(self.message.strip_suffix(": file does not exist")?.rsplit_once("stat ")?.1);
        buildkit().or_else(legacy).filter(|path| !path.is_empty())
    }
}

/// A stage of the file.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Its name, empty if it has none.
    pub name: String,
    /// Its `FROM`.
    pub span: Span,
    /// Indexes into the Dockerfile's instructions, `FROM` first.
    pub instructions: Vec<usize>,
    /// What it starts from.
    pub base: Base,
    /// What became of it.
    pub fate: Fate,
}

/// What a stage starts from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Base {
    /// `scratch`
    Scratch,
    /// An earlier stage.
    Stage(StageId),
    /// An image, by its resolved reference.
    Image(Arc<str>),
    /// A context given by name.
    Context(Arc<str>),
    /// Could not be told.
    #[default]
    Unknown,
}

/// What became of a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Its result is the image.
    Target,
    /// Run because these stages need it.
    Needed {
        /// By whom.
        by: Vec<StageId>,
    },
    /// Legacy: run although nothing needs it; its result is thrown away.
    InVain,
    /// BuildKit: nothing that the target needs comes from it. Legacy: it stands behind the target.
    Skipped,
    /// Not reached because the build failed before.
    NotReached,
}

/// What sort of step it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepKind {
    /// `[internal] …` of BuildKit.
    Internal,
    /// A base image or a source (image, address, repository).
    Source,
    /// An instruction.
    Instruction,
    /// `exporting to image`.
    Export,
}

/// One thing a builder did.
#[derive(Debug, Clone)]
pub struct Step {
    /// As the builder prints it: `[base 2/2] RUN …`, `Step 2/6 : RUN …`.
    pub name: String,
    /// What sort.
    pub kind: StepKind,
    /// Of which stage.
    pub stage: Option<StageId>,
    /// Index into the Dockerfile's instructions.
    pub instruction: Option<usize>,
    /// Where it stands.
    pub span: Option<Span>,
    /// What happened.
    pub status: Status,
    /// Why.
    pub reason: Reason,
    /// Steps that it waits for.
    pub inputs: Vec<StepId>,
    /// What flows in besides the parent file system.
    pub flows: Vec<Flow>,
    /// Start, in milliseconds of simulated time.
    pub start: u64,
    /// Milliseconds.
    pub duration: u64,
    /// Milliseconds that it takes when it is executed: what the cache saves where it is [`Status::Cached`].
    pub work: u64,
    /// Where `work` comes from.
    pub duration_source: DurationSource,
    /// Its entry in the project's log, if it has one.
    pub entry: Option<u32>,
    /// Which of the builder's parallel lanes it is drawn on.
    pub lane: u32,
    /// Whether it is on the critical path.
    pub critical: bool,
    /// The file system that it starts from.
    pub before: Tree,
    /// The file system that it leaves.
    pub after: Tree,
    /// The layer that it makes, if it makes one: index into [`Image::layers`] is not implied, since steps of
    /// other stages make layers too.
    pub layer: Option<Arc<Layer>>,
    /// Image config after it.
    pub config: Arc<ImageConfig>,
    /// What it printed.
    pub output: Vec<OutputLine>,
    /// How far its effect is known.
    pub certainty: Certainty,
}

/// What happened to a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Executed.
    Ran,
    /// Taken from the cache.
    Cached,
    /// Did not start because something before it failed.
    Canceled,
    /// Failed.
    Failed,
}

/// Where a duration comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
pub enum DurationSource {
    /// An estimate by the cost model.
    #[default]
    Model,
    /// The person says so: `# effect: takes 40s`, or [`crate::project::Project::durations`].
    Stated,
    /// The log of a real build ([`crate::project::Project::log`]).
    Imported,
}

/// Why a step ran or did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// There was nothing in the cache.
    Cold,
    /// `--no-cache`.
    NoCache,
    /// It is no work: config only, or never cached.
    Always,
    /// A cached result was there and everything that it depends on is unchanged.
    Unchanged,
    /// The text of the instruction (after expansion) is new.
    InstructionChanged,
    /// A build argument or environment variable in its environment changed.
    ArgumentChanged {
        /// Its name.
        name: String,
    },
    /// Files that it copies are new or different.
    FilesChanged {
        /// At most a few, relative to their source.
        paths: Vec<String>,
        /// The copied stage or context.
        source: FlowSource,
    },
    /// The step before it, or a stage it copies from, gave something new.
    InputChanged {
        /// Which.
        step: StepId,
    },
    /// Legacy: an earlier step missed the cache, and the builder stops looking.
    StoppedLooking {
        /// Which step missed.
        step: StepId,
    },
    /// The log of a real build says that it did; why it missed the cache, a log does not say.
    Logged,
    /// It failed or was cancelled.
    Failure,
}

/// How far the effect of a step is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Certainty {
    /// As the real builder does it.
    Exact,
    /// A model says so.
    Modelled,
    /// A command without a model took part.
    Unknown,
}

/// Files that flow into a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// From where.
    pub source: FlowSource,
    /// The path there, as written.
    pub path: String,
    /// Number of files.
    pub files: u64,
    /// Bytes.
    pub bytes: u64,
    /// Only mounted while the step runs.
    pub mount: bool,
}

/// Where files flow from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FlowSource {
    /// The build context.
    Context,
    /// A context given by name.
    NamedContext(String),
    /// Another stage.
    Stage(StageId),
    /// An image that is no stage.
    Image(String),
    /// An address or repository.
    Remote(String),
    /// A here-document.
    Inline,
}

/// A line of output of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputLine {
    /// Without line feed.
    pub text: String,
    /// To standard error.
    pub stderr: bool,
    /// A model made it up.
    pub modelled: bool,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Without line feed.
    pub text: String,
    /// The step that it belongs to.
    pub step: Option<StepId>,
    /// A model made it up.
    pub modelled: bool,
}

/// The result of a build.
#[derive(Debug, Clone)]
pub struct Image {
    /// `sha256:…` of the config, as the builder would name it.
    pub id: String,
    /// Config.
    pub config: Arc<ImageConfig>,
    /// History above the base image.
    pub history: Vec<History>,
    /// Layers above the base image, with the step that made each.
    pub layers: Vec<(StepId, Arc<Layer>)>,
    /// The base's reference, if any.
    pub base: Option<String>,
    /// The base's file system.
    pub base_tree: Tree,
    /// Bytes of the base's layers.
    pub base_size: u64,
    /// The merged file system.
    pub tree: Tree,
}

/// A layer: what a step changed.
#[derive(Debug, Clone)]
pub struct Layer {
    /// As in the history.
    pub created_by: String,
    /// Sorted by path.
    pub entries: Vec<LayerEntry>,
    /// Bytes of the files in it.
    pub size: u64,
}

/// An entry of a layer.
#[derive(Debug, Clone)]
pub struct LayerEntry {
    /// Absolute.
    pub path: Arc<str>,
    /// What it is.
    pub kind: EntryKind,
}

/// What an entry of a layer is.
#[derive(Debug, Clone)]
pub enum EntryKind {
    /// Written: as it is in the tree after the step.
    Node(stagecraft_sandbox::tree::Node),
    /// Another name of a file of this layer.
    Hardlink(Arc<str>),
    /// Removes the path from the layers below.
    Whiteout,
    /// Hides all that layers below have in this directory.
    Opaque,
}
