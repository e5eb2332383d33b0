//! Sizes, times and numbers in words.

/// `214 B`, `1.9 kB`, `8.4 MB`, `231 MB`: decimal units, as Docker prints sizes.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if n < 1000 {
        return format!("{n} B");
    }
    // Tenths of the unit, rounded, so that 999,950 bytes are a megabyte and not 1000.0 kB.
    let mut unit = 1000_u64;
    for (i, name) in UNITS.iter().enumerate() {
        let tenths = (u128::from(n) * 10 + u128::from(unit) / 2) / u128::from(unit);
        let last = i + 1 == UNITS.len();
        if tenths < 1000 && !tenths.is_multiple_of(10) {
            return format!("{}.{} {name}", tenths / 10, tenths % 10);
        }
        let whole = (u128::from(n) + u128::from(unit) / 2) / u128::from(unit);
        if whole < 1000 || last {
            return format!("{whole} {name}");
        }
        unit = unit.saturating_mul(1000);
    }
    format!("{n} B")
}

/// Milliseconds in words: `40 ms`, `2.6 s`, `71 s`, `2 min 5 s`.
pub fn duration(ms: u64) -> String {
    match ms {
        0 => "0 s".to_owned(),
        1..=94 => format!("{ms} ms"),
        95..=9949 => {
            let tenths = (ms + 50) / 100;
            if tenths.is_multiple_of(10) {
                format!("{} s", tenths / 10)
            } else {
                format!("{}.{} s", tenths / 10, tenths % 10)
            }
        }
        _ => {
            let seconds = ms.saturating_add(500) / 1000;
            match (seconds / 60, seconds % 60) {
                _ if seconds < 120 => format!("{seconds} s"),
                (minutes, 0) => format!("{minutes} min"),
                (minutes, rest) => format!("{minutes} min {rest} s"),
            }
        }
    }
}

/// `1 stage`, `2 stages`.
pub fn count(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

/// `a`, `a and b`, `a, b and c`.
pub fn list<S: AsRef<str>>(items: &[S]) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [init @ .., last] => {
            let init: Vec<&str> = init.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", init.join(", "), last.as_ref())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_as_docker_prints_them() {
        let cases = [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1 kB"),
            (1_949, "1.9 kB"),
            (1_950, "2 kB"),
            (8_432_000, "8.4 MB"),
            (41_000_000, "41 MB"),
            (99_960, "100 kB"),
            (999_499, "999 kB"),
            (999_950, "1 MB"),
            (231_400_000, "231 MB"),
            (1_100_000_000, "1.1 GB"),
            (u64::MAX, "18447 PB"),
        ];
        for (n, text) in cases {
            assert_eq!(bytes(n), text, "{n}");
        }
    }

    #[test]
    fn times_are_as_fine_as_they_matter() {
        let cases = [
            (0, "0 s"),
            (40, "40 ms"),
            (95, "0.1 s"),
            (2_600, "2.6 s"),
            (9_949, "9.9 s"),
            (9_950, "10 s"),
            (71_000, "71 s"),
            (125_000, "2 min 5 s"),
            (180_000, "3 min"),
        ];
        for (ms, text) in cases {
            assert_eq!(duration(ms), text, "{ms}");
        }
    }

    #[test]
    fn lists_end_with_and() {
        assert_eq!(list::<&str>(&[]), "");
        assert_eq!(list(&["a"]), "a");
        assert_eq!(list(&["a", "b"]), "a and b");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
        assert_eq!(count(1, "stage"), "1 stage");
        assert_eq!(count(0, "stage"), "0 stages");
    }
}
