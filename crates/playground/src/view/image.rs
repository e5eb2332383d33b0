//! The resulting image.

use crate::text::{Phrase, Text};
use serde::{Deserialize, Serialize};

/// One builder's image; all empty if the build failed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImageView {
    /// Whether there is one.
    pub exists: bool,
    /// Why there is none; empty if there is one.
    pub error: Text,
    /// `sha256:…`
    pub id: Text,
    /// In words.
    pub size_text: Text,
    /// What runs when the image does, as a `docker run` command line that says it all.
    pub run: Text,
    /// The same in a sentence: user, directory, command.
    pub effect: Phrase,
    /// The config, key by key, as `docker inspect` names them.
    pub config: Vec<ConfigRow>,
    /// The base's reference and the history above it.
    pub history: Vec<HistoryRow>,
    /// What an attacker would like: a shell, a package manager, root.
    pub surface: Vec<Phrase>,
}

/// A value of the config.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigRow {
    /// `Env`, `Cmd`.
    pub key: Text,
    /// As JSON would show a string or an array; one row per value of a list.
    pub value: Text,
    /// Inherited from the base image unchanged.
    pub inherited: bool,
}

/// A line of `docker history`, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRow {
    /// As the builder writes it.
    pub created_by: Text,
    /// In words; empty where it left no layer.
    pub size_text: Text,
}
