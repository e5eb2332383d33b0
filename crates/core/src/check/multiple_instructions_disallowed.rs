//! A stage has more than one `CMD`, `ENTRYPOINT` or `HEALTHCHECK`.
//!
//! Only the last one counts; those before it are reported.
//!
//! ```dockerfile
//! # bad
//! CMD ["a"]
//! CMD ["b"]
//! # good
//! CMD ["b"]
//! ```

use super::{Rule, Warning};
use stagecraft_dockerfile::Span;

/// The rule.
pub const RULE: Rule = Rule {
    name: "MultipleInstructionsDisallowed",
    description: "Multiple instructions of the same type should not be used in the same stage",
    page: "multiple-instructions-disallowed",
    experimental: false,
};

/// `instruction` as typed in the later one; `earlier` is where the one stands that does not count.
pub fn warning(instruction: &str, text: &str, earlier: Span) -> Warning {
    let message = format!(
        "Multiple {instruction} instructions should not be used in the same stage because only the last one will be \
         used"
    );
    // With the end of its line.
    let behind = text.get(earlier.end as usize..).unwrap_or_default();
    let blank = behind.len() - behind.trim_start_matches([' ', '\t', '\r']).len();
    let newline = behind.get(blank..).is_some_and(|rest| rest.starts_with('\n'));
    let end = if newline { earlier.end + blank as u32 + 1 } else { earlier.end };
    let warning = Warning::new(&RULE, message);
    warning.replace("Leave this one out", Span::new(earlier.start, end), String::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keyword_is_named_as_typed() {
        assert_eq!(
            warning("cmd", "", Span::default()).message,
            "Multiple cmd instructions should not be used in the same stage because only the last one will be used"
        );
    }
}
