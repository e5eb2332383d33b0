//! Why each step hit or missed the cache.

use super::steps::Verdict;
use crate::color::Color;
use crate::text::{Phrase, Text};
use serde::{Deserialize, Serialize};
use stagecraft_core::simulation::StepId;

/// One builder's verdicts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CacheView {
    /// `4 of 8 steps come from the cache; the first that does not is line 10.`
    pub sentence: Phrase,
    /// Steps in order.
    pub rows: Vec<CacheRow>,
}

/// One step's verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CacheRow {
    /// Which.
    pub step: StepId,
    /// Line of the instruction from 1; 0 where there is none.
    pub line: u32,
    /// The instruction.
    pub title: Text,
    /// Of the stage.
    pub color: Color,
    /// What happened.
    pub verdict: Verdict,
    /// In a word.
    pub verdict_text: Text,
    /// Why.
    pub reason: Phrase,
    /// What the cache saved, or the step cost: `22 s`.
    pub cost: Text,
}
