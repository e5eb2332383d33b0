//! The one place that screen readers are told from.

use gloo::timers::callback::Timeout;
use yew::prelude::*;

/// What [`Live`] needs.
#[derive(Properties, PartialEq)]
pub struct LiveProps {
    /// What holds now.
    pub text: AttrValue,
}

/// Says `text` politely once it has stood still for a moment, so that typing is not talked over.
#[component]
pub fn Live(props: &LiveProps) -> Html {
    let said = use_state(AttrValue::default);
    use_effect_with(props.text.clone(), {
        let said = said.clone();
        move |text| {
            let text = text.clone();
            let timer = Timeout::new(700, move || said.set(text));
            move || drop(timer)
        }
    });
    html! { <p class="aside-reader" role="status" aria-live="polite" data-hook="live">{ &*said }</p> }
}
