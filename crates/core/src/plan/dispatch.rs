//! Every instruction of every stage, in order (BuildKit `dispatchStages`, `dispatch`).

use super::arena::VertexId;
use super::base::DEFAULT_PATH;
use super::fault::Fault;
use super::planner::{Planner, Site};
use super::state::State;
use super::{FileAction, FileActionKind, HistoryEntry, Mkfile, Op, OpKind, Origin, StageStep, effect};
use crate::check::{self, Config};
use crate::resolve::{Platform, path};
use crate::simulation::StageId;
use smol_str::SmolStr;
use stagecraft_dockerfile::expand::{Lexer, Names};
use stagecraft_dockerfile::{Command as Typed, Dialect, Instruction, Span, Word, parse};
use std::borrow::Cow;
use std::sync::Arc;

/// An instruction at hand.
pub(super) struct Scene<'s> {
    pub(super) at: usize,
    pub(super) site: Site,
    pub(super) config: &'s Config,
    pub(super) instruction: &'s Instruction<'s>,
    pub(super) sources: &'s [usize],
}

impl Scene<'_> {
    /// The span of a word, for top-level instructions; triggers stand elsewhere.
    pub(super) fn place(&self, span: Span) -> Span {
        if self.site.onbuild { self.site.span } else { span }
    }

    /// Where an op of the instruction comes from.
    pub(super) fn origin(&self) -> Origin {
        let Site { instruction, span, onbuild, .. } = self.site;
        Origin { stage: StageId(self.at as u32), instruction, span, lines: None, onbuild }
    }

    /// An op that the instruction asks for by its lines; what it takes is to be added.
    pub(super) fn op(&self, name: SmolStr, kind: OpKind) -> Op {
        let mut op = Op::new(name, kind);
        op.origins.push(Origin { lines: Some(self.site.lines), ..self.origin() });
        op
    }

    /// The op that makes a file of a here-document.
    pub(super) fn inline_document(&self, file: Mkfile) -> Op {
        let action = FileAction { input: None, kind: FileActionKind::Mkfile(Box::new(file)) };
        let name = SmolStr::new_static("[internal] preparing inline document");
        let mut op = Op::new(name, OpKind::File(vec![action]));
        op.origins.push(self.origin());
        op
    }
}

impl<'a> Planner<'a> {
    /// Works through all stages, those that nobody needs included.
    pub(super) fn dispatch_stages(&mut self) {
        for at in 0..self.states.len() {
            let Some(slot) = self.states.get_mut(at) else { continue };
            if slot.dispatched {
                continue;
            }
            let mut state = std::mem::take(slot);
            self.inherit(&mut state);
            state.dispatched = true;
            state.value.history.reserve(state.commands.len());
            self.begin(&mut state);
            let commands = std::mem::take(&mut state.commands);
            for command in &commands {
                self.dispatch(
                    at,
                    &mut state,
                    command.instruction,
                    command.trigger.as_ref(),
                    &command.sources,
                );
            }
            state.commands = commands;
            if let Some(slot) = self.states.get_mut(at) {
                *slot = state;
            }
        }
    }

    /// What a stage takes over from the stage that it starts from.
    fn inherit(&self, state: &mut State<'a>) {
        let Some(base) = state.base.and_then(|base| self.states.get(base)) else { return };
        state.value = base.value.shallow();
        if !state.value.config.on_build.is_empty() {
            state.value.config_mut().on_build.clear();
        }
        state.platform.clone_from(&base.platform);
    }

    /// Environment, directory and user of the image.
    fn begin(&mut self, state: &mut State<'a>) {
        let platform = state.platform.get_or_insert_with(|| self.target_platform.clone());
        let value = &mut state.value;
        if !value.config.env.iter().any(|pair| key(pair) == "PATH") && platform.os != "windows" {
            value.config_mut().env.push(format!("PATH={DEFAULT_PATH}"));
        }
        for pair in &value.config.env {
            let (name, text) = pair.split_once('=').unwrap_or((pair, ""));
            value.env.set(name.into(), text.into());
        }
        if !value.config.working_dir.is_empty() {
            let own = &value.config.working_dir;
            // An image with a directory that its own system refuses has not been seen.
            if let Ok(dir) = path::normalize(own, own, &platform.os, false) {
                value.dir = dir.as_ref().into();
                let dir = path::from_slash(&dir, &platform.os);
                if *own != dir {
                    value.config_mut().working_dir = dir;
                }
            }
        }
        if !value.config.user.is_empty() {
            value.user = value.config.user.as_str().into();
        }
    }

    fn dispatch(
        &mut self,
        at: usize,
        state: &mut State<'a>,
        index: usize,
        trigger: Option<&Arc<str>>,
        sources: &[usize],
    ) {
        let file = self.file;
        let site = Site { onbuild: trigger.is_some(), ..self.site(index) };
        state.onbuild = site.onbuild;
        let before = (state.value.history.len(), state.steps.len());
        let outcome = match trigger {
            Some(trigger) => {
                let parsed = parse(trigger, Dialect::BuildKit);
                match parsed.instructions.first() {
                    Some(instruction) => self.apply(at, state, site, instruction, sources),
                    None => Ok(()),
                }
            }
            None => match file.instructions.get(index) {
                Some(instruction) => self.apply(at, state, site, instruction, sources),
                None => Ok(()),
            },
        };
        if let Err(fault) = outcome {
            state.value.history.truncate(before.0);
            self.fail(fault.located(site.lines), Some(at), site.span);
        }
        if state.steps.len() == before.1 {
            let step = StageStep { instruction: index, onbuild: site.onbuild, ..StageStep::default() };
            state.steps.push(step);
        }
    }

    fn apply(
        &mut self,
        at: usize,
        state: &mut State<'a>,
        site: Site,
        instruction: &Instruction<'_>,
        sources: &[usize],
    ) -> Result<(), Fault> {
        let lint = std::mem::take(&mut self.lint);
        let config =
            if site.onbuild { Cow::Borrowed(&lint) } else { lint.with_comments(instruction.comments) };
        let scene = Scene { at, site, config: &config, instruction, sources };
        let outcome = match &instruction.command {
            Some(command) => self.effect(state, &scene, command),
            None => Ok(()),
        };
        drop(config);
        self.lint = lint;
        outcome
    }

    fn effect(&mut self, state: &mut State<'a>, scene: &Scene<'_>, command: &Typed<'_>) -> Result<(), Fault> {
        match command {
            Typed::Add(copy) => return effect::copy::apply(self, state, scene, copy, true),
            Typed::Arg(pairs) => return effect::arg::apply(self, state, scene, pairs),
            Typed::Cmd(line) => effect::cmd::apply(self, state, scene, line),
            Typed::Copy(copy) => return effect::copy::apply(self, state, scene, copy, false),
            Typed::Entrypoint(line) => effect::entrypoint::apply(self, state, scene, line),
            Typed::Env(pairs) => return effect::env::apply(self, state, scene, pairs),
            Typed::Expose(ports) => return effect::expose::apply(self, state, scene, ports),
            Typed::From(_) => {}
            Typed::Healthcheck(check) => effect::healthcheck::apply(self, state, scene, check),
            Typed::Label(pairs) => return effect::label::apply(self, state, scene, pairs),
            Typed::Maintainer(who) => effect::maintainer::apply(state, scene, who),
            Typed::Onbuild(trigger) => effect::onbuild::apply(state, trigger),
            Typed::Run(run) => return effect::run::apply(self, state, scene, run),
            Typed::Shell(words) => effect::shell::apply(state, scene, words),
            Typed::Stopsignal(signal) => return effect::stopsignal::apply(self, state, scene, signal),
            Typed::User(user) => return effect::user::apply(self, state, scene, user),
            Typed::Volume(paths) => return effect::volume::apply(self, state, scene, paths),
            Typed::Workdir(path) => return effect::workdir::apply(self, state, scene, path),
        }
        Ok(())
    }

    /// Expands a word of an instruction; variables that nothing sets are reported.
    pub(super) fn expand<'w>(
        &mut self,
        state: &State<'a>,
        scene: &Scene<'_>,
        word: &'w Word<'_>,
    ) -> Result<Cow<'w, str>, Fault> {
        let lexer = self.lexer;
        self.expand_text(&lexer, state, scene, &word.text, word.span)
    }

    /// As [`Self::expand`], of any text.
    pub(super) fn expand_text<'w>(
        &mut self,
        lexer: &Lexer,
        state: &State<'a>,
        scene: &Scene<'_>,
        text: &'w str,
        span: Span,
    ) -> Result<Cow<'w, str>, Fault> {
        let mut unset = Names::default();
        let expanded = lexer.expand(text, &state.value.env, Some(&mut unset));
        self.report_unset(state, scene, &unset, span);
        expanded.map_err(|message| Fault::new("expansion", message).at(scene.place(span)))
    }

    pub(super) fn report_unset(
        &mut self,
        state: &State<'a>,
        scene: &Scene<'_>,
        unmatched: &Names,
        span: Span,
    ) {
        for name in unmatched.iter() {
            if state.value.build_args.iter().any(|(declared, _)| **declared == *name)
                || matches!(name, "BUILDKIT_SBOM_SCAN_CONTEXT" | "BUILDKIT_SBOM_SCAN_STAGE")
            {
                continue;
            }
            let found = variable_in(self.text, span, name);
            let place = found.unwrap_or(span);
            let name_at = found.and_then(|found| name_in(self.text, found, name));
            // A suggestion asks all names, which a long file has many of.
            let known = state.value.env.len();
            let known = if known > self.names_left { 0 } else { known };
            self.names_left -= known;
            let warning =
                check::undefined_var::check(name, state.value.env.keys().take(known), name_at).at(place);
            self.warn(scene.config, Some(scene.at), scene.site, warning);
        }
    }

    /// The platform of the stage, as its execs have it.
    pub(super) fn platform_of(&self, state: &mut State<'a>) -> Arc<Platform> {
        let own = state.platform.as_ref().unwrap_or(&self.target_platform);
        Arc::clone(state.exec_platform.get_or_insert_with(|| Arc::new(own.normalized())))
    }
}

/// Where `$name` or `${name` stands in a part of the text.
pub(super) fn variable_in(text: &str, span: Span, name: &str) -> Option<Span> {
    let part = text.get(span.start as usize..span.end as usize)?;
    let mut from = 0;
    while let Some(at) = part.get(from..)?.find('$') {
        let start = from + at;
        let after = part.get(start + 1..)?;
        let (braces, rest) = match after.strip_prefix('{') {
            Some(rest) => (1, rest),
            None => (0, after),
        };
        if let Some(behind) = rest.strip_prefix(name)
            && !behind.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        {
            let mut end = start + 1 + braces + name.len();
            if braces == 1 && behind.starts_with('}') {
                end += 1;
            }
            let base = span.start as usize;
            return Some(Span::new((base + start) as u32, (base + end) as u32));
        }
        from = start + 1;
    }
    None
}

/// Where the name stands in `$name` or `${name}`.
pub(super) fn name_in(text: &str, variable: Span, name: &str) -> Option<Span> {
    let written = text.get(variable.start as usize..variable.end as usize)?;
    let start = variable.start + written.find(name)? as u32;
    Some(Span::new(start, start + name.len() as u32))
}

impl State<'_> {
    /// Adds a line to the history (BuildKit `commitToHistory`).
    pub(super) fn commit(
        &mut self,
        scene: &Scene<'_>,
        created_by: impl Into<SmolStr>,
        op: Option<VertexId>,
        layer: bool,
    ) {
        self.value.history.push(HistoryEntry {
            created_by: created_by.into(),
            empty_layer: !layer,
            op,
            stage: StageId(scene.at as u32),
            instruction: scene.site.instruction,
        });
    }

    /// Notes what became of the instruction at hand.
    pub(super) fn step(&mut self, scene: &Scene<'_>, caption: SmolStr, vertex: VertexId) {
        self.steps.push(StageStep {
            instruction: scene.site.instruction,
            onbuild: scene.site.onbuild,
            caption,
            op: Some(vertex),
        });
    }
}

/// The name in `NAME=value`.
pub(super) fn key(pair: &str) -> &str {
    pair.split('=').next().unwrap_or(pair)
}
