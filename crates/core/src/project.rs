//! A project as a value: everything a build depends on, and nothing about how it is looked at.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is to be built. Serialises to the share link, to local storage and to the command line alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Project {
    /// The build context by relative path (`src/main.go`), Dockerfiles and ignore files included, as in life.
    pub files: BTreeMap<String, ContextFile>,
    /// Path of the chosen Dockerfile in `files`, as given to `--file`.
    pub dockerfile: String,
    /// `--target`
    pub target: Option<String>,
    /// `--build-arg`, in order.
    pub build_args: Vec<(String, String)>,
    /// `--platform`; empty means `linux/amd64`.
    pub platform: String,
    /// `--tag`
    pub tags: Vec<String>,
    /// `--no-cache`
    pub no_cache: bool,
    /// `--build-context NAME=…`: directories by name.
    pub contexts: BTreeMap<String, NamedContext>,
    /// `--secret id=…`: content by id.
    pub secrets: BTreeMap<String, Vec<u8>>,
    /// Base images that the person defined, over the catalogue's.
    pub images: Vec<crate::image::ImageDefinition>,
    /// How many steps BuildKit may run at once; 0 means no bound but the graph's own.
    pub workers: u32,
    /// Durations in milliseconds that the person states, by BuildKit caption or instruction text.
    pub durations: BTreeMap<String, u64>,
    /// A real build's log, whose durations and cache hits drive the schedule; see [`crate::import`]. Empty for none.
    pub log: String,
}

/// One entry of a build context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextFile {
    /// What it is.
    pub content: FileContent,
    /// Permission bits.
    pub mode: u32,
}

/// What an entry of a build context is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileContent {
    /// Text.
    Text(String),
    /// Anything else.
    Bytes(Vec<u8>),
    /// Only a size is declared (a big file that nobody wants in a link).
    Declared(u64),
    /// An empty directory (others follow from paths).
    Directory,
    /// A symbolic link and its target.
    Symlink(String),
}

/// What `--build-context NAME=` points to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum NamedContext {
    /// A directory's files.
    Files(BTreeMap<String, ContextFile>),
    /// `docker-image://REFERENCE`
    Image(String),
}
