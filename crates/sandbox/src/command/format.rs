//! Numbers and texts as C's `printf` lays them out: shared by `printf`, `awk`, `seq` and what else prints numbers.

/// What stands between `%` and the letter.
#[derive(Debug, Clone, Default)]
pub(super) struct Spec {
    pub(super) flags: String,
    pub(super) width: usize,
    pub(super) precision: Option<usize>,
}

/// Columns or digits that a format may ask for.
const MOST: usize = 4096;

impl Spec {
    /// A width below zero is one to the left.
    pub(super) fn new(flags: &str, width: Option<i64>, precision: Option<i64>) -> Self {
        let mut flags = flags.to_owned();
        let width = width.unwrap_or(0);
        if width < 0 {
            flags.push('-');
        }
        let width = usize::try_from(width.unsigned_abs()).unwrap_or(0).min(MOST);
        let precision = precision.and_then(|n| usize::try_from(n).ok()).map(|n| n.min(MOST));
        Self { flags, width, precision }
    }

    fn has(&self, flag: char) -> bool {
        self.flags.contains(flag)
    }

    /// `%s` and `%c`
    pub(super) fn text(&self, text: &str) -> String {
        let cut: String = match self.precision {
            Some(most) => text.chars().take(most).collect(),
            None => text.to_owned(),
        };
        self.pad("", cut, false)
    }

    /// `%d`, `%i`, `%u`, `%x`, `%X`, `%o`
    pub(super) fn whole(&self, kind: char, value: i64) -> String {
        let mut digits = match kind {
            'x' => format!("{value:x}"),
            'X' => format!("{value:X}"),
            'o' => format!("{value:o}"),
            'u' => (value as u64).to_string(),
            _ => value.unsigned_abs().to_string(),
        };
        if let Some(least) = self.precision {
            if least == 0 && value == 0 {
                digits.clear();
            }
            while digits.len() < least {
                digits.insert(0, '0');
            }
        }
        let alternate = self.has('#') && value != 0;
        let sign = match kind {
            'd' | 'i' => self.sign(value < 0),
            'x' if alternate => "0x",
            'X' if alternate => "0X",
            'o' if alternate => "0",
            _ => "",
        };
        self.pad(sign, digits, self.precision.is_none())
    }

    /// `%f`, `%e`, `%g` and their capitals
    pub(super) fn real(&self, kind: char, value: f64) -> String {
        let precision = self.precision.unwrap_or(6).min(300);
        let lower = kind.to_ascii_lowercase();
        let sign = self.sign(value.is_sign_negative() && !value.is_nan());
        let value = value.abs();
        let mut digits = if value.is_finite() {
            match lower {
                'e' => exponential(value, precision),
                'g' => general(value, precision, self.has('#')),
                _ => format!("{value:.precision$}"),
            }
        } else {
            (if value.is_nan() { "nan" } else { "inf" }).to_owned()
        };
        if kind != lower {
            digits.make_ascii_uppercase();
        }
        self.pad(sign, digits, value.is_finite())
    }

    fn sign(&self, negative: bool) -> &'static str {
        if negative {
            "-"
        } else if self.has('+') {
            "+"
        } else if self.has(' ') {
            " "
        } else {
            ""
        }
    }

    fn pad(&self, sign: &str, digits: String, may_zero: bool) -> String {
        let have = sign.chars().count() + digits.chars().count();
        let fill = self.width.saturating_sub(have);
        let mut out = String::with_capacity(sign.len() + digits.len() + fill);
        let left = self.has('-');
        let zero = self.has('0') && may_zero && !left;
        if !left && !zero {
            out.extend(std::iter::repeat_n(' ', fill));
        }
        out.push_str(sign);
        if zero {
            out.extend(std::iter::repeat_n('0', fill));
        }
        out.push_str(&digits);
        if left {
            out.extend(std::iter::repeat_n(' ', fill));
        }
        out
    }
}

/// `1.500000e+10`
fn exponential(value: f64, precision: usize) -> String {
    let text = format!("{value:.precision$e}");
    let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, power) = power.strip_prefix('-').map_or(('+', power), |power| ('-', power));
    let fill = if power.len() < 2 { "0" } else { "" };
    let mut out = digits.to_owned();
    out.push('e');
    out.push(sign);
    out.push_str(fill);
    out.push_str(power);
    out
}

fn general(value: f64, precision: usize, keep: bool) -> String {
    let precision = precision.max(1);
    let least = precision - 1;
    let text = exponential(value, least);
    let power: i64 = text.split_once('e').and_then(|(_, power)| power.parse().ok()).unwrap_or(0);
    let trim = |text: &str| {
        if keep || !text.contains('.') {
            text.to_owned()
        } else {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
    };
    if power < -4 || power >= precision as i64 {
        let (digits, rest) = text.split_once('e').unwrap_or((&text, "+00"));
        let mut out = trim(digits);
        out.push('e');
        out.push_str(rest);
        return out;
    }
    let after = usize::try_from(least as i64 - power).unwrap_or(0);
    trim(&format!("{value:.after$}"))
}

/// The width or precision at `at`: digits, or what `star` gives for `*`.
pub(super) fn number(format: &[char], at: &mut usize, star: impl FnOnce() -> Option<i64>) -> Option<i64> {
    if format.get(*at) == Some(&'*') {
        *at += 1;
        return star();
    }
    let mut value = None;
    while let Some(digit) = format.get(*at).and_then(|c| c.to_digit(10)) {
        value = Some((value.unwrap_or(0i64) * 10 + i64::from(digit)).min(MOST as i64));
        *at += 1;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_laid_out_as_c_does() {
        let real = |flags: &str, width, precision, kind, value| {
            Spec::new(flags, Some(width), precision).real(kind, value)
        };
        assert_eq!(real("", 0, None, 'g', 0.1 + 0.2), "0.3");
        assert_eq!(real("", 0, None, 'g', 1e6), "1e+06");
        assert_eq!(real("", 0, None, 'g', 100_000.0), "100000");
        assert_eq!(real("", 0, None, 'g', 0.0001), "0.0001");
        assert_eq!(real("", 0, None, 'e', 12345.678), "1.234568e+04");
        assert_eq!(real("0", 8, Some(2), 'f', -3.126), "-0003.13");
        assert_eq!(Spec::new("", Some(-5), None).whole('d', 42), "42   ");
        assert_eq!(Spec::new("+", None, None).whole('d', 4), "+4");
        assert_eq!(Spec::new("", Some(5), Some(2)).text("abc"), "   ab");
    }
}
