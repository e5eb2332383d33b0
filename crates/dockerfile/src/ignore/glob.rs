//! The syntax check of Go's `filepath.Match`, which every pattern has to pass.

/// Whether `filepath.Match` takes the pattern for well-formed. The reference asks by matching it with `.`, and
/// Go looks no further than the match goes: what stands behind the first star that does not fit is not checked.
pub(super) fn is_valid(pattern: &str) -> bool {
    let mut name = ".";
    let mut rest = pattern;
    while !rest.is_empty() {
        let star = rest.starts_with('*');
        let (chunk, after) = chunk(rest);
        rest = after;
        if star && chunk.is_empty() {
            return true;
        }
        let goes_on = |left: Option<&'static str>| left.filter(|left| left.is_empty() || !after.is_empty());
        let Ok(left) = match_chunk(chunk, name) else { return false };
        if let Some(left) = goes_on(left) {
            name = left;
            continue;
        }
        // A star may also take the dot.
        if !star || name.is_empty() {
            return true;
        }
        match match_chunk(chunk, "").map(goes_on) {
            Err(Malformed) => return false,
            Ok(None) => return true,
            Ok(Some(left)) => name = left,
        }
    }
    true
}

/// A chunk that `filepath.Match` refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Malformed;

/// Lays a chunk, which has no star, against the name (`.` or nothing); what is left of it, if it fits.
fn match_chunk(chunk: &str, name: &'static str) -> Result<Option<&'static str>, Malformed> {
    let mut rest = chunk;
    // The character that is still to be matched, and whether all fits so far.
    let mut left = name.chars().next();
    let mut fits = true;
    while let Some(c) = rest.chars().next() {
        let mut after = rest.get(c.len_utf8()..).unwrap_or_default();
        let target = left.take();
        fits &= target.is_some();
        fits &= match c {
            '[' => {
                let (inside, behind) = class(after, target).ok_or(Malformed)?;
                after = behind;
                inside
            }
            '?' => true,
            '\\' => {
                let escaped = after.chars().next().ok_or(Malformed)?;
                after = after.get(escaped.len_utf8()..).unwrap_or_default();
                target == Some(escaped)
            }
            c => target == Some(c),
        };
        rest = after;
    }
    Ok(fits.then_some(if left.is_some() { name } else { "" }))
}

/// Up to the next star that is not in a class.
fn chunk(pattern: &str) -> (&str, &str) {
    let pattern = pattern.trim_start_matches('*');
    let mut in_class = false;
    let mut chars = pattern.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            '[' => in_class = true,
            ']' => in_class = false,
            '*' if !in_class => return pattern.split_at_checked(at).unwrap_or((pattern, "")),
            _ => {}
        }
    }
    (pattern, "")
}

/// Whether a character is in a class, and what stands behind it; `None` where the class is malformed.
fn class(text: &str, target: Option<char>) -> Option<(bool, &str)> {
    let (negated, mut rest) = match text.strip_prefix('^') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut inside = false;
    let mut ranges = 0;
    loop {
        if ranges > 0
            && let Some(after) = rest.strip_prefix(']')
        {
            return Some((inside != negated, after));
        }
        let low;
        (low, rest) = member(rest)?;
        let mut high = low;
        if let Some(upper) = rest.strip_prefix('-') {
            (high, rest) = member(upper)?;
        }
        inside |= target.is_some_and(|c| (low..=high).contains(&c));
        ranges += 1;
    }
}

/// A character of a class and what stands behind it. Something has to, since the class is not closed yet.
fn member(text: &str) -> Option<(char, &str)> {
    let mut chars = text.chars();
    let c = match chars.next()? {
        '-' | ']' => return None,
        '\\' => chars.next()?,
        c => c,
    };
    Some((c, chars.as_str())).filter(|(_, rest)| !rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::is_valid;

    #[test]
    fn malformed_patterns() {
        for pattern in
            ["[", "[a", "[]a]", "[^]", "[-]", "a[-]b", "[a-]", "[a-\\", "a\\", "*[x", "[\\", ".[", "?[a"]
        {
            assert!(!is_valid(pattern), "{pattern}");
        }
        for pattern in ["", "*", "**/a", "[a]", "[^a-z]x", "[\\]]", "a\\*", "]", "[[a]", "[a*]", "x*[a"] {
            assert!(is_valid(pattern), "{pattern}");
        }
    }
}
