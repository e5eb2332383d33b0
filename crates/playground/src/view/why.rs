//! Why did this run?

use super::lines::familiar;
use super::scene::{Scene, stage_title, verdict};
use super::{Look, Verdict};
use crate::text::{Phrase, Text};
use crate::words;
use serde::{Deserialize, Serialize};
use stagecraft_core::simulation::{Base, Build, Builder, Certainty, Fate, FlowSource, Status, Step, StepId};

/// What the panel beside the files says about the current step.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WhyView {
    /// `Why did this run?`, `Why is this cached?`
    pub title: Text,
    /// One paragraph each.
    pub paragraphs: Vec<Phrase>,
    /// What the step printed, line by line; whether a model made it up.
    pub output: Vec<(Text, bool)>,
}

/// Says why a step ran, and how the other builder sees it.
pub(crate) fn build(scene: Scene<'_>, builder: Builder, id: StepId) -> WhyView {
    let build = scene.builds.of(builder);
    let Some(step) = build.steps.get(id.0 as usize) else {
        return WhyView::default();
    };
    let title = match verdict(build, step) {
        Verdict::Cached => "Why is this cached?",
        Verdict::Failed => "Why did this fail?",
        Verdict::Canceled => "Why was this canceled?",
        _ => "Why did this run?",
    };
    let begins = scene.source.of_step(build, step).is_some_and(|item| item.keyword == "FROM");
    let base =
        step.stage.filter(|_| begins).and_then(|stage| build.stages.get(stage.0 as usize)).map(|s| &s.base);
    if let Some(base) = base.filter(|_| step.status != Status::Failed) {
        return WhyView {
            title: "What is this?".into(),
            paragraphs: vec![start(build, base)],
            output: Vec::new(),
        };
    }
    let mut paragraphs = vec![words::cause(build, scene.source, step)];
    paragraphs.extend(other(scene, build, step));
    if verdict(build, step) == Verdict::InVain {
        paragraphs.extend(step.stage.map(|stage| words::fate_reason(build, stage).plain(".")));
    }
    paragraphs.extend(flows(build, step));
    match step.certainty {
        Certainty::Exact => {}
        Certainty::Modelled => {
            paragraphs
                .push(Phrase::new().plain(
                    "What it writes is modelled, not measured: paths are right, sizes are estimates.",
                ));
        }
        Certainty::Unknown => paragraphs.push(
            Phrase::new()
                .plain(
                    "No model knows what a command here does. A comment above the instruction can say it: ",
                )
                .code("# effect: create /path 12MB"),
        ),
    }
    let output = step.output.iter().map(|line| (line.text.as_str().into(), line.modelled)).collect();
    WhyView { title: title.into(), paragraphs, output }
}

/// What a stage starts from.
fn start(build: &Build, base: &Base) -> Phrase {
    let phrase = Phrase::new().plain("The stage starts from ");
    match base {
        Base::Scratch => phrase.code("scratch").plain(": from nothing at all."),
        Base::Stage(id) => phrase.plain("what stage ").strong(&stage_title(build, *id)).plain(" left."),
        Base::Image(reference) => phrase.plain("the image ").code(familiar(reference)).plain("."),
        Base::Context(name) => phrase.plain("the context ").code(name).plain("."),
        Base::Unknown => phrase.plain("an image that could not be told."),
    }
}

/// The other builder's answer about the same instruction, where it is looked at too.
fn other(scene: Scene<'_>, build: &Build, step: &Step) -> Option<Phrase> {
    if scene.look != Look::SideBySide {
        return None;
    }
    let builder = if build.builder == Builder::BuildKit { Builder::Legacy } else { Builder::BuildKit };
    let there = scene.builds.of(builder);
    let head = Phrase::new().strong(words::builder(builder)).plain(": ");
    let found = scene.step_of(builder, step.instruction?).and_then(|id| there.steps.get(id.0 as usize));
    let Some(same) = found else {
        let fate = there.stages.get(step.stage?.0 as usize).map(|s| &s.fate);
        let skipped = matches!(fate, Some(Fate::Skipped));
        return skipped
            .then(|| head.plain("does not run it, as nothing that the target needs comes from its stage."));
    };
    let reason = words::cause(there, scene.source, same);
    if same.status == step.status && same.reason == step.reason {
        return Some(head.plain("the same."));
    }
    Some(head.plain(words::verdict(verdict(there, same))).plain(". ").then(reason))
}

/// What it takes from elsewhere.
fn flows(build: &Build, step: &Step) -> Option<Phrase> {
    let mut phrase = Phrase::new();
    for flow in &step.flows {
        let from = match &flow.source {
            FlowSource::Context => "the build context".to_owned(),
            FlowSource::NamedContext(name) => format!("the context {name}"),
            FlowSource::Stage(id) => format!("stage {}", stage_title(build, *id)),
            FlowSource::Image(name) => name.clone(),
            FlowSource::Remote(address) => address.clone(),
            FlowSource::Inline => "a here-document".to_owned(),
        };
        let verb = match (phrase.is_empty(), flow.mount) {
            (true, false) => "It copies ",
            (true, true) => "It mounts ",
            (false, false) => " It copies ",
            (false, true) => " It mounts ",
        };
        let amount =
            format!("{} ({}) from ", words::count(flow.files as usize, "file"), words::bytes(flow.bytes));
        phrase = phrase.plain(verb).plain(&amount).plain(&from).plain(".");
    }
    (!phrase.is_empty()).then_some(phrase)
}
