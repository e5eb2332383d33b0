//! A case's context on disk.

use crate::Outcome;
use stagecraft_core::project::{ContextFile, FileContent};
use stagecraft_tests::oracle::case::Files;
use std::fs;
use std::path::Path;

/// Writes a context to disk, over nothing.
pub(crate) fn write(files: &Files, folder: &Path) -> Outcome<()> {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder)?;
    for (path, file) in files {
        let path = folder.join(path);
        if let Some(above) = path.parent() {
            fs::create_dir_all(above)?;
        }
        match &file.content {
            FileContent::Directory => fs::create_dir_all(&path)?,
            FileContent::Symlink(target) => link(target, &path)?,
            FileContent::Text(text) => fs::write(&path, text)?,
            FileContent::Bytes(bytes) => fs::write(&path, bytes)?,
            FileContent::Declared(size) => fs::write(&path, vec![0; usize::try_from(*size)?])?,
        }
    }
    // Modes last, so that nothing is locked up before it is written.
    for (path, file) in files.iter().rev() {
        mode(&folder.join(path), file)?;
    }
    Ok(())
}

#[cfg(unix)]
fn link(target: &str, path: &Path) -> Outcome<()> {
    Ok(std::os::unix::fs::symlink(target, path)?)
}

#[cfg(unix)]
fn mode(path: &Path, file: &ContextFile) -> Outcome<()> {
    use std::os::unix::fs::PermissionsExt;
    if !matches!(file.content, FileContent::Symlink(_)) {
        fs::set_permissions(path, fs::Permissions::from_mode(file.mode))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn link(_: &str, _: &Path) -> Outcome<()> {
    Err("recording needs a Unix".into())
}

#[cfg(not(unix))]
fn mode(_: &Path, _: &ContextFile) -> Outcome<()> {
    Ok(())
}
