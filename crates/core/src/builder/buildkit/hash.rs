//! Digests of operations: derived `Hash` over SHA-256.

use super::store::Key;
use crate::builder::hexadecimal::hex;
use sha2::{Digest, Sha256};
use std::hash::{Hash, Hasher};

#[derive(Default)]
struct Sha(Sha256);

impl Hasher for Sha {
    fn finish(&self) -> u64 {
        0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    // The same on 32 and 64 bits.
    fn write_usize(&mut self, n: usize) {
        self.0.update((n as u64).to_le_bytes());
    }

    fn write_isize(&mut self, n: isize) {
        self.0.update((n as i64).to_le_bytes());
    }
}

/// SHA-256 of a value.
pub(super) fn of(value: &impl Hash) -> Key {
    let mut hash = Sha::default();
    value.hash(&mut hash);
    hex(&hash.0.finalize())
}
