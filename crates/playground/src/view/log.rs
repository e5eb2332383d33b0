//! What `docker build` prints.

use super::scene::color;
use crate::color::Color;
use crate::text::Text;
use serde::{Deserialize, Serialize};
use stagecraft_core::simulation::{Build, LogLine, StepId};

/// One builder's log.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LogView {
    /// In order.
    pub lines: Vec<LogRow>,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogRow {
    /// Without line feed.
    pub text: Text,
    /// The step that it belongs to.
    pub step: Option<StepId>,
    /// Of the step's stage.
    pub color: Color,
    /// A model made it up.
    pub modelled: bool,
}

/// Makes the slice.
pub(crate) fn build(build: &Build) -> LogView {
    let row = |line: &LogLine| LogRow {
        text: line.text.as_str().into(),
        step: line.step,
        color: line.step.and_then(|id| build.steps.get(id.0 as usize)).map_or(Color::NEUTRAL, color),
        modelled: line.modelled,
    };
    LogView { lines: build.log.iter().map(row).collect() }
}
