//! Both builders' lanes to one scale of time.

use super::steps::Verdict;
use crate::color::Color;
use crate::text::Text;
use serde::{Deserialize, Serialize};
use stagecraft_core::simulation::{Builder, StepId};

/// The lanes, and what they are measured by.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TimelineView {
    /// Milliseconds at the right end: the longest build that is looked at, never 0.
    pub scale: u64,
    /// Milliseconds and words of the marks on the axis.
    pub marks: Vec<(u64, Text)>,
    /// From top to bottom.
    pub lanes: Vec<Lane>,
    /// The drawing told as text, a sentence per line.
    pub alternative: Vec<Text>,
}

/// One line of bars.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lane {
    /// Whose.
    pub builder: Builder,
    /// `BuildKit 1`, `Legacy`.
    pub label: Text,
    /// `24 s` on the builder's first lane, else empty.
    pub total: Text,
    /// From left to right.
    pub bars: Vec<Bar>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bar {
    /// Which.
    pub step: StepId,
    /// Milliseconds from the left end.
    pub start: u64,
    /// Milliseconds, as drawn: never 0, and no bar covers its neighbor.
    pub duration: u64,
    /// What stands in it: `go build`, `✓`.
    pub label: Text,
    /// The whole story for the tooltip.
    pub title: Text,
    /// Of its stage.
    pub color: Color,
    /// What happened to it.
    pub verdict: Verdict,
    /// On the critical path.
    pub critical: bool,
}
