//! `ADD` of a local archive.

use super::perform::Job;
use stagecraft_sandbox::tree::{File, Tree};

/// What an archive holds.
pub(super) struct Entry;

/// The entries of a file that is an archive, compressed or not; `None` if it is none.
pub(super) fn entries(_file: &File) -> Option<Vec<Entry>> {
    None
}

/// Unpacks at a resolved path; owners are the archive's.
pub(super) fn write(_tree: &mut Tree, _entries: &[Entry], _dest: &str, _job: &Job<'_>) -> Result<(), String> {
    Ok(())
}
