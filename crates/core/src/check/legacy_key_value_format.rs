//! `ENV NAME value` and `LABEL name value`.
//!
//! The old form takes everything behind the name as one value and allows one pair only.
//!
//! ```dockerfile
//! # bad
//! ENV DIR /app
//! # good
//! ENV DIR=/app
//! ```

use super::{Rule, Warning};
use stagecraft_dockerfile::Span;
use stagecraft_dockerfile::instruction::Pair;

/// The rule.
pub const RULE: Rule = Rule {
    name: "LegacyKeyValueFormat",
    description: "Legacy key/value format with whitespace separator should not be used",
    page: "legacy-key-value-format",
    experimental: false,
};

/// `instruction` as typed.
pub fn check(instruction: &str, pair: &Pair<'_>) -> Option<Warning> {
    if !pair.no_delimiter {
        return None;
    }
    let message = format!(
        "\"{instruction} key=value\" should be used instead of legacy \"{instruction} key value\" format"
    );
    let span = Span::new(pair.key.span.start, pair.value.span.end.max(pair.key.span.end));
    let warning = Warning::new(&RULE, message).at(span);
    let between = Span::new(pair.key.span.end, pair.value.span.end);
    let text = &pair.value.text;
    let as_written = (pair.value.span.end.saturating_sub(pair.value.span.start)) as usize == text.len();
    if !as_written || pair.value.span.start <= pair.key.span.end {
        return Some(warning);
    }
    // Quotes and escapes mean the same in both forms; white space needs quotes.
    let bare = !text.bytes().any(|b| b.is_ascii_whitespace());
    let mended = match (bare, text.contains(['"', '\'', '\\'])) {
        (true, _) => format!("={text}"),
        (false, false) => format!("=\"{text}\""),
        (false, true) if is_quoted(text) => format!("={text}"),
        (false, true) => return Some(warning),
    };
    Some(warning.replace("Write it with =", between, mended))
}

/// Whether one pair of double quotes holds it all.
fn is_quoted(text: &str) -> bool {
    text.strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .is_some_and(|inner| !inner.contains(['"', '\\']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use stagecraft_dockerfile::Word;

    #[test]
    fn the_old_form_is_reported() {
        let word = |text: &'static str, start: u32| Word {
            text: text.into(),
            span: Span::new(start, start + text.len() as u32),
        };
        let pair = Pair { key: word("DIR", 4), value: word("/app x", 8), no_delimiter: true };
        let warning = check("ENV", &pair).unwrap();
        assert_eq!(
            warning.message,
            "\"ENV key=value\" should be used instead of legacy \"ENV key value\" format"
        );
        assert_eq!(warning.fix.unwrap().edits, [(Span::new(7, 14), "=\"/app x\"".to_owned())]);
        assert_eq!(check("ENV", &Pair { no_delimiter: false, ..pair }), None);
    }
}
