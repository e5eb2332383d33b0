//! The examples of www/examples, as build.mjs bundles them.

use serde::Deserialize;
use stagecraft_core::project::{ContextFile, FileContent, Project};
use std::collections::BTreeMap;
use yew::AttrValue;

/// An example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// Its folder's name.
    pub name: AttrValue,
    /// The heading that it stands under.
    pub group: AttrValue,
    /// What the menu says.
    pub title: AttrValue,
    /// What to look at.
    pub look: AttrValue,
    /// The project.
    pub project: Project,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    order: u32,
    group: String,
    title: String,
    #[serde(default)]
    look: Vec<String>,
    #[serde(default)]
    options: Options,
    files: BTreeMap<String, File>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Options {
    dockerfile: Option<String>,
    target: Option<String>,
    build_args: BTreeMap<String, String>,
    platform: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum File {
    Text(String),
    Other {
        #[serde(default)]
        text: String,
        #[serde(default)]
        link: Option<String>,
        #[serde(default)]
        declared: Option<u64>,
        #[serde(default)]
        mode: Option<u32>,
    },
}

fn file(file: File) -> ContextFile {
    match file {
        File::Text(text) => ContextFile { content: FileContent::Text(text), mode: 0o644 },
        File::Other { link: Some(target), .. } => {
            ContextFile { content: FileContent::Symlink(target), mode: 0o777 }
        }
        File::Other { declared: Some(size), mode, .. } => {
            ContextFile { content: FileContent::Declared(size), mode: mode.unwrap_or(0o644) }
        }
        File::Other { text, mode, .. } => {
            ContextFile { content: FileContent::Text(text), mode: mode.unwrap_or(0o644) }
        }
    }
}

/// The examples in their order.
pub fn read(json: &str) -> Result<Vec<Example>, serde_json::Error> {
    let mut entries: Vec<Entry> = serde_json::from_str(json)?;
    entries.sort_by_key(|entry| entry.order);
    // A group stands where its first example does, with all of its examples below it.
    let groups: Vec<String> = entries.iter().map(|entry| entry.group.clone()).collect();
    entries.sort_by_key(|entry| groups.iter().position(|group| *group == entry.group));
    let example = |entry: Entry| Example {
        name: entry.name.into(),
        group: entry.group.into(),
        title: entry.title.into(),
        look: entry.look.join(" ").into(),
        project: Project {
            files: entry.files.into_iter().map(|(path, content)| (path, file(content))).collect(),
            dockerfile: entry.options.dockerfile.unwrap_or_else(|| "Dockerfile".into()),
            target: entry.options.target,
            build_args: entry.options.build_args.into_iter().collect(),
            platform: entry.options.platform,
            ..Project::default()
        },
    };
    Ok(entries.into_iter().map(example).collect())
}

#[cfg(test)]
mod tests {
    #[test]
    fn reads_what_the_bundle_holds() {
        let json = r#"[{"name":"b","order":2,"group":"G","title":"B","files":{"Dockerfile":"FROM a\n"}},
            {"name":"a","order":1,"group":"G","title":"A","look":["x"],"options":{"target":"t"},
             "files":{"Dockerfile":"FROM b\n","run.sh":{"text":"true\n","mode":493}}}]"#;
        let examples = super::read(json).expect("readable");
        assert_eq!(examples.iter().map(|example| &*example.name).collect::<Vec<_>>(), ["a", "b"]);
        let first = examples.first().expect("one");
        assert_eq!(first.project.target.as_deref(), Some("t"));
        assert_eq!(first.project.files.get("run.sh").map(|file| file.mode), Some(0o755));
    }
}
