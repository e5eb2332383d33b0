//! What stands at the end of each line of the Dockerfile, the stages' colors in its margin, and which step a
//! line is.

use super::PerBuilder;
use super::scene::{Scene, change};
use crate::color::Color;
use crate::source::Item;
use crate::text::Text;
use crate::words;
use serde::{Deserialize, Serialize};
use stagecraft_core::catalogue::{Knowledge, is_windows};
use stagecraft_core::simulation::{Base, Build, Certainty, Fate, Status, Step, StepId};

/// All that the editor shows beside the text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LinesView {
    /// In order of the file.
    pub stages: Vec<LineStage>,
    /// In order of the file, at most one per line.
    pub notes: Vec<LineNote>,
    /// In order of the file.
    pub steps: Vec<LineStep>,
}

/// Lines of one stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineStage {
    /// From 1.
    pub first: u32,
    /// The last line of its last instruction.
    pub last: u32,
    /// In the margin.
    pub color: Color,
    /// Skipped by the builder that is looked at first.
    pub dim: bool,
}

/// How loud a note is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Tone {
    /// By the way.
    Faint,
    /// Cached.
    Good,
    /// Something changed.
    Notable,
    /// It failed.
    Bad,
}

/// What stands at the end of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineNote {
    /// From 1: the first line of the instruction.
    pub line: u32,
    /// `golang:1.22-alpine · 231 MB`, `cached`, `main.go changed`.
    pub text: Text,
    /// More, for the tooltip; may be empty.
    pub title: Text,
    /// How loud.
    pub tone: Tone,
}

/// Which step the lines of an instruction are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineStep {
    /// From 1.
    pub first: u32,
    /// From 1.
    pub last: u32,
    /// The builders' steps, where they have one.
    pub steps: PerBuilder<Option<StepId>>,
}

/// Makes the slice.
pub(crate) fn build(scene: Scene<'_>) -> LinesView {
    let first = scene.look.first();
    let items = scene.source.items(first);
    let by_instruction = PerBuilder::each(|builder| scene.steps_by_instruction(builder));
    let steps = items.iter().enumerate().map(|(i, item)| LineStep {
        first: item.lines.0,
        last: item.lines.1,
        steps: PerBuilder::each(|b| by_instruction.of(b).get(i).copied().flatten()),
    });
    let steps = steps.filter(|s| s.steps.buildkit.is_some() || s.steps.legacy.is_some()).collect();
    let mut stages = Vec::new();
    let mut notes = Vec::new();
    let begin = scene.stages().first().map_or(items.len(), |s| s.items.start);
    notes.extend(items.iter().take(begin).filter_map(|item| before_from(scene, item)));
    for stage in scene.stages() {
        let lines = items.get(stage.items.clone()).unwrap_or_default();
        let fate = scene.first().stages.get(stage.id.0 as usize).map(|s| &s.fate);
        let dim = matches!(fate, Some(Fate::Skipped | Fate::NotReached));
        if let (Some(from), Some(last)) = (lines.first(), lines.last()) {
            stages.push(LineStage {
                first: from.lines.0,
                last: last.lines.1,
                color: Color::of(stage.id),
                dim,
            });
        }
        let build = scene.first();
        let skipped = build.stages.get(stage.id.0 as usize).is_some_and(|s| s.fate == Fate::Skipped);
        for (i, item) in stage.items.clone().zip(lines) {
            let step = by_instruction.of(first).get(i).copied().flatten();
            let step = step.and_then(|id| build.steps.get(id.0 as usize));
            let note = match step {
                Some(step) => noted(scene, build, item, step),
                None if skipped && item.keyword == "FROM" => {
                    Some(note(item, "skipped", &words::fate_reason(build, stage.id).to_string(), Tone::Faint))
                }
                None => None,
            };
            notes.extend(note);
        }
    }
    LinesView { stages, notes, steps }
}

fn note(item: &Item, text: &str, title: &str, tone: Tone) -> LineNote {
    LineNote { line: item.lines.0, text: text.into(), title: title.into(), tone }
}

/// Arguments before the first stage.
fn before_from(scene: Scene<'_>, item: &Item) -> Option<LineNote> {
    if item.keyword != "ARG" {
        return None;
    }
    let given = scene.project.build_args.iter().rev();
    let mut names = scene.source.arguments.iter().filter(|d| d.line == item.lines.0).map(|d| &d.name);
    let given = names.find_map(|name| given.clone().find(|(n, _)| n == name));
    let title = "A stage sees it only after declaring it again with ARG.";
    Some(match given {
        Some((name, value)) => note(item, &format!("{name}={value}"), title, Tone::Notable),
        None => note(item, "for FROM lines only", title, Tone::Faint),
    })
}

fn noted(scene: Scene<'_>, build: &Build, item: &Item, step: &Step) -> Option<LineNote> {
    let took = if step.duration > 0 { words::duration(step.duration) } else { String::new() };
    if item.keyword == "FROM" {
        return from(scene, build, item, step);
    }
    let changed = step.layer.as_ref().and_then(|layer| change(layer));
    let reason = words::note(build, step);
    if step.certainty == Certainty::Unknown && step.status == Status::Ran {
        let title = "No model knows what this command writes. A comment above it can say: # effect: create /path 12MB";
        return Some(note(item, "effect unknown", title, Tone::Notable));
    }
    match (reason, changed) {
        // What a command wrote says more than that it had to run again.
        (Some((_, Tone::Notable)), Some(changed)) if item.keyword == "RUN" => {
            Some(note(item, &changed, &took, Tone::Faint))
        }
        (Some((reason, tone)), changed) => Some(note(item, &reason, &changed.unwrap_or(took), tone)),
        (None, Some(changed)) => Some(note(item, &changed, &took, Tone::Faint)),
        (None, None) => None,
    }
}

/// What a `FROM` resolved to, and what it weighs.
fn from(scene: Scene<'_>, build: &Build, item: &Item, step: &Step) -> Option<LineNote> {
    if step.status == Status::Failed {
        return words::note(build, step).map(|(text, tone)| note(item, &text, "", tone));
    }
    let stage = step.stage.and_then(|s| build.stages.get(s.0 as usize))?;
    let Base::Image(reference) = &stage.base else {
        return None;
    };
    let shown = familiar(reference);
    let own = scene.project.images.iter().any(|i| familiar(&i.reference) == shown);
    let known = scene.catalogue.resolve(reference).filter(|_| !own);
    let size = words::bytes(known.as_ref().map_or_else(|| step.after.size(), |base| base.size));
    let (size, title, tone) = match known.as_ref().map(|base| &base.knowledge) {
        Some(Knowledge::Unknown) if is_windows(reference) => (
            "Windows is not simulated".to_owned(),
            format!("{reference} is an image of Windows: what is in it and what runs in it is not known."),
            Tone::Notable,
        ),
        Some(Knowledge::Unknown) => (
            "not in the catalogue".to_owned(),
            format!("What is in {reference} is not known."),
            Tone::Notable,
        ),
        Some(Knowledge::Nearest { reference: other, date }) => (
            format!("≈ {size}"),
            format!("Figures of {other} ({date}): this tag has none of its own."),
            Tone::Faint,
        ),
        _ => (size, reference.to_string(), Tone::Faint),
    };
    let text = if item.base.as_deref() == Some(shown) { size } else { format!("{shown} · {size}") };
    Some(note(item, &text, &title, tone))
}

/// `docker.io/library/alpine:3.19` as people write it.
pub(crate) fn familiar(reference: &str) -> &str {
    let short = reference.strip_prefix("docker.io/library/").or_else(|| reference.strip_prefix("docker.io/"));
    let short = short.unwrap_or(reference);
    short.split_once('@').map_or(short, |(name, _)| name)
}
