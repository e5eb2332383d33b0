//! Stages: which there are, what `FROM` starts them from, what becomes of them.

use super::image::{Image, config_bytes, hash};
use super::run::{Failure, Run, State};
use super::{config, reference};
use crate::builder::cost;
use crate::catalogue::Knowledge;
use crate::resolve::Platform;
use crate::simulation::{Base, Fate, Flow, FlowSource, Stage, StageId, StepId, StepKind};
use stagecraft_dockerfile::go;
use stagecraft_dockerfile::instruction::From;
use stagecraft_dockerfile::{Command, Dialect, Dockerfile, Severity, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A Dockerfile cut into stages.
pub(super) struct Plan<'f> {
    /// `ARG` before the first `FROM`: indexes of instructions.
    pub(super) meta: Vec<usize>,
    pub(super) stages: Vec<Draft<'f>>,
}

/// A stage as written.
pub(super) struct Draft<'f> {
    /// Empty if it has none.
    pub(super) name: String,
    pub(super) span: Span,
    pub(super) instructions: Vec<usize>,
    base: &'f str,
    /// What `--from` names.
    copies_from: Vec<&'f str>,
}

impl<'f> Plan<'f> {
    pub(super) fn new(file: &'f Dockerfile<'_>) -> Self {
        let mut plan = Self { meta: Vec::new(), stages: Vec::new() };
        for (index, instruction) in file.instructions.iter().enumerate() {
            match (&instruction.command, plan.stages.last_mut()) {
                (Some(Command::From(from)), _) => plan.stages.push(Draft {
                    name: from.name.as_ref().map(|name| name.text.to_string()).unwrap_or_default(),
                    span: instruction.span,
                    instructions: vec![index],
                    base: &from.base.text,
                    copies_from: Vec::new(),
                }),
                (command, Some(stage)) => {
                    stage.instructions.push(index);
                    if let Some(Command::Copy(copy)) = command {
                        stage.copies_from.extend(copy.from.as_ref().map(|from| &*from.text));
                    }
                }
                (Some(Command::Arg(_)), None) => plan.meta.push(index),
                (_, None) => {}
            }
        }
        plan
    }

    /// Which stage is asked for: by name, whatever its case; the last one by default.
    pub(super) fn target(&self, name: Option<&str>) -> Option<usize> {
        match name.filter(|name| !name.is_empty()) {
            None => Some(self.stages.len().saturating_sub(1)),
            Some(name) => self
                .stages
                .iter()
                .position(|stage| go::lower(&stage.name).into_owned() == go::lower(name).into_owned()),
        }
    }

    /// What became of every stage. `reached` of them were built to their end.
    pub(super) fn fates(&self, edges: &[Edge], target: usize, reached: usize, failed: bool) -> Vec<Stage> {
        // What was not come to takes as well, as far as it is written out.
        let written = if failed { self.written(reached) } else { Vec::new() };
        // What each stage takes from, and who takes from it.
        let mut takes: Vec<Vec<Edge>> = vec![Vec::new(); self.stages.len()];
        let mut users: Vec<Vec<usize>> = vec![Vec::new(); self.stages.len()];
        for edge in edges.iter().chain(&written) {
            if let (Some(takes), Some(users)) = (takes.get_mut(edge.by), users.get_mut(edge.on)) {
                takes.push(*edge);
                users.push(edge.by);
            }
        }
        let mut needed = vec![false; self.stages.len()];
        let mut pending = vec![target];
        while let Some(stage) = pending.pop() {
            if let Some(mark) = needed.get_mut(stage)
                && !std::mem::replace(mark, true)
            {
                pending.extend(takes.get(stage).into_iter().flatten().map(|edge| edge.on));
            }
        }
        let fate = |index: usize| {
            if index > target {
                Fate::Skipped
            } else if failed && index > reached {
                Fate::NotReached
            } else if index == target {
                Fate::Target
            } else if needed.get(index) == Some(&true) {
                let users = users.get(index).into_iter().flatten();
                let mut by: Vec<StageId> = users
                    .filter(|by| needed.get(**by) == Some(&true))
                    .map(|by| StageId(*by as u32))
                    .collect();
                by.dedup();
                Fate::Needed { by }
            } else {
                Fate::InVain
            }
        };
        self.stages
            .iter()
            .enumerate()
            .map(|(index, stage)| Stage {
                name: stage.name.clone(),
                span: stage.span,
                instructions: stage.instructions.clone(),
                base: self.base(index, stage, takes.get(index).map(Vec::as_slice).unwrap_or_default()),
                fate: fate(index),
            })
            .collect()
    }

    /// What stages from this one on take from others, by what is written.
    fn written(&self, from: usize) -> Vec<Edge> {
        let mut found = Vec::new();
        for (by, stage) in self.stages.iter().enumerate().skip(from) {
            let earlier = || self.stages.iter().take(by);
            let named = |name: &str| {
                earlier().rposition(|other| !other.name.is_empty() && other.name == go::lower(name))
            };
            found.extend(named(stage.base).map(|on| Edge { by, on, base: true }));
            for name in &stage.copies_from {
                let on = named(name).or_else(|| name.parse().ok().filter(|on| *on < by));
                found.extend(on.map(|on| Edge { by, on, base: false }));
            }
        }
        found
    }

    fn base(&self, index: usize, stage: &Draft<'_>, takes: &[Edge]) -> Base {
        if let Some(edge) = takes.iter().find(|edge| edge.base) {
            return Base::Stage(StageId(edge.on as u32));
        }
        let earlier = self.stages.iter().take(index);
        let named =
            |other: &Draft<'_>| !other.name.is_empty() && other.name == go::lower(stage.base).into_owned();
        match earlier.into_iter().rposition(named) {
            Some(on) => Base::Stage(StageId(on as u32)),
            None if stage.base == "scratch" => Base::Scratch,
            None if stage.base.contains('$') => Base::Unknown,
            None => Base::Image(Arc::from(crate::catalogue::familiar(stage.base))),
        }
    }
}

/// A stage takes from another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    pub(super) by: usize,
    pub(super) on: usize,
    /// As its base.
    pub(super) base: bool,
}

/// Finished stages (moby `stagesBuildResults`).
#[derive(Debug, Default)]
pub(super) struct Results {
    /// The image's id, and the stage's last step.
    done: Vec<(String, StepId)>,
    /// By name in lower case.
    names: BTreeMap<String, usize>,
    pub(super) edges: Vec<Edge>,
}

impl Results {
    pub(super) fn len(&self) -> usize {
        self.done.len()
    }

    /// A finished stage by name.
    pub(super) fn by_name(&self, name: &str) -> Option<usize> {
        self.names.get(&*go::lower(name)).copied()
    }

    /// A finished stage by name or number; `None` if the text is neither.
    ///
    /// # Errors
    /// A number that no finished stage has.
    pub(super) fn get(&self, text: &str) -> Result<Option<usize>, String> {
        if let Some(found) = self.by_name(text) {
            return Ok(Some(found));
        }
        let Ok(number) = text.parse::<i64>() else { return Ok(None) };
        match usize::try_from(number) {
            Ok(index) if index == self.done.len() => Err("refers to current build stage".to_owned()),
            Ok(index) if index < self.done.len() => Ok(Some(index)),
            _ => Err("index out of bounds".to_owned()),
        }
    }

    pub(super) fn image(&self, index: usize) -> &str {
        self.done.get(index).map_or("", |(id, _)| id)
    }

    /// The last step of a finished stage.
    pub(super) fn last_step(&self, stage: StageId) -> Option<StepId> {
        self.done.get(stage.0 as usize).map(|(_, last)| *last)
    }

    pub(super) fn check_name(&self, name: &str) -> Result<(), Failure> {
        if !name.is_empty() && self.by_name(name).is_some() {
            return Err(format!("{name} stage name already used").into());
        }
        Ok(())
    }

    pub(super) fn commit(&mut self, name: &str, id: &str, last: StepId) -> Result<(), Failure> {
        self.check_name(name)?;
        if !name.is_empty() {
            self.names.insert(go::lower(name).into_owned(), self.done.len());
        }
        self.done.push((id.to_owned(), last));
        Ok(())
    }
}

impl Run<'_> {
    /// `FROM`: the image, its config, its triggers.
    pub(super) fn from(&mut self, state: &mut State, from: &From<'_>) -> Result<(), Failure> {
        let env = state.args.all_meta();
        let expand = |run: &Self, word: &str| {
            run.lexer
                .process_word(word, &env)
                .map(|expansion| expansion.result)
                .map_err(|error| error.message)
        };
        let mut platform = Platform::parse(&self.project.platform).unwrap_or_default();
        if let Some(platform_word) = from.platform.as_ref().filter(|word| !word.text.is_empty()) {
            let name = expand(self, &platform_word.text)
                .map_err(|error| format!("failed to process arguments for platform : {error}"))?;
            platform = check_platform(&name)?;
        }
        let name = expand(self, &from.base.text)?;
        if name.is_empty() {
            return Err(format!("base name ({}) should not be blank", from.base.text).into());
        }
        state.image = self.image_or_stage(state.id, &name, platform)?;
        state.config = Arc::new(config::begin(&state.image.config));
        let triggers = std::mem::take(&mut state.change().on_build);
        if triggers.is_empty() { Ok(()) } else { self.triggers(state, &triggers) }
    }

    fn image_or_stage(&mut self, by: StageId, name: &str, platform: Platform) -> Result<Arc<Image>, Failure> {
        if let Some(on) = self.results.by_name(name) {
            self.results.edges.push(Edge { by: by.0 as usize, on, base: true });
            self.flow(whole(FlowSource::Stage(StageId(on as u32))));
            let id = self.results.image(on).to_owned();
            return self
                .images
                .get(&id)
                .cloned()
                .ok_or_else(|| Failure::from(format!("No such image: {id}")));
        }
        if name == "scratch" {
            return Ok(Arc::new(Image { platform: foreign(platform), ..Image::default() }));
        }
        let image = self.pull(name, platform)?;
        self.flow(whole(FlowSource::Image(image.base.clone().unwrap_or_default())));
        Ok(image)
    }

    /// A base image by reference, of a platform: each platform has an image of its own.
    pub(super) fn pull(&mut self, name: &str, platform: Platform) -> Result<Arc<Image>, Failure> {
        reference::check(name)?;
        if reference::familiar(name) == "scratch:latest" {
            return Err("'scratch' is a reserved name".into());
        }
        let familiar = reference::familiar(name);
        let Some(base) = self.catalogue.resolve(name) else {
            let repository =
                familiar.rsplit_once(':').map_or(familiar.as_str(), |(repository, _)| repository);
            return Err(format!(
                "pull access denied for {repository}, repository does not exist or may require 'docker login': denied: \
                 requested access to the resource is denied"
            )
            .into());
        };
        let platform = foreign(platform);
        let id = if let Knowledge::Saved { id } = &base.knowledge {
            id.clone()
        } else {
            let config = config_bytes(&base.config);
            let other = platform.as_ref().map(ToString::to_string).unwrap_or_default();
            let parts = [base.reference.as_bytes(), &config, &base.tree.digest(), other.as_bytes()];
            // Those of the engine's own platform are named without it.
            let named = parts.iter().take(if other.is_empty() { 3 } else { 4 });
            format!("sha256:{}", hash(named.copied()))
        };
        let incomplete = matches!(base.knowledge, Knowledge::Unknown);
        let image = Arc::new(Image {
            id: id.clone(),
            config: Arc::new(base.config.clone()),
            top: None,
            layered: false,
            tree: base.tree.clone(),
            base: Some(base.reference.clone()),
            base_tree: base.tree.clone(),
            base_size: base.size,
            incomplete,
            platform,
        });
        // What nothing was built on yet has to be fetched first.
        if !self.images.contains_key(&id) && self.cache.children(&id).next().is_none() {
            self.spend(cost::METADATA + cost::pull(base.size));
        }
        self.images.insert(id, Arc::clone(&image));
        Ok(image)
    }

    /// `ONBUILD` triggers of a base: steps of their own here, though the engine counts them to `FROM`.
    fn triggers(&mut self, state: &mut State, triggers: &[String]) -> Result<(), Failure> {
        let plural = if triggers.len() > 1 { "s" } else { "" };
        self.say(&format!("# Executing {} build trigger{plural}", triggers.len()));
        let (index, span) =
            self.steps.last().map_or((0, None), |step| (step.instruction.unwrap_or(0), step.span));
        for trigger in triggers {
            self.finish_dispatched(state);
            self.open(format!("ONBUILD {trigger}"), index, Some(state.id), StepKind::Instruction, span);
            let file = stagecraft_dockerfile::parse(trigger, Dialect::Legacy);
            let error =
                file.diagnostics.iter().find(|d| d.severity == Severity::Error && d.code != "no-build-stage");
            if let Some(error) = error {
                return Err(error.message.clone().into());
            }
            let [instruction] = file.instructions.as_slice() else {
                return Err("onbuild trigger should be a single expression".into());
            };
            if let Some(command) = &instruction.command {
                self.dispatch(state, command, instruction)?;
            }
        }
        Ok(())
    }
}

fn whole(source: FlowSource) -> Flow {
    Flow { source, path: "/".to_owned(), files: 0, bytes: 0, mount: false }
}

/// The platform of `--platform`.
fn check_platform(name: &str) -> Result<Platform, Failure> {
    let fail = |message: String| Failure::from(format!("failed to parse platform {name}: {message}"));
    if name.contains('*') {
        return Err(fail(format!("{name:?}: wildcards not yet supported: invalid argument")));
    }
    let part_is_good = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    };
    if let Some(part) = name.split('/').find(|part| !part_is_good(part)) {
        return Err(fail(format!(
            "{part:?} is an invalid component of {name:?}: platform specifier component must match \
             \"^[A-Za-z0-9_-]+$\": invalid argument"
        )));
    }
    Platform::parse(name).map_err(fail)
}

/// A platform that is not the engine's own.
fn foreign(platform: Platform) -> Option<Arc<Platform>> {
    (platform != Platform::default()).then(|| Arc::new(platform))
}
