//! The editor: the only part that takes text, and the only one that knows CodeMirror.

mod bindings;
mod calls;
mod marks;
pub mod still;

use crate::engine::Client;
use crate::js;
use crate::state::{Action, Dispatch, Edit};
use bindings::{Handle, Module};
use calls::Calls;
use stagecraft_core::project::{FileContent, Project};
use stagecraft_playground::edit::Language;
use stagecraft_playground::engine::{Answer, Ask};
use stagecraft_playground::view::{LinesView, ProblemsView};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

/// A value that props carry without being compared by it.
#[derive(Debug, Clone)]
pub struct Carried<T>(pub T);

impl<T> PartialEq for Carried<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// What [`Editor`] needs.
#[derive(Properties, PartialEq)]
pub struct EditorProps {
    /// The file that is open.
    pub file: String,
    /// Grows when the file's text changed other than by typing here.
    pub epoch: u32,
    /// Where the text is; typing alone renders nothing.
    pub project: Carried<Rc<Project>>,
    /// The file is the one that is built: it gets notes, colors and problems.
    pub is_built: bool,
    /// Notes, stages and steps of its lines.
    pub lines: Rc<LinesView>,
    /// Problems of all files.
    pub problems: Rc<ProblemsView>,
    /// The lines of the current step.
    pub current: Option<(u32, u32)>,
    /// Where to go, and how often that was said.
    pub place: Option<(u32, u32)>,
    /// Nothing may be changed.
    pub read_only: bool,
}

/// What an editor has while it stands.
struct Standing {
    handle: Handle,
    _calls: Calls,
}

/// The text of a file, if it has one.
fn text_of<'a>(project: &'a Project, file: &str) -> Option<&'a str> {
    match project.files.get(file).map(|file| &file.content) {
        Some(FileContent::Text(text)) => Some(text),
        None => Some(""),
        Some(_) => None,
    }
}

/// The editor of one file at a time.
#[component]
pub fn Editor(props: &EditorProps) -> Html {
    let dispatch = use_context::<Dispatch>();
    let client = use_context::<Client>();
    let host = use_node_ref();
    let standing = use_mut_ref(|| None::<Standing>);
    // 0: still loading, 1: there, 2: could not be loaded.
    let stage = use_state(|| 0_u8);
    let file = use_mut_ref(|| props.file.clone());
    let shown = use_mut_ref(String::new);

    use_effect_with((), {
        let (host, standing, stage, file) =
            (host.clone(), Rc::clone(&standing), stage.clone(), Rc::clone(&file));
        let (dispatch, client) = (dispatch.clone(), client.clone());
        let gone = Rc::new(RefCell::new(false));
        let left = Rc::clone(&gone);
        let standing_too = Rc::clone(&standing);
        move |()| {
            wasm_bindgen_futures::spawn_local(async move {
                let made = match (js::load("editor"), dispatch, client) {
                    (Some(loading), Some(dispatch), Some(client)) => {
                        wasm_bindgen_futures::JsFuture::from(loading).await.ok().and_then(|module| {
                            let parent = host.cast::<HtmlElement>()?;
                            let calls = Calls::new(&dispatch, client, file, Rc::clone(&standing));
                            let handle =
                                module.unchecked_into::<Module>().mount(&parent, calls.object()).ok()?;
                            Some(Standing { handle, _calls: calls })
                        })
                    }
                    _ => None,
                };
                if *gone.borrow() {
                    return;
                }
                stage.set(if made.is_some() { 1 } else { 2 });
                *standing.borrow_mut() = made;
            });
            move || {
                *left.borrow_mut() = true;
                if let Some(standing) = standing_too.borrow_mut().take() {
                    standing.handle.destroy();
                }
            }
        }
    });

    // The text, where it did not come from here.
    use_effect_with((*stage, props.file.clone(), props.epoch), {
        let (standing, project, client) = (Rc::clone(&standing), props.project.0.clone(), client.clone());
        let (file, shown) = (Rc::clone(&file), Rc::clone(&shown));
        move |(_, name, _)| {
            file.borrow_mut().clone_from(name);
            let Some(handle) = standing.borrow().as_ref().map(|standing| standing.handle.clone()) else {
                return;
            };
            let text = text_of(&project, name).unwrap_or_default();
            let anew = *shown.borrow() != *name;
            shown.borrow_mut().clone_from(name);
            handle.set_text(text, anew);
            if let Some(client) = client {
                highlight(&client, &handle, name, text.to_owned());
            }
        }
    });
    let binary = text_of(&props.project.0, &props.file).is_none();
    let read_only = props.read_only || binary;
    use_effect_with((*stage, props.file.clone(), read_only), {
        let standing = Rc::clone(&standing);
        move |(_, name, read_only)| {
            if let Some(standing) = &*standing.borrow() {
                standing.handle.configure(name, *read_only);
            }
        }
    });
    use_effect_with(
        (*stage, props.file.clone(), props.epoch, props.is_built, props.lines.clone(), props.current),
        {
            let standing = Rc::clone(&standing);
            move |(_, _, _, is_built, lines, current)| {
                if let Some(standing) = &*standing.borrow() {
                    let marks =
                        if *is_built { marks::lines(lines, *current) } else { js_sys::Array::new().into() };
                    standing.handle.set_lines(&marks, standing.handle.current());
                }
            }
        },
    );
    use_effect_with((*stage, props.current), {
        let (standing, is_built) = (Rc::clone(&standing), props.is_built);
        move |(_, current)| {
            if let (Some(standing), Some((first, _)), true) = (&*standing.borrow(), current, is_built) {
                standing.handle.reveal(*first);
            }
        }
    });
    use_effect_with((*stage, props.file.clone(), props.epoch, props.problems.clone()), {
        let standing = Rc::clone(&standing);
        move |(_, name, _, problems)| {
            if let Some(standing) = &*standing.borrow() {
                standing.handle.set_problems(&marks::problems(problems, name), standing.handle.current());
            }
        }
    });
    use_effect_with((*stage, props.place), {
        let standing = Rc::clone(&standing);
        move |(_, place)| {
            if let (Some(standing), Some((_, offset))) = (&*standing.borrow(), place) {
                standing.handle.goto(*offset);
            }
        }
    });

    let text = text_of(&props.project.0, &props.file).unwrap_or_default();
    let oninput = {
        let file = props.file.clone();
        Callback::from(move |event: InputEvent| {
            let area =
                event.target().and_then(|target| target.dyn_into::<web_sys::HtmlTextAreaElement>().ok());
            if let (Some(area), Some(dispatch)) = (area, &dispatch) {
                dispatch
                    .dispatch(Action::Edit(Edit::Type { path: file.clone(), text: area.value() }, js::now()));
            }
        })
    };
    html! {
        <div class="editor" data-hook="editor" data-file={props.file.clone()} data-ready={(*stage == 1).then_some("true")}>
            <div ref={host} class="editor__host" key="host" hidden={*stage == 2 || binary} />
            <div key="rest" class="editor__rest">
                if binary {
                    <p class="empty">{ "This file is not text. It is part of the build, but it cannot be edited here." }</p>
                } else if *stage == 0 {
                    <still::Still project={props.project.clone()} file={props.file.clone()} epoch={props.epoch} waits={props.problems.clone()}
                        is_built={props.is_built} lines={props.lines.clone()} current={props.current} />
                } else if *stage == 2 {
                    <textarea class="editor__plain mono" aria-label={props.file.clone()} value={text.to_owned()} readonly={props.read_only}
                        spellcheck="false" {oninput} />
                }
            </div>
        </div>
    }
}

/// Asks for the colors of a text and puts them into the editor, if it still shows that text.
fn highlight(client: &Client, handle: &Handle, file: &str, text: String) {
    let Some(language) = Language::of(file) else { return };
    let (handle, version) = (handle.clone(), handle.current());
    client.ask(Ask::Highlight(language, text), move |answer| {
        if let Answer::Tokens(tokens) = answer {
            let triples: Vec<u32> = tokens
                .iter()
                .flat_map(|token| [token.range.from, token.range.to, token.kind as u32])
                .collect();
            handle.set_tokens(&triples, version);
        }
    });
}

/// Whether a file's name says that it is a Dockerfile.
pub fn is_dockerfile(path: &str) -> bool {
    Language::of(path) == Some(Language::Dockerfile)
}
