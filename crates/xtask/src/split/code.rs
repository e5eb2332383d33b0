//! Function bodies: which functions they call, and where that stands.

use std::ops::Range;

use super::Malformed;
use super::bytes::{Reader, put_number};

/// What a body refers to.
#[derive(Debug, Default)]
pub(super) struct References {
    /// Each call's function, and where in the body its number stands.
    pub(super) calls: Vec<(Range<usize>, u32)>,
    /// The body names functions or data in a way that ties it to its module.
    pub(super) tied: bool,
}

/// Where a body's code begins, behind its local variables.
pub(super) fn begin(body: &[u8]) -> Result<usize, Malformed> {
    let mut reader = Reader::new(body);
    for _ in 0..reader.number()? {
        reader.number()?;
        reader.byte()?;
    }
    Ok(reader.at())
}

/// Reads all operators of a body. An operator that is not known is an error: nothing is guessed about its length.
pub(super) fn references(body: &[u8]) -> Result<References, Malformed> {
    let mut found = References::default();
    let mut reader = Reader::new(body);
    reader.take(begin(body)?)?;
    while !reader.is_done() {
        let operator = reader.byte()?;
        match operator {
            // unreachable, nop, else, end, return, drop, select, ref.is_null
            0x00 | 0x01 | 0x05 | 0x0b | 0x0f | 0x1a | 0x1b | 0xd1 => {}
            // Comparisons, arithmetic, conversions, sign extension.
            0x45..=0xc4 => {}
            // block, loop, if: a type; br, br_if; local.*, global.*, table.get and set; memory.size and grow;
            // constants; ref.null
            0x02..=0x04 | 0x0c | 0x0d | 0x20..=0x26 | 0x3f..=0x42 | 0xd0 => reader.skip_number()?,
            0x0e => {
                for _ in 0..=reader.number()? {
                    reader.skip_number()?;
                }
            }
            0x10 => {
                let start = reader.at();
                let function = reader.number()?;
                found.calls.push((start..reader.at(), function));
            }
            // call_indirect
            0x11 => {
                reader.skip_number()?;
                reader.skip_number()?;
            }
            // select with types
            0x1c => {
                for _ in 0..reader.number()? {
                    reader.byte()?;
                }
            }
            // Loads and stores.
            0x28..=0x3e => {
                reader.skip_number()?;
                reader.skip_number()?;
            }
            0x43 => drop(reader.take(4)?),
            0x44 => drop(reader.take(8)?),
            // ref.func
            0xd2 => {
                reader.skip_number()?;
                found.tied = true;
            }
            0xfc => match reader.number()? {
                // Saturating conversions.
                0..=7 => {}
                // memory.init, data.drop, table.init, elem.drop
                8 => {
                    reader.skip_number()?;
                    reader.skip_number()?;
                    found.tied = true;
                }
                9 | 13 => {
                    reader.skip_number()?;
                    found.tied = true;
                }
                12 => {
                    reader.skip_number()?;
                    reader.skip_number()?;
                    found.tied = true;
                }
                // memory.copy, table.copy
                10 | 14 => {
                    reader.skip_number()?;
                    reader.skip_number()?;
                }
                // memory.fill, table.grow, table.size, table.fill
                11 | 15..=17 => reader.skip_number()?,
                other => return Err(Malformed::Operator(0xfc00 | other)),
            },
            other => return Err(Malformed::Operator(u32::from(other))),
        }
    }
    Ok(found)
}

/// The body with the functions that it calls numbered anew.
pub(super) fn renumbered(
    body: &[u8],
    calls: &[(Range<usize>, u32)],
    number: impl Fn(u32) -> Option<u32>,
) -> Result<Vec<u8>, Malformed> {
    let mut out = Vec::with_capacity(body.len());
    let mut at = 0;
    for (place, function) in calls {
        out.extend_from_slice(body.get(at..place.start).ok_or(Malformed::Short)?);
        put_number(&mut out, number(*function).ok_or(Malformed::Function(*function))?);
        at = place.end;
    }
    out.extend_from_slice(body.get(at..).ok_or(Malformed::Short)?);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::{begin, references, renumbered};

    /// One local i32; `block (if (call 300) end) (i32.const -1) drop end end`.
    const BODY: &[u8] =
        &[1, 1, 0x7f, 0x02, 0x40, 0x04, 0x40, 0x10, 0xac, 0x02, 0x0b, 0x41, 0x7f, 0x1a, 0x0b, 0x0b];

    #[test]
    fn calls_are_found_behind_the_locals() {
        assert_eq!(begin(BODY).expect("a body"), 3);
        let found = references(BODY).expect("operators");
        assert_eq!(found.calls, [(8..10, 300)]);
        assert!(!found.tied);
    }

    #[test]
    fn calls_are_numbered_anew() {
        let found = references(BODY).expect("operators");
        let body = renumbered(BODY, &found.calls, |function| Some(function - 299)).expect("a body");
        assert_eq!(body.len(), BODY.len() - 1);
        assert_eq!(references(&body).expect("operators").calls, [(8..9, 1)]);
        assert!(renumbered(BODY, &found.calls, |_| None).is_err());
    }

    #[test]
    fn unknown_operators_are_refused() {
        assert!(references(&[0, 0xfd, 0x00]).is_err());
        assert!(references(&[0, 0x06]).is_err());
    }
}
