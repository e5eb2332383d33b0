//! Collects cards, pills and edges from a scene, and has them laid out.

use super::{CardRow, Edge, EdgeKind, GraphView, Node, NodeKind, Point};
use crate::color::Color;
use crate::layout::{Block, Link, layout};
use crate::source::Item;
use crate::text::{Phrase, Text};
use crate::view::lines::familiar;
use crate::view::scene::{self, FileStage, Scene};
use crate::view::steps::Verdict;
use crate::view::{PerBuilder, summary};
use crate::words;
use stagecraft_core::simulation::{
    Base, Build, Fate, Flow, FlowSource, StageId, Status, Step, StepId, StepKind,
};

/// Sizes of cards and pills.
const CARD: u32 = 208;
const HEAD: i32 = 31;
const ROW: i32 = 22;
const REASON: i32 = 42;
const PILL: u32 = 26;
/// Steps beyond it are told as one row.
const MOST_ROWS: usize = 24;

/// An edge before it is placed.
struct Draft {
    link: Link,
    edge: Edge,
}

/// Collects nodes and edges.
struct Drawing<'a> {
    scene: Scene<'a>,
    stages: Vec<FileStage<'a>>,
    nodes: Vec<Node>,
    drafts: Vec<Draft>,
    by_instruction: PerBuilder<Vec<Option<StepId>>>,
}

/// Makes the slice.
pub(crate) fn build(scene: Scene<'_>) -> GraphView {
    let by_instruction = PerBuilder::each(|b| scene.steps_by_instruction(b));
    let mut drawing =
        Drawing { scene, stages: scene.stages(), nodes: Vec::new(), drafts: Vec::new(), by_instruction };
    for i in 0..drawing.stages.len() {
        drawing.card(i);
    }
    for i in 0..drawing.stages.len() {
        drawing.edges_into(i);
    }
    drawing.finish()
}

fn fate(build: &Build, stage: StageId) -> Option<&Fate> {
    build.stages.get(stage.0 as usize).map(|s| &s.fate)
}

impl<'a> Drawing<'a> {
    fn items(&self, stage: &FileStage<'a>) -> impl Iterator<Item = (usize, &'a Item)> + use<'a> {
        let items = self.scene.source.items(self.scene.look.first());
        stage.items.clone().zip(items.get(stage.items.clone()).unwrap_or_default())
    }

    fn steps_of(&self, instruction: usize) -> PerBuilder<Option<StepId>> {
        PerBuilder::each(|b| self.by_instruction.of(b).get(instruction).copied().flatten())
    }

    /// The step of an instruction in the build that is looked at first, or else in the other.
    fn step(&self, instruction: usize) -> Option<(&'a Build, &'a Step)> {
        let builds = [Some(self.scene.first()), self.scene.second()];
        builds.into_iter().flatten().find_map(|build| {
            let id = self.by_instruction.of(build.builder).get(instruction).copied().flatten()?;
            Some((build, build.steps.get(id.0 as usize)?))
        })
    }

    fn card(&mut self, index: usize) {
        let Some(stage) = self.stages.get(index).cloned() else { return };
        let first = self.scene.first();
        let dim = matches!(fate(first, stage.id), Some(Fate::Skipped | Fate::NotReached));
        let rows = self.rows(&stage);
        let reason = self.reason(stage.id);
        let bottom = if reason.is_empty() { 4 } else { REASON };
        let height = (HEAD + ROW * rows.len() as i32 + bottom) as u32;
        let is_target = fate(first, stage.id) == Some(&Fate::Target);
        self.nodes.push(Node {
            id: format!("stage:{}", stage.id.0).into(),
            kind: NodeKind::Stage(stage.id),
            x: 0,
            y: 0,
            width: CARD,
            height,
            title: words::stage(stage.name, stage.id.0).into(),
            subtitle: self.subtitle(first, stage.id, is_target).into(),
            color: Color::of(stage.id),
            dim,
            reason,
            is_target,
            line: self.items(&stage).next().map_or(0, |(_, item)| item.lines.0),
            rows,
        });
    }

    /// Why a stage is left out or runs for nothing; of both builders where they differ.
    fn reason(&self, stage: StageId) -> Phrase {
        let reason = words::fate_reason(self.scene.first(), stage);
        let Some(second) = self.scene.second() else { return reason };
        if reason.is_empty() {
            return words::fate_reason(second, stage);
        }
        match fate(second, stage) {
            Some(Fate::InVain) => reason.plain("; legacy runs it in vain"),
            Some(Fate::Target | Fate::Needed { .. }) => reason.plain("; legacy runs it"),
            _ => reason,
        }
    }

    fn rows(&self, stage: &FileStage<'a>) -> Vec<CardRow> {
        let told = self.items(stage).filter(|(_, item)| !matches!(item.keyword.as_str(), "FROM" | "ARG"));
        // Instructions that only change the config are no steps of BuildKit's.
        let without = match fate(self.scene.first(), stage.id) {
            Some(Fate::Skipped) => Verdict::Skipped,
            Some(Fate::InVain) => Verdict::InVain,
            Some(Fate::Target | Fate::Needed { .. }) if self.scene.first().error.is_none() => Verdict::Ran,
            _ => Verdict::NotReached,
        };
        let mut rows = Vec::new();
        for (i, item) in told {
            if rows.len() >= MOST_ROWS {
                break;
            }
            let steps = self.steps_of(i);
            let step = self.scene.builds.of(self.scene.look.first()).steps.get(
                match steps.of(self.scene.look.first()) {
                    Some(id) => id.0 as usize,
                    None => usize::MAX,
                },
            );
            let value =
                self.step(i).and_then(|(_, step)| step.layer.as_ref()).map_or_else(String::new, |layer| {
                    if layer.size == 0 { "–".to_owned() } else { words::layer_size(layer) }
                });
            let room = if value.is_empty() { 26 } else { 26_usize.saturating_sub(value.chars().count() + 1) };
            rows.push(CardRow {
                text: words::abridge(&item.code, room).into(),
                title: item.code.as_str().into(),
                value: value.into(),
                y: HEAD + ROW * rows.len() as i32,
                height: ROW as u32,
                line: item.lines.0,
                steps,
                verdict: step.map_or(without, |step| scene::verdict(self.scene.first(), step)),
            });
        }
        rows
    }

    /// `cached`, `22 s`, `target · 16.4 MB`, `skipped`.
    fn subtitle(&self, build: &Build, stage: StageId, is_target: bool) -> String {
        match fate(self.scene.first(), stage) {
            Some(Fate::Skipped) => return "skipped".to_owned(),
            Some(Fate::NotReached) => return "not reached".to_owned(),
            Some(Fate::InVain) => return "in vain".to_owned(),
            _ => {}
        }
        let steps = || build.steps.iter().filter(|s| s.stage == Some(stage));
        if steps().any(|s| s.status == Status::Failed) {
            return "failed".to_owned();
        }
        if is_target {
            let size = build.image.as_ref().map(|image| summary::size_text(build, image));
            return size.map_or_else(|| "target".to_owned(), |size| format!("target · {size}"));
        }
        let work = || steps().filter(|s| s.kind == StepKind::Instruction);
        let time: u64 = steps().map(|s| s.duration).sum();
        if work().count() > 0 && work().all(|s| s.status == Status::Cached) {
            "cached".to_owned()
        } else if time > 0 {
            words::duration(time)
        } else {
            String::new()
        }
    }

    /// Finds or makes a pill.
    fn pill(&mut self, id: String, kind: NodeKind, title: &str) -> usize {
        if let Some(at) = self.nodes.iter().position(|n| *n.id == *id) {
            return at;
        }
        let title = words::abridge(title, 24);
        let width = title.chars().count() as u32 * 7 + 24;
        self.nodes.push(Node {
            id: id.into(),
            kind,
            x: 0,
            y: 0,
            width,
            height: PILL,
            title: title.into(),
            subtitle: "".into(),
            color: Color::NEUTRAL,
            dim: false,
            reason: Phrase::new(),
            is_target: false,
            line: 0,
            rows: Vec::new(),
        });
        self.nodes.len() - 1
    }

    /// The node that `--from` or a mount names.
    fn named(&mut self, name: &str) -> usize {
        if name.is_empty() {
            return self.pill("context".to_owned(), NodeKind::Context, "build context");
        }
        let by_number = name.parse::<usize>().ok().filter(|n| *n < self.stages.len());
        let by_name =
            || self.stages.iter().rposition(|s| !s.name.is_empty() && s.name.eq_ignore_ascii_case(name));
        if let Some(stage) = by_name().or(by_number) {
            return stage;
        }
        if self.scene.project.contexts.contains_key(name) {
            return self.pill(format!("context:{name}"), NodeKind::Context, name);
        }
        self.pill(format!("image:{name}"), NodeKind::Image, familiar(name))
    }

    fn source(&mut self, source: &FlowSource) -> Option<usize> {
        match source {
            FlowSource::Context => Some(self.named("")),
            FlowSource::NamedContext(name) => {
                Some(self.pill(format!("context:{name}"), NodeKind::Context, name))
            }
            FlowSource::Stage(id) => Some(id.0 as usize).filter(|at| *at < self.stages.len()),
            FlowSource::Image(name) => {
                Some(self.pill(format!("image:{name}"), NodeKind::Image, familiar(name)))
            }
            FlowSource::Remote(address) => {
                let name = address.trim_end_matches('/').rsplit('/').next().unwrap_or(address);
                Some(self.pill(format!("remote:{address}"), NodeKind::Remote, name))
            }
            FlowSource::Inline => None,
        }
    }

    fn edges_into(&mut self, index: usize) {
        let Some(stage) = self.stages.get(index).cloned() else { return };
        self.base_edge(index, &stage);
        let lines: Vec<i32> =
            self.nodes.get(index).map(|n| n.rows.iter().map(|r| r.line as i32).collect()).unwrap_or_default();
        let items: Vec<(usize, &Item)> = self.items(&stage).collect();
        for (i, item) in items {
            let row = lines
                .iter()
                .position(|&line| line == item.lines.0 as i32)
                .unwrap_or(lines.len().saturating_sub(1));
            let to_y = HEAD + ROW * row as i32 + ROW / 2;
            let flows = if item.keyword == "FROM" { Vec::new() } else { self.flows(i) };
            if flows.is_empty() {
                // Nothing is known to flow: the instruction itself says from where it would.
                for take in &item.takes {
                    let from = self.named(&take.from);
                    let kind = if take.mount { EdgeKind::Mount } else { EdgeKind::Copy };
                    self.edge(from, index, kind, &take.path, None, to_y, i, item);
                }
            }
            for flow in &flows {
                let Some(from) = self.source(&flow.source) else { continue };
                let kind = if flow.mount { EdgeKind::Mount } else { EdgeKind::Copy };
                // The path as the instruction writes it says more than the builder's own.
                let mut written = item.takes.iter().filter(|take| take.mount == flow.mount);
                let path = match (written.next(), written.next()) {
                    (Some(only), None) => &only.path,
                    _ => &flow.path,
                };
                self.edge(from, index, kind, path, Some(flow.bytes), to_y, i, item);
            }
        }
    }

    /// What flows into an instruction, each source once.
    fn flows(&self, instruction: usize) -> Vec<Flow> {
        let mut flows: Vec<Flow> = Vec::new();
        for flow in self.step(instruction).map_or(&[][..], |(_, step)| step.flows.as_slice()) {
            let same = |f: &&mut Flow| f.source == flow.source && f.mount == flow.mount;
            match flows.iter_mut().find(same) {
                Some(known) => {
                    known.files += flow.files;
                    known.bytes += flow.bytes;
                }
                None => flows.push(flow.clone()),
            }
        }
        flows
    }

    fn base_edge(&mut self, index: usize, stage: &FileStage<'a>) {
        let Some((i, item)) = self.items(stage).next() else { return };
        let known = self.scene.first().stages.get(index).map(|s| s.base.clone());
        let from = match known {
            Some(Base::Scratch) => return,
            Some(Base::Stage(id)) => id.0 as usize,
            Some(Base::Context(name)) => self.pill(format!("context:{name}"), NodeKind::Context, &name),
            Some(Base::Image(reference)) => {
                self.pill(format!("image:{reference}"), NodeKind::Image, familiar(&reference))
            }
            Some(Base::Unknown) | None => match item.base.as_deref() {
                None | Some("scratch") => return,
                Some(name) => {
                    let before = self
                        .stages
                        .iter()
                        .take(index)
                        .rposition(|s| !s.name.is_empty() && s.name.eq_ignore_ascii_case(name));
                    before.unwrap_or_else(|| {
                        self.pill(format!("image:{name}"), NodeKind::Image, familiar(name))
                    })
                }
            },
        };
        self.edge(from, index, EdgeKind::From, "", None, HEAD / 2, i, item);
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of an edge")]
    fn edge(
        &mut self,
        from: usize,
        to: usize,
        kind: EdgeKind,
        path: &str,
        bytes: Option<u64>,
        to_y: i32,
        instruction: usize,
        item: &Item,
    ) {
        let (Some(source), Some(target)) = (self.nodes.get(from), self.nodes.get(to)) else { return };
        if from == to {
            return;
        }
        let is_stage = matches!(source.kind, NodeKind::Stage(_));
        let label = match (kind, bytes) {
            (EdgeKind::From, _) if is_stage => "FROM".to_owned(),
            (EdgeKind::From, _) => String::new(),
            (_, Some(bytes)) => format!("{} · {}", words::abridge(path, 18), words::bytes(bytes)),
            (_, None) => words::abridge(path, 18),
        };
        let from_y = match kind {
            _ if !is_stage => source.height as i32 / 2,
            EdgeKind::From => (source.height as i32 - 14).max(HEAD / 2),
            EdgeKind::Copy | EdgeKind::Mount => (source.height as i32 - 28).max(HEAD / 2),
        };
        let steps = self.steps_of(instruction);
        let runs = steps.of(self.scene.look.first()).is_some();
        let id = format!("{}>{}:{}:{}", source.id, target.id, item.lines.0, self.drafts.len());
        let edge = Edge {
            id: id.into(),
            from: from as u32,
            to: to as u32,
            kind,
            label_at: Point::default(),
            path: "".into(),
            width: width(bytes.unwrap_or(0)),
            color: source.color,
            dim: target.dim,
            dotted: target.dim || kind == EdgeKind::Mount || (!runs && kind != EdgeKind::From),
            line: item.lines.0,
            steps,
            label: label.as_str().into(),
        };
        let label = label.chars().count() as u32 * 7;
        self.drafts.push(Draft { link: Link { from, to, from_y, to_y, label }, edge });
    }

    fn finish(mut self) -> GraphView {
        let block = |n: &Node| Block {
            width: n.width,
            height: n.height,
            pill: !matches!(n.kind, NodeKind::Stage(_)),
        };
        let blocks: Vec<Block> = self.nodes.iter().map(block).collect();
        let links: Vec<Link> = self.drafts.iter().map(|d| d.link).collect();
        let laid = layout(&blocks, &links);
        for (node, place) in self.nodes.iter_mut().zip(&laid.places) {
            (node.x, node.y) = (place.x, place.y);
        }
        // A pill that leads only to what is dimmed is dimmed itself.
        for i in self.stages.len()..self.nodes.len() {
            let mut leads = self.drafts.iter().filter(|d| d.link.from == i).peekable();
            let dim = leads.peek().is_some() && leads.all(|d| d.edge.dim);
            if let Some(node) = self.nodes.get_mut(i) {
                node.dim = dim;
            }
        }
        let mut edges = Vec::with_capacity(self.drafts.len());
        for (draft, route) in self.drafts.into_iter().zip(&laid.routes) {
            edges.push(Edge { label_at: route.label_at, path: route.path().into(), ..draft.edge });
        }
        let alternative = alternative(&self.nodes, &edges);
        GraphView { width: laid.width, height: laid.height, nodes: self.nodes, edges, alternative }
    }
}

/// Tenths of a pixel for an amount of bytes: a hair for nothing, six pixels from 100 MB on.
fn width(bytes: u64) -> u32 {
    match bytes {
        0 => 14,
        n => (14 + 6 * n.ilog10()).min(60),
    }
}

/// The drawing as sentences.
fn alternative(nodes: &[Node], edges: &[Edge]) -> Vec<Text> {
    let title = |i: u32| nodes.get(i as usize).map_or("", |n| &*n.title);
    let mut told = Vec::new();
    for (i, node) in nodes.iter().enumerate().filter(|(_, n)| matches!(n.kind, NodeKind::Stage(_))) {
        let mut text = format!("Stage {}", node.title);
        if !node.subtitle.is_empty() {
            text.push_str(", ");
            text.push_str(&node.subtitle);
        }
        for edge in edges.iter().filter(|e| e.to as usize == i) {
            let how = match edge.kind {
                EdgeKind::From => format!("; from {}", title(edge.from)),
                EdgeKind::Copy => format!("; copies {} from {}", edge.label, title(edge.from)),
                EdgeKind::Mount => format!("; mounts {} from {}", edge.label, title(edge.from)),
            };
            text.push_str(&how);
        }
        if !node.reason.is_empty() {
            text.push_str(". ");
            text.push_str(&node.reason.to_string());
        }
        text.push('.');
        told.push(text.into());
    }
    told
}
