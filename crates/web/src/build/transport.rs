//! First, back, play, forward, last; where the build is; and the sentence with totals.

use super::scrubber::Scrubber;
use crate::components::live::Live;
use crate::components::{Icon, PhraseView};
use crate::pane::builder_name;
use crate::state::{Action, Dispatch, Job};
use stagecraft_playground::view::{StepsView, SummaryView, Tick};
use std::rc::Rc;
use yew::prelude::*;

/// What [`Transport`] needs.
#[derive(Properties, PartialEq)]
pub struct TransportProps {
    /// All steps.
    pub steps: Rc<StepsView>,
    /// Totals.
    pub summary: Rc<SummaryView>,
    /// Index of the current tick, if there is any.
    pub at: Option<usize>,
    /// Whether it plays.
    pub playing: bool,
}

/// The row.
#[component]
pub fn Transport(props: &TransportProps) -> Html {
    let dispatch = use_context::<Dispatch>();
    let button = |job: Job, icon: Icon, label: &'static str, disabled: bool, hook: &'static str| {
        let onclick = dispatch
            .clone()
            .map(|dispatch| Callback::from(move |_: MouseEvent| dispatch.dispatch(Action::Job(job))));
        let class = classes!("round", (job == Job::Play).then_some("round--main"));
        html! {
            <button type="button" {class} {onclick} {disabled} title={label} aria-label={label} data-hook={hook}>{ icon.draw() }</button>
        }
    };
    let n = props.steps.ticks.len();
    let at = props.at.unwrap_or_default();
    let (none, first, last) = (n == 0, at == 0, at + 1 >= n);
    let tick = props.steps.ticks.get(at);
    let row = tick.and_then(|tick| props.steps.steps.of(tick.builder).iter().find(|row| row.id == tick.step));
    let said = match (row, tick) {
        (Some(row), Some(tick)) => {
            format!("{}: {}, {}", position(&props.steps, tick), row.short, details(row))
        }
        _ => String::new(),
    };
    html! {
        <div class="transport">
            <div class="transport__row">
                <div class="transport__buttons" role="group" aria-label="Steps">
                    { button(Job::First, Icon::First, "First step (Home)", none || first, "first") }
                    { button(Job::Back, Icon::Back, "Step back (←)", none || first, "back") }
                    if props.playing {
                        { button(Job::Play, Icon::Pause, "Pause (space)", none, "play") }
                    } else {
                        { button(Job::Play, Icon::Play, "Play (space)", none, "play") }
                    }
                    { button(Job::Forward, Icon::Forward, "Step forward (→)", none || last, "forward") }
                    { button(Job::Last, Icon::Last, "Last step (End)", none || last, "last") }
                </div>
                <p class="transport__where cut" data-hook="where">
                    if let Some(row) = row {
                        <span class="soft">{ tick.map(|tick| position(&props.steps, tick)) }</span>
                        <span class={classes!("dot", format!("stage-{}", row.color.0))} />
                        <strong class="cut" title={AttrValue::from(row.name.clone())}>{ AttrValue::from(row.short.clone()) }</strong>
                        <span class="soft cut">{ details(row) }</span>
                    } else {
                        <span class="soft">{ "No step yet" }</span>
                    }
                </p>
                <p class="transport__sum" data-hook="summary"><PhraseView phrase={props.summary.sentence.clone()} /></p>
            </div>
            <Scrubber steps={props.steps.clone()} {at} />
            <Live text={said} />
        </div>
    }
}

/// `BuildKit, step 6 of 9`: counted as that builder does its steps.
fn position(steps: &StepsView, tick: &Tick) -> String {
    let n = steps.steps.of(tick.builder).len();
    format!("{}, step {} of {n}", builder_name(tick.builder), tick.step.0 + 1)
}

fn details(row: &stagecraft_playground::view::StepRow) -> String {
    let mut words: Vec<&str> = Vec::new();
    if !row.stage_title.is_empty() {
        words.push(&row.stage_title);
    }
    words.push(&row.verdict_text);
    if !row.duration_text.is_empty() {
        words.push(&row.duration_text);
    }
    if row.unknown {
        words.push("effect unknown");
    } else if row.modelled {
        words.push("modelled");
    }
    words.join(" · ")
}
