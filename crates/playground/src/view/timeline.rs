//! Both builders' lanes to one scale of time.

use super::scene::{Scene, color, title, verdict};
use super::steps::Verdict;
use crate::color::Color;
use crate::text::Text;
use crate::words;
use serde::{Deserialize, Serialize};
use stagecraft_core::simulation::{Build, Builder, Step, StepId, StepKind};
use std::rc::Rc;

/// The lanes, and what they are measured by.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TimelineView {
    /// Microseconds at the right end: the longest build that is looked at, never 0.
    pub scale: u64,
    /// From top to bottom.
    pub lanes: Vec<Lane>,
    /// The drawing told as text, a sentence per line.
    pub alternative: Vec<Text>,
}

/// One line of bars.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lane {
    /// Whose.
    pub builder: Builder,
    /// `BuildKit 1`, `Legacy`.
    pub label: Text,
    /// `24 s` on the builder's first lane, else empty.
    pub total: Text,
    /// From left to right.
    pub bars: Vec<Bar>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bar {
    /// Which.
    pub step: StepId,
    /// Microseconds from the left end.
    pub start: u64,
    /// Microseconds, as drawn: never 0, and no bar covers its neighbor.
    pub duration: u64,
    /// What stands in it: `go build`, `✓`.
    pub label: Text,
    /// The whole story for the tooltip.
    pub title: Text,
    /// Of its stage.
    pub color: Color,
    /// What happened to it.
    pub verdict: Verdict,
    /// On the critical path.
    pub critical: bool,
}

/// Makes the slice.
pub(crate) fn build(scene: Scene<'_>) -> TimelineView {
    let longest = scene.shown().map(|b| b.duration).max().unwrap_or(0).max(1) * MICRO;
    let drawn: Vec<(&Build, Vec<(u64, u64)>)> = scene.shown().map(|b| (b, spread(b, longest))).collect();
    let mut lanes = Vec::new();
    let mut alternative = Vec::new();
    for (build, bars) in drawn {
        let first = lanes.len();
        for (i, step) in build.steps.iter().enumerate().filter(|(_, s)| is_drawn(s)) {
            let at = first + step.lane as usize;
            while lanes.len() <= at.min(first + MOST_LANES) {
                lanes.push(lane(build.builder, lanes.len() - first));
            }
            let (start, duration) = bars.get(i).copied().unwrap_or_default();
            let bar = bar(scene, build, i, step, start, duration);
            alternative.push(Rc::clone(&bar.title));
            if let Some(lane) = lanes.get_mut(at.min(first + MOST_LANES)) {
                lane.bars.push(bar);
            }
        }
        let n_lanes = lanes.len() - first;
        if let Some(lane) = lanes.get_mut(first) {
            lane.total = words::duration(build.duration).into();
            if n_lanes == 1 {
                lane.label = words::builder(build.builder).into();
            }
        }
    }
    TimelineView { scale: longest, lanes, alternative }
}

/// Lanes beyond it share the last one.
const MOST_LANES: usize = 63;

fn is_drawn(step: &Step) -> bool {
    step.stage.is_some() || step.kind == StepKind::Instruction
}

fn lane(builder: Builder, nth: usize) -> Lane {
    let label = format!("{} {}", words::builder(builder), nth + 1).into();
    Lane { builder, label, total: "".into(), bars: Vec::new() }
}

/// Microseconds in a millisecond.
const MICRO: u64 = 1000;

/// Where bars are drawn. Steps that take no time get a little room, so that they can be seen and clicked; all are drawn a
/// little shorter for it, so that the last one ends when the build does.
fn spread(build: &Build, longest: u64) -> Vec<(u64, u64)> {
    let n = build.steps.iter().filter(|s| is_drawn(s)).count().max(1) as u64;
    let least = (longest / 80).min(longest / (2 * n)).max(1);
    let mut lanes: Vec<u64> = Vec::new();
    let mut bars: Vec<(u64, u64)> = Vec::with_capacity(build.steps.len());
    for step in &build.steps {
        if !is_drawn(step) {
            bars.push((step.start * MICRO, 0));
            continue;
        }
        let lane = (step.lane as usize).min(MOST_LANES);
        if lanes.len() <= lane {
            lanes.resize(lane + 1, 0);
        }
        let ends =
            step.inputs.iter().filter_map(|id| bars.get(id.0 as usize)).map(|(start, length)| start + length);
        let free = lanes.get(lane).copied().unwrap_or(0);
        let start = ends.max().unwrap_or(0).max(free).max(step.start * MICRO);
        let length = (step.duration * MICRO).max(least);
        if let Some(end) = lanes.get_mut(lane) {
            *end = start + length;
        }
        bars.push((start, length));
    }
    let end = bars.iter().map(|(start, length)| start + length).max().unwrap_or(0);
    let whole = (build.duration * MICRO).max(1);
    if end > whole {
        let place = |time: u64| (u128::from(time) * u128::from(whole) / u128::from(end)) as u64;
        for (start, length) in &mut bars {
            let from = place(*start).min(whole - 1);
            *length = place(*start + *length).saturating_sub(from).max(1);
            *start = from;
        }
    }
    bars
}

fn bar(scene: Scene<'_>, build: &Build, i: usize, step: &Step, start: u64, duration: u64) -> Bar {
    let item = scene.source.of_step(build, step);
    let verdict = verdict(build, step);
    let short =
        item.map_or_else(|| words::abridge(&step.name, 24), |item| words::short(&item.keyword, &item.code));
    let what = title(item, step);
    let mut told = format!("{}: {what}: {}", words::builder(build.builder), words::verdict(verdict));
    if step.duration > 0 {
        told.push_str(", ");
        told.push_str(&words::duration(step.duration));
    }
    let label = match verdict {
        Verdict::Cached => "✓".to_owned(),
        Verdict::InVain if step.duration > 0 => format!("{short} · its result is thrown away"),
        _ => short,
    };
    Bar {
        step: StepId(i as u32),
        start,
        duration,
        label: label.into(),
        title: told.into(),
        color: color(step),
        verdict,
        // On a single line every step is critical, which says nothing.
        critical: step.critical && build.builder == Builder::BuildKit,
    }
}
