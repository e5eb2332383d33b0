//! Why did this run?

use crate::text::{Phrase, Text};
use serde::{Deserialize, Serialize};

/// What the panel beside the files says about the current step.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WhyView {
    /// `Why did this run?`, `Why is this cached?`
    pub title: Text,
    /// One paragraph each.
    pub paragraphs: Vec<Phrase>,
    /// What the step printed, line by line; whether a model made it up.
    pub output: Vec<(Text, bool)>,
}
