//! Where a file came from.

use std::sync::Arc;

/// Where a file came from: who wrote it, and what it was copied from, back to its beginning. `writer` is a
/// number that the caller hands out (the sandbox does not know what a step is).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Who wrote it.
    pub writer: u32,
    /// The path it had there and its own origin, if it was copied.
    pub from: Option<(Arc<str>, Arc<Origin>)>,
}

impl Origin {
    /// Written by `writer`, copied from nowhere.
    pub fn by(writer: u32) -> Arc<Self> {
        Arc::new(Self { writer, from: None })
    }

    /// A copy made by `writer` of what stood at `path`. Without an origin of its own the trail begins here.
    pub fn copied(writer: u32, path: &str, origin: Option<&Arc<Self>>) -> Arc<Self> {
        Arc::new(Self { writer, from: origin.map(|origin| (Arc::from(path), Arc::clone(origin))) })
    }
}
