//! Dialogs that hand the work on: link and command, a pasted command, keys.

use crate::components::{Dialog, Icon};
use crate::js;
use crate::persist;
use crate::state::{Action, Dispatch, Edit};
use stagecraft_core::project::Project;
use stagecraft_core::simulation::Builder;
use stagecraft_playground::command;
use stagecraft_playground::state::ViewState;
use stagecraft_playground::view::Look;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use yew::prelude::*;

/// What the dialogs need.
#[derive(Properties, PartialEq)]
pub struct ShareProps {
    /// The work.
    pub project: Rc<Project>,
    /// What is looked at.
    pub view: ViewState,
    /// Told when the dialog is to go.
    pub onclose: Callback<()>,
}

/// This page's address without query and fragment.
pub(super) fn base() -> String {
    web_sys::window()
        .map(|window| window.location())
        .and_then(|location| Some(format!("{}{}", location.origin().ok()?, location.pathname().ok()?)))
        .unwrap_or_default()
}

/// What [`CopyField`] needs.
#[derive(Properties, PartialEq)]
pub(super) struct CopyProps {
    /// What it is.
    pub label: AttrValue,
    /// What is copied.
    pub text: String,
    /// What is said then.
    pub done: &'static str,
    /// How high it is.
    #[prop_or(2)]
    pub rows: u32,
    /// Its name for tests.
    pub hook: &'static str,
}

/// Text with a button that copies it.
#[component]
pub(super) fn CopyField(props: &CopyProps) -> Html {
    let dispatch = use_context::<Dispatch>();
    let onclick = {
        let (text, done) = (props.text.clone(), props.done);
        dispatch.map(|dispatch| Callback::from(move |_: MouseEvent| js::copy(&text, done, dispatch.clone())))
    };
    html! {
        <div>
            <label>{ &props.label }
                <textarea class="field field--mono" readonly=true rows={props.rows.to_string()} value={props.text.clone()} data-hook={props.hook} />
            </label>
            <div class="dialog__foot copy__foot">
                <button type="button" class="button" {onclick}>{ Icon::Copy.draw() }{ "Copy" }</button>
            </div>
        </div>
    }
}

/// What goes with the work for whoever opens it.
pub(super) fn note_field(note: &UseStateHandle<String>) -> Html {
    let oninput = {
        let note = note.clone();
        Callback::from(move |event: InputEvent| {
            if let Some(text) = js::text_of(&event) {
                note.set(text);
            }
        })
    };
    html! {
        <label>{ "What to look at: stands above the build (may be empty)" }
            <textarea class="field" rows="2" value={(**note).clone()} {oninput} data-hook="note" />
        </label>
    }
}

/// Link and command.
#[component]
pub fn Share(props: &ShareProps) -> Html {
    let note = use_state(|| props.view.note.clone());
    let view = ViewState { note: (*note).clone(), ..props.view.clone() };
    let code = persist::encode(&props.project, &view).unwrap_or_default();
    let link = format!("{}#p={code}", base());
    let long = link.len() > 8_000;
    html! {
        <Dialog title="Share" onclose={props.onclose.clone()}>
            <CopyField label="A link to all of this: files, options, step and pane. Nothing is sent to a server; the link holds it all."
                text={link.clone()} done="The link is copied." rows=3 hook="link" />
            if long {
                <p class="tone-warn">{ format!("This link has {} characters. Some programs cut links that long; the archive (More, Download the project) is safer then.", link.len()) }</p>
            }
            <CopyField label="The same build with Docker" text={command::print(&props.project, props.view.look.first())} done="The command is copied." hook="build-command" />
            { note_field(&note) }
        </Dialog>
    }
}

/// A pasted `docker build` command.
#[component]
pub fn Command(props: &ShareProps) -> Html {
    let dispatch = use_context::<Dispatch>();
    let text = use_state(String::new);
    let read = (!text.trim().is_empty()).then(|| command::read(&text));
    let oninput = {
        let text = text.clone();
        Callback::from(move |event: InputEvent| {
            if let Some(typed) = js::text_of(&event) {
                text.set(typed);
            }
        })
    };
    let apply = {
        let (read, onclose, project) = (read.clone(), props.onclose.clone(), Rc::clone(&props.project));
        Callback::from(move |_: MouseEvent| {
            if let (Some(Ok(read)), Some(dispatch)) = (&read, &dispatch) {
                let settings = crate::state::edit::settings(&read.apply(&project));
                dispatch.dispatch(Action::Edit(Edit::Settings(Box::new(settings)), js::now()));
                match read.builder {
                    Some(Builder::Legacy) => dispatch.dispatch(Action::Look(Look::Legacy)),
                    Some(Builder::BuildKit) => dispatch.dispatch(Action::Look(Look::BuildKit)),
                    None => {}
                }
                onclose.emit(());
            }
        })
    };
    html! {
        <Dialog title="Paste a docker build command" onclose={props.onclose.clone()}>
            <label>{ "Its options are set here; files stay as they are." }
                <textarea class="field field--mono" rows="4" spellcheck="false" placeholder="docker build --target test --build-arg VERSION=2 ." value={(*text).clone()} {oninput} data-hook="command-text" />
            </label>
            if let Some(Err(why)) = &read {
                <p class="tone-bad" role="alert">{ why.to_string() }</p>
            }
            if let Some(Ok(read)) = &read {
                <ul>
                    if let Some(file) = read.dockerfile.as_ref().filter(|file| !props.project.files.contains_key(*file)) {
                        <li class="tone-warn" key="file">{ format!("There is no {file} in the files here; the Dockerfile stays as chosen.") }</li>
                    }
                    for (n, sentence) in read.notes.iter().enumerate() { <li key={n} class="soft">{ sentence }</li> }
                </ul>
            }
            <div class="dialog__foot">
                <button type="button" class="button button--main" disabled={!matches!(read, Some(Ok(_)))} onclick={apply} data-hook="command-apply">{ "Set the options" }</button>
            </div>
        </Dialog>
    }
}

/// What the dialog of keys needs.
#[derive(Properties, PartialEq)]
pub struct KeysProps {
    /// Told when the dialog is to go.
    pub onclose: Callback<()>,
}

/// The keys that work everywhere but in text.
const KEYS: [(&str, &str); 10] = [
    ("← →", "One step back, one forward"),
    ("Home End", "First step, last step"),
    ("Space", "Play, pause"),
    ("1 … 6", "Panes, in the order of their tabs"),
    ("B L S", "BuildKit, legacy, side by side"),
    ("P", "Present: large, for a room"),
    ("E", "To the editor; Escape and then Tab leads out again"),
    ("Ctrl+Z Ctrl+Y", "Undo, redo: texts, files and options"),
    ("Ctrl+Space", "Completion, in the editor"),
    ("Ctrl+F", "Search and replace, in the editor"),
];

/// The list of keys.
#[component]
pub fn Keys(props: &KeysProps) -> Html {
    html! {
        <Dialog title="Keys" onclose={props.onclose.clone()}>
            <table class="table"><tbody>
                for (keys, what) in KEYS.iter() { <tr key={*keys}><th scope="row"><kbd>{ *keys }</kbd></th><td>{ *what }</td></tr> }
            </tbody></table>
        </Dialog>
    }
}

/// The way from an embed to the whole page: the same work, at its present state.
#[component]
pub fn FullPage() -> Html {
    let onclick = Callback::from(|event: MouseEvent| {
        let link =
            js::around(&event, "a").and_then(|link| link.dyn_into::<web_sys::HtmlAnchorElement>().ok());
        let hash = web_sys::window().and_then(|window| window.location().hash().ok()).unwrap_or_default();
        if let Some(link) = link {
            // Taken when it is needed: the fragment follows the work.
            let hash: Vec<&str> =
                hash.trim_start_matches('#').split('&').filter(|pair| pair.starts_with("p=")).collect();
            link.set_href(&format!("{}#{}", base(), hash.join("&")));
        }
    });
    html! {
        <a class="button button--quiet" href={base()} target="_blank" rel="noopener" {onclick} data-hook="full-page">{ Icon::Open.draw() }{ "Open in Stagecraft" }</a>
    }
}
