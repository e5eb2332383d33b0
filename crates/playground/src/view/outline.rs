//! What the file offers to choose: stages, targets, arguments.

use super::PerBuilder;
use super::scene::Scene;
use crate::color::Color;
use crate::text::Text;
use crate::words;
use serde::{Deserialize, Serialize};
use stagecraft_core::project::Project;
use stagecraft_core::simulation::StageId;

/// Stages, targets and arguments of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OutlineView {
    /// Stages in order of the file.
    pub stages: Vec<StageRow>,
    /// What `--build-arg` can set, in order of the file.
    pub arguments: Vec<Argument>,
    /// Files of the context that look like Dockerfiles, the chosen one among them.
    pub dockerfiles: Vec<Text>,
    /// The ignore file in force (`.dockerignore` or `NAME.dockerignore`), whether or not it exists.
    pub ignore_file: Text,
}

/// A stage of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageRow {
    /// Which.
    pub id: StageId,
    /// What `--target` takes: its name, or its number.
    pub target: Text,
    /// What to show: its name, or `stage 0`.
    pub title: Text,
    /// Its color.
    pub color: Color,
    /// Line of its `FROM`, from 1.
    pub line: u32,
    /// Whether it is the one that is built.
    pub is_target: bool,
    /// What became of it, in a word: `target`, `needed`, `skipped`, `in vain`, `not reached`.
    pub fate: PerBuilder<Text>,
}

/// A build argument that the file declares or the person gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Argument {
    /// Its name.
    pub name: Text,
    /// The default, as written.
    pub default: Option<Text>,
    /// Line of the first declaration from 1; 0 where the file does not declare it.
    pub line: u32,
    /// Declared before the first `FROM`: for `FROM` lines only, unless a stage declares it again.
    pub global: bool,
    /// What the person gives.
    pub value: Option<Text>,
}

/// Makes the slice.
pub(crate) fn build(scene: Scene<'_>) -> OutlineView {
    let items = scene.source.items(scene.look.first());
    let stages = scene.stages();
    let last = stages.len().saturating_sub(1) as u32;
    let wanted = scene.project.target.as_deref().filter(|t| !t.is_empty());
    let rows = stages.iter().map(|stage| {
        let fate = |builder| {
            let known = scene.builds.of(builder).stages.get(stage.id.0 as usize);
            known.map_or("", |s| words::fate(&s.fate)).into()
        };
        let number = stage.id.0.to_string();
        StageRow {
            id: stage.id,
            target: if stage.name.is_empty() { number.as_str().into() } else { stage.name.into() },
            title: words::stage(stage.name, stage.id.0).into(),
            color: Color::of(stage.id),
            line: items.get(stage.items.start).map_or(0, |item| item.lines.0),
            is_target: wanted
                .map_or(stage.id.0 == last, |t| t.eq_ignore_ascii_case(stage.name) || t == number),
            fate: PerBuilder::each(fate),
        }
    });
    OutlineView {
        stages: rows.collect(),
        arguments: arguments(scene),
        dockerfiles: scene
            .project
            .files
            .keys()
            .filter(|p| is_dockerfile(p))
            .map(|p| p.as_str().into())
            .collect(),
        ignore_file: ignore_file(scene.project).into(),
    }
}

fn arguments(scene: Scene<'_>) -> Vec<Argument> {
    let given = &scene.project.build_args;
    let value = |name: &str| given.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.as_str().into());
    let mut rows: Vec<Argument> = Vec::new();
    for declared in &scene.source.arguments {
        if rows.iter().any(|r| *r.name == *declared.name) {
            continue;
        }
        rows.push(Argument {
            name: declared.name.as_str().into(),
            default: declared.default.as_deref().map(Into::into),
            line: declared.line,
            global: declared.global,
            value: value(&declared.name),
        });
    }
    for (name, text) in given {
        if !rows.iter().any(|r| *r.name == **name) {
            let value = Some(text.as_str().into());
            rows.push(Argument { name: name.as_str().into(), default: None, line: 0, global: false, value });
        }
    }
    rows
}

fn is_dockerfile(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    (name == "dockerfile" || name.starts_with("dockerfile.") || name.ends_with(".dockerfile"))
        && !name.ends_with(".dockerignore")
}

/// The ignore file that counts: the Dockerfile's own if there is one, else `.dockerignore`.
pub(crate) fn ignore_file(project: &Project) -> String {
    let own = format!("{}.dockerignore", project.dockerfile);
    if project.files.contains_key(&own) { own } else { ".dockerignore".to_owned() }
}
