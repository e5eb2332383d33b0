//! The Stagecraft page.
use yew::prelude::*;

#[component]
fn App() -> Html {
    html! { <p>{ "Stagecraft" }</p> }
}

fn main() {
    console_error_panic_hook::set_once();
    yew::Renderer::<App>::new().render();
}
