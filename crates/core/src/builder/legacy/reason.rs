//! Why a step missed the cache: found by comparing it with what the same image led to before.

use super::args::key;
use super::cache::{Record, Records};
use crate::image::ImageConfig;
use crate::simulation::{FlowSource, Reason, StepId};
use std::collections::{BTreeMap, BTreeSet};

/// How many changed paths are named.
const MOST: usize = 8;

/// What a step offered to the cache.
pub(super) struct Probe<'a> {
    pub(super) parent: &'a str,
    pub(super) container: &'a ImageConfig,
    /// Of `COPY` and `ADD`: hashes by path, and where from.
    pub(super) sources: Option<(&'a BTreeMap<String, String>, FlowSource)>,
    /// The step that made the parent image in this very build, if one did.
    pub(super) made_by: Option<StepId>,
    /// How many images of the cache earlier builds made: what this one made is no change.
    pub(super) earlier: usize,
}

/// The reason for a miss.
pub(super) fn miss(cache: &Records<'_>, probe: &Probe<'_>) -> Reason {
    let children = || cache.earlier_children(probe.parent);
    let Some(last) = children().next() else {
        return match probe.made_by {
            Some(step) if probe.earlier > 0 => Reason::InputChanged { step },
            _ => Reason::Cold,
        };
    };
    // Of all that was built on this image, what is nearest says most.
    let nearest = children().find(|record| word(&record.container) == word(probe.container));
    compare(nearest.unwrap_or(last), probe)
}

/// The first word of the instruction behind a container's command.
fn word(container: &ImageConfig) -> &str {
    let cmd = container.cmd.as_deref().unwrap_or_default();
    let comment = cmd.iter().find_map(|word| word.strip_prefix("#(nop) "));
    match comment {
        Some("") => cmd.last().map_or("", String::as_str).split(' ').next().unwrap_or_default(),
        Some(comment) => comment.split(' ').next().unwrap_or_default(),
        None => "RUN",
    }
}

fn compare(old: &Record, probe: &Probe<'_>) -> Reason {
    let (before, now) = (&old.container, probe.container);
    if let Some(name) = changed_pair(&before.env, &now.env) {
        return Reason::ArgumentChanged { name };
    }
    let (before, now) = (parts(before), parts(now));
    if before.1 == now.1
        && let Some(name) = changed_pair(&before.0, &now.0)
    {
        return Reason::ArgumentChanged { name };
    }
    if let Some((hashes, source)) = &probe.sources
        && !old.sources.is_empty()
    {
        let paths = changed_paths(&old.sources, hashes);
        if !paths.is_empty() {
            return Reason::FilesChanged { paths, source: source.clone() };
        }
    }
    Reason::InstructionChanged
}

/// Build arguments in front of a `RUN`'s command, and the command.
fn parts(container: &ImageConfig) -> (Vec<String>, Vec<String>) {
    let cmd = container.cmd.as_deref().unwrap_or_default();
    let count = cmd.first().and_then(|first| first.strip_prefix('|')).and_then(|n| n.parse::<usize>().ok());
    match count {
        Some(count) => {
            (cmd.iter().skip(1).take(count).cloned().collect(), cmd.iter().skip(1 + count).cloned().collect())
        }
        None => (Vec::new(), cmd.to_vec()),
    }
}

fn changed_pair(before: &[String], now: &[String]) -> Option<String> {
    let added = now.iter().find(|pair| !before.contains(pair));
    let pair = added.or_else(|| before.iter().find(|pair| !now.contains(pair)))?;
    Some(key(pair).to_owned())
}

fn changed_paths(before: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> Vec<String> {
    let paths: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    paths.into_iter().filter(|path| before.get(*path) != now.get(*path)).take(MOST).cloned().collect()
}
