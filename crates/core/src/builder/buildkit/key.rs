//! What an operation's cache key covers (`CacheMap` of BuildKit's ops), and which inputs count by content.

use super::hash;
use super::store::Key;
use crate::plan::{Copy, Exec, FileAction, FileActionKind, MountKind, Op, OpKind, Sharing};
use smol_str::SmolStr;
use stagecraft_sandbox::tree::base_name;

/// Files of an input that an operation looks at.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub(super) struct Selector {
    pub path: String,
    pub wildcard: bool,
    pub follow: bool,
    pub include: Vec<String>,
    pub exclude: Vec<String>,
    pub required: Vec<String>,
}

/// How one input counts.
#[derive(Debug, Clone, Default)]
pub(super) struct Dependency {
    /// Goes into the key beside the input's own.
    pub selector: String,
    /// By content of these files; `None` if only by the input's own key.
    pub content: Option<Vec<Selector>>,
}

/// The operation's digest, and how each input counts.
pub(super) fn of(op: &Op) -> (Key, Vec<Dependency>) {
    let mut inputs = vec![Dependency::default(); op.inputs.len()];
    let digest = match &op.kind {
        OpKind::Source(source) => hash::of(&("source", source)),
        OpKind::Merge => hash::of(&("merge", op.inputs.len())),
        OpKind::Exec(exec) => {
            exec_inputs(exec, &mut inputs);
            hash::of(&("exec", exec_key(exec), op.platform.as_ref().map(ToString::to_string)))
        }
        OpKind::File(actions) => {
            file_inputs(actions, &mut inputs);
            hash::of(&("file", actions.iter().map(action_key).collect::<Vec<_>>()))
        }
    };
    (digest, inputs)
}

/// Arguments are environment like any other; selectors and what is private to a cache mount do not count.
fn exec_key(exec: &Exec) -> Exec {
    let mut key = exec.clone();
    key.arguments.clear();
    key.proxy.clear();
    for mount in &mut key.mounts {
        mount.selector = SmolStr::default();
        if let MountKind::Cache { id, sharing } = &mut mount.kind {
            let default = id == &mount.dest || id.split_once('/').is_some_and(|(_, rest)| rest == mount.dest);
            if !default || *sharing != Sharing::Shared {
                *id = SmolStr::default();
                *sharing = Sharing::Shared;
            }
        }
    }
    if let [root] = key.mounts.as_slice()
        && root.dest == "/"
        && root.kind == MountKind::Bind
        && !root.readonly
    {
        key.mounts.clear();
    }
    key
}

fn exec_inputs(exec: &Exec, inputs: &mut [Dependency]) {
    for mount in &exec.mounts {
        if !matches!(mount.kind, MountKind::Bind | MountKind::Cache { .. }) {
            continue;
        }
        let Some(input) = mount.input.and_then(|at| inputs.get_mut(at as usize)) else { continue };
        let path = stagecraft_sandbox::tree::clean(&format!("/{}", mount.selector));
        input.selector.push_str(&path);
        input.selector.push('\0');
        if mount.dest == "/" {
            input.content = None;
            continue;
        }
        let whole = Selector { path: String::new(), follow: true, ..Selector::default() };
        let selector =
            if path == "/" { whole } else { Selector { path, follow: true, ..Selector::default() } };
        input.content.get_or_insert_default().push(selector);
    }
}

fn file_inputs(actions: &[FileAction], inputs: &mut [Dependency]) {
    let mut changed = Vec::new();
    let mut chosen: Vec<Vec<Selector>> = vec![Vec::new(); inputs.len()];
    for action in actions {
        changed.extend(action.input);
        if let FileActionKind::Copy(copy) = &action.kind
            && let Some(selectors) = copy.from.and_then(|at| chosen.get_mut(at as usize))
        {
            selectors.push(selector(copy));
        }
    }
    for (at, (input, mut selectors)) in inputs.iter_mut().zip(chosen).enumerate() {
        if selectors.is_empty() || changed.contains(&(at as u32)) {
            continue;
        }
        let mut paths: Vec<&str> = selectors.iter().map(|selector| selector.path.as_str()).collect();
        paths.sort_unstable();
        input.selector = paths.join("\0");
        selectors.sort();
        input.content = Some(dedupe(&selectors));
    }
}

fn selector(copy: &Copy) -> Selector {
    Selector {
        path: copy.src.to_string(),
        wildcard: copy.wildcard && stagecraft_sandbox::glob::has_wildcards(&copy.src),
        follow: copy.follow_symlinks,
        include: copy.include.clone(),
        exclude: copy.exclude.clone(),
        required: copy.required.clone(),
    }
}

/// A path below another plain one adds nothing.
fn dedupe(selectors: &[Selector]) -> Vec<Selector> {
    let plain = |s: &Selector| !s.wildcard && s.include.is_empty() && s.exclude.is_empty();
    let covered = |s: &Selector| {
        plain(s)
            && selectors.iter().any(|other| {
                let above = format!("{}/", other.path.trim_end_matches('/'));
                plain(other) && other.follow == s.follow && other.path != s.path && s.path.starts_with(&above)
            })
    };
    let mut kept: Vec<Selector> = selectors.iter().filter(|s| !covered(s)).cloned().collect();
    kept.dedup();
    kept
}

/// Of a source only the last name counts; what it holds counts by content.
fn action_key(action: &FileAction) -> FileAction {
    let mut key = action.clone();
    if let FileActionKind::Copy(copy) = &mut key.kind
        && copy.from.is_some()
    {
        let cleaned = stagecraft_sandbox::tree::clean(&copy.src);
        copy.src = base_name(&cleaned).into();
    }
    key
}
