//! Arguments before the first `FROM`, and what `FROM` does with them (BuildKit `buildMetaArgs`,
//! `buildDispatchStates`).

use super::dispatch::{name_in, variable_in};
use super::fault::Fault;
use super::front::{Front, Written};
use super::outline::{Argument, Capture};
use super::planner::{Planner, Site};
use super::state::State;
use crate::check::{self, Config};
use crate::resolve::{Env, Platform};
use smol_str::SmolStr;
use stagecraft_dockerfile::expand::{Environment, ExpandError, Expansion, Names};
use stagecraft_dockerfile::instruction::From;
use stagecraft_dockerfile::reference::Reference;
use stagecraft_dockerfile::{Command as Typed, Span, suggest};
use std::collections::BTreeSet;
use std::sync::LazyLock;

pub(super) const SCRATCH: &str = "scratch";

const TARGET_STAGE: &str = "TARGETSTAGE";
const DEFAULT_STAGE: &str = "default";

/// The predefined arguments of a build for the builder's own platform.
static USUAL: LazyLock<Env> =
    LazyLock::new(|| predefined(&Platform::default(), DEFAULT_STAGE).into_iter().collect());

/// The predefined arguments as they are without `--build-arg`.
fn predefined(target: &Platform, stage: &str) -> [(&'static str, String); 11] {
    let build = Platform::default();
    [
        ("BUILDPLATFORM", build.short()),
        ("BUILDOS", build.os.to_string()),
        ("BUILDOSVERSION", build.os_version),
        ("BUILDARCH", build.architecture.to_string()),
        ("BUILDVARIANT", build.variant.to_string()),
        ("TARGETPLATFORM", target.to_string()),
        ("TARGETOS", target.os.to_string()),
        ("TARGETOSVERSION", target.os_version.clone()),
        ("TARGETARCH", target.architecture.to_string()),
        ("TARGETVARIANT", target.variant.to_string()),
        (TARGET_STAGE, stage.to_owned()),
    ]
}

impl Environment for Env {
    fn get(&self, name: &str) -> Option<&str> {
        Self::get(self, name)
    }
}

impl<'a> Planner<'a> {
    /// Predefined arguments (BuildKit `defaultArgs`).
    pub(super) fn predefined(&self, last_stage: &str) -> Env {
        let stage = self.options.target.filter(|name| !name.is_empty()).unwrap_or(last_stage);
        let stage = if stage.is_empty() { DEFAULT_STAGE } else { stage };
        if self.build_args.is_empty() && self.target_platform == Platform::default() {
            let mut env = USUAL.clone();
            if stage != DEFAULT_STAGE {
                env.set(TARGET_STAGE.into(), stage.into());
            }
            return env;
        }
        let pairs = predefined(&self.target_platform, stage).into_iter();
        pairs
            .map(|(name, value)| (name, self.build_args.get(name).map_or(value, ToString::to_string)))
            .collect()
    }

    /// Warns where a `FROM` has no valid image with the defaults alone (BuildKit
    /// `validateBaseImagesWithDefaultArgs`).
    pub(super) fn check_defaults(&mut self, front: &Front<'a>, env: &Env) {
        self.default_bases.reserve(front.stages.len());
        let lint = std::mem::take(&mut self.lint);
        for stage in &front.stages {
            let Some(from) = stage.from else {
                self.default_bases.push((SmolStr::default(), String::new()));
                continue;
            };
            let Ok(name) = self.lexer.expand(&from.base.text, env, None) else { break };
            let full = Reference::full(&name);
            let valid = full.is_ok();
            self.default_bases.push((name.into(), full.unwrap_or_default()));
            if let Some(warning) = check::invalid_default_arg_in_from::check(&from.base, valid) {
                let site = self.site(stage.instruction);
                self.warn(&lint, None, site, warning);
            }
        }
        self.lint = lint;
    }

    /// Evaluates the arguments before the first `FROM`, with or without what the command line gives.
    pub(super) fn evaluate_globals(
        &self,
        front: &Front<'a>,
        with_build_args: bool,
    ) -> Result<(Env, Capture), Fault> {
        let mut env = self.global.clone();
        let mut capture = Capture::default();
        for &(index, pairs) in &front.globals {
            let site = self.site(index);
            let instruction = self.file.instructions.get(index);
            for pair in pairs {
                let name = &*pair.key.text;
                let description = instruction.and_then(|i| i.doc_comment(name)).unwrap_or_default().into();
                let mut argument = Argument { lines: site.lines, description, ..Argument::default() };
                let value = match (self.build_args.get(name).filter(|_| with_build_args), &pair.value) {
                    (Some(given), _) => Some(SmolStr::from(given.as_ref())),
                    (None, Some(default)) => {
                        let expansion = self.lexer.process_word(&default.text, &env).map_err(|error| {
                            Fault::new("expansion", error.message).located(site.lines).at(default.span)
                        })?;
                        argument.deps = expansion.matched.into_iter().map(SmolStr::from).collect();
                        if argument.deps.remove(name)
                            && let Some(old) = capture.get(name)
                        {
                            argument.deps.extend(old.deps.iter().cloned());
                        }
                        Some(expansion.result.into())
                    }
                    (None, None) => None,
                };
                if let Some(value) = value {
                    env.set(name.into(), value.clone());
                    argument.value = value;
                }
                capture.declare(name, argument);
            }
        }
        Ok((env, capture))
    }

    /// Makes a state of every stage.
    pub(super) fn make_states(&mut self, front: &Front<'a>) {
        self.states.reserve_exact(front.stages.len());
        for (at, stage) in front.stages.iter().enumerate() {
            let instruction = self.file.instructions.get(stage.instruction);
            let lint = std::mem::take(&mut self.lint);
            let config = lint.with_comments(instruction.map(|i| i.comments).unwrap_or_default());
            self.make_state(&config, at, stage);
            drop(config);
            self.lint = lint;
        }
    }

    fn make_state(&mut self, config: &Config, at: usize, stage: &Written<'a>) {
        let mut state = self.new_state(at, stage);
        let site = state.site;
        let mut used = BTreeSet::new();
        match stage.from {
            None => state.broken = true,
            Some(from) => {
                if let Err(fault) = self.expand_from(config, from, site, at, &mut state, &mut used) {
                    self.fail(fault, Some(at), site.span);
                    state.broken = true;
                }
            }
        }
        if state.base_name.is_empty()
            && let Some(from) = stage.from
        {
            state.base_written = from.base.text.as_ref().into();
        }
        if !state.name.is_empty() && !state.broken {
            match self.named_context(&state.name, state.platform.as_ref()) {
                Ok(Some(context)) => {
                    state.named_context = Some(context);
                    self.register(state);
                    if let Some(state) = self.states.last_mut() {
                        state.base = None;
                    }
                    return;
                }
                Ok(None) => {}
                Err(message) => self.fail(Fault::new("invalid-context-name", message), Some(at), site.span),
            }
        }
        state.label = if state.name.is_empty() { format!("stage-{at}").into() } else { state.name.clone() };
        self.register(state);
        let file = self.file;
        let no_cache = self.options.no_cache;
        let Some(state) = self.states.last_mut() else { return };
        state.outline.used.extend(used);
        state.ignore_cache = no_cache;
        let numbered = |command: &Typed<'_>| {
            matches!(command, Typed::Add(_) | Typed::Copy(_) | Typed::Run(_) | Typed::Workdir(_))
        };
        state.command_total = usize::from(state.base_name != SCRATCH && state.base.is_none())
            + stage.commands(file).filter(|(_, command)| numbered(command)).count();
    }

    fn expand_from(
        &mut self,
        config: &Config,
        from: &'a From<'a>,
        site: Site,
        at: usize,
        state: &mut State<'a>,
        used: &mut BTreeSet<SmolStr>,
    ) -> Result<(), Fault> {
        let lexer = self.lexer;
        let name = lexer.process_word(&from.base.text, &self.global);
        self.check_unused(config, from.base.span, unmatched(&name), site, at);
        let name = name
            .map_err(|error| Fault::new("expansion", error.message).located(site.lines).at(from.base.span))?;
        used.extend(name.matched.into_iter().map(SmolStr::from));
        if name.result.is_empty() {
            return Err(Fault::new(
                "blank-base",
                format!("base name ({}) should not be blank", from.base.text),
            )
            .located(site.lines)
            .at(from.base.span)
            .help("Give the argument a default: ARG NAME=value before the first FROM."));
        }
        state.base_written = name.result.into();
        state.base_name = state.base_written.clone();
        let Some(flag) = &from.platform else { return Ok(()) };
        let written = &*flag.text;
        if written.is_empty() {
            return Ok(());
        }
        let platform = lexer.process_word(written, &self.global);
        self.check_unused(config, flag.span, unmatched(&platform), site, at);
        let (result, matched, missing) = match &platform {
            Ok(Expansion { result, matched, unmatched, .. }) => (result.as_str(), matched, unmatched),
            Err(ExpandError { matched, unmatched, .. }) => ("", matched, unmatched),
        };
        let target = self.global.get("TARGETPLATFORM").unwrap_or_default();
        let redundant =
            check::redundant_target_platform::check(written, result, matched, missing, target, flag.span);
        let redundant = redundant.map(|warning| match flag_in(self.text, flag.span) {
            Some(whole) => warning.replace("Leave the flag out", whole, String::new()),
            None => warning,
        });
        let expanded = !matched.is_empty() || !missing.is_empty();
        let constant =
            check::from_platform_flag_const_disallowed::check(&state.name, result, expanded, flag.span);
        // Where it is what the build is for anyway, this build is the same without it.
        let same = Platform::parse(result).is_ok_and(|p| p.normalized() == self.target_platform.normalized());
        let constant = constant.map(|warning| match flag_in(self.text, flag.span).filter(|_| same) {
            Some(whole) => warning.replace("Leave the flag out", whole, String::new()),
            None => warning,
        });
        for warning in [redundant, constant].into_iter().flatten() {
            self.warn(config, Some(at), site, warning);
        }
        let suggested = |message: String| {
            let near = missing.iter().find_map(|key| suggest::closest(key, self.global.keys(), true));
            match near {
                Some(near) => format!("{message} (did you mean {near}?)"),
                None => message,
            }
        };
        if let Err(error) = &platform {
            let message = format!("failed to process arguments for platform {result}: {}", error.message);
            return Err(Fault::new("expansion", message).located(site.lines).at(flag.span));
        }
        if result.is_empty() {
            let message = suggested(format!("empty platform value from expression {written}"));
            return Err(Fault::new("blank-platform", message).located(site.lines).at(flag.span));
        }
        match Platform::parse(result) {
            Ok(platform) => state.platform = Some(platform),
            Err(message) => {
                let message = format!("failed to parse platform {written}: {}", suggested(message));
                return Err(Fault::new("invalid-platform", message)
                    .located(site.lines)
                    .located(site.lines)
                    .at(flag.span));
            }
        }
        used.extend(matched.iter().map(SmolStr::from));
        Ok(())
    }

    /// Warns of variables in `FROM` that are no global arguments.
    fn check_unused(&mut self, config: &Config, span: Span, unmatched: &Names, site: Site, at: usize) {
        if unmatched.is_empty() {
            return;
        }
        let found: Vec<_> = {
            let mut known: BTreeSet<&str> = self.meta.names().collect();
            known.extend(self.global.keys());
            let check = |name: &str| {
                let found = variable_in(self.text, span, name);
                let name_at = found.and_then(|found| name_in(self.text, found, name));
                let warning = check::undefined_arg_in_from::check(name, &known, name_at)?;
                Some(warning.at(found.unwrap_or(span)))
            };
            unmatched.iter().filter_map(check).collect()
        };
        for warning in found {
            self.warn(config, Some(at), site, warning);
        }
    }

    /// Adds a state; one whose base is the name of an earlier stage starts from that.
    pub(super) fn register(&mut self, mut state: State<'a>) -> usize {
        let at = self.states.len();
        if !state.broken
            && let Some(&base) = self.by_name.get(&state.base_name)
            && let Some(from) = self.states.get(base)
        {
            state.base = Some(base);
            state.outline = from.outline.clone();
        }
        if !state.name.is_empty() {
            self.by_name.insert(state.name.clone(), at);
        }
        self.states.push(state);
        at
    }
}

/// Where `--platform=VALUE` stands with the blanks behind it, given where its value stands.
fn flag_in(text: &str, value: Span) -> Option<Span> {
    const NAME: &str = "--platform=";
    let start = (value.start as usize).checked_sub(NAME.len())?;
    let rest = text.get(start..)?;
    let behind = text.get(value.end as usize..)?;
    let blank = behind.len() - behind.trim_start_matches([' ', '\t']).len();
    (rest.starts_with(NAME) && blank > 0).then(|| Span::new(start as u32, value.end + blank as u32))
}

fn unmatched(outcome: &Result<Expansion, ExpandError>) -> &Names {
    match outcome {
        Ok(expansion) => &expansion.unmatched,
        Err(error) => &error.unmatched,
    }
}
