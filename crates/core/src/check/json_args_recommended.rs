//! `CMD` or `ENTRYPOINT` in shell form.
//!
//! A shell then stands between Docker and the program and does not hand signals on, so `docker stop` waits and
//! kills. Where a `SHELL` is set, the shell is meant and nothing is said.
//!
//! ```dockerfile
//! # bad
//! CMD node server.js
//! # good
//! CMD ["node", "server.js"]
//! ```

use super::{Rule, Warning};
use stagecraft_dockerfile::{Span, Word};

/// The rule.
pub const RULE: Rule = Rule {
    name: "JSONArgsRecommended",
    description: "JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals",
    page: "json-args-recommended",
    experimental: false,
};

/// `instruction` as typed; `words` of a shell form.
pub fn check(instruction: &str, words: &[Word<'_>]) -> Warning {
    let warning = Warning::new(
        &RULE,
        format!(
            "JSON arguments recommended for {instruction} to prevent unintended behavior related to OS signals"
        ),
    );
    let [line] = words else { return warning };
    let warning = warning.at(line.span);
    match as_json(line) {
        Some(json) => warning.replace("Write it as a JSON array", line.span, json),
        None => warning,
    }
}

/// The array that runs the same without a shell, if no character in the line means something to a shell.
fn as_json(line: &Word<'_>) -> Option<String> {
    let Span { start, end } = line.span;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b" _-+=./:,@%".contains(&b);
    let text = line.text.trim();
    if text.is_empty() || !text.bytes().all(plain) || (end - start) as usize != line.text.len() {
        return None;
    }
    let first = text.split(' ').next().unwrap_or_default();
    if first.contains('=') || first == "exec" || first == "cd" || first == "." {
        return None;
    }
    let words: Vec<String> = text.split_ascii_whitespace().map(|word| format!("{word:?}")).collect();
    Some(format!("[{}]", words.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fix(text: &str) -> Option<String> {
        let word = Word { text: text.into(), span: Span::new(4, 4 + text.len() as u32) };
        check("CMD", &[word]).fix.map(|fix| fix.edits[0].1.clone())
    }

    #[test]
    fn a_plain_line_can_be_mended() {
        assert_eq!(fix("node server.js").unwrap(), r#"["node", "server.js"]"#);
        assert_eq!(fix("echo $HOME"), None);
        assert_eq!(fix("A=b run"), None);
    }

    #[test]
    fn the_keyword_is_named_as_typed() {
        assert_eq!(
            check("cmd", &[]).message,
            "JSON arguments recommended for cmd to prevent unintended behavior related to OS signals"
        );
    }
}
