//! `patternmatcher` patterns as a filter on paths.

use stagecraft_dockerfile::Dialect;
use stagecraft_dockerfile::ignore::Matcher;
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
