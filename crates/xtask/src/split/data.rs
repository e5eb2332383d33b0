//! Which data of the program only the rest needs.
//!
//! The linker says where each piece of data lies and how big it is. A piece that no function of the first half names, directly or
//! through another piece, can stay behind. Constants in functions are taken for addresses wherever they could be ones,
//! so that nothing is left behind by mistake.

use std::collections::BTreeMap;
use std::ops::Range;

use super::bytes::Reader;
use super::module::Module;
use super::operator::operators;
use super::{Malformed, Plan};

/// Pieces of data that lie apart by less than this many bytes are not worth a segment of their own.
const GAP: usize = 24;

/// Where the linker has put the program's data.
#[derive(Debug, Default)]
pub(crate) struct Symbols {
    /// Where each piece lies in memory, by its beginning.
    spans: Vec<Range<u32>>,
    /// Pieces that some function addresses from outside, so that a constant does not show which piece it means.
    pinned: Vec<Range<u32>>,
    /// Each address in the data: where it stands, and what it is. In order.
    addresses: Vec<(u32, u32)>,
    /// Every address that the linker has put anywhere, with the pieces that are meant by it.
    named: BTreeMap<u32, Vec<Range<u32>>>,
}

impl Symbols {
    /// Notes that a piece is addressed, so far behind its beginning. Answers with that address.
    fn name(&mut self, distance: i64, span: &Range<u32>) -> u32 {
        let address = (i64::from(span.start) + distance) as u32;
        let meant = self.named.entry(address).or_default();
        if !meant.contains(span) {
            meant.push(span.clone());
        }
        address
    }
}

/// Reads what the linker says (with `--emit-relocs`) of a program that it has just linked.
pub(crate) fn symbols(linked: &[u8]) -> Result<Symbols, Malformed> {
    let module = Module::read(linked)?;
    let mut reader =
        Reader::new(module.custom("linking").ok_or(Malformed::Unknown("no symbols, or symbols"))?);
    reader.number()?;
    let mut table = Vec::new();
    while !reader.is_done() {
        let kind = reader.byte()?;
        let part = reader.sized()?;
        if kind == 8 {
            table = symbol_table(&module, part)?;
        }
    }
    let mut found = Symbols { spans: table.iter().flatten().cloned().collect(), ..Symbols::default() };
    found.spans.sort_by_key(|span| (span.start, span.end));
    for (_, symbol, distance) in relocations(&module, "reloc.CODE")? {
        let Some(Some(span)) = table.get(symbol as usize) else { continue };
        found.name(distance, span);
        if !(0..=i64::from(span.end - span.start)).contains(&distance) {
            found.pinned.push(span.clone());
        }
    }
    for (place, symbol, distance) in relocations(&module, "reloc.DATA")? {
        let segment = module.data_places.partition_point(|start| *start <= place).wrapping_sub(1);
        if let Some(Some(span)) = table.get(symbol as usize)
            && let (Some(from), Some((start, _))) =
                (module.data_places.get(segment), module.data.get(segment))
        {
            let target = found.name(distance, span);
            found.addresses.push((start + (place - from), target));
        }
    }
    found.addresses.sort_unstable();
    Ok(found)
}

/// Where the linker has put addresses of memory: the place in the section, the symbol, and how far behind its beginning.
fn relocations(module: &Module<'_>, section: &str) -> Result<Vec<(u32, u32, i64)>, Malformed> {
    let mut reader =
        Reader::new(module.custom(section).ok_or(Malformed::Unknown("no relocations, or some"))?);
    reader.number()?;
    let mut found = Vec::new();
    for _ in 0..reader.number()? {
        let kind = reader.byte()?;
        let (place, symbol) = (reader.number()?, reader.number()?);
        match kind {
            // Addresses: in code as numbers with and without sign, in data as words.
            3..=5 => found.push((place, symbol, reader.signed()?)),
            // Functions, types, globals, tables: numbers.
            0..=2 | 6 | 7 | 10 | 12 | 13 | 18..=20 | 24 | 26 => {}
            // Others come with a distance too.
            _ => drop(reader.signed()?),
        }
    }
    Ok(found)
}

/// The span of each symbol that is data.
fn symbol_table(module: &Module<'_>, part: &[u8]) -> Result<Vec<Option<Range<u32>>>, Malformed> {
    const UNDEFINED: u32 = 0x10;
    const NAMED: u32 = 0x40;
    let mut reader = Reader::new(part);
    let mut table = Vec::new();
    for _ in 0..reader.number()? {
        let kind = reader.byte()?;
        let flags = reader.number()?;
        let mut span = None;
        match kind {
            1 => {
                reader.sized()?;
                if flags & UNDEFINED == 0 {
                    let (segment, offset, size) = (reader.number()?, reader.number()?, reader.number()?);
                    if let Some((start, _)) = module.data.get(segment as usize) {
                        span = Some(start + offset..start + offset + size);
                    }
                }
            }
            3 => drop(reader.number()?),
            0 | 2 | 4 | 5 => {
                reader.number()?;
                if flags & UNDEFINED == 0 || flags & NAMED != 0 {
                    reader.sized()?;
                }
            }
            _ => return Err(Malformed::Unknown("symbols")),
        }
        table.push(span);
    }
    Ok(table)
}

/// Segments of data, each with its address.
pub(super) type Segments<'a> = Vec<(u32, &'a [u8])>;

/// The data of the first half and that of the rest.
pub(super) fn divide<'a>(
    module: &Module<'a>,
    plan: &Plan,
    symbols: &Symbols,
) -> Result<(Segments<'a>, Segments<'a>), Malformed> {
    let kept = kept(module, plan, symbols)?;
    let base = range(module).start;
    let (mut first, mut rest) = (Segments::new(), Segments::new());
    for (start, bytes) in &module.data {
        let stays = |index: usize| kept.get((start - base) as usize + index).copied().unwrap_or(true);
        let mut at = 0;
        while at < bytes.len() {
            let here = stays(at);
            let mut end = at + 1;
            while end < bytes.len() && stays(end) == here {
                end += 1;
            }
            let run = bytes.get(at..end).unwrap_or_default();
            let address = start + at as u32;
            let short = !here && run.len() < GAP;
            match first.last_mut() {
                _ if !here && !short => rest.push((address, run)),
                // Next to what was put there last of these bytes: one longer segment.
                Some((last, longer)) if *last >= *start && *last + longer.len() as u32 == address => {
                    let from = (*last - start) as usize;
                    *longer = bytes.get(from..end).unwrap_or_default();
                }
                _ => first.push((address, run)),
            }
            at = end;
        }
    }
    Ok((first, rest))
}

/// Where the program's data lies.
pub(super) fn range(module: &Module<'_>) -> Range<u32> {
    let start = module.data.iter().map(|(start, _)| *start).min().unwrap_or(0);
    let end = module.data.iter().map(|(start, bytes)| start + bytes.len() as u32).max().unwrap_or(0);
    start..end
}

/// Of each byte of data, whether the first half needs it.
fn kept(module: &Module<'_>, plan: &Plan, symbols: &Symbols) -> Result<Vec<bool>, Malformed> {
    let Range { start: base, end } = range(module);
    // What no symbol covers stays.
    let mut kept = vec![true; (end - base) as usize];
    let index = |address: u32| (address.clamp(base, end) - base) as usize;
    for span in &symbols.spans {
        if let Some(place) = kept.get_mut(index(span.start)..index(span.end)) {
            place.fill(false);
        }
    }
    let mut wanted: Vec<u32> = symbols.pinned.iter().map(|span| span.start).collect();
    for (function, body) in module.functions() {
        if !plan.rest.contains(&function) {
            wanted.extend(operators(body)?.iter().flat_map(|operator| operator.numbers).flatten());
        }
    }
    let mut seen = vec![false; symbols.spans.len()];
    while let Some(address) = wanted.pop() {
        let behind = symbols.spans.partition_point(|span| span.start <= address);
        for (number, span) in symbols.spans.iter().enumerate().take(behind).rev() {
            // Pieces lie one after another, but for texts that are the end of a longer one.
            if address.saturating_sub(span.start) > LONGEST {
                break;
            }
            // The linker knows which piece an address belongs to that it has put: where one ends, the next begins. Texts
            // may lie in each other. In a long piece many a number seems to point that is none of its addresses.
            let is_short = span.end - span.start <= LONG;
            let is_meant = match symbols.named.get(&address) {
                Some(meant) => {
                    meant.contains(span) || is_short && (span.start + 1..span.end).contains(&address)
                }
                None => address == span.start || is_short && address <= span.end,
            };
            if !is_meant || seen.get(number).copied().unwrap_or(true) {
                continue;
            }
            if let Some(seen) = seen.get_mut(number) {
                *seen = true;
            }
            if let Some(place) = kept.get_mut(index(span.start)..index(span.end)) {
                place.fill(true);
            }
            let inside =
                symbols.addresses.iter().skip(symbols.addresses.partition_point(|(at, _)| *at < span.start));
            wanted.extend(inside.take_while(|(at, _)| *at < span.end).map(|(_, target)| *target));
        }
    }
    Ok(kept)
}

/// A piece of data with more bytes than this is long.
const LONG: u32 = 4096;
/// No piece of data is longer than this: how far back one that covers an address is looked for.
const LONGEST: u32 = 1 << 18;
