//! The lines of here-documents, behind the line that announces them.

use super::{Parser, error};
use crate::line::Line;
use crate::{Heredoc, Span, heredoc, instruction};
use std::borrow::Cow;

impl<'a> Parser<'a> {
    /// Reads what a line announces. A here-document that does not end is taken to end where an instruction starts.
    pub(super) fn heredocs(
        &mut self,
        line: &Line<'_, 'a>,
        lines: (u32, u32),
        end: &mut usize,
    ) -> Vec<Heredoc<'a>> {
        let announced = match heredoc::announced(line.text) {
            Ok(announced) => announced,
            Err(message) => {
                self.syntax.push(error("invalid-heredoc", line.span(&(0..line.text.len())), lines, message));
                return Vec::new();
            }
        };
        let mut found = Vec::with_capacity(announced.len());
        let small = line.text.starts_with(|c: char| c.is_ascii_lowercase());
        for delimiter in announced {
            let start = self.lines.offset();
            let mut content_end = start;
            let mut terminated = false;
            // Where to go on if it never ends: at the next line that looks like an instruction.
            let mut resume = None;
            let body = loop {
                let before = self.lines.mark();
                let Some((at, raw)) = self.next_line() else { break self.text.get(start..) };
                let mut text = raw.trim_end_matches(['\r', '\n']);
                if resume.is_none() && at > start && looks_like_instruction(text, small) {
                    resume = Some(before);
                    if self.recovering {
                        break self.text.get(start..at);
                    }
                }
                if delimiter.chomp {
                    text = text.trim_start_matches('\t');
                }
                if text == delimiter.name {
                    terminated = true;
                    *end = at + raw.trim_end_matches(['\r', '\n']).len();
                    break self.text.get(start..at);
                }
                content_end = at + raw.len();
            };
            let mut content = body.unwrap_or_default();
            if !terminated {
                let last = if self.recovering { lines.1 } else { self.lines.read };
                let place = announcement(line, found.len());
                self.syntax.push(error(
                    "unterminated-heredoc",
                    place,
                    (lines.0, last),
                    "unterminated heredoc".to_owned(),
                ));
                self.recovering = true;
                if let Some(resume) = resume {
                    self.lines.reset(resume);
                    content_end = resume.0;
                }
                content = self.text.get(start..content_end).unwrap_or_default();
                *end = start + content.trim_end_matches(['\r', '\n']).len();
            }
            found.push(Heredoc {
                name: Cow::Owned(delimiter.name),
                file_descriptor: delimiter.file_descriptor,
                expand: delimiter.expand,
                chomp: delimiter.chomp,
                content: Cow::Borrowed(content),
                span: Span::new(start as u32, (start + content.len()) as u32),
            });
            if !terminated {
                break;
            }
        }
        found
    }
}

/// Where the `<<NAME` of a here-document stands; good enough for lines that have other `<<` in them.
fn announcement(line: &Line<'_, '_>, index: usize) -> Span {
    let start = line.text.match_indices("<<").nth(index).map_or(0, |(at, _)| at);
    let rest = line.text.get(start..).unwrap_or_default();
    let name = rest.trim_start_matches(['<', '-']).trim_start();
    let end = name.find(char::is_whitespace).unwrap_or(name.len());
    line.span(&(start..start + rest.len() - name.len() + end))
}

/// A line without white space before it that starts with an instruction's name: in capitals, or in small letters where
/// the instruction that announces is written so.
fn looks_like_instruction(line: &str, small: bool) -> bool {
    let letter = |b: &u8| if small { b.is_ascii_lowercase() } else { b.is_ascii_uppercase() };
    let end = line.bytes().position(|b| !letter(&b)).unwrap_or(line.len());
    matches!(line.as_bytes().get(end), Some(b' ' | b'\t'))
        && line
            .get(..end)
            .is_some_and(|word| instruction::ALL.iter().any(|spec| spec.name.eq_ignore_ascii_case(word)))
}
