//! Why a step ran or did not, in words.

use crate::source::Source;
use crate::text::{Goto, Phrase};
use crate::view::Tone;
use stagecraft_core::simulation::{Build, Builder, Fate, FlowSource, Reason, StageId, Status, Step, StepId};

/// A step as a reader knows it: `COPY . . on line 10`.
fn named(build: &Build, source: &Source, id: StepId) -> Phrase {
    let Some(step) = build.steps.get(id.0 as usize) else {
        return Phrase::new().plain("an earlier step");
    };
    let goto = Some(Goto::Step(build.builder, id));
    match source.of_step(build, step) {
        Some(item) => Phrase::new()
            .code_to(&super::abridge(&item.code, 40), goto)
            .plain(" on ")
            .plain_to(&format!("line {}", item.lines.0), goto),
        None => Phrase::new().code_to(&super::abridge(&step.name, 40), goto),
    }
}

fn stage_name(build: &Build, id: StageId) -> String {
    super::stage(build.stages.get(id.0 as usize).map_or("", |s| &s.name), id.0)
}

/// Where files come from, in words: `the build context`, `build`.
fn origin(build: &Build, source: &FlowSource) -> Phrase {
    match source {
        FlowSource::Context => Phrase::new().plain("the build context"),
        FlowSource::NamedContext(name) => Phrase::new().plain("the context ").code(name),
        FlowSource::Stage(id) => Phrase::new().plain("stage ").strong(&stage_name(build, *id)),
        FlowSource::Image(name) => Phrase::new().plain("the image ").code(name),
        FlowSource::Remote(address) => Phrase::new().code(address),
        FlowSource::Inline => Phrase::new().plain("a here-document"),
    }
}

/// At most three of the paths, as code, and how many more there are.
fn paths(paths: &[String]) -> Phrase {
    let mut phrase = Phrase::new();
    for (i, path) in paths.iter().take(3).enumerate() {
        if i > 0 {
            phrase = phrase.plain(if i + 1 == paths.len() { " and " } else { ", " });
        }
        phrase = phrase.code(path);
    }
    match paths.len() {
        0 => phrase.plain("A file"),
        1..=3 => phrase,
        n => phrase.plain(&format!(" and {} more", n - 3)),
    }
}

/// Why, as a sentence or two for the panel.
pub fn cause(build: &Build, source: &Source, step: &Step) -> Phrase {
    let phrase = Phrase::new();
    let runs = matches!(step.status, Status::Ran | Status::Failed);
    match &step.reason {
        _ if step.status == Status::Failed => {
            let message = build.error.as_ref().map_or("", |e| e.message.as_str());
            phrase.plain("It failed: ").code(message)
        }
        Reason::Logged if runs => {
            phrase.plain("The log says that it ran. Why it was not in the cache, a log does not say.")
        }
        Reason::Logged => phrase.plain("The log says that it came from the cache."),
        Reason::Failure => phrase.plain("It was canceled, as another step failed first."),
        Reason::Cold => phrase.plain("Nothing is in the cache for it: this is the first build."),
        Reason::NoCache => phrase.plain("The cache is switched off with ").code("--no-cache").plain("."),
        Reason::Always if !runs => phrase.plain("There is nothing to do: what it gives is known without work."),
        Reason::Always => phrase.plain("It runs in every build: it only changes the config, or reads what may have changed."),
        Reason::Unchanged => match build.builder {
            Builder::BuildKit => phrase.plain(
                "Its instruction and the content of everything that it depends on are as they were, so the stored result is taken.",
            ),
            Builder::Legacy => phrase
                .plain("The step before it, its instruction and the files that it copies are as they were, so the stored image is taken."),
        },
        Reason::InstructionChanged => phrase.plain("Its instruction, with variables filled in, is new."),
        Reason::ArgumentChanged { name } => {
            phrase.plain("The value of ").code(name).plain(" changed, and it is part of what this step depends on.")
        }
        Reason::FilesChanged { paths: changed, source: from } => {
            let verb = if changed.len() > 1 { " of " } else { " in " };
            paths(changed)
                .plain(verb)
                .then(origin(build, from))
                .plain(if changed.len() > 1 { " are new or different." } else { " is new or different." })
        }
        Reason::InputChanged { step: input } => {
            let starts = phrase.then(named(build, source, *input));
            starts.plain(" gave something new, so this step starts from different files.")
        }
        Reason::StoppedLooking { step: missed } => phrase
            .then(named(build, source, *missed))
            .plain(" missed the cache, and from there on the legacy builder does not look for stored results."),
    }
}

/// What stands at the end of the line: what changed, or `cached`. Nothing where nothing is worth a word.
pub fn note(build: &Build, step: &Step) -> Option<(String, Tone)> {
    match step.status {
        Status::Cached => return Some(("cached".to_owned(), Tone::Good)),
        Status::Failed => return Some(("failed".to_owned(), Tone::Bad)),
        Status::Canceled => return Some(("canceled".to_owned(), Tone::Faint)),
        Status::Ran => {}
    }
    match &step.reason {
        Reason::InstructionChanged => Some(("instruction changed".to_owned(), Tone::Notable)),
        Reason::ArgumentChanged { name } => Some((format!("{name} changed"), Tone::Notable)),
        Reason::FilesChanged { paths, source } => {
            let what = match paths.as_slice() {
                [one] => one.clone(),
                [] => match source {
                    FlowSource::Stage(id) => stage_name(build, *id),
                    _ => "files".to_owned(),
                },
                [first, rest @ ..] => format!("{first} and {} more", rest.len()),
            };
            Some((format!("{what} changed"), Tone::Notable))
        }
        Reason::InputChanged { .. } | Reason::StoppedLooking { .. } => {
            Some(("input changed".to_owned(), Tone::Notable))
        }
        Reason::Cold
        | Reason::NoCache
        | Reason::Always
        | Reason::Unchanged
        | Reason::Logged
        | Reason::Failure => None,
    }
}

/// What became of a stage, in a word or two.
pub const fn fate(fate: &Fate) -> &'static str {
    match fate {
        Fate::Target => "target",
        Fate::Needed { .. } => "needed",
        Fate::InVain => "in vain",
        Fate::Skipped => "skipped",
        Fate::NotReached => "not reached",
    }
}

/// Why a stage is skipped or run in vain; nothing for the others.
pub fn fate_reason(build: &Build, stage: StageId) -> Phrase {
    let Some(fate) = build.stages.get(stage.0 as usize).map(|s| &s.fate) else {
        return Phrase::new();
    };
    let target = build.stages.iter().position(|s| s.fate == Fate::Target).map(|i| i as u32);
    let behind = target.is_some_and(|t| stage.0 > t);
    let target = target.map_or_else(|| "the target".to_owned(), |t| stage_name(build, StageId(t)));
    match (fate, build.builder) {
        (Fate::Skipped, Builder::BuildKit) => {
            Phrase::new().plain("BuildKit: nothing that ").strong(&target).plain(" needs comes from here")
        }
        (Fate::Skipped, Builder::Legacy) if behind => Phrase::new()
            .plain("Legacy: it stops at ")
            .strong(&target)
            .plain(", which stands before this stage"),
        (Fate::Skipped, Builder::Legacy) => Phrase::new().plain("Legacy: it stops before this stage"),
        (Fate::InVain, _) => Phrase::new()
            .plain("Legacy: runs it, as it stands before ")
            .strong(&target)
            .plain(", and throws its result away"),
        (Fate::NotReached, _) => Phrase::new().plain("The build failed before it came here"),
        (Fate::Target | Fate::Needed { .. }, _) => Phrase::new(),
    }
}
