//! Layers with sizes, and bytes that later layers hide or repeat.

use crate::color::Color;
use crate::text::{Phrase, Text};
use serde::{Deserialize, Serialize};
use stagecraft_core::simulation::StepId;

/// The layers of one builder's image.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LayersView {
    /// From the bottom up; the base image first, where there is one.
    pub rows: Vec<LayerRow>,
    /// Bytes of all of them.
    pub total: u64,
    /// `16.4 MB in 3 layers, 0.3 MB of it wasted`; why there is none if the build failed.
    pub sentence: Phrase,
    /// What later layers hide or repeat, the biggest first, at most 50.
    pub wasted: Vec<Wasted>,
    /// Bytes of all that is wasted.
    pub wasted_total: u64,
}

/// One layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerRow {
    /// Index to ask for its entries; `None` for the base image's.
    pub index: Option<u32>,
    /// The step that made it.
    pub step: Option<StepId>,
    /// Line of the instruction from 1; 0 where there is none.
    pub line: u32,
    /// The instruction, or the base's reference.
    pub title: Text,
    /// As in the history.
    pub created_by: Text,
    /// Of the stage.
    pub color: Color,
    /// Bytes.
    pub size: u64,
    /// In words.
    pub size_text: Text,
    /// Share of the whole image, in thousandths.
    pub share: u32,
    /// Bytes of it that later layers hide or repeat.
    pub wasted: u64,
    /// How many entries it has.
    pub n_entries: u32,
}

/// A file that weighs without being seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wasted {
    /// Absolute.
    pub path: Text,
    /// Bytes.
    pub size: u64,
    /// In words.
    pub size_text: Text,
    /// Index of the row that holds it.
    pub row: u32,
    /// `deleted by line 8`, `written again by line 9`.
    pub reason: Phrase,
}
