//! The sentence with totals.

use crate::text::{Phrase, Text};
use serde::{Deserialize, Serialize};
use stagecraft_core::simulation::Builder;

/// The sentence above the timeline and the figures behind it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SummaryView {
    /// `BuildKit 24 s, legacy 71 s: 1 stage skipped, 4 cached, 2 at once`.
    pub sentence: Phrase,
    /// The same for the live region, with the number of problems.
    pub announce: Text,
    /// Figures, of the builders that are looked at.
    pub builders: Vec<BuilderSummary>,
}

/// One builder's totals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuilderSummary {
    /// Whose.
    pub builder: Builder,
    /// `BuildKit`, `Legacy`.
    pub name: Text,
    /// The builder's message, if the build failed.
    pub error: Option<Text>,
    /// Milliseconds of simulated time.
    pub duration: u64,
    /// Bytes of the image, if there is one.
    pub image_size: Option<u64>,
    /// In words: `16.4 MB`.
    pub image_size_text: Text,
    /// Stages that it did not run.
    pub stages_skipped: u32,
    /// Stages that it ran for nothing.
    pub stages_in_vain: u32,
    /// Steps that it took from the cache.
    pub steps_cached: u32,
    /// Steps that it executed.
    pub steps_ran: u32,
    /// The most steps at work at one time.
    pub at_once: u32,
    /// Milliseconds that running steps at the same time saved.
    pub saved_by_parallelism: u64,
    /// Milliseconds spent on what nothing needs.
    pub wasted: u64,
}
