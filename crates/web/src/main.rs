//! The Stagecraft page. The same program is loaded more than once: in the page it draws, in a worker and beside the
//! page it is the engine.
#![allow(unreachable_pub, reason = "modules of a program")]

mod app;
mod bar;
mod build;
mod components;
mod editor;
mod embed;
mod engine;
mod examples;
mod js;
mod keep;
mod keys;
mod pane;
mod persist;
mod project;
mod rest;
mod source;
mod state;

use app::{App, AppProps};
use embed::Frame;
use std::rc::Rc;
use yew::AttrValue;

fn main() {
    console_error_panic_hook::set_once();
    if !js::is_engine() {
        wasm_bindgen_futures::spawn_local(start());
    }
}

/// The examples that boot.js loads under a name, if they can be had.
pub async fn load_examples(name: &str) -> Vec<examples::Example> {
    let Some(loading) = js::load(name) else { return Vec::new() };
    let text = wasm_bindgen_futures::JsFuture::from(loading).await.ok().and_then(|text| text.as_string());
    text.and_then(|text| examples::read(&text).ok()).unwrap_or_default()
}

/// Opens what the link says, else what this browser kept, else the first example.
async fn start() {
    let Some(window) = web_sys::window() else { return };
    let location = window.location();
    let frame =
        Rc::new(Frame::read(&location.search().unwrap_or_default(), &location.hash().unwrap_or_default()));
    let stored = if frame.embed { None } else { persist::kept() };

    let mut say = None;
    let mut work = frame.code.as_deref().and_then(|code| match persist::decode(code) {
        Ok(work) => Some(work),
        Err(why) => {
            say = Some(AttrValue::from(format!("The link could not be read: {why}")));
            None
        }
    });
    if let (Some(stored), Some(code)) = (&stored, &frame.code)
        && stored != code
        && work.is_some()
    {
        persist::put_aside(stored);
    }
    let mut examples = Vec::new();
    let mut example = None;
    if let Some(name) = frame.example.as_deref().filter(|_| work.is_none()) {
        examples = load_examples("examples").await;
        example = examples.iter().find(|example| example.name == *name);
    }
    if work.is_none() && example.is_none() {
        work = stored.as_deref().and_then(|code| persist::decode(code).ok());
    }
    if work.is_none() && example.is_none() {
        examples = load_examples("first").await;
        example = examples.first();
    }
    let (project, view) = match (work, example) {
        (Some((project, view)), _) => (project, Some(view)),
        (None, Some(example)) => (example.project.clone(), None),
        (None, None) => (project::fallback(), None),
    };
    let example = example.map(|example| (example.name.clone(), example.look.clone()));
    let Some(document) = window.document() else { return };
    let Some(root) = document.get_element_by_id("app") else { return };
    if let Some(wait) = document.get_element_by_id("wait") {
        wait.remove();
    }
    let examples = Rc::new(examples);
    let props = AppProps { frame, project: Rc::new(project), view, example, examples, say };
    yew::Renderer::<App>::with_root_and_props(root, props).render();
}
