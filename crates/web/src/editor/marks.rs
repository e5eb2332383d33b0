//! What the view model says of lines and problems, as the editor takes it.

use crate::js::object;
use js_sys::Array;
use stagecraft_playground::view::{Level, LinesView, Problem, ProblemsView, Tone};
use std::collections::BTreeMap;
use wasm_bindgen::JsValue;

/// The class that draws a tone.
pub const fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Faint => "plain",
        Tone::Good => "ok",
        Tone::Notable => "warn",
        Tone::Bad => "bad",
    }
}

#[derive(Default)]
struct Mark<'a> {
    color: u8,
    skipped: bool,
    current: bool,
    note: Option<(&'a str, &'a str, &'static str)>,
}

/// One entry per line that has something to show; see www/editor/lines.js.
pub(super) fn lines(lines: &LinesView, current: Option<(u32, u32)>) -> JsValue {
    let mut marks: BTreeMap<u32, Mark<'_>> = BTreeMap::new();
    for stage in &lines.stages {
        // A bound for broken input: no file that a person writes has as many lines.
        for line in stage.first..=stage.last.min(stage.first + 100_000) {
            let mark = marks.entry(line).or_default();
            (mark.color, mark.skipped) = (stage.color.0, stage.dim);
        }
    }
    for note in &lines.notes {
        marks.entry(note.line).or_default().note = Some((&note.text, &note.title, tone(note.tone)));
    }
    if let Some((first, last)) = current {
        for line in first..=last.min(first + 10_000) {
            marks.entry(line).or_default().current = true;
        }
    }
    marks
        .iter()
        .map(|(line, mark)| {
            let (note, title, tone) = mark.note.unwrap_or(("", "", ""));
            object(&[
                ("line", (*line).into()),
                ("color", mark.color.into()),
                ("skipped", mark.skipped.into()),
                ("current", mark.current.into()),
                ("note", note.into()),
                ("title", title.into()),
                ("tone", tone.into()),
            ])
        })
        .collect::<Array>()
        .into()
}

/// The problems of one file.
pub(super) fn problems(problems: &ProblemsView, file: &str) -> JsValue {
    problems
        .problems
        .iter()
        .filter(|problem| *problem.file == *file)
        .map(one_problem)
        .collect::<Array>()
        .into()
}

fn one_problem(problem: &Problem) -> JsValue {
    let severity = match problem.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "info",
    };
    let message = match (problem.help.is_empty(), problem.only.is_empty()) {
        (true, true) => problem.message.to_string(),
        (false, true) => format!("{}\n{}", problem.message, problem.help),
        (true, false) => format!("{}: {}", problem.only, problem.message),
        (false, false) => format!("{}: {}\n{}", problem.only, problem.message, problem.help),
    };
    let fixes: Array = problem
        .fix
        .iter()
        .map(|fix| {
            let edits: Array = fix
                .edits
                .iter()
                .map(|edit| {
                    object(&[
                        ("from", edit.range.from.into()),
                        ("to", edit.range.to.into()),
                        ("insert", (&*edit.insert).into()),
                    ])
                })
                .collect();
            object(&[("label", (&*fix.label).into()), ("edits", edits.into())])
        })
        .collect();
    object(&[
        ("from", problem.range.from.into()),
        ("to", problem.range.to.into()),
        ("severity", severity.into()),
        ("message", message.into()),
        ("source", (&*problem.code).into()),
        ("fixes", fixes.into()),
    ])
}
