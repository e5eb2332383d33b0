//! Good files broken in thousands of mechanical ways: nothing panics, places stay inside of the text, what stands before
//! and behind the damage is still recognised, and the first error is BuildKit's.
#![allow(missing_docs, clippy::unwrap_used, clippy::string_slice)]

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;
use stagecraft_core::plan::plan;
use stagecraft_core::resolve::{BaseImage, Options, Platform};
use stagecraft_dockerfile::{Dialect, Dockerfile, Instruction, parse};
use stagecraft_tests::{files, root, shared, text};

#[path = "../../crates/core/tests/properties/mod.rs"]
mod planning;
#[path = "../../crates/dockerfile/tests/properties/mod.rs"]
#[allow(dead_code)]
mod reading;

/// What is put somewhere into an instruction.
const PIECES: &[&str] = &[
    "\"", "'", "\\", "`", "$", "${", "}", "#", " # ", "[", "]", ",", "=", ":", "--", "--from=", "--x ",
    "--mount=", "<<", "<<EOF", "\n", "\\\n", "\r\n", "\t", "\u{a0}", "\u{feff}", "é", "“", "\0", "*", "AS ",
    "NONE ", "FROM ", "RUN ", "&&",
];

/// What is put in place of a keyword.
const KEYWORDS: &[&str] =
    &["FROM", "RUN", "COPY", "ENV", "HEALTHCHECK", "ONBUILD", "SHELL", "RUNN", "copy", "#"];

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }

    fn of<'p>(&mut self, pieces: &[&'p str]) -> &'p str {
        pieces.get(self.below(pieces.len())).copied().unwrap_or_default()
    }

    /// A place between two characters.
    fn place(&mut self, text: &str) -> usize {
        let mut at = self.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

/// How many ways `broken` knows.
const WAYS: usize = 18;

/// An instruction's text broken in one way; it ends with a newline as before.
fn broken(source: &str, way: usize, dice: &mut Dice) -> String {
    let source = source.trim_end_matches('\n');
    let at = dice.place(source);
    let (before, behind) = source.split_at(at);
    let next = behind.chars().next().map_or(0, char::len_utf8);
    let word = source[at..].find(' ').map_or(source.len(), |space| at + space);
    let word_end =
        source[word..].get(1..).and_then(|rest| rest.find(' ')).map_or(source.len(), |l| word + 1 + l);
    let keyword =
        source.trim_start().find(char::is_whitespace).unwrap_or(0) + source.len() - source.trim_start().len();
    let text = match way {
        0 => source.chars().skip(1).collect(),
        1 => source.chars().rev().skip(1).collect::<Vec<_>>().into_iter().rev().collect(),
        2 => format!("{before}{}", &behind[next..]),
        3 => format!("{before}{}{behind}", &behind[..next]),
        4..=7 => format!("{before}{}{behind}", dice.of(PIECES)),
        8 => format!("{}{}", &source[..word], &source[word_end..]),
        9 => format!("{}{}{}", &source[..word_end], &source[word..word_end], &source[word_end..]),
        10 => before.to_owned(),
        11 => behind.to_owned(),
        12 => source.replacen('\n', "", 1),
        13 => format!("{source} \\"),
        14 => format!("{}{}", dice.of(KEYWORDS), &source[keyword..]),
        15 => source.replace(['"', ']', '}'], ""),
        16 => source.replace('\n', "\r\n"),
        _ => {
            source.lines().rev().skip(1).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n")
        }
    };
    text + "\n"
}

/// Breaks an instruction of a good file and looks at what is left; says what is wrong.
fn damage(source: &str, good: &Dockerfile<'_>, index: usize, way: usize, dice: &mut Dice) -> Option<String> {
    let span = good.instructions.get(index)?.span;
    let (start, end) = (span.start as usize, span.end as usize);
    let newline = source[end..].find('\n').map_or(source.len(), |at| end + at + 1);
    let text =
        format!("{}{}{}", &source[..start], broken(&source[start..end], way, dice), &source[newline..]);
    // Panics and places outside of the text end the test where they happen.
    let file = reading::check(&text, Dialect::BuildKit);
    if way.is_multiple_of(6) {
        reading::check(&text, Dialect::Legacy);
        planning::planned(&text);
    }
    let same = |a: &Instruction<'_>, b: &Instruction<'_>| {
        a.original.text() == b.original.text() && b.command.is_some()
    };
    let before = good.instructions.iter().zip(&file.instructions).take(index);
    let changed = before.filter(|(a, b)| !same(a, b)).count() + index.saturating_sub(file.instructions.len());
    let behind = good.instructions.iter().skip(index + 1);
    let lost: Vec<_> = behind
        .filter(|a| !file.instructions.iter().skip(index).any(|b| same(a, b)))
        .map(|a| a.original.text())
        .collect();
    // A continuation or a here-document may take the next one in.
    (changed > 0 || lost.len() > 2).then(|| format!("{changed} changed, lost {lost:?} in {text:?}"))
}

/// The project's own Dockerfiles, all of them.
fn own() -> Vec<PathBuf> {
    let mut found = files(&root().join("tests/damage"), "Dockerfile", &[]);
    found.extend(files(&root().join("crates/core/tests/plan"), "Dockerfile", &[]));
    found.extend(files(&root().join("www/examples"), "Dockerfile", &[]));
    found
}

/// Breaks every instruction of the files, or `most` of each, in every way.
fn break_all(paths: &[PathBuf], most: usize, at_least: usize) {
    let mut dice = Dice(1);
    let (mut broken, mut wrong) = (0, Vec::new());
    for path in paths {
        let source = text(path);
        // One at the top decides how all of it is read.
        let good = parse(&source, Dialect::BuildKit);
        if good.first_error().is_some() {
            continue;
        }
        let count = good.instructions.len();
        let from = if count > most { dice.below(count - most) } else { 0 };
        for index in from..count.min(from + most) {
            for way in 0..WAYS {
                broken += 1;
                if let Some(found) = damage(&source, &good, index, way, &mut dice) {
                    wrong.push(format!("{} way {way}: {found}", path.display()));
                }
            }
        }
    }
    assert!(broken >= at_least, "only {broken}");
    assert!(wrong.is_empty(), "{} of {broken}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn damage_stays_where_it_is() {
    break_all(&own(), usize::MAX, 5000);
}

#[test]
fn damage_to_real_files_stays_where_it_is() {
    let Some(shared) = shared("damage_to_real_files_stays_where_it_is") else { return };
    break_all(&files(&shared.join("conformance/corpus/files"), ".Dockerfile", &[]), 2, 15_000);
}

/// What BuildKit's front end said of the files in `tests/damage` with an edit each: `[file, start, end, insert, error, lines]`.
#[test]
fn the_first_error_is_buildkits() {
    let folder = root().join("tests/damage");
    let image = Arc::new(BaseImage::default());
    let images = |_: &str, _: &Platform| Some(Arc::clone(&image));
    let (mut compared, mut wrong) = (0, Vec::new());
    for line in text(&folder.join("answers.jsonl")).lines() {
        let row: Vec<Value> = serde_json::from_str(line).unwrap();
        let [name, start, end, insert, error, lines] = row.as_slice() else { unreachable!("{line}") };
        let place = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
        let mut source = text(&folder.join(name.as_str().unwrap()));
        source.replace_range(place(start)..place(end), insert.as_str().unwrap());
        let plan = plan(&source, &parse(&source, Dialect::BuildKit), &Options::default(), &images);
        // Of suggestions that are equally near, Go takes any.
        let settled = |message: &str| message.split(" (did you mean ").next().unwrap_or_default().to_owned();
        let got = plan.error.as_ref().map(|e| (settled(&e.message), serde_json::json!(e.lines)));
        let want = error.as_str().map(|message| (settled(message), lines.clone()));
        compared += 1;
        if got != want {
            wrong.push(format!("{line}\n  got {got:?}"));
        }
    }
    assert!(compared >= 1000, "only {compared}");
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
}
