//! The operators of function bodies: where each stands, what it does to the stack, where it goes.

use std::ops::Range;

use super::Malformed;
use super::bytes::Reader;

/// What a block leaves on the stack: nothing, or a value of a type, as its byte.
pub(super) type Leaves = Option<u8>;

/// What an operator does, as far as splitting cares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    Block(Leaves),
    Loop(Leaves),
    If(Leaves),
    Else,
    End,
    Branch(u32),
    BranchIf(u32),
    /// All targets, the default one last.
    BranchTable(Vec<u32>),
    Return,
    Unreachable,
    Call(u32),
    /// By type, through the table.
    CallIndirect(u32),
    Get(u32),
    Set(u32),
    Tee(u32),
    /// Takes and leaves that many values.
    Plain(u32, u32),
    /// The same for what names functions, data or elements of its module by number.
    Tied(u32, u32),
}

/// An operator and where in its body it stands.
#[derive(Debug, Clone)]
pub(super) struct Operator {
    pub(super) place: Range<usize>,
    /// What may be an address: a constant, each half of a long one, an offset into memory.
    pub(super) numbers: [Option<u32>; 2],
    pub(super) act: Act,
}

/// No address is as small as this: the program's stack lies below its data.
const SMALL: u32 = 1 << 21;

/// The operators of a body, behind its local variables.
pub(super) fn operators(body: &[u8]) -> Result<Vec<Operator>, Malformed> {
    let mut reader = Reader::new(body);
    reader.take(locals(body)?.1)?;
    let mut out = Vec::new();
    while !reader.is_done() {
        let start = reader.at();
        let mut again = reader.clone();
        let act = act(&mut reader)?;
        let numbers = match again.byte()? {
            0x41 => [Some(again.signed()? as u32), None],
            // An address and a length, or some other small number, are kept together in one number now and then.
            0x42 => {
                let both = again.signed()?;
                let (low, high) = (both as u32, (both >> 32) as u32);
                [(high < SMALL).then_some(low), (low < SMALL).then_some(high)]
            }
            0x28..=0x3e => {
                again.number()?;
                [Some(again.number()?), None]
            }
            _ => [None, None],
        };
        out.push(Operator { place: start..reader.at(), numbers, act });
    }
    Ok(out)
}

/// The types of a body's local variables, and where its code begins.
pub(super) fn locals(body: &[u8]) -> Result<(Vec<u8>, usize), Malformed> {
    let mut reader = Reader::new(body);
    let mut types = Vec::new();
    for _ in 0..reader.number()? {
        let n = reader.number()?;
        let kind = reader.byte()?;
        if types.len() + n as usize > 50_000 {
            return Err(Malformed::Unknown("local variables"));
        }
        types.extend(std::iter::repeat_n(kind, n as usize));
    }
    Ok((types, reader.at()))
}

fn leaves(reader: &mut Reader<'_>) -> Result<Leaves, Malformed> {
    match reader.byte()? {
        0x40 => Ok(None),
        kind @ (0x6f | 0x70 | 0x7b..=0x7f) => Ok(Some(kind)),
        // Parameters, or several results: no compiler of ours makes such blocks.
        _ => Err(Malformed::Unknown("blocks")),
    }
}

fn act(reader: &mut Reader<'_>) -> Result<Act, Malformed> {
    let code = reader.byte()?;
    Ok(match code {
        0x00 => Act::Unreachable,
        0x01 => Act::Plain(0, 0),
        0x02 => Act::Block(leaves(reader)?),
        0x03 => Act::Loop(leaves(reader)?),
        0x04 => Act::If(leaves(reader)?),
        0x05 => Act::Else,
        0x0b => Act::End,
        0x0c => Act::Branch(reader.number()?),
        0x0d => Act::BranchIf(reader.number()?),
        0x0e => {
            let n = reader.number()?;
            let mut targets = Vec::new();
            for _ in 0..=n {
                targets.push(reader.number()?);
            }
            Act::BranchTable(targets)
        }
        0x0f => Act::Return,
        0x10 => Act::Call(reader.number()?),
        0x11 => {
            let kind = reader.number()?;
            if reader.number()? != 0 {
                return Err(Malformed::Unknown("calls through a second table"));
            }
            Act::CallIndirect(kind)
        }
        // drop
        0x1a => Act::Plain(1, 0),
        // select, without and with types
        0x1b => Act::Plain(3, 1),
        0x1c => {
            for _ in 0..reader.number()? {
                reader.byte()?;
            }
            Act::Plain(3, 1)
        }
        0x20 => Act::Get(reader.number()?),
        0x21 => Act::Set(reader.number()?),
        0x22 => Act::Tee(reader.number()?),
        // global.get and set, table.get and set
        0x23..=0x26 => {
            reader.skip_number()?;
            match code {
                0x23 => Act::Plain(0, 1),
                0x24 => Act::Plain(1, 0),
                0x25 => Act::Plain(1, 1),
                _ => Act::Plain(2, 0),
            }
        }
        // Loads and stores.
        0x28..=0x3e => {
            reader.skip_number()?;
            reader.skip_number()?;
            if code <= 0x35 { Act::Plain(1, 1) } else { Act::Plain(2, 0) }
        }
        // memory.size and grow
        0x3f | 0x40 => {
            reader.skip_number()?;
            Act::Plain(u32::from(code == 0x40), 1)
        }
        // Constants: numbers, and no reference.
        0x41 | 0x42 | 0xd0 => {
            reader.skip_number()?;
            Act::Plain(0, 1)
        }
        0x43 => {
            reader.take(4)?;
            Act::Plain(0, 1)
        }
        0x44 => {
            reader.take(8)?;
            Act::Plain(0, 1)
        }
        // Of one value: tests for zero, counts of bits, signs and roots, conversions, ref.is_null.
        0x45 | 0x50 | 0x67..=0x69 | 0x79..=0x7b | 0x8b..=0x91 | 0x99..=0x9f | 0xa7..=0xc4 | 0xd1 => {
            Act::Plain(1, 1)
        }
        // Of two values.
        0x46..=0xa6 => Act::Plain(2, 1),
        // ref.func
        0xd2 => {
            reader.skip_number()?;
            Act::Tied(0, 1)
        }
        0xfc => bulk(reader)?,
        other => return Err(Malformed::Operator(u32::from(other))),
    })
}

/// Operators of two bytes.
fn bulk(reader: &mut Reader<'_>) -> Result<Act, Malformed> {
    let code = reader.number()?;
    let numbers = match code {
        0..=7 => 0,
        8 | 10 | 12 | 14 => 2,
        9 | 11 | 13 | 15..=17 => 1,
        other => return Err(Malformed::Operator(0xfc00 | other)),
    };
    for _ in 0..numbers {
        reader.skip_number()?;
    }
    Ok(match code {
        // Saturating conversions.
        0..=7 => Act::Plain(1, 1),
        // memory.init, table.init
        8 | 12 => Act::Tied(3, 0),
        // data.drop, elem.drop
        9 | 13 => Act::Tied(0, 0),
        // table.grow and size
        15 => Act::Plain(2, 1),
        16 => Act::Plain(0, 1),
        // memory.copy and fill, table.copy and fill
        _ => Act::Plain(3, 0),
    })
}

#[cfg(test)]
mod tests {
    use super::{Act, locals, operators};

    /// Two locals i32; `block (result i32) (call 300) (br_table 0 0 0) end`, `drop`, `end`.
    const BODY: &[u8] = &[1, 2, 0x7f, 0x02, 0x7f, 0x10, 0xac, 0x02, 0x0e, 2, 0, 0, 0, 0x0b, 0x1a, 0x0b];

    #[test]
    fn operators_say_where_they_stand_and_what_they_do() {
        assert_eq!(locals(BODY).expect("locals"), (vec![0x7f, 0x7f], 3));
        let found = operators(BODY).expect("operators");
        let acts: Vec<Act> = found.iter().map(|operator| operator.act.clone()).collect();
        assert_eq!(
            acts,
            [
                Act::Block(Some(0x7f)),
                Act::Call(300),
                Act::BranchTable(vec![0, 0, 0]),
                Act::End,
                Act::Plain(1, 0),
                Act::End
            ]
        );
        assert_eq!(found.get(1).expect("the call").place, 5..8);
    }

    #[test]
    fn what_is_unknown_is_refused() {
        assert!(operators(&[0, 0xfd, 0x00]).is_err());
        assert!(operators(&[0, 0x06]).is_err());
        assert!(operators(&[0, 0x10]).is_err());
    }
}
