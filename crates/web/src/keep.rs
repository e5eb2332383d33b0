//! Keeps the work: in the address, for a link that is copied from there, and in this browser's store.

use crate::embed::Frame;
use crate::state::{Action, Opened, State};
use crate::{js, persist};
use std::rc::Rc;
use yew::prelude::*;

/// Keeps link and store up to date a moment after a change, and opens a link that is pasted into this very page.
#[hook]
pub fn use_persistence(state: &UseReducerHandle<State>, frame: &Rc<Frame>, damaged: bool) {
    let written = use_mut_ref(|| frame.code.clone().unwrap_or_default());
    let warned = use_mut_ref(|| false);
    let dispatch = state.dispatcher();
    // How often there was something new to keep. What was just opened is where it came from.
    let changes = use_mut_ref(|| 0_u32);
    use_effect_with((state.revision, state.view_state()), {
        let (state, frame, written, dispatch) =
            (state.clone(), Rc::clone(frame), Rc::clone(&written), dispatch.clone());
        let changes = Rc::clone(&changes);
        move |_| {
            *changes.borrow_mut() += 1;
            let fresh = *changes.borrow() == 1;
            let timer = gloo::timers::callback::Timeout::new(350, move || {
                // A link that could not be read stays in the address until there is something to put there.
                if fresh || damaged && state.revision == 1 {
                    return;
                }
                let Some(code) = persist::encode(&state.project, &state.view_state()) else { return };
                written.borrow_mut().clone_from(&code);
                write_hash(&code, &frame);
                if !frame.embed && persist::keep(&code) != persist::Kept::Yes && !*warned.borrow() {
                    *warned.borrow_mut() = true;
                    let text = "This browser cannot keep work of this size. Download the project before you close the page.";
                    dispatch.dispatch(Action::Say(text.into(), true));
                }
            });
            move || drop(timer)
        }
    });
    // The page may be closed within that moment.
    let newest = use_mut_ref(|| (Rc::clone(&state.project), state.view_state()));
    *newest.borrow_mut() = (Rc::clone(&state.project), state.view_state());
    let embed = frame.embed;
    use_effect_with((), move |()| {
        let listener = web_sys::window().filter(|_| !embed).map(|window| {
            gloo::events::EventListener::new(&window, "pagehide", move |_| {
                let (project, view) = newest.borrow().clone();
                if *changes.borrow() > 1
                    && !damaged
                    && let Some(code) = persist::encode(&project, &view)
                {
                    persist::keep(&code);
                }
            })
        });
        move || drop(listener)
    });
    use_effect_with((), move |()| {
        let listener = web_sys::window().map(|window| {
            gloo::events::EventListener::new(&window, "hashchange", move |_| {
                let hash =
                    web_sys::window().and_then(|window| window.location().hash().ok()).unwrap_or_default();
                let Some(code) = Frame::read("", &hash).code else { return };
                if *written.borrow() == code {
                    return;
                }
                match persist::decode(&code) {
                    Ok((project, view)) => dispatch.dispatch(Action::Open(Box::new(Opened {
                        project: Rc::new(project),
                        view: Some(view),
                        now: js::now(),
                    }))),
                    Err(why) => dispatch.dispatch(Action::Say(why.into(), true)),
                }
            })
        });
        move || drop(listener)
    });
}

/// Puts the work into the address, where it fits.
fn write_hash(code: &str, frame: &Frame) {
    let Some(window) = web_sys::window() else { return };
    let (Ok(history), Ok(search)) = (window.history(), window.location().search()) else { return };
    let hash = if code.len() > persist::MOST_LINKED { String::new() } else { format!("#p={code}") };
    let flags = if frame.embed && !search.contains("embed") { "?embed" } else { &search };
    let path = window.location().pathname().unwrap_or_default();
    let _ = history.replace_state_with_url(
        &wasm_bindgen::JsValue::NULL,
        "",
        Some(&format!("{path}{flags}{hash}")),
    );
}
