//! What of a real build's log is in the simulated build.

use crate::text::Text;
use crate::words;
use serde::{Deserialize, Serialize};
use stagecraft_core::catalogue::Catalogue;
use stagecraft_core::import::{self, MOST_STEPS};
use stagecraft_core::project::Project;
use stagecraft_core::{Cache, simulate};

/// A log beside the build of the project that it is of.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MeasuredView {
    /// Whose log it is, how much of it is in the build, how long the logged build took.
    pub sentence: Text,
    /// The log's steps that are not in the build.
    pub only_in_log: Vec<Text>,
    /// The build's steps that are not in the log.
    pub not_in_log: Vec<Text>,
    /// The log without what its steps printed: what a project keeps of it.
    pub reduced: Text,
}

/// Matches a log with the project's build; `None` where there is no step in it.
pub(crate) fn build(project: &Project, catalogue: &Catalogue, text: &str) -> Option<MeasuredView> {
    let log = import::read(text)?;
    let builder = log.format.builder();
    let reduced = log.reduced();
    let project = Project { log: reduced.clone(), ..project.clone() };
    let (build, _) = simulate(&project, builder, catalogue, &Cache::default());
    let report = import::report(&log, &build);
    let n_steps = log.entries.len();
    let mut sentence = format!(
        "A log of {}: {} of its {n_steps} steps are steps of this build.",
        words::builder(builder),
        report.matched
    );
    if let Some(total) = log.total {
        sentence.push_str(&format!(" It took {}.", words::duration(total)));
    }
    if log.cut {
        sentence.push_str(&format!(" What follows its first {MOST_STEPS} steps was left out."));
    }
    let entries = report.entries_left.iter().filter_map(|at| log.entries.get(*at));
    let steps = report.steps_left.iter().filter_map(|id| build.steps.get(id.0 as usize));
    Some(MeasuredView {
        sentence: sentence.into(),
        only_in_log: entries.map(|entry| entry.name.as_str().into()).collect(),
        not_in_log: steps.map(|step| step.name.as_str().into()).collect(),
        reduced: reduced.into(),
    })
}
