//! A logical line becomes an instruction: taken apart, typed, its problems noted.

use super::{Parser, Stage, error};
use crate::diagnostic::Fix;
use crate::go::text::{lower, upper};
use crate::heredoc;
use crate::instruction::{self, Command, Problem, Request, Spec};
use crate::line::Line;
use crate::split::{Node, SplitError, split};
use crate::{Comments, Dialect, Heredoc, Instruction, Phase, Span, suggest};
use std::borrow::Cow;
use std::ops::Range;

impl<'a> Parser<'a> {
    /// Takes a line apart, gives it a meaning and adds the instruction.
    pub(super) fn instruction(
        &mut self,
        line: &Line<'_, 'a>,
        number: u32,
        mut end: usize,
        comments: Comments<'a>,
        node: &mut Node<'a>,
    ) {
        node.clear();
        let outcome = split(line, 0..line.text.len(), self.escape, self.dialect, node)
            .and_then(|()| self.check_trigger(line, node.trigger.clone()));
        let keyword = line.word(&node.keyword);
        let mut lines = (number, self.lines.read);
        let mut heredocs = Vec::new();
        let mut command = None;
        match outcome {
            Ok(()) => {
                if self.announces && self.takes_heredocs(line, node) && heredoc::has_mark(line.text) {
                    heredocs = self.heredocs(line, lines, &mut end);
                    lines.1 = self.lines.read;
                }
                command = self.typed(line, node, &heredocs, lines);
            }
            Err(problem) => self.syntax.push(error(problem.code, problem.span, lines, problem.message)),
        }
        self.note_stage(node.spec, command.is_some(), lines, keyword.span);
        self.instructions.push(Instruction {
            span: Span::new(keyword.span.start, end as u32),
            lines,
            keyword,
            original: line.original(),
            comments,
            flags: std::mem::take(&mut node.flags),
            heredocs,
            command,
        });
    }

    /// Gives an instruction its meaning.
    fn typed(
        &mut self,
        line: &Line<'_, 'a>,
        node: &mut Node<'a>,
        heredocs: &[Heredoc<'a>],
        lines: (u32, u32),
    ) -> Option<Command<'a>> {
        let command = if let Some(spec) = node.spec {
            let problems = &mut self.problems;
            (spec.parse)(&mut Request { spec, line, heredocs, dialect: self.dialect, problems, node })
        } else {
            let typed = line.get(&node.keyword);
            let meant =
                suggest::closest(typed, instruction::ALL.iter().map(|s| s.name), false).map(Cow::into_owned);
            let message = unknown(typed, meant.as_deref(), self.dialect);
            let span = line.span(&node.keyword);
            self.problems.push(Problem { code: "unknown-instruction", message, span, meant });
            None
        };
        if !self.problems.is_empty() {
            self.note_problems(lines);
        }
        command
    }

    /// The problems of an instruction become the file's.
    #[cold]
    fn note_problems(&mut self, lines: (u32, u32)) {
        for problem in self.problems.drain(..) {
            let mut diagnostic = error(problem.code, problem.span, lines, problem.message);
            diagnostic.phase = Phase::Instruction;
            diagnostic.fix = problem.meant.map(|meant| Fix {
                label: format!("Write {meant}").into(),
                edits: vec![(problem.span, meant)],
            });
            self.typing.push(diagnostic);
        }
    }

    /// Instructions but `ARG` need a stage.
    fn note_stage(&mut self, spec: Option<&'static Spec>, understood: bool, lines: (u32, u32), span: Span) {
        if self.stage == Stage::Open {
            return;
        }
        if is(spec, &instruction::from::SPEC) {
            self.stage = Stage::Open;
        } else if self.stage == Stage::None && understood && !is(spec, &instruction::arg::SPEC) {
            self.stage = Stage::Missed;
            let message = "no build stage in current context".to_owned();
            let mut diagnostic = error("no-build-stage", span, lines, message);
            diagnostic.phase = Phase::Instruction;
            self.typing.push(diagnostic);
        }
    }

    /// Takes a trigger apart for its problems, however many `ONBUILD` stand before it.
    fn check_trigger(
        &self,
        line: &Line<'_, 'a>,
        mut trigger: Option<Range<usize>>,
    ) -> Result<(), SplitError> {
        while let Some(range) = trigger {
            let mut node = Node::default();
            split(line, range, self.escape, self.dialect, &mut node)?;
            trigger = node.trigger;
        }
        Ok(())
    }

    /// Whether the instruction, or the one that it triggers, may have here-documents.
    fn takes_heredocs(&self, line: &Line<'_, 'a>, node: &Node<'a>) -> bool {
        let takes = |node: &Node<'a>| {
            let takers = [&instruction::add::SPEC, &instruction::copy::SPEC, &instruction::run::SPEC];
            !node.json && takers.iter().any(|taker| is(node.spec, taker))
        };
        if self.dialect == Dialect::Legacy {
            return false;
        }
        let Some(trigger) = node.trigger.clone() else { return takes(node) };
        let mut inner = Node::default();
        split(line, trigger, self.escape, self.dialect, &mut inner).is_ok() && takes(&inner)
    }
}

fn is(spec: Option<&'static Spec>, other: &'static Spec) -> bool {
    spec.is_some_and(|spec| std::ptr::eq(spec, other))
}

fn unknown(typed: &str, meant: Option<&str>, dialect: Dialect) -> String {
    let mut message = "unknown instruction: ".to_owned();
    match dialect {
        Dialect::BuildKit => {
            message.push_str(typed);
            if let Some(meant) = meant {
                suggest::mention(&mut message, meant);
            }
        }
        Dialect::Legacy => message.push_str(&upper(&lower(typed))),
    }
    message
}
