//! One color per stage, the same in the editor's margin, the graph, the timeline and the files.

use serde::{Deserialize, Serialize};
use stagecraft_core::simulation::StageId;

/// An index into the page's palette: 0 is the neutral color of what no stage made (the build context, base
/// images), 1 to [`Color::STAGES`] are stages, in turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Color(pub u8);

impl Color {
    /// What no stage made.
    pub const NEUTRAL: Self = Self(0);
    /// How many stage colors there are before they repeat.
    pub const STAGES: u32 = 8;

    /// A stage's color.
    pub const fn of(stage: StageId) -> Self {
        Self((stage.0 % Self::STAGES) as u8 + 1)
    }

    /// The color of a step of that stage, neutral without one.
    pub fn of_step(stage: Option<StageId>) -> Self {
        stage.map_or(Self::NEUTRAL, Self::of)
    }
}
