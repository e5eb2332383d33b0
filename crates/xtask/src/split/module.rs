//! What of a WebAssembly module splitting needs to know; all else is carried along as bytes.

use super::Malformed;
use super::bytes::{Reader, put_address, put_number, put_sized};

pub(super) const TYPES: u8 = 1;
pub(super) const IMPORTS: u8 = 2;
pub(super) const FUNCTIONS: u8 = 3;
pub(super) const TABLES: u8 = 4;
pub(super) const MEMORIES: u8 = 5;
pub(super) const GLOBALS: u8 = 6;
pub(super) const EXPORTS: u8 = 7;
pub(super) const ELEMENTS: u8 = 9;
pub(super) const CODE: u8 = 10;
pub(super) const DATA: u8 = 11;
pub(super) const DATA_COUNT: u8 = 12;
/// `\0asm` and version 1.
pub(super) const HEADER: &[u8] = b"\0asm\x01\0\0\0";

/// A module as splitting sees it.
#[derive(Debug, Default)]
pub(super) struct Module<'a> {
    /// Every section with its number, in order; custom sections are left out.
    pub(super) sections: Vec<(u8, &'a [u8])>,
    /// Every custom section with its name.
    customs: Vec<(&'a [u8], &'a [u8])>,
    /// The types of parameters and results of each type of function.
    pub(super) signatures: Vec<(&'a [u8], &'a [u8])>,
    /// The type of each function, imported ones first.
    pub(super) types: Vec<u32>,
    /// How many functions are imported.
    pub(super) n_imported: u32,
    /// Each table's kind of element and its size; the first one holds functions.
    pub(super) tables: Vec<Table>,
    /// The size of the memory in pages of 64 KiB, and its limit.
    pub(super) memory: (u32, Option<u32>),
    /// Each global's type of value, and whether it can change, as bytes.
    pub(super) globals: Vec<[u8; 2]>,
    /// Each export's name, kind and number.
    pub(super) exports: Vec<(&'a [u8], u8, u32)>,
    /// Each function in the table and its place there.
    pub(super) elements: Vec<(u32, u32)>,
    /// The body of each function that is not imported.
    pub(super) bodies: Vec<&'a [u8]>,
    /// Data that is there from the start, and where.
    pub(super) data: Vec<(u32, &'a [u8])>,
    /// Where in the section of data the bytes of each of them begin.
    pub(super) data_places: Vec<u32>,
}

/// A table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table {
    /// Its kind of element, as its byte.
    pub(super) kind: u8,
    pub(super) least: u32,
    pub(super) most: Option<u32>,
}

impl Table {
    pub(super) fn put(self, out: &mut Vec<u8>) {
        out.push(self.kind);
        put_limits(out, self.least, self.most);
    }
}

pub(super) fn put_limits(out: &mut Vec<u8>, least: u32, most: Option<u32>) {
    out.push(u8::from(most.is_some()));
    put_number(out, least);
    if let Some(most) = most {
        put_number(out, most);
    }
}

fn limits(reader: &mut Reader<'_>) -> Result<(u32, Option<u32>), Malformed> {
    match reader.byte()? {
        0 => Ok((reader.number()?, None)),
        1 => Ok((reader.number()?, Some(reader.number()?))),
        _ => Err(Malformed::Unknown("limits")),
    }
}

/// The content of a section of data.
pub(super) fn put_data(out: &mut Vec<u8>, segments: &[(u32, &[u8])]) {
    put_number(out, segments.len() as u32);
    for (start, bytes) in segments {
        out.extend_from_slice(&[0, 0x41]);
        put_address(out, *start);
        out.push(0x0b);
        put_sized(out, bytes);
    }
}

/// An expression of one constant address.
fn address(reader: &mut Reader<'_>) -> Result<u32, Malformed> {
    if reader.byte()? != 0x41 {
        return Err(Malformed::Unknown("an offset"));
    }
    let address = reader.number()?;
    if reader.byte()? != 0x0b {
        return Err(Malformed::Unknown("an offset"));
    }
    Ok(address)
}

impl<'a> Module<'a> {
    /// Reads a module of the kind that wasm-bindgen and wasm-opt make.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        if reader.take(HEADER.len())? != HEADER {
            return Err(Malformed::Unknown("the header"));
        }
        let mut module = Self::default();
        while !reader.is_done() {
            let id = reader.byte()?;
            let content = reader.sized()?;
            if id == 0 {
                let mut reader = Reader::new(content);
                let name = reader.sized()?;
                module.customs.push((name, content.get(reader.at()..).unwrap_or_default()));
                continue;
            }
            module.sections.push((id, content));
            let mut reader = Reader::new(content);
            match id {
                TYPES => module.read_types(&mut reader)?,
                IMPORTS => module.read_imports(&mut reader)?,
                FUNCTIONS => {
                    for _ in 0..reader.number()? {
                        module.types.push(reader.number()?);
                    }
                }
                TABLES => {
                    for _ in 0..reader.number()? {
                        let kind = reader.byte()?;
                        let (least, most) = limits(&mut reader)?;
                        module.tables.push(Table { kind, least, most });
                    }
                }
                MEMORIES => {
                    if reader.number()? != 1 {
                        return Err(Malformed::Unknown("memories"));
                    }
                    module.memory = limits(&mut reader)?;
                }
                GLOBALS => module.read_globals(&mut reader)?,
                EXPORTS => {
                    for _ in 0..reader.number()? {
                        module.exports.push((reader.sized()?, reader.byte()?, reader.number()?));
                    }
                }
                ELEMENTS => module.read_elements(&mut reader)?,
                CODE => {
                    for _ in 0..reader.number()? {
                        module.bodies.push(reader.sized()?);
                    }
                }
                DATA => {
                    for _ in 0..reader.number()? {
                        if reader.number()? != 0 {
                            return Err(Malformed::Unknown("data"));
                        }
                        let start = address(&mut reader)?;
                        let bytes = reader.sized()?;
                        module.data_places.push((reader.at() - bytes.len()) as u32);
                        module.data.push((start, bytes));
                    }
                }
                _ => {}
            }
        }
        Ok(module)
    }

    fn read_types(&mut self, reader: &mut Reader<'a>) -> Result<(), Malformed> {
        for _ in 0..reader.number()? {
            if reader.byte()? != 0x60 {
                return Err(Malformed::Unknown("types"));
            }
            self.signatures.push((reader.sized()?, reader.sized()?));
        }
        Ok(())
    }

    fn read_imports(&mut self, reader: &mut Reader<'a>) -> Result<(), Malformed> {
        for _ in 0..reader.number()? {
            reader.sized()?;
            reader.sized()?;
            // Tables, memories and globals would shift the numbers of the module's own.
            if reader.byte()? != 0 {
                return Err(Malformed::Unknown("imports"));
            }
            self.types.push(reader.number()?);
            self.n_imported += 1;
        }
        Ok(())
    }

    fn read_globals(&mut self, reader: &mut Reader<'a>) -> Result<(), Malformed> {
        for _ in 0..reader.number()? {
            self.globals.push([reader.byte()?, reader.byte()?]);
            address(reader)?;
        }
        Ok(())
    }

    fn read_elements(&mut self, reader: &mut Reader<'a>) -> Result<(), Malformed> {
        for _ in 0..reader.number()? {
            if reader.number()? != 0 {
                return Err(Malformed::Unknown("elements"));
            }
            let first = address(reader)?;
            for slot in 0..reader.number()? {
                self.elements.push((reader.number()?, first + slot));
            }
        }
        Ok(())
    }

    /// The content of a custom section.
    pub(super) fn custom(&self, name: &str) -> Option<&'a [u8]> {
        self.customs.iter().find(|(known, _)| *known == name.as_bytes()).map(|(_, content)| *content)
    }

    /// The type of a function.
    pub(super) fn type_of(&self, function: u32) -> Result<u32, Malformed> {
        self.types.get(function as usize).copied().ok_or(Malformed::Function(function))
    }

    /// The types of parameters and results of a type of function.
    pub(super) fn signature(&self, kind: u32) -> Result<(&'a [u8], &'a [u8]), Malformed> {
        self.signatures.get(kind as usize).copied().ok_or(Malformed::Unknown("types"))
    }

    /// The types of a function's parameters and results.
    pub(super) fn signature_of(&self, function: u32) -> Result<(&'a [u8], &'a [u8]), Malformed> {
        self.signature(self.type_of(function)?)
    }

    /// The number of each function that is not imported, with its body.
    pub(super) fn functions(&self) -> impl Iterator<Item = (u32, &'a [u8])> {
        (self.n_imported..).zip(self.bodies.iter().copied())
    }

    /// The module with some sections' content put anew; `None` keeps what is there.
    pub(super) fn with(&self, mut section: impl FnMut(u8) -> Option<Vec<u8>>) -> Vec<u8> {
        let mut out = HEADER.to_vec();
        for (id, content) in &self.sections {
            let changed = section(*id);
            out.push(*id);
            put_sized(&mut out, changed.as_deref().unwrap_or(content));
        }
        out
    }
}
