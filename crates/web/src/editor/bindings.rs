//! The editor of www/editor, as it looks from here.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The loaded module.
    pub(super) type Module;

    /// Makes an editor in an element.
    #[wasm_bindgen(method, catch)]
    pub(super) fn mount(
        this: &Module,
        parent: &web_sys::HtmlElement,
        calls: &JsValue,
    ) -> Result<Handle, JsValue>;

    /// One editor. See www/editor/index.js for what its methods do.
    #[derive(Clone)]
    pub(super) type Handle;

    #[wasm_bindgen(method)]
    pub(super) fn current(this: &Handle) -> u32;
    #[wasm_bindgen(method, js_name = setText)]
    pub(super) fn set_text(this: &Handle, text: &str, anew: bool);
    #[wasm_bindgen(method)]
    pub(super) fn configure(this: &Handle, name: &str, read_only: bool);
    #[wasm_bindgen(method, js_name = setTokens)]
    pub(super) fn set_tokens(this: &Handle, triples: &[u32], version: u32);
    #[wasm_bindgen(method, js_name = setLines)]
    pub(super) fn set_lines(this: &Handle, lines: &JsValue, version: u32);
    #[wasm_bindgen(method, js_name = setProblems)]
    pub(super) fn set_problems(this: &Handle, problems: &JsValue, version: u32);
    #[wasm_bindgen(method)]
    pub(super) fn reveal(this: &Handle, line: u32);
    #[wasm_bindgen(method)]
    pub(super) fn goto(this: &Handle, offset: u32);
    #[wasm_bindgen(method)]
    pub(super) fn destroy(this: &Handle);
}
