//! The scrubber: a tick per step of the builders that are looked at, in order of time.

use crate::js;
use crate::state::{Action, Dispatch, Job};
use stagecraft_core::simulation::Builder;
use stagecraft_playground::view::StepsView;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// What [`Scrubber`] needs.
#[derive(Properties, PartialEq)]
pub struct ScrubberProps {
    /// The steps.
    pub steps: Rc<StepsView>,
    /// Index of the current tick.
    pub at: usize,
}

/// The scrubber.
#[component]
pub fn Scrubber(props: &ScrubberProps) -> Html {
    let dispatch = use_context::<Dispatch>();
    let ticks = &props.steps.ticks;
    let last = ticks.len().saturating_sub(1);
    let oninput = Callback::from(move |event: InputEvent| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        if let (Some(input), Some(dispatch)) = (input, &dispatch) {
            dispatch.dispatch(Action::Job(Job::Tick(input.value_as_number().max(0.0) as usize)));
        }
    });
    let said = ticks.get(props.at).map(|tick| {
        let name = match tick.builder {
            Builder::BuildKit => "BuildKit",
            Builder::Legacy => "Legacy",
        };
        format!("Step {} of {}, {name}: {}", props.at + 1, ticks.len(), tick.label)
    });
    html! {
        <div class="scrub">
            <div class="scrub__ticks" aria-hidden="true">
                for (n, tick) in ticks.iter().enumerate() {
                    <span key={n} class={classes!(format!("stage-{}", tick.color.0), (n <= props.at).then_some("is-past"))}
                        style={format!("left:{}", js::percent(n as u64, last as u64))} />
                }
            </div>
            <input type="range" min="0" max={last.to_string()} step="1" value={props.at.to_string()} {oninput}
                disabled={last == 0} aria-label="Step" aria-valuetext={said} data-hook="scrubber" />
        </div>
    }
}
