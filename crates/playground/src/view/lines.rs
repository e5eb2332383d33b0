//! What stands at the end of each line of the Dockerfile, the stages' colors in its margin, and which step a
//! line is.

use super::PerBuilder;
use crate::color::Color;
use crate::text::Text;
use serde::{Deserialize, Serialize};
use stagecraft_core::simulation::StepId;

/// All that the editor shows beside the text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LinesView {
    /// In order of the file.
    pub stages: Vec<LineStage>,
    /// In order of the file, at most one per line.
    pub notes: Vec<LineNote>,
    /// In order of the file.
    pub steps: Vec<LineStep>,
}

/// Lines of one stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineStage {
    /// From 1.
    pub first: u32,
    /// The last line of its last instruction.
    pub last: u32,
    /// In the margin.
    pub color: Color,
    /// Skipped by every builder that is looked at.
    pub dim: bool,
}

/// How loud a note is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Tone {
    /// By the way.
    Faint,
    /// Cached.
    Good,
    /// Something changed.
    Notable,
    /// It failed.
    Bad,
}

/// What stands at the end of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineNote {
    /// From 1: the last line of the instruction.
    pub line: u32,
    /// `golang:1.22-alpine · 231 MB`, `cached`, `main.go changed`.
    pub text: Text,
    /// More, for the tooltip; may be empty.
    pub title: Text,
    /// How loud.
    pub tone: Tone,
}

/// Which step the lines of an instruction are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineStep {
    /// From 1.
    pub first: u32,
    /// From 1.
    pub last: u32,
    /// The builders' steps, where they have one.
    pub steps: PerBuilder<Option<StepId>>,
}
