//! The graph of stages: cards with their steps, pills for images and contexts, and what flows between them.

use super::{Now, verdict_class};
use crate::components::{Icon, IconButton, PhraseView};
use crate::js;
use crate::state::{Action, Dispatch};
use stagecraft_core::simulation::StepId;
use stagecraft_playground::text::Goto;
use stagecraft_playground::view::{CardRow, Edge, EdgeKind, GraphView, Node, NodeKind, PerBuilder};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

/// What [`Graph`] needs.
#[derive(Properties, PartialEq)]
pub struct GraphProps {
    /// The drawing.
    pub graph: Rc<GraphView>,
    /// Where the builders are.
    pub now: Now,
    /// Steps follow one another by themselves: what flows moves.
    pub playing: bool,
    /// It is shown to a room.
    pub present: bool,
}

/// The smallest and the largest scale that is still pleasant to read: at a desk, and in a room.
const ZOOM: [(f64, f64); 2] = [(0.72, 1.1), (0.95, 1.9)];
/// Left and right, or above and below, that is kept free around the drawing (graph.css).
const PADDING: f64 = 20.0;
/// As small as a drawing becomes that is to be seen as a whole.
const LEAST: f64 = 0.2;
/// How much a press on a button changes the scale, and how often it does at most.
const PRESS: f64 = 1.25;
const MOST_PRESSES: i32 = 5;

/// How large somebody wants the drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Wish {
    /// All of it is to be seen, however small that makes it.
    whole: bool,
    /// Times that it was made larger; smaller, below zero.
    presses: i32,
}

/// Fits the drawing into the space there is, or as much larger or smaller as somebody wants it.
fn fit(area: &HtmlElement, (width, height): (u32, u32), (wish, present): (Wish, bool)) {
    let (wide, high) = (f64::from(area.client_width()) - PADDING, f64::from(area.client_height()) - PADDING);
    if wide < 1.0 || high < 1.0 || width == 0 || height == 0 {
        return;
    }
    let [desk, room] = ZOOM;
    let (least, most) = if present { room } else { desk };
    let least = if wish.whole { LEAST } else { least };
    let zoom =
        (wide / f64::from(width)).min(high / f64::from(height)).clamp(least, most) * PRESS.powi(wish.presses);
    let _ = area.style().set_property("--zoom", &js::decimal((zoom * 1000.0) as u64));
}

/// Where a click on an instruction goes: to the step of the builder that is current, else of the other, else to the line.
fn goto(steps: &PerBuilder<Option<StepId>>, line: u32) -> Option<Action> {
    if steps.buildkit.is_some() || steps.legacy.is_some() || line > 0 {
        return Some(Action::Goto(Goto::Line(line)));
    }
    None
}

/// The drawing.
#[component]
pub fn Graph(props: &GraphProps) -> Html {
    let dispatch = use_context::<Dispatch>();
    let area = use_node_ref();
    let wish = use_state(Wish::default);
    // Somebody turned to the graph: what changes its size is not loaded before.
    let used = use_state_eq(|| false);
    let turned = {
        let used = used.clone();
        Callback::from(move |()| used.set(true))
    };
    use_effect_with(((props.graph.width, props.graph.height), (*wish, props.present)), {
        let area = area.clone();
        move |&(size, how)| {
            let observer = area.cast::<HtmlElement>().map(|area| {
                fit(&area, size, how);
                js::on_resize(&area.clone(), move || fit(&area, size, how))
            });
            move || drop(observer)
        }
    });
    use_effect_with(props.now, {
        let area = area.clone();
        move |_| js::reveal_within(area.cast(), ".card__row.is-current")
    });
    let onkeydown = Callback::from(|event: KeyboardEvent| move_between_cards(&event));
    let GraphView { width, height, nodes, edges, alternative } = &*props.graph;
    html! {
        <section class="graph" aria-label="Graph of stages" data-hook="graph" onpointerover={turned.reform(|_| ())} onfocusin={turned.reform(|_| ())}>
            <div ref={area} class="graph__area" tabindex="-1" {onkeydown}>
                if nodes.is_empty() {
                    <p class="empty">{ "There is no stage yet. A Dockerfile begins with a " }<code>{ "FROM" }</code>{ " line." }</p>
                }
                <div class="graph__canvas" style={format!("width:{width}px;height:{height}px")}>
                    <svg class={classes!("edges", props.playing.then_some("is-playing"))} aria-hidden="true"
                        width={width.to_string()} height={height.to_string()}>
                        for (n, edge) in edges.iter().enumerate() { { edge_path(n, edge, &props.now) } }
                    </svg>
                    <div class="graph__labels" aria-hidden="true">
                        for (n, edge) in edges.iter().enumerate().filter(|(_, edge)| !edge.label.is_empty()) {
                            { edge_label(n, edge, &props.now, dispatch.as_ref()) }
                        }
                    </div>
                    <div class="graph__nodes">
                        for node in nodes.iter() { { node_box(node, &props.now, dispatch.as_ref()) } }
                    </div>
                </div>
            </div>
            if *used && !nodes.is_empty() {
                <div class="graph__zoom" role="group" aria-label="Size of the graph">
                    { press(&wish, |wish| Wish { presses: (wish.presses - 1).max(-MOST_PRESSES), ..wish }, Icon::Less, "Smaller") }
                    { press(&wish, |wish| Wish { whole: !wish.whole, presses: 0 }, Icon::Fit, if wish.whole { "As large as can be read" } else { "All of it" }) }
                    { press(&wish, |wish| Wish { presses: (wish.presses + 1).min(MOST_PRESSES), ..wish }, Icon::Add, "Larger") }
                </div>
            }
            <ul class="aside-reader">
                for sentence in alternative.iter() { <li>{ AttrValue::from(sentence.clone()) }</li> }
            </ul>
        </section>
    }
}

/// A button that makes the drawing larger or smaller, or lets it fit again.
fn press(wish: &UseStateHandle<Wish>, next: fn(Wish) -> Wish, icon: Icon, label: &'static str) -> Html {
    let onclick = {
        let wish = wish.clone();
        Callback::from(move |_: MouseEvent| wish.set(next(*wish)))
    };
    html! { <IconButton {icon} {label} class="button--small" {onclick} /> }
}

/// Up and down through the rows of all cards, in the order of the file.
fn move_between_cards(event: &KeyboardEvent) {
    let key = event.key();
    if key != "ArrowDown" && key != "ArrowUp" {
        return;
    }
    let Some(area) = js::around(event, "section") else { return };
    let Ok(rows) = area.query_selector_all("button.card__row, button.card__title") else { return };
    let active = area.owner_document().and_then(|document| document.active_element());
    let Some(at) = (0..rows.length()).find(|n| rows.item(*n).as_ref() == active.as_deref()) else { return };
    let next = if key == "ArrowDown" { at + 1 } else { at.wrapping_sub(1) };
    if let Some(row) = rows.item(next).and_then(|row| row.dyn_into::<HtmlElement>().ok()) {
        event.prevent_default();
        event.stop_propagation();
        let _ = row.focus();
    }
}

fn edge_path(n: usize, edge: &Edge, now: &Now) -> Html {
    let class = classes!(
        "edge",
        format!("stage-{}", edge.color.0),
        edge.dim.then_some("is-dim"),
        edge.dotted.then_some("is-dotted"),
        (edge.kind == EdgeKind::Mount).then_some("is-mount"),
        now.is_any(&edge.steps).then_some("is-current"),
    );
    html! { <path key={n} data-edge={AttrValue::from(edge.id.clone())} {class} d={AttrValue::from(edge.path.clone())} stroke-width={js::decimal(u64::from(edge.width) * 100)} /> }
}

fn edge_label(n: usize, edge: &Edge, now: &Now, dispatch: Option<&Dispatch>) -> Html {
    let onclick = dispatch
        .cloned()
        .zip(goto(&edge.steps, edge.line))
        .map(|(dispatch, action)| Callback::from(move |_: MouseEvent| dispatch.dispatch(action.clone())));
    let class =
        classes!("edge-label", edge.dim.then_some("is-dim"), now.is_any(&edge.steps).then_some("is-current"));
    html! {
        <span key={n} data-edge={AttrValue::from(edge.id.clone())} {class} {onclick} style={format!("left:{}px;top:{}px", edge.label_at.x, edge.label_at.y)}>
            { AttrValue::from(edge.label.clone()) }
        </span>
    }
}

fn node_box(node: &Node, now: &Now, dispatch: Option<&Dispatch>) -> Html {
    let place = format!("left:{}px;top:{}px;width:{}px;height:{}px", node.x, node.y, node.width, node.height);
    let color = format!("stage-{}", node.color.0);
    let title = AttrValue::from(node.title.clone());
    match node.kind {
        NodeKind::Stage(_) => {
            let class =
                classes!("card", color, node.dim.then_some("is-dim"), node.is_target.then_some("is-target"));
            let line = node.line;
            let onclick = dispatch.cloned().map(|dispatch| {
                Callback::from(move |_: MouseEvent| dispatch.dispatch(Action::Goto(Goto::Line(line))))
            });
            html! {
                <article key={node.id.to_string()} {class} style={place} aria-label={title.clone()} data-stage={title.clone()}
                    data-dim={node.dim.then_some("true")}>
                    <button type="button" class="card__title" {onclick} title={format!("FROM on line {line}")}>
                        <span class="card__name cut">{ title }</span>
                        <span class="card__sub">{ AttrValue::from(node.subtitle.clone()) }</span>
                    </button>
                    <div class="card__rows">
                        for (n, row) in node.rows.iter().enumerate() { { card_row(n, row, now, dispatch) } }
                    </div>
                    if !node.reason.is_empty() {
                        <p class="card__why"><PhraseView phrase={node.reason.clone()} /></p>
                    }
                </article>
            }
        }
        NodeKind::Image | NodeKind::Context | NodeKind::Remote => {
            let dashed = !matches!(node.kind, NodeKind::Context);
            let class =
                classes!("pill", color, node.dim.then_some("is-dim"), dashed.then_some("pill--image"));
            let full = if node.subtitle.is_empty() {
                title.to_string()
            } else {
                format!("{title} · {}", node.subtitle)
            };
            html! {
                <div key={node.id.to_string()} {class} style={place} title={full}>
                    <span class="cut">{ title }</span>
                </div>
            }
        }
    }
}

fn card_row(n: usize, row: &CardRow, now: &Now, dispatch: Option<&Dispatch>) -> Html {
    let current = now.is_any(&row.steps);
    let class = classes!(
        "card__row",
        verdict_class(row.verdict),
        current.then_some("is-current"),
        (!current && now.is_beside(&row.steps)).then_some("is-beside"),
    );
    let onclick = dispatch
        .cloned()
        .zip(goto(&row.steps, row.line))
        .map(|(dispatch, action)| Callback::from(move |_: MouseEvent| dispatch.dispatch(action.clone())));
    html! {
        <button type="button" key={n} {class} {onclick} title={AttrValue::from(row.title.clone())} data-line={row.line.to_string()}
            style={format!("height:{}px", row.height)} aria-current={current.then_some("step")}>
            <span class="cut grow">{ AttrValue::from(row.text.clone()) }</span>
            <span class="card__value">{ AttrValue::from(row.value.clone()) }</span>
        </button>
    }
}
