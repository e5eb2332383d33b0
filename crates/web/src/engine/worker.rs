//! The worker's side: the same program without a window.

use super::port::answer;
use js_sys::{Array, Uint8Array};
use stagecraft_playground::engine::Engine;
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// Answers every message from now on.
pub fn serve() {
    let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else { return };
    let mut engine = Engine::new();
    let handler = Closure::<dyn FnMut(MessageEvent)>::new({
        let scope = scope.clone();
        move |event: MessageEvent| {
            let Ok(bytes) = event.data().dyn_into::<Uint8Array>() else { return };
            if let Some(answer) = answer(&mut engine, &bytes.to_vec()) {
                let bytes = Uint8Array::from(answer.as_slice());
                let _ = scope.post_message_with_transfer(&bytes, &Array::of1(&bytes.buffer()));
            }
        }
    });
    scope.set_onmessage(Some(handler.as_ref().unchecked_ref()));
    handler.forget();
}
