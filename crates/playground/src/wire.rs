//! The project in a compact binary form: for the door and, versioned, for the share link.
//!
//! [`V1`] is frozen: links in documents hold it. A change to the project makes a `V2` beside it, and `V1` goes on
//! being read. `stagecraft_core`'s own types cannot be used, since they follow the project and leave out
//! empty fields, which a format without field names cannot.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use stagecraft_core::project::{ContextFile, FileContent, NamedContext, Project};
use std::collections::BTreeMap;

/// Version 1 of the project.
#[derive(Serialize, Deserialize)]
pub(crate) struct V1 {
    files: Files,
    dockerfile: String,
    target: Option<String>,
    build_args: Vec<(String, String)>,
    platform: String,
    tags: Vec<String>,
    no_cache: bool,
    contexts: Vec<(String, Context)>,
    secrets: Vec<(String, Vec<u8>)>,
    /// JSON, empty for none: their form has names and grows.
    images: String,
    workers: u32,
    durations: Vec<(String, u64)>,
}

type Files = Vec<(String, u32, Content)>;

#[derive(Serialize, Deserialize)]
enum Content {
    Text(String),
    Bytes(Vec<u8>),
    Declared(u64),
    Directory,
    Symlink(String),
}

#[derive(Serialize, Deserialize)]
enum Context {
    Files(Files),
    Image(String),
}

fn pack(files: &BTreeMap<String, ContextFile>) -> Files {
    let content = |content: &FileContent| match content {
        FileContent::Text(text) => Content::Text(text.clone()),
        FileContent::Bytes(bytes) => Content::Bytes(bytes.clone()),
        FileContent::Declared(size) => Content::Declared(*size),
        FileContent::Directory => Content::Directory,
        FileContent::Symlink(target) => Content::Symlink(target.clone()),
    };
    files.iter().map(|(path, file)| (path.clone(), file.mode, content(&file.content))).collect()
}

fn unpack(files: Files) -> BTreeMap<String, ContextFile> {
    let content = |content| match content {
        Content::Text(text) => FileContent::Text(text),
        Content::Bytes(bytes) => FileContent::Bytes(bytes),
        Content::Declared(size) => FileContent::Declared(size),
        Content::Directory => FileContent::Directory,
        Content::Symlink(target) => FileContent::Symlink(target),
    };
    files.into_iter().map(|(path, mode, c)| (path, ContextFile { content: content(c), mode })).collect()
}

impl V1 {
    /// The wire form of a project.
    pub(crate) fn of(project: &Project) -> Result<Self, serde_json::Error> {
        let context = |context: &NamedContext| match context {
            NamedContext::Files(files) => Context::Files(pack(files)),
            NamedContext::Image(reference) => Context::Image(reference.clone()),
        };
        Ok(Self {
            files: pack(&project.files),
            dockerfile: project.dockerfile.clone(),
            target: project.target.clone(),
            build_args: project.build_args.clone(),
            platform: project.platform.clone(),
            tags: project.tags.clone(),
            no_cache: project.no_cache,
            contexts: project.contexts.iter().map(|(name, c)| (name.clone(), context(c))).collect(),
            secrets: project.secrets.clone().into_iter().collect(),
            images: if project.images.is_empty() {
                String::new()
            } else {
                serde_json::to_string(&project.images)?
            },
            workers: project.workers,
            durations: project.durations.clone().into_iter().collect(),
        })
    }

    /// The project of a wire form.
    pub(crate) fn project(self) -> Result<Project, serde_json::Error> {
        let context = |context| match context {
            Context::Files(files) => NamedContext::Files(unpack(files)),
            Context::Image(reference) => NamedContext::Image(reference),
        };
        Ok(Project {
            files: unpack(self.files),
            dockerfile: self.dockerfile,
            target: self.target,
            build_args: self.build_args,
            platform: self.platform,
            tags: self.tags,
            no_cache: self.no_cache,
            contexts: self.contexts.into_iter().map(|(name, c)| (name, context(c))).collect(),
            secrets: self.secrets.into_iter().collect(),
            images: if self.images.is_empty() { Vec::new() } else { serde_json::from_str(&self.images)? },
            workers: self.workers,
            durations: self.durations.into_iter().collect(),
            log: String::new(),
        })
    }
}

/// For `#[serde(with = "wire")]`.
pub(crate) fn serialize<S: Serializer>(project: &Project, to: S) -> Result<S::Ok, S::Error> {
    (V1::of(project).map_err(ser::Error::custom)?, &*project.log).serialize(to)
}

/// For `#[serde(with = "wire")]`.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Project, D::Error> {
    let (wire, log) = <(V1, String)>::deserialize(from)?;
    Ok(Project { log, ..wire.project().map_err(de::Error::custom)? })
}
