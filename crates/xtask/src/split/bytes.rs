//! Numbers and sections of the WebAssembly binary format.

use super::Malformed;

/// Reads the binary format from a slice; what is not there is an error, never a panic.
#[derive(Clone)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(super) const fn at(&self) -> usize {
        self.at
    }

    pub(super) const fn is_done(&self) -> bool {
        self.at >= self.bytes.len()
    }

    pub(super) fn byte(&mut self) -> Result<u8, Malformed> {
        let byte = self.bytes.get(self.at).copied().ok_or(Malformed::Short)?;
        self.at += 1;
        Ok(byte)
    }

    pub(super) fn take(&mut self, n: usize) -> Result<&'a [u8], Malformed> {
        let end = self.at.checked_add(n).ok_or(Malformed::Short)?;
        let taken = self.bytes.get(self.at..end).ok_or(Malformed::Short)?;
        self.at = end;
        Ok(taken)
    }

    /// An unsigned LEB128 number.
    pub(super) fn number(&mut self) -> Result<u32, Malformed> {
        let mut value = 0_u64;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return u32::try_from(value).map_err(|_| Malformed::Number);
            }
        }
        Err(Malformed::Number)
    }

    /// A LEB128 number of any sign and width, passed over.
    pub(super) fn skip_number(&mut self) -> Result<(), Malformed> {
        while self.byte()? & 0x80 != 0 {}
        Ok(())
    }

    /// A signed LEB128 number.
    pub(super) fn signed(&mut self) -> Result<i64, Malformed> {
        let mut value = 0_i64;
        for shift in (0..70).step_by(7) {
            let byte = self.byte()?;
            value |= i64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                let unused = 64_u32.saturating_sub(shift + 7);
                return Ok(value << unused >> unused);
            }
        }
        Err(Malformed::Number)
    }

    /// A length and that many bytes.
    pub(super) fn sized(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.number()?;
        self.take(length as usize)
    }
}

/// Appends an unsigned LEB128 number.
pub(super) fn put_number(out: &mut Vec<u8>, mut value: u32) {
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

/// Appends the signed LEB128 form of an address, which is below 2^31.
pub(super) fn put_address(out: &mut Vec<u8>, mut value: u32) {
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 && low & 0x40 == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

/// Appends a length and the bytes.
pub(super) fn put_sized(out: &mut Vec<u8>, bytes: &[u8]) {
    put_number(out, bytes.len() as u32);
    out.extend_from_slice(bytes);
}

/// Appends a section whose content is a count and that many entries.
pub(super) fn put_list(out: &mut Vec<u8>, id: u8, count: u32, entries: &[u8]) {
    let mut content = Vec::with_capacity(entries.len() + 5);
    put_number(&mut content, count);
    content.extend_from_slice(entries);
    out.push(id);
    put_sized(out, &content);
}

#[cfg(test)]
mod tests {
    use super::{Reader, put_address, put_number};

    #[test]
    fn numbers_come_back() {
        for value in [0, 1, 63, 64, 127, 128, 300, 65_535, 1 << 20, u32::MAX] {
            let mut bytes = Vec::new();
            put_number(&mut bytes, value);
            assert_eq!(Reader::new(&bytes).number().expect("a number"), value);
        }
    }

    #[test]
    fn addresses_are_never_negative() {
        let mut bytes = Vec::new();
        put_address(&mut bytes, 64);
        assert_eq!(bytes, [0xc0, 0]);
    }

    #[test]
    fn what_is_cut_off_is_an_error() {
        assert!(Reader::new(&[0x80]).number().is_err());
        assert!(Reader::new(&[3, 1, 2]).sized().is_err());
        assert!(Reader::new(&[0xff; 9]).number().is_err());
    }
}
