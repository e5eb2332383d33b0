//! The ignore file as the 20.10 client and engine apply it: in a walk that does not enter what it leaves out.

use crate::builder::context::{Above, Selection};
use crate::project::{ContextFile, FileContent};
use stagecraft_dockerfile::Dialect;
use stagecraft_dockerfile::ignore::{self, Matcher};
use std::collections::BTreeMap;

/// Patterns of `.dockerignore`; Dockerfiles have none of their own here.
pub(super) struct Ignore {
    /// As written.
    written: Matcher,
    /// With what the client adds so that it sends Dockerfile and ignore file in any case.
    sent: Matcher,
}

impl Ignore {
    /// Reads the context's ignore file, if there is one.
    ///
    /// # Errors
    /// In the client's words.
    pub(super) fn read(files: &BTreeMap<String, ContextFile>, dockerfile: &str) -> Result<Self, String> {
        let text = match files.get(".dockerignore").map(|file| &file.content) {
            Some(FileContent::Text(text)) => text.clone(),
            Some(FileContent::Bytes(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
            _ => String::new(),
        };
        let mut patterns: Vec<String> = ignore::read(&text).into_iter().map(|pattern| pattern.text).collect();
        let matcher = |patterns: &[String]| {
            Matcher::new(patterns, Dialect::Legacy)
                .map_err(|error| format!("error checking context: {error}"))
        };
        let written = matcher(&patterns)?;
        for path in [".dockerignore", dockerfile] {
            if written.matches(path).unwrap_or(false) {
                patterns.push(format!("!{path}"));
            }
        }
        Ok(Self { sent: matcher(&patterns)?, written })
    }

    /// Whether the client leaves a path out.
    pub(super) fn excludes(&self, path: &str) -> bool {
        let mut end = 0;
        while let Some(next) = path.get(end..).and_then(|rest| rest.find('/')) {
            end += next;
            if let Some(dir) = path.get(..end)
                && self.passes_by(dir)
            {
                return true;
            }
            end += 1;
        }
        self.matches(path)
    }

    /// Whether the client neither sends a directory nor looks into it.
    fn passes_by(&self, dir: &str) -> bool {
        self.matches(dir) && !self.enters(dir)
    }

    fn matches(&self, path: &str) -> bool {
        self.sent.matches(path).unwrap_or(false)
    }

    /// Whether an exception may bring back something in a directory that is left out.
    fn enters(&self, dir: &str) -> bool {
        let below =
            |text: &str| text.strip_prefix(dir).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        self.sent.patterns().iter().any(|pattern| pattern.exclusion() && below(pattern.text()))
    }

    /// Whether the patterns alone match a path: the engine removes what the client had to send.
    pub(super) fn hides(&self, path: &str) -> bool {
        self.written.matches(path).unwrap_or(false)
    }
}

impl Selection for Ignore {
    fn directory(&self, path: &str, _: &Above) -> (bool, Above) {
        let excluded = self.matches(path);
        (!excluded, Above { pruned: excluded && !self.enters(path), ..Above::default() })
    }

    fn file(&self, path: &str, _: &Above) -> bool {
        !self.matches(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ignore(text: &str) -> Ignore {
        let file = ContextFile { content: FileContent::Text(text.to_owned()), mode: 0o644 };
        Ignore::read(&BTreeMap::from([(".dockerignore".to_owned(), file)]), "Dockerfile").unwrap()
    }

    #[test]
    fn directories_that_are_left_out_are_not_entered() {
        let anywhere = ignore("out\n!**/keep\n");
        assert!(anywhere.excludes("out") && anywhere.excludes("out/keep"));
        let there = ignore("out\n!out/keep\n");
        assert!(there.excludes("out/x") && !there.excludes("out/keep"));
    }

    #[test]
    fn the_dockerfile_is_sent_and_then_removed() {
        let ignore = ignore("*\n");
        assert!(!ignore.excludes("Dockerfile") && ignore.hides("Dockerfile") && ignore.excludes("a/b"));
    }
}
