//! All steps, and their union in time for the scrubber.

use super::PerBuilder;
use crate::color::Color;
use crate::text::Text;
use serde::{Deserialize, Serialize};
use stagecraft_core::simulation::{Builder, StageId, StepId};

/// What happened to a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Verdict {
    /// Executed.
    Ran,
    /// Executed, and nothing needs its result.
    InVain,
    /// Taken from the cache.
    Cached,
    /// Not run, as nothing needs it.
    Skipped,
    /// Did not start, as something failed before.
    Canceled,
    /// Failed.
    Failed,
    /// Unknown: the build did not come that far.
    #[default]
    NotReached,
}

/// The steps of both builders.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StepsView {
    /// By [`StepId`].
    pub steps: PerBuilder<Vec<StepRow>>,
    /// The scrubber's ticks, in order of time; of the builders that are looked at.
    pub ticks: Vec<Tick>,
}

/// One step of one builder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRow {
    /// Which.
    pub id: StepId,
    /// As the builder prints it.
    pub name: Text,
    /// In a few words: `go build`, `COPY . .`.
    pub short: Text,
    /// Of which stage.
    pub stage: Option<StageId>,
    /// The stage's name for people, empty without one.
    pub stage_title: Text,
    /// The stage's color.
    pub color: Color,
    /// Line of the instruction from 1; 0 where there is none.
    pub line: u32,
    /// What happened.
    pub verdict: Verdict,
    /// In a word: `ran`, `cached`.
    pub verdict_text: Text,
    /// Milliseconds.
    pub start: u64,
    /// Milliseconds.
    pub duration: u64,
    /// In words: `22 s`.
    pub duration_text: Text,
    /// A model made up what it did, in part at least.
    pub modelled: bool,
    /// What it did is not known.
    pub unknown: bool,
}

/// A place of the scrubber.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tick {
    /// Milliseconds of simulated time.
    pub time: u64,
    /// The builder whose step begins here.
    pub builder: Builder,
    /// That step.
    pub step: StepId,
    /// Where each builder then is (its latest started step).
    pub current: PerBuilder<Option<StepId>>,
    /// `go build`.
    pub label: Text,
    /// Of the step's stage.
    pub color: Color,
}
