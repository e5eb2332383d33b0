//! `package-lock.json`: where npm has put each package.

use super::install::{Placed, bins_of};
use super::project::{KINDS, Project};
use crate::model::manifest::Json;
use std::collections::{BTreeMap, BTreeSet};

/// What a lock file says.
#[derive(Debug, Clone)]
pub(super) struct Lock {
    json: Json,
}

/// What is left out of an installation.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Omit {
    pub(super) dev: bool,
    pub(super) optional: bool,
    pub(super) peer: bool,
}

impl Lock {
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(Self { json: Json::parse(text)? })
    }

    /// The packages with their places, but for those left out and those of other platforms.
    pub(super) fn placed(&self, omit: Omit, cpu: &str) -> Vec<Placed> {
        if let Some(Json::Map(packages)) = self.json.get("packages") {
            let here = packages.iter().filter(|(path, entry)| {
                path.starts_with("node_modules/") | path.contains("/node_modules/")
                    && !left_out(entry, omit)
                    && fits(entry, "os", "linux")
                    && fits(entry, "cpu", cpu)
            });
            return here.map(|(path, entry)| placed(path, entry)).collect();
        }
        let mut found = Vec::new();
        if let Some(tree) = self.json.get("dependencies") {
            nested(tree, "", omit, 0, &mut found);
        }
        found
    }

    /// The paths of all that these packages at the top lead to.
    pub(super) fn reached(&self, roots: &[(String, String)]) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let Some(Json::Map(packages)) = self.json.get("packages") else { return found };
        let entries: BTreeMap<&str, &Json> =
            packages.iter().map(|(path, entry)| (path.as_str(), entry)).collect();
        let mut todo: Vec<(String, String)> =
            roots.iter().map(|(name, _)| (String::new(), name.clone())).collect();
        while let Some((from, name)) = todo.pop() {
            // As Node looks for it: beside the packages of the one that needs it, then further up.
            let mut above = from.as_str();
            let path = loop {
                let path = if above.is_empty() {
                    ["node_modules/", &name].concat()
                } else {
                    [above, "/node_modules/", &name].concat()
                };
                if entries.contains_key(path.as_str()) {
                    break Some(path);
                }
                if above.is_empty() {
                    break None;
                }
                above = above.rsplit_once("/node_modules/").map_or("", |(above, _)| above);
            };
            let Some(path) = path else { continue };
            if !found.insert(path.clone()) {
                continue;
            }
            let entry = entries.get(path.as_str()).copied();
            // What a workspace needs stands at its own folder.
            let folder =
                entry.filter(|entry| flag(entry, "link")).and_then(|entry| entry.get("resolved")?.text());
            let entry = folder.map_or(entry, |folder| entries.get(folder).copied());
            let kinds = ["dependencies", "optionalDependencies", "peerDependencies"];
            let needs = kinds.iter().filter_map(|kind| entry?.get(kind)).flat_map(Json::texts);
            todo.extend(needs.map(|(name, _)| (path.clone(), name.to_owned())));
        }
        found
    }

    /// Why `npm ci` refuses a lock file: what the packages ask for and it does not say, as npm words it. What is asked
    /// for but missing comes with the version that would be taken, which nobody knows here.
    pub(super) fn faults(&self, projects: &[&Project], root: &str) -> Vec<String> {
        let mut found = Vec::new();
        let Some(Json::Map(packages)) = self.json.get("packages") else { return found };
        let version = |name: &str| {
            let path = ["node_modules/", name].concat();
            let (_, entry) = packages.iter().find(|(known, _)| *known == path)?;
            let link = entry.get("link").is_some();
            Some((entry.get("version").and_then(Json::text).unwrap_or(""), link))
        };
        for project in projects {
            let key = project.dir.strip_prefix(root).unwrap_or("").trim_start_matches('/');
            let locked = packages.iter().find(|(path, _)| path == key).map(|(_, entry)| entry);
            for kind in KINDS {
                for (name, range) in project.needs(kind) {
                    let as_locked = locked.and_then(|entry| entry.get(kind)?.get(name)?.text());
                    if as_locked == Some(range) {
                        continue;
                    }
                    match version(name) {
                        None => found.push(
                            [
                                "Missing: ",
                                name,
                                "@",
                                &crate::shell::machine::UNKNOWN.to_string(),
                                " from lock file",
                            ]
                            .concat(),
                        ),
                        Some((version, false)) if satisfies(version, range) == Some(false) => found.push(
                            [
                                "Invalid: lock file's ",
                                name,
                                "@",
                                version,
                                " does not satisfy ",
                                name,
                                "@",
                                range,
                            ]
                            .concat(),
                        ),
                        Some(_) => {}
                    }
                }
            }
        }
        found
    }
}

fn flag(entry: &Json, name: &str) -> bool {
    entry.get(name) == Some(&Json::Bool(true))
}

fn left_out(entry: &Json, omit: Omit) -> bool {
    let dev = flag(entry, "dev") || flag(entry, "devOptional") && omit.optional;
    omit.dev && dev || omit.optional && flag(entry, "optional") || omit.peer && flag(entry, "peer")
}

/// Whether a package is for this platform: lists such as `["linux"]` and `["!win32"]`.
fn fits(entry: &Json, key: &str, here: &str) -> bool {
    let Some(Json::List(list)) = entry.get(key) else { return true };
    let mut names = list.iter().filter_map(Json::text).peekable();
    let mut wanted = names.peek().is_none_or(|name| name.starts_with('!'));
    for name in names {
        match name.strip_prefix('!') {
            Some(not) if not == here => return false,
            Some(_) => {}
            None => wanted |= name == here,
        }
    }
    wanted
}

fn placed(path: &str, entry: &Json) -> Placed {
    let own = path.rsplit_once("node_modules/").map_or(path, |(_, name)| name);
    // An alias has the name of what it stands for beside it.
    let name = entry.get("name").and_then(Json::text).unwrap_or(own);
    let bins = match entry.get("bin") {
        Some(Json::Text(file)) => vec![(own.rsplit('/').next().unwrap_or(own).to_owned(), file.clone())],
        Some(map) => map.texts().into_iter().map(|(name, file)| (name.to_owned(), file.to_owned())).collect(),
        None => Vec::new(),
    };
    Placed {
        path: path.to_owned(),
        name: name.to_owned(),
        version: entry.get("version").and_then(Json::text).unwrap_or("").to_owned(),
        bins: Some(tidy(bins)),
        link: flag(entry, "link")
            .then(|| entry.get("resolved").and_then(Json::text).unwrap_or("").to_owned()),
    }
}

/// Programs whose files lie in the package.
fn tidy(bins: Vec<(String, String)>) -> Vec<(String, String)> {
    let inside = bins.into_iter().map(|(name, file)| (name, file.trim_start_matches("./").to_owned()));
    inside.filter(|(_, file)| !file.is_empty() && !file.split('/').any(|part| part == "..")).collect()
}

/// Version 1 of lock files: a tree, without programs.
fn nested(tree: &Json, below: &str, omit: Omit, depth: u32, found: &mut Vec<Placed>) {
    let Json::Map(packages) = tree else { return };
    for (name, entry) in packages.iter().filter(|(_, entry)| depth < 40 && !left_out(entry, omit)) {
        let path = [below, "node_modules/", name].concat();
        let version = entry.get("version").and_then(Json::text).unwrap_or("").to_owned();
        found.push(Placed {
            path: path.clone(),
            name: name.clone(),
            version,
            bins: bins_of(name),
            link: None,
        });
        if let Some(inside) = entry.get("dependencies") {
            nested(inside, &[&path, "/"].concat(), omit, depth + 1, found);
        }
    }
}

/// Whether a version is in a range, where the range is of a simple form.
fn satisfies(version: &str, range: &str) -> Option<bool> {
    let range = range.trim();
    if matches!(range, "" | "*" | "latest" | "x") {
        return Some(true);
    }
    let numbers = |text: &str| -> Option<[u64; 3]> {
        let mut parts = text.split('.').map(|part| part.parse().ok());
        let found = [parts.next()??, parts.next()??, parts.next()??];
        parts.next().is_none().then_some(found)
    };
    let own = numbers(version)?;
    if let Some(least) = range.strip_prefix('^').and_then(numbers) {
        let fixed = least.iter().take_while(|part| **part == 0).count().min(2) + 1;
        return Some(own >= least && own.iter().take(fixed).eq(least.iter().take(fixed)));
    }
    if let Some(least) = range.strip_prefix('~').and_then(numbers) {
        return Some(own >= least && own.iter().take(2).eq(least.iter().take(2)));
    }
    if let Some(least) = range.strip_prefix(">=").and_then(|rest| numbers(rest.trim())) {
        return Some(own >= least);
    }
    Some(own == numbers(range.trim_start_matches(['=', 'v']))?)
}
