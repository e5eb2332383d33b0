//! `stagecraft timeline`: when each step of a build runs and why, the critical path, what was saved, and what a real
//! build's log has to say.

use super::Command;
use crate::args::{Args, Failure};
use serde_json::{Value, json};
use stagecraft_core::catalogue::Catalogue;
use stagecraft_core::import;
use stagecraft_core::project::Project;
use stagecraft_core::schedule::{self, SkippedStage, Totals};
use stagecraft_core::simulation::{
    Build, Builder, DurationSource, FlowSource, LogLine, Reason, Status, Step, StepId,
};
use stagecraft_core::{Cache, simulate};
use std::io::Write;
use std::process::ExitCode;

pub(super) const COMMAND: Command = Command {
    name: "timeline",
    summary: "print when each step runs and why, the critical path and what is saved",
    usage: "[--builder legacy|buildkit] [--workers N] [--log FILE] [--before CONTEXT] [--format text|json]\n           \
            [options of build] CONTEXT\n           \
            --log takes durations and cache hits from a real build (--progress=plain, rawjson, legacy);\n           \
            --before fills the cache with a build of another context first",
    run,
};

fn run(mut args: Args, out: &mut dyn Write) -> Result<ExitCode, Failure> {
    let builder = match args.value(&["--builder"])?.as_deref() {
        None | Some("buildkit") => Builder::BuildKit,
        Some("legacy") => Builder::Legacy,
        Some(other) => return Err(Failure::Usage(format!("unknown builder {other:?}"))),
    };
    let as_json = super::json_format(&mut args)?;
    let catalogue = crate::images::read(&mut args)?;
    let before = args.value(&["--before"])?;
    let (project, _) = super::build::read_project(args)?;
    let cache = match before {
        Some(folder) => {
            let files = super::build::read_context(std::path::Path::new(&folder))?;
            simulate(&Project { files, ..project.clone() }, builder, &catalogue, &Cache::default()).1
        }
        None => Cache::default(),
    };
    let (build, _) = simulate(&project, builder, &catalogue, &cache);
    let told = Told::of(&project, &build, &catalogue);
    if as_json {
        writeln!(out, "{}", told.document(&build))?;
    } else {
        told.print(&build, out)?;
    }
    Ok(if build.error.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What there is to tell besides the steps.
struct Told {
    totals: Totals,
    skipped: Vec<SkippedStage>,
    log: Option<(import::Log, import::Report)>,
}

impl Told {
    fn of(project: &Project, build: &Build, catalogue: &Catalogue) -> Self {
        let log = import::read(&project.log);
        Self {
            totals: schedule::totals(build),
            skipped: schedule::skipped(project, catalogue, build),
            log: log.map(|log| {
                let report = import::report(&log, build);
                (log, report)
            }),
        }
    }

    fn print(&self, build: &Build, out: &mut dyn Write) -> std::io::Result<()> {
        writeln!(
            out,
            "{:>9} {:>9}  {:<8} {:<8}  step (* on the critical path)",
            "start", "time", "from", "status"
        )?;
        for (_, step) in shown(build) {
            let mark = if step.critical { '*' } else { ' ' };
            let times = (seconds(step.start), seconds(step.duration));
            let of = (source(step.duration_source), status(step.status));
            writeln!(
                out,
                "{:>9} {:>9}  {:<8} {:<8} {mark}{}",
                times.0,
                times.1,
                of.0,
                of.1,
                one_line(&step.name)
            )?;
        }
        let Totals { duration, critical_time, saved_by_parallelism, saved_by_cache, .. } = self.totals;
        writeln!(out, "\nin all                {:>10}", seconds(duration))?;
        writeln!(out, "critical path         {:>10}", seconds(critical_time))?;
        writeln!(out, "saved by parallelism  {:>10}", seconds(saved_by_parallelism))?;
        writeln!(out, "saved by the cache    {:>10}", seconds(saved_by_cache))?;
        let work: u64 = self.skipped.iter().filter_map(|stage| stage.work).sum();
        let unknown = self.skipped.iter().filter(|stage| stage.work.is_none()).count();
        let more =
            if unknown > 0 { format!(", and {unknown} stages of unknown work") } else { String::new() };
        writeln!(out, "saved by skipping     {:>10}{more}", seconds(work))?;
        if let Some((log, report)) = &self.log {
            writeln!(
                out,
                "\n{} of the log's {} steps are steps of this build",
                report.matched,
                log.entries.len()
            )?;
            if let Some(total) = log.total {
                writeln!(out, "the logged build took {}", seconds(total))?;
            }
            for entry in report.entries_left.iter().filter_map(|at| log.entries.get(*at)) {
                writeln!(out, "  only in the log: {}", entry.name)?;
            }
            for step in report.steps_left.iter().filter_map(|id| build.steps.get(id.0 as usize)) {
                writeln!(out, "  not in the log: {}", one_line(&step.name))?;
            }
        }
        Ok(())
    }

    fn document(&self, build: &Build) -> Value {
        let steps = shown(build).map(|(id, step)| {
            json!({
                "id": id.0, "name": step.name, "status": status(step.status), "reason": reason(&step.reason),
                "start": step.start, "duration": step.duration, "work": step.work,
                "source": source(step.duration_source), "lane": step.lane, "critical": step.critical,
                "inputs": step.inputs.iter().map(|id| id.0).collect::<Vec<_>>(),
            })
        });
        let ids = |ids: &[StepId]| ids.iter().map(|id| id.0).collect::<Vec<_>>();
        let skipped = self.skipped.iter().map(|stage| json!({"stage": stage.stage.0, "work": stage.work}));
        let log = self.log.as_ref().map(|(log, report)| {
            let left = report.entries_left.iter().filter_map(|at| log.entries.get(*at));
            json!({
                "steps": log.entries.len(), "matched": report.matched, "total": log.total, "cut": log.cut,
                "only_in_log": left.map(|entry| entry.name.as_str()).collect::<Vec<_>>(),
                "not_in_log": ids(&report.steps_left),
            })
        });
        json!({
            "ok": build.error.is_none(),
            "steps": steps.collect::<Vec<_>>(),
            "duration": self.totals.duration,
            "critical": ids(&self.totals.critical),
            "critical_time": self.totals.critical_time,
            "saved_by_parallelism": self.totals.saved_by_parallelism,
            "saved_by_cache": self.totals.saved_by_cache,
            "skipped": skipped.collect::<Vec<_>>(),
            "log": log,
        })
    }
}

/// Steps that progress shows, with their ids.
fn shown(build: &Build) -> impl Iterator<Item = (StepId, &Step)> {
    let told: std::collections::BTreeSet<StepId> =
        build.log.iter().filter_map(|line: &LogLine| line.step).collect();
    let all = build.steps.iter().enumerate().map(|(at, step)| (StepId(at as u32), step));
    all.filter(move |(id, _)| told.contains(id))
}

fn one_line(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn seconds(milliseconds: u64) -> String {
    format!("{}.{:03} s", milliseconds / 1000, milliseconds % 1000)
}

const fn source(source: DurationSource) -> &'static str {
    match source {
        DurationSource::Model => "model",
        DurationSource::Stated => "stated",
        DurationSource::Imported => "log",
    }
}

const fn status(status: Status) -> &'static str {
    match status {
        Status::Ran => "run",
        Status::Cached => "cached",
        Status::Canceled => "canceled",
        Status::Failed => "failed",
    }
}

fn reason(reason: &Reason) -> Value {
    match reason {
        Reason::Cold => json!({"kind": "cold"}),
        Reason::NoCache => json!({"kind": "no-cache"}),
        Reason::Always => json!({"kind": "always"}),
        Reason::Unchanged => json!({"kind": "unchanged"}),
        Reason::InstructionChanged => json!({"kind": "instruction"}),
        Reason::ArgumentChanged { name } => json!({"kind": "argument", "name": name}),
        Reason::FilesChanged { paths, source } => {
            let source = match source {
                FlowSource::Context => json!("context"),
                FlowSource::NamedContext(name) => json!({"context": name}),
                FlowSource::Stage(stage) => json!({"stage": stage.0}),
                FlowSource::Image(name) => json!({"image": name}),
                FlowSource::Remote(address) => json!({"remote": address}),
                FlowSource::Inline => json!("inline"),
            };
            json!({"kind": "files", "paths": paths, "source": source})
        }
        Reason::InputChanged { step } => json!({"kind": "input", "step": step.0}),
        Reason::StoppedLooking { step } => json!({"kind": "stopped-looking", "step": step.0}),
        Reason::Logged => json!({"kind": "logged"}),
        Reason::Failure => json!({"kind": "failure"}),
    }
}
