//! Where the engine runs: in a worker, or in the page itself where none can be started.

use crate::js;
use js_sys::{Array, Object, Reflect, Uint8Array};
use stagecraft_playground::engine::{Engine, Request};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

/// The engine's door; closing it ends the engine.
pub(super) struct Port {
    inside: Rc<Inside>,
}

type Handler = Closure<dyn FnMut(MessageEvent)>;

struct Inside {
    receive: Box<dyn Fn(Vec<u8>)>,
    worker: RefCell<Option<Worker>>,
    /// Keeps the worker's handlers alive.
    handlers: RefCell<Vec<Handler>>,
    /// The engine in the page, once that was decided.
    local: RefCell<Option<Engine>>,
    /// What was sent before the worker said that it is ready.
    early: RefCell<Vec<Vec<u8>>>,
    ready: Cell<bool>,
}

impl Port {
    /// Starts an engine; `receive` gets its answers, `broken` is called if it breaks off.
    pub(super) fn open(receive: impl Fn(Vec<u8>) + 'static, broken: impl Fn() + 'static) -> Self {
        let inside = Rc::new(Inside {
            receive: Box::new(receive),
            worker: RefCell::default(),
            handlers: RefCell::default(),
            local: RefCell::default(),
            early: RefCell::default(),
            ready: Cell::new(false),
        });
        if start(&inside, broken).is_none() {
            run_here(&inside);
        }
        Self { inside }
    }

    /// Sends a request.
    pub(super) fn send(&self, bytes: Vec<u8>) {
        if !self.inside.ready.get() {
            self.inside.early.borrow_mut().push(bytes);
            return;
        }
        deliver(&self.inside, bytes);
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        if let Some(worker) = self.inside.worker.take() {
            worker.set_onmessage(None);
            worker.set_onerror(None);
            worker.terminate();
        }
    }
}

/// Starts the worker with this page's own compiled module.
fn start(inside: &Rc<Inside>, broken: impl Fn() + 'static) -> Option<()> {
    let (script, glue) = (js::start_value("engine")?, js::start_value("glue")?);
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let worker = Worker::new_with_options(&script, &options).ok()?;

    let weak = Rc::downgrade(inside);
    let onmessage = Closure::new(move |event: MessageEvent| {
        let Some(inside) = weak.upgrade() else { return };
        match event.data().dyn_into::<Uint8Array>() {
            Ok(bytes) => (inside.receive)(bytes.to_vec()),
            // `ready`, or why it could not start.
            Err(word) if word.as_string().as_deref() == Some("ready") => open(&inside),
            Err(_) => run_here(&inside),
        }
    });
    let weak = Rc::downgrade(inside);
    let onerror = Closure::new(move |_: MessageEvent| match weak.upgrade() {
        // Never ready: the browser or the host forbids workers. Ready and then an error: it broke off.
        Some(inside) if !inside.ready.get() => run_here(&inside),
        Some(_) => broken(),
        None => {}
    });
    worker.set_onmessage(Some(onmessage.as_ref().unchecked_ref()));
    worker.set_onerror(Some(onerror.as_ref().unchecked_ref()));
    let first = Object::new();
    Reflect::set(&first, &"glue".into(), &glue.into()).ok()?;
    Reflect::set(&first, &"module".into(), &wasm_bindgen::module()).ok()?;
    worker.post_message(&first).ok()?;
    js::worker_started(&worker);
    inside.handlers.borrow_mut().extend([onmessage, onerror]);
    inside.worker.replace(Some(worker));
    Some(())
}

fn open(inside: &Rc<Inside>) {
    inside.ready.set(true);
    let early = inside.early.take();
    for bytes in early {
        deliver(inside, bytes);
    }
}

fn run_here(inside: &Rc<Inside>) {
    if let Some(worker) = inside.worker.take() {
        worker.terminate();
    }
    inside.local.replace(Some(Engine::new()));
    open(inside);
}

fn deliver(inside: &Rc<Inside>, bytes: Vec<u8>) {
    if let Some(worker) = &*inside.worker.borrow() {
        let bytes = Uint8Array::from(bytes.as_slice());
        let _ = worker.post_message_with_transfer(&bytes, &Array::of1(&bytes.buffer()));
        return;
    }
    let inside = Rc::clone(inside);
    // Behind a timer even here: answers never come before the question has returned.
    gloo::timers::callback::Timeout::new(0, move || {
        let answer = inside.local.borrow_mut().as_mut().and_then(|engine| answer(engine, &bytes));
        if let Some(answer) = answer {
            (inside.receive)(answer);
        }
    })
    .forget();
}

/// One question as bytes, answered as bytes.
pub(super) fn answer(engine: &mut Engine, bytes: &[u8]) -> Option<Vec<u8>> {
    let request = Request::decode(bytes).ok()?;
    engine.handle(request).encode().ok()
}
