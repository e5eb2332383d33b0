//! Keys that work wherever no text is being typed.

use crate::pane::PANES;
use crate::state::{Action, Dispatch, Job, Pane};
use gloo::events::EventListener;
use stagecraft_playground::view::Look;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};
use yew::prelude::*;

/// Whether the element takes keys for itself.
fn takes_keys(element: &Element, key: &str) -> bool {
    let name = element.tag_name().to_ascii_lowercase();
    if matches!(name.as_str(), "textarea" | "select")
        || element.closest("[contenteditable=true], dialog").ok().flatten().is_some()
    {
        return true;
    }
    if name == "input" {
        let kind = element.get_attribute("type").unwrap_or_default();
        // The scrubber does by itself what the arrows would do.
        return match kind.as_str() {
            "checkbox" => key == " ",
            "range" => key != " ",
            _ => true,
        };
    }
    key == " " && matches!(name.as_str(), "button" | "a" | "summary")
}

fn action(event: &KeyboardEvent, shown: &[Pane]) -> Option<Action> {
    let key = event.key();
    if event.ctrl_key() || event.meta_key() {
        return match (key.to_ascii_lowercase().as_str(), event.shift_key()) {
            ("z", false) => Some(Action::Undo),
            ("y", false) | ("z", true) => Some(Action::Redo),
            _ => None,
        };
    }
    if event.alt_key() {
        return None;
    }
    Some(match key.as_str() {
        "ArrowLeft" => Action::Job(Job::Back),
        "ArrowRight" => Action::Job(Job::Forward),
        "Home" => Action::Job(Job::First),
        "End" => Action::Job(Job::Last),
        " " => Action::Job(Job::Play),
        "b" => Action::Look(Look::BuildKit),
        "l" => Action::Look(Look::Legacy),
        "s" => Action::Look(Look::SideBySide),
        "p" => Action::Present,
        digit => {
            let n: usize = digit.parse().ok()?;
            let mut panes = PANES.iter().filter(|(pane, _, _)| shown.contains(pane));
            Action::Pane(panes.nth(n.checked_sub(1)?)?.0)
        }
    })
}

/// Listens to the whole page.
#[hook]
pub fn use_keys(dispatch: &Dispatch, shown: Rc<Vec<Pane>>) {
    let dispatch = dispatch.clone();
    use_effect_with((), move |()| {
        let document = web_sys::window().and_then(|window| window.document());
        let listener = document.map(|document| {
            let options = gloo::events::EventListenerOptions::enable_prevent_default();
            EventListener::new_with_options(&document, "keydown", options, move |event| {
                let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
                let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
                if event.default_prevented() || target.is_some_and(|target| takes_keys(&target, &event.key()))
                {
                    return;
                }
                if event.key() == "e" && !event.ctrl_key() && !event.meta_key() && !event.alt_key() {
                    if focus(EDITOR).is_some() {
                        event.prevent_default();
                    }
                } else if let Some(action) = action(event, &shown) {
                    event.prevent_default();
                    dispatch.dispatch(action);
                }
            })
        });
        move || drop(listener)
    });
}

/// Puts the focus into the text, once what led to it is over.
pub fn focus_editor_soon() {
    gloo::timers::callback::Timeout::new(0, || {
        focus(EDITOR);
    })
    .forget();
}

/// Puts the focus on the button that plays, once what led to it is over: the space bar plays then.
pub fn focus_play_soon() {
    gloo::timers::callback::Timeout::new(0, || {
        focus("[data-hook=play]");
    })
    .forget();
}

const EDITOR: &str = "[data-hook=editor] .cm-content, [data-hook=editor].still, [data-hook=editor-waits]";

fn focus(selector: &str) -> Option<()> {
    let found = web_sys::window()?.document()?.query_selector(selector).ok()??;
    found.dyn_into::<HtmlElement>().ok()?.focus().ok()
}
