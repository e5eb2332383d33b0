//! Hashes of sources, as the cache compares them: the engine's tar sums (moby `pkg/tarsum`, version 1; times are
//! not in them).

use crate::builder::hexadecimal::{append, hex};
use sha2::{Digest as _, Sha256};
use stagecraft_sandbox::tree::{Content, Digest, Node};

/// Of one entry under its path relative to the context's or an image's root. In images the engine looks owners up
/// on its own machine, of which only root is known by name.
pub(super) fn entry(path: &str, node: &Node, context: bool) -> Digest {
    let meta = node.meta();
    let (kind, flag, slash) = match node {
        Node::File(_) => (0o100_000, "0", ""),
        Node::Dir(_) => (0o040_000, "5", "/"),
        Node::Symlink { .. } => (0o120_000, "2", ""),
    };
    let (size, link) = match node {
        Node::File(file) => (file.content.size(), ""),
        Node::Dir(_) => (0, ""),
        Node::Symlink { target, .. } => (0, &**target),
    };
    let name = |id: u32| if id == 0 && !context { "root" } else { "" };
    // Spelled out by hand: it is made for every file of a context.
    let mut text = String::with_capacity(path.len() + link.len() + 160);
    for part in ["name", path, slash, "mode"] {
        text.push_str(part);
    }
    number(&mut text, u64::from(meta.mode | kind));
    text.push_str("uid");
    number(&mut text, u64::from(meta.uid));
    text.push_str("gid");
    number(&mut text, u64::from(meta.gid));
    text.push_str("size");
    number(&mut text, size);
    for part in ["typeflag", flag, "linkname", link, "uname", name(meta.uid), "gname", name(meta.gid)] {
        text.push_str(part);
    }
    text.push_str("devmajor0devminor0");
    let mut hash = Sha256::new();
    hash.update(text);
    if let Node::File(file) = node {
        match &file.content {
            Content::Bytes(bytes) => hash.update(bytes),
            Content::Modelled { digest, .. } | Content::Unknown { digest } => hash.update(digest),
        }
    }
    hash.finalize().into()
}

/// A number in decimal.
fn number(text: &mut String, n: u64) {
    if n >= 10 {
        number(text, n / 10);
    }
    text.push(char::from(b'0' + (n % 10) as u8));
}

/// Of several hashes, with what they stand for: `dir:…`, `multi:…`.
pub(super) fn list(kind: &str, hashes: &[String]) -> String {
    format!("{kind}:{}", hex(&Sha256::digest(hashes.join(","))))
}

/// The first bytes of a digest as a number, which is quickly compared.
fn head(digest: &Digest) -> u64 {
    digest.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

/// The same of digests as they are, and of texts that stand where there is none; in order of their texts.
pub(super) fn sorted(kind: &str, mut digests: Vec<Digest>, texts: Vec<String>) -> String {
    // Digests sort as their digits do, and fastest as numbers.
    digests.sort_unstable_by(|a, b| head(a).cmp(&head(b)).then_with(|| a.cmp(b)));
    if !texts.is_empty() {
        let mut all: Vec<String> = digests.iter().map(|digest| hex(digest)).chain(texts).collect();
        all.sort();
        return list(kind, &all);
    }
    let mut hash = Sha256::new();
    let mut text = Vec::with_capacity(65);
    for (place, digest) in digests.iter().enumerate() {
        if place > 0 {
            text.push(b',');
        }
        append(&mut text, digest);
        hash.update(&text);
        text.clear();
    }
    format!("{kind}:{}", hex(&hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use stagecraft_sandbox::tree::{File, Meta};
    use std::sync::Arc;

    #[test]
    fn equals_what_the_engine_wrote_into_a_history() {
        let file = |text: &str| Node::File(Arc::new(File::new(Meta::root(0o644), Content::bytes(text))));
        let cases = [
            ("a.txt", "a\n", true, "7a379d0ef3d363574f9a38cf03a78aa104889c30582434cdb486f5c62436edb0"),
            ("d/one", "1\n", true, "e33817a2195a37f54548df82b0fdaa0b42c8f39ba9675a47a4cd4a7fa662d77e"),
            (
                "etc/passwd",
                "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/home/app:/bin/sh\n",
                false,
                "781b47f5db7d3d6932e7f293dfa04fd6b2046201a36638fda5fe87c569a893f7",
            ),
        ];
        for (path, text, context, hash) in cases {
            assert_eq!(hex(&entry(path, &file(text), context)), hash, "{path}");
        }
    }
}
