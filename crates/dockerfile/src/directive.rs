//! Parser directives: `# name=value` at the top of the file (BuildKit `parser/directives.go`).

use crate::go::text::is_regexp_space;
use crate::{Dialect, Span, Word, json};
use std::borrow::Cow;

/// `# name=value` at the top of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive<'a> {
    /// In lower case: `syntax`, `escape` or `check`.
    pub name: Cow<'a, str>,
    /// The trimmed value.
    pub value: Word<'a>,
    /// 1-based line.
    pub line: u32,
}

/// Name and value in a line that starts with the comment mark: their places in the line.
fn read<'l>(line: &'l str, mark: &str, names: &[&'static str]) -> Option<(&'static str, &'l str)> {
    let rest = line.strip_prefix(mark)?.trim_start();
    let end = rest.bytes().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(rest.len());
    let (typed, rest) = rest.split_at_checked(end)?;
    if !typed.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let value = trim_start(rest).strip_prefix('=')?;
    let trimmed = trim_start(value).trim_end_matches(space);
    // White space alone is a value too: its last character.
    let value = if trimmed.is_empty() { value.get(value.len().checked_sub(1)?..)? } else { trimmed };
    let name = names.iter().find(|name| name.eq_ignore_ascii_case(typed))?;
    Some((name, value))
}

fn space(c: char) -> bool {
    c.is_ascii() && is_regexp_space(c as u8)
}

fn trim_start(text: &str) -> &str {
    text.trim_start_matches(space)
}

/// Reads directives line by line until something else comes.
#[derive(Debug, Default)]
pub(crate) struct Reader<'a> {
    pub(crate) found: Vec<Directive<'a>>,
    done: bool,
}

impl<'a> Reader<'a> {
    /// Whether there can be no more directives.
    pub(crate) const fn done(&self) -> bool {
        self.done
    }

    /// No more directives.
    pub(crate) const fn stop(&mut self) {
        self.done = true;
    }

    /// Takes a line (without white space before it). `Ok(false)` where it is no directive.
    ///
    /// # Errors
    /// The name, where the directive was there before.
    pub(crate) fn line(
        &mut self,
        text: &'a str,
        start: usize,
        number: u32,
        dialect: Dialect,
    ) -> Result<bool, &'static str> {
        const NAMES: [&str; 3] = ["syntax", "escape", "check"];
        let names = match dialect {
            Dialect::BuildKit => NAMES.as_slice(),
            Dialect::Legacy => NAMES.get(..2).unwrap_or_default(),
        };
        let Some((name, value)) = read(text, "#", names) else {
            self.done = true;
            return Ok(false);
        };
        if self.found.iter().any(|d| d.name == name) {
            return Err(name);
        }
        let offset = start + (value.as_ptr() as usize - text.as_ptr() as usize);
        let span = Span::new(offset as u32, (offset + value.len()) as u32);
        self.found.push(Directive {
            name: Cow::Borrowed(name),
            value: Word { text: Cow::Borrowed(value), span },
            line: number,
        });
        Ok(true)
    }
}

/// The value of a directive as BuildKit looks it up outside of the parser (for `check` and `syntax`), and its
/// 1-based line. Unlike the parser it wants the mark at the very start of the line, skips a `#!` line, and stops
/// at a repeated directive.
pub fn find<'a>(text: &'a str, name: &str) -> Option<(&'a str, u32)> {
    find_marked(skip_shebang(text), name, "#")
}

/// The front end that a file asks for (BuildKit `DetectSyntax`): `# syntax=`, or `// syntax=`, or the key `syntax`
/// of a JSON object. Only the part before the first space counts for choosing the image.
pub fn syntax(text: &str) -> Option<Cow<'_, str>> {
    let start = skip_shebang(text);
    find_marked(start, "syntax", "#")
        .or_else(|| find_marked(start, "syntax", "//"))
        .map(|(value, _)| Cow::Borrowed(value))
        .or_else(|| json::object_string(start.0, "syntax").map(Cow::Owned))
}

fn skip_shebang(text: &str) -> (&str, u32) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.starts_with("#!") { (text.split_once('\n').map_or("", |(_, rest)| rest), 1) } else { (text, 0) }
}

fn find_marked<'a>((text, skipped): (&'a str, u32), name: &str, mark: &str) -> Option<(&'a str, u32)> {
    let mut seen: Vec<&str> = Vec::new();
    for (number, line) in (skipped + 1..).zip(text.split('\n')) {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let (found, value) = read(line, mark, &["syntax", "escape", "check"])?;
        if seen.contains(&found) {
            return None;
        }
        if found == name {
            return Some((value, number));
        }
        seen.push(found);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_up_values() {
        assert_eq!(find("# syntax=a/b:1 x\n# check=skip=all\nFROM x", "check"), Some(("skip=all", 2)));
        assert_eq!(find("#!/bin/sh\n# check = error=true \r\n", "check"), Some(("error=true", 2)));
        assert_eq!(find(" # check=x", "check"), None);
        assert_eq!(find("# hello\n# check=x", "check"), None);
        assert_eq!(find("# syntax=a\n# syntax=b\n# check=x", "check"), None);
        assert_eq!(syntax("// syntax=a"), Some("a".into()));
        assert_eq!(syntax("{\"syntax\": \"a\"}"), Some("a".into()));
        assert_eq!(syntax("FROM x"), None);
    }
}
