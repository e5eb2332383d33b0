//! Logs of real builds. What a builder printed becomes a list of steps with durations and cache hits, which then
//! drives the simulated schedule ([`crate::project::Project::log`]).
//!
//! | file | what it reads |
//! |---|---|
//! | [`clean`] | what terminals and continuous integration put around a line |
//! | [`plain`] | `--progress=plain` of BuildKit |
//! | [`rawjson`] | `--progress=rawjson` of BuildKit |
//! | [`terminal`] | what BuildKit draws on a terminal |
//! | [`legacy`] | the classic builder's log |
//! | [`matching`] | which step of a file each step of a log is |
//!
//! Work grows with the length of the text alone; steps beyond [`MOST_STEPS`] are left out, and [`Log::cut`] says so.

mod clean;
mod legacy;
pub(crate) mod matching;
mod plain;
mod rawjson;
mod terminal;

use crate::simulation::{Build, Builder, StepId};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The most steps that are read from a log.
pub const MOST_STEPS: usize = 2000;

/// Which log it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `--progress=plain`
    Plain,
    /// `--progress=rawjson`
    RawJson,
    /// `--progress=tty`
    Terminal,
    /// The classic builder's.
    Legacy,
}

impl Format {
    /// Who writes it.
    pub const fn builder(self) -> Builder {
        match self {
            Self::Legacy => Builder::Legacy,
            Self::Plain | Self::RawJson | Self::Terminal => Builder::BuildKit,
        }
    }
}

/// What the log says became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Executed.
    Ran,
    /// Taken from the cache.
    Cached,
    /// Failed.
    Failed,
    /// Canceled, as another one failed.
    Canceled,
    /// Its end is not in the log.
    Open,
}

/// A step of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// As the builder names it, on one line: `[build 2/4] RUN make`, `Step 2/4 : RUN make`.
    pub name: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Milliseconds, where the log has them.
    pub duration: Option<u64>,
}

impl Entry {
    fn new(name: &str) -> Self {
        Self { name: clean::one_line(name), outcome: Outcome::Open, duration: None }
    }

    /// What the step takes when it is executed: times of cached, failed and canceled ones do not say.
    pub fn executed(&self) -> Option<u64> {
        self.duration.filter(|_| self.outcome == Outcome::Ran)
    }
}

/// A log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Which.
    pub format: Format,
    /// Its steps in their order.
    pub entries: Vec<Entry>,
    /// Milliseconds from the build's start to its end, where the log has them.
    pub total: Option<u64>,
    /// There were more than [`MOST_STEPS`].
    pub cut: bool,
}

impl Log {
    fn new(format: Format) -> Self {
        Self { format, entries: Vec::new(), total: None, cut: false }
    }

    /// Adds a step; gives its index if there is room for it.
    fn add(&mut self, entry: Entry) -> Option<usize> {
        self.cut |= self.entries.len() >= MOST_STEPS;
        if self.cut {
            return None;
        }
        self.entries.push(entry);
        Some(self.entries.len() - 1)
    }

    /// A log that says the same, without what the steps printed: fit for a share link.
    pub fn reduced(&self) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        if let Some(total) = self.total {
            let _ = writeln!(out, "[+] Building {}", seconds(total));
        }
        for (index, entry) in self.entries.iter().enumerate() {
            let number = index + 1;
            let time = entry.duration.map(seconds);
            if self.format == Format::Legacy {
                let _ = writeln!(out, "{}", entry.name);
                out.push_str(match entry.outcome {
                    Outcome::Cached => " ---> Using cache\n",
                    Outcome::Failed => "The command returned a non-zero code\n",
                    Outcome::Ran => " ---> 0\n",
                    Outcome::Canceled | Outcome::Open => "",
                });
                if let Some(time) = time {
                    let _ = writeln!(out, " ---> Took {time}");
                }
                continue;
            }
            let _ = writeln!(out, "#{number} {}", entry.name);
            let end = match entry.outcome {
                Outcome::Ran => "DONE ",
                Outcome::Cached => "CACHED",
                Outcome::Failed => "ERROR: ",
                Outcome::Canceled => "CANCELED",
                Outcome::Open => continue,
            };
            let time = time.filter(|_| entry.outcome == Outcome::Ran).unwrap_or_default();
            let _ = writeln!(out, "#{number} {}", format!("{end}{time}").trim_end());
        }
        out
    }
}

/// `1.234s`
fn seconds(milliseconds: u64) -> String {
    format!("{}.{:03}s", milliseconds / 1000, milliseconds % 1000)
}

/// Reads a log of any of the formats; `None` where there is no step in it.
pub fn read(text: &str) -> Option<Log> {
    let log = match format(text)? {
        Format::Plain => plain::read(text),
        Format::RawJson => rawjson::read(text),
        Format::Terminal => terminal::read(text),
        Format::Legacy => legacy::read(text),
    };
    (!log.entries.is_empty()).then_some(log)
}

/// What of a log is in a build, and what is not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// How many of the log's steps are steps of the build.
    pub matched: usize,
    /// The log's other steps: indexes into [`Log::entries`].
    pub entries_left: Vec<usize>,
    /// The build's steps that are not in the log.
    pub steps_left: Vec<StepId>,
}

/// Compares a log with the build of a project that has it.
pub fn report(log: &Log, build: &Build) -> Report {
    let mut taken = vec![false; log.entries.len()];
    let mut report = Report::default();
    let shown: BTreeSet<StepId> = build.log.iter().filter_map(|line| line.step).collect();
    for (at, step) in build.steps.iter().enumerate() {
        let id = StepId(at as u32);
        match step.entry.and_then(|entry| taken.get_mut(entry as usize)) {
            Some(taken) => *taken = true,
            // A part of another step is not left out.
            None if shown.contains(&id) => report.steps_left.push(id),
            None => {}
        }
    }
    report.entries_left = taken.iter().enumerate().filter(|(_, taken)| !**taken).map(|(at, _)| at).collect();
    report.matched = taken.len() - report.entries_left.len();
    report
}

/// The format that most lines have; programs that a build runs may print lines that look like another's.
fn format(text: &str) -> Option<Format> {
    let mut counts = [0_usize; 4];
    for line in text.lines() {
        let line = clean::line(line);
        let place = match () {
            () if rawjson::is(&line) => 1,
            () if plain::split(&line).is_some() => 0,
            () if legacy::is(&line) => 3,
            () if terminal::split(&line).is_some() => 2,
            () => continue,
        };
        if let Some(count) = counts.get_mut(place) {
            *count += 1;
        }
    }
    let formats = [Format::Plain, Format::RawJson, Format::Terminal, Format::Legacy];
    let most = counts.iter().zip(formats).filter(|(count, _)| **count > 0);
    // The first of equals.
    most.rev().max_by_key(|(count, _)| **count).map(|(_, format)| format)
}
