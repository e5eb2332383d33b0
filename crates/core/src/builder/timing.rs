//! How long a step takes: what a person states, what a log measured, else what the cost model says.

use crate::import::{self, Entry, Log, Outcome, matching};
use crate::project::Project;
use crate::simulation::{Builder, DurationSource};
use stagecraft_dockerfile::Instruction;
use stagecraft_sandbox::shell::{Effect, effect};

/// What is known of a project's times besides the model.
pub(crate) struct Timing<'a> {
    project: &'a Project,
    builder: Builder,
    /// The project's log.
    pub(crate) log: Option<Log>,
}

impl<'a> Timing<'a> {
    pub(crate) fn of(project: &'a Project, builder: Builder) -> Self {
        Self { project, builder, log: import::read(&project.log) }
    }

    /// What a step takes when it is executed. A duration of [`Project::durations`] counts more than the log, and the
    /// log more than a comment in the file: it may have come later.
    pub(crate) fn time(
        &self,
        caption: &str,
        instruction: Option<&Instruction<'_>>,
        entry: Option<u32>,
        model: u64,
    ) -> (u64, DurationSource) {
        let durations = &self.project.durations;
        let by_text = || durations.get(&*instruction.map(Instruction::code).unwrap_or_default());
        if let Some(stated) = durations.get(caption).or_else(by_text) {
            return (*stated, DurationSource::Stated);
        }
        if let Some(measured) = self.entry(entry).and_then(Entry::executed) {
            return (measured, DurationSource::Imported);
        }
        let comments = instruction.map(|instruction| instruction.comments).unwrap_or_default();
        let (effects, _) = effect::parse(comments.iter());
        let takes = effects.iter().rev().find_map(|effect| match effect {
            Effect::Takes { ms } => Some(*ms),
            _ => None,
        });
        takes.map_or((model, DurationSource::Model), |stated| (stated, DurationSource::Stated))
    }

    /// As [`Timing::time`], of a step that is no instruction; and its entry in the log.
    pub(crate) fn of_caption(&self, caption: &str, model: u64) -> (u64, DurationSource, Option<u32>) {
        let log = self.log.as_ref().filter(|log| log.format.builder() == self.builder);
        let found = log.map(|log| matching::assign(log, &[matching::Wanted::by_caption(caption, "")]));
        let entry = found.and_then(|found| found.first().copied()?);
        let (duration, source) = self.time(caption, None, entry, model);
        (duration, source, entry)
    }

    fn entry(&self, at: Option<u32>) -> Option<&Entry> {
        self.log.as_ref()?.entries.get(at? as usize)
    }

    /// What this very builder's log says became of a step.
    pub(crate) fn outcome(&self, entry: Option<u32>) -> Option<Outcome> {
        let own = self.log.as_ref().is_some_and(|log| log.format.builder() == self.builder);
        self.entry(entry).filter(|_| own).map(|entry| entry.outcome)
    }
}
