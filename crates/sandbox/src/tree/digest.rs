//! Digests of content, computed when first asked for and kept until the value changes.

use super::{Content, Dir, File, Meta, Node, Tree};
use sha2::{Digest as _, Sha256};

/// Bytes of a file that is hashed together with its mode and owner.
const SMALL: usize = 256;

/// A SHA-256.
pub type Digest = [u8; 32];

impl Content {
    /// SHA-256 of the bytes, or of what is known instead of them.
    pub fn digest(&self) -> Digest {
        let mut hash = Sha256::new();
        match self {
            Self::Bytes(bytes) => hash.update(bytes),
            Self::Modelled { digest, size, .. } => {
                hash.update(b"modelled\0");
                hash.update(size.to_le_bytes());
                hash.update(digest);
            }
            Self::Unknown { digest } => {
                hash.update(b"unknown\0");
                hash.update(digest);
            }
        }
        hash.finalize().into()
    }

    /// Whether both hold the same, as far as it can be told.
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            (Self::Modelled { size: a, digest: d, .. }, Self::Modelled { size: b, digest: e, .. }) => {
                a == b && d == e
            }
            (Self::Unknown { digest: a }, Self::Unknown { digest: b }) => a == b,
            _ => false,
        }
    }
}

impl File {
    /// [`Content::digest`], kept.
    pub fn digest(&self) -> Digest {
        *self.digest.get_or_init(|| self.content.digest())
    }
}

impl Dir {
    /// Of mode, owner, and the names, modes, owners and contents of all that is below.
    pub fn digest(&self) -> Digest {
        *self.digest.get_or_init(|| {
            let mut hash = Sha256::new();
            header(&mut hash, b'd', self.meta);
            if let Some(unlisted) = &self.unlisted {
                hash.update(b"unlisted\0");
                hash.update(unlisted.source.as_bytes());
            }
            for (name, node) in &self.entries {
                hash.update(name.as_bytes());
                hash.update([0]);
                hash.update(node.digest());
            }
            hash.finalize().into()
        })
    }
}

impl Node {
    /// Of kind, mode, owner and content; what BuildKit's content checksum covers, without the name.
    pub fn digest(&self) -> Digest {
        let mut hash = Sha256::new();
        match self {
            Self::File(file) => match &file.content {
                // Small ones are hashed in one go: that is no more work than reading a digest that is kept.
                Content::Bytes(bytes) if bytes.len() <= SMALL => {
                    header(&mut hash, b's', file.meta);
                    hash.update(bytes);
                }
                _ => {
                    header(&mut hash, b'f', file.meta);
                    hash.update(file.digest());
                }
            },
            Self::Dir(dir) => return dir.digest(),
            Self::Symlink { target, meta, .. } => {
                header(&mut hash, b'l', *meta);
                hash.update(target.as_bytes());
            }
        }
        hash.finalize().into()
    }
}

impl Tree {
    /// Of everything in it.
    pub fn digest(&self) -> Digest {
        self.root.digest()
    }
}

fn header(hash: &mut Sha256, kind: u8, meta: Meta) {
    let mut bytes = [0; 13];
    let fields = [u32::from(kind), meta.mode, meta.uid, meta.gid];
    for (to, from) in bytes.iter_mut().zip(fields.iter().flat_map(|field| field.to_le_bytes()).skip(3)) {
        *to = from;
    }
    if let Some(first) = bytes.first_mut() {
        *first = kind;
    }
    hash.update(bytes);
}
