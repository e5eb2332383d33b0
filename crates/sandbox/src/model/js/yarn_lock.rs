//! `yarn.lock`, of Yarn 1 and of later ones: what each range led to.

use super::install::{Entry, Graph};
use std::collections::BTreeMap;

/// What a lock file says.
#[derive(Debug, Clone, Default)]
pub(super) struct Lock {
    /// `name@range`, and its entry.
    ranges: BTreeMap<String, usize>,
    entries: Vec<Raw>,
}

#[derive(Debug, Clone, Default)]
struct Raw {
    name: String,
    version: String,
    needs: Vec<(String, String)>,
}

impl Lock {
    pub(super) fn parse(text: &str) -> Self {
        let mut lock = Self::default();
        let mut in_needs = false;
        for line in text.lines().filter(|line| !line.trim_start().starts_with('#') && !line.trim().is_empty())
        {
            let depth = line.len() - line.trim_start().len();
            let words = line.trim();
            match depth {
                0 => {
                    in_needs = false;
                    let place = lock.entries.len();
                    let mut name = "";
                    for range in words.trim_end_matches(':').split(',') {
                        let range = range.trim().trim_matches('"');
                        // A heading of later ones may hold several ranges in one pair of quotes.
                        name = super::bare(range);
                        lock.ranges.insert(plain(range), place);
                    }
                    lock.entries.push(Raw { name: name.to_owned(), ..Raw::default() });
                }
                2 => {
                    in_needs = matches!(words, "dependencies:" | "optionalDependencies:");
                    if let Some(version) = words.strip_prefix("version")
                        && let Some(entry) = lock.entries.last_mut()
                    {
                        version
                            .trim_start_matches(':')
                            .trim()
                            .trim_matches('"')
                            .clone_into(&mut entry.version);
                    }
                }
                _ if in_needs => {
                    let (name, range) = match words.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
                        Some((name, range)) => (name, range),
                        None => words.split_once([' ', ':']).unwrap_or((words, "")),
                    };
                    let range = range.trim_start_matches(':').trim().trim_matches('"');
                    if let Some(entry) = lock.entries.last_mut() {
                        entry.needs.push((name.trim_end_matches(':').to_owned(), range.to_owned()));
                    }
                }
                _ => {}
            }
        }
        lock
    }

    /// What these ranges lead to, or the first one that the lock file does not have.
    pub(super) fn resolve(
        &self,
        needs: &[(String, String)],
        workspaces: &BTreeMap<String, String>,
    ) -> Result<(Graph, Vec<(String, usize)>), String> {
        let mut graph = Graph::default();
        for entry in &self.entries {
            let places = |(name, range): &(String, String)| Some((name.clone(), self.find(name, range)?));
            graph.entries.push(Entry {
                name: entry.name.clone(),
                version: entry.version.clone(),
                needs: entry.needs.iter().filter_map(places).collect(),
                link: workspaces.get(&entry.name).cloned(),
            });
        }
        let mut roots = Vec::new();
        for (name, range) in needs {
            let at = match (self.find(name, range), workspaces.get(name)) {
                (_, Some(dir)) => {
                    graph.entries.push(Entry {
                        name: name.clone(),
                        link: Some(dir.clone()),
                        ..Entry::default()
                    });
                    graph.entries.len() - 1
                }
                (Some(at), None) => at,
                (None, None) => return Err([name.as_str(), "@", range].concat()),
            };
            roots.push((name.clone(), at));
        }
        Ok((graph, roots))
    }

    fn find(&self, name: &str, range: &str) -> Option<usize> {
        self.ranges.get(&plain(&[name, "@", range].concat())).copied()
    }
}

/// `name@range`, without the protocol that later ones write.
fn plain(range: &str) -> String {
    let (name, range) = super::split(range);
    [name, "@", range.strip_prefix("npm:").unwrap_or(range)].concat()
}
