//! Lists of patterns laid against paths.

use super::{clean, glob, regexp::Regexp};
use crate::Dialect;
use std::borrow::Cow;

/// A list of patterns, of which the last that matches a path decides.
#[derive(Debug, Clone)]
pub struct Matcher {
    patterns: Vec<Pattern>,
    exclusions: bool,
    dialect: Dialect,
}

/// One pattern.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    exclusion: bool,
    kind: Kind,
    /// Names in it.
    depth: usize,
}

#[derive(Debug, Clone)]
enum Kind {
    /// The path itself.
    Exact,
    /// `a/**`: what starts with the pattern without its stars.
    Prefix,
    /// `**/a`: what ends in the pattern without its stars.
    Suffix,
    Regexp(Regexp),
    /// Passes the syntax check and is none all the same.
    Bad,
}

const BAD_PATTERN: &str = "syntax error in pattern";

impl Pattern {
    /// Cleaned, without `!`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it takes paths out again (`!pattern`).
    pub const fn exclusion(&self) -> bool {
        self.exclusion
    }

    fn new(text: &str, exclusion: bool, dialect: Dialect) -> Self {
        let (source, kind) = translate(text, dialect);
        let kind = match (kind, dialect) {
            (Form::Exact, Dialect::BuildKit) => Kind::Exact,
            (Form::Prefix, Dialect::BuildKit) => Kind::Prefix,
            (Form::Suffix, Dialect::BuildKit) => Kind::Suffix,
            _ => Regexp::new(&format!("^{source}$")).map_or(Kind::Bad, Kind::Regexp),
        };
        Self { text: text.to_owned(), exclusion, kind, depth: text.split('/').count() }
    }

    /// Whether the pattern alone matches the path (not one of its parents).
    ///
    /// # Errors
    /// The pattern is malformed.
    pub fn matches(&self, path: &str) -> Result<bool, String> {
        match &self.kind {
            Kind::Exact => Ok(path == self.text),
            Kind::Prefix => Ok(self.text.strip_suffix("**").is_some_and(|prefix| path.starts_with(prefix))),
            Kind::Suffix => {
                let Some(suffix) = self.text.strip_prefix("**") else { return Ok(false) };
                Ok(path.ends_with(suffix) || suffix.strip_prefix('/') == Some(path))
            }
            Kind::Regexp(regexp) => Ok(regexp.matches(path)),
            Kind::Bad => Err(BAD_PATTERN.to_owned()),
        }
    }

    fn matches_a_parent(&self, path: &str) -> bool {
        let directory = directory(path);
        parents(&directory).any(|parent| self.matches(parent).unwrap_or(false))
    }
}

/// The directory that a path is in (Go's `filepath.Dir`), empty for the context itself.
fn directory(path: &str) -> Cow<'_, str> {
    let Some((directory, _)) = path.rsplit_once('/') else { return Cow::Borrowed("") };
    if directory.split('/').all(|name| !matches!(name, "" | "." | "..")) {
        return Cow::Borrowed(directory);
    }
    let cleaned = clean(path.get(..=directory.len()).unwrap_or(path));
    Cow::Owned(if cleaned == "." { String::new() } else { cleaned })
}

/// A directory and those above it, the topmost first.
fn parents(directory: &str) -> impl Iterator<Item = &str> {
    let own = Some(directory).filter(|directory| !directory.is_empty());
    directory.match_indices('/').filter_map(|(at, _)| directory.get(..at)).chain(own)
}

enum Form {
    Exact,
    Prefix,
    Suffix,
    Regexp,
}

/// The reference's translation of a pattern to a regular expression, and whether it needs one.
fn translate(pattern: &str, dialect: Dialect) -> (String, Form) {
    let mut source = String::with_capacity(pattern.len() + 8);
    let mut form = Form::Exact;
    // Go's scanner skips a byte order mark at the start.
    let mut chars = pattern.strip_prefix('\u{feff}').unwrap_or(pattern).chars().peekable();
    let mut first = true;
    while let Some(c) = chars.next() {
        match c {
            '*' if chars.next_if_eq(&'*').is_some() => {
                chars.next_if_eq(&'/');
                if chars.peek().is_some() {
                    source.push_str("(.*/)?");
                    form = Form::Regexp;
                } else if matches!(form, Form::Exact) {
                    source.push_str(".*");
                    form = Form::Prefix;
                } else {
                    source.push_str(".*");
                    form = Form::Regexp;
                }
                if first {
                    form = Form::Suffix;
                }
            }
            '*' => {
                source.push_str("[^/]*");
                form = Form::Regexp;
            }
            '?' => {
                source.push_str("[^/]");
                form = Form::Regexp;
            }
            // The older one escapes no plus (and no brackets, which are taken for themselves here all the same).
            '+' if dialect == Dialect::Legacy => source.push(c),
            // The reference means to escape `|`, `{` and `}` too, but its table is too small for them.
            '.' | '+' | '(' | ')' | '$' => source.extend(['\\', c]),
            '\\' => {
                source.push('\\');
                if let Some(escaped) = chars.next() {
                    source.push(escaped);
                    form = Form::Regexp;
                }
            }
            '[' | ']' => {
                source.push(c);
                form = Form::Regexp;
            }
            c => source.push(c),
        }
        first = false;
    }
    (source, form)
}

/// Which patterns matched a directory, to be handed on to what is in it. Empty: nothing is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ParentMatches(Vec<bool>);

impl Matcher {
    /// Compiles patterns as [`super::read`] gives them, or as `--exclude` has them.
    ///
    /// # Errors
    /// A malformed pattern, in the words of the reference.
    pub fn new<T: AsRef<str>>(
        patterns: impl IntoIterator<Item = T>,
        dialect: Dialect,
    ) -> Result<Self, String> {
        let mut matcher = Self { patterns: Vec::new(), exclusions: false, dialect };
        for pattern in patterns {
            let trimmed = pattern.as_ref().trim();
            if trimmed.is_empty() {
                continue;
            }
            let cleaned = clean(trimmed);
            let (exclusion, text) = match cleaned.strip_prefix('!') {
                Some("") => return Err("illegal exclusion pattern: \"!\"".to_owned()),
                Some(text) => (true, text),
                None => (false, cleaned.as_str()),
            };
            if !glob::is_valid(text) {
                return Err(BAD_PATTERN.to_owned());
            }
            matcher.exclusions |= exclusion;
            matcher.patterns.push(Pattern::new(text, exclusion, dialect));
        }
        Ok(matcher)
    }

    /// The patterns in order.
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// Whether any pattern takes paths out again.
    pub const fn exclusions(&self) -> bool {
        self.exclusions
    }

    /// Whether a path relative to the context, with slashes, is ignored: itself or through a directory above it
    /// (`MatchesOrParentMatches`; `Matches` of Docker 20.10, which looks at one directory above only).
    ///
    /// # Errors
    /// A malformed pattern.
    pub fn matches(&self, path: &str) -> Result<bool, String> {
        let mut ignored = false;
        for pattern in &self.patterns {
            let matched = match self.dialect {
                Dialect::BuildKit => {
                    if pattern.exclusion != ignored {
                        continue;
                    }
                    pattern.matches(path)? || pattern.matches_a_parent(path)
                }
                Dialect::Legacy => {
                    pattern.matches(path)?
                        || parents(&directory(path))
                            .nth(pattern.depth - 1)
                            .is_some_and(|parent| pattern.matches(parent).unwrap_or(false))
                }
            };
            if matched {
                ignored = !pattern.exclusion;
            }
        }
        Ok(ignored)
    }

    /// As [`Matcher::matches`], while walking down: with what matched the directory that the path is in, and
    /// giving what is to be handed on below the path (`MatchesUsingParentResults`).
    ///
    /// # Errors
    /// A malformed pattern.
    pub fn matches_below(&self, path: &str, parent: &ParentMatches) -> Result<(bool, ParentMatches), String> {
        let mut ignored = false;
        let mut found = Vec::with_capacity(self.patterns.len());
        for (i, pattern) in self.patterns.iter().enumerate() {
            let mut matched = parent.0.get(i).copied().unwrap_or(false);
            if !matched && pattern.exclusion == ignored {
                matched = pattern.matches(path)? || parent.0.is_empty() && pattern.matches_a_parent(path);
            }
            found.push(matched);
            if matched {
                ignored = !pattern.exclusion;
            }
        }
        Ok((ignored, ParentMatches(found)))
    }

    /// As [`Matcher::matches_below`], for a path that nothing is below.
    ///
    /// # Errors
    /// A malformed pattern.
    pub fn matches_leaf(&self, path: &str, parent: &ParentMatches) -> Result<bool, String> {
        let mut ignored = false;
        for (i, pattern) in self.patterns.iter().enumerate() {
            let mut matched = parent.0.get(i).copied().unwrap_or(false);
            if !matched && pattern.exclusion == ignored {
                matched = pattern.matches(path)? || parent.0.is_empty() && pattern.matches_a_parent(path);
            }
            if matched {
                ignored = !pattern.exclusion;
            }
        }
        Ok(ignored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ignored(patterns: &[&str], path: &str, dialect: Dialect) -> bool {
        Matcher::new(patterns, dialect).unwrap().matches(path).unwrap()
    }

    #[test]
    fn parents_count() {
        let patterns = ["a", "!a/b"];
        assert!(ignored(&patterns, "a/c/d", Dialect::BuildKit));
        assert!(!ignored(&patterns, "a/b/c", Dialect::BuildKit));
        // Docker 20.10 looks at one directory above, as deep as the pattern.
        assert!(ignored(&["*/x"], "a/x/y/z", Dialect::Legacy));
        assert!(!ignored(&["**foo"], "barfoo", Dialect::Legacy));
        assert!(ignored(&["**foo"], "barfoo", Dialect::BuildKit));
    }

    #[test]
    fn paths_that_are_not_clean_have_clean_parents() {
        for (pattern, path, expected) in
            [("/", "/.", true), ("/a", "/a/../a/b", true), (".", "./ab", false), ("a", "a//b", true)]
        {
            assert_eq!(ignored(&[pattern], path, Dialect::BuildKit), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn walking_down_gives_the_same() {
        let matcher = Matcher::new(["a/*", "!a/b", "**/c"], Dialect::BuildKit).unwrap();
        let (top, info) = matcher.matches_below("a", &ParentMatches::default()).unwrap();
        assert!(!top);
        let (inner, info) = matcher.matches_below("a/b", &info).unwrap();
        assert!(!inner);
        let (leaf, _) = matcher.matches_below("a/b/c", &info).unwrap();
        assert_eq!(matcher.matches_leaf("a/b/c", &info), Ok(leaf));
        assert_eq!(leaf, matcher.matches("a/b/c").unwrap());
        assert!(leaf);
    }

    #[test]
    fn errors_are_the_references() {
        assert_eq!(Matcher::new(["!"], Dialect::BuildKit).unwrap_err(), "illegal exclusion pattern: \"!\"");
        assert_eq!(Matcher::new(["[a"], Dialect::BuildKit).unwrap_err(), "syntax error in pattern");
        let odd = Matcher::new(["\\y"], Dialect::BuildKit).unwrap();
        assert_eq!(odd.matches("y").unwrap_err(), "syntax error in pattern");
    }
}
