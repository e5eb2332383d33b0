//! The door to the rest of the program, which `cargo xtask build` cuts off because the first load does not run it
//! (see `crates/xtask/src/split`). In a program that was not split nothing calls it.

use std::sync::atomic::{AtomicBool, Ordering};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Loads the rest and puts it into the program with these exports, before it returns.
    #[wasm_bindgen(js_namespace = stagecraft, js_name = rest)]
    fn join(exports: &JsValue);
}

static HERE: AtomicBool = AtomicBool::new(false);

/// Makes sure that the rest is there. Every function that was cut off calls it first.
#[wasm_bindgen(js_name = ensureRest)]
pub fn ensure() {
    if !HERE.load(Ordering::Relaxed) {
        join(&wasm_bindgen::exports());
        HERE.store(true, Ordering::Relaxed);
    }
}
