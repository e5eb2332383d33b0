//! What something was made from, as one number, so that work whose inputs did not change is not done again.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use crate::failure::Failure;
use crate::process::cannot_write;

/// A hash of the names and contents of all files below `paths` (relative to `root`), in order of name.
///
/// What is named in `skip` is left out, at any depth; what does not exist counts as such.
pub(crate) fn of(root: &Path, paths: &[&str], skip: &[&str]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for path in paths {
        add(&root.join(path), skip, &mut hasher);
    }
    hasher.finish()
}

/// Whether `note` says that what it stands for was made from `fingerprint`.
pub(crate) fn matches(note: &Path, fingerprint: u64) -> bool {
    fs::read_to_string(note).is_ok_and(|text| text.trim() == format!("{fingerprint:016x}"))
}

/// Notes in the file `note` what something was made from.
pub(crate) fn write(note: &Path, fingerprint: u64) -> Result<(), Failure> {
    if let Some(folder) = note.parent() {
        fs::create_dir_all(folder).map_err(|error| cannot_write(folder, &error))?;
    }
    fs::write(note, format!("{fingerprint:016x}\n")).map_err(|error| cannot_write(note, &error))
}

fn add(path: &Path, skip: &[&str], hasher: &mut DefaultHasher) {
    path.file_name().hash(hasher);
    if let Ok(bytes) = fs::read(path) {
        bytes.hash(hasher);
    } else if let Ok(entries) = fs::read_dir(path) {
        let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
        names.sort();
        for name in names {
            let text = name.to_string_lossy();
            if !skip.contains(&text.as_ref()) {
                add(&path.join(&name), skip, hasher);
            }
        }
    }
    u8::MAX.hash(hasher);
}
