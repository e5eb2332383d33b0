//! A module that notes which of its parts run, so that a build can see what the first load of the page needs.

use super::Malformed;
use super::bytes::{put_address, put_number, put_sized};
use super::code::Walk;
use super::module::{CODE, EXPORTS, MEMORIES, Module, put_limits};
use super::operator::{locals, operators};

/// The size of a page of memory, in bytes.
const PAGE: u32 = 65_536;

/// A module that notes what runs.
#[derive(Debug)]
pub(crate) struct Counting {
    /// The module.
    pub(crate) wasm: Vec<u8>,
    /// How many parts there are. Its memory `marks` has a byte for each, which is 1 once the part has run.
    pub(crate) count: u32,
}

/// The module with a mark at the beginning of every part of it that may run less often than what stands before:
/// every function, and every place in one that a condition leads to.
///
/// The marks lie in a memory of their own: addresses in the program's own are what they are without marks, and with them
/// the seeds that it makes of addresses.
pub(crate) fn counting(wasm: &[u8]) -> Result<Counting, Malformed> {
    let module = Module::read(wasm)?;
    let mut count = 0;
    let mut code = Vec::with_capacity(wasm.len() * 2);
    put_number(&mut code, module.bodies.len() as u32);
    for (_, body) in module.functions() {
        let mut marked = Vec::with_capacity(body.len() * 2);
        let mut at = 0;
        for place in parts(&module, body)? {
            marked.extend_from_slice(body.get(at..place).ok_or(Malformed::Short)?);
            at = place;
            marked.push(0x41);
            put_address(&mut marked, count);
            // i32.const 1, i32.store8 in memory 1
            marked.extend_from_slice(&[0x41, 1, 0x3a, 0x40, 1, 0]);
            count += 1;
        }
        marked.extend_from_slice(body.get(at..).ok_or(Malformed::Short)?);
        put_sized(&mut code, &marked);
    }
    let mut memories = vec![2];
    put_limits(&mut memories, module.memory.0, module.memory.1);
    put_limits(&mut memories, count.div_ceil(PAGE), None);
    let mut exports = Vec::new();
    put_number(&mut exports, module.exports.len() as u32 + 1);
    for (name, kind, number) in module.exports.iter().copied().chain([(&b"marks"[..], 2, 1)]) {
        put_sized(&mut exports, name);
        exports.push(kind);
        put_number(&mut exports, number);
    }
    let wasm = module.with(|section| match section {
        CODE => Some(std::mem::take(&mut code)),
        MEMORIES => Some(std::mem::take(&mut memories)),
        EXPORTS => Some(std::mem::take(&mut exports)),
        _ => None,
    });
    Ok(Counting { wasm, count })
}

/// Where the parts of a body begin, the function's own beginning first.
pub(super) fn parts(module: &Module<'_>, body: &[u8]) -> Result<Vec<usize>, Malformed> {
    let mut walk = Walk::new(module, None);
    let mut places = vec![locals(body)?.1];
    for operator in operators(body)? {
        if walk.step(&operator)? && !walk.open.is_empty() && walk.alive() {
            places.push(operator.place.end);
        }
    }
    Ok(places)
}
