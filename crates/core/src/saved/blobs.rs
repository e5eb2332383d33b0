//! The members of the outer archive, by name.

use crate::builder::hexadecimal::hex;
use sha2::{Digest as _, Sha256};
use stagecraft_sandbox::archive::{Archive, Compression, EntryKind, Inflate, inflate, tar};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The most bytes that the archive, or a layer of it, may unfold to.
#[cfg(target_pointer_width = "64")]
pub(super) const MOST_BYTES: usize = 4 << 30;
/// A page has less room.
#[cfg(not(target_pointer_width = "64"))]
pub(super) const MOST_BYTES: usize = 512 << 20;
/// The most bytes of a JSON document.
const MOST_JSON: usize = 8 << 20;
/// The most links from one member to another that are followed.
const MOST_LINKS: u32 = 8;

enum Member<'a> {
    File(Cow<'a, [u8]>),
    Link(String),
}

/// The members of an archive.
pub(super) struct Blobs<'a>(BTreeMap<String, Member<'a>>);

/// What was compressed with gzip, or is not compressed at all.
pub(super) fn plain(bytes: &[u8]) -> Result<Cow<'_, [u8]>, String> {
    let unread = |name: &str| Err(format!("it is compressed with {name}, which is not read here"));
    match Compression::detect(bytes) {
        Compression::None => Ok(Cow::Borrowed(bytes)),
        Compression::Gzip => match inflate(bytes, MOST_BYTES) {
            Ok(plain) => Ok(Cow::Owned(plain)),
            Err(Inflate::TooBig) => Err(format!("it unfolds to more than {} MB", MOST_BYTES >> 20)),
            Err(Inflate::NotGzip | Inflate::Damaged(_)) => Err("its gzip is damaged or cut off".to_owned()),
        },
        Compression::Bzip2 => unread("bzip2"),
        Compression::Xz => unread("xz"),
        Compression::Zstd => unread("zstd"),
    }
}

/// `sha256:…`
pub(super) fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(&Sha256::digest(bytes)))
}

/// What may stand in a sentence: long and odd names are cut and escaped.
pub(super) fn shown(name: &str) -> String {
    let mut letters = name.chars();
    let short: String = letters.by_ref().take(120).flat_map(char::escape_debug).collect();
    let more = if letters.next().is_some() { "…" } else { "" };
    format!("\"{short}{more}\"")
}

impl<'a> Blobs<'a> {
    /// Of an archive that is not compressed.
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, String> {
        let entries = match tar::read(bytes) {
            Ok(Archive::Entries(entries)) => entries,
            Ok(Archive::No | Archive::Unreadable(_)) => return Err("it is no tar archive".to_owned()),
            Err(why) => return Err(damaged(&why)),
        };
        let mut members = BTreeMap::new();
        for entry in entries {
            let name = entry.name.trim_start_matches("./").to_owned();
            let member = match entry.kind {
                EntryKind::File(bytes) => Member::File(bytes),
                // Docker writes a layer once and links to it.
                EntryKind::Symlink(target) => Member::Link(beside(&name, &target)?),
                EntryKind::Hardlink(target) => Member::Link(beside("", &target)?),
                EntryKind::Dir => continue,
                EntryKind::Special | EntryKind::Other(_) => {
                    return Err(format!("{} is neither a file nor a directory nor a link", shown(&name)));
                }
            };
            members.insert(name, member);
        }
        Ok(Self(members))
    }

    /// Whether there is a member of that name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The content of a member.
    pub(super) fn get(&self, name: &str) -> Result<&[u8], String> {
        let mut at = name;
        for _ in 0..MOST_LINKS {
            match self.0.get(at) {
                Some(Member::File(bytes)) => return Ok(bytes),
                Some(Member::Link(target)) => at = target,
                None => return Err(format!("{} is missing", shown(at))),
            }
        }
        Err(format!("{} leads through too many links", shown(name)))
    }

    /// A member as JSON, without what is `null`: Go writes that for what is empty.
    pub(super) fn json(&self, name: &str) -> Result<serde_json::Value, String> {
        let bytes = self.get(name)?;
        if bytes.len() > MOST_JSON {
            return Err(format!("{} is larger than {} MB", shown(name), MOST_JSON >> 20));
        }
        let mut value = serde_json::from_slice(bytes).map_err(|why| format!("{}: {why}", shown(name)))?;
        prune(&mut value);
        Ok(value)
    }
}

fn prune(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(prune);
        }
        serde_json::Value::Array(values) => values.iter_mut().for_each(prune),
        _ => {}
    }
}

/// What a link in the archive leads to, as a name in it.
fn beside(name: &str, target: &str) -> Result<String, String> {
    let mut parts: Vec<&str> =
        name.rsplit_once('/').map_or_else(Vec::new, |(dir, _)| dir.split('/').collect());
    let out = || format!("the link {} leads out of the archive", shown(name));
    if target.starts_with('/') {
        return Err(out());
    }
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop().ok_or_else(out)?),
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

/// An error of the tar reader as part of a sentence.
pub(super) fn damaged(why: &str) -> String {
    match why {
        "unexpected EOF" => "it is cut off".to_owned(),
        other => format!("it is damaged ({other})"),
    }
}
