//! Makes functions of their own from the parts of functions that a first load does not run, so that these can stay
//! behind too: what handles errors, rare instructions, actions of a person.

use std::collections::BTreeMap;

use super::Malformed;
use super::bytes::{put_number, put_sized};
use super::code::Walk;
use super::count::parts;
use super::module::{CODE, FUNCTIONS, HEADER, Module, TYPES};
use super::operator::{Act, Operator, locals, operators};
use super::region::{Region, Scope};

/// Parts smaller than this many bytes are not worth a function of their own.
const LEAST: usize = 48;

/// A module with more and smaller functions.
#[derive(Debug)]
pub(super) struct Outlined {
    pub(super) wasm: Vec<u8>,
    /// Which functions ran.
    pub(super) ran: Vec<bool>,
}

/// What is added to a module.
struct Added<'a> {
    module: &'a Module<'a>,
    /// New types of functions, parameters and results, with their numbers.
    types: BTreeMap<(Vec<u8>, Vec<u8>), u32>,
    /// The types and bodies of new functions.
    functions: Vec<(u32, Vec<u8>)>,
}

impl Added<'_> {
    fn type_number(&mut self, parameters: &[u8], results: &[u8]) -> u32 {
        let known = (0..).zip(&self.module.signatures).find(|(_, known)| **known == (parameters, results));
        if let Some((number, _)) = known {
            return number;
        }
        let next = (self.module.signatures.len() + self.types.len()) as u32;
        *self.types.entry((parameters.to_vec(), results.to_vec())).or_insert(next)
    }

    /// Adds a function and returns its number.
    fn function(&mut self, region: &Region) -> u32 {
        let kind = self.type_number(&region.parameters, &region.results);
        self.functions.push((kind, region.body.clone()));
        (self.module.types.len() + self.functions.len() - 1) as u32
    }
}

/// Makes functions of what `ran`, a mark per part (see [`super::counting`]), says did not run in functions that did.
pub(super) fn outline(wasm: &[u8], ran: &[bool]) -> Result<Outlined, Malformed> {
    let module = Module::read(wasm)?;
    let mut added = Added { module: &module, types: BTreeMap::new(), functions: Vec::new() };
    let mut functions_ran = Vec::with_capacity(module.bodies.len());
    let mut bodies = Vec::with_capacity(module.bodies.len());
    let mut marks = ran;
    for (function, body) in module.functions() {
        let n = parts(&module, body)?.len();
        let (own, later) = marks.split_at_checked(n).ok_or(Malformed::Short)?;
        marks = later;
        let ran = own.first() == Some(&true);
        functions_ran.push(ran);
        bodies.push(if ran { smaller(&mut added, function, body, own)? } else { body.to_vec() });
    }
    functions_ran.resize(bodies.len() + added.functions.len(), false);
    Ok(Outlined { wasm: write(&module, &added, &bodies), ran: functions_ran })
}

/// A body with calls of new functions in place of what did not run.
fn smaller(added: &mut Added<'_>, function: u32, body: &[u8], ran: &[bool]) -> Result<Vec<u8>, Malformed> {
    let module = added.module;
    let (parameters, results) = module.signature_of(function)?;
    let leaves = match results {
        [] => None,
        [one] => Some(*one),
        _ => return Ok(body.to_vec()),
    };
    let (declared, begin) = locals(body)?;
    let all = operators(body)?;
    let types: Vec<u8> = parameters.iter().chain(&declared).copied().collect();
    let scope = Scope { body, types: &types, operators: &all };
    let mut walk = Walk::new(module, leaves);
    let mut marks = ran.iter().skip(1);
    let mut out = Vec::with_capacity(body.len());
    let mut at = begin;
    let mut next = 0;
    while let Some(operator) = all.get(next) {
        next += 1;
        if !walk.step(operator)? || walk.open.is_empty() || !walk.alive() {
            continue;
        }
        if marks.next() != Some(&false) || !walk.is_level() {
            continue;
        }
        let (end, marked) = close(&walk, &all, next)?;
        let inside = all.get(next..end).unwrap_or_default();
        let size = inside.last().map_or(0, |last| last.place.end - operator.place.end);
        if size < LEAST {
            continue;
        }
        let Some(region) = Region::of(&scope, inside, &walk)? else { continue };
        if region.call.len() + region.parameters.len() * 2 + 16 >= size {
            continue;
        }
        out.extend_from_slice(body.get(at..operator.place.end).ok_or(Malformed::Short)?);
        let number = added.function(&region);
        region.put_call(&mut out, number);
        // On to the end of the block, where the walk goes on as if all had been gone over.
        for operator in inside {
            walk.step(operator)?;
        }
        for _ in 0..marked {
            marks.next();
        }
        at = all.get(end).map_or(body.len(), |operator| operator.place.start);
        next = end;
    }
    if at == begin {
        return Ok(body.to_vec());
    }
    out.extend_from_slice(body.get(at..).ok_or(Malformed::Short)?);
    let mut whole = Vec::with_capacity(out.len() + begin + 4);
    put_locals(&mut whole, body, begin)?;
    whole.extend_from_slice(&out);
    Ok(whole)
}

/// The index of the operator that closes the open block, and how many parts begin before it.
fn close(walk: &Walk<'_, '_>, all: &[Operator], from: usize) -> Result<(usize, usize), Malformed> {
    let mut inner = Walk { module: walk.module, open: walk.open.clone(), height: walk.height };
    let depth = inner.open.len();
    let mut marked = 0;
    for (index, operator) in all.iter().enumerate().skip(from) {
        if inner.open.len() == depth && matches!(operator.act, Act::End | Act::Else) {
            return Ok((index, marked));
        }
        if inner.step(operator)? && inner.alive() {
            marked += 1;
        }
    }
    Err(Malformed::Unknown("blocks"))
}

/// The local variables of a body, and one more number.
fn put_locals(out: &mut Vec<u8>, body: &[u8], begin: usize) -> Result<(), Malformed> {
    let mut reader = super::bytes::Reader::new(body);
    let groups = reader.number()?;
    put_number(out, groups + 1);
    out.extend_from_slice(body.get(reader.at()..begin).ok_or(Malformed::Short)?);
    out.extend_from_slice(&[1, 0x7f]);
    Ok(())
}

fn write(module: &Module<'_>, added: &Added<'_>, bodies: &[Vec<u8>]) -> Vec<u8> {
    let mut types: Vec<_> = added.types.iter().collect();
    types.sort_by_key(|(_, number)| **number);
    let mut out = HEADER.to_vec();
    for (id, content) in &module.sections {
        let mut grown = Vec::new();
        match *id {
            TYPES => {
                put_number(&mut grown, (module.signatures.len() + types.len()) as u32);
                grown.extend_from_slice(behind_count(content));
                for ((parameters, results), _) in &types {
                    grown.push(0x60);
                    put_sized(&mut grown, parameters);
                    put_sized(&mut grown, results);
                }
            }
            FUNCTIONS => {
                put_number(&mut grown, (bodies.len() + added.functions.len()) as u32);
                grown.extend_from_slice(behind_count(content));
                for (kind, _) in &added.functions {
                    put_number(&mut grown, *kind);
                }
            }
            CODE => {
                put_number(&mut grown, (bodies.len() + added.functions.len()) as u32);
                for body in bodies.iter().chain(added.functions.iter().map(|(_, body)| body)) {
                    put_sized(&mut grown, body);
                }
            }
            _ => grown.extend_from_slice(content),
        }
        out.push(*id);
        put_sized(&mut out, &grown);
    }
    out
}

/// A section's entries, without their count.
fn behind_count(content: &[u8]) -> &[u8] {
    let mut reader = super::bytes::Reader::new(content);
    // What could be read before can be read again.
    let _ = reader.number();
    content.get(reader.at()..).unwrap_or_default()
}
