//! How Go prints what the history shows.

use crate::decimal::fixed;
use crate::image::Healthcheck;
use std::fmt::Write;

/// Go's `%q` of a string, as `strconv.Quote` gives it.
pub(super) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        escape(&mut out, c, '"');
    }
    out.push('"');
    out
}

fn escape(out: &mut String, c: char, mark: char) {
    match c {
        '\\' => out.push_str("\\\\"),
        '\u{7}' => out.push_str("\\a"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{b}' => out.push_str("\\v"),
        c if c == mark => {
            out.push('\\');
            out.push(c);
        }
        c if (c as u32) < 0x20 || c == '\u{7f}' => {
            let _ = write!(out, "\\x{:02x}", c as u32);
        }
        c if (0x80..0xa0).contains(&(c as u32)) || c == '\u{ad}' || c == '\u{feff}' => {
            let _ = write!(out, "\\u{:04x}", c as u32);
        }
        c => out.push(c),
    }
}

/// Go's `%q` of a list: `["a" "b"]`.
pub(super) fn quote_all(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| quote(word)).collect();
    format!("[{}]", quoted.join(" "))
}

/// Go's `%v` of a list: `[a b]`.
pub(super) fn list(words: &[String]) -> String {
    format!("[{}]", words.join(" "))
}

/// Go's `%q` of a pointer to the engine's `HealthConfig`: durations are quoted, the number of retries is
/// taken for a character.
pub(super) fn healthcheck(check: &Healthcheck) -> String {
    let mut retries = String::from("'");
    let c = u32::try_from(check.retries).ok().and_then(char::from_u32).unwrap_or('\u{fffd}');
    escape(&mut retries, c, '\'');
    retries.push('\'');
    format!(
        "&{{{} {} {} {} {retries}}}",
        quote_all(&check.test),
        quote(&duration(check.interval)),
        quote(&duration(check.timeout)),
        quote(&duration(check.start_period)),
    )
}

/// Go's `time.Duration.String`.
pub(super) fn duration(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let n = nanos.unsigned_abs();
    if n == 0 {
        return "0s".to_owned();
    }
    for (unit, size) in [("ns", 1), ("µs", 1_000), ("ms", 1_000_000)] {
        if n < size * 1_000 {
            return format!("{sign}{}{unit}", fraction(n, size));
        }
    }
    let seconds = 1_000_000_000;
    let (minutes, rest) = (n / (60 * seconds), n % (60 * seconds));
    let mut out = sign.to_owned();
    if minutes >= 60 {
        let _ = write!(out, "{}h", minutes / 60);
    }
    if minutes > 0 {
        let _ = write!(out, "{}m", minutes % 60);
    }
    let _ = write!(out, "{}s", fraction(rest, seconds));
    out
}

fn fraction(n: u64, size: u64) -> String {
    let whole = n / size;
    let rest = n % size;
    if rest == 0 {
        return whole.to_string();
    }
    let digits = size.ilog10() as usize;
    let rest = format!("{rest:0digits$}");
    format!("{whole}.{}", rest.trim_end_matches('0'))
}

/// `units.HumanSize`: four significant digits, decimal units.
pub(super) fn human_size(bytes: u64) -> String {
    const UNITS: [&str; 9] = ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
    let mut size = bytes as f64;
    let mut unit = 0;
    while size >= 1000.0 && unit + 1 < UNITS.len() {
        size /= 1000.0;
        unit += 1;
    }
    format!("{}{}", four_digits(size), UNITS.get(unit).unwrap_or(&""))
}

/// C's `%.4g` for what [`human_size`] can give.
fn four_digits(size: f64) -> String {
    let decimals = if size >= 1000.0 || size < 1.0 && size == 0.0 {
        0
    } else if size >= 100.0 {
        1
    } else if size >= 10.0 {
        2
    } else {
        3
    };
    let text = fixed(size, decimals);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_four_digits() {
        for (bytes, text) in
            [(2048, "2.048kB"), (12_800, "12.8kB"), (0, "0B"), (219_136, "219.1kB"), (3_072_000, "3.072MB")]
        {
            assert_eq!(human_size(bytes), text);
        }
    }

    #[test]
    fn durations_print_as_go_prints_them() {
        for (nanos, text) in
            [(0, "0s"), (1_500_000, "1.5ms"), (30_000_000_000, "30s"), (5_400_000_000_000, "1h30m0s")]
        {
            assert_eq!(duration(nanos), text);
        }
    }

    #[test]
    fn a_healthcheck_prints_its_retries_as_a_character() {
        let check = Healthcheck {
            test: vec!["CMD-SHELL".into(), "a \"b\"".into()],
            retries: 2,
            ..Healthcheck::default()
        };
        assert_eq!(healthcheck(&check), r#"&{["CMD-SHELL" "a \"b\""] "0s" "0s" "0s" '\x02'}"#);
    }
}
