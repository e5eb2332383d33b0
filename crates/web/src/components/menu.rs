//! A button that opens a list of things to do or to choose.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, Node};
use yew::prelude::*;

/// What [`Menu`] needs.
#[derive(Properties, PartialEq)]
pub struct MenuProps {
    /// What the button shows.
    pub button: Html,
    /// Its name.
    pub label: AttrValue,
    /// More classes of the button.
    #[prop_or_default]
    pub class: Classes,
    /// The list hangs from the button's right end.
    #[prop_or_default]
    pub end: bool,
    /// For tests to find it by.
    #[prop_or_default]
    pub hook: Option<AttrValue>,
    /// The items.
    pub children: Html,
}

/// Moves the focus among the items of an open menu.
fn move_focus(list: &Element, key: &str) -> bool {
    let Ok(items) = list.query_selector_all("[role^=menuitem]:not([disabled])") else { return false };
    let active = list.owner_document().and_then(|document| document.active_element());
    let at = (0..items.length()).find(|n| items.item(*n).as_ref() == active.as_deref());
    let last = items.length().saturating_sub(1);
    let next = match (key, at) {
        ("ArrowDown", Some(at)) if at < last => at + 1,
        ("ArrowUp", Some(at)) if at > 0 => at - 1,
        ("ArrowDown" | "Home", _) => 0,
        ("ArrowUp" | "End", _) => last,
        _ => return false,
    };
    if let Some(item) = items.item(next).and_then(|item| item.dyn_into::<HtmlElement>().ok()) {
        let _ = item.focus();
    }
    true
}

/// The button and, while it is open, its list.
#[component]
pub fn Menu(props: &MenuProps) -> Html {
    let open = use_state(|| false);
    let root = use_node_ref();
    let list = use_node_ref();
    use_effect_with(*open, {
        let list = list.clone();
        move |open| {
            if *open && let Some(list) = list.cast::<Element>() {
                let current = list.query_selector("[aria-current=true]").ok().flatten();
                match current.and_then(|item| item.dyn_into::<HtmlElement>().ok()) {
                    Some(item) => drop(item.focus()),
                    None => drop(move_focus(&list, "Home")),
                }
            }
        }
    });
    let toggle = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(!*open))
    };
    let close = {
        let (open, root) = (open.clone(), root.clone());
        Callback::from(move |()| {
            open.set(false);
            let button = root.cast::<Element>().and_then(|root| root.first_element_child());
            if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
                let _ = button.focus();
            }
        })
    };
    let onkeydown = {
        let (open, list, close) = (open.clone(), list.clone(), close.clone());
        Callback::from(move |event: KeyboardEvent| {
            let key = event.key();
            if !*open {
                if key == "ArrowDown" {
                    event.prevent_default();
                    event.stop_propagation();
                    open.set(true);
                }
                return;
            }
            event.stop_propagation();
            if key == "Escape" {
                close.emit(());
            } else if key == "Tab" {
                open.set(false);
            } else if list.cast::<Element>().is_some_and(|list| move_focus(&list, &key)) {
                event.prevent_default();
            }
        })
    };
    let onfocusout = {
        let (open, root) = (open.clone(), root.clone());
        Callback::from(move |event: FocusEvent| {
            let inside = event.related_target().and_then(|target| target.dyn_into::<Node>().ok());
            if !root.cast::<Node>().is_some_and(|root| root.contains(inside.as_ref())) {
                open.set(false);
            }
        })
    };
    let onclick = {
        let close = close.clone();
        Callback::from(move |_: MouseEvent| close.emit(()))
    };
    html! {
        <div ref={root} class={classes!("menu", props.end.then_some("menu--end"))} {onkeydown} {onfocusout}>
            <button type="button" class={classes!("button", props.class.clone())} aria-haspopup="menu"
                aria-expanded={if *open { "true" } else { "false" }} aria-label={props.label.clone()}
                title={props.label.clone()} onclick={toggle} data-hook={props.hook.clone()}>
                { props.button.clone() }
            </button>
            if *open {
                <div ref={list} class="menu__list" role="menu" aria-label={props.label.clone()} tabindex="-1" {onclick}>
                    { props.children.clone() }
                </div>
            }
        </div>
    }
}

/// What [`MenuItem`] needs.
#[derive(Properties, PartialEq)]
pub struct MenuItemProps {
    /// What it does.
    pub onclick: Callback<()>,
    /// It is the one that holds now.
    #[prop_or_default]
    pub current: bool,
    /// For tests to find it by.
    #[prop_or_default]
    pub hook: Option<AttrValue>,
    /// What it says.
    pub children: Html,
}

/// One thing to do.
#[component]
pub fn MenuItem(props: &MenuItemProps) -> Html {
    html! {
        <button type="button" class="menu__item" role="menuitem" tabindex="-1" data-hook={props.hook.clone()}
            aria-current={props.current.then_some("true")} onclick={props.onclick.reform(|_| ())}>
            { props.children.clone() }
        </button>
    }
}
