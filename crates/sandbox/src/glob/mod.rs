//! Go's `filepath.Match`, which BuildKit and the legacy builder use for wildcards in sources. (The other of Go's
//! dialects here, `patternmatcher`, belongs to ignore files.)

/// The pattern is malformed; Go's `ErrBadPattern`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("syntax error in pattern")]
pub struct BadPattern;

/// Whether a text holds a wildcard that is not escaped.
pub fn has_wildcards(text: &str) -> bool {
    let mut chars = text.bytes();
    while let Some(byte) = chars.next() {
        match byte {
            b'\\' => drop(chars.next()),
            b'*' | b'?' | b'[' => return true,
            _ => {}
        }
    }
    false
}

/// Whether the whole of `name` matches. `*` and `?` do not match `/`; classes may.
///
/// # Errors
/// As in Go, a malformed pattern is only found when matching gets there, or when nothing else is left.
pub fn matches(pattern: &str, name: &str) -> Result<bool, BadPattern> {
    let mut pattern = pattern.as_bytes();
    let mut name = name.as_bytes();
    while !pattern.is_empty() {
        let (star, chunk, rest) = scan_chunk(pattern);
        pattern = rest;
        if star && chunk.is_empty() {
            return Ok(!name.contains(&b'/'));
        }
        if let Some(left) = match_chunk(chunk, name)?
            && (left.is_empty() || !pattern.is_empty())
        {
            name = left;
            continue;
        }
        if star {
            let mut skipped = None;
            for at in 0..name.len() {
                if name.get(at) == Some(&b'/') {
                    break;
                }
                let tail = name.get(at + 1..).unwrap_or_default();
                if let Some(left) = match_chunk(chunk, tail)? {
                    if pattern.is_empty() && !left.is_empty() {
                        continue;
                    }
                    skipped = Some(left);
                    break;
                }
            }
            if let Some(left) = skipped {
                name = left;
                continue;
            }
        }
        // What is left is checked for syntax before saying no.
        while !pattern.is_empty() {
            let (_, chunk, rest) = scan_chunk(pattern);
            pattern = rest;
            match_chunk(chunk, b"")?;
        }
        return Ok(false);
    }
    Ok(name.is_empty())
}

/// A leading star, the text up to the next one, and the rest.
fn scan_chunk(pattern: &[u8]) -> (bool, &[u8], &[u8]) {
    let stars = pattern.iter().take_while(|byte| **byte == b'*').count();
    let pattern = pattern.get(stars..).unwrap_or_default();
    let mut in_class = false;
    let mut at = 0;
    while let Some(byte) = pattern.get(at) {
        match byte {
            b'\\' if at + 1 < pattern.len() => at += 1,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'*' if !in_class => break,
            _ => {}
        }
        at += 1;
    }
    let (chunk, rest) = pattern.split_at(at.min(pattern.len()));
    (stars > 0, chunk, rest)
}

/// What is left of `name` after a chunk without stars; `None` if it does not match.
fn match_chunk<'a>(mut chunk: &[u8], mut name: &'a [u8]) -> Result<Option<&'a [u8]>, BadPattern> {
    // After a mismatch the rest is only checked for syntax.
    let mut failed = false;
    while let Some((&first, rest)) = chunk.split_first() {
        if !failed && name.is_empty() {
            failed = true;
        }
        match first {
            b'[' => {
                let mut current = '\0';
                if !failed {
                    let (c, left) = next_char(name);
                    current = c;
                    name = left;
                }
                chunk = rest;
                let negated = chunk.first() == Some(&b'^');
                if negated {
                    chunk = chunk.get(1..).unwrap_or_default();
                }
                let mut hit = false;
                let mut ranges = 0;
                loop {
                    if chunk.first() == Some(&b']') && ranges > 0 {
                        chunk = chunk.get(1..).unwrap_or_default();
                        break;
                    }
                    let (low, left) = class_char(chunk)?;
                    chunk = left;
                    let mut high = low;
                    if chunk.first() == Some(&b'-') {
                        (high, chunk) = class_char(chunk.get(1..).unwrap_or_default())?;
                    }
                    hit |= (low..=high).contains(&current);
                    ranges += 1;
                }
                failed |= hit == negated;
            }
            b'?' => {
                if !failed {
                    failed = name.first() == Some(&b'/');
                    name = next_char(name).1;
                }
                chunk = rest;
            }
            _ => {
                let literal =
                    if first == b'\\' { rest.split_first().ok_or(BadPattern)? } else { (&first, rest) };
                if !failed {
                    failed = name.first() != Some(literal.0);
                    name = name.get(1..).unwrap_or_default();
                }
                chunk = literal.1;
            }
        }
    }
    Ok((!failed).then_some(name))
}

fn next_char(text: &[u8]) -> (char, &[u8]) {
    let length = match text.first() {
        Some(0xf0..) => 4,
        Some(0xe0..) => 3,
        Some(0xc0..) => 2,
        _ => 1,
    };
    let (head, rest) = text.split_at(text.len().min(length));
    let c = std::str::from_utf8(head).ok().and_then(|text| text.chars().next());
    (c.unwrap_or(char::REPLACEMENT_CHARACTER), rest)
}

/// One character of a class, maybe escaped.
fn class_char(chunk: &[u8]) -> Result<(char, &[u8]), BadPattern> {
    let chunk = match chunk.split_first() {
        None | Some((b'-' | b']', _) | (b'\\', [])) => return Err(BadPattern),
        Some((b'\\', rest)) => rest,
        Some(_) => chunk,
    };
    let (c, rest) = next_char(chunk);
    if rest.is_empty() {
        return Err(BadPattern);
    }
    Ok((c, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_as_go_does() {
        for (pattern, name, expected) in [
            ("abc", "abc", Ok(true)),
            ("*", "abc", Ok(true)),
            ("*c", "abc", Ok(true)),
            ("a*", "ab/c", Ok(false)),
            ("a*/b", "abc/b", Ok(true)),
            ("a*b*c*d*e*/f", "axbxcxdxe/f", Ok(true)),
            ("a*b*c*d*e*/f", "axbxcxdxexxx/fff", Ok(false)),
            ("a*b?c*x", "abxbbxdbxebxczzy", Ok(false)),
            ("ab[c]", "abc", Ok(true)),
            ("ab[^e-g]", "abc", Ok(true)),
            ("ab[^b-d]", "abc", Ok(false)),
            ("a\\*b", "a*b", Ok(true)),
            ("a?b", "a☺b", Ok(true)),
            ("a[^a]b", "a☺b", Ok(true)),
            ("a?b", "a/b", Ok(false)),
            ("[\\]a]", "]", Ok(true)),
            ("[]a]", "]", Err(BadPattern)),
            ("[-]", "-", Err(BadPattern)),
            ("[x-]", "x", Err(BadPattern)),
            ("[a-b-c]", "a", Err(BadPattern)),
            ("[", "a", Err(BadPattern)),
            ("a[", "a", Err(BadPattern)),
            ("a[", "ab", Err(BadPattern)),
            ("*x", "xxx", Ok(true)),
            ("\\", "a", Err(BadPattern)),
            ("", "", Ok(true)),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn escaped_wildcards_are_none() {
        assert!(has_wildcards("a*"));
        assert!(!has_wildcards("a\\*"));
        assert!(has_wildcards("\\\\["));
    }
}
