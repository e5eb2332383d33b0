//! The share link: a project and what is looked at, as text for the fragment of an address.
//!
//! The first character is the version. Version `1` is base64url (no padding) of raw deflate of the binary form
//! in [`crate::wire`] and [`StateV1`]. Version `2` is version `1` and, behind its end, a build log's text; only projects
//! that have a log are written so. Version `3` has a note between them, and is written where there is one. A version is
//! never changed once links of it may exist; what it cannot hold gets a new one.

mod base64;
#[cfg(test)]
mod tests;

use crate::state::{Pane, ViewState};
use crate::view::Look;
use crate::wire::V1;
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_with_limit};
use serde::{Deserialize, Serialize};
use stagecraft_core::project::Project;
use stagecraft_core::simulation::{Builder, StepId};
use std::fmt;

/// The most bytes that a link may inflate to.
pub const MOST_BYTES: usize = 64 << 20;
const LEVEL: u8 = 9;

/// Why a link cannot be made or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShareError {
    /// There is nothing in it.
    Empty,
    /// It comes from a newer version of the page.
    Newer(char),
    /// Characters that are in no link: it was cut, or something was added.
    Characters,
    /// It cannot be inflated or read: it was cut, or changed on its way.
    Damaged,
    /// It would inflate to more than [`MOST_BYTES`].
    TooBig,
    /// The project cannot be written.
    Unwritable,
}

impl fmt::Display for ShareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("The link holds no project."),
            Self::Newer(tag) => {
                write!(
                    f,
                    "The link was made by a newer version of this page (its form is “{tag}”); reload the page."
                )
            }
            Self::Characters => {
                f.write_str("The link holds characters that no link has; it was changed on its way.")
            }
            Self::Damaged => f.write_str("The link is damaged; it may have been cut."),
            Self::TooBig => write!(f, "The link inflates to more than {} MB.", MOST_BYTES >> 20),
            Self::Unwritable => f.write_str("This project does not fit into a link."),
        }
    }
}

impl std::error::Error for ShareError {}

/// What is looked at, version 1. Numbers instead of enums, so that an unknown one is a default and not an
/// error.
#[derive(Serialize, Deserialize)]
struct StateV1 {
    look: u8,
    step: Option<(u8, u32)>,
    pane: u8,
    file: Option<String>,
    warm: bool,
}

const LOOKS: [Look; 3] = [Look::SideBySide, Look::BuildKit, Look::Legacy];
const BUILDERS: [Builder; 2] = [Builder::BuildKit, Builder::Legacy];
/// Frozen like all of version 1: new panes go to the end.
const PANES: [Pane; 6] = [Pane::Files, Pane::Layers, Pane::Log, Pane::Image, Pane::Cache, Pane::Problems];

/// The number of a value in a frozen list.
fn number<T: PartialEq>(list: &[T], value: &T) -> u8 {
    list.iter().position(|v| v == value).unwrap_or(0) as u8
}

/// The value of a number, or the first.
fn value<T: Copy + Default>(list: &[T], number: u8) -> T {
    list.get(usize::from(number)).copied().unwrap_or_default()
}

impl StateV1 {
    fn of(state: &ViewState) -> Self {
        Self {
            look: number(&LOOKS, &state.look),
            step: state.step.map(|(builder, step)| (number(&BUILDERS, &builder), step.0)),
            pane: number(&PANES, &state.pane),
            file: state.file.clone(),
            warm: state.warm,
        }
    }

    fn state(self) -> ViewState {
        let step = |(builder, step): (u8, u32)| Some((*BUILDERS.get(usize::from(builder))?, StepId(step)));
        ViewState {
            look: value(&LOOKS, self.look),
            step: self.step.and_then(step),
            pane: value(&PANES, self.pane),
            file: self.file,
            warm: self.warm,
            note: String::new(),
        }
    }
}

/// What stands behind version 1 in a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Behind {
    Nothing,
    Log,
    NoteAndLog,
}

/// The link's text for a project and what is looked at.
pub fn encode(project: &Project, state: &ViewState) -> Result<String, ShareError> {
    let wire = V1::of(project).map_err(|_| ShareError::Unwritable)?;
    let mut plain = postcard::to_allocvec(&(wire, StateV1::of(state))).map_err(|_| ShareError::Unwritable)?;
    let version = match (state.note.is_empty(), project.log.is_empty()) {
        (true, true) => "1",
        (true, false) => "2",
        (false, _) => {
            let note = postcard::to_allocvec(&state.note).map_err(|_| ShareError::Unwritable)?;
            plain.extend_from_slice(&note);
            "3"
        }
    };
    plain.extend_from_slice(project.log.as_bytes());
    let mut text = String::from(version);
    base64::encode(&compress_to_vec(&plain, LEVEL), &mut text);
    Ok(text)
}

/// The project and what was looked at, of a link's text of any version.
pub fn decode(text: &str) -> Result<(Project, ViewState), ShareError> {
    let text = text.trim();
    let mut chars = text.chars();
    match chars.next() {
        None => Err(ShareError::Empty),
        Some('1') => decode_v1(chars.as_str(), Behind::Nothing),
        Some('2') => decode_v1(chars.as_str(), Behind::Log),
        Some('3') => decode_v1(chars.as_str(), Behind::NoteAndLog),
        Some(tag) if tag.is_ascii_alphanumeric() => Err(ShareError::Newer(tag)),
        Some(_) => Err(ShareError::Characters),
    }
}

fn decode_v1(text: &str, behind: Behind) -> Result<(Project, ViewState), ShareError> {
    let packed = base64::decode(text).ok_or(ShareError::Characters)?;
    let plain = decompress_to_vec_with_limit(&packed, MOST_BYTES).map_err(|e| match e.status {
        TINFLStatus::HasMoreOutput => ShareError::TooBig,
        _ => ShareError::Damaged,
    })?;
    let ((wire, state), rest) =
        postcard::take_from_bytes::<(V1, StateV1)>(&plain).map_err(|_| ShareError::Damaged)?;
    let (note, rest) = match behind {
        Behind::Nothing if rest.is_empty() => (String::new(), rest),
        Behind::Log if !rest.is_empty() => (String::new(), rest),
        Behind::NoteAndLog => postcard::take_from_bytes(rest).map_err(|_| ShareError::Damaged)?,
        _ => return Err(ShareError::Damaged),
    };
    let log = std::str::from_utf8(rest).map_err(|_| ShareError::Damaged)?.to_owned();
    let project = wire.project().map_err(|_| ShareError::Damaged)?;
    Ok((Project { log, ..project }, ViewState { note, ..state.state() }))
}
