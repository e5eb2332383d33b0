//! Places as editors count them: lines from 1, columns and offsets in UTF-16 units. Everywhere else offsets
//! are bytes.

use serde::{Deserialize, Serialize};
use stagecraft_dockerfile::Span;

/// A range of a text, in UTF-16 units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Range {
    /// First unit.
    pub from: u32,
    /// One past the last.
    pub to: u32,
}

/// A place in a text as people count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Place {
    /// From 1.
    pub line: u32,
    /// From 1, in UTF-16 units.
    pub column: u32,
}

/// Converts places of one text. Making it walks the text once; each conversion walks one line.
#[derive(Debug, Clone)]
pub struct Index<'a> {
    text: &'a str,
    /// Of each line: its first byte and its first UTF-16 unit.
    lines: Vec<(u32, u32)>,
    /// Whether bytes and units are the same.
    ascii: bool,
}

impl<'a> Index<'a> {
    /// Reads the text.
    pub fn new(text: &'a str) -> Self {
        let ascii = text.is_ascii();
        let mut lines = vec![(0, 0)];
        let (mut byte, mut unit) = (0_u32, 0_u32);
        for line in text.split_inclusive('\n') {
            byte += line.len() as u32;
            unit += if ascii { line.len() as u32 } else { line.encode_utf16().count() as u32 };
            if line.ends_with('\n') {
                lines.push((byte, unit));
            }
        }
        Self { text, lines, ascii }
    }

    /// How many lines there are; at least 1.
    pub fn n_lines(&self) -> u32 {
        self.lines.len() as u32
    }

    /// The line of a byte offset, from 0, with its first byte and unit.
    fn line_at(&self, byte: u32) -> (usize, u32, u32) {
        let at = self.lines.partition_point(|&(first, _)| first <= byte).saturating_sub(1);
        let (first, unit) = self.lines.get(at).copied().unwrap_or_default();
        (at, first, unit)
    }

    fn units_between(&self, from: u32, to: u32) -> u32 {
        let to = to.min(self.text.len() as u32);
        if self.ascii {
            return to.saturating_sub(from);
        }
        self.text
            .get(from as usize..to as usize)
            .map_or(to.saturating_sub(from), |t| t.encode_utf16().count() as u32)
    }

    /// The UTF-16 offset of a byte offset.
    pub fn unit(&self, byte: u32) -> u32 {
        let (_, first, unit) = self.line_at(byte);
        unit + self.units_between(first, byte)
    }

    /// The line (from 1) of a byte offset.
    pub fn line(&self, byte: u32) -> u32 {
        self.line_at(byte).0 as u32 + 1
    }

    /// Line and column of a byte offset.
    pub fn place(&self, byte: u32) -> Place {
        let (line, first, _) = self.line_at(byte);
        Place { line: line as u32 + 1, column: self.units_between(first, byte) + 1 }
    }

    /// A span in UTF-16 units.
    pub fn range(&self, span: Span) -> Range {
        Range { from: self.unit(span.start), to: self.unit(span.end) }
    }

    /// The byte offset of a UTF-16 offset; the end of the text if it lies behind it.
    pub fn byte(&self, unit: u32) -> u32 {
        if self.ascii {
            return unit.min(self.text.len() as u32);
        }
        let at = self.lines.partition_point(|&(_, first)| first <= unit).saturating_sub(1);
        let (byte, first) = self.lines.get(at).copied().unwrap_or_default();
        let mut left = unit - first.min(unit);
        for (i, c) in self.text.get(byte as usize..).unwrap_or_default().char_indices() {
            if left == 0 {
                return byte + i as u32;
            }
            left = left.saturating_sub(c.len_utf16() as u32);
        }
        self.text.len() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_utf16_units() {
        let text = "FROM a\n# é𝄞x\nRUN";
        let index = Index::new(text);
        let x = text.find('x').unwrap() as u32;
        assert_eq!(index.place(x), Place { line: 2, column: 6 });
        assert_eq!(index.unit(x), 12);
        assert_eq!(index.byte(12), x);
        assert_eq!(index.n_lines(), 3);
        assert_eq!(index.place(text.len() as u32), Place { line: 3, column: 4 });
    }

    proptest::proptest! {
        #[test]
        fn goes_there_and_back(text in "[a-zé𝄞\n]{0,40}") {
            let index = Index::new(&text);
            for (byte, _) in text.char_indices() {
                proptest::prop_assert_eq!(index.byte(index.unit(byte as u32)), byte as u32);
            }
        }
    }
}
