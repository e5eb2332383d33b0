//! Keywords are not all written in the same case.
//!
//! The case that most instructions have is taken as meant; capitals where there are as many of both.
//!
//! ```dockerfile
//! # bad
//! FROM alpine
//! run make
//! # good
//! FROM alpine
//! RUN make
//! ```

use super::{Rule, Warning};
use stagecraft_dockerfile::Word;
use stagecraft_dockerfile::go;

/// The rule.
pub const RULE: Rule = Rule {
    name: "ConsistentInstructionCasing",
    description: "All commands within the Dockerfile should use the same casing (either upper or lower)",
    page: "consistent-instruction-casing",
    experimental: false,
};

/// Which of all keywords of the stages (not those before the first `FROM`) differ from the majority, with their
/// position in the iterator.
pub fn check<'a>(keywords: impl Iterator<Item = &'a Word<'a>> + Clone) -> Vec<(usize, Warning)> {
    let (mut lower, mut upper, mut all) = (0_usize, 0_usize, 0_usize);
    for word in keywords.clone() {
        all += 1;
        if is_upper(&word.text) {
            upper += 1;
            // A word without letters is both, and then counts as the other.
            if is_lower(&word.text) {
                lower += 1;
                upper -= 1;
            }
        } else if is_lower(&word.text) {
            lower += 1;
        }
    }
    if upper == all {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (at, word) in keywords.enumerate() {
        let (fits, casing) = if lower > upper {
            (is_lower(&word.text), "lowercase")
        } else {
            (is_upper(&word.text), "uppercase")
        };
        if !fits {
            let name = &word.text;
            let message =
                format!("Command '{name}' should match the case of the command majority ({casing})");
            let mended =
                if lower > upper { go::lower(name).into_owned() } else { go::upper(name).into_owned() };
            let warning =
                Warning::new(&RULE, message).at(word.span).replace("Match the others", word.span, mended);
            out.push((at, warning));
        }
    }
    out
}

fn is_lower(word: &str) -> bool {
    if word.is_ascii() {
        !word.bytes().any(|b| b.is_ascii_uppercase())
    } else {
        word == go::lower(word).into_owned()
    }
}

fn is_upper(word: &str) -> bool {
    if word.is_ascii() {
        !word.bytes().any(|b| b.is_ascii_lowercase())
    } else {
        word == go::upper(word).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reported(keywords: &[&str]) -> Vec<String> {
        let words: Vec<Word<'_>> =
            keywords.iter().map(|&text| Word { text: text.into(), ..Word::default() }).collect();
        check(words.iter()).into_iter().map(|(_, warning)| warning.message).collect()
    }

    #[test]
    fn the_majority_decides() {
        assert!(reported(&["FROM", "RUN"]).is_empty());
        assert!(reported(&["from", "run"]).is_empty());
        assert_eq!(
            reported(&["FROM", "run"]),
            ["Command 'run' should match the case of the command majority (uppercase)"]
        );
        assert_eq!(
            reported(&["from", "run", "Copy"]),
            ["Command 'Copy' should match the case of the command majority (lowercase)"]
        );
    }
}
