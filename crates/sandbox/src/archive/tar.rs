//! Reading tar: ustar, with GNU's long names and PAX records for path, link and size.

use super::Archive;
use std::borrow::Cow;

const BLOCK: usize = 512;

/// One member of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<'a> {
    /// As stored.
    pub name: String,
    /// What it is.
    pub kind: EntryKind<'a>,
    /// Permission bits.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
}

/// What a member is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryKind<'a> {
    /// A regular file and its content.
    File(Cow<'a, [u8]>),
    /// A directory.
    Dir,
    /// A symbolic link.
    Symlink(String),
    /// Another name of a member before it.
    Hardlink(String),
    /// A device or pipe.
    Special,
    /// Something else, by its type byte.
    Other(u8),
}

impl Entry<'_> {
    /// The same with content of its own.
    pub(super) fn into_owned(self) -> Entry<'static> {
        let kind = match self.kind {
            EntryKind::File(bytes) => EntryKind::File(Cow::Owned(bytes.into_owned())),
            EntryKind::Dir => EntryKind::Dir,
            EntryKind::Symlink(target) => EntryKind::Symlink(target),
            EntryKind::Hardlink(target) => EntryKind::Hardlink(target),
            EntryKind::Special => EntryKind::Special,
            EntryKind::Other(kind) => EntryKind::Other(kind),
        };
        Entry { name: self.name, kind, mode: self.mode, uid: self.uid, gid: self.gid }
    }
}

#[derive(Default)]
struct Overrides {
    name: Option<String>,
    link: Option<String>,
    size: Option<u64>,
    sparse: bool,
}

/// Reads what is not compressed.
///
/// # Errors
/// As [`super::read`].
pub fn read(bytes: &[u8]) -> Result<Archive<'_>, String> {
    let mut entries = Vec::new();
    let mut at = 0_usize;
    let mut over = Overrides::default();
    let mut first = true;
    loop {
        let Some(header) = bytes.get(at..at + BLOCK) else {
            return match (first, at >= bytes.len()) {
                (true, _) => Ok(Archive::No),
                (false, true) => Ok(Archive::Entries(entries)),
                (false, false) => Err("unexpected EOF".to_owned()),
            };
        };
        if header.iter().all(|byte| *byte == 0) {
            return Ok(if first { Archive::No } else { Archive::Entries(entries) });
        }
        let Some(size) = valid(header).then(|| number(header, 124, 12)).flatten() else {
            return if first { Ok(Archive::No) } else { Err("archive/tar: invalid tar header".to_owned()) };
        };
        let kind = header.get(156).copied().unwrap_or(b'0');
        let size = if matches!(kind, b'L' | b'K' | b'x' | b'g') { size } else { over.size.unwrap_or(size) };
        let size = usize::try_from(if matches!(kind, b'1'..=b'6') { 0 } else { size }).unwrap_or(usize::MAX);
        let start = at + BLOCK;
        let Some(data) = start.checked_add(size).and_then(|end| bytes.get(start..end)) else {
            return if first { Ok(Archive::No) } else { Err("unexpected EOF".to_owned()) };
        };
        at = start + size.div_ceil(BLOCK) * BLOCK;
        match kind {
            b'L' => over.name = Some(text(data)),
            b'K' => over.link = Some(text(data)),
            b'x' => pax(data, &mut over),
            b'g' => {}
            _ => {
                entries.push(entry(header, kind, data, std::mem::take(&mut over)));
                first = false;
            }
        }
    }
}

fn entry<'a>(header: &[u8], kind: u8, data: &'a [u8], over: Overrides) -> Entry<'a> {
    let name = over.name.unwrap_or_else(|| {
        let name = field(header, 0, 100);
        let prefix =
            if header.get(257..263) == Some(b"ustar\0") { field(header, 345, 155) } else { String::new() };
        if prefix.is_empty() { name } else { format!("{prefix}/{name}") }
    });
    let link = over.link.unwrap_or_else(|| field(header, 157, 100));
    let kind = match kind {
        b'0' | 0 | b'7' if name.ends_with('/') => EntryKind::Dir,
        b'0' | 0 | b'7' if over.sparse => EntryKind::Other(b'S'),
        b'0' | 0 | b'7' => EntryKind::File(Cow::Borrowed(data)),
        b'1' => EntryKind::Hardlink(link),
        b'2' => EntryKind::Symlink(link),
        b'3' | b'4' | b'6' => EntryKind::Special,
        b'5' => EntryKind::Dir,
        other => EntryKind::Other(other),
    };
    let small = |at, length| number(header, at, length).map_or(0, |n| u32::try_from(n).unwrap_or(0));
    Entry { name, kind, mode: small(100, 8) & 0o7777, uid: small(108, 8), gid: small(116, 8) }
}

/// Whether the checksum is right, summed as unsigned or as signed bytes.
fn valid(header: &[u8]) -> bool {
    let Some(stored) = number(header, 148, 8) else { return false };
    let blank = |(at, byte): (usize, &u8)| if (148..156).contains(&at) { b' ' } else { *byte };
    let unsigned: u64 = header.iter().enumerate().map(|item| u64::from(blank(item))).sum();
    let signed: i64 = header.iter().enumerate().map(|item| i64::from(blank(item).cast_signed())).sum();
    stored == unsigned || i64::try_from(stored).is_ok_and(|stored| stored == signed)
}

/// Octal, or base 256 if the first bit is set.
fn number(header: &[u8], at: usize, length: usize) -> Option<u64> {
    let bytes = header.get(at..at + length)?;
    if bytes.first()? & 0x80 != 0 {
        return bytes.iter().enumerate().try_fold(0_u64, |n, (index, byte)| {
            let byte = if index == 0 { byte & 0x7f } else { *byte };
            n.checked_mul(256)?.checked_add(u64::from(byte))
        });
    }
    let digits = bytes.split(|byte| matches!(byte, 0 | b' ')).find(|part| !part.is_empty()).unwrap_or(b"0");
    let digits = std::str::from_utf8(digits).ok()?;
    u64::from_str_radix(digits, 8).ok()
}

fn field(header: &[u8], at: usize, length: usize) -> String {
    text(header.get(at..at + length).unwrap_or_default())
}

fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
}

/// `LENGTH key=value\n` records.
fn pax(mut data: &[u8], over: &mut Overrides) {
    while let Some(space) = data.iter().position(|byte| *byte == b' ') {
        let length = data.get(..space).and_then(|text| std::str::from_utf8(text).ok()?.parse::<usize>().ok());
        let Some(length) = length.filter(|length| *length > space + 1 && *length <= data.len()) else {
            return;
        };
        let record = data.get(space + 1..length - 1).unwrap_or_default();
        let record = String::from_utf8_lossy(record);
        match record.split_once('=') {
            Some(("path", value)) => over.name = Some(value.to_owned()),
            Some(("linkpath", value)) => over.link = Some(value.to_owned()),
            Some(("size", value)) => over.size = value.parse().ok(),
            Some((key, _)) if key.starts_with("GNU.sparse.") => over.sparse = true,
            _ => {}
        }
        data = data.get(length..).unwrap_or_default();
    }
}
