//! What is wanted less often.

use super::Open;
use crate::components::{Icon, Menu, MenuItem};
use crate::engine::Client;
use crate::state::{Action, Dispatch};
use crate::{js, keys, persist, project};
use stagecraft_playground::engine::{Answer, Ask, Format};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// What [`More`] needs.
#[derive(Properties, PartialEq)]
pub struct MoreProps {
    /// Opens a dialog.
    pub onopen: Callback<Open>,
}

/// Hands a person what the engine makes of the project.
fn export(client: &Client, dispatch: &Dispatch, ask: Ask, name: String, kind: &'static str) {
    let dispatch = dispatch.clone();
    client.ask(ask, move |answer| {
        let done = match answer {
            Answer::Archive(bytes) => js::download(&name, kind, &bytes),
            Answer::Export(text) => js::download(&name, kind, text.as_bytes()),
            Answer::Failed(text) => {
                dispatch.dispatch(Action::Say(text.into(), true));
                Some(())
            }
            _ => None,
        };
        if done.is_none() {
            dispatch.dispatch(Action::Say("The browser did not let the page make a file.".into(), true));
        }
    });
}

/// The menu.
#[component]
pub fn More(props: &MoreProps) -> Html {
    let dispatch = use_context::<Dispatch>();
    let client = use_context::<Client>();
    let picker = use_node_ref();
    let open = |which: Open| props.onopen.reform(move |()| which);
    let make = |ask: Ask, name: &str, kind: &'static str| {
        let (client, dispatch, name) = (client.clone(), dispatch.clone(), name.to_owned());
        Callback::from(move |()| {
            if let (Some(client), Some(dispatch)) = (&client, &dispatch) {
                export(client, dispatch, ask.clone(), name.clone(), kind);
            }
        })
    };
    let drawing =
        |format: Format, kind| make(Ask::Export(format), &format!("stages.{}", format.extension()), kind);
    let pick = {
        let picker = picker.clone();
        Callback::from(move |()| {
            if let Some(input) = picker.cast::<HtmlInputElement>() {
                input.click();
            }
        })
    };
    let picked = {
        let (client, dispatch) = (client.clone(), dispatch.clone());
        Callback::from(move |event: Event| {
            let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            let file = input.as_ref().and_then(HtmlInputElement::files).and_then(|files| files.item(0));
            if let (Some(input), Some(file), Some(client), Some(dispatch)) =
                (input, file, client.clone(), dispatch.clone())
            {
                wasm_bindgen_futures::spawn_local(async move {
                    match js::bytes_of(&file).await {
                        Some(bytes) => project::open_archive(file.name(), bytes, &client, &dispatch),
                        None => dispatch.dispatch(Action::Say(
                            format!("{} could not be read.", file.name()).into(),
                            true,
                        )),
                    }
                });
                input.set_value("");
            }
        })
    };
    let new = {
        let dispatch = dispatch.clone();
        Callback::from(move |()| {
            if let Some(dispatch) = &dispatch {
                project::open(project::empty(), dispatch);
                keys::focus_editor_soon();
            }
        })
    };
    let present = {
        let dispatch = dispatch.clone();
        Callback::from(move |()| {
            if let Some(dispatch) = &dispatch {
                dispatch.dispatch(Action::Present);
            }
        })
    };
    let before = persist::aside().map(|code| {
        let dispatch = dispatch.clone();
        Callback::from(move |()| match (persist::decode(&code), &dispatch) {
            (Ok((project, _)), Some(dispatch)) => project::open(project, dispatch),
            (Err(why), Some(dispatch)) => dispatch.dispatch(Action::Say(why.into(), true)),
            _ => {}
        })
    });
    html! {
        <>
            <Menu class="button--quiet button--icon" label="More" end=true hook="more" button={Icon::More.draw()}>
                <MenuItem onclick={new} hook="new">{ "New project" }</MenuItem>
                <MenuItem onclick={pick} hook="open-archive">{ "Open an archive or a saved image…" }</MenuItem>
                <MenuItem onclick={make(Ask::Archive, "project.tar.gz", "application/gzip")} hook="download">{ "Download the project" }</MenuItem>
                if let Some(before) = before {
                    <MenuItem onclick={before}>{ "Back to my work before the link" }</MenuItem>
                }
                <hr class="menu__line" />
                <MenuItem onclick={open(Open::Command)} hook="command">{ "Paste a docker build command…" }</MenuItem>
                <MenuItem onclick={open(Open::Measured)} hook="measured">{ "Paste the log of a real build…" }</MenuItem>
                <MenuItem onclick={open(Open::Embed)}>{ "Embed in a page…" }</MenuItem>
                <hr class="menu__line" />
                <MenuItem onclick={drawing(Format::Svg, "image/svg+xml")}>{ "Graph as a picture, light (SVG)" }</MenuItem>
                <MenuItem onclick={drawing(Format::SvgDark, "image/svg+xml")}>{ "Graph as a picture, dark (SVG)" }</MenuItem>
                <MenuItem onclick={drawing(Format::Mermaid, "text/plain")}>{ "Graph as Mermaid" }</MenuItem>
                <MenuItem onclick={drawing(Format::Dot, "text/plain")}>{ "Graph as DOT" }</MenuItem>
                <MenuItem onclick={drawing(Format::Json, "application/json")}>{ "Build as JSON" }</MenuItem>
                <hr class="menu__line" />
                <MenuItem onclick={present} hook="present">{ "Present, or stop it (P)" }</MenuItem>
                <MenuItem onclick={open(Open::Keys)}>{ "Keys" }</MenuItem>
            </Menu>
            <input ref={picker} type="file" accept=".tar,.gz,.tgz" hidden=true aria-hidden="true" tabindex="-1" onchange={picked} data-hook="archive-file" />
        </>
    }
}
