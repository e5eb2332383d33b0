//! base64url without padding (RFC 4648, section 5).

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Appends the text of some bytes.
pub(super) fn encode(bytes: &[u8], out: &mut String) {
    out.reserve(bytes.len() * 4 / 3 + 3);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |all, &b| all << 8 | u32::from(b)) << (8 * (3 - chunk.len()));
        for i in 0..=chunk.len() {
            let digit = group >> (18 - 6 * i) & 63;
            out.push(ALPHABET.get(digit as usize).map_or('A', |&c| char::from(c)));
        }
    }
}

/// The bytes of a text; `None` where it is none.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let digit = |c: u8| match c {
        b'A'..=b'Z' => Some(c - b'A'),
        b'a'..=b'z' => Some(c - b'a' + 26),
        b'0'..=b'9' => Some(c - b'0' + 52),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    };
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    for chunk in text.as_bytes().chunks(4) {
        let mut group = 0_u32;
        for &c in chunk {
            group = group << 6 | u32::from(digit(c)?);
        }
        group <<= 6 * (4 - chunk.len());
        let bytes = chunk.len().checked_sub(1).filter(|n| *n > 0)?;
        out.extend(group.to_be_bytes().into_iter().skip(1).take(bytes));
    }
    Some(out)
}
