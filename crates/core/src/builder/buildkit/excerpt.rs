//! The lines of the Dockerfile that Docker prints around an error (`solver/errdefs/source.go`).

/// `Dockerfile:2` and the lines around the given ones, or nothing if there are none.
pub(super) fn excerpt(name: &str, text: &str, ranges: &[(u32, u32)]) -> Vec<String> {
    let lines: Vec<&str> = text.split('\n').collect();
    let count = lines.len() as u32;
    let first = ranges.iter().map(|range| range.0).min().unwrap_or(0);
    let last = ranges.iter().map(|range| range.1.max(range.0)).max().unwrap_or(0);
    if first < 1 || first > count {
        return Vec::new();
    }
    let (mut start, mut end) = (first, last.min(count));
    let pad = if start == end { 4 } else { 2 };
    let mut added = 0;
    while added < pad {
        if start > 1 {
            start -= 1;
            added += 1;
        }
        if end != count {
            end += 1;
            added += 1;
        }
        added += 1;
    }
    let rule = "--------------------".to_owned();
    let mut out = vec![format!("{name}:{first}"), rule.clone()];
    for number in start..=end {
        let marked = ranges.iter().any(|range| range.0 <= number && range.1.max(range.0) >= number);
        let line = lines.get(number as usize - 1).copied().unwrap_or_default();
        out.push(format!(" {number:3} | {} {line}", if marked { ">>>" } else { "   " }));
    }
    out.push(rule);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_around_the_error_are_shown() {
        let text = "FROM a\nRUN x\nRUN y\nRUN z\n";
        let expected = [
            "Dockerfile:3",
            "--------------------",
            "   1 |     FROM a",
            "   2 |     RUN x",
            "   3 | >>> RUN y",
            "   4 |     RUN z",
            "   5 |     ",
            "--------------------",
        ];
        assert_eq!(excerpt("Dockerfile", text, &[(3, 3)]), expected);
        assert!(excerpt("Dockerfile", text, &[]).is_empty());
        assert!(excerpt("Dockerfile", text, &[(9, 9)]).is_empty());
    }
}
