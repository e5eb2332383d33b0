//! Words as shells show them, in quotes where they need some.

use super::Shell;
use crate::shell::parse::Dialect;

/// A word as `set -x` of bash and BusyBox shows it.
pub(crate) fn quoted_if_needed(text: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%^+,".contains(c) || !c.is_ascii();
    if text.is_empty() {
        return "''".to_owned();
    }
    if text.chars().all(safe) { text.to_owned() } else { single_quoted(text) }
}

/// A word as `set -x` of bash shows it.
pub(crate) fn quoted_as_bash(text: &str) -> String {
    if text.chars().any(|c| c.is_control() && c != '\t' && c != '\n' || !c.is_ascii()) {
        let mut out = "$'".to_owned();
        for byte in text.bytes() {
            match byte {
                b'\'' | b'\\' => out.extend(['\\', char::from(byte)]),
                b'\n' => out.push_str("\\n"),
                b'\t' => out.push_str("\\t"),
                b'\r' => out.push_str("\\r"),
                0x1b => out.push_str("\\E"),
                b' '..=b'~' => out.push(char::from(byte)),
                _ => out.push_str(&format!("\\{byte:03o}")),
            }
        }
        return out + "'";
    }
    let odd = |c: char| c.is_whitespace() || "'\"\\|&;()<>!{}*[?]^$`".contains(c);
    let tilde = text.starts_with('~') || text.contains(":~") || text.contains("=~");
    if text.is_empty() || text.contains(odd) || tilde || text.starts_with('#') {
        single_quoted(text)
    } else {
        text.to_owned()
    }
}

/// A word as `set -x` of BusyBox shows it.
pub(super) fn quoted_as_ash(text: &str) -> String {
    let odd = |c: char| c <= '*' || "<=>?;[\\`{|}~".contains(c) || c >= '\u{7f}';
    let reserved =
        ["if", "then", "else", "elif", "fi", "do", "done", "case", "esac", "while", "until", "for", "in"];
    if !text.contains(odd) && !reserved.contains(&text) { text.to_owned() } else { quoted_as_posix(text) }
}

/// A word in the quotes of BusyBox and dash, which put quotes in quotes of the other kind.
fn quoted_as_posix(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    loop {
        let plain = rest.find('\'').unwrap_or(rest.len());
        let (chunk, after) = rest.split_at_checked(plain).unwrap_or((rest, ""));
        out.extend(["'", chunk, "'"]);
        rest = after.trim_start_matches('\'');
        if rest.len() == after.len() {
            return out;
        }
        out.extend(["\"", after.get(..after.len() - rest.len()).unwrap_or(""), "\""]);
        if rest.is_empty() {
            return out;
        }
    }
}

impl Shell {
    /// A word in the quotes that this shell lists values in.
    pub(crate) fn in_quotes(&self, text: &str) -> String {
        if self.dialect == Dialect::Bash { single_quoted(text) } else { quoted_as_posix(text) }
    }
}

/// A word in single quotes.
fn single_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
