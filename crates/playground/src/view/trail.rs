//! Where does this file come from?

use super::files;
use super::lineage::Lineage;
use super::lines::familiar;
use super::scene::{Scene, stage_title};
use crate::color::Color;
use crate::text::{Goto, Phrase, Text};
use crate::words;
use serde::{Deserialize, Serialize};
use stagecraft_core::simulation::{Base, Build, Builder, Flow, FlowSource, Step, StepId};
use stagecraft_sandbox::tree::{Content, Node};

/// A file and its way here.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TrailView {
    /// `Where does /usr/local/bin/shop come from?`
    pub title: Phrase,
    /// From its beginning to here.
    pub rows: Vec<TrailRow>,
    /// Mode, owner, size, link target: name and value.
    pub facts: Vec<(Text, Text)>,
    /// Its text, if it is known and text, cut at 64 KiB.
    pub content: Option<Text>,
}

/// A station of the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailRow {
    /// Of the stage.
    pub color: Color,
    /// `build, line 11 /out/shop`.
    pub text: Phrase,
    /// Where a click goes.
    pub goto: Option<Goto>,
}

/// The most of a file's text that is shown.
const MOST_TEXT: usize = 64 * 1024;
/// The most stations of a way.
const MOST_STATIONS: usize = 32;

/// The way of the file at `path` after a step.
pub(crate) fn build(scene: Scene<'_>, builder: Builder, id: StepId, path: &str) -> TrailView {
    let build = scene.builds.of(builder);
    let title = Phrase::new().plain("Where does ").code(path).plain(" come from?");
    let Some(step) = build.steps.get(id.0 as usize) else {
        return TrailView { title, ..TrailView::default() };
    };
    let Some(node) = step.after.get(path).or_else(|| step.before.get(path)) else {
        return TrailView { title, ..TrailView::default() };
    };
    let rows = stations(scene, build, id, path);
    TrailView { title, rows, facts: facts(node), content: content(node) }
}

/// From the beginning to here.
fn stations(scene: Scene<'_>, build: &Build, id: StepId, path: &str) -> Vec<TrailRow> {
    let mut rows = Vec::new();
    let (mut at, mut path) = (id, path.to_owned());
    while rows.len() < MOST_STATIONS {
        let lineage = Lineage::of(build, at);
        let deleted = build.steps.get(at.0 as usize).is_some_and(|s| s.after.get(&path).is_none());
        let Some(writer) = lineage.writer(&path, deleted) else {
            rows.extend(lineage.base().map(|(_, base)| from_base(base, &path)));
            break;
        };
        let Some(step) = build.steps.get(writer.0 as usize) else { break };
        rows.push(written(scene, build, writer, step, &path));
        let Some(node) = step.after.get(&path) else { break };
        let Some(flow) = flow_of(step, node, &path) else {
            rows.extend(modelled(node, step));
            break;
        };
        let before = Lineage::source_path(node, &flow.path, &path);
        match &flow.source {
            FlowSource::Stage(stage) => {
                let Some(last) = Lineage::last_of_stage(build, *stage) else { break };
                (at, path) = (last, stagecraft_sandbox::tree::absolute("/", &before));
            }
            other => {
                rows.push(outside(other, &before));
                break;
            }
        }
    }
    rows.reverse();
    rows
}

/// The flow that brought a file: the only one, or the one whose path fits.
fn flow_of<'a>(step: &'a Step, node: &Node, path: &str) -> Option<&'a Flow> {
    let copied = || step.flows.iter().filter(|flow| !flow.mount);
    let before = Lineage::source_path(node, "", path);
    let fits = |flow: &&Flow| {
        flow.path
            .split_whitespace()
            .any(|p| before.trim_start_matches('/').starts_with(p.trim_start_matches(['.', '/'])))
    };
    copied().find(fits).or_else(|| copied().next())
}

fn outside(source: &FlowSource, path: &str) -> TrailRow {
    let (kind, name) = match source {
        FlowSource::Context => ("context", ""),
        FlowSource::NamedContext(name) => ("context ", name.as_str()),
        FlowSource::Image(name) => ("image ", familiar(name)),
        FlowSource::Remote(address) => ("download ", address.as_str()),
        FlowSource::Inline => ("here-document", ""),
        FlowSource::Stage(_) => ("stage", ""),
    };
    let text = Phrase::new().plain(kind).strong(name).plain(" ");
    let text =
        if matches!(source, FlowSource::Inline | FlowSource::Remote(_)) { text } else { text.code(path) };
    TrailRow { color: Color::NEUTRAL, text, goto: None }
}

fn from_base(base: &Base, path: &str) -> TrailRow {
    let name = match base {
        Base::Image(reference) => familiar(reference),
        Base::Context(name) => name,
        Base::Scratch => "scratch",
        Base::Stage(_) | Base::Unknown => "the base image",
    };
    TrailRow {
        color: Color::NEUTRAL,
        text: Phrase::new().plain("image ").strong(name).plain(" ").code(path),
        goto: None,
    }
}

/// Who made it up, where a model did.
fn modelled(node: &Node, step: &Step) -> Option<TrailRow> {
    let Node::File(file) = node else { return None };
    let text = match &file.content {
        Content::Modelled { source, .. } => Phrase::new().plain("modelled: ").strong(source),
        Content::Unknown { .. } => Phrase::new().plain("written by a command that no model knows"),
        Content::Bytes(_) => return None,
    };
    Some(TrailRow { color: Color::of_step(step.stage), text, goto: None })
}

fn written(scene: Scene<'_>, build: &Build, id: StepId, step: &Step, path: &str) -> TrailRow {
    let stage = step.stage.map(|s| stage_title(build, s)).unwrap_or_default();
    let line = scene.source.of_step(build, step).map_or(0, |item| item.lines.0);
    let place = if line > 0 { format!(", line {line} ") } else { " ".to_owned() };
    let text = Phrase::new().plain(&stage).plain(&place).code(path);
    TrailRow { color: Color::of_step(step.stage), text, goto: Some(Goto::Step(build.builder, id)) }
}

fn facts(node: &Node) -> Vec<(Text, Text)> {
    let mut facts: Vec<(Text, Text)> = vec![("Mode and owner".into(), files::mode(node).into())];
    match node {
        Node::File(file) => {
            let size = match &file.content {
                Content::Unknown { .. } => "unknown".to_owned(),
                Content::Modelled { source, size, .. } => {
                    format!("{}, modelled: {source}", words::bytes(*size))
                }
                Content::Bytes(bytes) => words::bytes(bytes.len() as u64),
            };
            facts.push(("Size".into(), size.into()));
        }
        Node::Symlink { target, .. } => facts.push(("Points to".into(), (**target).into())),
        Node::Dir(dir) => facts.push(("Entries".into(), dir.entries().len().to_string().into())),
    }
    facts
}

fn content(node: &Node) -> Option<Text> {
    let bytes = node.as_file()?.content.known()?;
    let cut = bytes.get(..MOST_TEXT).unwrap_or(bytes);
    // A cut through a character is no reason to call it binary.
    let text = match std::str::from_utf8(cut) {
        Ok(text) => text,
        Err(e) if e.error_len().is_none() => std::str::from_utf8(cut.get(..e.valid_up_to())?).ok()?,
        Err(_) => return None,
    };
    (!text.contains('\0')).then(|| text.into())
}
