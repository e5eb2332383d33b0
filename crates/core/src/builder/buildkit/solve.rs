//! The solver: operations start as soon as their inputs are there, are looked up by their keys, and run if nothing
//! is found. Simulated time goes forward; a failure cancels what runs and keeps what is finished.

use super::checksum::{self, Missing};
use super::exec::{self, Surroundings};
use super::files::{self, Input};
use super::key::{self, Dependency};
use super::reason::{self, Last};
use super::received;
use super::source;
use super::store::{Key, Store, Unkeyed, hash, link};
use crate::builder::cost;
use crate::builder::hexadecimal::hex;
use crate::builder::timing::Timing;
use crate::catalogue::Catalogue;
use crate::import::Outcome;
use crate::plan::{Op, OpId, OpKind, Plan, Source};
use crate::project::Project;
use crate::simulation::{Certainty, DurationSource, Flow, OutputLine, Reason, Status};
use stagecraft_sandbox::shell::{Effect, effect};
use stagecraft_sandbox::tree::Tree;
use std::collections::{BTreeMap, BTreeSet};

/// What the solver works on.
pub(super) struct Task<'a> {
    pub project: &'a Project,
    pub catalogue: &'a Catalogue,
    pub file: &'a stagecraft_dockerfile::Dockerfile<'a>,
    pub plan: &'a Plan,
    pub ignore: &'a [String],
    pub store: &'a Store,
    /// What is known of durations.
    pub timing: &'a Timing<'a>,
    /// For each operation its entry in the project's log; empty without a log.
    pub entries: Vec<Option<u32>>,
    /// When the first operation may start.
    pub start: u64,
    /// The number of the first operation's step.
    pub first_step: u32,
}

/// What became of an operation that was started.
#[derive(Debug, Clone)]
pub(super) struct Ran {
    pub op: OpId,
    /// Steps are numbered in the order of their start.
    pub step: u32,
    pub status: Status,
    pub reason: Reason,
    pub start: u64,
    pub end: u64,
    /// Milliseconds that it takes when it is executed.
    pub work: u64,
    pub source: DurationSource,
    pub entry: Option<u32>,
    /// It and all that it starts from are in the log.
    logged: bool,
    pub before: Tree,
    pub after: Option<Input>,
    pub output: Vec<OutputLine>,
    pub certainty: Certainty,
    pub flows: Vec<Flow>,
    pub transferred: Option<u64>,
    pub error: Option<String>,
    keys: BTreeSet<Key>,
    /// What is to be stored if it is finished in time.
    links: Vec<(Key, Key)>,
    unkeyed: Vec<(Key, Unkeyed)>,
    mounts: BTreeMap<String, Tree>,
}

/// Everything that happened.
pub(super) struct Solved {
    /// In the order of their start.
    pub ran: Vec<Ran>,
    /// Place in `ran` and message of the failure.
    pub failure: Option<(usize, String)>,
    /// Operation digests and how inputs count, for the memory of why steps miss.
    pub keys: Vec<(Key, Vec<Dependency>)>,
    /// Place in `ran` of each operation that was started; the one that failed before its start is not here.
    at: Vec<Option<usize>>,
}

impl Solved {
    /// What became of an operation.
    pub(super) fn of(&self, op: OpId) -> Option<&Ran> {
        self.ran.get((*self.at.get(op.index())?)?)
    }
}

struct Solver<'a> {
    task: &'a Task<'a>,
    keys: Vec<(Key, Vec<Dependency>)>,
    /// Place in `ran` of each operation that was started.
    at: Vec<Option<usize>>,
    ran: Vec<Ran>,
    failure: Option<(u64, usize, String)>,
    mounts: BTreeMap<String, Tree>,
    next_step: u32,
    /// When each worker is free.
    workers: Vec<u64>,
    /// What this build found so far, by link: when it was there, and the result.
    here: BTreeMap<Key, Vec<(u64, Key)>>,
    /// What results of this build depended on without their keys saying so.
    unkeyed: BTreeMap<Key, Unkeyed>,
    /// The memory of the last build by place.
    last: Last<'a>,
}

/// Runs the plan's operations.
pub(super) fn solve(task: &Task<'_>) -> Solved {
    let ops = &task.plan.ops;
    let mut solver = Solver {
        task,
        keys: ops.iter().map(key::of).collect(),
        at: vec![None; ops.len()],
        ran: Vec::new(),
        failure: None,
        mounts: BTreeMap::new(),
        next_step: task.first_step,
        // More than there are operations are never at work.
        workers: vec![0; ops.len().min(task.project.workers as usize)],
        here: BTreeMap::new(),
        unkeyed: BTreeMap::new(),
        last: reason::by_place(&task.store.last),
    };
    solver.run();
    solver.finish()
}

impl Solver<'_> {
    fn run(&mut self) {
        let ops = &self.task.plan.ops;
        let mut users: Vec<Vec<usize>> = vec![Vec::new(); ops.len()];
        let mut missing: Vec<usize> = vec![0; ops.len()];
        for (index, op) in ops.iter().enumerate() {
            let inputs: BTreeSet<usize> = op.inputs.iter().map(|id| id.index()).collect();
            for input in &inputs {
                if let Some(users) = users.get_mut(*input) {
                    users.push(index);
                }
            }
            if let Some(missing) = missing.get_mut(index) {
                *missing = inputs.len();
            }
        }
        let mut ready: BTreeSet<(u64, usize)> = missing
            .iter()
            .enumerate()
            .filter(|(_, n)| **n == 0)
            .map(|(op, _)| (self.task.start, op))
            .collect();
        while let Some((time, op)) = ready.pop_first() {
            // Sources are asked for at once, whatever else fails.
            let source = ops.get(op).is_some_and(|op| matches!(op.kind, OpKind::Source(_)));
            if !source && self.failure.as_ref().is_some_and(|(at, ..)| *at <= time) {
                continue;
            }
            let Some(end) = self.start(op, time) else { continue };
            for user in users.get(op).into_iter().flatten().copied() {
                self.look_ahead(user, op, end);
                let Some(missing) = missing.get_mut(user) else { continue };
                *missing -= 1;
                if *missing == 0 {
                    let inputs = ops.get(user).map(|op| op.inputs.as_slice()).unwrap_or_default();
                    let ends = inputs.iter().filter_map(|id| self.done(*id)).map(|ran| ran.end);
                    ready.insert((ends.max().unwrap_or(end), user));
                }
            }
        }
    }

    fn done(&self, id: OpId) -> Option<&Ran> {
        self.ran.get((*self.at.get(id.index())?)?)
    }

    /// With a bounded number of workers (`max-parallelism`), sources, files and commands wait for a free one when they
    /// are executed; what comes from the cache does not. False if the build ends before that.
    fn wait(&mut self, op: &Op, ran: &mut Ran) -> bool {
        let executed = ran.status == Status::Ran && op.kind != OpKind::Merge && ran.work > 0;
        let Some(worker) = self.workers.iter_mut().min().filter(|_| executed) else { return true };
        let start = ran.start.max(*worker);
        if self.failure.as_ref().is_some_and(|(at, ..)| *at <= start) {
            return false;
        }
        ran.end = start + (ran.end - ran.start);
        ran.start = start;
        *worker = ran.end;
        true
    }

    /// How long the operation takes, and what the log of a real build says of it.
    fn time(&self, op: &Op, index: usize, ran: &mut Ran) {
        let task = self.task;
        ran.entry = task.entries.get(index).copied().flatten();
        // What follows an edit was not in the logged build's cache.
        let inputs = || op.inputs.iter().all(|id| self.done(*id).is_some_and(|ran| ran.logged));
        ran.logged = matches!(op.kind, OpKind::Source(_)) || (ran.entry.is_some() && inputs());
        let origin = op.origins.first().filter(|origin| !origin.onbuild);
        let instruction = origin.and_then(|origin| task.file.instructions.get(origin.instruction));
        let caption = op.group.as_deref().unwrap_or(&op.name);
        let model = ran.end.saturating_sub(ran.start);
        // Of `COPY --link` the log has one time, which its files' operation takes.
        if op.kind == OpKind::Merge && ran.entry.is_some() {
            ran.work = 0;
        } else {
            (ran.work, ran.source) = task.timing.time(caption, instruction, ran.entry, model);
        }
        if let Some(outcome) =
            task.timing.outcome(ran.entry).filter(|_| task.store.is_cold() && !op.ignore_cache)
        {
            if ran.reason == Reason::Cold {
                ran.reason = Reason::Logged;
            }
            if outcome == Outcome::Cached && ran.status == Status::Ran && ran.logged {
                ran.status = Status::Cached;
                ran.reason = Reason::Logged;
                ran.output.clear();
                ran.mounts.clear();
            }
        }
        ran.end = ran.start + if ran.status == Status::Cached { 0 } else { ran.work };
    }

    /// A source that is missing is found out as soon as the input is there, whatever else is not.
    fn look_ahead(&mut self, user: usize, input: usize, end: u64) {
        let Some(op) = self.task.plan.ops.get(user) else { return };
        let Some((_, dependencies)) = self.keys.get(user) else { return };
        for (id, dependency) in op.inputs.iter().zip(dependencies) {
            let Some(selectors) = dependency.content.as_ref().filter(|_| id.index() == input) else {
                continue;
            };
            let Some(after) = self.done(*id).and_then(|ran| ran.after.as_ref()) else { continue };
            if after.incomplete {
                continue;
            }
            if let Err(Missing::Error(error)) = checksum::all(after.counted(), selectors) {
                let message = cache_key_error(&after.tree, &error);
                if self.failure.as_ref().is_none_or(|(at, ..)| *at > end) {
                    let before = self.before(op);
                    let ran = self.blank(user, end, before);
                    self.failure = Some((end, self.ran.len(), message.clone()));
                    self.ran.push(Ran {
                        status: Status::Failed,
                        reason: Reason::Failure,
                        error: Some(message),
                        ..ran
                    });
                }
                return;
            }
        }
    }

    fn before(&self, op: &Op) -> Tree {
        let base = match &op.kind {
            OpKind::Source(_) => None,
            OpKind::Exec(exec) => {
                exec.mounts.iter().find(|mount| mount.dest == "/").and_then(|mount| mount.input)
            }
            OpKind::File(actions) => actions.first().and_then(|action| action.input),
            OpKind::Merge => Some(0),
        };
        let id = base.and_then(|at| op.inputs.get(at as usize));
        id.and_then(|id| self.done(*id)?.after.as_ref()).map(|after| after.tree.clone()).unwrap_or_default()
    }

    fn blank(&mut self, op: usize, start: u64, before: Tree) -> Ran {
        let step = self.next_step;
        self.next_step += 1;
        Ran {
            op: OpId(op as u32),
            step,
            status: Status::Ran,
            reason: Reason::Cold,
            start,
            end: start,
            work: 0,
            source: DurationSource::Model,
            entry: None,
            logged: false,
            before,
            after: None,
            output: Vec::new(),
            certainty: Certainty::Exact,
            flows: Vec::new(),
            transferred: None,
            error: None,
            keys: BTreeSet::new(),
            links: Vec::new(),
            unkeyed: Vec::new(),
            mounts: BTreeMap::new(),
        }
    }

    /// Looks an operation up, or runs it; gives the time at which it ends well.
    fn start(&mut self, index: usize, time: u64) -> Option<u64> {
        let op = self.task.plan.ops.get(index)?;
        let before = self.before(op);
        let mut ran = self.blank(index, time, before);
        let inputs: Vec<Option<Input>> =
            op.inputs.iter().map(|id| self.done(*id).and_then(|ran| ran.after.clone())).collect();
        let failed = match &op.kind {
            OpKind::Source(source) => self.source(source, &mut ran),
            _ => self.lookup_or_run(op, index, &inputs, &mut ran),
        };
        self.time(op, index, &mut ran);
        if !self.wait(op, &mut ran) {
            self.next_step = ran.step;
            return None;
        }
        ran.flows = super::flow::of(op, self.task, &ran, &inputs);
        let end = ran.end;
        let place = self.ran.len();
        if let Err(message) = failed {
            ran.status = Status::Failed;
            ran.reason = Reason::Failure;
            ran.error = Some(message.clone());
            if self.failure.as_ref().is_none_or(|(at, ..)| *at > end) {
                self.failure = Some((end, place, message));
            }
            self.ran.push(ran);
            return None;
        }
        self.mounts.extend(ran.mounts.iter().map(|(id, tree)| (id.clone(), tree.clone())));
        for (link, result) in &ran.links {
            self.here.entry(link.clone()).or_default().push((end, result.clone()));
        }
        for (result, unkeyed) in &ran.unkeyed {
            self.unkeyed.entry(result.clone()).or_insert_with(|| unkeyed.clone());
        }
        self.ran.push(ran);
        if let Some(at) = self.at.get_mut(index) {
            *at = Some(place);
        }
        Some(end)
    }

    fn source(&self, source: &Source, ran: &mut Ran) -> Result<(), String> {
        let task = self.task;
        let mut loaded = source::load(source, task.project, task.catalogue, task.ignore, ran.step)?;
        match source {
            // The digest stands for the image's layers.
            Source::Image(image) => {
                ran.keys.insert(hash(&[b"image", hex(&loaded.input.tree.digest()).as_bytes()]));
                if task.store.images.contains(&*image.reference) {
                    ran.status = Status::Cached;
                    ran.reason = Reason::Unchanged;
                }
            }
            // A session's files are found by content only.
            Source::Local(local) => {
                ran.reason = Reason::Always;
                if let Some((_, before)) = task.store.contexts.iter().find(|(name, _)| *name == *local.name) {
                    loaded.input.counted = received::counted(&loaded.input.tree, before);
                }
            }
            Source::Http(_) | Source::Git(_) => {
                ran.keys.insert(hash(&[b"source", source.identifier().as_bytes()]));
            }
        }
        ran.end += loaded.duration;
        ran.certainty = loaded.certainty;
        ran.transferred = loaded.transferred;
        ran.after = Some(loaded.input);
        Ok(())
    }

    fn lookup_or_run(
        &self,
        op: &Op,
        index: usize,
        inputs: &[Option<Input>],
        ran: &mut Ran,
    ) -> Result<(), String> {
        let Some((digest, dependencies)) = self.keys.get(index) else { return Ok(()) };
        let mut ways: Vec<Vec<Key>> = Vec::new();
        // Keys of what `--no-cache` made run again are stored but lead nowhere in this build.
        let mut blind: BTreeSet<Key> = BTreeSet::new();
        let mut identity: Vec<Key> = vec![digest.clone()];
        for (position, (id, dependency)) in op.inputs.iter().zip(dependencies).enumerate() {
            let mut links = Vec::new();
            let fast = self.done(*id).map(|ran| ran.keys.clone()).unwrap_or_default();
            links.extend(fast.iter().map(|key| link(key, &dependency.selector, digest, position)));
            if self.task.plan.ops.get(id.index()).is_some_and(|input| input.ignore_cache) {
                blind.extend(links.iter().cloned());
            }
            let mut slow = None;
            if let Some(selectors) = &dependency.content
                && let Some(input) = inputs.get(position).and_then(Option::as_ref)
            {
                let content = match checksum::all(input.counted(), selectors) {
                    Ok(content) => content,
                    Err(Missing::Error(error)) if !input.incomplete => {
                        return Err(cache_key_error(&input.tree, &error));
                    }
                    Err(_) => hash(&[b"unlisted", hex(&input.tree.digest()).as_bytes()]),
                };
                links.push(link(&content, "content", digest, position));
                slow = Some(content);
            }
            identity.extend(slow.or_else(|| fast.first().cloned()));
            ways.push(links);
        }
        if ways.is_empty() {
            ways.push(vec![link("", "", digest, 0)]);
        }
        let hits = if op.ignore_cache { BTreeSet::new() } else { self.lookup(&ways, &blind, ran.start) };
        let cached = !hits.is_empty();
        if cached {
            let seen = hits.first().and_then(|hit| self.unkeyed(hit)).unwrap_or_default();
            let inputs = received::as_they_were(inputs, &seen.modes);
            self.execute(op, &inputs, Some(&seen), ran)?;
        } else {
            self.execute(op, inputs, None, ran)?;
            let modes = received::unnoticed(inputs);
            if !modes.is_empty() {
                match ran.unkeyed.first_mut() {
                    Some((_, unkeyed)) => unkeyed.modes = modes,
                    None => ran.unkeyed.push((Key::new(), Unkeyed { modes, ..Unkeyed::default() })),
                }
            }
        }
        if cached {
            ran.status = Status::Cached;
            ran.reason = Reason::Unchanged;
            ran.output.clear();
            ran.mounts.clear();
            ran.unkeyed.clear();
            ran.keys = hits;
        } else {
            let own = (digest.as_str(), dependencies.as_slice());
            ran.reason = reason::why(self.task, &self.last, op, own, inputs, |id| self.done(id));
            let parts: Vec<&[u8]> = identity.iter().map(String::as_bytes).collect();
            let result = hash(&parts);
            if let Some((key, _)) = ran.unkeyed.first_mut() {
                key.clone_from(&result);
            }
            ran.keys = BTreeSet::from([result]);
        }
        for result in &ran.keys {
            ran.links.extend(ways.iter().flatten().map(|way| (way.clone(), result.clone())));
        }
        Ok(())
    }

    /// Results that all inputs lead to.
    fn lookup(&self, ways: &[Vec<Key>], blind: &BTreeSet<Key>, time: u64) -> BTreeSet<Key> {
        let mut found: Option<BTreeSet<Key>> = None;
        for links in ways {
            let mut results = BTreeSet::new();
            for way in links.iter().filter(|way| !blind.contains(*way)) {
                results.extend(self.task.store.links.get(way).into_iter().flatten().cloned());
                let here = self.here.get(way).into_iter().flatten().filter(|(end, _)| *end <= time);
                results.extend(here.map(|(_, result)| result.clone()));
            }
            found = Some(match found {
                None => results,
                Some(before) => before.intersection(&results).cloned().collect(),
            });
        }
        found.unwrap_or_default()
    }

    fn unkeyed(&self, result: &str) -> Option<Unkeyed> {
        self.unkeyed.get(result).or_else(|| self.task.store.inputs.get(result)).cloned()
    }

    fn execute(
        &self,
        op: &Op,
        inputs: &[Option<Input>],
        seen: Option<&Unkeyed>,
        ran: &mut Ran,
    ) -> Result<(), String> {
        let task = self.task;
        let incomplete = |input: &Option<Input>| input.as_ref().is_some_and(|input| input.incomplete);
        match &op.kind {
            OpKind::Source(_) => {}
            OpKind::Merge => {
                let mut tree = Tree::new();
                let trees = inputs.iter().flatten().map(|input| &input.tree);
                for (position, upper) in trees.enumerate() {
                    tree = if position == 0 {
                        upper.clone()
                    } else {
                        crate::builder::layer::merge(&tree, upper)
                    };
                }
                ran.after = Some(Input::new(tree, ran.step, inputs.iter().any(incomplete)));
                ran.end += cost::copy(0, 0);
            }
            OpKind::File(actions) => {
                let outcome = files::run(actions, inputs, ran.step)?;
                let (files, bytes) = outcome
                    .written
                    .iter()
                    .fold((0, 0), |(n, size), (files, bytes)| (n + files, size + bytes));
                ran.end += cost::copy(files, bytes);
                ran.certainty = outcome.certainty;
                let base = actions.first().and_then(|action| inputs.get(action.input? as usize));
                let incomplete = outcome.incomplete || base.is_some_and(incomplete);
                ran.after = Some(Input::new(outcome.tree, ran.step, incomplete));
                ran.flows = super::flow::sizes(&outcome.written);
            }
            OpKind::Exec(exec) => {
                let effects = effects(op, task);
                let around = Surroundings {
                    inputs,
                    secrets: &task.project.secrets,
                    store: task.store,
                    mounts: &self.mounts,
                    seen,
                    effects: &effects,
                    writer: ran.step,
                };
                let outcome = exec::run(op, exec, &around);
                ran.end += outcome.duration;
                ran.output = outcome.output;
                ran.certainty = outcome.certainty;
                let incomplete = outcome.incomplete;
                ran.after = Some(Input::new(outcome.tree, ran.step, incomplete));
                if outcome.unkeyed != Unkeyed::default() {
                    ran.unkeyed.push((Key::new(), outcome.unkeyed));
                }
                ran.mounts = outcome.mounts;
                if let Some(error) = outcome.error {
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// What a failed operation still waited for is printed as cached: the progress takes an operation that starts for
    /// the end of all that it stands on, and a missing source is found before those start.
    fn tell_waiting(&mut self, failed: OpId, at: u64) {
        let mut told: BTreeSet<OpId> = self.ran.iter().map(|ran| ran.op).collect();
        let mut open = vec![failed];
        let mut waiting = BTreeSet::new();
        while let Some(op) = open.pop().and_then(|id| self.task.plan.ops.get(id.index())) {
            for input in &op.inputs {
                if told.insert(*input) {
                    waiting.insert(*input);
                    open.push(*input);
                }
            }
        }
        for id in waiting {
            let mut ran = self.blank(id.index(), at, Tree::new());
            ran.reason = Reason::Failure;
            // What stands on nothing but what is done, or on sources, was about to start.
            let op = self.task.plan.ops.get(id.index());
            let there = |id: &OpId| {
                self.done(*id).is_some_and(|ran| ran.end <= at)
                    || self
                        .task
                        .plan
                        .ops
                        .get(id.index())
                        .is_some_and(|op| matches!(op.kind, OpKind::Source(_)))
            };
            if op.is_some_and(|op| op.inputs.iter().all(there)) {
                ran.status = Status::Canceled;
                ran.error = Some("context canceled".to_owned());
            } else {
                ran.status = Status::Cached;
            }
            self.ran.push(ran);
        }
    }

    fn finish(mut self) -> Solved {
        let failed_at = self.failure.as_ref().map(|(at, ..)| *at);
        if let Some(at) = failed_at {
            let place = self.failure.as_ref().map(|(_, place, _)| *place);
            for (index, ran) in self.ran.iter_mut().enumerate() {
                if ran.end > at && Some(index) != place {
                    ran.status = Status::Canceled;
                    ran.reason = Reason::Failure;
                    ran.start = ran.start.min(at);
                    ran.end = at;
                    ran.error.get_or_insert_with(|| "context canceled".to_owned());
                }
            }
            if let Some(op) = place.and_then(|place| self.ran.get(place)).map(|ran| ran.op) {
                self.tell_waiting(op, at);
            }
        }
        Solved {
            ran: self.ran,
            failure: self.failure.map(|(_, place, message)| (place, message)),
            keys: self.keys,
            at: self.at,
        }
    }
}

/// What the comments above the instruction state.
fn effects(op: &Op, task: &Task<'_>) -> Vec<Effect> {
    let origin = op.origins.first().filter(|origin| !origin.onbuild);
    let text = origin.and_then(|origin| task.file.instructions.get(origin.instruction));
    let comments = text.map(|text| text.comments).unwrap_or_default();
    effect::parse(comments.iter()).0
}

/// As BuildKit words it; the name of the snapshot is made of its content here.
fn cache_key_error(tree: &Tree, reason: &str) -> String {
    let digest = hex(&tree.digest());
    let (first, second) = (digest.get(..25).unwrap_or_default(), digest.get(25..50).unwrap_or_default());
    format!("failed to compute cache key: failed to calculate checksum of ref {first}::{second}: {reason}")
}

/// Puts into the cache what was finished before the build ended.
pub(super) fn remember(solved: &Solved, plan: &Plan, store: &mut Store) {
    for ran in &solved.ran {
        if ran.error.is_some() || !matches!(ran.status, Status::Ran | Status::Cached) {
            continue;
        }
        for (link, result) in &ran.links {
            store.links.entry(link.clone()).or_default().insert(result.clone());
        }
        store.inputs.extend(ran.unkeyed.iter().cloned());
        for (id, tree) in &ran.mounts {
            store.mounts.insert(id.clone(), super::snapshot::Snapshot::of(tree));
        }
        match (plan.ops.get(ran.op.index()).map(|op| &op.kind), &ran.after) {
            (Some(OpKind::Source(Source::Image(image))), _) => {
                store.images.insert(image.reference.to_string());
            }
            (Some(OpKind::Source(Source::Local(local))), Some(input)) => {
                store.contexts.retain(|(name, _)| *name != *local.name);
                store.contexts.push((local.name.to_string(), received::modes(input.counted())));
            }
            _ => {}
        }
    }
}
