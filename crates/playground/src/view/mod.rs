//! What to draw, in slices. A slice is plain data, compares by value and is shared: one that did not change
//! keeps its identity, so that nothing redraws for nothing.
//!
//! No slice depends on the current step: the page marks what belongs to it by the step's id. What does depend
//! on it (files, why) is asked for at the engine's door.

pub(crate) mod cache;
mod context;
pub(crate) mod entries;
mod failure;
pub(crate) mod files;
pub(crate) mod graph;
mod ignore;
mod image;
#[cfg(test)]
mod laws;
mod layers;
mod lineage;
mod lines;
mod log;
pub(crate) mod measured;
pub(crate) mod opened;
mod outline;
mod problems;
pub(crate) mod scene;
pub(crate) mod steps;
mod summary;
#[cfg(test)]
mod tests;
mod timeline;
pub(crate) mod trail;
pub(crate) mod why;

pub use cache::{CacheRow, CacheView};
pub use context::{ContextRow, ContextView};
pub use files::{FileRow, FilesQuery, FilesView, Mark, RowKind};
pub use graph::{CardRow, Edge, EdgeKind, GraphView, Node, NodeKind, Point};
pub use image::{ConfigRow, HistoryRow, ImageView};
pub use layers::{LayerRow, LayersView, Wasted};
pub use lines::{LineNote, LineStage, LineStep, LinesView, Tone};
pub use log::{LogRow, LogView};
pub use measured::MeasuredView;
pub use opened::OpenedImage;
pub use outline::{Argument, OutlineView, StageRow};
pub use problems::{Edit, Fix, Level, Problem, ProblemsView};
pub use steps::{StepRow, StepsView, Tick, Verdict};
pub use summary::{BuilderSummary, SummaryView};
pub use timeline::{Bar, Lane, TimelineView};
pub use trail::{TrailRow, TrailView};
pub use why::WhyView;

pub(crate) use files::Sizes;

use crate::state::Pane;
use scene::Scene;
use serde::{Deserialize, Serialize};
use stagecraft_core::simulation::Builder;
use std::rc::Rc;

/// Which builders are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Look {
    /// BuildKit alone.
    BuildKit,
    /// The legacy builder alone.
    Legacy,
    /// Both.
    #[default]
    SideBySide,
}

impl Look {
    /// The builder whose answer the editor, the graph and the panes show: BuildKit unless legacy is looked at
    /// alone.
    pub const fn first(self) -> Builder {
        match self {
            Self::Legacy => Builder::Legacy,
            Self::BuildKit | Self::SideBySide => Builder::BuildKit,
        }
    }

    /// Whether that builder is looked at.
    pub fn shows(self, builder: Builder) -> bool {
        match self {
            Self::SideBySide => true,
            Self::BuildKit => builder == Builder::BuildKit,
            Self::Legacy => builder == Builder::Legacy,
        }
    }
}

/// One value for each builder.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PerBuilder<T> {
    /// BuildKit's.
    pub buildkit: T,
    /// The legacy builder's.
    pub legacy: T,
}

impl<T> PerBuilder<T> {
    /// That builder's.
    pub const fn of(&self, builder: Builder) -> &T {
        match builder {
            Builder::BuildKit => &self.buildkit,
            Builder::Legacy => &self.legacy,
        }
    }

    /// That builder's, to be changed.
    pub const fn of_mut(&mut self, builder: Builder) -> &mut T {
        match builder {
            Builder::BuildKit => &mut self.buildkit,
            Builder::Legacy => &mut self.legacy,
        }
    }

    /// Makes one for each.
    pub fn each(mut make: impl FnMut(Builder) -> T) -> Self {
        Self { buildkit: make(Builder::BuildKit), legacy: make(Builder::Legacy) }
    }
}

macro_rules! slices {
    ($($(#[$doc:meta])* $field:ident: $name:ident($type:ty),)*) => {
        /// All that the page draws without asking further.
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct View { $($(#[$doc])* pub $field: Rc<$type>,)* }

        /// One slice of a [`View`], as it passes the door.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Slice { $($(#[$doc])* $name(Rc<$type>),)* }

        impl View {
            /// Puts changed slices in their places; the others keep their identity.
            pub fn apply(&mut self, slices: Vec<Slice>) {
                for slice in slices {
                    match slice { $(Slice::$name(new) => self.$field = new,)* }
                }
            }

            /// What differs from `before`: all of it where there is none.
            pub fn since(&self, before: Option<&Self>) -> Vec<Slice> {
                let mut changed = Vec::new();
                $(if before.is_none_or(|before| before.$field != self.$field) {
                    changed.push(Slice::$name(Rc::clone(&self.$field)));
                })*
                changed
            }
        }
    };
}

slices! {
    /// The sentence with totals, and each builder's figures.
    summary: Summary(SummaryView),
    /// Stages, targets and arguments of the file.
    outline: Outline(OutlineView),
    /// The graph of stages, laid out.
    graph: Graph(GraphView),
    /// Both builders' lanes to one scale of time.
    timeline: Timeline(TimelineView),
    /// All steps, and their union in time for the scrubber.
    steps: Steps(StepsView),
    /// What stands at the end of each line of the Dockerfile, and which step a line is.
    lines: Lines(LinesView),
    /// What `docker build` prints, of each builder.
    log: Log(PerBuilder<LogView>),
    /// Problems of the Dockerfile and of the ignore file.
    problems: Problems(ProblemsView),
    /// Layers with sizes and waste, of each builder.
    layers: Layers(PerBuilder<LayersView>),
    /// The resulting image, of each builder.
    image: Image(PerBuilder<ImageView>),
    /// Why each step hit or missed the cache, of each builder.
    cache: Cache(PerBuilder<CacheView>),
    /// The build context after `.dockerignore`.
    context: Context(ContextView),
}

impl View {
    /// Everything to draw of a simulated project. What only a closed pane shows is left as it was in `before`.
    pub(crate) fn of(scene: Scene<'_>, pane: Option<Pane>, before: Option<&Self>) -> Self {
        let open = |which| pane.is_none_or(|pane| pane == which);
        let ignore = ignore::Ignore::of(scene.project, scene.look.first());
        // Deciding on every file tells which rules of the ignore file are of use.
        let context = context::build(scene, &ignore);
        let problems = problems::build(scene, &ignore);
        let each = |builder| scene.builds.of(builder);
        Self {
            summary: Rc::new(summary::build(scene, problems.problems.len())),
            outline: Rc::new(outline::build(scene)),
            graph: Rc::new(graph::build(scene)),
            timeline: Rc::new(timeline::build(scene)),
            steps: Rc::new(steps::build(scene)),
            lines: Rc::new(lines::build(scene)),
            log: if open(Pane::Log) {
                Rc::new(PerBuilder::each(|b| log::build(each(b))))
            } else {
                before.map(|before| Rc::clone(&before.log)).unwrap_or_default()
            },
            problems: Rc::new(problems),
            layers: if open(Pane::Layers) {
                Rc::new(PerBuilder::each(|b| layers::build(each(b), scene.source, scene.catalogue)))
            } else {
                before.map(|before| Rc::clone(&before.layers)).unwrap_or_default()
            },
            image: if open(Pane::Image) {
                Rc::new(PerBuilder::each(|b| image::build(each(b), scene.project, &scene.builds.legacy)))
            } else {
                before.map(|before| Rc::clone(&before.image)).unwrap_or_default()
            },
            cache: if open(Pane::Cache) {
                Rc::new(PerBuilder::each(|b| cache::build(each(b), scene.source)))
            } else {
                before.map(|before| Rc::clone(&before.cache)).unwrap_or_default()
            },
            context: Rc::new(context),
        }
    }
}
