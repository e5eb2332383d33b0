//! The build context after the ignore file.

use crate::text::{Phrase, Text};
use serde::{Deserialize, Serialize};

/// The files that may be sent, and those that are left out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ContextView {
    /// `Build context, after .dockerignore (2 of 9 left out)`.
    pub sentence: Phrase,
    /// All files of the project, sorted by path.
    pub rows: Vec<ContextRow>,
    /// How many files are sent.
    pub n_sent: u32,
    /// Bytes that are sent.
    pub bytes_sent: u64,
}

/// A file of the project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextRow {
    /// Relative path.
    pub path: Text,
    /// Bytes.
    pub size: u64,
    /// In words: `1.9 kB`, `declared 18 MB`, `→ target`.
    pub note: Text,
    /// Left out by the ignore file.
    pub ignored: bool,
    /// Line of the ignore file that decided, from 1; 0 where none did.
    pub rule: u32,
    /// Different from what the cache was filled with.
    pub edited: bool,
    /// Not text: it cannot be edited here.
    pub binary: bool,
}
