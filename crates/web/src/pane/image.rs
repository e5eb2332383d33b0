//! Image: what runs, config, history.

use super::{OfBuilder, use_shown};
use crate::components::{Icon, PhraseView};
use crate::js;
use crate::state::Dispatch;
use stagecraft_core::simulation::Builder;
use stagecraft_playground::view::{ImageView, Look, PerBuilder};
use std::rc::Rc;
use yew::prelude::*;

/// What [`ImagePane`] needs.
#[derive(Properties, PartialEq)]
pub struct ImageProps {
    /// Both builders' images.
    pub image: Rc<PerBuilder<ImageView>>,
    /// Which builders are looked at.
    pub look: Look,
    /// The builder of the current step.
    pub current: Builder,
}

/// The image.
#[component]
pub fn ImagePane(props: &ImageProps) -> Html {
    let dispatch = use_context::<Dispatch>();
    let (builder, choose) = use_shown(props.look, props.current);
    let image = props.image.of(builder);
    let choice = if props.look == Look::SideBySide {
        html! { <OfBuilder {builder} onchange={choose} /> }
    } else {
        html! {}
    };
    if !image.exists {
        return html! {
            <div class="sheet" data-hook="image">
                <div class="sheet__head"><p class="grow">{ "There is no image: the build fails." }</p>{ choice }</div>
                <pre class="sheet__pre tone-bad">{ AttrValue::from(image.error.clone()) }</pre>
            </div>
        };
    }
    let copy = dispatch.map(|dispatch| {
        let run = image.run.clone();
        Callback::from(move |_: MouseEvent| {
            js::copy(&run, "The docker run command is copied.", dispatch.clone());
        })
    });
    html! {
        <div class="sheet" data-hook="image">
            <div class="sheet__head">
                <p class="grow"><PhraseView phrase={image.effect.clone()} /></p>
                { choice }
            </div>
            if !image.run.is_empty() {
                <div class="command">
                    <code class="grow">{ AttrValue::from(image.run.clone()) }</code>
                    <button type="button" class="button button--small" onclick={copy}>{ Icon::Copy.draw() }{ "Copy" }</button>
                </div>
            }
            if !image.surface.is_empty() {
                <ul class="sheet__list">
                    for (n, phrase) in image.surface.iter().enumerate() { <li key={n}><PhraseView phrase={phrase.clone()} /></li> }
                </ul>
            }
            <div class="sheet__two">
                <div>
                    <h3 class="sheet__title">{ "Config" }</h3>
                    <table class="table"><tbody>
                        for (n, row) in image.config.iter().enumerate() {
                            <tr key={n}>
                                <th scope="row">{ AttrValue::from(row.key.clone()) }</th>
                                <td class="mono wrap">{ AttrValue::from(row.value.clone()) }</td>
                                <td class="soft">{ if row.inherited { "from the base" } else { "" } }</td>
                            </tr>
                        }
                    </tbody></table>
                </div>
                <div>
                    <h3 class="sheet__title">{ "History" }</h3>
                    <table class="table"><tbody>
                        for (n, row) in image.history.iter().enumerate() {
                            <tr key={n}>
                                <td class="mono wrap">{ AttrValue::from(row.created_by.clone()) }</td>
                                <td class="num">{ AttrValue::from(row.size_text.clone()) }</td>
                            </tr>
                        }
                    </tbody></table>
                </div>
            </div>
            <p class="sheet__foot soft mono cut" title={AttrValue::from(image.id.clone())}>
                { format!("{} · {}", image.size_text, image.id) }
            </p>
        </div>
    }
}
