//! What terminals and continuous integration put around a builder's lines.

use std::borrow::Cow;

/// A line without escape sequences, and without what a terminal wrote over.
pub(super) fn line(text: &str) -> Cow<'_, str> {
    let text = text.trim_end_matches(['\r', '\n']);
    let text = text.rsplit('\r').next().unwrap_or(text);
    if !text.contains('\u{1b}') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\u{1b}' {
            out.push(c);
            continue;
        }
        // `ESC [ … letter` and `ESC ] … BEL`; others are one character long.
        match chars.next() {
            Some('[') => drop(chars.by_ref().find(|c| ('@'..='~').contains(c))),
            Some(']') => drop(chars.by_ref().find(|c| matches!(c, '\u{7}' | '\\'))),
            _ => {}
        }
    }
    Cow::Owned(out)
}

/// White space of any kind and length becomes one blank.
pub(super) fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Whether a text may stand before a builder's line: a time, the name of a service or job, nothing. Sentences do not.
pub(super) fn is_prefix(text: &str) -> bool {
    text.trim().is_empty()
        || (text.len() <= 120
            && text.ends_with(|c: char| c.is_whitespace() || matches!(c, '|' | ']' | ':' | '>'))
            && text.contains(|c: char| c.is_ascii_digit() || matches!(c, '|' | ']' | ':' | '>')))
}

/// Decimal seconds in milliseconds: `1.2`, `0.04`, `75`.
pub(super) fn seconds(text: &str) -> Option<u64> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 9 || !digits(whole) || !digits(rest) {
        return None;
    }
    let thousandths = rest.bytes().chain(*b"000").take(3).fold(0, |n, b| n * 10 + u64::from(b - b'0'));
    Some(whole.parse::<u64>().ok()? * 1000 + thousandths)
}

/// A time stamp (RFC 3339) in milliseconds since 1970.
pub(super) fn stamp(text: &str) -> Option<u64> {
    let (date, time) = text.split_once(['T', 't'])?;
    let number = |text: Option<&str>| text.filter(|text| text.len() <= 4)?.parse::<u64>().ok();
    let mut parts = date.split('-').map(Some);
    let mut part = || number(parts.next().flatten());
    let (year, month, day) = (part()?, part()?, part()?);
    let zone = time.find(['Z', 'z', '+', '-'])?;
    let (time, zone) = time.split_at_checked(zone)?;
    let mut parts = time.splitn(3, ':').map(Some);
    let (hour, minute) = (number(parts.next().flatten())?, number(parts.next().flatten())?);
    let second = seconds(parts.next().flatten()?)?;
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 24 {
        return None;
    }
    // Days since 1970; the year begins in March, so that leap days are at its end.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day;
    let days = days.checked_sub(719_469)?;
    let offset = zone.split_at_checked(1).and_then(|(_, zone)| {
        let (hours, minutes) = zone.split_once(':')?;
        Some(number(Some(hours))? * 60 + number(Some(minutes))?)
    });
    let local = (days * 24 + hour) * 60 + minute;
    let offset = offset.unwrap_or(0);
    let minutes = if zone.starts_with('-') { local + offset } else { local.checked_sub(offset)? };
    Some(minutes * 60_000 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_and_overwritten_text_go() {
        assert_eq!(line("\u{1b}[34m#5 \u{1b}[0mDONE 1.2s\r"), "#5 DONE 1.2s");
        assert_eq!(line("#5 10%\r#5 20%"), "#5 20%");
        assert_eq!(line("\u{1b}]8;;x\u{7}a\u{1b}(b"), "ab");
    }

    #[test]
    fn stamps_are_read_with_their_zone() {
        for (text, milliseconds) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2000-03-01T00:00:00Z", Some(951_868_800_000)),
            ("2024-02-29T12:30:01.5Z", Some(1_709_209_801_500)),
            ("2024-02-29T14:30:01.512345678+02:00", Some(1_709_209_801_512)),
            ("2024-02-29T10:00:01-02:30", Some(1_709_209_801_000)),
            ("2024-02-29", None),
            ("noTthis", None),
            ("2024-99-01T00:00:00Z", None),
        ] {
            assert_eq!(stamp(text), milliseconds, "{text}");
        }
    }

    #[test]
    fn times_stand_before_lines_and_sentences_do_not() {
        for text in ["", "  ", "2024-02-29T12:30:01Z ", "web-1  | ", "[build] ", "12:01 job> "] {
            assert!(is_prefix(text), "{text}");
        }
        assert!(!is_prefix("Running on runner "));
        assert!(!is_prefix("issue2"));
    }
}
