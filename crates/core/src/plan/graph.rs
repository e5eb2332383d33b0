//! Which stage takes from which: links, cycles, what the target needs (BuildKit `buildStageDependencyGraph`,
//! `resolveStages`).

use super::DependencyKind;
use super::arguments::SCRATCH;
use super::fault::{Fault, each_line};
use super::planner::{Planner, Site};
use super::state::{Command, State};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::Dfs;
use smol_str::SmolStr;
use stagecraft_dockerfile::expand::Lexer;
use stagecraft_dockerfile::go;
use stagecraft_dockerfile::instruction::Run;
use stagecraft_dockerfile::instruction::mount::Mount;
use stagecraft_dockerfile::{Command as Typed, Instruction, Word, parse, suggest};
use std::sync::Arc;

impl<'a> Planner<'a> {
    /// Finds out what every instruction takes from.
    pub(super) fn link(&mut self) {
        let file = self.file;
        for at in 0..self.states.len() {
            let count = self.states.get(at).map_or(0, |state| state.commands.len());
            for position in 0..count {
                let Some(index) = self.command(at, position).map(|command| command.instruction) else {
                    continue;
                };
                let Some(instruction) = file.instructions.get(index) else { continue };
                let site = self.site(index);
                match self.sources(instruction, site, at) {
                    Ok(sources) => self.depend(at, position, site, sources),
                    Err(fault) => self.fail(fault, None, instruction.span),
                }
            }
        }
        self.check_cycles();
        if let [only] = self.states.as_mut_slice() {
            only.label = SmolStr::default();
        }
    }

    fn command(&self, at: usize, position: usize) -> Option<&Command> {
        self.states.get(at)?.commands.get(position)
    }

    /// Notes what the command takes from; images become states of their own.
    fn depend(&mut self, at: usize, position: usize, site: Site, sources: Vec<Taken<'a>>) {
        let (kind, ids) = self.take(sources);
        let Some(state) = self.states.get_mut(at) else { return };
        state.deps.extend(ids.iter().map(|&on| (on, site, kind)));
        if let Some(command) = state.commands.get_mut(position) {
            command.sources = ids;
        }
    }

    fn take(&mut self, sources: Vec<Taken<'a>>) -> (DependencyKind, Vec<usize>) {
        let kind = if sources.iter().any(|taken| taken.mount) {
            DependencyKind::Mount
        } else {
            DependencyKind::Copy
        };
        let ids = sources
            .into_iter()
            .map(|taken| match taken.from {
                From::State(on) => on,
                From::New(state) => self.register(*state),
            })
            .collect();
        (kind, ids)
    }

    /// What an instruction takes from (BuildKit `toCommand`, `detectRunMount`).
    fn sources(&self, instruction: &Instruction<'_>, site: Site, at: usize) -> Result<Vec<Taken<'a>>, Fault> {
        match &instruction.command {
            Some(Typed::Copy(copy)) => match &copy.from {
                Some(from) if !from.text.is_empty() => {
                    Ok(vec![Taken { from: self.copied_stage(from, site, at)?, mount: false }])
                }
                _ => Ok(Vec::new()),
            },
            Some(Typed::Run(run)) => Ok(self.mounted_stages(run, site, at)),
            _ => Ok(Vec::new()),
        }
    }

    fn copied_stage(&self, from: &Word<'_>, site: Site, at: usize) -> Result<From<'a>, Fault> {
        let word = &*from.text;
        let expanded = self
            .lexer
            .process_word(word, &())
            .map_err(|error| Fault::new("expansion", error.message).at(from.span))?;
        if expanded.result != word {
            let message = "variable expansion is not supported for --from, define a new stage with FROM using ARG \
                           from global scope as a workaround";
            return Err(Fault::new("variable-in-from", message).at(from.span).help(
                "Name a stage for it: ARG before the first FROM, then FROM $ARGUMENT AS name, and --from=name.",
            ));
        }
        if let Some(index) = go_integer(word) {
            return match usize::try_from(index).ok().filter(|&index| index < self.states.len()) {
                Some(index) => Ok(From::State(index)),
                None => {
                    Err(Fault::new("invalid-stage-index", format!("invalid stage index {index}"))
                        .at(from.span))
                }
            };
        }
        Ok(self.stage_or_image(word, site, at, Some(from)))
    }

    fn mounted_stages(&self, run: &Run<'_>, site: Site, at: usize) -> Vec<Taken<'a>> {
        run.mounts()
            .iter()
            .map(|mount| {
                let from = mounted_from(&mount.text);
                let name = if from.is_empty() { SCRATCH } else { &from };
                let from = match self.stage_or_image(name, site, at, None) {
                    From::New(mut state) => {
                        state.site.lines = (0, 0);
                        state.base_span = mount.span;
                        From::New(state)
                    }
                    state @ From::State(_) => state,
                };
                Taken { from, mount: true }
            })
            .collect()
    }

    fn stage_or_image(&self, name: &str, site: Site, owner: usize, word: Option<&Word<'_>>) -> From<'a> {
        if let Some(&at) = self.by_name.get(&*go::lower(name)) {
            return From::State(at);
        }
        From::New(Box::new(State {
            site,
            owner: Some(owner),
            base_name: name.into(),
            base_written: name.into(),
            base_span: word.map(|word| word.span).unwrap_or_default(),
            unregistered: true,
            ..State::default()
        }))
    }

    /// Refuses stages that take from each other in a circle (BuildKit `validateCircularDependency`). Bases are no
    /// part of it: they always stand above.
    fn check_cycles(&mut self) {
        let alone = self.states.iter().all(|state| state.deps.is_empty());
        if alone || petgraph::algo::toposort(&graph(&self.states, false), None).is_ok() {
            return;
        }
        let Some((start, path)) = first_cycle(&self.states) else { return };
        let label = self.states.get(start).map(|state| state.label.as_str()).unwrap_or_default();
        let mut fault =
            Fault::new("circular-dependency", format!("circular dependency detected on stage: {label}"))
                .help("Stages can only take from stages that do not need them.");
        for site in &path {
            fault.lines.extend(each_line(site.lines));
        }
        let around = path.last().map(|site| site.span).unwrap_or_default();
        self.fail(fault, None, around);
    }

    /// The stage to build.
    pub(super) fn find_target(&mut self, stages: usize) -> Option<usize> {
        let Some(name) = self.options.target.filter(|name| !name.is_empty()) else {
            return stages.checked_sub(1);
        };
        if let Some(&at) = self.by_name.get(&*go::lower(name)) {
            return Some(at);
        }
        let names = self.states.iter().map(|state| state.label.as_str()).filter(|label| !label.is_empty());
        let mut message = format!("target stage {} could not be found", go::quote(name));
        suggest::append(&mut message, name, names, true);
        self.fail(Fault::new("unknown-target", message), None, stagecraft_dockerfile::Span::default());
        None
    }

    /// Marks what the target needs.
    pub(super) fn mark_needed(&mut self, target: usize) {
        let graph = graph(&self.states, true);
        for state in &mut self.states {
            state.needed = false;
        }
        if target >= self.states.len() {
            return;
        }
        let mut walk = Dfs::new(&graph, NodeIndex::new(target));
        while let Some(node) = walk.next(&graph) {
            if let Some(state) = self.states.get_mut(node.index()) {
                state.needed = true;
            }
        }
    }

    /// Adds the triggers of base images and stages to the stages that the target needs; they may need further
    /// stages and images, whose triggers follow.
    pub(super) fn resolve(&mut self, target: usize) {
        // BuildKit counts the FROM of a stage anew in every round until the stage is needed.
        let mut counted = vec![false; self.states.len()];
        let mut first = true;
        loop {
            self.mark_needed(target);
            for (at, state) in self.states.iter_mut().enumerate().filter(|(_, state)| state.base.is_none()) {
                if !first && state.base_name != SCRATCH && !counted.get(at).is_some_and(|counted| *counted) {
                    state.command_index += 1;
                }
                if state.needed {
                    counted.resize(counted.len().max(at + 1), false);
                    if let Some(counted) = counted.get_mut(at) {
                        *counted = true;
                    }
                }
            }
            first = false;
            self.resolve_bases();
            let mut more = false;
            for at in 0..self.states.len() {
                if self.states.get(at).is_some_and(|state| state.needed) {
                    more |= self.add_triggers(at);
                }
            }
            if !more {
                break;
            }
        }
    }

    fn add_triggers(&mut self, at: usize) -> bool {
        let file = self.file;
        let Some(state) = self.states.get_mut(at) else { return false };
        let mut triggers: Vec<Arc<str>> = Vec::new();
        let site = Site { onbuild: true, ..state.site };
        match state.base {
            None => {
                if !state.value.config.on_build.is_empty() {
                    let own = std::mem::take(&mut state.value.config_mut().on_build);
                    triggers.extend(own.into_iter().map(Arc::from));
                }
            }
            Some(base) if !state.onbuild_init => {
                state.onbuild_init = true;
                let commands =
                    self.states.get(base).map(|state| state.commands.as_slice()).unwrap_or_default();
                for command in commands.iter().filter(|command| command.trigger.is_none()) {
                    let instruction = file.instructions.get(command.instruction);
                    if let Some(Typed::Onbuild(trigger)) = instruction.and_then(|i| i.command.as_ref()) {
                        triggers.push(Arc::from(&*trigger.text));
                    }
                }
            }
            Some(_) => {}
        }
        if triggers.is_empty() {
            return false;
        }
        let mut commands = Vec::with_capacity(triggers.len());
        let mut more = false;
        for trigger in triggers {
            match self.trigger_sources(&trigger, site, at) {
                Ok(sources) => {
                    more |= !sources.is_empty();
                    let (kind, sources) = self.take(sources);
                    if let Some(state) = self.states.get_mut(at) {
                        state.deps.extend(sources.iter().map(|&on| (on, site, kind)));
                    }
                    commands.push(Command { instruction: site.instruction, trigger: Some(trigger), sources });
                }
                Err(mut fault) => {
                    fault.lines = each_line(site.lines).collect();
                    fault.span = None;
                    self.fail(fault, Some(at), site.span);
                }
            }
        }
        if let Some(state) = self.states.get_mut(at) {
            state.command_total += commands.len();
            commands.append(&mut state.commands);
            state.commands = commands;
        }
        more
    }

    fn trigger_sources(&self, trigger: &str, site: Site, at: usize) -> Result<Vec<Taken<'a>>, Fault> {
        let file = parse(trigger, stagecraft_dockerfile::Dialect::BuildKit);
        // A trigger stands alone: that no stage is open around it says nothing.
        let mut errors =
            file.diagnostics.iter().filter(|d| d.severity == stagecraft_dockerfile::Severity::Error);
        if let Some(error) = errors.find(|d| d.code != "no-build-stage") {
            // BuildKit types the instruction without the words that it puts before such errors in a file.
            let message =
                error.message.strip_prefix("dockerfile parse error on line 1: ").unwrap_or(&error.message);
            return Err(Fault::new("invalid-trigger", message));
        }
        let [instruction] = file.instructions.as_slice() else {
            return Err(Fault::new("invalid-trigger", "onbuild trigger should be a single expression"));
        };
        if matches!(instruction.command, Some(Typed::From(_))) {
            return Err(Fault::new("invalid-trigger", "*instructions.Stage is not a command type"));
        }
        self.sources(instruction, site, at)
    }
}

/// What an instruction takes from.
struct Taken<'a> {
    from: From<'a>,
    mount: bool,
}

enum From<'a> {
    State(usize),
    New(Box<State<'a>>),
}

/// `from=` of a mount, before variables are known.
fn mounted_from(mount: &str) -> String {
    let mut from = String::new();
    let seen = Mount::parse(mount, &mut |value| Ok(value.to_owned()));
    if let Ok(mount) = seen {
        return mount.from;
    }
    // Values that only make sense once expanded hide the rest; what is wanted here is not among them.
    for field in mount.split(',') {
        if let Some((key, value)) = field.split_once('=')
            && key.eq_ignore_ascii_case("from")
        {
            value.clone_into(&mut from);
        }
    }
    from
}

/// Go's `strconv.Atoi`.
pub(super) fn go_integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// Who takes from whom: edges lead from a state to those that it needs, with or without the one that it starts from.
fn graph(states: &[State<'_>], with_bases: bool) -> DiGraph<(), ()> {
    let edges: usize = states.iter().map(|state| state.deps.len() + 1).sum();
    let mut graph = DiGraph::with_capacity(states.len(), edges);
    for _ in states {
        graph.add_node(());
    }
    for (from, state) in states.iter().enumerate() {
        let base = state.base.filter(|_| with_bases);
        for on in
            base.into_iter().chain(state.deps.iter().map(|&(on, ..)| on)).filter(|on| *on < states.len())
        {
            graph.add_edge(NodeIndex::new(from), NodeIndex::new(on), ());
        }
    }
    graph
}

/// A cycle as BuildKit walks into it: the state it started at, and the commands that lead round.
fn first_cycle(states: &[State<'_>]) -> Option<(usize, Vec<Site>)> {
    let mut visited = vec![false; states.len()];
    let mut on_path = vec![false; states.len()];
    for start in 0..states.len() {
        let mut stack: Vec<(usize, usize)> = Vec::new();
        let mut path: Vec<Site> = Vec::new();
        if std::mem::replace(visited.get_mut(start)?, true) {
            continue;
        }
        *on_path.get_mut(start)? = true;
        stack.push((start, 0));
        while let Some((at, next)) = stack.pop() {
            let Some((on, site, _)) = states.get(at)?.deps.get(next) else {
                *on_path.get_mut(at)? = false;
                path.pop();
                continue;
            };
            stack.push((at, next + 1));
            // BuildKit remembers the last of the instructions that take from the same stage.
            let site = states
                .get(at)?
                .deps
                .iter()
                .rfind(|(other, ..)| other == on)
                .map_or(site, |(_, site, _)| site);
            if *on_path.get(*on)? {
                path.push(*site);
                return Some((start, path));
            }
            if !std::mem::replace(visited.get_mut(*on)?, true) {
                *on_path.get_mut(*on)? = true;
                path.push(*site);
                stack.push((*on, 0));
            }
        }
    }
    None
}

/// What BuildKit's lexer for here-documents of `COPY` is.
pub(super) const fn heredoc_lexer() -> Lexer {
    Lexer { skip_process_quotes: true, ..Lexer::new('\\') }
}
