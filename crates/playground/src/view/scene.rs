//! What all slices are made from.

use super::{Look, PerBuilder, Verdict};
use crate::color::Color;
use crate::source::{Item, Source};
use crate::text::Text;
use crate::words;
use stagecraft_core::catalogue::Catalogue;
use stagecraft_core::project::Project;
use stagecraft_core::simulation::{
    Build, Builder, EntryKind, Fate, Layer, StageId, Status, Step, StepId, StepKind,
};
use stagecraft_sandbox::tree::Node;

/// A simulated project, ready to be looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene<'a> {
    /// What was built.
    pub(crate) project: &'a Project,
    /// Its Dockerfile.
    pub(crate) source: &'a Source,
    /// Both builders' answers.
    pub(crate) builds: &'a PerBuilder<Build>,
    /// Which of them are looked at.
    pub(crate) look: Look,
    /// Base images.
    pub(crate) catalogue: &'a Catalogue,
    /// What the cache was filled with, if it was.
    pub(crate) baseline: Option<&'a Project>,
}

/// A stage as the file has it, whether or not a builder came to it.
#[derive(Debug, Clone)]
pub(crate) struct FileStage<'a> {
    pub(crate) id: StageId,
    pub(crate) name: &'a str,
    /// Indexes into the builder's items, `FROM` first.
    pub(crate) items: std::ops::Range<usize>,
}

impl<'a> Scene<'a> {
    /// The builders that are looked at, BuildKit first.
    pub(crate) fn builders(self) -> impl Iterator<Item = Builder> {
        [Builder::BuildKit, Builder::Legacy].into_iter().filter(move |&b| self.look.shows(b))
    }

    /// The builds that are looked at.
    pub(crate) fn shown(self) -> impl Iterator<Item = &'a Build> {
        self.builders().map(move |b| self.builds.of(b))
    }

    /// The build that the editor and the graph show.
    pub(crate) fn first(self) -> &'a Build {
        self.builds.of(self.look.first())
    }

    /// The other build, if it is looked at too.
    pub(crate) fn second(self) -> Option<&'a Build> {
        (self.look == Look::SideBySide).then(|| self.builds.of(Builder::Legacy))
    }

    /// The stages of the file.
    pub(crate) fn stages(self) -> Vec<FileStage<'a>> {
        let items = self.source.items(self.look.first());
        let mut stages: Vec<FileStage<'a>> = Vec::new();
        for (i, item) in items.iter().enumerate() {
            if item.keyword == "FROM" {
                let id = StageId(stages.len() as u32);
                stages.push(FileStage { id, name: &item.name, items: i..i + 1 });
            } else if let Some(stage) = stages.last_mut() {
                stage.items.end = i + 1;
            }
        }
        stages
    }

    /// The step of an instruction.
    pub(crate) fn step_of(self, builder: Builder, instruction: usize) -> Option<StepId> {
        let steps = &self.builds.of(builder).steps;
        let at =
            steps.iter().position(|s| s.instruction == Some(instruction) && s.kind != StepKind::Internal)?;
        Some(StepId(at as u32))
    }

    /// For every instruction its first step.
    pub(crate) fn steps_by_instruction(self, builder: Builder) -> Vec<Option<StepId>> {
        let mut found = vec![None; self.source.items(builder).len()];
        for (i, step) in self.builds.of(builder).steps.iter().enumerate() {
            let slot = step.instruction.and_then(|instruction| found.get_mut(instruction));
            if let Some(slot @ None) = slot.filter(|_| step.kind != StepKind::Internal) {
                *slot = Some(StepId(i as u32));
            }
        }
        found
    }
}

/// What happened to a step, seen from its stage.
pub(crate) fn verdict(build: &Build, step: &Step) -> Verdict {
    let in_vain =
        || step.stage.and_then(|s| build.stages.get(s.0 as usize)).is_some_and(|s| s.fate == Fate::InVain);
    match step.status {
        Status::Ran if in_vain() => Verdict::InVain,
        Status::Ran => Verdict::Ran,
        Status::Cached => Verdict::Cached,
        Status::Canceled => Verdict::Canceled,
        Status::Failed => Verdict::Failed,
    }
}

/// Of a step's stage.
pub(crate) fn color(step: &Step) -> Color {
    Color::of_step(step.stage)
}

/// A stage's name for people.
pub(crate) fn stage_title(build: &Build, stage: StageId) -> String {
    words::stage(build.stages.get(stage.0 as usize).map_or("", |s| &s.name), stage.0)
}

/// The instruction of a step, or its name, on one line.
pub(crate) fn title(item: Option<&Item>, step: &Step) -> Text {
    item.map_or_else(|| step.name.as_str().into(), |item| item.code.as_str().into())
}

/// What a layer adds and removes, in words: `+ 1 file · 8.4 MB`; `None` where it holds nothing.
pub(crate) fn change(layer: &Layer) -> Option<String> {
    let (mut files, mut dirs, mut gone) = (0, 0, 0);
    for entry in &layer.entries {
        match &entry.kind {
            EntryKind::Node(Node::Dir(_)) | EntryKind::Opaque => dirs += 1,
            EntryKind::Node(_) | EntryKind::Hardlink(_) => files += 1,
            EntryKind::Whiteout => gone += 1,
        }
    }
    let mut parts = Vec::new();
    if files > 0 {
        parts.push(format!("+ {} · {}", words::count(files, "file"), words::layer_size(layer)));
    } else if dirs > 0 && gone == 0 {
        parts.push(if dirs == 1 { "+ 1 directory".to_owned() } else { format!("+ {dirs} directories") });
    }
    if gone > 0 {
        parts.push(format!("− {gone} deleted"));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}
