//! Writes `ustar` archives and gzip around them. No times, so that the same project gives the same bytes.

use miniz_oxide::deflate::compress_to_vec;

const BLOCK: usize = 512;

/// Collects an archive.
pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// Nothing in it yet.
    pub(super) const fn new() -> Self {
        Self { bytes: Vec::new() }
    }

    /// Adds a file.
    pub(super) fn file(&mut self, path: &str, mode: u32, content: &[u8]) {
        self.entry(path, b'0', mode, "", content);
    }

    /// Adds a directory.
    pub(super) fn directory(&mut self, path: &str, mode: u32) {
        self.entry(&format!("{path}/"), b'5', mode, "", &[]);
    }

    /// Adds a symbolic link.
    pub(super) fn symlink(&mut self, path: &str, target: &str) {
        self.entry(path, b'2', 0o777, target, &[]);
    }

    /// The whole archive.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.bytes.resize(self.bytes.len() + 2 * BLOCK, 0);
        self.bytes
    }

    fn entry(&mut self, path: &str, kind: u8, mode: u32, target: &str, content: &[u8]) {
        // Names that do not fit their field go before the entry, as GNU tar writes them.
        if target.len() > 100 {
            self.header("././@LongLink", b'K', 0, "", target.len() + 1);
            self.content(&[target.as_bytes(), b"\0"].concat());
        }
        if path.len() > 100 {
            self.header("././@LongLink", b'L', 0, "", path.len() + 1);
            self.content(&[path.as_bytes(), b"\0"].concat());
        }
        self.header(path, kind, mode, target, content.len());
        self.content(content);
    }

    fn content(&mut self, content: &[u8]) {
        self.bytes.extend_from_slice(content);
        self.bytes.resize(self.bytes.len().next_multiple_of(BLOCK), 0);
    }

    fn header(&mut self, path: &str, kind: u8, mode: u32, target: &str, size: usize) {
        let mut header = Vec::with_capacity(BLOCK);
        field(&mut header, path.as_bytes(), 100);
        field(&mut header, format!("{mode:07o}").as_bytes(), 8);
        field(&mut header, b"0000000", 8);
        field(&mut header, b"0000000", 8);
        field(&mut header, format!("{size:011o}").as_bytes(), 12);
        field(&mut header, b"00000000000", 12);
        // The sum is taken with blanks in its own place.
        field(&mut header, b"        ", 8);
        header.push(kind);
        field(&mut header, target.as_bytes(), 100);
        field(&mut header, b"ustar", 6);
        header.extend_from_slice(b"00");
        header.resize(BLOCK, 0);
        let sum: u32 = header.iter().map(|&b| u32::from(b)).sum();
        let sum = format!("{sum:06o}\0 ");
        for (slot, byte) in header.iter_mut().skip(148).zip(sum.bytes()) {
            *slot = byte;
        }
        self.bytes.extend_from_slice(&header);
    }
}

/// Adds a field of a fixed width; what is too long is cut.
fn field(header: &mut Vec<u8>, value: &[u8], width: usize) {
    let end = header.len() + width;
    header.extend(value.iter().take(width));
    header.resize(end, 0);
}

/// The bytes as gzip.
pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    out.extend(compress_to_vec(bytes, 6));
    out.extend(crc32(bytes).to_le_bytes());
    out.extend((bytes.len() as u32).to_le_bytes());
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for &byte in bytes {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}
