//! Dark or light: the system's, until a person chooses.

use crate::components::{Icon, IconButton};
use crate::js;
use yew::prelude::*;

/// The button.
#[component]
pub fn Theme() -> Html {
    let onclick = Callback::from(|_: MouseEvent| {
        // Without a store the choice holds until the page is closed.
        let _ = toggle();
    });
    html! { <IconButton icon={Icon::Theme} label="Dark or light" {onclick} hook="theme" /> }
}

fn toggle() -> Option<()> {
    let window = web_sys::window()?;
    let root = window.document()?.document_element()?;
    let dark = match root.get_attribute("data-theme").as_deref() {
        Some(theme) => theme == "dark",
        None => window
            .match_media("(prefers-color-scheme: dark)")
            .ok()
            .flatten()
            .is_some_and(|media| media.matches()),
    };
    let theme = if dark { "light" } else { "dark" };
    root.set_attribute("data-theme", theme).ok()?;
    js::storage()?.set_item("stagecraft.theme", theme).ok()
}
