//! What could stand at the caret: instructions, flags and their values, stages, arguments, files, images.

use super::scope::Scope;
use crate::place::{Index, Range};
use crate::text::Text;
use serde::{Deserialize, Serialize};
use stagecraft_core::catalogue::Catalogue;
use stagecraft_core::project::Project;
use stagecraft_dockerfile::instruction::{ALL, FlagKind, Spec, spec};
use stagecraft_dockerfile::{Dialect, Instruction, parse};
use std::collections::BTreeSet;

/// The most proposals.
const MOST: usize = 100;

/// One proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// What is inserted, and shown.
    pub label: Text,
    /// `instruction`, `flag`, `value`, `stage`, `variable`, `file`, `image`.
    pub kind: Text,
    /// A few words beside it.
    pub detail: Text,
    /// A sentence or two below.
    pub info: Text,
}

/// Proposals for one place.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Completions {
    /// What they would replace.
    pub range: Range,
    /// The likeliest first.
    pub items: Vec<Completion>,
}

fn item(label: &str, kind: &str, detail: &str, info: &str) -> Completion {
    Completion { label: label.into(), kind: kind.into(), detail: detail.into(), info: info.into() }
}

/// What could stand at `offset` of the project's Dockerfile.
pub fn complete(project: &Project, catalogue: &Catalogue, offset: u32) -> Completions {
    let text = super::dockerfile(project);
    let index = Index::new(&text);
    let at = index.byte(offset) as usize;
    let before = text.get(..at).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let (word, mut items) = proposals(project, catalogue, &text, at, line);
    items.retain(|item| starts_with(&item.label, word) && *item.label != *word);
    items.truncate(MOST);
    let from = index.unit((at - word.len()) as u32);
    Completions { range: Range { from, to: offset.max(from) }, items }
}

/// Whether a label could be what is being typed; case does not matter.
fn starts_with(label: &str, word: &str) -> bool {
    label.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// The word that is being typed, and what it could become.
fn proposals<'t>(
    project: &Project,
    catalogue: &Catalogue,
    text: &str,
    at: usize,
    line: &'t str,
) -> (&'t str, Vec<Completion>) {
    if line.trim_start().starts_with('#') {
        return comment(text, at, line.trim_start());
    }
    let file = parse(text, Dialect::BuildKit);
    let inside = file.instructions.iter().find(|i| (i.span.start as usize) < at && at <= i.span.end as usize);
    // Blanks at the end of a line belong to the instruction that is being typed there.
    let open = inside.or_else(|| {
        let last = file.instructions.iter().rev().find(|i| (i.span.end as usize) <= at)?;
        let between = text.get(last.span.end as usize..at)?;
        between.chars().all(|c| c == ' ' || c == '\t').then_some(last)
    });
    let word = line.rsplit([' ', '\t']).next().unwrap_or_default();
    let Some(instruction) = open.filter(|i| at > i.keyword.span.end as usize) else {
        return (word, instructions(&file.instructions));
    };
    let typed = text.get(instruction.span.start as usize..at).unwrap_or_default();
    let in_heredoc =
        instruction.heredocs.iter().any(|h| h.span.start as usize <= at && at <= h.span.end as usize);
    if in_heredoc {
        return (word, Vec::new());
    }
    let scope = Scope::at(&file, instruction);
    if let Some((name, items)) = variable(project, &scope, word) {
        return (name, items);
    }
    match spec(&instruction.keyword.text) {
        Some(spec) if spec.name == "ONBUILD" && typed.split_whitespace().count() < 3 => {
            (word, instructions(&[]))
        }
        Some(spec) => operand(project, catalogue, spec, &scope, typed, word),
        None => (word, Vec::new()),
    }
}

/// Statements and directives.
fn comment<'t>(text: &str, at: usize, line: &'t str) -> (&'t str, Vec<Completion>) {
    let mut items = vec![
        item(
            "# effect: create ",
            "value",
            "/path 12MB",
            "States what the next RUN writes. A comment to Docker.",
        ),
        item("# effect: delete ", "value", "/path", "States what the next RUN deletes. A comment to Docker."),
        item("# effect: takes ", "value", "40s", "States how long the next RUN takes. A comment to Docker."),
        item("# effect: fails", "value", "", "States that the next RUN fails. A comment to Docker."),
    ];
    let head = text.get(..at).unwrap_or_default();
    if head.lines().all(|l| l.trim().is_empty() || l.trim_start().starts_with('#')) {
        items.extend([
            item("# syntax=docker/dockerfile:1", "value", "", "The front end that reads this file."),
            item("# escape=`", "value", "", "The character that continues lines."),
            item("# check=skip=", "value", "", "Build checks to leave out."),
            item("# check=error=true", "value", "", "Findings of build checks stop the build."),
        ]);
    }
    (line, items)
}

fn instructions(known: &[Instruction<'_>]) -> Vec<Completion> {
    // Typed in the case that the file uses.
    let lower = known.first().is_some_and(|i| i.keyword.text.chars().all(|c| c.is_ascii_lowercase()));
    // Before the first stage only these two may stand.
    let begun = known.iter().any(|i| i.name() == Some("FROM"));
    let fits = |s: &&&Spec| begun || known.is_empty() || matches!(s.name, "FROM" | "ARG");
    let named = |s: &&Spec| {
        let name = if lower { s.name.to_ascii_lowercase() } else { s.name.to_owned() };
        item(&format!("{name} "), "instruction", s.syntax, s.summary)
    };
    ALL.iter().filter(fits).map(named).collect()
}

/// Names behind `$` or `${`.
fn variable<'t>(project: &Project, scope: &Scope, word: &'t str) -> Option<(&'t str, Vec<Completion>)> {
    let dollar = word.rfind('$')?;
    let name = word.get(dollar + 1..)?;
    let (name, close) = name.strip_prefix('{').map_or((name, ""), |rest| (rest, "}"));
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return None;
    }
    let items = scope.variables.iter().map(|(known, default)| {
        let given = project.build_args.iter().rev().find(|(n, _)| n == known).map(|(_, v)| v.as_str());
        item(&format!("{known}{close}"), "variable", given.unwrap_or(default), "")
    });
    Some((name, items.collect()))
}

fn operand<'t>(
    project: &Project,
    catalogue: &Catalogue,
    spec: &Spec,
    scope: &Scope,
    typed: &str,
    word: &'t str,
) -> (&'t str, Vec<Completion>) {
    if word.starts_with("--") {
        return flag(project, catalogue, spec, scope, word);
    }
    let operands = typed.split_whitespace().skip(1).filter(|w| !w.starts_with("--")).count();
    let nth = if word.is_empty() { operands } else { operands.saturating_sub(1) };
    let items = match spec.name {
        "FROM" if nth == 0 => sources(project, catalogue, scope),
        "FROM" if nth == 1 => vec![item("AS ", "instruction", "NAME", "Names the stage.")],
        "COPY" | "ADD" if !typed.contains("--from=") => files(project, word),
        "USER" => ["nobody", "root", "node", "1000:1000"].map(|u| item(u, "value", "", "")).into(),
        "STOPSIGNAL" => ["SIGTERM", "SIGINT", "SIGQUIT", "SIGKILL"].map(|s| item(s, "value", "", "")).into(),
        "SHELL" if nth == 0 => vec![item("[\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]", "value", "", "")],
        "HEALTHCHECK" if nth == 0 => vec![item("CMD ", "value", "", ""), item("NONE", "value", "", "")],
        "ARG" => scope
            .global
            .iter()
            .map(|(name, default)| {
                item(
                    name,
                    "variable",
                    default,
                    "Declared before the first FROM; a stage has to declare it again.",
                )
            })
            .collect(),
        _ => Vec::new(),
    };
    (word, items)
}

fn flag<'t>(
    project: &Project,
    catalogue: &Catalogue,
    spec: &Spec,
    scope: &Scope,
    word: &'t str,
) -> (&'t str, Vec<Completion>) {
    let Some((name, value)) = word.split_once('=') else {
        let items = spec.flags.iter().map(|flag| {
            let equals = if flag.kind == FlagKind::Switch { "" } else { "=" };
            let only = if flag.legacy { "" } else { "BuildKit" };
            item(&format!("--{}{equals}", flag.name), "flag", only, flag.summary)
        });
        return (word, items.collect());
    };
    let name = name.trim_start_matches('-');
    if name == "from" {
        return (value, sources(project, catalogue, scope));
    }
    if name == "mount" {
        let field = value.rsplit(',').next().unwrap_or_default();
        if let Some(from) = field.strip_prefix("from=") {
            return (from, sources(project, catalogue, scope));
        }
        if value.contains(',') {
            let keys = [
                "target=",
                "source=",
                "from=",
                "id=",
                "rw",
                "ro",
                "sharing=locked",
                "required",
                "uid=",
                "gid=",
                "mode=",
                "env=",
            ];
            return (field, keys.map(|key| item(key, "value", "", "")).into());
        }
    }
    let known = spec.flags.iter().find(|flag| flag.name == name);
    (value, known.map_or(&[][..], |flag| flag.values).iter().map(|v| item(v, "value", "", "")).collect())
}

/// Stages, named contexts, images.
fn sources(project: &Project, catalogue: &Catalogue, scope: &Scope) -> Vec<Completion> {
    let mut items: Vec<Completion> = Vec::new();
    for (name, line) in scope.stages.iter().rev() {
        items.push(item(name, "stage", &format!("line {line}"), ""));
    }
    items.extend(project.contexts.keys().map(|name| item(name, "stage", "named context", "")));
    items.push(item("scratch", "image", "nothing at all", "The empty image: no shell, no files."));
    items.extend(catalogue.names().iter().map(|name| item(name, "image", "", "")));
    items
}

/// Paths of the context, one directory at a time.
fn files(project: &Project, word: &str) -> Vec<Completion> {
    let dir = word.rfind('/').map_or("", |slash| word.get(..=slash).unwrap_or_default());
    let below = dir.strip_prefix("./").unwrap_or(dir);
    let mut seen = BTreeSet::new();
    for path in project.files.keys() {
        let Some(rest) = path.strip_prefix(below) else { continue };
        match rest.split_once('/') {
            Some((folder, _)) => seen.insert(format!("{dir}{folder}/")),
            None => seen.insert(format!("{dir}{rest}")),
        };
    }
    seen.iter().map(|path| item(path, "file", "", "")).collect()
}
