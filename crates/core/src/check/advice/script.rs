//! A rough look at shell scripts: which variables they use and set, which programs they call. Nothing is run.

/// A use of a variable: its name, and where `$NAME` or `${NAME}` stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Use<'s> {
    pub(super) name: &'s str,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The variables that the shell would look up, without those in single quotes and those with a default.
pub(super) fn uses(script: &str) -> Vec<Use<'_>> {
    let bytes = script.as_bytes();
    let mut found = Vec::new();
    let (mut at, mut double) = (0, false);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'"' => double = !double,
            b'\'' if !double => {
                let close = bytes.iter().skip(at + 1).position(|&b| b == b'\'');
                at += close.map_or(bytes.len(), |close| close + 1);
            }
            b'$' => {
                if let Some(found_use) = variable(script, at) {
                    at = found_use.end.max(at + 1);
                    if !found_use.name.is_empty() {
                        found.push(found_use);
                    }
                    continue;
                }
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// The variable at a dollar sign. One with a default has an empty name: it is no fault that it is unset.
fn variable(script: &str, start: usize) -> Option<Use<'_>> {
    let rest = script.get(start + 1..)?;
    let braced = rest.starts_with('{');
    let rest = if braced { rest.get(1..)? } else { rest };
    let length = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
    let name = rest.get(..length)?;
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mut end = start + 1 + length;
    if braced {
        end += 1;
        match rest.as_bytes().get(length) {
            Some(b'}') => end += 1,
            Some(b'#' | b'%' | b'/') => {}
            _ => return Some(Use { name: "", start, end }),
        }
    }
    Some(Use { name, start, end })
}

/// Whether the script itself sets the variable: `NAME=…`, `read NAME`, `for NAME in …`.
pub(super) fn sets(script: &str, name: &str) -> bool {
    let mut from = 0;
    while let Some(found) = script.get(from..).and_then(|rest| rest.find(name)) {
        let at = from + found;
        let before = script.get(..at).unwrap_or_default();
        let after = script.get(at + name.len()..).unwrap_or_default();
        let apart = before.is_empty() || before.ends_with([' ', '\t', '\n', ';', '&', '|', '(', '{']);
        if apart && (after.starts_with('=') || after.starts_with("+=")) {
            return true;
        }
        let word = before.split_ascii_whitespace().next_back().unwrap_or_default();
        let alone = !after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        if before.ends_with([' ', '\t']) && alone && matches!(word, "read" | "for" | "-r" | "getopts") {
            return true;
        }
        from = at + name.len();
    }
    false
}

/// The commands of a script: the words of each, without variables resolved. Pipes, lists and groups are taken
/// apart, words before the program that are assignments are left out.
pub(super) fn commands(script: &str) -> Vec<Vec<&str>> {
    script
        .split(['\n', ';', '&', '|', '(', ')', '{', '}'])
        .map(|part| {
            part.split_ascii_whitespace()
                .skip_while(|word| {
                    (word.contains('=') && !word.starts_with('-'))
                        || matches!(
                            *word,
                            "then" | "do" | "else" | "if" | "!" | "sudo" | "exec" | "env" | "time"
                        )
                })
                .collect::<Vec<_>>()
        })
        .filter(|words| !words.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(script: &str) -> Vec<&str> {
        uses(script).into_iter().map(|found| found.name).collect()
    }

    #[test]
    fn single_quotes_and_defaults_are_left_out() {
        assert_eq!(names("echo $A \"${B}\" '$C' \\$D ${E:-x} ${F%.*} \"it's $G\""), ["A", "B", "F", "G"]);
        assert_eq!(uses("a ${B} c")[0], Use { name: "B", start: 2, end: 6 });
    }

    #[test]
    fn assignments_are_seen() {
        assert!(sets("A=1; echo $A", "A") && sets("x && export A=2", "A") && sets("for A in 1; do", "A"));
        assert!(!sets("echo $A", "A") && !sets("BA=1", "A") && !sets("make A", "A"));
    }

    #[test]
    fn commands_are_taken_apart() {
        assert_eq!(
            commands("set -e; A=1 apt-get update && (make | tee x)"),
            [vec!["set", "-e"], vec!["apt-get", "update"], vec!["make"], vec!["tee", "x"]]
        );
    }
}
