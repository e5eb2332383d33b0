//! What `docker build` prints.

use crate::color::Color;
use crate::text::Text;
use serde::{Deserialize, Serialize};
use stagecraft_core::simulation::StepId;

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
