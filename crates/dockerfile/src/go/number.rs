//! `strconv.ParseInt`, `ParseUint`, `ParseBool` and `units.RAMInBytes`, with Go's error texts.

use super::quote;

/// `strconv.ParseInt(text, 10, bits)`; the error reads as Go prints it.
pub fn parse_int(text: &str, bits: u32) -> Result<i64, String> {
    let fail = |why: &str| Err(format!("strconv.ParseInt: parsing {}: {why}", quote(text)));
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return fail("invalid syntax");
    }
    let limit = 1i128 << (bits.clamp(1, 64) - 1);
    match text.parse::<i128>() {
        Ok(n) if (-limit..limit).contains(&n) => Ok(n as i64),
        _ => fail("value out of range"),
    }
}

/// `strconv.ParseUint(text, radix, bits)`; the error reads as Go prints it.
pub fn parse_uint(text: &str, radix: u32, bits: u32) -> Result<u64, String> {
    let fail = |why: &str| Err(format!("strconv.ParseUint: parsing {}: {why}", quote(text)));
    if text.is_empty() || !text.chars().all(|c| c.is_digit(radix)) {
        return fail("invalid syntax");
    }
    match u128::from_str_radix(text, radix) {
        Ok(n) if n < 1 << bits.clamp(1, 64) => Ok(n as u64),
        _ => fail("value out of range"),
    }
}

/// `strconv.ParseBool`.
pub fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// `units.RAMInBytes`: `64m`, `1.5GiB`, `10 kb`; `None` where Go returns an error.
pub fn parse_size(text: &str) -> Option<i64> {
    let at = text.rfind(|c: char| c.is_ascii_digit() || c == '.' || c == ' ')?;
    let (number, suffix) = (text.get(..=at)?, text.get(at + 1..)?);
    let number = number.strip_suffix(' ').unwrap_or(number);
    if number.starts_with(['e', 'E'])
        || !number.bytes().all(|b| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'))
    {
        return None;
    }
    let size: f64 = number.parse().ok().filter(|n: &f64| n.is_finite() && *n >= 0.0)?;
    let lower = suffix.to_ascii_lowercase();
    let power = match lower.as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 1,
        "m" | "mb" | "mib" => 2,
        "g" | "gb" | "gib" => 3,
        "t" | "tb" | "tib" => 4,
        "p" | "pb" | "pib" => 5,
        _ => return None,
    };
    Some((size * 1024f64.powi(power)) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_in_range() {
        assert_eq!(parse_int("-3", 32), Ok(-3));
        assert_eq!(parse_int("+7", 32), Ok(7));
        assert_eq!(parse_int("x", 32).unwrap_err(), "strconv.ParseInt: parsing \"x\": invalid syntax");
        assert_eq!(
            parse_int("2147483648", 32).unwrap_err(),
            "strconv.ParseInt: parsing \"2147483648\": value out of range"
        );
        assert_eq!(parse_uint("0755", 8, 32), Ok(0o755));
        assert!(parse_uint("8", 8, 32).is_err());
        assert!(parse_uint("-1", 10, 32).is_err());
        assert!(parse_uint("99999999999999999999999999999999999999999999", 10, 32).is_err());
    }

    #[test]
    fn sizes() {
        for (text, expected) in [
            ("1k", Some(1024)),
            ("1.5 MiB", Some(1_572_864)),
            ("32", Some(32)),
            ("32b", Some(32)),
            ("3x", None),
            ("k", None),
            ("-1k", None),
            ("1kk", None),
        ] {
            assert_eq!(parse_size(text), expected, "{text}");
        }
    }
}
