//! What the editor calls: typing, moving the cursor, undo, completion, hover.

use super::Standing;
use crate::engine::Client;
use crate::js::{self, object};
use crate::state::{Action, Dispatch, Edit};
use js_sys::{Array, Promise};
use stagecraft_playground::engine::{Answer, Ask};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// The object of functions that the editor is made with; they work as long as this is kept.
pub(super) struct Calls {
    object: JsValue,
    _change: Closure<dyn FnMut(String, u32)>,
    _select: Closure<dyn FnMut(u32)>,
    _undo: Closure<dyn FnMut()>,
    _redo: Closure<dyn FnMut()>,
    _complete: Closure<dyn FnMut(String, u32) -> Promise>,
    _hover: Closure<dyn FnMut(String, u32) -> Promise>,
}

impl Calls {
    /// Calls that act on the page; `file` is the file that is open when they come.
    pub(super) fn new(
        dispatch: &Dispatch,
        client: Client,
        file: Rc<RefCell<String>>,
        standing: Rc<RefCell<Option<Standing>>>,
    ) -> Self {
        let change = Closure::new({
            let (dispatch, client, file) = (dispatch.clone(), client.clone(), Rc::clone(&file));
            move |text: String, _version: u32| {
                let path = file.borrow().clone();
                let handle = standing.borrow().as_ref().map(|standing| standing.handle.clone());
                if let Some(handle) = handle {
                    super::highlight(&client, &handle, &path, text.clone());
                }
                dispatch.dispatch(Action::Edit(Edit::Type { path, text }, js::now()));
            }
        });
        let select = Closure::new({
            let (dispatch, file) = (dispatch.clone(), Rc::clone(&file));
            move |line: u32| dispatch.dispatch(Action::Cursor(file.borrow().clone(), line))
        });
        let undo = Closure::new({
            let dispatch = dispatch.clone();
            move || dispatch.dispatch(Action::Undo)
        });
        let redo = Closure::new({
            let dispatch = dispatch.clone();
            move || dispatch.dispatch(Action::Redo)
        });
        let complete = Closure::new({
            let (client, file) = (client.clone(), Rc::clone(&file));
            move |text: String, offset: u32| {
                let is_dockerfile = super::is_dockerfile(&file.borrow());
                promise(&client, is_dockerfile.then_some(Ask::Complete { text, offset }), completions)
            }
        });
        let hover = Closure::new({
            move |text: String, offset: u32| {
                let is_dockerfile = super::is_dockerfile(&file.borrow());
                promise(&client, is_dockerfile.then_some(Ask::Hover { text, offset }), explanation)
            }
        });
        let calls: [(&str, JsValue); 6] = [
            ("change", AsRef::<JsValue>::as_ref(&change).clone()),
            ("select", AsRef::<JsValue>::as_ref(&select).clone()),
            ("undo", AsRef::<JsValue>::as_ref(&undo).clone()),
            ("redo", AsRef::<JsValue>::as_ref(&redo).clone()),
            ("complete", AsRef::<JsValue>::as_ref(&complete).clone()),
            ("hover", AsRef::<JsValue>::as_ref(&hover).clone()),
        ];
        Self {
            object: object(&calls),
            _change: change,
            _select: select,
            _undo: undo,
            _redo: redo,
            _complete: complete,
            _hover: hover,
        }
    }

    /// The object.
    pub(super) fn object(&self) -> &JsValue {
        &self.object
    }
}

/// A promise of what the engine answers, `null` where there is nothing to ask.
fn promise(client: &Client, ask: Option<Ask>, shape: fn(Answer) -> JsValue) -> Promise {
    let client = client.clone();
    let mut ask = ask;
    Promise::new(&mut move |resolve, _| match ask.take() {
        Some(ask) => client.ask(ask, move |answer| drop(resolve.call1(&JsValue::NULL, &shape(answer)))),
        None => drop(resolve.call1(&JsValue::NULL, &JsValue::NULL)),
    })
}

fn completions(answer: Answer) -> JsValue {
    let Answer::Completions(completions) = answer else { return JsValue::NULL };
    let options: Array = completions
        .items
        .iter()
        .map(|item| {
            object(&[
                ("label", (&*item.label).into()),
                ("detail", (&*item.detail).into()),
                ("info", (&*item.info).into()),
                ("kind", (&*item.kind).into()),
            ])
        })
        .collect();
    object(&[
        ("from", completions.range.from.into()),
        ("to", completions.range.to.into()),
        ("options", options.into()),
    ])
}

fn explanation(answer: Answer) -> JsValue {
    let Answer::Hover(Some(hover)) = answer else { return JsValue::NULL };
    let paragraphs: Array = hover.paragraphs.iter().map(|phrase| JsValue::from(phrase.to_string())).collect();
    object(&[
        ("from", hover.range.from.into()),
        ("to", hover.range.to.into()),
        ("paragraphs", paragraphs.into()),
    ])
}
