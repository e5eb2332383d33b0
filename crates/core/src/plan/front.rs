//! From instructions to stages: the phases that do not look at values (BuildKit `instructions.Parse` and the
//! checks around it).

use super::Target;
use super::fault::Fault;
use super::planner::{Noted, Planner, Site};
use super::state::{Command, State};
use crate::check::{self, Config};
use stagecraft_dockerfile::instruction::{ArgPair, From};
use stagecraft_dockerfile::{
    Command as Typed, Diagnostic, Dockerfile, Instruction, Phase, Severity, Span, directive,
};
use std::collections::BTreeSet;

/// A stage as it is written.
pub(super) struct Written<'a> {
    pub(super) from: Option<&'a From<'a>>,
    pub(super) instruction: usize,
    pub(super) end: usize,
}

/// What stands in the file.
#[derive(Default)]
pub(super) struct Front<'a> {
    pub(super) stages: Vec<Written<'a>>,
    /// `ARG`s before the first `FROM`.
    pub(super) globals: Vec<(usize, &'a [ArgPair<'a>])>,
}

impl<'a> Front<'a> {
    fn gather(&mut self, index: usize, instruction: &'a Instruction<'a>) {
        match &instruction.command {
            Some(Typed::From(from)) => {
                self.stages.push(Written { from: Some(from), instruction: index, end: index + 1 });
            }
            // A damaged FROM still begins a stage for what stands below it.
            None if instruction.name() == Some("FROM") => {
                self.stages.push(Written { from: None, instruction: index, end: index + 1 });
            }
            Some(Typed::Arg(pairs)) if self.stages.is_empty() => self.globals.push((index, pairs)),
            _ => {
                if let Some(stage) = self.stages.last_mut() {
                    stage.end = index + 1;
                }
            }
        }
    }
}

impl Written<'_> {
    /// Its instructions that could be understood, with their index, without `FROM`.
    pub(super) fn commands<'f, 'a>(
        &self,
        file: &'f Dockerfile<'a>,
    ) -> impl Iterator<Item = (usize, &'f Typed<'a>)> + use<'f, 'a> {
        let own = file.instructions.get(self.instruction + 1..self.end).unwrap_or_default();
        let first = self.instruction + 1;
        own.iter().enumerate().filter_map(move |(at, own)| Some((first + at, own.command.as_ref()?)))
    }

    pub(super) fn name(&self) -> &str {
        self.from.and_then(|from| from.name.as_ref()).map_or("", |name| &name.text)
    }
}

impl<'a> Planner<'a> {
    /// Reads the `check` directive (BuildKit `newRuleLinter`).
    /// A build argument takes the directive's place.
    pub(super) fn read_directive(&mut self) {
        const ARGUMENT: &str = "BUILDKIT_DOCKERFILE_CHECK";
        if let Some(value) = self.build_args.get(ARGUMENT) {
            match Config::parse(value) {
                Ok(config) => self.lint = config,
                Err(message) => {
                    let message = format!("failed to parse build-arg:{ARGUMENT}: {message}");
                    self.fail(Fault::new("invalid-check-option", message), None, Span::default());
                }
            }
            return;
        }
        let Some((value, _)) = directive::find(self.text, "check") else { return };
        let start = value.as_ptr() as usize - self.text.as_ptr() as usize;
        let span = Span::new(start as u32, (start + value.len()) as u32);
        let value = value.split(' ').next().unwrap_or_default();
        match Config::parse(value) {
            Ok(config) => self.lint = config,
            Err(message) => {
                let fault =
                    Fault::new("invalid-check-option", format!("failed to parse check options: {message}"));
                self.fail(fault, None, span);
            }
        }
    }

    /// Takes over what the parser found, in BuildKit's order, and gathers the stages.
    pub(super) fn read_instructions(&mut self) -> Front<'a> {
        let file = self.file;
        let note = |planner: &mut Self, diagnostic: &Diagnostic| {
            planner.findings.push(Noted { diagnostic: diagnostic.clone(), state: None, early: true });
        };
        let (mut parse, mut rest) = (Vec::new(), Vec::new());
        for diagnostic in &file.diagnostics {
            match (diagnostic.severity, diagnostic.phase) {
                (Severity::Error, Phase::Parse) => note(self, diagnostic),
                (Severity::Error, _) => rest.push(diagnostic),
                _ => parse.push(diagnostic),
            }
        }
        for diagnostic in parse {
            self.note_parser_warning(diagnostic);
        }
        let mut errors = rest.into_iter().peekable();
        let mut front = Front::default();
        for (index, instruction) in file.instructions.iter().enumerate() {
            self.check_instruction(index, instruction);
            while let Some(error) = errors.next_if(|error| error.span.start < instruction.span.end) {
                note(self, error);
            }
            self.describe(index, instruction);
            front.gather(index, instruction);
        }
        for error in errors {
            note(self, error);
        }
        if front.stages.is_empty() {
            let message = "dockerfile contains no stages to build";
            self.fail(Fault::new("no-stages", message), None, Span::default());
        }
        front
    }

    /// The line parser's warnings, worded as checks.
    fn note_parser_warning(&mut self, diagnostic: &Diagnostic) {
        if diagnostic.code != check::no_empty_continuation::RULE.name {
            self.findings.push(Noted { diagnostic: diagnostic.clone(), state: None, early: true });
            return;
        }
        let lines = diagnostic.lines.first().copied().unwrap_or_default();
        let site = Site { lines, span: diagnostic.span, ..Site::default() };
        let mut warning = check::no_empty_continuation::warning();
        warning.fix.clone_from(&diagnostic.fix);
        let config = std::mem::take(&mut self.lint);
        self.warn(&config, None, site, warning);
        self.lint = config;
    }

    /// Checks that BuildKit makes before it gives an instruction its type.
    fn check_instruction(&mut self, index: usize, instruction: &'a Instruction<'a>) {
        let Some(name) = instruction.name() else { return };
        if !matches!(name, "FROM" | "MAINTAINER") {
            return;
        }
        let lint = std::mem::take(&mut self.lint);
        let config = lint.with_comments(instruction.comments);
        let site = self.site(index);
        if name == "MAINTAINER" {
            let who = match &instruction.command {
                Some(Typed::Maintainer(who)) => Some(who),
                _ => None,
            };
            self.warn(&config, None, site, check::maintainer_deprecated::check(&instruction.keyword, who));
        } else {
            let keyword = &instruction.keyword.text;
            let found = if let Some(Typed::From(from)) = &instruction.command {
                let named = from.typed_name.as_ref().zip(from.name.as_ref());
                let casing =
                    named.and_then(|(typed, name)| check::stage_name_casing::check(typed, Some(name.span)));
                let as_ = from.r#as.as_ref();
                [
                    casing,
                    as_.and_then(|word| check::from_as_casing::check(keyword, &word.text, Some(word.span))),
                ]
            } else {
                // It is in error; what stands where the name and AS would stand is looked at all the same.
                let code = instruction.code();
                let args = damaged_from(&code, instruction);
                let name = args.get(2).filter(|_| args.len() == 3);
                [
                    name.and_then(|name| check::stage_name_casing::check(name, None)),
                    args.get(1)
                        .filter(|_| args.len() >= 3)
                        .and_then(|as_| check::from_as_casing::check(keyword, as_, None)),
                ]
            };
            for warning in found.into_iter().flatten() {
                self.warn(&config, None, site, warning);
            }
        }
        drop(config);
        self.lint = lint;
    }

    /// The check that BuildKit makes once an `ARG` or a named `FROM` has its type.
    fn describe(&mut self, index: usize, instruction: &'a Instruction<'a>) {
        if instruction.comments.is_empty() {
            return;
        }
        let (keyword, names): (_, Vec<&str>) = match &instruction.command {
            Some(Typed::From(from)) => match &from.name {
                Some(name) => ("FROM", vec![&name.text]),
                None => return,
            },
            Some(Typed::Arg(pairs)) => ("ARG", pairs.iter().map(|pair| &*pair.key.text).collect()),
            _ => return,
        };
        let start = instruction.span.start;
        let found =
            check::invalid_definition_description::check(keyword, &names, instruction.comments, start);
        let Some(warning) = found else { return };
        let lint = std::mem::take(&mut self.lint);
        let site = self.site(index);
        self.warn(&lint.with_comments(instruction.comments), None, site, warning);
        self.lint = lint;
    }

    /// Checks of the file as a whole: names of stages, case of keywords.
    pub(super) fn check_stages(&mut self, front: &Front<'a>) {
        let lint = std::mem::take(&mut self.lint);
        let mut names = BTreeSet::new();
        for stage in front.stages.iter().filter(|stage| !stage.name().is_empty()) {
            let site = self.site(stage.instruction);
            let name = stage.from.and_then(|from| from.name.as_ref());
            let reserved = check::reserved_stage_name::check(stage.name());
            let duplicate = check::duplicate_stage_name::check(stage.name(), !names.insert(stage.name()));
            for mut warning in [reserved, duplicate].into_iter().flatten() {
                warning.span = name.map(|name| name.span);
                self.warn(&lint, None, site, warning);
            }
        }
        let file = self.file;
        let first = front.stages.first().map_or(usize::MAX, |stage| stage.instruction);
        let counts = |(index, instruction): &(usize, &Instruction<'a>)| {
            *index >= first && (instruction.command.is_some() || instruction.name() == Some("FROM"))
        };
        let indexed = file.instructions.iter().enumerate().filter(counts);
        let keywords = indexed.clone().map(|(_, instruction)| &instruction.keyword);
        let mut places = indexed.clone().map(|(index, _)| index).enumerate();
        for (at, warning) in check::consistent_instruction_casing::check(keywords) {
            let place = places.find(|(nth, _)| *nth == at);
            let site = self.site(place.map_or(0, |(_, index)| index));
            self.warn(&lint, None, site, warning);
        }
        self.lint = lint;
    }

    /// Lists the stages as `docker build --call targets` does.
    pub(super) fn targets(&self, front: &Front<'a>) -> Vec<Target> {
        let last = front.stages.len().saturating_sub(1);
        front
            .stages
            .iter()
            .enumerate()
            .map(|(at, stage)| Target {
                name: stage.name().into(),
                base: stage.from.map(|from| from.base.text.as_ref().into()).unwrap_or_default(),
                platform: stage
                    .from
                    .and_then(|from| from.platform.as_ref())
                    .map(|platform| platform.text.as_ref().into())
                    .unwrap_or_default(),
                description: self.description(stage).into(),
                default: at == last,
            })
            .collect()
    }

    /// The comment above a stage's `FROM` that describes it.
    pub(super) fn description(&self, stage: &Written<'a>) -> &'a str {
        let instruction: Option<&'a Instruction<'a>> = self.file.instructions.get(stage.instruction);
        let name = stage.from.and_then(|from| from.name.as_ref());
        instruction.zip(name).and_then(|(i, name)| i.doc_comment(&name.text)).unwrap_or_default()
    }

    /// A state for a stage, before anything in it has a value.
    pub(super) fn new_state(&self, at: usize, stage: &Written<'a>) -> State<'a> {
        State {
            stage: Some(at),
            site: self.site(stage.instruction),
            end: stage.end,
            end_offset: self.file.instructions.get(stage.end.saturating_sub(1)).map_or(0, |i| i.span.end),
            name: stage.name().into(),
            description: self.description(stage).into(),
            base_span: stage.from.map(|from| from.base.span).unwrap_or_default(),
            outline: self.meta.clone(),
            steps: Vec::with_capacity(stage.end.saturating_sub(stage.instruction)),
            commands: stage
                .commands(self.file)
                .map(|(instruction, _)| Command { instruction, trigger: None, sources: Vec::new() })
                .collect(),
            ..State::default()
        }
    }
}

/// The arguments of a `FROM` that could not be understood.
fn damaged_from<'c>(code: &'c str, instruction: &Instruction<'_>) -> Vec<&'c str> {
    let separator = |c: char| matches!(c, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ');
    let mut rest = code.strip_prefix(&*instruction.keyword.text).unwrap_or(code);
    for flag in &instruction.flags {
        rest = rest.trim_start();
        rest = rest.strip_prefix(&*flag.text).unwrap_or(rest);
    }
    rest.split(separator).filter(|word| !word.is_empty()).collect()
}
