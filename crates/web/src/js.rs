//! What the browser is asked for directly: addresses of the page's parts, clipboard, files, scrolling, time.

use crate::state::{Action, Dispatch};
use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{Blob, BlobPropertyBag, Element, HtmlAnchorElement, HtmlElement, ResizeObserver, Storage, Url};

/// The object that boot.js leaves: addresses of the parts that are loaded later.
fn start_object() -> Option<JsValue> {
    Reflect::get(&js_sys::global(), &"stagecraft".into()).ok().filter(JsValue::is_object)
}

/// An address that boot.js knows.
pub fn start_value(name: &str) -> Option<String> {
    Reflect::get(&start_object()?, &name.into()).ok()?.as_string()
}

/// Something that boot.js loads: `editor`, `examples`.
pub fn load(name: &str) -> Option<Promise> {
    let start = start_object()?;
    let function: Function = Reflect::get(&start, &name.into()).ok()?.dyn_into().ok()?;
    function.call0(&start).ok()?.dyn_into().ok()
}

/// Something that boot.js loads with two values.
pub fn load_with(name: &str, one: &JsValue, other: &JsValue) -> Option<Promise> {
    let start = start_object()?;
    let function: Function = Reflect::get(&start, &name.into()).ok()?.dyn_into().ok()?;
    function.call2(&start, one, other).ok()?.dyn_into().ok()
}

/// Whether this is the engine and not the page: in a worker, or beside the page (see boot.js).
pub fn is_engine() -> bool {
    let beside = || start_object().and_then(|start| Reflect::get(&start, &"beside".into()).ok());
    web_sys::window().is_none() || beside().is_some_and(|beside| beside.is_truthy())
}

/// Tells boot.js that the engine runs in this worker.
pub fn worker_started(worker: &web_sys::Worker) {
    let Some(start) = start_object() else { return };
    if let Some(function) =
        Reflect::get(&start, &"worker".into()).ok().and_then(|value| value.dyn_into::<Function>().ok())
    {
        // Without it the worker fetches by itself what it needs.
        let _ = function.call1(&start, worker);
    }
}

/// A JavaScript object of these fields.
pub fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = js_sys::Object::new();
    for (name, value) in fields {
        // Setting a field of a fresh object cannot fail.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}

/// What is in the text area that an event came from.
pub fn text_of(event: &web_sys::InputEvent) -> Option<String> {
    Some(event.target()?.dyn_into::<web_sys::HtmlTextAreaElement>().ok()?.value())
}

/// Thousandths as CSS writes a number.
pub fn decimal(thousandths: u64) -> String {
    format!("{}.{:03}", thousandths / 1000, thousandths % 1000)
}

/// What share of a whole a part is, as CSS writes it.
pub fn percent(part: u64, whole: u64) -> String {
    format!("{}%", decimal(part.saturating_mul(100_000) / whole.max(1)))
}

/// Milliseconds since the page began.
pub fn now() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now())
}

/// The browser's store, where it lets the page have one.
pub fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}

/// The element around what an event happened to. (Its `currentTarget` is the page's root, where Yew listens.)
pub fn around(event: &web_sys::Event, selector: &str) -> Option<HtmlElement> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    target.closest(selector).ok()??.dyn_into().ok()
}

/// Puts text on the clipboard and says so, or says that it could not.
pub fn copy(text: &str, done: &'static str, dispatch: Dispatch) {
    let Some(window) = web_sys::window() else { return };
    // Not there on pages without https.
    let clipboard = Reflect::get(&window.navigator(), &"clipboard".into()).ok().filter(JsValue::is_object);
    if clipboard.is_none() {
        let (said, bad) = if copy_by_selection(text).is_some() {
            (done, false)
        } else {
            ("The browser did not let the page copy.", true)
        };
        dispatch.dispatch(Action::Say(said.into(), bad));
        return;
    }
    let promise = window.navigator().clipboard().write_text(text);
    let text = text.to_owned();
    wasm_bindgen_futures::spawn_local(async move {
        let copied =
            wasm_bindgen_futures::JsFuture::from(promise).await.is_ok() || copy_by_selection(&text).is_some();
        let (said, bad) =
            if copied { (done, false) } else { ("The browser did not let the page copy.", true) };
        dispatch.dispatch(Action::Say(said.into(), bad));
    });
}

fn copy_by_selection(text: &str) -> Option<()> {
    let document = web_sys::window()?.document()?;
    let area: web_sys::HtmlTextAreaElement = document.create_element("textarea").ok()?.dyn_into().ok()?;
    area.set_value(text);
    document.body()?.append_child(&area).ok()?;
    area.select();
    let command: Function = Reflect::get(&document, &"execCommand".into()).ok()?.dyn_into().ok()?;
    let copied = command.call1(&document, &"copy".into()).ok()?.as_bool()?;
    area.remove();
    copied.then_some(())
}

/// Hands a person a file.
pub fn download(name: &str, kind: &str, bytes: &[u8]) -> Option<()> {
    let document = web_sys::window()?.document()?;
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let blob =
        Blob::new_with_u8_array_sequence_and_options(&Array::of1(&Uint8Array::from(bytes)), &options).ok()?;
    let url = Url::create_object_url_with_blob(&blob).ok()?;
    let link: HtmlAnchorElement = document.create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // Not at once: the browser reads it a moment later.
    gloo::timers::callback::Timeout::new(30_000, move || drop(Url::revoke_object_url(&url))).forget();
    Some(())
}

/// The content of a file that a person chose or dropped.
pub async fn bytes_of(file: &web_sys::File) -> Option<Vec<u8>> {
    let buffer = wasm_bindgen_futures::JsFuture::from(file.array_buffer()).await.ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}

/// Scrolls the first element that `selector` finds in `pane` into view in the next frame, moving nothing outside of the
/// pane: to ask where things are at once would lay out the page one more time.
pub fn reveal_within(pane: Option<Element>, selector: &'static str) {
    let (Some(pane), Some(window)) = (pane, web_sys::window()) else { return };
    let reveal = Closure::once_into_js(move || {
        if let Ok(Some(found)) = pane.query_selector(selector) {
            reveal(&pane, &found);
        }
    });
    let _ = window.request_animation_frame(reveal.unchecked_ref());
}

fn reveal(pane: &Element, found: &Element) {
    let (area, item) = (pane.get_bounding_client_rect(), found.get_bounding_client_rect());
    if item.left() < area.left() || item.right() > area.right() {
        let by = item.left() - area.left() - (area.width() - item.width()) / 2.0;
        pane.set_scroll_left(pane.scroll_left() + by as i32);
    }
    if item.top() >= area.top() && item.bottom() <= area.bottom() {
        return;
    }
    let middle = item.top() - area.top() - (area.height() - item.height()) / 2.0;
    let by = if item.height() > area.height() { item.top() - area.top() } else { middle };
    pane.set_scroll_top(pane.scroll_top() + by as i32);
}

/// Watches an element's size.
pub struct Resizing {
    observer: Option<ResizeObserver>,
    _closure: Closure<dyn FnMut()>,
}

impl Drop for Resizing {
    fn drop(&mut self) {
        if let Some(observer) = &self.observer {
            observer.disconnect();
        }
    }
}

/// Calls back whenever the element's size has changed, until the result is dropped.
pub fn on_resize(element: &HtmlElement, then: impl FnMut() + 'static) -> Resizing {
    let closure = Closure::<dyn FnMut()>::new(then);
    let observer = ResizeObserver::new(closure.as_ref().unchecked_ref()).ok();
    if let Some(observer) = &observer {
        observer.observe(element);
    }
    Resizing { observer, _closure: closure }
}
