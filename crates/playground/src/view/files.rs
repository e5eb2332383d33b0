//! The file system after a step: a window of the tree's visible rows.

use crate::color::Color;
use crate::text::Text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Which rows are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FilesQuery {
    /// Directories that the person opened (absolute paths). Directories with changes in them are open unless
    /// they are in `closed`.
    pub open: BTreeSet<String>,
    /// Directories that the person closed.
    pub closed: BTreeSet<String>,
    /// Only what the step added, changed or deleted, and the directories above.
    pub only_changes: bool,
    /// First row of the window.
    pub first: u32,
    /// How many rows, at most 300.
    pub count: u32,
}

/// A window of rows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FilesView {
    /// `after step 6, stage build`.
    pub heading: Text,
    /// What the step did, in words: `+ 1 file · 8.4 MB`.
    pub change: Text,
    /// How many rows there are in all.
    pub total: u32,
    /// Index of the first row here.
    pub first: u32,
    /// The rows.
    pub rows: Vec<FileRow>,
    /// A command without a model took part: what stands here may be missing something.
    pub unknown: bool,
}

/// What the step did to an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Mark {
    /// Nothing.
    #[default]
    None,
    /// `+`
    Added,
    /// `~`
    Changed,
    /// `-`: it is gone after the step.
    Deleted,
    /// Something below it changed.
    Below,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RowKind {
    /// A directory, open or not.
    Directory {
        /// Whether its entries are shown.
        open: bool,
    },
    /// A file.
    File,
    /// A symbolic link.
    Symlink,
    /// Stands for what a base image has here and no one listed.
    Unlisted,
}

/// A visible row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRow {
    /// Absolute path.
    pub path: Text,
    /// What to show: the last part, a link with its target.
    pub name: Text,
    /// 0 for `/`.
    pub depth: u32,
    /// What it is.
    pub kind: RowKind,
    /// What the step did to it.
    pub mark: Mark,
    /// Bytes, of a directory those below.
    pub size: u64,
    /// In words; `?` where unknown.
    pub size_text: Text,
    /// Of the stage that wrote it.
    pub color: Color,
    /// `build · line 11`, `modelled: go build`, `context · line 10`, `golang:1.22-alpine`.
    pub origin: Text,
    /// Line of the instruction that wrote it, from 1; 0 where there is none.
    pub line: u32,
    /// `-rwxr-xr-x 0:0`.
    pub mode: Text,
}
