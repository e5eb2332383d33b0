//! Hashes of sources, as the cache compares them: the engine's tar sums (moby `pkg/tarsum`, version 1; times are
//! not in them).

use super::super::image::hex;
use sha2::{Digest, Sha256};
use stagecraft_sandbox::tree::{Content, Node};

/// Of one entry under its path relative to the context's or an image's root. In images the engine looks owners up
/// on its own machine, of which only root is known by name.
pub(super) fn entry(path: &str, node: &Node, context: bool) -> String {
    let meta = node.meta();
    let (kind, flag, slash) = match node {
        Node::File(_) => (0o100_000, '0', ""),
        Node::Dir(_) => (0o040_000, '5', "/"),
        Node::Symlink { .. } => (0o120_000, '2', ""),
    };
    let (size, link) = match node {
        Node::File(file) => (file.content.size(), ""),
        Node::Dir(_) => (0, ""),
        Node::Symlink { target, .. } => (0, &**target),
    };
    let name = |id: u32| if id == 0 && !context { "root" } else { "" };
    let header = format!(
        "name{path}{slash}mode{}uid{}gid{}size{size}typeflag{flag}linkname{link}uname{}gname{}devmajor0devminor0",
        meta.mode | kind,
        meta.uid,
        meta.gid,
        name(meta.uid),
        name(meta.gid),
    );
    let mut hash = Sha256::new();
    hash.update(header);
    if let Node::File(file) = node {
        match &file.content {
            Content::Bytes(bytes) => hash.update(bytes),
            Content::Modelled { digest, .. } | Content::Unknown { digest } => hash.update(digest),
        }
    }
    hex(&hash.finalize())
}

/// Of several hashes, with what they stand for: `dir:…`, `multi:…`.
pub(super) fn list(kind: &str, hashes: &[String]) -> String {
    format!("{kind}:{}", hex(&Sha256::digest(hashes.join(","))))
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
            assert_eq!(entry(path, &file(text), context), hash, "{path}");
        }
    }
}
