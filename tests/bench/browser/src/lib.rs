//! What the benchmark in the browser calls.

use stagecraft_dockerfile::{Dialect, parse};
use wasm_bindgen::prelude::wasm_bindgen;

/// Reads a Dockerfile, every instruction understood and every problem found, and drops it again; gives the number of
/// instructions, as the other parser is asked for too.
#[wasm_bindgen]
pub fn instructions(text: &str) -> usize {
    parse(text, Dialect::BuildKit).instructions.len()
}
