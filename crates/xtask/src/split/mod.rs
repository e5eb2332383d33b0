//! Splits the page's program in two: what the first load runs, and the rest, which is loaded when it is needed.
//!
//! A function that stays behind is replaced by a few bytes that fetch the rest, if it is not there yet, and call the
//! function through the table in which the rest then has put it. So nothing of the program has to know what is where, and what
//! the first load needs is not listed by hand: the build sees it in a browser.
//!
//! Both halves share memory, table and globals. Numbers of functions stay as they are in the first half; what is not
//! needed there becomes an empty function, which `wasm-opt` takes away.

mod bytes;
mod code;
mod count;
mod data;
mod first;
mod imports;
mod module;
mod operator;
mod outline;
mod region;
mod rest;
#[cfg(test)]
mod tests;
mod twins;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

pub(crate) use self::count::counting;
pub(crate) use self::data::{Symbols, symbols};
pub(crate) use self::imports::shorten;
use self::module::Module;
use self::operator::{Act, operators};

/// The export that fetches the rest, once.
const ENSURE: &[u8] = b"ensureRest";

/// Why a module cannot be split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Malformed {
    /// It ends in the middle of something.
    Short,
    /// A number is too large.
    Number,
    /// A form of the binary format that is not known here.
    Unknown(&'static str),
    /// An operator that is not known here.
    Operator(u32),
    /// A function that is not there.
    Function(u32),
    /// The program has no function that fetches the rest.
    Whole,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short => f.write_str("it ends too early"),
            Self::Number => f.write_str("a number in it is too large"),
            Self::Unknown(what) => write!(f, "it has {what} of a form that is not known"),
            Self::Operator(code) => write!(f, "it has an operator that is not known ({code:#x})"),
            Self::Function(number) => write!(f, "function {number} is not there"),
            Self::Whole => f.write_str("it does not export what fetches the rest"),
        }
    }
}

/// The two halves of a program.
#[derive(Debug)]
pub(crate) struct Halves {
    /// What is loaded first.
    pub(crate) first: Vec<u8>,
    /// What is loaded when it is needed.
    pub(crate) rest: Vec<u8>,
}

/// What goes where.
#[derive(Debug)]
struct Plan {
    /// The functions of the rest, in order.
    rest: BTreeSet<u32>,
    /// Those of them that the first half can come to, with their place in the table.
    slots: BTreeMap<u32, u32>,
    /// How large the table becomes.
    table: u32,
    /// The functions of the first half that the rest calls, in order.
    shared: BTreeSet<u32>,
    /// The functions of the first half that the rest has too.
    twins: BTreeSet<u32>,
    /// The function that fetches the rest.
    ensure: u32,
}

/// Splits a program: `ran` says of each of its parts (see [`counting`]) whether the first load ran it.
/// `symbols` says where its data lies.
pub(crate) fn split(wasm: &[u8], ran: &[bool], symbols: &Symbols) -> Result<Halves, Malformed> {
    let outlined = outline::outline(wasm, ran)?;
    let module = Module::read(&outlined.wasm)?;
    let plan = plan(&module, &outlined.ran)?;
    let (first, rest) = data::divide(&module, &plan, symbols)?;
    Ok(Halves { first: first::write(&module, &plan, &first)?, rest: rest::write(&module, &plan, &rest)? })
}

fn plan(module: &Module<'_>, ran: &[bool]) -> Result<Plan, Malformed> {
    let ensure = module
        .exports
        .iter()
        .find_map(|(name, kind, function)| (*name == ENSURE && *kind == 0).then_some(*function))
        .ok_or(Malformed::Whole)?;
    let data = data::range(module);
    let mut calls = BTreeMap::new();
    let mut rest = BTreeSet::new();
    for ((function, body), ran) in module.functions().zip(ran) {
        let (mut tied, mut names_data) = (false, false);
        let mut called = Vec::new();
        for operator in operators(body)? {
            names_data |= operator.numbers.iter().flatten().any(|number| data.contains(number));
            match operator.act {
                Act::Call(function) => called.push(function),
                Act::Tied(..) => tied = true,
                _ => {}
            }
        }
        calls.insert(function, called);
        // A forwarding function would be as large as what it stands for, if that stands for no data.
        let small = !names_data && body.len() <= 8 + 2 * module.signature_of(function)?.0.len();
        if !ran && !tied && !small {
            rest.insert(function);
        }
    }
    // What fetches the rest cannot wait for it.
    let mut needed = vec![ensure];
    let mut seen = BTreeSet::new();
    while let Some(function) = needed.pop() {
        if seen.insert(function) {
            rest.remove(&function);
            needed.extend(calls.get(&function).into_iter().flatten());
        }
    }
    let mut slots: BTreeMap<u32, u32> =
        module.elements.iter().copied().filter(|(function, _)| rest.contains(function)).collect();
    let mut shared = BTreeSet::new();
    let mut table = module.tables.first().map_or(0, |table| table.least);
    let exported = module.exports.iter().filter(|(_, kind, _)| *kind == 0).map(|(_, _, function)| *function);
    let called = calls.iter().flat_map(|(from, calls)| calls.iter().map(|to| (Some(*from), *to)));
    for (from, to) in called.chain(exported.map(|to| (None, to))) {
        let behind = from.is_some_and(|from| rest.contains(&from));
        match (behind, rest.contains(&to)) {
            (true, false) => {
                shared.insert(to);
            }
            (false, true) => {
                slots.entry(to).or_insert_with(|| {
                    table += 1;
                    table - 1
                });
            }
            _ => {}
        }
    }
    let twins = twins::take(module, &rest, &mut shared)?;
    Ok(Plan { rest, slots, table, shared, twins, ensure })
}

/// Under what name the first half exports something to the rest: by its place among its kind. Short, as there are many.
fn name_of(kind: char, number: u32) -> Vec<u8> {
    format!("{kind}{number:x}").into_bytes()
}
