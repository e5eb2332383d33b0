//! The engine beside the page: the same program once more, in the same thread, with memory of its own, so that what
//! breaks it leaves the page alone. What it answers is in the very frame that shows what was typed; a worker's answer
//! never is, as browsers put off messages until what was typed is painted. It is for projects that take no time.

use super::port::Inside;
use crate::js;
use js_sys::{Function, Uint8Array};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// Loads a second instance: `at_once`, or when somebody begins to use the page. Where none can be had, the port is told.
pub(super) fn start(inside: &Rc<Inside>, at_once: bool) {
    let loading = js::load_with("near", &wasm_bindgen::module(), &at_once.into());
    let inside = Rc::downgrade(inside);
    wasm_bindgen_futures::spawn_local(async move {
        let loaded = match loading {
            Some(loading) => wasm_bindgen_futures::JsFuture::from(loading).await.ok(),
            None => None,
        };
        let Some(inside) = inside.upgrade() else { return };
        let Some(answer) = loaded.and_then(|loaded| loaded.dyn_into::<Function>().ok()) else {
            return (inside.broken)(true);
        };
        let weak = Rc::downgrade(&inside);
        inside.open(move |bytes| {
            let (weak, answer) = (weak.clone(), answer.clone());
            // In the same task, but never before the question has returned.
            wasm_bindgen_futures::spawn_local(async move {
                let from = js::now();
                let given = answer.call1(&JsValue::NULL, &Uint8Array::from(bytes.as_slice()));
                let Some(inside) = weak.upgrade() else { return };
                match given.map(JsCast::dyn_into::<Uint8Array>) {
                    Ok(Ok(bytes)) => (inside.receive)(bytes.to_vec(), js::now() - from),
                    Ok(Err(_)) => {}
                    Err(_) => (inside.broken)(false),
                }
            });
        });
    });
}
