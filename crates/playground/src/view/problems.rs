//! Problems of the Dockerfile and of the ignore file, with their places as editors count.

use super::failure;
use super::ignore::Ignore;
use super::scene::Scene;
use super::{Look, PerBuilder};
use crate::place::{Index, Place, Range};
use crate::source::dialect;
use crate::text::Text;
use crate::words;
use serde::{Deserialize, Serialize};
use stagecraft_core::catalogue::is_windows;
use stagecraft_core::simulation::{Base, Build, Builder, Certainty, Status, StepId};
use stagecraft_dockerfile::{Diagnostic, Severity, Span, parse};

/// All problems, the worst first, then in order of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ProblemsView {
    /// In order.
    pub problems: Vec<Problem>,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Level {
    /// A builder refuses the file, or the build fails.
    Error,
    /// The builder goes on.
    Warning,
    /// Worth knowing.
    Info,
}

/// A problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The file that it is in: a path of the project.
    pub file: Text,
    /// How bad it is.
    pub level: Level,
    /// Stable code, or the name of BuildKit's check.
    pub code: Text,
    /// As the builder words it.
    pub message: Text,
    /// Why, or the way out, in our words; may be empty.
    pub help: Text,
    /// Where it begins.
    pub place: Place,
    /// Where it stands.
    pub range: Range,
    /// Which builders say so.
    pub builders: PerBuilder<bool>,
    /// `BuildKit`, `Legacy` where only one says so; else empty.
    pub only: Text,
    /// A mechanical mend, where there is one.
    pub fix: Option<Fix>,
}

/// Edits that remove a problem and change nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// What the button says.
    pub label: Text,
    /// Disjoint, in order, all in the text as it was.
    pub edits: Vec<Edit>,
}

/// A replacement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// What is replaced.
    pub range: Range,
    /// By what.
    pub insert: Text,
}

/// Makes the slice.
pub(crate) fn build(scene: Scene<'_>, ignore: &Ignore<'_>) -> ProblemsView {
    let index = scene.source.index();
    let mut problems: Vec<Problem> = Vec::new();
    let mut documents = here_documents(scene);
    for build in scene.shown() {
        let parsed = parse(&scene.source.text, dialect(build.builder)).diagnostics;
        for diagnostic in parsed.iter().chain(&build.diagnostics) {
            let mut new = problem(scene, &index, diagnostic);
            if build.builder == Builder::Legacy
                && let Some((_, is_told)) =
                    documents.iter_mut().find(|(inside, _)| inside.contains(&diagnostic.span.start))
            {
                // All lines of a here-document are one problem, and to mend one of them would break it.
                if std::mem::replace(is_told, true) {
                    continue;
                }
                new.help =
                    "The legacy builder knows no here-documents: it takes their lines for instructions."
                        .into();
                new.fix = None;
            }
            add(&mut problems, scene, build.builder, new);
        }
        if let Some(error) = &build.error {
            let span = error.span.or_else(|| place_of(build, error.step)).unwrap_or_default();
            let known = problems.iter().any(|p| {
                p.level == Level::Error
                    && (*p.message == *error.message || error.message.contains(&*p.message))
                    && *p.builders.of(build.builder)
            });
            // What cannot be read is told once a line, whoever words it.
            let line = index.place(span.start).line;
            let told = error.step.is_none()
                && error.span.is_some()
                && problems.iter().any(|p| {
                    p.level == Level::Error && p.place.line == line && *p.builders.of(build.builder)
                });
            if !known && !told {
                let range = index.range(span);
                let failed = Problem {
                    file: scene.source.path.as_str().into(),
                    level: Level::Error,
                    code: "build-failed".into(),
                    message: error.message.as_str().into(),
                    help: failure::help(scene, ignore, build, error).into(),
                    place: index.place(span.start),
                    range,
                    builders: PerBuilder::default(),
                    only: "".into(),
                    fix: None,
                };
                add(&mut problems, scene, build.builder, failed);
            }
        }
    }
    // What our own checks say holds whichever builder is looked at.
    for diagnostic in stagecraft_core::check::project_advice(scene.project, &scene.source.text) {
        let mut new = problem(scene, &index, &diagnostic);
        new.builders = PerBuilder { buildkit: true, legacy: true };
        problems.push(new);
    }
    problems.extend(of_ignore_file(ignore, &scene.source.text));
    problems.extend(unknown_effects(scene, &index));
    for problem in &mut problems {
        problem.only = match (problem.builders.buildkit, problem.builders.legacy) {
            (true, false) if scene.look == Look::SideBySide => words::builder(Builder::BuildKit).into(),
            (false, true) if scene.look == Look::SideBySide => words::builder(Builder::Legacy).into(),
            _ => "".into(),
        };
    }
    problems.sort_by_key(|p| (p.level, p.range.from, p.range.to));
    ProblemsView { problems }
}

/// Adds a problem, or notes that this builder has it too.
fn add(problems: &mut Vec<Problem>, scene: Scene<'_>, builder: Builder, mut new: Problem) {
    let same = |p: &&mut Problem| {
        p.file == new.file
            && p.range == new.range
            && (p.message == new.message || (p.code == new.code && !*p.builders.of(builder)))
    };
    if let Some(known) = problems.iter_mut().find(same) {
        *known.builders.of_mut(builder) = true;
        if known.message != new.message && scene.look == Look::SideBySide {
            let says = format!("{} says: {}", words::builder(builder), new.message);
            let help = if known.help.is_empty() { says } else { format!("{} {says}", known.help) };
            known.help = help.into();
        }
        return;
    }
    *new.builders.of_mut(builder) = true;
    problems.push(new);
}

/// Where here-documents stand behind the line that they begin in, as BuildKit reads the file, and whether one was told of.
fn here_documents(scene: Scene<'_>) -> Vec<(std::ops::Range<u32>, bool)> {
    let text = &scene.source.text;
    if !text.contains("<<") {
        return Vec::new();
    }
    let file = parse(text, dialect(Builder::BuildKit));
    let with = file.instructions.iter().filter(|instruction| !instruction.heredocs.is_empty());
    let behind = |span: Span| {
        let line = text.get(span.start as usize..span.end as usize)?.find('\n')?;
        Some((span.start + line as u32..span.end, false))
    };
    with.filter_map(|instruction| behind(instruction.span)).collect()
}

/// Where the step that failed stands.
fn place_of(build: &Build, step: Option<StepId>) -> Option<Span> {
    build.steps.get(step?.0 as usize)?.span
}

fn problem(scene: Scene<'_>, index: &Index<'_>, diagnostic: &Diagnostic) -> Problem {
    Problem {
        file: scene.source.path.as_str().into(),
        level: match diagnostic.severity {
            Severity::Error => Level::Error,
            Severity::Warning => Level::Warning,
            Severity::Info => Level::Info,
        },
        code: (*diagnostic.code).into(),
        message: diagnostic.message.as_str().into(),
        help: diagnostic.help.as_deref().unwrap_or_default().into(),
        place: index.place(diagnostic.span.start),
        range: index.range(diagnostic.span),
        builders: PerBuilder::default(),
        only: "".into(),
        fix: diagnostic.fix.as_ref().map(|fix| Fix {
            label: (*fix.label).into(),
            edits: fix
                .edits
                .iter()
                .map(|(span, insert)| Edit { range: index.range(*span), insert: insert.as_str().into() })
                .collect(),
        }),
    }
}

/// Rules of the ignore file that builders do not understand, or that leave out nothing. Every file must have been
/// decided on before. The Dockerfile may switch off what is advice.
fn of_ignore_file(ignore: &Ignore<'_>, dockerfile: &str) -> Vec<Problem> {
    let index = Index::new(ignore.text);
    let mut problems = Vec::new();
    for rule in ignore.rules().iter().filter(|rule| !rule.used.get()) {
        let text = &rule.pattern.text;
        let (level, code, message, help) = if !rule.is_valid() {
            let message = format!("syntax error in pattern: {text}");
            (Level::Error, "ignore-pattern", message, "")
        } else if text.contains(" #") {
            let message = format!("The pattern “{text}” matches no file of the project");
            let help = "A comment is one only at the start of a line; here # and what follows are part of the pattern.";
            (Level::Warning, "IgnorePatternComment", message, help)
        } else {
            let message = format!("The pattern “{text}” matches no file of the project");
            (Level::Info, "IgnorePatternUnused", message, "")
        };
        if level != Level::Error && !stagecraft_core::check::advises(dockerfile, code) {
            continue;
        }
        problems.push(Problem {
            file: ignore.path.as_str().into(),
            level,
            code: code.into(),
            message: message.into(),
            help: help.into(),
            place: index.place(rule.pattern.span.start),
            range: index.range(rule.pattern.span),
            builders: PerBuilder { buildkit: true, legacy: true },
            only: "".into(),
            fix: uncommented(text, rule, &index),
        });
    }
    problems
}

/// Takes the comment off a pattern.
fn uncommented(text: &str, rule: &super::ignore::Rule, index: &Index<'_>) -> Option<Fix> {
    let (pattern, comment) = text.split_once(" #").filter(|_| rule.is_valid())?;
    let insert = format!("#{comment}\n{}", pattern.trim_end()).into();
    let edit = Edit { range: index.range(rule.pattern.span), insert };
    Some(Fix { label: "Put the comment on a line of its own".into(), edits: vec![edit] })
}

/// Commands without a model, with a comment to state what they do.
fn unknown_effects(scene: Scene<'_>, index: &Index<'_>) -> Vec<Problem> {
    let build = scene.first();
    let unknown =
        build.steps.iter().filter(|s| s.certainty == Certainty::Unknown && s.status != Status::Failed);
    let mut problems: Vec<Problem> = Vec::new();
    for (step, item) in unknown.filter_map(|step| Some((step, scene.source.of_step(build, step)?))) {
        let Some(span) = step.span else { continue };
        let base = step.stage.and_then(|stage| build.stages.get(stage.0 as usize)).map(|stage| &stage.base);
        if item.keyword == "FROM"
            && let Some(Base::Image(name)) = base
        {
            let (code, message, help) = if is_windows(name) {
                (
                    "image-windows",
                    format!("{name} is an image of Windows, and Windows is not simulated"),
                    "What RUN does in it is not known, and builders of Linux refuse it: no match for platform in manifest.",
                )
            } else {
                (
                    "image-unknown",
                    format!("Nobody here knows {name}, nor whether there is such an image"),
                    "It is taken for one that exists, with files that nobody knows. If there is none, both builders stop here: pull access denied, or not found.",
                )
            };
            problems.push(Problem {
                file: scene.source.path.as_str().into(),
                level: Level::Info,
                code: code.into(),
                message: message.into(),
                help: help.into(),
                place: index.place(span.start),
                range: index.range(span),
                builders: PerBuilder { buildkit: true, legacy: true },
                only: "".into(),
                fix: None,
            });
        }
        if item.keyword != "RUN" {
            continue;
        }
        let at = Range { from: index.unit(span.start), to: index.unit(span.start) };
        let edit = Edit { range: at, insert: "# effect: create /path 1MB\n".into() };
        let help = "So is what depends on it. A comment above the line can state it: # effect: create /app/server 12MB, delete /tmp/x, takes 40s, or fails.";
        problems.push(Problem {
            file: scene.source.path.as_str().into(),
            level: Level::Info,
            code: "effect-unknown".into(),
            message: "What this command does is not known, or not all of it".into(),
            help: help.into(),
            place: index.place(span.start),
            range: index.range(span),
            builders: PerBuilder { buildkit: true, legacy: true },
            only: "".into(),
            fix: Some(Fix { label: "State what it does".into(), edits: vec![edit] }),
        });
    }
    problems
}
