//! The syntax check of Go's `filepath.Match`, which every pattern has to pass.

/// Whether `filepath.Match` takes the pattern for well-formed.
pub(super) fn is_valid(pattern: &str) -> bool {
    let mut rest = pattern;
    while !rest.is_empty() {
        let (chunk, after) = chunk(rest);
        if !is_valid_chunk(chunk) {
            return false;
        }
        rest = after;
    }
    true
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

fn is_valid_chunk(chunk: &str) -> bool {
    let mut rest = chunk;
    loop {
        let mut chars = rest.chars();
        match chars.next() {
            None => return true,
            Some('[') => match class(chars.as_str()) {
                Some(after) => {
                    rest = after;
                    continue;
                }
                None => return false,
            },
            Some('\\') if chars.next().is_none() => return false,
            Some(_) => {}
        }
        rest = chars.as_str();
    }
}

/// What stands behind a class; `None` where it is malformed.
fn class(text: &str) -> Option<&str> {
    let mut rest = text.strip_prefix('^').unwrap_or(text);
    let mut ranges = 0;
    loop {
        if ranges > 0
            && let Some(after) = rest.strip_prefix(']')
        {
            return Some(after);
        }
        rest = member(rest)?;
        if let Some(upper) = rest.strip_prefix('-') {
            rest = member(upper)?;
        }
        ranges += 1;
    }
}

/// What stands behind a character of a class. Something has to, since the class is not closed yet.
fn member(text: &str) -> Option<&str> {
    let mut chars = text.chars();
    match chars.next()? {
        '-' | ']' => return None,
        '\\' => drop(chars.next()?),
        _ => {}
    }
    Some(chars.as_str()).filter(|rest| !rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::is_valid;

    #[test]
    fn malformed_patterns() {
        for pattern in ["[", "[a", "[]a]", "[^]", "[-]", "a[-]b", "[a-]", "[a-\\", "a\\", "*[x", "[\\"] {
            assert!(!is_valid(pattern), "{pattern}");
        }
        for pattern in ["", "*", "**/a", "[a]", "[^a-z]x", "[\\]]", "a\\*", "]", "[[a]", "[a*]"] {
            assert!(is_valid(pattern), "{pattern}");
        }
    }
}
