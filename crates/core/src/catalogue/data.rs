//! The catalogue's files as data: `images/NAME.toml` and `images/systems/NAME.toml`.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What there is and where it lies, as the build script packs it: who wants one image unpacks one.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Index {
    /// Distributions by name.
    pub systems: BTreeMap<String, Place>,
    /// Images, sorted by file name.
    pub names: Vec<Name>,
}

/// Where something is packed.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Place {
    /// In the larger of the two packs, which the page loads later.
    pub more: bool,
    /// First byte.
    pub start: u32,
    /// Byte behind the last.
    pub end: u32,
}

/// What an image is found by.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Name {
    /// See [`Entry::reference`].
    pub reference: String,
    /// See [`Entry::tag`].
    pub tag: String,
    /// See [`Entry::also`].
    pub also: Vec<String>,
    /// See [`Entry::system`].
    pub system: String,
    /// See [`Entry::date`].
    pub date: String,
    /// The whole of it.
    pub place: Place,
}

/// What images of one distribution have in common.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct System {
    /// `alpine`, `debian`, …
    pub family: String,
    /// `apk`, `apt`, `dnf`, `none`.
    pub package_manager: String,
    /// Directories that hold more than is listed.
    #[serde(default)]
    pub unlisted: Vec<String>,
    /// The directory that takes the bytes of what is not listed.
    pub bulk: String,
    /// Files that say which release it is.
    #[serde(default)]
    pub release: Vec<String>,
    /// The first day of images that are of that release; for older ones those files are among what is not listed.
    #[serde(default)]
    pub since: String,
    /// Directory → octal mode.
    #[serde(default)]
    pub dirs: BTreeMap<String, String>,
    /// Symbolic link → target.
    #[serde(default)]
    pub links: BTreeMap<String, String>,
    /// File → text.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// File → size, where the text is not known.
    #[serde(default)]
    pub sized: BTreeMap<String, u64>,
    /// Directory → programs: `name:size` or `name>target`, separated by spaces.
    #[serde(default)]
    pub executables: BTreeMap<String, String>,
}

/// One image.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Entry {
    /// Repository in its familiar form.
    pub reference: String,
    /// The tag that the figures were read for.
    pub tag: String,
    /// Other tags of the same image at that date.
    #[serde(default)]
    pub also: Vec<String>,
    /// A file of `systems/`.
    pub system: String,
    /// Directories that hold more than is listed, beyond the system's own.
    #[serde(default)]
    pub unlisted: Vec<String>,
    /// Day of the figures.
    pub date: String,
    /// Where they were read.
    pub source: String,
    /// Bytes, uncompressed.
    pub size: u64,
    /// Whether `size` is an estimate.
    #[serde(default)]
    pub estimated: bool,
    /// `name:uid:gid:home:shell` beyond the system's own.
    #[serde(default)]
    pub users: Vec<String>,
    /// What made each layer, and its compressed size in bytes.
    #[serde(default)]
    pub layers: Vec<(String, u64)>,
    /// Config.
    #[serde(default)]
    pub config: Config,
    /// Directory → octal mode.
    #[serde(default)]
    pub dirs: BTreeMap<String, String>,
    /// Directory → bytes of what is not listed in it.
    #[serde(default)]
    pub bulk: BTreeMap<String, u64>,
    /// File → text.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// File → size, where the text is not known.
    #[serde(default)]
    pub sized: BTreeMap<String, u64>,
    /// As [`System::executables`].
    #[serde(default)]
    pub executables: BTreeMap<String, String>,
}

/// The part of an image's config that base images set.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are Docker's own")]
pub struct Config {
    pub env: Vec<String>,
    pub cmd: Option<Vec<String>>,
    pub entrypoint: Option<Vec<String>>,
    pub working_dir: String,
    pub user: String,
    pub exposed_ports: Vec<String>,
    pub volumes: Vec<String>,
    pub stop_signal: String,
    pub on_build: Vec<String>,
}
