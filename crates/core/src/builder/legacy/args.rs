//! Build arguments with 20.10's scopes: what `ARG` allows, what stands before the first `FROM`, what the
//! command line gives, and which of those were used.

use std::collections::{BTreeMap, BTreeSet};

/// Arguments that need no `ARG`; they stay out of the history unless one declares them.
const BUILTIN: [&str; 8] = [
    "FTP_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "ftp_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// What a stage knows of build arguments (moby `builder/dockerfile/buildargs.go`).
#[derive(Debug, Clone, Default)]
pub(super) struct BuildArgs {
    allowed: BTreeMap<String, Option<String>>,
    meta: BTreeMap<String, Option<String>>,
    referenced: BTreeSet<String>,
    given: BTreeMap<String, String>,
}

impl BuildArgs {
    /// With what `--build-arg` gives; the last of a name counts.
    pub(super) fn new(given: &[(String, String)]) -> Self {
        Self { given: given.iter().cloned().collect(), ..Self::default() }
    }

    /// As a stage starts: nothing is declared yet.
    pub(super) fn for_stage(&self) -> Self {
        Self { allowed: BTreeMap::new(), ..self.clone() }
    }

    /// `ARG` in a stage.
    pub(super) fn declare(&mut self, key: &str, value: Option<String>) {
        self.allowed.insert(key.to_owned(), value);
        self.referenced.insert(key.to_owned());
    }

    /// `ARG` before the first `FROM`.
    pub(super) fn declare_meta(&mut self, key: &str, value: Option<String>) {
        self.declare(key, value.clone());
        self.meta.insert(key.to_owned(), value);
    }

    /// Takes over what a stage used.
    pub(super) fn merge_referenced(&mut self, stage: &Self) {
        self.referenced.extend(stage.referenced.iter().cloned());
    }

    /// Names given on the command line that nothing used, sorted (the engine's order is random).
    pub(super) fn unused(&self) -> Vec<&str> {
        self.given
            .keys()
            .map(String::as_str)
            .filter(|name| !BUILTIN.contains(name) && !self.referenced.contains(*name))
            .collect()
    }

    /// Whether the history names the argument: it was declared, or it is none of the built-in ones.
    pub(super) fn shows(&self, name: &str) -> bool {
        self.allowed.contains_key(name) || !BUILTIN.contains(&name)
    }

    /// Values that instructions of the stage see, besides the environment.
    pub(super) fn all_allowed(&self) -> BTreeMap<String, String> {
        self.values(&self.allowed)
    }

    /// Values that `FROM` sees.
    pub(super) fn all_meta(&self) -> BTreeMap<String, String> {
        self.values(&self.meta)
    }

    fn values(&self, declared: &BTreeMap<String, Option<String>>) -> BTreeMap<String, String> {
        declared
            .keys()
            .map(String::as_str)
            .chain(BUILTIN)
            .filter_map(|name| Some((name.to_owned(), self.value(name, declared)?)))
            .collect()
    }

    fn value(&self, name: &str, declared: &BTreeMap<String, Option<String>>) -> Option<String> {
        if let Some(given) = self.given.get(name) {
            return Some(given.clone());
        }
        let default = declared.get(name).cloned().flatten();
        default.or_else(|| self.meta.get(name).cloned().flatten())
    }

    /// `NAME=value` of all allowed arguments that the environment does not have, sorted.
    pub(super) fn beside(&self, env: &[String]) -> Vec<String> {
        let set: BTreeSet<&str> = env.iter().map(|pair| key(pair)).collect();
        let mut pairs: Vec<String> = self
            .all_allowed()
            .into_iter()
            .filter(|(name, _)| !set.contains(name.as_str()))
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.sort();
        pairs
    }
}

/// The name in `NAME=value`.
pub(super) fn key(pair: &str) -> &str {
    pair.split_once('=').map_or(pair, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given() -> BuildArgs {
        BuildArgs::new(&[
            ("A".into(), "cli".into()),
            ("HTTP_PROXY".into(), "p".into()),
            ("B".into(), "x".into()),
        ])
    }

    #[test]
    fn the_command_line_beats_defaults_and_meta_fills_bare_declarations() {
        let mut args = given();
        args.declare_meta("M", Some("meta".into()));
        let mut stage = args.for_stage();
        assert_eq!(stage.beside(&[]), ["HTTP_PROXY=p"]);
        stage.declare("A", Some("default".into()));
        stage.declare("M", None);
        stage.declare("N", None);
        assert_eq!(stage.beside(&["A=env".into()]), ["HTTP_PROXY=p", "M=meta"]);
        assert_eq!(stage.beside(&[]), ["A=cli", "HTTP_PROXY=p", "M=meta"]);
    }

    #[test]
    fn unused_ones_are_named_and_proxies_are_not() {
        let mut args = given();
        let mut stage = args.for_stage();
        stage.declare("A", None);
        args.merge_referenced(&stage);
        assert_eq!(args.unused(), ["B"]);
        assert!(!stage.shows("HTTP_PROXY") && stage.shows("A"));
    }
}
