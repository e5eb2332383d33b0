//! Comments above an instruction.

/// The comment lines directly above an instruction (BuildKit's `PrevComment`): those behind the last empty one.
/// They are read when they are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Comments<'a> {
    /// From the start of the first comment's line; holds nothing but comments and blank lines.
    block: &'a str,
}

impl<'a> Comments<'a> {
    /// The comments of a text that has comments and blank lines only.
    pub const fn new(block: &'a str) -> Self {
        Self { block }
    }

    /// There are none.
    pub const fn is_empty(self) -> bool {
        self.block.is_empty()
    }

    /// A byte of ASCII is in one of them.
    pub fn has(self, byte: u8) -> bool {
        memchr::memchr(byte, self.block.as_bytes()).is_some()
    }

    /// Each comment without its mark and the white space around it.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = &'a str> + use<'a> {
        let lines = self.block.split('\n').filter(|line| !line.trim_start().is_empty());
        // The reference cuts one byte off before it trims, so that an indented comment keeps its `#`.
        lines.map(|line| line.strip_prefix('#').unwrap_or(line).trim())
    }
}
