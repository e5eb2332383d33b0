//! Ignore files: reading (`moby/patternmatcher/ignorefile`) and matching (`moby/patternmatcher`; for the legacy
//! builder `pkg/fileutils` of Docker 20.10).
//!
//! ```
//! use stagecraft_dockerfile::{Dialect, ignore};
//!
//! let patterns = ignore::read("# build output\n/target/\n**/*.log\n!keep.log\n");
//! let matcher = ignore::Matcher::new(patterns.iter().map(|p| &p.text), Dialect::BuildKit).unwrap();
//! assert!(matcher.matches("target/debug/app").unwrap());
//! assert!(matcher.matches("logs/today.log").unwrap());
//! assert!(!matcher.matches("keep.log").unwrap());
//! ```

mod glob;
mod matcher;
mod regexp;

pub use matcher::{Matcher, ParentMatches, Pattern};

use crate::Span;

/// A pattern of an ignore file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnorePattern {
    /// Cleaned, without the slash before it; `!` before it if it is an exclusion.
    pub text: String,
    /// 1-based line.
    pub line: u32,
    /// Where it stands, without white space around.
    pub span: Span,
}

/// The patterns of an ignore file, in order.
pub fn read(text: &str) -> Vec<IgnorePattern> {
    let mut patterns = Vec::new();
    let mut start = 0;
    for (number, raw) in (1..).zip(text.split_inclusive('\n')) {
        let mut at = start;
        start += raw.len();
        let mut line = raw;
        if number == 1
            && let Some(rest) = line.strip_prefix('\u{feff}')
        {
            at += line.len() - rest.len();
            line = rest;
        }
        if line.starts_with('#') {
            continue;
        }
        at += line.len() - line.trim_start().len();
        let trimmed = line.trim();
        if trimmed.is_empty() {
            continue;
        }
        let (mark, pattern) = match trimmed.strip_prefix('!') {
            Some(pattern) => ("!", pattern.trim()),
            None => ("", trimmed),
        };
        let cleaned = if pattern.is_empty() { String::new() } else { clean(pattern) };
        let relative = cleaned.strip_prefix('/').filter(|rest| !rest.is_empty()).unwrap_or(&cleaned);
        patterns.push(IgnorePattern {
            text: format!("{mark}{relative}"),
            line: number,
            span: Span::new(at as u32, (at + trimmed.len()) as u32),
        });
    }
    patterns
}

/// Go's `filepath.Clean` with slashes: the shortest path that means the same.
pub fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(last) if *last != ".." => {
                    parts.pop();
                }
                _ if rooted => {}
                _ => parts.push(".."),
            },
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_cleans() {
        let text = "\u{feff}a\r\n# c\n  /b//c/ \n! d\n/\n!\n\n../x/.\n";
        let found = read(text);
        let texts: Vec<&str> = found.iter().map(|p| p.text.as_str()).collect();
        assert_eq!(texts, ["a", "b/c", "!d", "/", "!", "../x"]);
        assert_eq!(found.iter().map(|p| p.line).collect::<Vec<_>>(), [1, 3, 4, 5, 6, 8]);
        let spans: Vec<&str> =
            found.iter().map(|p| text.get(p.span.start as usize..p.span.end as usize).unwrap()).collect();
        assert_eq!(spans, ["a", "/b//c/", "! d", "/", "!", "../x/."]);
    }

    #[test]
    fn cleans_like_go() {
        for (path, expected) in [
            ("", "."),
            ("./a", "a"),
            ("a/../..", ".."),
            ("/..", "/"),
            ("a//b/./c/..", "a/b"),
            ("/a/../b", "/b"),
        ] {
            assert_eq!(clean(path), expected);
        }
    }
}
