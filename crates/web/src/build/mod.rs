//! The build's half: graph, timeline, transport.

pub mod graph;
pub mod scrubber;
pub mod timeline;
pub mod transport;

use stagecraft_core::simulation::{Builder, StepId};
use stagecraft_playground::view::{PerBuilder, Verdict};

/// Where both builders are: the step that is current, and where the other builder then is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Now {
    /// The current step.
    pub at: Option<(Builder, StepId)>,
    /// BuildKit's and the legacy builder's step at that time.
    pub buildkit: Option<StepId>,
    /// As `buildkit`.
    pub legacy: Option<StepId>,
}

impl Now {
    /// Whether a builder's step is the current one.
    pub fn is(&self, builder: Builder, step: StepId) -> bool {
        self.at == Some((builder, step))
    }

    /// Whether any of an instruction's steps is the current one.
    pub fn is_any(&self, steps: &PerBuilder<Option<StepId>>) -> bool {
        self.at.is_some_and(|(builder, step)| *steps.of(builder) == Some(step))
    }

    /// Whether any of an instruction's steps is where the other builder is.
    pub fn is_beside(&self, steps: &PerBuilder<Option<StepId>>) -> bool {
        let here = |at: Option<StepId>, of: Option<StepId>| at.is_some() && at == of;
        here(self.buildkit, steps.buildkit) || here(self.legacy, steps.legacy)
    }
}

/// The class that draws a verdict.
pub const fn verdict_class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ran => "is-ran",
        Verdict::InVain => "is-vain",
        Verdict::Cached => "is-cached",
        Verdict::Skipped => "is-skipped",
        Verdict::Canceled => "is-canceled",
        Verdict::Failed => "is-failed",
        Verdict::NotReached => "is-unreached",
    }
}
