//! The engine's side of the door. The program is loaded more than once: as the page, as the engine in a worker, and
//! as a second engine beside the page; each of them has memory of its own.

use stagecraft_playground::engine::{Engine, Request};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

thread_local! {
    static ENGINE: RefCell<Engine> = RefCell::new(Engine::new());
}

/// One question as bytes, answered as bytes. Nothing is answered to what cannot be read.
#[wasm_bindgen]
pub fn answer(question: &[u8]) -> Option<Vec<u8>> {
    let request = Request::decode(question).ok()?;
    ENGINE.with_borrow_mut(|engine| engine.handle(request)).encode().ok()
}
