//! The resulting image.

use super::summary;
use crate::text::{Phrase, Text};
use crate::words;
use serde::{Deserialize, Serialize};
use stagecraft_core::footprint;
use stagecraft_core::image::ImageConfig;
use stagecraft_core::project::Project;
use stagecraft_core::simulation::{Base, Build, Fate, Image, StageId, StepKind};

/// One builder's image; all empty if the build failed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImageView {
    /// Whether there is one.
    pub exists: bool,
    /// Why there is none; empty if there is one.
    pub error: Text,
    /// `sha256:…`
    pub id: Text,
    /// In words.
    pub size_text: Text,
    /// What runs when the image does, as a `docker run` command line that says it all.
    pub run: Text,
    /// The same in a sentence: user, directory, command.
    pub effect: Phrase,
    /// The config, key by key, as `docker inspect` names them.
    pub config: Vec<ConfigRow>,
    /// The base's reference and the history above it.
    pub history: Vec<HistoryRow>,
    /// What an attacker would like: a shell, a package manager, root; last, what one stage alone would have left.
    pub surface: Vec<Phrase>,
}

/// A value of the config.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigRow {
    /// `Env`, `Cmd`.
    pub key: Text,
    /// As JSON would show a string or an array; one row per value of a list.
    pub value: Text,
    /// Inherited from the base image unchanged.
    pub inherited: bool,
}

/// A line of `docker history`, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRow {
    /// As the builder writes it.
    pub created_by: Text,
    /// In words; empty where it left no layer.
    pub size_text: Text,
}

/// Makes the slice.
pub(crate) fn build(build: &Build, project: &Project, legacy: &Build) -> ImageView {
    let Some(image) = &build.image else {
        let error = build.error.as_ref().map_or("", |e| e.message.as_str()).into();
        return ImageView { error, ..ImageView::default() };
    };
    let name = project.tags.first().map_or("IMAGE", String::as_str);
    let mut layers = image.layers.iter();
    let history = image.history.iter().map(|h| {
        let layer = if h.empty_layer { None } else { layers.next().map(|(_, layer)| layer) };
        HistoryRow {
            created_by: h.created_by.as_str().into(),
            size_text: layer.map(|layer| words::layer_size(layer)).unwrap_or_default().into(),
        }
    });
    let base = base_config(legacy);
    ImageView {
        exists: true,
        error: "".into(),
        id: image.id.as_str().into(),
        size_text: summary::size_text(build, image).into(),
        run: run(&image.config, name).into(),
        effect: effect(&image.config),
        config: config(&image.config, base),
        history: history.collect(),
        surface: surface(image, build),
    }
}

/// The config that the target stage's base image brought along: what the legacy builder has after `FROM`
/// (BuildKit's steps carry no config of their own).
fn base_config(build: &Build) -> Option<&ImageConfig> {
    let mut stage = build.stages.iter().position(|s| s.fate == Fate::Target)?;
    for _ in 0..build.stages.len() {
        match build.stages.get(stage).map(|s| &s.base) {
            Some(Base::Stage(id)) => stage = id.0 as usize,
            _ => break,
        }
    }
    let first = build.steps.iter().find(|s| s.stage == Some(StageId(stage as u32)) && s.layer.is_none())?;
    (first.kind == StepKind::Source || first.name.contains("FROM")).then_some(&*first.config)
}

/// A JSON string or array.
fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn rows(config: &ImageConfig) -> Vec<(&'static str, String)> {
    let mut rows: Vec<(&'static str, String)> = Vec::new();
    rows.extend(config.entrypoint.iter().map(|v| ("Entrypoint", json(v))));
    rows.extend(config.cmd.iter().map(|v| ("Cmd", json(v))));
    let one =
        [("WorkingDir", &config.working_dir), ("User", &config.user), ("StopSignal", &config.stop_signal)];
    rows.extend(one.into_iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| (k, v.clone())));
    rows.extend(config.env.iter().map(|v| ("Env", v.clone())));
    rows.extend(config.exposed_ports.keys().map(|v| ("ExposedPorts", v.clone())));
    rows.extend(config.volumes.keys().map(|v| ("Volumes", v.clone())));
    rows.extend(config.labels.iter().map(|(k, v)| ("Labels", format!("{k}={v}"))));
    rows.extend(config.healthcheck.iter().map(|v| ("Healthcheck", json(v))));
    if !config.shell.is_empty() {
        rows.push(("Shell", json(&config.shell)));
    }
    rows.extend(config.on_build.iter().map(|v| ("OnBuild", v.clone())));
    rows
}

fn config(config: &ImageConfig, base: Option<&ImageConfig>) -> Vec<ConfigRow> {
    let inherited = base.map(rows).unwrap_or_default();
    let row = |(key, value): (&'static str, String)| ConfigRow {
        inherited: inherited.iter().any(|(k, v)| *k == key && *v == value),
        key: key.into(),
        value: value.into(),
    };
    rows(config).into_iter().map(row).collect()
}

/// `docker run` with the ports that the image exposes.
fn run(config: &ImageConfig, name: &str) -> String {
    let mut line = "docker run --rm".to_owned();
    for port in config.exposed_ports.keys() {
        let (number, protocol) = port.split_once('/').unwrap_or((port, "tcp"));
        let inside = if protocol == "tcp" { number } else { port };
        line.extend([" -p ", number, ":", inside]);
    }
    line.push(' ');
    line.push_str(name);
    line
}

fn effect(config: &ImageConfig) -> Phrase {
    let words = config.entrypoint.iter().flatten().chain(config.cmd.iter().flatten());
    let command: Vec<String> = words.map(|w| crate::command::quote(w).into_owned()).collect();
    if command.is_empty() {
        return Phrase::new()
            .plain("There is no command: ")
            .code("docker run")
            .plain(" needs one behind the image's name.");
    }
    let user = if config.user.is_empty() { "root" } else { &config.user };
    let dir = if config.working_dir.is_empty() { "/" } else { &config.working_dir };
    let phrase = Phrase::new().plain("It executes ").code(&command.join(" ")).plain(" as ");
    let phrase = if user == "root" { phrase.strong(user) } else { phrase.code(user) };
    phrase.plain(" in ").code(dir).plain(".")
}

/// What makes an attacker's life easier, and what one stage alone would have left.
fn surface(image: &Image, build: &Build) -> Vec<Phrase> {
    let mut found: Vec<Phrase> = footprint::of_image(image).risks.iter().map(words::risk).collect();
    let heavier = footprint::single_stage(build).filter(|(_, single)| single.size > summary::size(image));
    if let Some((id, single)) = heavier {
        let name = build.stages.get(id.0 as usize).map_or("", |stage| stage.name.as_str());
        let layers = build.steps.iter().filter_map(|step| step.layer.as_ref());
        let known = layers.map(|layer| words::Known::layer(layer)).max().unwrap_or(words::Known::Exactly);
        let phrase = Phrase::new().plain("In one stage, with all that ");
        let phrase = if name.is_empty() { phrase.code(&id.0.to_string()) } else { phrase.code(name) };
        let phrase = phrase.plain(" holds, the image would weigh ").strong(&known.size(single.size));
        let phrase = phrase.plain(" instead of ").plain(&summary::size_text(build, image));
        let kinds: Vec<&str> = single.risks.iter().filter_map(words::risky).collect();
        let phrase = match kinds.split_last() {
            Some((last, [])) => phrase.plain(" and hold ").plain(last),
            Some((last, rest)) => {
                phrase.plain(" and hold ").plain(&rest.join(", ")).plain(" and ").plain(last)
            }
            None => phrase,
        };
        found.push(phrase.plain("."));
    }
    found
}
