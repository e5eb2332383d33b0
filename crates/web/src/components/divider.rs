//! The line between two parts, to be dragged or moved with the arrow keys.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

/// What [`Divider`] needs.
#[derive(Properties, PartialEq)]
pub struct DividerProps {
    /// What it divides.
    pub label: AttrValue,
    /// The custom property of the parent that it sets.
    pub property: &'static str,
    /// It lies flat, between an upper and a lower part.
    #[prop_or_default]
    pub across: bool,
    /// Where it stands at first, in percent.
    pub initial: f64,
}

/// The divider. Where it stands is the parent element's custom property alone: nothing is rendered while it moves.
#[component]
pub fn Divider(props: &DividerProps) -> Html {
    let node = use_node_ref();
    let held = use_mut_ref(|| false);
    let at = use_mut_ref(|| props.initial);
    let set = {
        let (node, at, property) = (node.clone(), at.clone(), props.property);
        move |percent: f64| {
            let percent = percent.clamp(12.0, 84.0);
            *at.borrow_mut() = percent;
            let Some(divider) = node.cast::<Element>() else { return };
            let _ = divider.set_attribute("aria-valuenow", &format!("{percent:.0}"));
            if let Some(parent) =
                divider.parent_element().and_then(|parent| parent.dyn_into::<HtmlElement>().ok())
            {
                let _ = parent.style().set_property(property, &format!("{percent}%"));
            }
        }
    };
    let onpointerdown = {
        let (node, held) = (node.clone(), held.clone());
        Callback::from(move |event: PointerEvent| {
            event.prevent_default();
            *held.borrow_mut() = true;
            if let Some(divider) = node.cast::<Element>() {
                let _ = divider.set_pointer_capture(event.pointer_id());
                let _ = divider.class_list().add_1("is-held");
            }
        })
    };
    let onpointermove = {
        let (node, held, set, across) = (node.clone(), held.clone(), set.clone(), props.across);
        Callback::from(move |event: PointerEvent| {
            if !*held.borrow() {
                return;
            }
            let Some(parent) = node.cast::<Element>().and_then(|divider| divider.parent_element()) else {
                return;
            };
            let area = parent.get_bounding_client_rect();
            set(if across {
                (f64::from(event.client_y()) - area.top()) / area.height() * 100.0
            } else {
                (f64::from(event.client_x()) - area.left()) / area.width() * 100.0
            });
        })
    };
    let onpointerup = {
        let (node, held) = (node.clone(), held.clone());
        Callback::from(move |_: PointerEvent| {
            *held.borrow_mut() = false;
            if let Some(divider) = node.cast::<Element>() {
                let _ = divider.class_list().remove_1("is-held");
            }
        })
    };
    let onkeydown = {
        let (at, across) = (at.clone(), props.across);
        Callback::from(move |event: KeyboardEvent| {
            let step = match (event.key().as_str(), across) {
                ("ArrowLeft", false) | ("ArrowUp", true) => -2.0,
                ("ArrowRight", false) | ("ArrowDown", true) => 2.0,
                _ => return,
            };
            event.prevent_default();
            event.stop_propagation();
            let now = *at.borrow();
            set(now + step);
        })
    };
    html! {
        <div ref={node} class={classes!("divider", props.across.then_some("divider--across"))} role="separator" tabindex="0"
            aria-label={props.label.clone()} aria-orientation={if props.across { "horizontal" } else { "vertical" }}
            aria-valuemin="12" aria-valuemax="84" aria-valuenow={(props.initial as u32).to_string()}
            onpointercancel={onpointerup.clone()} {onpointerdown} {onpointermove} {onpointerup} {onkeydown} />
    }
}
