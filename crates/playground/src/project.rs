//! Small things that every front end does with a project.

use stagecraft_core::project::{ContextFile, FileContent, Project};

/// The JSON form of a project: for local storage, the embed's attributes and files.
pub fn to_json(project: &Project) -> Result<String, serde_json::Error> {
    serde_json::to_string(project)
}

/// Reads the JSON form. Fields that are missing have their defaults.
pub fn from_json(text: &str) -> Result<Project, serde_json::Error> {
    serde_json::from_str(text)
}

/// A text file as an editor makes it (0644).
pub fn text_file(text: &str) -> ContextFile {
    ContextFile { content: FileContent::Text(text.to_owned()), mode: 0o644 }
}

/// A file with these bytes: text where they are text.
pub fn file(bytes: Vec<u8>, mode: u32) -> ContextFile {
    let content = match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => FileContent::Text(text),
        Ok(text) => FileContent::Bytes(text.into_bytes()),
        Err(e) => FileContent::Bytes(e.into_bytes()),
    };
    ContextFile { content, mode }
}

/// A project with a Dockerfile and nothing else.
pub fn of_dockerfile(text: &str) -> Project {
    Project {
        files: [("Dockerfile".to_owned(), text_file(text))].into(),
        dockerfile: "Dockerfile".to_owned(),
        ..Project::default()
    }
}

/// A path as the build context holds it: relative, without `.`, `..` and empty parts; `None` where nothing is
/// left or where it leads out of the folder.
pub fn clean_path(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part if part.contains('\0') => return None,
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}
