//! Patterns of `${name#pattern}`, `${name%pattern}` and `${name/pattern/replacement}`. The reference translates
//! them to regular expressions; these are matched directly, with the same choices.

use crate::go::text::{is_digit, is_letter};

/// Steps that one match may take (ours).
const MAX_WORK: usize = 1 << 24;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    /// `*`: any run of characters within a line.
    Star,
    /// `?`: any character but a line feed.
    Any,
    One(char),
}

impl Token {
    fn takes(self, c: char) -> bool {
        match self {
            Self::Star | Self::Any => c != '\n',
            Self::One(own) => own == c,
        }
    }
}

fn tokens(pattern: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    // Go's scanner skips a byte order mark at the start.
    let mut chars = pattern.strip_prefix('\u{feff}').unwrap_or(pattern).chars();
    while let Some(c) = chars.next() {
        tokens.push(match c {
            '*' => Token::Star,
            '?' => Token::Any,
            '\\' => {
                if chars.as_str().starts_with(['}', '/']) {
                    continue;
                }
                match chars.next() {
                    Some(c @ ('*' | '?' | '\\')) => Token::One(c),
                    c => return Err(format!("invalid escape '\\{}'", c.unwrap_or('\u{fffd}'))),
                }
            }
            c => Token::One(c),
        });
    }
    Ok(tokens)
}

/// A pattern laid against a value.
struct Match<'m> {
    tokens: &'m [Token],
    value: &'m [char],
    /// Whether `tokens[t..]` can match at `value[v..]`, by `t * (value.len() + 1) + v`.
    fits: Vec<bool>,
    greedy: bool,
}

impl<'m> Match<'m> {
    fn new(tokens: &'m [Token], value: &'m [char], greedy: bool) -> Result<Self, String> {
        let width = value.len() + 1;
        let size = (tokens.len() + 1).saturating_mul(width);
        if size > MAX_WORK {
            return Err("the pattern or the value is too long".to_owned());
        }
        let mut fits = vec![true; size];
        for (t, token) in tokens.iter().enumerate().rev() {
            for v in (0..width).rev() {
                let taken = value.get(v).is_some_and(|c| token.takes(*c));
                let fit = match token {
                    Token::Star => at(&fits, (t + 1) * width + v) || taken && at(&fits, t * width + v + 1),
                    _ => taken && at(&fits, (t + 1) * width + v + 1),
                };
                if let Some(slot) = fits.get_mut(t * width + v) {
                    *slot = fit;
                }
            }
        }
        Ok(Self { tokens, value, fits, greedy })
    }

    /// Where the match that starts here ends.
    fn end(&self, start: usize) -> Option<usize> {
        let width = self.value.len() + 1;
        if !at(&self.fits, start) {
            return None;
        }
        let mut v = start;
        for (t, token) in self.tokens.iter().enumerate() {
            if *token != Token::Star {
                v += 1;
                continue;
            }
            let run = self.value.iter().skip(v).take_while(|c| token.takes(**c)).count();
            let mut ends = v..=v + run;
            let fits = |end: &usize| at(&self.fits, (t + 1) * width + end);
            v = if self.greedy { ends.rfind(fits) } else { ends.find(fits) }?;
        }
        Some(v)
    }
}

fn at(fits: &[bool], index: usize) -> bool {
    fits.get(index).copied().unwrap_or(false)
}

fn invalid(pattern: &str, why: &str) -> String {
    format!("invalid pattern ({pattern}) in substitution: {why}")
}

/// `${name#pattern}`, with `greedy` `${name##pattern}`.
pub(super) fn trim_prefix(pattern: &str, value: &str, greedy: bool) -> Result<String, String> {
    let tokens = tokens(pattern).map_err(|why| invalid(pattern, &why))?;
    let chars: Vec<char> = value.chars().collect();
    let end = Match::new(&tokens, &chars, greedy).map_err(|why| invalid(pattern, &why))?.end(0).unwrap_or(0);
    Ok(chars.iter().skip(end).collect())
}

/// `${name%pattern}`, with `greedy` `${name%%pattern}`: the reference turns both pattern and value round.
pub(super) fn trim_suffix(pattern: &str, value: &str, greedy: bool) -> Result<String, String> {
    let value: String = value.chars().rev().collect();
    let trimmed = trim_prefix(&reverse_pattern(pattern), &value, greedy)?;
    Ok(trimmed.chars().rev().collect())
}

/// Turns a pattern round but for its escapes: `a\*c` becomes `c\*a`.
fn reverse_pattern(pattern: &str) -> String {
    let mut units: Vec<(Option<char>, char)> = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match (c, chars.clone().next()) {
            ('\\', Some(escaped)) => {
                chars.next();
                units.push((Some('\\'), escaped));
            }
            _ => units.push((None, c)),
        }
    }
    units.into_iter().rev().flat_map(|(escape, c)| escape.into_iter().chain([c])).collect()
}

/// `${name/pattern/replacement}`, with `all` `${name//pattern/replacement}`.
pub(super) fn replace(pattern: &str, value: &str, replacement: &str, all: bool) -> Result<String, String> {
    let tokens = tokens(pattern).map_err(|why| invalid(pattern, &why))?;
    let chars: Vec<char> = value.chars().collect();
    let matcher = Match::new(&tokens, &chars, true).map_err(|why| invalid(pattern, &why))?;
    let mut out = String::with_capacity(value.len());
    let (mut copied, mut from) = (0, 0);
    let mut last_end = None;
    while from <= chars.len() {
        let Some((start, end)) = (from..=chars.len()).find_map(|s| matcher.end(s).map(|e| (s, e))) else {
            break;
        };
        // Go ignores an empty match that touches the one before.
        if !(start == end && last_end == Some(start)) {
            out.extend(chars.iter().skip(copied).take(start - copied));
            if all {
                let matched: String = chars.iter().skip(start).take(end - start).collect();
                template(&mut out, replacement, &matched);
            } else {
                out.push_str(replacement);
            }
            copied = end;
            last_end = Some(end);
        }
        if out.len() > super::MAX_OUTPUT {
            return Err(format!("the result is larger than {} MiB", super::MAX_OUTPUT >> 20));
        }
        if !all {
            break;
        }
        from = if end > start { end } else { end + 1 };
    }
    out.extend(chars.iter().skip(copied));
    Ok(out)
}

/// Go's `Regexp.Expand`: `$0` is the match, any other name an empty group, `$$` a dollar sign. It applies to the
/// replacement of `//` only.
fn template(out: &mut String, template: &str, matched: &str) {
    let mut rest = template;
    while let Some((plain, after)) = rest.split_once('$') {
        out.push_str(plain);
        rest = after;
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        let named = match rest.strip_prefix('{') {
            Some(inner) => {
                let (name, after) = word(inner);
                after.strip_prefix('}').map(|after| (name, after))
            }
            None => Some(word(rest)),
        };
        match named.filter(|(name, _)| !name.is_empty()) {
            Some((name, after)) => {
                if name == "0" {
                    out.push_str(matched);
                }
                rest = after;
            }
            None => out.push('$'),
        }
    }
    out.push_str(rest);
}

fn word(text: &str) -> (&str, &str) {
    let end = text.find(|c| c != '_' && !is_letter(c) && !is_digit(c)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trims_at_both_ends() {
        for (pattern, value, greedy, prefix, suffix) in [
            ("*/", "a/b/c", false, "b/c", "a/b/c"),
            ("*/", "a/b/c", true, "c", "a/b/c"),
            ("/*", "a/b/c", false, "a/b/c", "a/b"),
            ("/*", "a/b/c", true, "a/b/c", "a"),
            ("?", "abc", false, "bc", "ab"),
            ("", "abc", true, "abc", "abc"),
            ("*", "ab", true, "", ""),
            ("*", "ab", false, "ab", "ab"),
            ("a\\*", "a*b", false, "b", "a*b"),
            ("*", "a\nb", true, "\nb", "a\n"),
        ] {
            assert_eq!(trim_prefix(pattern, value, greedy).unwrap(), prefix, "{value}#{pattern}");
            assert_eq!(trim_suffix(pattern, value, greedy).unwrap(), suffix, "{value}%{pattern}");
        }
        assert_eq!(
            trim_prefix("\\x", "a", false).unwrap_err(),
            "invalid pattern (\\x) in substitution: invalid escape '\\x'"
        );
    }

    #[test]
    fn replaces() {
        for (pattern, value, replacement, all, expected) in [
            ("a", "banana", "o", false, "bonana"),
            ("a", "banana", "o", true, "bonono"),
            ("", "ab", "-", true, "-a-b-"),
            ("*", "ab", "x", true, "x"),
            ("b*", "abab", "$0$0", true, "ababbab"),
            ("b", "ab", "$0", false, "a$0"),
            ("b", "ab", "$$${1}$x", true, "a$"),
            ("b", "ab", "${", true, "a${"),
        ] {
            assert_eq!(
                replace(pattern, value, replacement, all).unwrap(),
                expected,
                "{value}/{pattern}/{replacement}"
            );
        }
    }

    #[test]
    fn many_stars_stay_cheap() {
        let pattern = "*a".repeat(500) + "b";
        let value = "a".repeat(2_000);
        assert_eq!(trim_prefix(&pattern, &value, true).unwrap(), value);
        assert!(trim_prefix(&"*a".repeat(50_000), &value, true).is_err());
    }
}
