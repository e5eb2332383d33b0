//! What could stand at the caret: instructions, flags and their values, stages, arguments, files.

use crate::place::Range;
use crate::text::Text;
use serde::{Deserialize, Serialize};
use stagecraft_core::project::Project;

/// One proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// What is inserted, and shown.
    pub label: Text,
    /// `instruction`, `flag`, `stage`, `variable`, `file`, `image`: CodeMirror's `type`.
    pub kind: Text,
    /// A few words beside it.
    pub detail: Text,
    /// A sentence or two below.
    pub info: Text,
}

/// Proposals for one place.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Completions {
    /// What they would replace.
    pub range: Range,
    /// The likeliest first.
    pub items: Vec<Completion>,
}

/// What could stand at `offset` of the project's Dockerfile.
pub fn complete(project: &Project, offset: u32) -> Completions {
    let _ = project;
    Completions { range: Range { from: offset, to: offset }, items: Vec::new() }
}
