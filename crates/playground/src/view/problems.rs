//! Problems of the Dockerfile and of the ignore file, with their places as editors count.

use super::PerBuilder;
use crate::place::{Place, Range};
use crate::text::Text;
use serde::{Deserialize, Serialize};

/// All problems, the worst first, then in order of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ProblemsView {
    /// In order.
    pub problems: Vec<Problem>,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Level {
    /// A builder refuses the file, or the build fails.
    Error,
    /// The builder goes on.
    Warning,
    /// Worth knowing.
    Info,
}

/// A problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The file that it is in: a path of the project.
    pub file: Text,
    /// How bad it is.
    pub level: Level,
    /// Stable code, or the name of BuildKit's check.
    pub code: Text,
    /// As the builder words it.
    pub message: Text,
    /// Why, or the way out, in our words; may be empty.
    pub help: Text,
    /// Where it begins.
    pub place: Place,
    /// Where it stands.
    pub range: Range,
    /// Which builders say so.
    pub builders: PerBuilder<bool>,
    /// `BuildKit`, `Legacy` where only one says so; else empty.
    pub only: Text,
    /// A mechanical mend, where there is one.
    pub fix: Option<Fix>,
}

/// Edits that remove a problem and change nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// What the button says.
    pub label: Text,
    /// Disjoint, in order, all in the text as it was.
    pub edits: Vec<Edit>,
}

/// A replacement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// What is replaced.
    pub range: Range,
    /// By what.
    pub insert: Text,
}
