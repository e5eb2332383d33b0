//! The engine in a worker: whatever it is asked, the page stays responsive.

use super::port::Inside;
use crate::js;
use js_sys::{Array, Object, Reflect, Uint8Array};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

type Handler = Closure<dyn FnMut(MessageEvent)>;

/// A worker that ends with this value.
struct Running {
    worker: Worker,
    _handlers: [Handler; 2],
}

impl Drop for Running {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

/// Starts the worker with this page's own compiled module. Where none can be had, the port is told.
pub(super) fn start(inside: &Rc<Inside>) {
    if try_start(inside).is_none() {
        (inside.broken)(true);
    }
}

fn try_start(inside: &Rc<Inside>) -> Option<()> {
    let (script, glue) = (js::start_value("engine")?, js::start_value("glue")?);
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let worker = Worker::new_with_options(&script, &options).ok()?;

    let (weak, reached) = (Rc::downgrade(inside), worker.clone());
    let onmessage = Closure::new(move |event: MessageEvent| {
        let Some(inside) = weak.upgrade() else { return };
        let data = event.data();
        if let Some(word) = data.as_string() {
            // `ready`, or why it could not start.
            if word != "ready" {
                return (inside.broken)(true);
            }
            let worker = reached.clone();
            inside.open(move |bytes| {
                let bytes = Uint8Array::from(bytes.as_slice());
                let _ = worker.post_message_with_transfer(&bytes, &Array::of1(&bytes.buffer()));
            });
            return;
        }
        let field = |name: &str| Reflect::get(&data, &name.into()).unwrap_or_default();
        if let Ok(bytes) = field("bytes").dyn_into::<Uint8Array>() {
            (inside.receive)(bytes.to_vec(), field("took").as_f64().unwrap_or(f64::MAX));
        }
    });
    let weak = Rc::downgrade(inside);
    let onerror = Closure::new(move |_: MessageEvent| {
        if let Some(inside) = weak.upgrade() {
            // Never ready: the browser or the host forbids workers. Ready and then an error: it broke off.
            (inside.broken)(!inside.is_open());
        }
    });
    worker.set_onmessage(Some(onmessage.as_ref().unchecked_ref()));
    worker.set_onerror(Some(onerror.as_ref().unchecked_ref()));
    let first = Object::new();
    Reflect::set(&first, &"glue".into(), &glue.into()).ok()?;
    Reflect::set(&first, &"module".into(), &wasm_bindgen::module()).ok()?;
    worker.post_message(&first).ok()?;
    js::worker_started(&worker);
    inside.kept.replace(Some(Box::new(Running { worker, _handlers: [onmessage, onerror] })));
    Some(())
}
