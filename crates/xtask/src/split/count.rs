//! A module that notes which of its functions run, so that a build can see what the first load of the page needs.

use super::Malformed;
use super::bytes::{put_address, put_number, put_sized};
use super::code::begin;
use super::module::{CODE, MEMORIES, Module, put_limits};

/// The size of a page of memory, in bytes.
const PAGE: u32 = 65_536;

/// A module that notes what runs.
#[derive(Debug)]
pub(crate) struct Counting {
    /// The module.
    pub(crate) wasm: Vec<u8>,
    /// Where in its memory a byte per function begins, which is 1 once the function has run.
    pub(crate) base: u32,
    /// How many functions there are.
    pub(crate) count: u32,
}

/// The module with a mark at the beginning of every function.
///
/// The marks lie in pages of memory that are added behind those that the program starts with; its allocator takes
/// only pages that it asked for itself.
pub(crate) fn counting(wasm: &[u8]) -> Result<Counting, Malformed> {
    let module = Module::read(wasm)?;
    let count = module.bodies.len() as u32;
    let (least, most) = module.memory;
    let pages = count.div_ceil(PAGE);
    let base = least * PAGE;
    let mut code = Vec::with_capacity(wasm.len() * 2);
    put_number(&mut code, count);
    for (index, body) in (0..).zip(&module.bodies) {
        let start = begin(body)?;
        let mut marked = body.get(..start).ok_or(Malformed::Short)?.to_vec();
        marked.push(0x41);
        put_address(&mut marked, base + index);
        // i32.const 1, i32.store8
        marked.extend_from_slice(&[0x41, 1, 0x3a, 0, 0]);
        marked.extend_from_slice(body.get(start..).ok_or(Malformed::Short)?);
        put_sized(&mut code, &marked);
    }
    let mut memory = vec![1];
    put_limits(&mut memory, least + pages, most);
    let wasm = module.with(|section| match section {
        CODE => Some(std::mem::take(&mut code)),
        MEMORIES => Some(std::mem::take(&mut memory)),
        _ => None,
    });
    Ok(Counting { wasm, base, count })
}
