//! MD5 and SHA-1, for the sums that scripts print and check.

/// Blocks of 64 bytes, padded, the length at the end in the byte order of `little`.
fn blocks(bytes: &[u8], little: bool) -> Vec<u8> {
    let mut all = bytes.to_vec();
    all.push(0x80);
    while all.len() % 64 != 56 {
        all.push(0);
    }
    let bits = (bytes.len() as u64).wrapping_mul(8);
    all.extend(if little { bits.to_le_bytes() } else { bits.to_be_bytes() });
    all
}

fn words(block: &[u8], little: bool) -> [u32; 80] {
    let mut words = [0; 80];
    for (word, four) in words.iter_mut().zip(block.chunks_exact(4)) {
        if let Ok(four) = <[u8; 4]>::try_from(four) {
            *word = if little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) };
        }
    }
    words
}

/// RFC 1321
pub(super) fn md5(bytes: &[u8]) -> Vec<u8> {
    let turns = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
    let mut state = [0x6745_2301u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    for block in blocks(bytes, true).chunks_exact(64) {
        let words = words(block, true);
        let [mut a, mut b, mut c, mut d] = state;
        for at in 0..64usize {
            let (mix, place) = match at / 16 {
                0 => ((b & c) | (!b & d), at),
                1 => ((d & b) | (!d & c), (5 * at + 1) % 16),
                2 => (b ^ c ^ d, (3 * at + 5) % 16),
                _ => (c ^ (b | !d), (7 * at) % 16),
            };
            let constant = ((at as f64 + 1.0).sin().abs() * 4_294_967_296.0) as u32;
            let word = words.get(place).copied().unwrap_or(0);
            let turn = turns.get(at / 16).and_then(|row| row.get(at % 4)).copied().unwrap_or(0);
            let sum = a.wrapping_add(mix).wrapping_add(constant).wrapping_add(word);
            (a, d, c) = (d, c, b);
            b = b.wrapping_add(sum.rotate_left(turn));
        }
        for (part, new) in state.iter_mut().zip([a, b, c, d]) {
            *part = part.wrapping_add(new);
        }
    }
    state.iter().flat_map(|part| part.to_le_bytes()).collect()
}

/// FIPS 180
pub(super) fn sha1(bytes: &[u8]) -> Vec<u8> {
    let mut state = [0x6745_2301u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
    for block in blocks(bytes, false).chunks_exact(64) {
        let mut words = words(block, false);
        for at in 16..80 {
            let back = |by: usize| words.get(at - by).copied().unwrap_or(0);
            let word = (back(3) ^ back(8) ^ back(14) ^ back(16)).rotate_left(1);
            if let Some(place) = words.get_mut(at) {
                *place = word;
            }
        }
        let [mut a, mut b, mut c, mut d, mut e] = state;
        for (at, word) in words.iter().enumerate() {
            let (mix, constant) = match at / 20 {
                0 => ((b & c) | (!b & d), 0x5a82_7999),
                1 => (b ^ c ^ d, 0x6ed9_eba1),
                2 => ((b & c) | (b & d) | (c & d), 0x8f1b_bcdc),
                _ => (b ^ c ^ d, 0xca62_c1d6u32),
            };
            let sum =
                a.rotate_left(5).wrapping_add(mix).wrapping_add(e).wrapping_add(constant).wrapping_add(*word);
            (e, d, c, b, a) = (d, c, b.rotate_left(30), a, sum);
        }
        for (part, new) in state.iter_mut().zip([a, b, c, d, e]) {
            *part = part.wrapping_add(new);
        }
    }
    state.iter().flat_map(|part| part.to_be_bytes()).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn sums_are_those_of_the_standards() {
        let hex = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hex(super::md5(b"abc")), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(hex(super::sha1(b"abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(hex(super::md5(&[b'a'; 100])), "36a92cc94a9e0fa21f625f8bfb007adf");
    }
}
