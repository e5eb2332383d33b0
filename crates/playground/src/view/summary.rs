//! The sentence with totals.

use super::Verdict;
use super::scene::{Scene, verdict};
use crate::text::{Phrase, Text};
use crate::words::{self, Known};
use serde::{Deserialize, Serialize};
use stagecraft_core::simulation::{Base, Build, Builder, Certainty, Fate, Image, StageId, Status, StepKind};

/// The sentence above the timeline and the figures behind it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SummaryView {
    /// `BuildKit 24 s, legacy 71 s: 1 stage skipped, 4 cached, 2 steps at once`.
    pub sentence: Phrase,
    /// The same for the live region, with the number of problems.
    pub announce: Text,
    /// Figures, of the builders that are looked at.
    pub builders: Vec<BuilderSummary>,
}

/// One builder's totals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuilderSummary {
    /// Whose.
    pub builder: Builder,
    /// `BuildKit`, `Legacy`.
    pub name: Text,
    /// The builder's message, if the build failed.
    pub error: Option<Text>,
    /// Milliseconds of simulated time.
    pub duration: u64,
    /// Bytes of the image, if there is one.
    pub image_size: Option<u64>,
    /// In words: `16.4 MB`.
    pub image_size_text: Text,
    /// Stages that it did not run.
    pub stages_skipped: u32,
    /// Stages that it ran for nothing.
    pub stages_in_vain: u32,
    /// Steps that it took from the cache.
    pub steps_cached: u32,
    /// Steps that it executed.
    pub steps_ran: u32,
    /// The most steps at work at one time.
    pub at_once: u32,
    /// Milliseconds that running steps at the same time saved.
    pub saved_by_parallelism: u64,
    /// Milliseconds spent on what nothing needs.
    pub wasted: u64,
}

/// Makes the slice.
pub(crate) fn build(scene: Scene<'_>, n_problems: usize) -> SummaryView {
    let builders: Vec<BuilderSummary> = scene.shown().map(totals).collect();
    let sentence = sentence(&builders);
    let problems = match n_problems {
        0 => "no problems".to_owned(),
        n => words::count(n, "problem"),
    };
    let announce = format!("{sentence}; {problems}").into();
    SummaryView { sentence, announce, builders }
}

fn sentence(builders: &[BuilderSummary]) -> Phrase {
    let mut phrase = Phrase::new();
    for (i, of) in builders.iter().enumerate() {
        let name = if i == 0 { words::builder(of.builder) } else { "legacy" };
        let told = match of.error {
            Some(_) => format!("{name} fails"),
            None => format!("{name} {}", words::duration(of.duration)),
        };
        phrase = if i == 0 { phrase.strong(&told) } else { phrase.plain(", ").plain(&told) };
    }
    let Some(first) = builders.first() else {
        return phrase;
    };
    let mut facts = Vec::new();
    let skipped = first.stages_skipped as usize;
    if skipped > 0 {
        facts.push((format!("{} skipped", words::count(skipped, "stage")), true));
    }
    let in_vain =
        builders.iter().filter(|b| b.error.is_none()).map(|b| b.stages_in_vain).max().unwrap_or(0) as usize;
    if in_vain > 0 && skipped == 0 {
        facts.push((format!("{} built in vain", words::count(in_vain, "stage")), true));
    }
    if first.steps_cached > 0 {
        facts.push((format!("{} cached", first.steps_cached), false));
    }
    if first.at_once > 1 {
        facts.push((format!("{} steps at once", first.at_once), false));
    }
    for (i, (fact, strong)) in facts.iter().enumerate() {
        phrase = phrase.plain(if i == 0 { ": " } else { ", " });
        phrase = if *strong { phrase.strong(fact) } else { phrase.plain(fact) };
    }
    phrase
}

fn totals(build: &Build) -> BuilderSummary {
    let is = |fate: &Fate| build.stages.iter().filter(|s| s.fate == *fate).count() as u32;
    let work = || build.steps.iter().filter(|s| s.kind == StepKind::Instruction);
    let image_size = build.image.as_ref().map(size);
    let spent: u64 = build.steps.iter().map(|s| s.duration).sum();
    BuilderSummary {
        builder: build.builder,
        name: words::builder(build.builder).into(),
        error: build.error.as_ref().map(|e| e.message.as_str().into()),
        duration: build.duration,
        image_size,
        image_size_text: build.image.as_ref().map(|image| size_text(build, image)).unwrap_or_default().into(),
        stages_skipped: is(&Fate::Skipped),
        stages_in_vain: is(&Fate::InVain),
        steps_cached: work().filter(|s| s.status == Status::Cached).count() as u32,
        steps_ran: work().filter(|s| s.status == Status::Ran).count() as u32,
        at_once: at_once(build),
        saved_by_parallelism: spent.saturating_sub(build.duration),
        wasted: build.steps.iter().filter(|s| verdict(build, s) == Verdict::InVain).map(|s| s.duration).sum(),
    }
}

/// Bytes of an image: the base's layers and its own.
pub(crate) fn size(image: &Image) -> u64 {
    image.base_size + image.layers.iter().map(|(_, layer)| layer.size).sum::<u64>()
}

/// The image's size in words, and that it is not known where what it is made of is not.
pub(crate) fn size_text(build: &Build, image: &Image) -> String {
    let size = size(image);
    let mut stage = build.stages.iter().position(|stage| stage.fate == Fate::Target);
    while let Some(at) = stage {
        let own = build.steps.iter().filter(|step| step.stage == Some(StageId(at as u32)));
        if own.clone().any(|step| step.certainty == Certainty::Unknown) {
            return if size == 0 { "size unknown".to_owned() } else { Known::AtLeast.size(size) };
        }
        stage = match build.stages.get(at).map(|stage| &stage.base) {
            Some(Base::Stage(base)) if (base.0 as usize) < at => Some(base.0 as usize),
            _ => None,
        };
    }
    image.layers.iter().map(|(_, layer)| Known::layer(layer)).max().unwrap_or(Known::Exactly).size(size)
}

/// The most steps of stages that are at work at one time.
fn at_once(build: &Build) -> u32 {
    let busy = || build.steps.iter().filter(|s| s.duration > 0 && s.stage.is_some());
    let mut moments: Vec<(u64, i32)> =
        busy().flat_map(|s| [(s.start, 1), (s.start + s.duration, -1)]).collect();
    moments.sort_unstable();
    let (mut now, mut most) = (0, 0);
    for (_, change) in moments {
        now += change;
        most = most.max(now);
    }
    most as u32
}
