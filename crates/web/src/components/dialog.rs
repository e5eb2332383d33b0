//! A modal dialog; the browser keeps the focus in it and gives it back.

use super::{Icon, IconButton};
use wasm_bindgen::JsCast;
use web_sys::{HtmlDialogElement, HtmlElement};
use yew::prelude::*;

/// What [`Dialog`] needs.
#[derive(Properties, PartialEq)]
pub struct DialogProps {
    /// Its heading.
    pub title: AttrValue,
    /// Told when it is to go.
    pub onclose: Callback<()>,
    /// What is in it.
    pub children: Html,
}

/// The dialog; it is open as long as it is there.
#[component]
pub fn Dialog(props: &DialogProps) -> Html {
    let node = use_node_ref();
    use_effect_with((), {
        let node = node.clone();
        move |()| {
            let dialog = node.cast::<HtmlDialogElement>();
            if let Some(dialog) = &dialog
                && !dialog.open()
            {
                let _ = dialog.show_modal();
                // What is typed or pasted now is meant for the text, not for the button that closes the dialog.
                let field = dialog
                    .query_selector(".dialog__body textarea:not([readonly]):not([data-hook=note]), .dialog__body input[type=text]");
                if let Ok(Some(field)) = field
                    && let Some(field) = field.dyn_ref::<HtmlElement>()
                {
                    let _ = field.focus();
                }
            }
            move || {
                if let Some(dialog) = dialog {
                    dialog.close();
                }
            }
        }
    });
    let onkeydown = Callback::from(|event: KeyboardEvent| event.stop_propagation());
    html! {
        <dialog ref={node} class="dialog" aria-label={props.title.clone()} onclose={props.onclose.reform(|_| ())} {onkeydown}>
            <div class="dialog__head">
                <h2>{ &props.title }</h2>
                <IconButton icon={Icon::Close} label="Close" onclick={props.onclose.reform(|_| ())} />
            </div>
            <div class="dialog__body">{ props.children.clone() }</div>
        </dialog>
    }
}
