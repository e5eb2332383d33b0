//! A case: a context, and builds with edits between them.

use serde_json::Value;
use stagecraft_core::project::{ContextFile, FileContent, Project};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Files of a context by relative path.
pub type Files = BTreeMap<String, ContextFile>;

/// A folder with `case.json` and `context/`.
#[derive(Debug)]
pub struct Case {
    /// Where it is.
    pub folder: PathBuf,
    value: Value,
}

/// A JSON file.
///
/// # Panics
/// Where it cannot be read.
pub fn json(path: &Path) -> Value {
    let text = crate::text(path);
    match serde_json::from_str(&text) {
        Ok(value) => value,
        Err(error) => panic!("{}: {error}", path.display()),
    }
}

impl Case {
    /// Reads a case.
    ///
    /// # Panics
    /// Where it cannot be read.
    pub fn read(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf(), value: json(&folder.join("case.json")) }
    }

    /// Its builds, in order.
    pub fn steps(&self) -> &[Value] {
        self.value.get("steps").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The context before the first build: the files of `context/` and what the manifest adds.
    pub fn files(&self) -> Files {
        let mut files = Files::new();
        let root = self.folder.join("context");
        if root.is_dir() {
            add(&mut files, &root, "");
        }
        let manifest = self.value.get("manifest").cloned().unwrap_or_default();
        let strings = |key: &str| {
            let map = manifest.get(key).and_then(Value::as_object).cloned().unwrap_or_default();
            map.into_iter().map(|(path, value)| (path, value.as_str().unwrap_or_default().to_owned()))
        };
        for (path, text) in strings("files") {
            put(&mut files, &path, FileContent::Text(text), 0o644);
        }
        for (path, text) in strings("base64") {
            put(&mut files, &path, content(base64(&text)), 0o644);
        }
        for path in manifest.get("dirs").and_then(Value::as_array).into_iter().flatten() {
            put(&mut files, path.as_str().unwrap_or_default(), FileContent::Directory, 0o755);
        }
        for (path, target) in strings("symlinks") {
            put(&mut files, &path, FileContent::Symlink(target), 0o777);
        }
        set_modes(&mut files, &manifest);
        files
    }
}

fn add(files: &mut Files, folder: &Path, prefix: &str) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if path.is_dir() {
            put(files, &name, FileContent::Directory, 0o755);
            add(files, &path, &format!("{name}/"));
        } else {
            let mode = if executable(&path) { 0o755 } else { 0o644 };
            put(files, &name, content(fs::read(&path).unwrap_or_default()), mode);
        }
    }
}

#[cfg(unix)]
fn executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o100 != 0)
}

#[cfg(not(unix))]
fn executable(_: &Path) -> bool {
    false
}

fn content(bytes: Vec<u8>) -> FileContent {
    match String::from_utf8(bytes) {
        Ok(text) => FileContent::Text(text),
        Err(error) => FileContent::Bytes(error.into_bytes()),
    }
}

fn put(files: &mut Files, path: &str, content: FileContent, mode: u32) {
    files.insert(path.to_owned(), ContextFile { content, mode });
}

fn set_modes(files: &mut Files, value: &Value) {
    for (path, mode) in value.get("modes").and_then(Value::as_object).into_iter().flatten() {
        let mode = u32::from_str_radix(mode.as_str().unwrap_or_default(), 8).unwrap_or(0o644);
        if let Some(file) = files.get_mut(path) {
            file.mode = mode;
        } else {
            put(files, path, FileContent::Directory, mode);
        }
    }
}

/// Applies the edits of a step: new content, or removal where it is null; modes.
pub fn edit(files: &mut Files, step: &Value) {
    for (path, text) in step.get("edit").and_then(Value::as_object).into_iter().flatten() {
        if let Some(text) = text.as_str() {
            let mode = files
                .get(path)
                .filter(|file| file.content != FileContent::Directory)
                .map_or(0o644, |file| file.mode);
            put(files, path, FileContent::Text(text.to_owned()), mode);
        } else {
            let below = format!("{path}/");
            files.retain(|name, _| name != path && !name.starts_with(&below));
        }
    }
    set_modes(files, step);
}

/// The project of a step.
pub fn project(files: &Files, step: &Value) -> Project {
    let text = |key: &str| step.get(key).and_then(Value::as_str).map(str::to_owned);
    let pairs = |key: &str| {
        let map = step.get(key).and_then(Value::as_object).cloned().unwrap_or_default();
        map.into_iter().map(|(name, value)| (name, value.as_str().unwrap_or_default().to_owned()))
    };
    let secret = |path: &str| match files.get(path).map(|file| &file.content) {
        Some(FileContent::Text(text)) => text.clone().into_bytes(),
        Some(FileContent::Bytes(bytes)) => bytes.clone(),
        _ => Vec::new(),
    };
    Project {
        files: files.clone(),
        dockerfile: text("dockerfile").unwrap_or_else(|| "Dockerfile".to_owned()),
        target: text("target"),
        build_args: pairs("args").collect(),
        no_cache: step.get("no_cache").and_then(Value::as_bool).unwrap_or(false),
        secrets: pairs("secrets").map(|(id, path)| (id, secret(&path))).collect(),
        ..Project::default()
    }
}

fn base64(text: &str) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let (mut bits, mut count, mut out) = (0_u32, 0, Vec::new());
    for sextet in text.bytes().filter_map(value) {
        bits = bits << 6 | u32::from(sextet);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    out
}
