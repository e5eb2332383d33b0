//! Archives that `ADD` unpacks: tar, plain or gzip, read and laid into a tree as Docker's `archive.Untar` does.
//! Other compressions are recognised, not read.

pub mod tar;
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
pub enum Archive<'a> {
    /// No archive.
    No,
    /// Compressed in a way that is not read here, so nobody knows.
    Unreadable(Compression),
    /// A tar archive.
    Entries(Vec<Entry<'a>>),
}

/// Reads a file. Like the builders it takes for an archive what begins with a valid tar header, compressed or not.
///
/// # Errors
/// An archive that is damaged behind its first header, or too big.
pub fn read(bytes: &[u8]) -> Result<Archive<'_>, String> {
    match Compression::detect(bytes) {
        Compression::None => tar::read(bytes),
        Compression::Gzip => match inflate(bytes, MAX_UNPACKED) {
            Ok(plain) => tar::read(&plain).map(Archive::into_owned),
            Err(Inflate::NotGzip) => Ok(Archive::No),
            Err(Inflate::TooBig) => Err(format!("archive unpacks to more than {} MB", MAX_UNPACKED >> 20)),
            // Cut short: what is whole is unpacked before the error shows.
            Err(Inflate::Damaged(start)) => match tar::read(&start) {
                Ok(Archive::No) => Ok(Archive::No),
                _ => Err("unexpected EOF".to_owned()),
            },
        },
        other => Ok(Archive::Unreadable(other)),
    }
}

impl Archive<'_> {
    fn into_owned(self) -> Archive<'static> {
        match self {
            Self::No => Archive::No,
            Self::Unreadable(compression) => Archive::Unreadable(compression),
            Self::Entries(entries) => Archive::Entries(entries.into_iter().map(Entry::into_owned).collect()),
        }
    }
}

/// Why a gzip file could not be inflated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inflate {
    /// It has no header of gzip.
    NotGzip,
    /// It unfolds to more than is wanted.
    TooBig,
    /// It is damaged or cut short; this is the start of it.
    Damaged(Vec<u8>),
}

/// Inflates a gzip file to at most `most` bytes.
///
/// # Errors
/// As [`Inflate`] says.
pub fn inflate(bytes: &[u8], most: usize) -> Result<Vec<u8>, Inflate> {
    let body = gzip_body(bytes).ok_or(Inflate::NotGzip)?;
    miniz_oxide::inflate::decompress_to_vec_with_limit(body, most).map_err(|error| {
        if error.status == miniz_oxide::inflate::TINFLStatus::HasMoreOutput {
            Inflate::TooBig
        } else {
            Inflate::Damaged(error.output)
        }
    })
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
