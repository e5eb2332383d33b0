//! What the ignore file leaves out, and rules of it that leave out nothing.

use super::outline::ignore_file;
use crate::source::dialect;
use stagecraft_core::project::{FileContent, Project};
use stagecraft_core::simulation::Builder;
use stagecraft_dockerfile::ignore::{IgnorePattern, Matcher, read};

/// A project's ignore file, read.
pub(crate) struct Ignore<'a> {
    /// Its path.
    pub(crate) path: String,
    /// Its text; empty where there is none.
    pub(crate) text: &'a str,
    rules: Vec<Rule>,
}

/// One pattern, and whether it matched anything.
pub(crate) struct Rule {
    pub(crate) pattern: IgnorePattern,
    /// `None` where the pattern is malformed.
    matcher: Option<Matcher>,
    exclusion: bool,
    pub(crate) used: std::cell::Cell<bool>,
}

impl Rule {
    /// Whether builders understand it.
    pub(crate) fn is_valid(&self) -> bool {
        self.matcher.is_some()
    }
}

impl<'a> Ignore<'a> {
    /// Reads the ignore file in force.
    pub(crate) fn of(project: &'a Project, builder: Builder) -> Self {
        let path = ignore_file(project);
        let text = match project.files.get(&path).map(|file| &file.content) {
            Some(FileContent::Text(text)) => text.as_str(),
            _ => "",
        };
        let rule = |pattern: IgnorePattern| {
            let bare = pattern.text.strip_prefix('!').unwrap_or(&pattern.text);
            Rule {
                matcher: Matcher::new([bare], dialect(builder)).ok().filter(|_| !bare.is_empty()),
                exclusion: pattern.text.starts_with('!'),
                used: std::cell::Cell::new(false),
                pattern,
            }
        };
        Self { rules: read(text).into_iter().map(rule).collect(), text, path }
    }

    /// The rules in order.
    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Whether a file is left out, and the line that decided; 0 where none did. The last rule that matches
    /// decides.
    pub(crate) fn decide(&self, path: &str) -> (bool, u32) {
        let mut decided = (false, 0);
        for rule in &self.rules {
            if rule.matcher.as_ref().is_some_and(|m| m.matches(path).unwrap_or(false)) {
                rule.used.set(true);
                decided = (!rule.exclusion, rule.pattern.line);
            }
        }
        decided
    }
}
