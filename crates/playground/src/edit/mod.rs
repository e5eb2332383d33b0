//! What the editor asks of a text: colors, completions, explanations. Offsets are UTF-16 units.

mod complete;
mod highlight;
mod hover;
mod language;
mod scope;
#[cfg(test)]
mod tests;

pub use complete::{Completion, Completions, complete};
pub use highlight::{Token, TokenKind, highlight};
pub use hover::{Hover, hover};
pub use language::Language;

use stagecraft_core::project::{FileContent, Project};
use std::borrow::Cow;

/// The text of the project's Dockerfile.
fn dockerfile(project: &Project) -> Cow<'_, str> {
    match project.files.get(&project.dockerfile).map(|file| &file.content) {
        Some(FileContent::Text(text)) => Cow::Borrowed(text),
        Some(FileContent::Bytes(bytes)) => String::from_utf8_lossy(bytes),
        _ => Cow::Borrowed(""),
    }
}
