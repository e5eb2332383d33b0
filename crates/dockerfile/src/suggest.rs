//! "Did you mean": the closest known name (BuildKit `util/suggest`).

use crate::go::text::{lower, upper};
use std::borrow::Cow;

/// Names that differ in this many characters are not suggested.
const TOO_FAR: usize = 3;

/// The option closest to what was typed; `None` if none is close, or if it is one of them.
pub fn closest<'o>(
    typed: &str,
    options: impl IntoIterator<Item = &'o str>,
    case_sensitive: bool,
) -> Option<Cow<'o, str>> {
    let value = if case_sensitive { Cow::Borrowed(typed) } else { lower(typed) };
    let mut best = TOO_FAR;
    let mut found = None;
    for option in options {
        let candidate = if case_sensitive { Cow::Borrowed(option) } else { lower(option) };
        if candidate == value {
            return None;
        }
        let distance = distance(&value, &candidate, best);
        if distance < best {
            best = distance;
            found = Some(candidate);
        }
    }
    // To suggest nothing is no suggestion, even where nothing is closest.
    let found = found.filter(|found| !found.is_empty())?;
    if !case_sensitive && lower(typed) != typed && upper(typed) == typed {
        return Some(Cow::Owned(upper(&found).into_owned()));
    }
    Some(found)
}

/// Appends ` (did you mean X?)` to a message.
pub fn mention(message: &mut String, meant: &str) {
    message.push_str(" (did you mean ");
    message.push_str(meant);
    message.push_str("?)");
}

/// As [`mention`], where there is a suggestion.
pub fn append<'o>(
    message: &mut String,
    typed: &str,
    options: impl IntoIterator<Item = &'o str>,
    case_sensitive: bool,
) {
    if let Some(meant) = closest(typed, options, case_sensitive) {
        mention(message, &meant);
    }
}

/// Levenshtein's distance, or `bound` if it is not smaller.
fn distance(a: &str, b: &str, bound: usize) -> usize {
    // No need to compare what cannot be close; this also keeps the work small for long words.
    let (long, short) = (a.chars().take(b.len() + bound + 1).count(), b.chars().count());
    if long.abs_diff(short) >= bound {
        return bound;
    }
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, to) in row.iter_mut().skip(1).zip(&b) {
            let cost = (diagonal + usize::from(from != *to)).min(*cell + 1).min(left + 1);
            diagonal = std::mem::replace(cell, cost);
            left = cost;
        }
    }
    row.last().copied().unwrap_or(bound).min(bound)
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn suggests_as_buildkit_does() {
        let names = ["RUN", "FROM", "ENV", "COPY"];
        assert_eq!(closest("RUNN", names, false).as_deref(), Some("RUN"));
        assert_eq!(closest("form", names, false).as_deref(), Some("from"));
        assert_eq!(closest("Cpoy", names, false).as_deref(), Some("copy"));
        assert_eq!(closest("x", names, false), None);
        assert_eq!(closest("A", ["", "AB"], true), None);
        assert_eq!(closest("Run", names, false), None);
        assert_eq!(closest("chwon", ["chown", "chmod"], true).as_deref(), Some("chown"));
        assert_eq!(closest(&"x".repeat(1_000_000), names, false), None);
    }
}
