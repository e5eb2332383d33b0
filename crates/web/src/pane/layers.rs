//! Layers: sizes, and bytes that weigh without being seen.

use super::{OfBuilder, use_shown};
use crate::build::Now;
use crate::components::PhraseView;
use crate::engine::use_asked;
use crate::state::{Action, Dispatch};
use stagecraft_core::simulation::Builder;
use stagecraft_playground::engine::{Answer, Ask};
use stagecraft_playground::view::{LayerRow, LayersView, Look, Mark, PerBuilder};
use std::rc::Rc;
use yew::prelude::*;

/// What [`LayersPane`] needs.
#[derive(Properties, PartialEq)]
pub struct LayersProps {
    /// Both builders' layers.
    pub layers: Rc<PerBuilder<LayersView>>,
    /// Which builders are looked at.
    pub look: Look,
    /// Where the builders are.
    pub now: Now,
    /// The builder of the current step.
    pub current: Builder,
    /// Counts the engine's answers.
    pub answered: u32,
}

/// The layers from the bottom up, drawn from the top down as they lie upon one another.
#[component]
pub fn LayersPane(props: &LayersProps) -> Html {
    let dispatch = use_context::<Dispatch>();
    let (builder, choose) = use_shown(props.look, props.current);
    // The layer whose entries are shown, from the bottom.
    let open = use_state(|| None::<usize>);
    let LayersView { rows, sentence, wasted, .. } = props.layers.of(builder);
    html! {
        <div class="sheet" data-hook="layers">
            <div class="sheet__head">
                <p class="grow"><PhraseView phrase={sentence.clone()} /></p>
                if props.look == Look::SideBySide {
                    <OfBuilder {builder} onchange={choose} />
                }
            </div>
            if !rows.is_empty() {
                <table class="table">
                    <thead><tr><th>{ "Layer" }</th><th class="num">{ "Size" }</th><th class="table__wide">{ "Share of the image" }</th><th class="num">{ "Files" }</th></tr></thead>
                    <tbody>
                        for (n, row) in rows.iter().enumerate().rev() {
                            { layer(n, row, builder, &props.now, dispatch.as_ref(), &open) }
                            if let Some(layer) = row.index.filter(|_| *open == Some(n)) {
                                <Entries key={format!("entries-{n}")} {builder} {layer} answered={props.answered} />
                            }
                        }
                    </tbody>
                </table>
            }
            if !wasted.is_empty() {
                <h3 class="sheet__title">{ "Still in the image, though no longer seen" }</h3>
                <table class="table">
                    <tbody>
                        for (n, file) in wasted.iter().enumerate() {
                            <tr key={n}>
                                <td class="mono">{ AttrValue::from(file.path.clone()) }</td>
                                <td class="num">{ AttrValue::from(file.size_text.clone()) }</td>
                                <td class="soft"><PhraseView phrase={file.reason.clone()} /></td>
                            </tr>
                        }
                    </tbody>
                </table>
            }
        </div>
    }
}

fn layer(
    n: usize,
    row: &LayerRow,
    builder: Builder,
    now: &Now,
    dispatch: Option<&Dispatch>,
    open: &UseStateHandle<Option<usize>>,
) -> Html {
    let current = row.step.is_some_and(|step| now.is(builder, step));
    let onclick = dispatch.cloned().zip(row.step).map(|(dispatch, step)| {
        Callback::from(move |_: MouseEvent| dispatch.dispatch(Action::Go((builder, step))))
    });
    let share = f64::from(row.share) / 10.0;
    let waste = if row.size == 0 { 0.0 } else { 100.0 * row.wasted as f64 / row.size as f64 };
    let title = AttrValue::from(row.title.clone());
    let is_open = **open == Some(n);
    let unfold = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set((!is_open).then_some(n)))
    };
    html! {
        <tr key={n} class={classes!(format!("stage-{}", row.color.0), current.then_some("is-current"))}>
            <td class="mono table__main">
                if onclick.is_some() {
                    <button type="button" class="table__go" {onclick} title={AttrValue::from(row.created_by.clone())}>
                        <span class="dot" /><span class="cut">{ title }</span>
                    </button>
                } else {
                    <span class="table__go"><span class="dot" /><span class="cut">{ title }</span></span>
                }
            </td>
            <td class="num">{ AttrValue::from(row.size_text.clone()) }</td>
            <td class="table__wide">
                <div class="share" role="img" aria-label={format!("{share:.1} % of the image")}>
                    <span style={format!("width:{share:.1}%")}>
                        if waste > 0.0 {
                            <i style={format!("width:{waste:.1}%")} title="Hidden or repeated by later layers" />
                        }
                    </span>
                </div>
            </td>
            <td class="num">
                if row.index.is_none() || row.n_entries == 0 {
                    <span class="soft">{ "—" }</span>
                } else {
                    <button type="button" class="table__fold soft" aria-expanded={if is_open { "true" } else { "false" }} onclick={unfold}
                        title="What the layer holds" data-hook="unfold">
                        { row.n_entries }<span aria-hidden="true">{ if is_open { " ▾" } else { " ▸" } }</span>
                    </button>
                }
            </td>
        </tr>
    }
}

#[derive(Properties, PartialEq)]
struct EntriesProps {
    builder: Builder,
    layer: u32,
    answered: u32,
}

/// How many entries are shown at once.
const PAGE: u32 = 100;

/// What a layer holds: whiteouts too, which hide what lies below.
#[component]
fn Entries(props: &EntriesProps) -> Html {
    let first = use_state(|| 0_u32);
    let entries = use_asked(
        (props.builder, props.layer, *first, props.answered),
        |&(builder, layer, first, _)| Some(Ask::Entries { builder, layer, first, count: PAGE }),
        |answer| if let Answer::Entries(entries) = answer { Some(entries) } else { None },
    );
    let go = |to: u32| {
        let first = first.clone();
        Callback::from(move |_: MouseEvent| first.set(to))
    };
    let Some(entries) = entries else { return html! {} };
    let (from, total) = (entries.first, entries.total);
    let to = from + entries.rows.len() as u32;
    html! {
        <tr class="entries" data-hook="entries"><td colspan="4">
            <ul>
                for row in entries.rows.iter() {
                    <li key={row.path.to_string()} class={classes!("entry", (row.mark == Mark::Deleted).then_some("is-deleted"))}>
                        <span class="soft">{ AttrValue::from(row.mode.clone()) }</span>
                        <span class="num">{ AttrValue::from(row.size_text.clone()) }</span>
                        <span class="entry__name">{ AttrValue::from(row.name.clone()) }</span>
                        <span class="soft cut">{ AttrValue::from(row.origin.clone()) }</span>
                    </li>
                }
            </ul>
            if total > PAGE {
                <div class="entries__foot">
                    <button type="button" class="button button--small" disabled={from == 0} onclick={go(from.saturating_sub(PAGE))}>{ "Before" }</button>
                    <button type="button" class="button button--small" disabled={to >= total} onclick={go(to)}>{ "After" }</button>
                    <span class="soft">{ format!("{} to {to} of {total}", from + 1) }</span>
                </div>
            }
        </td></tr>
    }
}
