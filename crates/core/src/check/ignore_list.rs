//! The ignore file, as far as a check looks at it.

use stagecraft_dockerfile::Dialect;
use stagecraft_dockerfile::ignore::Matcher;

/// Patterns that can be asked what they keep out of the context.
#[derive(Debug)]
pub struct IgnoreList {
    matcher: Matcher,
}

impl IgnoreList {
    /// Compiles the patterns. `None` if there are none, if one is malformed (the build then fails elsewhere), or if
    /// some take paths out again: BuildKit does not check sources then, for a directory may be ignored and a file
    /// in it not.
    pub fn new(patterns: &[String]) -> Option<Self> {
        if patterns.is_empty() {
            return None;
        }
        let matcher = Matcher::new(patterns, Dialect::BuildKit).ok()?;
        (!matcher.exclusions()).then_some(Self { matcher })
    }

    /// Whether a cleaned source is kept out.
    pub fn excludes(&self, source: &str) -> bool {
        let root = matches!(source, "." | "/");
        if root && !self.matcher.patterns().iter().any(|p| matches!(p.text(), "*" | "**" | "**/*")) {
            return false;
        }
        self.matcher.matches(source).unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exclusions_switch_the_check_off() {
        let list = |patterns: &[&str]| {
            IgnoreList::new(&patterns.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        assert!(list(&[]).is_none() && list(&["*", "!a"]).is_none());
        let some = list(&["*.env", "dir"]).unwrap();
        assert!(some.excludes("a.env") && some.excludes("dir/x") && !some.excludes("."));
        assert!(list(&["**"]).unwrap().excludes("."));
    }
}
