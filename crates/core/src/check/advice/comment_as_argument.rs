//! A comment behind an instruction.
//!
//! `#` starts a comment only at the start of a line. Elsewhere it is an argument like any other: `FROM` then has
//! too many, `COPY` copies files that are called so, and a JSON form turns into shell form.
//!
//! ```dockerfile
//! # bad
//! FROM alpine AS base # small
//! # good
//! # small
//! FROM alpine AS base
//! ```

use super::super::Rule;
use super::{Note, View};
use stagecraft_dockerfile::diagnostic::Fix;
use stagecraft_dockerfile::{Instruction, Severity, Span};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "CommentAsArgument",
    description: "A comment must stand on a line of its own",
    page: "",
    experimental: false,
};

pub(super) fn check(view: &View<'_>) -> Vec<Note> {
    let instructions = view.file.instructions.iter().enumerate();
    instructions.filter_map(|(index, instruction)| look(view, index, instruction)).collect()
}

fn look(view: &View<'_>, index: usize, instruction: &Instruction<'_>) -> Option<Note> {
    let name = instruction.name()?;
    // What a shell reads may have comments; ONBUILD and HEALTHCHECK may hold such.
    if matches!(name, "RUN" | "ONBUILD" | "HEALTHCHECK" | "MAINTAINER") {
        return None;
    }
    let start = instruction.keyword.span.end as usize;
    let source = view.text.get(start..instruction.span.end as usize)?;
    let source = if instruction.heredocs.is_empty() { source } else { source.lines().next()? };
    if matches!(name, "CMD" | "ENTRYPOINT" | "SHELL") && !source.trim_start().starts_with('[') {
        return None;
    }
    let at = comment(source)?;
    let length = source.get(at..)?.find(['\n', '\r']).unwrap_or(source.len() - at);
    let span = Span::new((start + at) as u32, (start + at + length) as u32);
    let comment = source.get(at..at + length)?.trim_end();
    // On the last line the comment can move above the instruction as it is.
    let last = !source.get(at..)?.trim_end().contains('\n');
    let before = source.get(..at)?.trim_end().len();
    let gap = Span::new((start + before) as u32, span.end);
    let fix = last.then(|| Fix {
        label: "Put the comment above".into(),
        edits: vec![
            (Span::new(instruction.span.start, instruction.span.start), format!("{comment}\n")),
            (gap, String::new()),
        ],
    });
    Some(Note {
        severity: Severity::Warning,
        message: message(name),
        help: "# starts a comment only at the start of a line. Put it on a line of its own above.".into(),
        span,
        fix,
        instruction: Some(index),
    })
}

fn message(name: &str) -> String {
    match name {
        "CMD" | "ENTRYPOINT" => {
            format!("This is no comment: with it, the JSON form of {name} is a command for the shell")
        }
        "WORKDIR" | "USER" | "STOPSIGNAL" => format!("This is no comment but part of the value of {name}"),
        _ => format!("This is no comment: every word of it is an argument of {name}"),
    }
}

/// Where a `#` stands that looks like the start of a comment: behind white space, outside of quotes, and not at the
/// start of a line, where it is one.
fn comment(source: &str) -> Option<usize> {
    let bytes = source.as_bytes();
    let mut quote = None;
    let mut blank_line = false;
    let mut previous = b' ';
    let mut skip = false;
    let mut in_comment = false;
    for (at, &byte) in bytes.iter().enumerate() {
        if byte == b'\n' {
            (blank_line, in_comment, previous, skip) = (true, false, b' ', false);
            continue;
        }
        if in_comment {
            continue;
        }
        if blank_line && byte == b'#' {
            in_comment = true;
            continue;
        }
        let space = byte.is_ascii_whitespace();
        if !space {
            blank_line = false;
        }
        if std::mem::take(&mut skip) {
            previous = byte;
            continue;
        }
        match (quote, byte) {
            (_, b'\\') => skip = true,
            (Some(open), _) if open == byte => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'#') if previous.is_ascii_whitespace() => {
                // A lone # or one before white space reads as a comment; so does a word behind it.
                let next = bytes.get(at + 1).copied().unwrap_or(b' ');
                if next.is_ascii_whitespace() || next.is_ascii_alphabetic() || next == b'#' {
                    return Some(at);
                }
            }
            _ => {}
        }
        previous = byte;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::comment;

    #[test]
    fn only_what_reads_as_a_comment() {
        assert_eq!(comment(" alpine AS final # or"), Some(17));
        assert_eq!(comment(" a \\\n# real\n b # fake"), Some(15));
        for source in [" a#b", " \"a # b\"", " a \\\n  # real\n b", " \\# a"] {
            assert_eq!(comment(source), None, "{source}");
        }
    }
}
