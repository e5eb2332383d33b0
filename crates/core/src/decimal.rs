//! Numbers with decimals, without the standard library's way of writing them, which is large and which the page's
//! first load would need for this alone.

/// A number with up to three decimals, rounded as C, Go and Rust do: by the exact value of the float, halves to even.
/// `value` is not negative, and less than 2⁵³.
pub(crate) fn fixed(value: f64, decimals: u32) -> String {
    const EXPLICIT: u32 = 52;
    let power = 10_u64.pow(decimals.min(3));
    let bits = value.to_bits();
    // value = mantissa / 2^shift
    let mantissa = bits & ((1 << EXPLICIT) - 1) | (1 << EXPLICIT);
    let exponent = (bits >> EXPLICIT) & 0x7ff;
    let scaled = mantissa * power;
    let rounded = match 1075_u64.checked_sub(exponent) {
        Some(0) => scaled,
        Some(shift @ 1..64) => {
            let (whole, rest, half) = (scaled >> shift, scaled & ((1 << shift) - 1), 1_u64 << (shift - 1));
            whole + u64::from(rest > half || rest == half && whole & 1 == 1)
        }
        _ => 0,
    };
    if decimals == 0 {
        return rounded.to_string();
    }
    let digits = decimals.min(3) as usize;
    format!("{}.{:0digits$}", rounded / power, rounded % power)
}

#[cfg(test)]
mod tests {
    use super::fixed;

    #[test]
    fn rounds_as_the_standard_library_does() {
        let sizes =
            (0..200_000_u64).map(|n| n * n * 7 + n).chain([1, 5, 999_999, 1_000_000, 12_345, 1_005, 1_015]);
        for bytes in sizes {
            for value in [bytes as f64, bytes as f64 / 1e3, bytes as f64 / 1e3 / 1e3, bytes as f64 / 8.0] {
                for decimals in 0..=3 {
                    let digits = decimals as usize;
                    assert_eq!(fixed(value, decimals), format!("{value:.digits$}"), "{value:e}");
                }
            }
        }
    }
}
