//! A project as an archive: its files as they are, and `stagecraft.json` with the options beside them.

mod tar;

use crate::project::{clean_path, file};
use serde::{Deserialize, Serialize};
use stagecraft_core::project::{ContextFile, FileContent, NamedContext, Project};
use stagecraft_sandbox::archive::{self, Archive, EntryKind};
use std::collections::BTreeMap;
use std::fmt;

/// Where the options stand in the archive.
pub const OPTIONS_FILE: &str = "stagecraft.json";
/// The most bytes of all files together that an opened archive may hold.
pub const MOST_BYTES: usize = 64 << 20;
/// The most files.
pub const MOST_FILES: usize = 200_000;

/// Why an archive cannot be made or opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArchiveError {
    /// It is no `.tar` or `.tar.gz`.
    NotAnArchive,
    /// It is damaged, or too big when inflated.
    Damaged(String),
    /// It holds no file.
    Empty,
    /// It holds more than the page can.
    TooBig,
    /// The options could not be written.
    Options(String),
}

impl fmt::Display for ArchiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnArchive => f.write_str("This file is no .tar or .tar.gz archive."),
            Self::Damaged(why) => write!(f, "The archive could not be read: {why}."),
            Self::Empty => f.write_str("The archive holds no files."),
            Self::TooBig => {
                write!(f, "The archive holds more than {} MB or {MOST_FILES} files.", MOST_BYTES >> 20)
            }
            Self::Options(why) => write!(f, "The options could not be written: {why}."),
        }
    }
}

impl std::error::Error for ArchiveError {}

/// Everything of a project that is not a file with content.
#[derive(Debug, Clone, Serialize, Deserialize, Default)]
#[serde(default)]
struct Beside {
    /// Options, with what files cannot hold: declared sizes and named contexts.
    project: Project,
}

/// The project as `.tar.gz`.
pub fn pack(project: &Project) -> Result<Vec<u8>, ArchiveError> {
    let mut writer = tar::Writer::new();
    let mut beside = Beside { project: project.clone() };
    beside.project.files.retain(|_, f| matches!(f.content, FileContent::Declared(_)));
    for (path, file) in &project.files {
        match &file.content {
            FileContent::Text(text) => writer.file(path, file.mode, text.as_bytes()),
            FileContent::Bytes(bytes) => writer.file(path, file.mode, bytes),
            FileContent::Directory => writer.directory(path, file.mode),
            FileContent::Symlink(target) => writer.symlink(path, target),
            FileContent::Declared(_) => {}
        }
    }
    let options = serde_json::to_vec_pretty(&beside).map_err(|e| ArchiveError::Options(e.to_string()))?;
    writer.file(OPTIONS_FILE, 0o644, &options);
    Ok(tar::gzip(&writer.finish()))
}

/// A project from an archive, ours or anybody's folder. A single folder at the top is taken for the context's.
pub fn unpack(bytes: &[u8]) -> Result<Project, ArchiveError> {
    let Archive::Entries(entries) = archive::read(bytes).map_err(ArchiveError::Damaged)? else {
        return Err(ArchiveError::NotAnArchive);
    };
    let mut files: BTreeMap<String, ContextFile> = BTreeMap::new();
    let mut total = 0_usize;
    for entry in entries {
        // What leads out of the folder is left out: it cannot be part of a context.
        let Some(path) = clean_path(&entry.name) else { continue };
        let new = match entry.kind {
            EntryKind::File(bytes) => {
                total = total.saturating_add(bytes.len());
                file(bytes.into_owned(), entry.mode & 0o7777)
            }
            EntryKind::Dir => ContextFile { content: FileContent::Directory, mode: entry.mode & 0o7777 },
            EntryKind::Symlink(target) => ContextFile { content: FileContent::Symlink(target), mode: 0o777 },
            EntryKind::Hardlink(target) => match clean_path(&target).and_then(|t| files.get(&t).cloned()) {
                Some(same) => same,
                None => continue,
            },
            _ => continue,
        };
        files.insert(path, new);
        if total > MOST_BYTES || files.len() > MOST_FILES {
            return Err(ArchiveError::TooBig);
        }
    }
    strip_top(&mut files);
    let beside = files.remove(OPTIONS_FILE).and_then(|file| match file.content {
        FileContent::Text(text) => serde_json::from_str::<Beside>(&text).ok(),
        _ => None,
    });
    // A directory with something in it follows from the paths.
    let implied: Vec<String> = files
        .iter()
        .filter(|(path, f)| f.content == FileContent::Directory && f.mode == 0o755 && has_below(&files, path))
        .map(|(path, _)| path.clone())
        .collect();
    for path in implied {
        files.remove(&path);
    }
    if files.is_empty() && beside.is_none() {
        return Err(ArchiveError::Empty);
    }
    let mut project = beside.unwrap_or_default().project;
    files.extend(std::mem::take(&mut project.files));
    project.files = files;
    if !project.files.contains_key(&project.dockerfile) {
        project.dockerfile = dockerfile_of(&project.files);
    }
    project.contexts.retain(|name, c| !name.is_empty() || matches!(c, NamedContext::Image(_)));
    Ok(project)
}

fn has_below(files: &BTreeMap<String, ContextFile>, dir: &str) -> bool {
    let below = format!("{dir}/");
    files.range(below.clone()..).next().is_some_and(|(path, _)| path.starts_with(&below))
}

/// Takes off a folder that holds everything.
fn strip_top(files: &mut BTreeMap<String, ContextFile>) {
    let Some(top) = files.keys().find_map(|path| path.split_once('/').map(|(top, _)| top.to_owned())) else {
        return;
    };
    let below = format!("{top}/");
    let alone = files
        .iter()
        .all(|(path, f)| path.starts_with(&below) || (*path == top && f.content == FileContent::Directory));
    if !alone {
        return;
    }
    let old = std::mem::take(files);
    files.extend(
        old.into_iter().filter_map(|(path, file)| Some((path.strip_prefix(&below)?.to_owned(), file))),
    );
}

/// `Dockerfile` if it is there, else the first file that is called like one.
pub fn dockerfile_of(files: &BTreeMap<String, ContextFile>) -> String {
    let is_one = |path: &&String| {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        name.starts_with("dockerfile") || name.ends_with(".dockerfile") || name == "containerfile"
    };
    if files.contains_key("Dockerfile") {
        return "Dockerfile".to_owned();
    }
    files.keys().find(is_one).cloned().unwrap_or_else(|| "Dockerfile".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::text_file;
    use proptest::prelude::*;

    fn project() -> Project {
        let mut project = crate::project::of_dockerfile("FROM alpine\nCOPY . .\n");
        let long = format!("{}/{}", "deep/".repeat(30).trim_end_matches('/'), "x".repeat(120));
        project.files.insert(long, text_file("far down"));
        project.files.insert("bin/tool".to_owned(), file(vec![0, 159, 146, 150], 0o755));
        project.files.insert(
            "link".to_owned(),
            ContextFile { content: FileContent::Symlink("bin/tool".into()), mode: 0o777 },
        );
        project
            .files
            .insert("empty".to_owned(), ContextFile { content: FileContent::Directory, mode: 0o755 });
        project.files.insert(
            "big.iso".to_owned(),
            ContextFile { content: FileContent::Declared(1 << 30), mode: 0o644 },
        );
        project.target = Some("release".to_owned());
        project
    }

    #[test]
    fn a_project_goes_there_and_back() {
        assert_eq!(unpack(&pack(&project()).unwrap()).unwrap(), project());
    }

    #[test]
    fn a_folder_of_anybody_is_opened() {
        let mut writer = tar::Writer::new();
        writer.directory("shop", 0o755);
        writer.file("shop/Dockerfile.dev", 0o644, b"FROM scratch\n");
        writer.file("shop/../../etc/passwd", 0o644, b"no");
        let project = unpack(&writer.finish()).unwrap();
        assert_eq!(project.dockerfile, "Dockerfile.dev");
        assert_eq!(project.files.len(), 1);
    }

    #[test]
    fn other_files_are_refused() {
        assert_eq!(unpack(b"PK\x03\x04"), Err(ArchiveError::NotAnArchive));
        let mut folder = tar::Writer::new();
        folder.directory("..", 0o755);
        assert_eq!(unpack(&tar::gzip(&folder.finish())), Err(ArchiveError::Empty));
    }

    proptest! {
        #[test]
        fn damaged_archives_are_values(at in 0_usize..600, bit in 0_u8..8) {
            let mut bytes = pack(&project()).unwrap();
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
            let _ = unpack(&bytes);
            bytes.truncate(at);
            let _ = unpack(&bytes);
        }
    }
}
