//! What the benchmark in the browser calls.

use std::cell::OnceCell;

use stagecraft_core::catalogue::Catalogue;
use stagecraft_dockerfile::{Dialect, parse};
use wasm_bindgen::prelude::wasm_bindgen;

/// Reads a Dockerfile, every instruction understood and every problem found, and drops it again; gives the number of
/// instructions, as the other parser is asked for too.
#[wasm_bindgen]
pub fn instructions(text: &str) -> usize {
    parse(text, Dialect::BuildKit).instructions.len()
}

thread_local! {
    static CATALOGUE: OnceCell<Catalogue> = const { OnceCell::new() };
}

/// Executes every `RUN` of every target of a Dockerfile, over its base images, plans included; gives their number.
#[wasm_bindgen]
pub fn runs(text: &str) -> usize {
    let mut count = 0;
    CATALOGUE.with(|catalogue| {
        let catalogue = catalogue.get_or_init(Catalogue::builtin);
        stagecraft_bench_runs::each(text, catalogue, &mut |_, request| {
            count += 1;
            stagecraft_sandbox::shell::run(request)
        });
    });
    count
}
