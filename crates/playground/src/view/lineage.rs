//! Which step wrote a file: found in the layers of the steps before, from the latest to the base image. The
//! writers that a tree's files carry are not used here: a result from the cache carries those of an earlier
//! build.

use super::lines::familiar;
use super::scene::{Scene, stage_title};
use crate::color::Color;
use stagecraft_core::simulation::{Base, Build, EntryKind, FlowSource, StageId, Step, StepId};
use stagecraft_sandbox::tree::{Content, Node, components};
use std::sync::Arc;

/// A step and those before it in its chain, the latest first.
pub(crate) struct Lineage<'a> {
    build: &'a Build,
    chain: Vec<StepId>,
}

/// Where an entry comes from, in words.
pub(crate) struct Told {
    pub(crate) color: Color,
    pub(crate) text: String,
    pub(crate) line: u32,
}

/// The step whose file system this one starts from.
fn parent(build: &Build, id: StepId, step: &Step) -> Option<StepId> {
    // The legacy builder's `FROM` starts from nothing and gives what the earlier stage left.
    let first = step.stage.filter(|_| step.layer.is_none() && step.before.root.is_empty());
    if let Some(Base::Stage(base)) = first.and_then(|s| build.stages.get(s.0 as usize)).map(|s| &s.base) {
        let begun = build.steps.iter().take(id.0 as usize).any(|s| s.stage == step.stage);
        if !begun {
            return Lineage::last_of_stage(build, *base).filter(|last| last.0 < id.0);
        }
    }
    let earlier = || step.inputs.iter().copied().filter(|input| input.0 != id.0);
    let after = |input: &StepId| build.steps.get(input.0 as usize).map(|s| &s.after);
    let starts =
        earlier().find(|input| after(input).is_some_and(|tree| Arc::ptr_eq(&tree.root, &step.before.root)));
    starts.or_else(|| {
        earlier().find(|input| {
            build.steps.get(input.0 as usize).is_some_and(|s| s.stage.is_some() && s.stage == step.stage)
        })
    })
}

impl<'a> Lineage<'a> {
    /// The chain that ends with a step.
    pub(crate) fn of(build: &'a Build, id: StepId) -> Self {
        let mut chain = vec![id];
        let mut at = id;
        while let Some(next) = build.steps.get(at.0 as usize).and_then(|step| parent(build, at, step)) {
            // A graph has no circles; a damaged one must not hang the page.
            if chain.len() > build.steps.len() {
                break;
            }
            chain.push(next);
            at = next;
        }
        Self { build, chain }
    }

    /// The step that wrote the path last, or the one that deleted it.
    pub(crate) fn writer(&self, path: &str, deleted: bool) -> Option<StepId> {
        self.chain.iter().copied().find(|id| {
            let layer = self.build.steps.get(id.0 as usize).and_then(|s| s.layer.as_ref());
            layer.is_some_and(|layer| {
                let at = layer.entries.binary_search_by(|entry| (*entry.path).cmp(path));
                let entry = at.ok().and_then(|i| layer.entries.get(i));
                entry
                    .is_some_and(|e| deleted || matches!(e.kind, EntryKind::Node(_) | EntryKind::Hardlink(_)))
            })
        })
    }

    /// What the chain begins with.
    pub(crate) fn base(&self) -> Option<(StageId, &'a Base)> {
        let first = self.chain.iter().rev().find_map(|id| self.build.steps.get(id.0 as usize)?.stage)?;
        Some((first, &self.build.stages.get(first.0 as usize)?.base))
    }

    /// In words, for a row of the tree.
    pub(crate) fn origin(&self, scene: Scene<'_>, path: &str, node: &Node, deleted: bool) -> Told {
        let Some(id) = self.writer(path, deleted) else {
            return Told { color: Color::NEUTRAL, text: self.base_words(), line: 0 };
        };
        let Some(step) = self.build.steps.get(id.0 as usize) else {
            return Told { color: Color::NEUTRAL, text: String::new(), line: 0 };
        };
        let line = scene.source.of_step(self.build, step).map_or(0, |item| item.lines.0);
        let color = Color::of_step(step.stage);
        let place = if line > 0 { format!(" · line {line}") } else { String::new() };
        if deleted {
            return Told { color, text: format!("deleted{place}"), line };
        }
        if let Node::File(file) = node {
            match &file.content {
                Content::Modelled { source, .. } if step.flows.is_empty() => {
                    return Told { color, text: format!("modelled: {source}"), line };
                }
                Content::Unknown { .. } => return Told { color, text: format!("unknown{place}"), line },
                Content::Modelled { .. } | Content::Bytes(_) => {}
            }
        }
        let copied = step.flows.iter().filter(|flow| !flow.mount).map(|flow| &flow.source).next();
        match copied {
            Some(FlowSource::Context) => {
                Told { color: Color::NEUTRAL, text: format!("context{place}"), line }
            }
            Some(FlowSource::NamedContext(name)) => {
                Told { color: Color::NEUTRAL, text: format!("{name}{place}"), line }
            }
            Some(FlowSource::Stage(stage)) => Told {
                color: Color::of(*stage),
                text: format!("{}{place}", stage_title(self.build, *stage)),
                line,
            },
            Some(FlowSource::Image(name)) => {
                Told { color: Color::NEUTRAL, text: format!("{}{place}", familiar(name)), line }
            }
            Some(FlowSource::Remote(_)) => {
                Told { color: Color::NEUTRAL, text: format!("download{place}"), line }
            }
            Some(FlowSource::Inline) | None => {
                let stage = step.stage.map(|s| stage_title(self.build, s)).unwrap_or_default();
                Told { color, text: format!("{stage}{place}"), line }
            }
        }
    }

    fn base_words(&self) -> String {
        match self.base() {
            Some((_, Base::Image(reference))) => familiar(reference).to_owned(),
            Some((_, Base::Context(name))) => format!("context {name}"),
            Some((_, Base::Scratch)) => "scratch".to_owned(),
            Some((_, Base::Stage(id))) => stage_title(self.build, *id),
            Some((_, Base::Unknown)) | None => String::new(),
        }
    }

    /// The step that a stage ends with.
    pub(crate) fn last_of_stage(build: &Build, stage: StageId) -> Option<StepId> {
        let at = build.steps.iter().rposition(|s| s.stage == Some(stage))?;
        Some(StepId(at as u32))
    }

    /// Where the source of a copied file stood: the path that the copy noted, or, without a note, the path as
    /// the instruction writes it, continued by the file's own name.
    pub(crate) fn source_path(node: &Node, written: &str, path: &str) -> String {
        let name = components(path).next_back().unwrap_or_default();
        if let Some((noted, _)) = node.origin().and_then(|origin| origin.source(name)) {
            return noted;
        }
        let first = written.split_whitespace().next().unwrap_or(written);
        if first.ends_with('/') || first == "." || first.is_empty() {
            name.to_owned()
        } else {
            first.to_owned()
        }
    }
}
