//! Values: numbers, texts, and texts from outside that look like numbers.

use crate::command::format::Spec;

#[derive(Debug, Clone, Default)]
pub(super) enum Value {
    #[default]
    Unset,
    Number(f64),
    Text(String),
    /// From a field, an argument or the environment: a number if it looks like one.
    Input(String),
}

/// The longest beginning of a text that is a number, and where it ends.
fn leading(text: &str) -> (f64, usize) {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut at = text.len() - text.trim_start_matches([' ', '\t', '\n', '\r']).len();
    let start = at;
    if matches!(bytes.get(at), Some(b'+' | b'-')) {
        at += 1;
    }
    let first = at;
    while digit(at) {
        at += 1;
    }
    let mut digits = at - first;
    if bytes.get(at) == Some(&b'.') && (digits > 0 || digit(at + 1)) {
        at += 1;
        while digit(at) {
            at += 1;
            digits += 1;
        }
    }
    if digits == 0 {
        return (0.0, 0);
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        if digit(at + 1 + sign) {
            at += 1 + sign;
            while digit(at) {
                at += 1;
            }
        }
    }
    (text.get(start..at).and_then(|text| text.parse().ok()).unwrap_or(0.0), at)
}

/// A number as `print` and joining show it.
pub(super) fn shown(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e18 {
        (value as i64).to_string()
    } else {
        Spec::default().real('g', value)
    }
}

impl Value {
    pub(super) fn number(&self) -> f64 {
        match self {
            Self::Unset => 0.0,
            Self::Number(value) => *value,
            Self::Text(text) | Self::Input(text) => leading(text).0,
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Unset => String::new(),
            Self::Number(value) => shown(*value),
            Self::Text(text) | Self::Input(text) => text.clone(),
        }
    }

    fn looks_numeric(&self) -> bool {
        match self {
            Self::Unset | Self::Number(_) => true,
            Self::Text(_) => false,
            Self::Input(text) => {
                let end = leading(text).1;
                end > 0 && text.get(end..).is_some_and(|rest| rest.trim().is_empty())
            }
        }
    }

    pub(super) fn truth(&self) -> bool {
        match self {
            Self::Text(text) => !text.is_empty(),
            Self::Input(text) if !self.looks_numeric() => !text.is_empty(),
            _ => self.number() != 0.0,
        }
    }

    pub(super) fn compare(&self, other: &Self) -> std::cmp::Ordering {
        if self.looks_numeric() && other.looks_numeric() {
            self.number().total_cmp(&other.number())
        } else {
            self.text().cmp(&other.text())
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Number(f64::from(u8::from(value)))
    }
}
