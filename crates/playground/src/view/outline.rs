//! What the file offers to choose: stages, targets, arguments.

use super::PerBuilder;
use crate::color::Color;
use crate::text::Text;
use serde::{Deserialize, Serialize};
use stagecraft_core::simulation::StageId;

/// Stages, targets and arguments of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OutlineView {
    /// Stages in order of the file.
    pub stages: Vec<StageRow>,
    /// What `--build-arg` can set, in order of the file.
    pub arguments: Vec<Argument>,
    /// Files of the context that look like Dockerfiles, the chosen one among them.
    pub dockerfiles: Vec<Text>,
    /// The ignore file in force (`.dockerignore` or `NAME.dockerignore`), whether or not it exists.
    pub ignore_file: Text,
}

/// A stage of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageRow {
    /// Which.
    pub id: StageId,
    /// What `--target` takes: its name, or its number.
    pub target: Text,
    /// What to show: its name, or `stage 0`.
    pub title: Text,
    /// Its color.
    pub color: Color,
    /// Line of its `FROM`, from 1.
    pub line: u32,
    /// Whether it is the one that is built.
    pub is_target: bool,
    /// What became of it, in a word: `target`, `needed`, `skipped`, `in vain`, `not reached`.
    pub fate: PerBuilder<Text>,
}

/// A build argument that the file declares or the person gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Argument {
    /// Its name.
    pub name: Text,
    /// The default, as written.
    pub default: Option<Text>,
    /// Line of the first declaration from 1; 0 where the file does not declare it.
    pub line: u32,
    /// Declared before the first `FROM`: for `FROM` lines only, unless a stage declares it again.
    pub global: bool,
    /// What the person gives.
    pub value: Option<Text>,
}
