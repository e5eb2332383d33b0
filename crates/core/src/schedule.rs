//! Where the time of a build goes: the critical path, and what running at once, the cache and skipping save.

use crate::catalogue::Catalogue;
use crate::project::Project;
use crate::simulation::{Build, DurationSource, Fate, StageId, Status, StepId};
use crate::{Cache, simulate};

/// Times of a build in milliseconds. `duration` + `saved_by_parallelism` + `saved_by_cache` is what one worker without
/// a cache would need for the same steps (but for a millisecond per lookup of the legacy builder).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Totals {
    /// From the first start to the last end.
    pub duration: u64,
    /// The steps that the duration hangs on, in the order of their start. Of the legacy builder, all.
    pub critical: Vec<StepId>,
    /// What the critical steps take.
    pub critical_time: u64,
    /// Because steps ran at the same time.
    pub saved_by_parallelism: u64,
    /// Because results came from the cache.
    pub saved_by_cache: u64,
    /// How many of the executed steps have their duration from the cost model, from the person, from a log.
    pub sources: [usize; 3],
}

/// Adds up a build.
pub fn totals(build: &Build) -> Totals {
    let mut totals = Totals { duration: build.duration, ..Totals::default() };
    let mut busy = 0;
    for (at, step) in build.steps.iter().enumerate() {
        busy += step.duration;
        if step.critical {
            totals.critical.push(StepId(at as u32));
            totals.critical_time += step.duration;
        }
        if step.status == Status::Cached {
            totals.saved_by_cache += step.work.saturating_sub(step.duration);
        }
        let source = match step.duration_source {
            DurationSource::Model => 0,
            DurationSource::Stated => 1,
            DurationSource::Imported => 2,
        };
        if let Some(count) = totals.sources.get_mut(source).filter(|_| step.duration > 0) {
            *count += 1;
        }
    }
    let start = |id: &StepId| build.steps.get(id.0 as usize).map(|step| step.start);
    totals.critical.sort_by_key(start);
    totals.saved_by_parallelism = busy.saturating_sub(build.duration);
    totals
}

/// A stage that a builder does not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SkippedStage {
    /// Which.
    pub stage: StageId,
    /// Milliseconds that its steps would take; `None` where it was not tried or fails.
    pub work: Option<u64>,
}

/// The most builds that [`skipped`] tries.
const MOST_TRIES: usize = 16;

/// What skipping saves: the stages that are not run are built for themselves.
pub fn skipped(project: &Project, catalogue: &Catalogue, build: &Build) -> Vec<SkippedStage> {
    let stages = build.stages.iter().enumerate().filter(|(_, stage)| stage.fate == Fate::Skipped);
    let mut skipped: Vec<SkippedStage> =
        stages.map(|(at, _)| SkippedStage { stage: StageId(at as u32), work: None }).collect();
    let mut tries = 0;
    // A later stage may need earlier ones, which are known then.
    for at in (0..skipped.len()).rev() {
        let Some(stage) = skipped.get(at).filter(|stage| stage.work.is_none() && tries < MOST_TRIES) else {
            continue;
        };
        let index = stage.stage.0 as usize;
        let name = build.stages.get(index).map(|stage| stage.name.clone()).unwrap_or_default();
        let last = index + 1 == build.stages.len();
        // A stage without a name cannot be asked for, unless it is the last.
        if name.is_empty() && !last {
            continue;
        }
        tries += 1;
        let other = Project { target: (!last).then_some(name), ..project.clone() };
        let (tried, _) = simulate(&other, build.builder, catalogue, &Cache::default());
        if tried.error.is_some() {
            continue;
        }
        for stage in skipped.iter_mut().filter(|stage| stage.work.is_none()) {
            let ran =
                tried.stages.get(stage.stage.0 as usize).is_some_and(|stage| stage.fate != Fate::Skipped);
            let steps = tried.steps.iter().filter(|step| step.stage == Some(stage.stage));
            stage.work = ran.then(|| steps.map(|step| step.work).sum());
        }
    }
    skipped
}
