//! Code for a frame in another page.

use super::share::{CopyField, ShareProps, base, note_field};
use crate::components::{Choices, Dialog};
use crate::pane::PANES;
use crate::persist;
use stagecraft_playground::state::ViewState;
use yew::prelude::*;

const PARTS: [(&str, &str); 3] = [("source", "Source"), ("graph", "Graph"), ("timeline", "Timeline")];
const HEIGHTS: [&str; 4] = ["360", "520", "680", "840"];
const THEMES: [(&str, &str); 3] =
    [("", "As the reader's"), ("&theme=light", "Light"), ("&theme=dark", "Dark")];

/// The dialog.
#[component]
pub fn Embed(props: &ShareProps) -> Html {
    let chosen = use_state(|| vec!["source", "graph", "timeline", "files", "log"]);
    let read_only = use_state(|| false);
    let height = use_state(|| AttrValue::from("520"));
    let theme = use_state(AttrValue::default);
    let preview = use_state(|| false);
    let note = use_state(|| props.view.note.clone());
    let view = ViewState { note: (*note).clone(), ..props.view.clone() };
    let code = persist::encode(&props.project, &view).unwrap_or_default();
    let flags = if *read_only { "&readonly" } else { "" };
    let url = format!("{}?embed&panes={}{flags}{}#p={code}", base(), chosen.join(","), *theme);
    let html = format!(
        "<iframe src=\"{}\" title=\"A Docker build, step by step\" width=\"100%\" height=\"{}\" style=\"border:0\" loading=\"lazy\" allow=\"clipboard-write\"></iframe>",
        url.replace('&', "&amp;"),
        *height
    );
    let parts: Vec<(&'static str, &'static str)> =
        PARTS.into_iter().chain(PANES.iter().map(|(_, id, title)| (*id, *title))).collect();
    let toggle = |id: &'static str| {
        let (chosen, order) = (chosen.clone(), parts.clone());
        Callback::from(move |_: Event| {
            let had = chosen.contains(&id);
            let stays = |other: &&str| if **other == *id { !had } else { chosen.contains(other) };
            chosen.set(order.iter().map(|(id, _)| *id).filter(stays).collect());
        })
    };
    let flip = |state: &UseStateHandle<bool>| {
        let state = state.clone();
        Callback::from(move |_: Event| state.set(!*state))
    };
    let set = |state: &UseStateHandle<AttrValue>| {
        let state = state.clone();
        Callback::from(move |value: AttrValue| state.set(value))
    };
    let heights = HEIGHTS.map(|height| (height.into(), format!("{height} px").into())).to_vec();
    let themes = THEMES.map(|(value, name)| (value.into(), name.into())).to_vec();
    html! {
        <Dialog title="Embed in a page" onclose={props.onclose.clone()}>
            <div class="row" role="group" aria-label="What the frame shows">
                for (id, title) in parts.iter().copied() {
                    <label class="check" key={id}><input type="checkbox" checked={chosen.contains(&id)} onchange={toggle(id)} />{ title }</label>
                }
            </div>
            <div class="row">
                <Choices label="Height of the frame" options={heights} value={(*height).clone()} onchange={set(&height)} />
                <Choices label="Colors" options={themes} value={(*theme).clone()} onchange={set(&theme)} />
            </div>
            <div class="row">
                <label class="check"><input type="checkbox" checked={*read_only} onchange={flip(&read_only)} />{ "Read-only: loads less, nothing can be changed" }</label>
                <label class="check"><input type="checkbox" checked={*preview} onchange={flip(&preview)} data-hook="preview" />{ "Preview" }</label>
            </div>
            { note_field(&note) }
            <CopyField label="Put this into the page" text={html} done="The code is copied." rows=5 hook="embed-code" />
            if *preview {
                // Another address is another frame: what was done in the one before is gone with it.
                <iframe key={url.clone()} class="preview" src={url} title="Preview of the frame" height={(*height).clone()} />
            }
        </Dialog>
    }
}
