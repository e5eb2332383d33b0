//! Beside the panes: why the step ran, and where the chosen file comes from.

use crate::components::{Icon, IconButton, PhraseView};
use crate::engine::use_asked;
use crate::state::{Action, At, Dispatch};
use stagecraft_playground::engine::{Answer, Ask};
use std::rc::Rc;
use yew::prelude::*;

/// What [`Aside`] needs.
#[derive(Properties, PartialEq)]
pub struct AsideProps {
    /// The current step.
    pub at: Option<At>,
    /// The entry of the image's tree that was asked about.
    pub selected: Option<Rc<str>>,
    /// Counts the engine's answers.
    pub answered: u32,
}

/// The two answers.
#[component]
pub fn Aside(props: &AsideProps) -> Html {
    let dispatch = use_context::<Dispatch>();
    let why = use_asked(
        (props.at, props.answered),
        |&(at, _)| at.map(|(builder, step)| Ask::Why { builder, step }),
        |answer| if let Answer::Why(why) = answer { Some(why) } else { None },
    );
    let trail = use_asked(
        (props.at, props.selected.clone(), props.answered),
        |(at, path, _)| {
            let ((builder, step), path) = (*at).zip(path.as_deref())?;
            Some(Ask::Trail { builder, step, path: path.to_owned() })
        },
        |answer| if let Answer::Trail(trail) = answer { Some(trail) } else { None },
    );
    let close =
        dispatch.map(|dispatch| Callback::from(move |_: MouseEvent| dispatch.dispatch(Action::Select(None))));
    html! {
        <aside class="aside" aria-label="About this step" data-hook="aside">
            if let Some(trail) = trail.filter(|_| props.selected.is_some()) {
                <section class="aside__part">
                    <div class="aside__head">
                        <h3 class="grow"><PhraseView phrase={trail.title.clone()} /></h3>
                        <IconButton icon={Icon::Close} label="Close" class="button--small" onclick={close.unwrap_or_default()} />
                    </div>
                    <ol class="trail">
                        for (n, row) in trail.rows.iter().enumerate() {
                            <li key={n} class={format!("stage-{}", row.color.0)}>
                                <Leading goto={row.goto} phrase={row.text.clone()} />
                            </li>
                        }
                    </ol>
                    if !trail.facts.is_empty() {
                        <dl class="facts">
                            for (name, value) in trail.facts.iter() {
                                <dt>{ AttrValue::from(name.clone()) }</dt><dd class="mono">{ AttrValue::from(value.clone()) }</dd>
                            }
                        </dl>
                    }
                    if let Some(content) = &trail.content {
                        <pre class="aside__text" tabindex="0">{ AttrValue::from(content.clone()) }</pre>
                    }
                </section>
            }
            if let Some(why) = why {
                <section class="aside__part">
                    <h3>{ AttrValue::from(why.title.clone()) }</h3>
                    for (n, paragraph) in why.paragraphs.iter().enumerate() {
                        <p key={n}><PhraseView phrase={paragraph.clone()} /></p>
                    }
                    if !why.output.is_empty() {
                        <h3>{ "It printed" }</h3>
                        <pre class="aside__text" tabindex="0">
                            for (n, (line, modelled)) in why.output.iter().enumerate() {
                                <span key={n} class={modelled.then_some("is-modelled")}>{ format!("{line}\n") }</span>
                            }
                        </pre>
                    }
                </section>
            }
        </aside>
    }
}

#[derive(Properties, PartialEq)]
struct LeadingProps {
    goto: Option<stagecraft_playground::text::Goto>,
    phrase: stagecraft_playground::Phrase,
}

#[component]
fn Leading(props: &LeadingProps) -> Html {
    let dispatch = use_context::<Dispatch>();
    match props.goto.zip(dispatch) {
        Some((goto, dispatch)) => html! {
            <a class="link" href="#step" onclick={move |event: MouseEvent| {
                event.prevent_default();
                dispatch.dispatch(Action::Goto(goto));
            }}>
                <PhraseView phrase={props.phrase.clone()} />
            </a>
        },
        None => html! { <PhraseView phrase={props.phrase.clone()} /> },
    }
}
