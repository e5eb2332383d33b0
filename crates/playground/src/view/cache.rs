//! Why each step hit or missed the cache.

use super::scene::{color, title, verdict};
use super::steps::Verdict;
use crate::color::Color;
use crate::source::Source;
use crate::text::{Goto, Phrase, Text};
use crate::words;
use serde::{Deserialize, Serialize};
use stagecraft_core::simulation::{Build, Reason, Step, StepId, StepKind};

/// One builder's verdicts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CacheView {
    /// `4 of 8 steps come from the cache; the first that does not is line 10.`
    pub sentence: Phrase,
    /// Steps in order.
    pub rows: Vec<CacheRow>,
}

/// One step's verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CacheRow {
    /// Which.
    pub step: StepId,
    /// Line of the instruction from 1; 0 where there is none.
    pub line: u32,
    /// The instruction.
    pub title: Text,
    /// Of the stage.
    pub color: Color,
    /// What happened.
    pub verdict: Verdict,
    /// In a word.
    pub verdict_text: Text,
    /// Why.
    pub reason: Phrase,
    /// What the cache saved, or the step cost: `22 s`.
    pub cost: Text,
}

/// Makes the slice.
pub(crate) fn build(build: &Build, source: &Source) -> CacheView {
    // What no cache is asked for (`FROM`, arguments) has no verdict.
    let asked = |s: &Step| s.kind == StepKind::Instruction && s.reason != Reason::Always;
    let steps = build.steps.iter().enumerate().filter(|(_, s)| asked(s));
    let rows: Vec<CacheRow> = steps.map(|(i, step)| row(build, source, StepId(i as u32), step)).collect();
    let hits = rows.iter().filter(|r| r.verdict == Verdict::Cached).count();
    let mut sentence = match (rows.len(), hits) {
        (0, _) => Phrase::new().plain("No step was reached."),
        (n, 0) => Phrase::new().plain(&format!("None of {} comes from the cache.", words::count(n, "step"))),
        (n, hits) if n == hits => Phrase::new().plain("Every step comes from the cache."),
        (n, hits) => {
            let verb = if hits == 1 { "comes" } else { "come" };
            Phrase::new().strong(&format!("{hits} of {n} steps")).plain(&format!(" {verb} from the cache."))
        }
    };
    let missed = rows.iter().find(|r| matches!(r.verdict, Verdict::Ran | Verdict::InVain | Verdict::Failed));
    if let Some(missed) = missed.filter(|r| hits > 0 && r.line > 0) {
        let goto = Some(Goto::Step(build.builder, missed.step));
        sentence = sentence
            .plain(" The first that does not is ")
            .plain_to(&format!("line {}", missed.line), goto)
            .plain(".");
    }
    CacheView { sentence, rows }
}

fn row(build: &Build, source: &Source, id: StepId, step: &Step) -> CacheRow {
    let item = source.of_step(build, step);
    let verdict = verdict(build, step);
    CacheRow {
        step: id,
        line: item.map_or(0, |item| item.lines.0),
        title: title(item, step),
        color: color(step),
        verdict,
        verdict_text: words::verdict(verdict).into(),
        reason: words::cause(build, source, step),
        cost: if step.duration > 0 { words::duration(step.duration).into() } else { "".into() },
    }
}
