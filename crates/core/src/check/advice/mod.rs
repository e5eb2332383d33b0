//! Our own checks, apart from BuildKit's: faults of the text that BuildKit says nothing of, or says elsewhere.
//!
//! Each is switched off by `# check=skip=NAME`, as BuildKit's are, and all of them by `# check=skip=Advice`. `docker
//! build --check` knows none of them, and does not mind the names.

mod apt_update_alone;
mod argument_not_in_stage;
mod comment_as_argument;
mod compiler_in_last_stage;
mod copy_before_install;
mod directory_change_lost;
mod ignore_pattern_comment;
mod ignore_pattern_unused;
mod mistyped_stage_name;
mod newer_than_syntax;
mod package_lists_left;
mod script;
pub(crate) mod secret_in_layer;
mod single_quoted_json;
mod unneeded_stage;
mod variable_not_in_stage;

use super::{Config, Rule};
use crate::plan::{Plan, Stage};
use crate::project::Project;
use crate::simulation::Base;
use stagecraft_dockerfile::diagnostic::Fix;
use stagecraft_dockerfile::instruction::CommandLine;
use stagecraft_dockerfile::{
    Command, Diagnostic, Dockerfile, Instruction, Phase, Severity, Span, Word, directive,
};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// What a check looks at.
pub(crate) struct View<'v> {
    pub(crate) text: &'v str,
    pub(crate) file: &'v Dockerfile<'v>,
    pub(crate) plan: &'v Plan,
    /// The context, where it is known.
    pub(crate) project: Option<&'v Project>,
    /// The text of the ignore file.
    pub(crate) ignore: Option<&'v str>,
    /// Stages whose file systems become part of the target's image.
    shipped: BTreeSet<usize>,
}

impl<'v> View<'v> {
    /// A view of a file, and of what is known around it.
    pub(crate) fn new(
        text: &'v str,
        file: &'v Dockerfile<'v>,
        plan: &'v Plan,
        project: Option<&'v Project>,
        ignore: Option<&'v str>,
    ) -> Self {
        let mut shipped = BTreeSet::new();
        let mut at = plan.target.map(|target| target.0 as usize);
        while let Some(stage) = at.filter(|&stage| shipped.insert(stage)) {
            at = match plan.stages.get(stage).map(|stage| &stage.base) {
                Some(Base::Stage(base)) => Some(base.0 as usize),
                _ => None,
            };
        }
        Self { text, file, plan, project, ignore, shipped }
    }
}

/// What a check has to say.
pub(crate) struct Note {
    pub(crate) severity: Severity,
    pub(crate) message: String,
    pub(crate) help: Cow<'static, str>,
    pub(crate) span: Span,
    pub(crate) fix: Option<Fix>,
    /// The instruction, by index; `None` if it is about the ignore file.
    pub(crate) instruction: Option<usize>,
}

/// A check of our own.
pub(crate) struct Advice {
    pub(crate) rule: &'static Rule,
    pub(crate) check: fn(&View<'_>) -> Vec<Note>,
}

/// All of them; to add one, write its file and a line here.
pub(crate) const ALL: &[Advice] = &[
    Advice { rule: &apt_update_alone::RULE, check: apt_update_alone::check },
    Advice { rule: &argument_not_in_stage::RULE, check: argument_not_in_stage::check },
    Advice { rule: &comment_as_argument::RULE, check: comment_as_argument::check },
    Advice { rule: &compiler_in_last_stage::RULE, check: compiler_in_last_stage::check },
    Advice { rule: &copy_before_install::RULE, check: copy_before_install::check },
    Advice { rule: &directory_change_lost::RULE, check: directory_change_lost::check },
    Advice { rule: &ignore_pattern_comment::RULE, check: ignore_pattern_comment::check },
    Advice { rule: &ignore_pattern_unused::RULE, check: ignore_pattern_unused::check },
    Advice { rule: &mistyped_stage_name::RULE, check: mistyped_stage_name::check },
    Advice { rule: &newer_than_syntax::RULE, check: newer_than_syntax::check },
    Advice { rule: &package_lists_left::RULE, check: package_lists_left::check },
    Advice { rule: &secret_in_layer::RULE, check: secret_in_layer::check },
    Advice { rule: &single_quoted_json::RULE, check: single_quoted_json::check },
    Advice { rule: &unneeded_stage::RULE, check: unneeded_stage::check },
    Advice { rule: &variable_not_in_stage::RULE, check: variable_not_in_stage::check },
];

/// What the set of our own checks is called where it is switched off as a whole.
const SET: &str = "Advice";

/// Names and descriptions of our own checks.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    ALL.iter().map(|advice| advice.rule)
}

/// Whether the Dockerfile leaves a check of ours switched on.
pub fn advises(dockerfile: &str, rule: &str) -> bool {
    allows(&config(dockerfile), rule)
}

/// What the Dockerfile's directive asks for.
fn config(dockerfile: &str) -> Config {
    directive::find(dockerfile, "check")
        .and_then(|(value, _)| Config::parse(value.split(' ').next().unwrap_or_default()).ok())
        .unwrap_or_default()
}

fn allows(config: &Config, rule: &str) -> bool {
    !config.skip_all && !config.skip.iter().any(|name| name == rule || name == SET)
}

/// What our checks say of the Dockerfile, and apart from it what they say of the ignore file.
pub(crate) fn advise(view: &View<'_>) -> (Vec<Diagnostic>, Vec<Diagnostic>) {
    let file = view.file;
    let config = config(view.text);
    let (mut here, mut ignore) = (Vec::new(), Vec::new());
    for advice in ALL {
        for note in (advice.check)(view) {
            let instruction = note.instruction.and_then(|index| file.instructions.get(index));
            let comments = instruction.map(|instruction| instruction.comments).unwrap_or_default();
            let config = config.with_comments(comments);
            if !allows(&config, advice.rule.name) {
                continue;
            }
            let diagnostic = Diagnostic {
                code: Cow::Borrowed(advice.rule.name),
                severity: note.severity,
                phase: Phase::Plan,
                message: note.message,
                span: note.span,
                lines: instruction
                    .map(|i| stagecraft_dockerfile::diagnostic::lines(i.lines))
                    .unwrap_or_default(),
                help: Some(note.help),
                fix: note.fix,
            };
            if note.instruction.is_some() { here.push(diagnostic) } else { ignore.push(diagnostic) }
        }
    }
    here.sort_by_key(|diagnostic| diagnostic.span);
    (here, ignore)
}

impl<'v> View<'v> {
    /// The instructions of a stage behind its `FROM`, with their indexes.
    pub(crate) fn instructions(
        &self,
        stage: &Stage,
    ) -> impl Iterator<Item = (usize, &'v Instruction<'v>)> + use<'v> {
        let first = stage.instruction + 1;
        self.file.instructions.iter().enumerate().take(stage.end).skip(first)
    }

    /// The commands that the stage runs, with their text as the shell gets it.
    pub(crate) fn runs(
        &self,
        stage: &Stage,
    ) -> impl Iterator<Item = (usize, &'v Instruction<'v>, String)> + use<'v> {
        self.instructions(stage)
            .filter_map(|(index, instruction)| Some((index, instruction, script_of(instruction)?)))
    }

    /// Whether the stage's file system becomes part of the target's image.
    pub(crate) fn ends_in_image(&self, stage: usize) -> bool {
        self.shipped.contains(&stage)
    }

    /// Where a text stands in an instruction, as written there.
    pub(crate) fn find(&self, instruction: &Instruction<'_>, needle: &str) -> Span {
        let span = instruction.span;
        let part = self.text.get(span.start as usize..span.end as usize).unwrap_or_default();
        match part.find(needle) {
            Some(at) => {
                let start = span.start + at as u32;
                Span::new(start, start + needle.len() as u32)
            }
            None => instruction.keyword.span,
        }
    }
}

/// The line of a `RUN` in shell form that consists of commands joined by `&&`, so that more may be joined to it; without
/// flags and here-documents.
fn joinable<'a>(instruction: &Instruction<'a>) -> Option<Word<'a>> {
    let Some(Command::Run(run)) = &instruction.command else { return None };
    let CommandLine::Shell(Some(line)) = run.line else { return None };
    let plain = instruction.flags.is_empty() && instruction.heredocs.is_empty();
    let line = line.word();
    let list = !line.text.replace("&&", " ").contains([';', '|', '&', '#', '\n', '`', '\\']);
    (plain && list).then_some(line)
}

/// What a `RUN` hands to the shell; words of the JSON form with spaces between.
fn script_of(instruction: &Instruction<'_>) -> Option<String> {
    let Some(Command::Run(run)) = &instruction.command else { return None };
    let words: Vec<Cow<'_, str>> = run.line.texts().collect();
    let mut script = words.join(" ");
    for document in &instruction.heredocs {
        script.push('\n');
        script.push_str(&document.content);
    }
    Some(script)
}
