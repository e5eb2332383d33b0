//! `pnpm-lock.yaml`: what each package of a workspace needs, and what those need. Read line by line, by how far each is
//! indented: pnpm writes it in one form only.

use super::install::{Entry, Graph};
use std::collections::BTreeMap;

/// What a lock file says.
#[derive(Debug, Clone, Default)]
pub(super) struct Lock {
    /// By folder, `.` for the root: name, range as it was asked for, and key of what it led to.
    pub(super) importers: BTreeMap<String, Vec<Need>>,
    /// By key, `name@version` with what stands in brackets behind: names and keys.
    packages: BTreeMap<String, Vec<(String, String)>>,
}

/// Something that a project needs.
#[derive(Debug, Clone, Default)]
pub(super) struct Need {
    pub(super) name: String,
    pub(super) range: String,
    pub(super) version: String,
    pub(super) dev: bool,
}

impl Lock {
    pub(super) fn parse(text: &str) -> Self {
        let mut lock = Self::default();
        // The headings that a line stands below, each with its depth.
        let mut above: Vec<(usize, String)> = Vec::new();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let depth = line.len() - line.trim_start().len();
            above.retain(|(other, _)| *other < depth);
            let Some((key, value)) = pair(line.trim()) else { continue };
            let path: Vec<&str> = above.iter().map(|(_, key)| key.as_str()).collect();
            match path.as_slice() {
                // A single package has no importers in older ones.
                ["importers", dir, kind, name] => lock.importer(dir, kind, name, &key, &value),
                [kind, name] if kind.ends_with("ependencies") => lock.importer(".", kind, name, &key, &value),
                ["snapshots" | "packages", package, "dependencies" | "optionalDependencies"] => {
                    let name = plain(package);
                    lock.packages.entry(name).or_default().push((key.clone(), value.clone()));
                }
                ["snapshots" | "packages"] => {
                    lock.packages.entry(plain(&key)).or_default();
                }
                _ => {}
            }
            above.push((depth, key));
        }
        lock
    }

    fn importer(&mut self, dir: &str, kind: &str, name: &str, key: &str, value: &str) {
        let needs = self.importers.entry(dir.to_owned()).or_default();
        if needs.last().is_none_or(|need| need.name != name) {
            needs.push(Need { name: name.to_owned(), dev: kind == "devDependencies", ..Need::default() });
        }
        if let Some(need) = needs.last_mut() {
            match key {
                "specifier" => value.clone_into(&mut need.range),
                "version" => value.clone_into(&mut need.version),
                _ => {}
            }
        }
    }

    /// All packages, and where each key lies among them.
    pub(super) fn graph(&self) -> (Graph, BTreeMap<String, usize>) {
        // What lies only in a list of what packages are is needed by its bare key.
        let places: BTreeMap<String, usize> =
            self.packages.keys().enumerate().map(|(at, key)| (key.clone(), at)).collect();
        let mut graph = Graph::default();
        for (key, needs) in &self.packages {
            let (name, version) = super::split(key);
            let needs = needs
                .iter()
                .filter_map(|(name, version)| Some((name.clone(), find(&places, name, version)?)));
            graph.entries.push(Entry {
                name: name.to_owned(),
                version: version.to_owned(),
                needs: needs.collect(),
                link: None,
            });
        }
        (graph, places)
    }
}

/// The place of what a name stands for: a version of its own, or another package under that name.
pub(super) fn find(places: &BTreeMap<String, usize>, name: &str, version: &str) -> Option<usize> {
    let own = places.get(&[name, "@", version].concat());
    own.or_else(|| places.get(&plain(version))).copied()
}

/// `key: value` without quotes.
fn pair(line: &str) -> Option<(String, String)> {
    let (key, value) = match line.strip_prefix('\'').and_then(|rest| rest.split_once("':")) {
        Some(pair) => pair,
        None => line.split_once(": ").or_else(|| Some((line.strip_suffix(':')?, "")))?,
    };
    Some((key.trim().to_owned(), value.trim().trim_matches(['\'', '"']).to_owned()))
}

/// A key without the slash that older ones begin with.
fn plain(key: &str) -> String {
    key.strip_prefix('/').unwrap_or(key).to_owned()
}
