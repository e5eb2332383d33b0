//! A JSON form with single quotes.
//!
//! JSON knows double quotes only. With single ones it is shell form, and the shell looks for a program called `[npm,`.
//!
//! ```dockerfile
//! # bad
//! RUN ['npm', 'ci']
//! # good
//! RUN ["npm", "ci"]
//! ```

use super::super::Rule;
use super::{Note, View};
use stagecraft_dockerfile::diagnostic::Fix;
use stagecraft_dockerfile::instruction::CommandLine;
use stagecraft_dockerfile::{Command, Severity};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "SingleQuotedJSON",
    description: "The JSON form needs double quotes",
    page: "",
    experimental: false,
};

pub(super) fn check(view: &View<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    for (index, instruction) in view.file.instructions.iter().enumerate() {
        let line = match &instruction.command {
            Some(Command::Cmd(line) | Command::Entrypoint(line)) => line,
            Some(Command::Run(run)) => &run.line,
            _ => continue,
        };
        let CommandLine::Shell(Some(phrase)) = line else { continue };
        let word = phrase.word();
        let text = word.text.trim();
        let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else { continue };
        if !inner.trim_start().starts_with('\'') {
            continue;
        }
        let as_written = (word.span.end - word.span.start) as usize == word.text.len();
        let fix = (as_written && !text.contains('"')).then(|| Fix {
            label: "Use double quotes".into(),
            edits: vec![(word.span, word.text.replace('\'', "\""))],
        });
        notes.push(Note {
            severity: Severity::Warning,
            message: "This is no JSON: it is run by a shell, which does not know such a command".into(),
            help: "JSON strings stand in double quotes.".into(),
            span: word.span,
            fix,
            instruction: Some(index),
        });
    }
    notes
}
