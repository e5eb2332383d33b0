//! A sentence of the view model: plain, strong, code, and pieces that lead somewhere.

use crate::state::{Action, Dispatch};
use stagecraft_playground::{Phrase, Style};
use yew::prelude::*;

/// What [`PhraseView`] needs.
#[derive(Properties, PartialEq)]
pub struct PhraseProps {
    /// The sentence.
    pub phrase: Phrase,
}

/// The sentence, inline.
#[component]
pub fn PhraseView(props: &PhraseProps) -> Html {
    let dispatch = use_context::<Dispatch>();
    let pieces = props.phrase.pieces.iter().map(|piece| {
        let text = AttrValue::from(piece.text.clone());
        let inner = match piece.style {
            Style::Plain => html! { { text } },
            Style::Strong => html! { <strong>{ text }</strong> },
            Style::Code => html! { <code>{ text }</code> },
        };
        match (piece.goto, dispatch.clone()) {
            (Some(goto), Some(dispatch)) => html! {
                <a class="link" href="#step" onclick={move |event: MouseEvent| {
                    event.prevent_default();
                    dispatch.dispatch(Action::Goto(goto));
                }}>{ inner }</a>
            },
            _ => inner,
        }
    });
    html! { <span class="phrase">{ for pieces }</span> }
}
