//! `patternmatcher` patterns as a filter on paths, and on the context (`fsutil`'s `filter.go`).

use crate::builder::context::{Above, Selection};
use stagecraft_dockerfile::Dialect;
use stagecraft_dockerfile::ignore::{Matcher, ParentMatches};
use stagecraft_sandbox::copy::PathFilter;

/// Patterns of an ignore file, of `--exclude` or of `--parents`.
pub(super) struct Filter(Matcher);

impl Filter {
    /// Compiles them; none at all is no filter.
    ///
    /// # Errors
    /// Go's word for a malformed pattern.
    pub(super) fn new(patterns: &[String]) -> Result<Option<Self>, String> {
        if patterns.is_empty() {
            return Ok(None);
        }
        Matcher::new(patterns, Dialect::BuildKit).map(|matcher| Some(Self(matcher)))
    }
}

impl PathFilter for Filter {
    fn matches(&self, path: &str) -> bool {
        self.0.matches(path).unwrap_or(false)
    }

    fn has_exceptions(&self) -> bool {
        self.0.exclusions()
    }
}

/// What a client sends: what is wanted and not ignored.
pub(super) struct Sent {
    pub include: Option<Filter>,
    pub exclude: Option<Filter>,
}

impl Selection for Sent {
    fn directory(&self, path: &str, above: &Above) -> (bool, Above) {
        let ask = |filter: &Option<Filter>, parent: &ParentMatches| {
            let answer =
                filter.as_ref().map(|filter| filter.0.matches_below(path, parent).unwrap_or_default());
            answer.map_or((None, ParentMatches::default()), |(matched, below)| (Some(matched), below))
        };
        let (wanted, include) = ask(&self.include, &above.include);
        let (ignored, exclude) = ask(&self.exclude, &above.exclude);
        let ignored = ignored.unwrap_or(false);
        let exceptions = self.exclude.as_ref().is_some_and(PathFilter::has_exceptions);
        let below = Above { pruned: ignored && !exceptions, include, exclude };
        (wanted.unwrap_or(true) && !ignored, below)
    }

    fn file(&self, path: &str, above: &Above) -> bool {
        let ask = |filter: &Option<Filter>, parent: &ParentMatches| {
            filter.as_ref().map(|filter| filter.0.matches_leaf(path, parent).unwrap_or(false))
        };
        ask(&self.include, &above.include).unwrap_or(true)
            && !ask(&self.exclude, &above.exclude).unwrap_or(false)
    }
}
