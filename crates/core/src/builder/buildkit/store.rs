//! The solver's cache: which results exist, by which keys they are found, and what cache mounts hold.

use super::received::Modes;
use super::snapshot::Snapshot;
use crate::builder::hexadecimal::hex;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A cache key, in hexadecimal.
pub(super) type Key = String;

/// What BuildKit remembers from build to build.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Store {
    /// From (key of an input, selector, operation, position of the input) to results.
    pub(super) links: BTreeMap<Key, BTreeSet<Key>>,
    /// What a result depended on without its key saying so.
    pub(super) inputs: BTreeMap<Key, Unkeyed>,
    /// Cache mounts by id.
    pub(super) mounts: BTreeMap<String, Snapshot>,
    /// What the last build of each Dockerfile was like: to tell why a step missed.
    pub(super) last: Vec<Remembered>,
    /// The directories of the contexts that were received, by the context's name.
    pub(super) contexts: Vec<(String, Modes)>,
    /// Base images that are there already, by reference.
    pub(super) images: BTreeSet<String>,
}

impl Store {
    /// Whether no build left a result.
    pub(super) fn is_cold(&self) -> bool {
        self.links.is_empty() && self.last.is_empty()
    }
}

/// What a run saw besides what its cache key covers: a later hit has the result that these gave.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Unkeyed {
    /// Content of cache mounts before it ran.
    pub mounts: BTreeMap<String, Snapshot>,
    /// Modes of directories that content digests took for others, by the input's position.
    pub modes: Vec<(usize, Modes)>,
    /// Secrets by id.
    pub secrets: BTreeMap<String, Vec<u8>>,
}

/// A step of an earlier build.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Remembered {
    /// Stage name or number and number of the instruction in it.
    pub place: (String, usize),
    /// The instruction, expanded, without the count in brackets.
    pub text: String,
    /// The operation's own digest, inputs left out.
    pub operation: Key,
    /// Environment.
    pub env: Vec<(String, String)>,
    /// Copied files by path, as far as they were remembered.
    pub files: Vec<(String, Key)>,
}

/// Where results are looked up: the key of a dependency.
pub(super) fn link(input: &str, selector: &str, operation: &str, position: usize) -> Key {
    hash(&[b"link", input.as_bytes(), selector.as_bytes(), operation.as_bytes(), &position.to_le_bytes()])
}

/// SHA-256 over parts with their lengths, in hexadecimal.
pub(super) fn hash(parts: &[&[u8]]) -> Key {
    use sha2::Digest as _;
    let mut hash = sha2::Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hex(&hash.finalize())
}
