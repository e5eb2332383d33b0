//! What passes the door.

use crate::edit::{Completions, Hover, Language, Token};
use crate::state::Pane;
use crate::text::Text;
use crate::view::{
    CacheView, FilesQuery, FilesView, Look, MeasuredView, OpenedImage, PerBuilder, Slice, TrailView, WhyView,
};
use crate::wire;
use serde::{Deserialize, Serialize};
use stagecraft_core::project::Project;
use stagecraft_core::simulation::{Builder, StepId};

/// A question to the engine. The answer carries the question's `id`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    /// Chosen by the page; the answer has the same.
    pub id: u32,
    /// What is asked.
    pub ask: Ask,
}

/// What is asked. All but `Simulate`, `WhatIf` and those about text refer to the latest simulation.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant, reason = "the biggest is the usual one, and no list holds them")]
pub enum Ask {
    /// Simulate this project. Answer: [`Answer::Update`].
    Simulate {
        /// Grows with each edit.
        revision: u64,
        /// What the engine is to remember of what it was asked before.
        past: Past,
        /// What is built.
        #[serde(with = "wire")]
        project: Project,
        /// What is looked at.
        look: Look,
        /// The pane that is open; `None` is all of them.
        pane: Option<Pane>,
    },
    /// Look at other builders, or at another pane. Answer: [`Answer::Update`].
    Look(Look, Option<Pane>),
    /// Fill the cache with what a build of the current project leaves (or, `false`, empty it), and simulate
    /// again. Answer: [`Answer::Update`].
    Warm(bool),
    /// A window of the file tree after a step. Answer: [`Answer::Files`].
    Files {
        /// Whose step.
        builder: Builder,
        /// Which.
        step: StepId,
        /// Which rows.
        query: FilesQuery,
    },
    /// Where does a file come from? Answer: [`Answer::Trail`].
    Trail {
        /// Whose step.
        builder: Builder,
        /// After which step.
        step: StepId,
        /// Absolute path.
        path: String,
    },
    /// Why did a step run? Answer: [`Answer::Why`].
    Why {
        /// Whose step.
        builder: Builder,
        /// Which.
        step: StepId,
    },
    /// The entries of a layer. Answer: [`Answer::Entries`].
    Entries {
        /// Whose image.
        builder: Builder,
        /// `LayerRow::index`.
        layer: u32,
        /// First entry.
        first: u32,
        /// How many, at most 300.
        count: u32,
    },
    /// Colors of a text. Answer: [`Answer::Tokens`].
    Highlight(Language, String),
    /// What could stand at an offset (UTF-16 units) of this text of the chosen Dockerfile. Answer:
    /// [`Answer::Completions`].
    Complete {
        /// The text as it is now.
        text: String,
        /// Where the caret is.
        offset: u32,
    },
    /// What stands at an offset (UTF-16 units) of this text of the chosen Dockerfile. Answer: [`Answer::Hover`].
    Hover {
        /// The text as it is now.
        text: String,
        /// Where the pointer is.
        offset: u32,
    },
    /// Change this and build again: the cache is filled by `before`, then `after` is built. Answer:
    /// [`Answer::WhatIf`].
    WhatIf {
        /// What fills the cache; the latest simulated project if `None`.
        before: Option<Box<ProjectMessage>>,
        /// What is built then.
        after: Box<ProjectMessage>,
    },
    /// What of a real build's log is in the build? Answer: [`Answer::Measured`].
    Measure(String),
    /// Here is an archive, and what it is called: if it holds an image, `FROM` finds that from now on. Answer:
    /// [`Answer::Image`].
    Image(String, Vec<u8>),
    /// A drawing or the data as text. Answer: [`Answer::Export`].
    Export(Format),
    /// The project as `.tar.gz`. Answer: [`Answer::Archive`].
    Archive,
}

/// A project inside of another message.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProjectMessage(#[serde(with = "wire")] pub Project);

/// What an engine remembers when it is asked to simulate.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Past {
    /// All that it was asked before; only slices that changed are sent.
    Kept,
    /// Nothing: it is fresh, or another engine answered meanwhile. All slices are sent.
    Forgotten,
    /// Nothing but what a build of this project left in the cache. All slices are sent.
    Built(Box<ProjectMessage>),
}

/// What can be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Format {
    /// The graph as a self-contained picture for light backgrounds.
    Svg,
    /// The same for dark backgrounds.
    SvgDark,
    /// The graph as Mermaid.
    Mermaid,
    /// The graph as Graphviz DOT.
    Dot,
    /// Stages, steps, edges and timeline as JSON.
    Json,
}

impl Format {
    /// What files of it are called at the end.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Svg | Self::SvgDark => "svg",
            Self::Mermaid => "mmd",
            Self::Dot => "dot",
            Self::Json => "json",
        }
    }
}

/// The answer to a request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Response {
    /// The request's.
    pub id: u32,
    /// The answer.
    pub answer: Answer,
}

/// What is answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Answer {
    /// What changed since the answer before. Apply it in order of arrival, also where a newer request is on
    /// its way: the engine sends a slice only once.
    Update {
        /// Of the project that was simulated last.
        revision: u64,
        /// The pane whose slice is up to date; `None` if all are.
        pane: Option<Pane>,
        /// Only those that changed.
        slices: Vec<Slice>,
    },
    /// Rows of the file tree.
    Files(FilesView),
    /// Where a file comes from.
    Trail(TrailView),
    /// Why a step ran.
    Why(WhyView),
    /// Entries of a layer: how many in all, the first, and a window of them.
    Entries(FilesView),
    /// Colors.
    Tokens(Vec<Token>),
    /// Completions.
    Completions(Completions),
    /// An explanation, if there is one.
    Hover(Option<Hover>),
    /// Verdicts and reasons of building again.
    WhatIf(PerBuilder<CacheView>),
    /// The log beside the build; `None` where no step can be read from it.
    Measured(Option<MeasuredView>),
    /// The image of an archive; `None` if it holds none.
    Image(Option<OpenedImage>),
    /// Text of a drawing.
    Export(Text),
    /// Bytes of an archive.
    Archive(Vec<u8>),
    /// It cannot be done: a sentence for people.
    Failed(Text),
}

/// A message could not be read: the two sides are of different versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Garbled;

impl std::fmt::Display for Garbled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("The page and its engine do not understand each other; reload the page.")
    }
}

impl std::error::Error for Garbled {}

macro_rules! codec {
    ($type:ident) => {
        impl $type {
            /// As bytes for the worker.
            pub fn encode(&self) -> Result<Vec<u8>, Garbled> {
                postcard::to_allocvec(self).map_err(|_| Garbled)
            }

            /// From the other side's bytes.
            pub fn decode(bytes: &[u8]) -> Result<Self, Garbled> {
                postcard::from_bytes(bytes).map_err(|_| Garbled)
            }
        }
    };
}

codec!(Request);
codec!(Response);
