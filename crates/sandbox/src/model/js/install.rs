//! Packages on their way into a `node_modules`: what needs what, where each goes, and putting it there.

use super::registry::{self, Known};
use crate::model::{KIB, folder, made_up};
use crate::shell::machine::{Errno, Halt};
use crate::shell::process::Process;
use crate::tree::{Content, Node, Unlisted};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A package that something needs.
#[derive(Debug, Clone, Default)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) version: String,
    /// What it needs: the name that it has there, and its place in the graph.
    pub(super) needs: Vec<(String, usize)>,
    /// The folder of a workspace that it is.
    pub(super) link: Option<String>,
}

/// Packages and what they need of each other.
#[derive(Debug, Clone, Default)]
pub(super) struct Graph {
    pub(super) entries: Vec<Entry>,
    /// Whether more is needed than is listed here.
    pub(super) is_open: bool,
}

/// A package and where it goes.
#[derive(Debug, Clone, Default)]
pub(super) struct Placed {
    /// `node_modules/…`, below the project's folder.
    pub(super) path: String,
    pub(super) name: String,
    pub(super) version: String,
    /// Its programs with the files that they are; `None` where nobody knows.
    pub(super) bins: Option<Vec<(String, String)>>,
    /// The folder that it is a link to, of a workspace.
    pub(super) link: Option<String>,
}

impl Graph {
    /// What ranges lead to as far as the table knows, one version of each package.
    pub(super) fn resolve(
        needs: &[(String, String)],
        workspaces: &BTreeMap<String, String>,
    ) -> (Self, Vec<(String, usize)>) {
        let mut graph = Self::default();
        let mut places = BTreeMap::new();
        let roots = needs
            .iter()
            .map(|(name, range)| (name.clone(), graph.visit(name, range, workspaces, &mut places)))
            .collect();
        (graph, roots)
    }

    fn visit(
        &mut self,
        name: &str,
        range: &str,
        workspaces: &BTreeMap<String, String>,
        places: &mut BTreeMap<String, usize>,
    ) -> usize {
        if let Some(at) = places.get(name) {
            return *at;
        }
        let first = self.entries.len();
        let mut todo = vec![(name.to_owned(), range.to_owned())];
        while let Some((name, range)) = todo.pop() {
            if places.contains_key(&name) {
                continue;
            }
            places.insert(name.clone(), self.entries.len());
            let link = workspaces.get(&name).cloned();
            let known = registry::find(&name).filter(|_| link.is_none());
            self.is_open |= known.is_none() && link.is_none();
            todo.extend(
                known.iter().flat_map(|known| &known.needs).map(|name| ((*name).to_owned(), String::new())),
            );
            self.entries.push(Entry { version: version_in(&range, known), name, link, needs: Vec::new() });
        }
        // What they need, now that everything has its place.
        for entry in self.entries.iter_mut().skip(first) {
            let known = registry::find(&entry.name).filter(|_| entry.link.is_none());
            let needs = known.iter().flat_map(|known| &known.needs);
            entry.needs = needs.filter_map(|name| Some(((*name).to_owned(), *places.get(*name)?))).collect();
        }
        first
    }

    /// Every package that these lead to.
    pub(super) fn reached(&self, roots: &[(String, usize)]) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut todo: Vec<usize> = roots.iter().map(|(_, at)| *at).collect();
        while let Some(at) = todo.pop() {
            if found.insert(at) {
                todo.extend(
                    self.entries.get(at).into_iter().flat_map(|entry| entry.needs.iter().map(|(_, at)| *at)),
                );
            }
        }
        found
    }

    /// Puts each package as high as it can be: the first version of a name at the top, others below those that need them.
    pub(super) fn hoist(&self, roots: &[(String, usize)]) -> Vec<Placed> {
        let mut top: BTreeMap<&str, usize> = BTreeMap::new();
        let mut placed = BTreeMap::new();
        let mut todo: Vec<(String, &str, usize)> =
            roots.iter().map(|(alias, at)| (String::new(), alias.as_str(), *at)).collect();
        todo.reverse();
        while let Some((below, alias, at)) = todo.pop() {
            let Some(entry) = self.entries.get(at) else { continue };
            let holder = *top.entry(alias).or_insert(at);
            let path = if holder == at {
                ["node_modules/", alias].concat()
            } else {
                [&below, "node_modules/", alias].concat()
            };
            let item = Placed {
                path: path.clone(),
                name: entry.name.clone(),
                version: entry.version.clone(),
                bins: bins_of(&entry.name),
                link: entry.link.clone(),
            };
            // As deep as packages ever lie, and then some.
            if placed.insert(path.clone(), item).is_none() && path.len() < 1000 {
                let inside = [path.as_str(), "/"].concat();
                todo.extend(
                    entry.needs.iter().rev().map(|(alias, at)| (inside.clone(), alias.as_str(), *at)),
                );
            }
        }
        placed.into_values().collect()
    }
}

/// The version that a range leads to: the one that it names, or the one that is known.
fn version_in(range: &str, known: Option<&Known>) -> String {
    let plain = range.trim_start_matches(['^', '~', '=', 'v']);
    let is_version = plain.split('.').count() == 3 && plain.starts_with(|c: char| c.is_ascii_digit());
    match known {
        Some(known)
            if range.is_empty() || !is_version || major(plain) == major(known.version) && range != plain =>
        {
            known.version.to_owned()
        }
        _ if is_version => plain.to_owned(),
        _ => String::new(),
    }
}

fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or("")
}

/// The programs of a package, where they are known.
pub(super) fn bins_of(name: &str) -> Option<Vec<(String, String)>> {
    let known = registry::find(name)?;
    Some(known.bins.iter().map(|(name, file)| ((*name).to_owned(), (*file).to_owned())).collect())
}

/// Bytes of a package.
pub(super) fn size_of(name: &str) -> u64 {
    registry::find(name).map_or(registry::GUESS, |known| known.size)
}

/// Puts a package at a path. Nobody knows the names of its files, but for its `package.json` and its programs.
pub(super) fn put(p: &mut Process<'_, '_>, at: &str, package: &Placed) -> Result<(), Halt> {
    p.m.spend(4)?;
    let size = size_of(&package.name);
    let source = ["npm: ", &package.name].concat();
    let salt = package.version.as_bytes();
    if let Some(dir) = at.rsplit_once("/node_modules/").map(|(dir, _)| [dir, "/node_modules"].concat())
        && let Some(errno) = refused(p, &dir)?
    {
        return Err(not_allowed(p, &dir, errno)?);
    }
    made_up(p, &[at, "/package.json"].concat(), size.min(KIB), 0o644, &source, salt)?;
    for (_, file) in package.bins.iter().flatten() {
        made_up(p, &[at, "/", file].concat(), 4 * KIB, 0o755, &source, salt)?;
    }
    unlisted(p, at, size.saturating_sub(KIB), &source);
    Ok(())
}

/// Why a folder cannot be made.
fn refused(p: &mut Process<'_, '_>, dir: &str) -> Result<Option<Errno>, Halt> {
    let cred = p.cred.clone();
    Ok(p.m.mkdir_all(&cred, &p.path(dir), 0o755)?.err())
}

/// What npm says of a folder that it must not write to, as far as it is the same everywhere.
fn not_allowed(p: &mut Process<'_, '_>, path: &str, errno: Errno) -> Result<Halt, Halt> {
    let path = p.path(path);
    if p.name != "npm" {
        p.error(&["Error: EACCES: permission denied, mkdir '", &path, "'"].concat())?;
        return Ok(Halt::Exit(1));
    }
    for line in [
        "code EACCES",
        "syscall mkdir",
        &["path ", &path].concat(),
        "errno -13",
        &["Error: EACCES: ", &errno.text().to_lowercase(), ", mkdir '", &path, "'"].concat(),
        "",
        "The operation was rejected by your operating system.",
        "It is likely you do not have the permissions to access this file as the current user",
    ] {
        super::npm::complain(p, line)?;
    }
    Ok(Halt::Exit(243))
}

/// Says that a folder holds more than is listed.
pub(super) fn unlisted(p: &mut Process<'_, '_>, at: &str, bytes: u64, source: &str) {
    let path = p.path(at);
    let more = Arc::new(Unlisted { bytes, source: Arc::from(source) });
    let _ = p.m.tree.update(&path, |node| {
        if let Node::Dir(dir) = node {
            Arc::make_mut(dir).unlisted = Some(more);
        }
    });
}

/// Makes a link, over what was there.
pub(super) fn link(p: &mut Process<'_, '_>, target: &str, path: &str) -> Result<(), Halt> {
    let path = p.path(path);
    folder(p, crate::tree::parent(&path))?;
    let cred = p.cred.clone();
    let _ = p.m.tree.remove_all(&path);
    let _ = p.m.symlink(&cred, target, &path)?;
    Ok(())
}

/// What lies in a `node_modules`, by path below `dir`: packages of packages too.
pub(super) fn present(p: &mut Process<'_, '_>, dir: &str) -> Result<BTreeSet<String>, Halt> {
    let mut found = BTreeSet::new();
    let mut todo = vec!["node_modules".to_owned()];
    while let Some(folder) = todo.pop() {
        p.m.spend(1)?;
        let Ok(entries) = p.m.tree.read_dir(&[dir, "/", &folder].concat()) else { continue };
        let names: Vec<(String, bool)> =
            entries.entries().iter().map(|(name, node)| (name.to_string(), node.is_dir())).collect();
        for (name, is_dir) in names.iter().filter(|(name, _)| !name.starts_with('.')) {
            let path = [folder.as_str(), "/", name].concat();
            if name.starts_with('@') {
                todo.push(path);
                continue;
            }
            if *is_dir {
                todo.push([path.as_str(), "/node_modules"].concat());
            }
            found.insert(path);
        }
    }
    Ok(found)
}

/// Bytes of what a file holds, made up.
pub(super) fn content(p: &Process<'_, '_>, path: &str) -> Option<Content> {
    p.m.tree.read(&p.path(path)).ok().map(|file| file.content.clone())
}
