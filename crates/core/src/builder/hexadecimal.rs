//! Digests as text.

/// Hexadecimal digits of bytes, as both builders write digests.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = Vec::with_capacity(bytes.len() * 2);
    append(&mut text, bytes);
    // They are all ASCII.
    String::from_utf8(text).unwrap_or_default()
}

/// The same digits after what is in a buffer.
pub(crate) fn append(text: &mut Vec<u8>, bytes: &[u8]) {
    let digit = |n: u8| if n < 10 { b'0' + n } else { b'a' + n - 10 };
    text.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_byte_has_two_digits() {
        assert_eq!(super::hex(&[0, 9, 10, 0xab, 255]), "00090aabff");
    }
}
