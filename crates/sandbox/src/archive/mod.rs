//! Archives that `ADD` unpacks: tar, plain or gzip, read and laid into a tree as Docker's `archive.Untar` does.
//! Other compressions are recognised, not read.

mod tar;
mod unpack;

pub use tar::{Entry, EntryKind};
pub use unpack::unpack;

/// Bytes that an archive may unfold to; beyond, it is refused.
const MAX_UNPACKED: usize = 512 << 20;

/// A compression, told by the first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// None that is known.
    None,
    /// gzip
    Gzip,
    /// bzip2
    Bzip2,
    /// xz
    Xz,
    /// zstd
    Zstd,
}

impl Compression {
    /// By magic number.
    pub fn detect(bytes: &[u8]) -> Self {
        let magic: [(&[u8], Self); 4] = [
            (b"\x1f\x8b\x08", Self::Gzip),
            (b"BZh", Self::Bzip2),
            (b"\xfd7zXZ\0", Self::Xz),
            (b"\x28\xb5\x2f\xfd", Self::Zstd),
        ];
        magic.into_iter().find(|(magic, _)| bytes.starts_with(magic)).map_or(Self::None, |(_, kind)| kind)
    }
}

/// What a file turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Archive {
    /// No archive.
    No,
    /// Compressed in a way that is not read here, so nobody knows.
    Unreadable(Compression),
    /// A tar archive.
    Entries(Vec<Entry>),
}

/// Reads a file. Like the builders it takes for an archive what begins with a valid tar header, compressed or not.
///
/// # Errors
/// An archive that is damaged behind its first header, or too big.
pub fn read(bytes: &[u8]) -> Result<Archive, String> {
    match Compression::detect(bytes) {
        Compression::None => tar::read(bytes),
        Compression::Gzip => {
            let Some(body) = gzip_body(bytes) else { return Ok(Archive::No) };
            match miniz_oxide::inflate::decompress_to_vec_with_limit(body, MAX_UNPACKED) {
                Ok(plain) => tar::read(&plain),
                Err(error) if error.status == miniz_oxide::inflate::TINFLStatus::HasMoreOutput => {
                    Err(format!("archive unpacks to more than {} MB", MAX_UNPACKED >> 20))
                }
                // Cut short: what is whole is unpacked before the error shows.
                Err(error) => match tar::read(&error.output) {
                    Ok(Archive::No) => Ok(Archive::No),
                    _ => Err("unexpected EOF".to_owned()),
                },
            }
        }
        other => Ok(Archive::Unreadable(other)),
    }
}

/// The deflated part of a gzip file.
fn gzip_body(bytes: &[u8]) -> Option<&[u8]> {
    let flags = *bytes.get(3)?;
    let mut rest = bytes.get(10..)?;
    if flags & 4 != 0 {
        let length = u16::from_le_bytes([*rest.first()?, *rest.get(1)?]);
        rest = rest.get(2 + usize::from(length)..)?;
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            let end = rest.iter().position(|byte| *byte == 0)?;
            rest = rest.get(end + 1..)?;
        }
    }
    if flags & 2 != 0 {
        rest = rest.get(2..)?;
    }
    Some(rest)
}
