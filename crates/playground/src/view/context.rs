//! The build context after the ignore file.

use super::ignore::Ignore;
use super::scene::Scene;
use crate::text::{Phrase, Text};
use crate::words;
use serde::{Deserialize, Serialize};
use stagecraft_core::project::{ContextFile, FileContent};

/// The files that may be sent, and those that are left out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ContextView {
    /// `Build context, after .dockerignore (2 of 9 left out)`.
    pub sentence: Phrase,
    /// The files of the project, sorted by path; at most 5,000 of them.
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
    /// A file that can be executed.
    pub executable: bool,
}

/// Files beyond it are counted, not listed.
const MOST_ROWS: usize = 5000;

/// Makes the slice.
pub(crate) fn build(scene: Scene<'_>, rules: &Ignore<'_>) -> ContextView {
    let all = scene.project.files.iter().map(|(path, file)| row(scene, rules, path, file));
    let mut view = ContextView::default();
    let mut n_all = 0;
    for row in all {
        n_all += 1;
        if !row.ignored {
            view.n_sent += 1;
            view.bytes_sent += row.size;
        }
        if view.rows.len() < MOST_ROWS {
            view.rows.push(row);
        }
    }
    let left_out = n_all - view.n_sent;
    let mut sentence = Phrase::new().plain("Build context");
    if scene.project.files.contains_key(&rules.path) {
        sentence = sentence.plain(", after ").code(&rules.path);
        if left_out > 0 {
            sentence = sentence.plain(&format!(" ({left_out} of {n_all} left out)"));
        }
    }
    ContextView { sentence, ..view }
}

fn row(scene: Scene<'_>, rules: &Ignore<'_>, path: &str, file: &ContextFile) -> ContextRow {
    let size = match &file.content {
        FileContent::Text(text) => text.len() as u64,
        FileContent::Bytes(bytes) => bytes.len() as u64,
        FileContent::Declared(size) => *size,
        FileContent::Directory | FileContent::Symlink(_) => 0,
    };
    let mut note = match &file.content {
        FileContent::Declared(size) => format!("declared {}", words::bytes(*size)),
        FileContent::Directory => "directory".to_owned(),
        FileContent::Symlink(target) => format!("→ {target}"),
        FileContent::Text(_) | FileContent::Bytes(_) => words::bytes(size),
    };
    let edited = scene.baseline.is_some_and(|before| before.files.get(path) != Some(file));
    let (ignored, rule) = rules.decide(path);
    let is_file = !matches!(file.content, FileContent::Directory | FileContent::Symlink(_));
    let executable = is_file && file.mode & 0o111 != 0;
    if executable {
        note = format!("executable · {note}");
    }
    if ignored {
        note = format!("ignored · {note}");
    } else if edited {
        note = format!("edited · {note}");
    }
    ContextRow { path: path.into(), size, note: note.into(), ignored, rule, edited, executable }
}
