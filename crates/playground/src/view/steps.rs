//! All steps, and their union in time for the scrubber.

use super::PerBuilder;
use super::scene::{Scene, color, stage_title, verdict};
use crate::color::Color;
use crate::text::Text;
use crate::words;
use serde::{Deserialize, Serialize};
use stagecraft_core::simulation::{Build, Builder, Certainty, StageId, Step, StepId, StepKind};
use std::rc::Rc;

/// What happened to a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Verdict {
    /// Executed.
    Ran,
    /// Executed, and nothing needs its result.
    InVain,
    /// Taken from the cache.
    Cached,
    /// Not run, as nothing needs it.
    Skipped,
    /// Did not start, as something failed before.
    Canceled,
    /// Failed.
    Failed,
    /// Unknown: the build did not come that far.
    #[default]
    NotReached,
}

/// The steps of both builders.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StepsView {
    /// By [`StepId`].
    pub steps: PerBuilder<Vec<StepRow>>,
    /// The scrubber's ticks, in order of time; of the builders that are looked at.
    pub ticks: Vec<Tick>,
}

/// One step of one builder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRow {
    /// Which.
    pub id: StepId,
    /// As the builder prints it.
    pub name: Text,
    /// In a few words: `go build`, `COPY . .`.
    pub short: Text,
    /// Of which stage.
    pub stage: Option<StageId>,
    /// The stage's name for people, empty without one.
    pub stage_title: Text,
    /// The stage's color.
    pub color: Color,
    /// Line of the instruction from 1; 0 where there is none.
    pub line: u32,
    /// What happened.
    pub verdict: Verdict,
    /// In a word: `ran`, `cached`.
    pub verdict_text: Text,
    /// Milliseconds.
    pub start: u64,
    /// Milliseconds.
    pub duration: u64,
    /// In words: `22 s`.
    pub duration_text: Text,
    /// A model made up what it did, in part at least.
    pub modelled: bool,
    /// What it did is not known.
    pub unknown: bool,
}

/// A place of the scrubber.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tick {
    /// Milliseconds of simulated time.
    pub time: u64,
    /// The builder whose step begins here.
    pub builder: Builder,
    /// That step.
    pub step: StepId,
    /// Where each builder then is (its latest started step).
    pub current: PerBuilder<Option<StepId>>,
    /// `go build`.
    pub label: Text,
    /// Of the step's stage.
    pub color: Color,
}

/// Makes the slice.
pub(crate) fn build(scene: Scene<'_>) -> StepsView {
    let steps = PerBuilder::each(|builder| rows(scene, scene.builds.of(builder)));
    let ticks = ticks(scene, &steps);
    StepsView { steps, ticks }
}

fn rows(scene: Scene<'_>, build: &Build) -> Vec<StepRow> {
    let row = |(i, step): (usize, &Step)| {
        let item = scene.source.of_step(build, step);
        let verdict = verdict(build, step);
        StepRow {
            id: StepId(i as u32),
            name: step.name.as_str().into(),
            short: item
                .map_or_else(
                    || words::abridge(&step.name, 24),
                    |item| words::short(&item.keyword, &item.code),
                )
                .into(),
            stage: step.stage,
            stage_title: step.stage.map(|s| stage_title(build, s)).unwrap_or_default().into(),
            color: color(step),
            line: item.map_or(0, |item| item.lines.0),
            verdict,
            verdict_text: words::verdict(verdict).into(),
            start: step.start,
            duration: step.duration,
            duration_text: words::duration(step.duration).into(),
            modelled: step.certainty == Certainty::Modelled,
            unknown: step.certainty == Certainty::Unknown,
        }
    };
    build.steps.iter().enumerate().map(row).collect()
}

/// Whether the scrubber stops at it: what belongs to a stage does, the builder's own chores do not.
fn is_tick(step: &Step) -> bool {
    step.kind == StepKind::Instruction || step.stage.is_some()
}

fn ticks(scene: Scene<'_>, rows: &PerBuilder<Vec<StepRow>>) -> Vec<Tick> {
    let mut order = Vec::new();
    for (nth, build) in scene.shown().enumerate() {
        let of_build = build.steps.iter().enumerate().filter(|(_, s)| is_tick(s));
        order.extend(of_build.map(|(i, s)| (s.start, nth, i, build.builder)));
    }
    order.sort_unstable_by_key(|&(start, nth, i, _)| (start, nth, i));
    let mut current = PerBuilder::default();
    let tick = |(time, _, i, builder): (u64, usize, usize, Builder)| {
        let step = StepId(i as u32);
        *current.of_mut(builder) = Some(step);
        let row = rows.of(builder).get(i);
        Tick {
            time,
            builder,
            step,
            current: current.clone(),
            label: row.map_or_else(|| "".into(), |r| Rc::clone(&r.short)),
            color: row.map_or(Color::NEUTRAL, |r| r.color),
        }
    };
    order.into_iter().map(tick).collect()
}
