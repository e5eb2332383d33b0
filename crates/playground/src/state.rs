//! What is looked at: the state of the view beside the project. The theme is not part of it.

use crate::view::Look;
use serde::{Deserialize, Serialize};
use stagecraft_core::simulation::{Builder, StepId};

/// The panes below the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pane {
    /// The file system after the current step.
    #[default]
    Files,
    /// Layers and waste.
    Layers,
    /// What `docker build` prints.
    Log,
    /// Config, history, the effective command.
    Image,
    /// Why each step hit or missed.
    Cache,
    /// Problems.
    Problems,
}

impl Pane {
    /// All of them, in the order of the tabs.
    pub const ALL: [Self; 6] =
        [Self::Files, Self::Layers, Self::Log, Self::Image, Self::Cache, Self::Problems];
}

/// What is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ViewState {
    /// Which builders.
    pub look: Look,
    /// The current step.
    pub step: Option<(Builder, StepId)>,
    /// The open pane.
    pub pane: Pane,
    /// The file that is open in the editor, where it is not the Dockerfile.
    pub file: Option<String>,
    /// Whether the cache is as a build of this very project left it, not empty.
    pub warm: bool,
    /// What whoever passes the work on says of it: what to look at. Empty if nothing.
    pub note: String,
}
