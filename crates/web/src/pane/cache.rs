//! Cache: change something and build again; why each step hit or missed.

use super::{OfBuilder, use_shown};
use crate::build::{Now, verdict_class};
use crate::components::PhraseView;
use crate::engine::Client;
use crate::state::{Action, Dispatch};
use stagecraft_core::simulation::Builder;
use stagecraft_playground::view::{CacheView, Look, PerBuilder};
use std::rc::Rc;
use yew::prelude::*;

/// What [`CachePane`] needs.
#[derive(Properties, PartialEq)]
pub struct CacheProps {
    /// Both builders' verdicts.
    pub cache: Rc<PerBuilder<CacheView>>,
    /// Which builders are looked at.
    pub look: Look,
    /// Where the builders are.
    pub now: Now,
    /// The builder of the current step.
    pub current: Builder,
}

/// The verdicts.
#[component]
pub fn CachePane(props: &CacheProps) -> Html {
    let dispatch = use_context::<Dispatch>();
    let client = use_context::<Client>();
    let (builder, choose) = use_shown(props.look, props.current);
    let CacheView { sentence, rows } = props.cache.of(builder);
    let tell = |warm: bool| {
        let (client, dispatch) = (client.clone(), dispatch.clone());
        Callback::from(move |_: MouseEvent| {
            if let (Some(client), Some(dispatch)) = (&client, &dispatch) {
                let is_latest = client.warm(warm);
                dispatch.dispatch(Action::Warm(is_latest));
                if warm && !is_latest {
                    let told =
                        "Built with the cache of the build before. The next build finds this one's results.";
                    dispatch.dispatch(Action::Say(told.into(), false));
                }
            }
        })
    };
    html! {
        <div class="sheet" data-hook="cache">
            <div class="sheet__head">
                <p class="grow"><PhraseView phrase={sentence.clone()} /></p>
                <button type="button" class="button button--small" onclick={tell(true)} data-hook="keep-cache"
                    title="Builds what stands here with the cache of the build before, and keeps what this build leaves in it">{ "Build, keep the cache" }</button>
                <button type="button" class="button button--small button--quiet" onclick={tell(false)} data-hook="drop-cache"
                    title="As after docker builder prune">{ "Empty the cache" }</button>
                if props.look == Look::SideBySide {
                    <OfBuilder {builder} onchange={choose} />
                }
            </div>
            <table class="table">
                <thead><tr><th>{ "Step" }</th><th>{ "Cache" }</th><th>{ "Why" }</th><th class="num">{ "Time" }</th></tr></thead>
                <tbody>
                    for row in rows.iter() {
                        <tr key={row.step.0} class={classes!(format!("stage-{}", row.color.0), verdict_class(row.verdict), props.now.is(builder, row.step).then_some("is-current"))}>
                            <td class="mono table__main">
                                <button type="button" class="table__go" onclick={dispatch.clone().map(|dispatch| {
                                    let at = (builder, row.step);
                                    Callback::from(move |_: MouseEvent| dispatch.dispatch(Action::Go(at)))
                                })}>
                                    <span class="dot" /><span class="cut">{ AttrValue::from(row.title.clone()) }</span>
                                </button>
                            </td>
                            <td class="verdict">{ AttrValue::from(row.verdict_text.clone()) }</td>
                            <td class="soft"><PhraseView phrase={row.reason.clone()} /></td>
                            <td class="num">{ AttrValue::from(row.cost.clone()) }</td>
                        </tr>
                    }
                </tbody>
            </table>
        </div>
    }
}
