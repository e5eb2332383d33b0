//! Images: config, history, and base images of the catalogue.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An image's config as `docker inspect` shows it; maps keep the order of keys.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ImageConfig {
    /// `NAME=value` in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<String>,
    /// `None` is not the same as empty: `CMD []` is set. Written out, both are left out, as Docker does.
    #[serde(skip_serializing_if = "is_none_or_empty")]
    pub cmd: Option<Vec<String>>,
    /// As `cmd`.
    #[serde(skip_serializing_if = "is_none_or_empty")]
    pub entrypoint: Option<Vec<String>>,
    /// Absolute path.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub working_dir: String,
    /// `user[:group]`
    #[serde(skip_serializing_if = "String::is_empty")]
    pub user: String,
    /// `80/tcp` → `{}`
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub exposed_ports: BTreeMap<String, Empty>,
    /// `/data` → `{}`
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub volumes: BTreeMap<String, Empty>,
    /// Labels.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// `HEALTHCHECK`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub healthcheck: Option<Healthcheck>,
    /// `STOPSIGNAL`
    #[serde(skip_serializing_if = "String::is_empty")]
    pub stop_signal: String,
    /// `SHELL`
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shell: Vec<String>,
    /// Triggers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub on_build: Vec<String>,
    /// Set when CMD is in shell form (BuildKit).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub args_escaped: bool,
}

/// `{}`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Empty {}

/// `Healthcheck` of the config; durations in nanoseconds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[allow(missing_docs, reason = "the keys are Docker's own")]
pub struct Healthcheck {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub test: Vec<String>,
    #[serde(skip_serializing_if = "is_zero")]
    pub interval: i64,
    #[serde(skip_serializing_if = "is_zero")]
    pub timeout: i64,
    #[serde(skip_serializing_if = "is_zero")]
    pub start_period: i64,
    #[serde(skip_serializing_if = "is_zero")]
    pub start_interval: i64,
    #[serde(skip_serializing_if = "is_zero")]
    pub retries: i64,
}

#[allow(clippy::ref_option, reason = "serde's signature")]
fn is_none_or_empty(words: &Option<Vec<String>>) -> bool {
    words.as_ref().is_none_or(Vec::is_empty)
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(n: &i64) -> bool {
    *n == 0
}

/// One line of `docker history`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct History {
    /// As the builder writes it.
    pub created_by: String,
    /// The step left no layer.
    pub empty_layer: bool,
}

/// A base image that a person or `--images FILE` defines.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ImageDefinition {
    /// `alpine:3.19`
    pub reference: String,
    /// `linux/amd64`
    pub platform: String,
    /// Config.
    pub config: ImageConfig,
    /// Files, in any order; directories above them are implied.
    pub files: Vec<ImageFile>,
}

/// A file of an [`ImageDefinition`] and of the command line's JSON.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ImageFile {
    /// Absolute.
    pub path: String,
    /// `file`, `dir`, `symlink` or `hardlink`.
    pub kind: String,
    /// Octal.
    pub mode: String,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Bytes.
    pub size: u64,
    /// Of a link.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub target: String,
    /// Text, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}
