//! What the word under the pointer means.

use crate::place::Range;
use crate::text::Phrase;
use serde::{Deserialize, Serialize};
use stagecraft_core::project::Project;

/// An explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hover {
    /// The word that is explained.
    pub range: Range,
    /// One paragraph each.
    pub paragraphs: Vec<Phrase>,
}

/// What stands at `offset` of the project's Dockerfile.
pub fn hover(project: &Project, offset: u32) -> Option<Hover> {
    let _ = (project, offset);
    None
}
