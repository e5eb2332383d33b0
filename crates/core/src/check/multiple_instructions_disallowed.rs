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

/// The rule.
pub const RULE: Rule = Rule {
    name: "MultipleInstructionsDisallowed",
    description: "Multiple instructions of the same type should not be used in the same stage",
    page: "multiple-instructions-disallowed",
    experimental: false,
};

/// `instruction` as typed in the later one.
pub fn warning(instruction: &str) -> Warning {
    Warning::new(
        &RULE,
        format!(
            "Multiple {instruction} instructions should not be used in the same stage because only the last one \
             will be used"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keyword_is_named_as_typed() {
        assert_eq!(
            warning("cmd").message,
            "Multiple cmd instructions should not be used in the same stage because only the last one will be used"
        );
    }
}
