//! A row of which one is chosen: arrow keys move, as in a group of radio buttons.

use web_sys::HtmlElement;
use yew::prelude::*;

/// What [`Choices`] needs.
#[derive(Properties, PartialEq)]
pub struct ChoicesProps {
    /// What is chosen here.
    pub label: AttrValue,
    /// Value and name of each.
    pub options: Vec<(AttrValue, AttrValue)>,
    /// The chosen value.
    pub value: AttrValue,
    /// Told the new value.
    pub onchange: Callback<AttrValue>,
}

/// The row.
#[component]
pub fn Choices(props: &ChoicesProps) -> Html {
    let onkeydown = {
        let (options, value, onchange) = (props.options.clone(), props.value.clone(), props.onchange.clone());
        Callback::from(move |event: KeyboardEvent| {
            let step = match event.key().as_str() {
                "ArrowRight" | "ArrowDown" => 1,
                "ArrowLeft" | "ArrowUp" => options.len().saturating_sub(1),
                _ => return,
            };
            event.prevent_default();
            event.stop_propagation();
            let at = options.iter().position(|(other, _)| *other == value).unwrap_or_default();
            let next = (at + step) % options.len().max(1);
            if let Some((value, _)) = options.get(next) {
                onchange.emit(value.clone());
            }
            let row = crate::js::around(&event, "[role=radiogroup]");
            if let Some(button) = row.and_then(|row| row.children().item(next as u32)) {
                let _ = wasm_bindgen::JsCast::dyn_into::<HtmlElement>(button).map(|button| button.focus());
            }
        })
    };
    html! {
        <div class="choices" role="radiogroup" aria-label={props.label.clone()} {onkeydown}>
            for (value, name) in props.options.iter() {
                <button type="button" role="radio" key={value.to_string()} data-value={value.clone()}
                    aria-checked={if *value == props.value { "true" } else { "false" }}
                    tabindex={if *value == props.value { "0" } else { "-1" }}
                    onclick={props.onchange.reform({ let value = value.clone(); move |_| value.clone() })}>
                    { name }
                </button>
            }
        </div>
    }
}
