//! The build context: add, open, rename, delete, upload.

use super::upload;
use crate::components::{Icon, IconButton, PhraseView};
use crate::engine::Client;
use crate::state::edit::text_file;
use crate::state::{Action, Dispatch, Edit};
use crate::{js, keys};
use stagecraft_playground::view::{ContextRow, ContextView};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, HtmlInputElement};
use yew::prelude::*;

/// What [`Context`] needs.
#[derive(Properties, PartialEq)]
pub struct ContextProps {
    /// The files.
    pub context: Rc<ContextView>,
    /// The one that is open.
    pub file: String,
    /// The chosen Dockerfile.
    pub dockerfile: String,
    /// The ignore file in force.
    pub ignore_file: String,
}

/// How many files are drawn; more than that are counted.
const MOST: usize = 400;

/// Why a path cannot be one of the context, if so.
pub fn wrong_path(path: &str) -> Option<&'static str> {
    if path.is_empty() {
        return Some("A file needs a name.");
    }
    if path.starts_with('/') {
        return Some("Paths are relative to the build context: without a slash at the start.");
    }
    if path.split('/').any(|part| part.is_empty() || part == "." || part == "..") {
        return Some("A path has no empty parts, no . and no .. in it.");
    }
    None
}

/// The files, and what can be done with them.
#[component]
pub fn Context(props: &ContextProps) -> Html {
    let dispatch = use_context::<Dispatch>();
    let client = use_context::<Client>();
    // The path that is being given a name, empty for a new file.
    let naming = use_state(|| None::<Rc<str>>);
    let over = use_state(|| false);
    let picker = use_node_ref();

    let name = {
        let (naming, dispatch) = (naming.clone(), dispatch.clone());
        let taken: Vec<Rc<str>> = props.context.rows.iter().map(|row| row.path.clone()).collect();
        Callback::from(move |to: Option<String>| {
            let (Some(dispatch), Some(from)) = (&dispatch, (*naming).clone()) else { return };
            naming.set(None);
            let Some(to) =
                to.map(|to| to.trim().trim_start_matches("./").to_owned()).filter(|to| **to != *from)
            else {
                return;
            };
            if let Some(wrong) = wrong_path(&to) {
                dispatch.dispatch(Action::Say(wrong.into(), true));
            } else if taken.iter().any(|path| **path == *to) {
                dispatch.dispatch(Action::Say(format!("There is a {to} already.").into(), true));
            } else if from.is_empty() {
                dispatch.dispatch(Action::Edit(
                    Edit::Put(vec![(to.clone(), text_file(String::new()))]),
                    js::now(),
                ));
                dispatch.dispatch(Action::File(to));
                keys::focus_editor_soon();
            } else {
                dispatch.dispatch(Action::Edit(Edit::Rename { from: from.to_string(), to }, js::now()));
            }
        })
    };
    let pick = {
        let picker = picker.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(input) = picker.cast::<HtmlInputElement>() {
                input.click();
            }
        })
    };
    let picked = {
        let (client, dispatch) = (client.clone(), dispatch.clone());
        Callback::from(move |event: Event| {
            let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            if let (Some(input), Some(client), Some(dispatch)) = (input, &client, &dispatch) {
                if let Some(files) = input.files() {
                    upload::from_list(&files, client.clone(), dispatch.clone());
                }
                input.set_value("");
            }
        })
    };
    let ondragover = {
        let over = over.clone();
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            over.set(true);
        })
    };
    let ondragleave = {
        let over = over.clone();
        Callback::from(move |_: DragEvent| over.set(false))
    };
    let ondrop = {
        let (over, client, dispatch) = (over.clone(), client.clone(), dispatch.clone());
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            over.set(false);
            if let (Some(data), Some(client), Some(dispatch)) = (event.data_transfer(), &client, &dispatch) {
                upload::from_drop(&data, client.clone(), dispatch.clone());
            }
        })
    };
    let new = {
        let naming = naming.clone();
        Callback::from(move |_: MouseEvent| naming.set(Some("".into())))
    };
    let rows = &props.context.rows;
    html! {
        <section class={classes!("context", over.then_some("is-over"))} aria-label="Build context" data-hook="context" {ondragover} {ondragleave} {ondrop}>
            <div class="context__head">
                <h2 class="grow cut context__title">
                    if props.context.sentence.is_empty() { { "Build context" } } else { <PhraseView phrase={props.context.sentence.clone()} /> }
                </h2>
                <IconButton icon={Icon::Add} label="New file" class="button--small" onclick={new} hook="new-file" />
                <IconButton icon={Icon::Upload} label="Upload a folder, or drop files, archives and saved images here" class="button--small" onclick={pick} hook="upload" />
                <input ref={picker} type="file" multiple=true webkitdirectory=true hidden=true aria-hidden="true" tabindex="-1" onchange={picked} />
            </div>
            <ul class="context__rows">
                if naming.as_deref() == Some("") {
                    <li class="context__row" key=""><NameField value="" onname={name.clone()} /></li>
                }
                for row in rows.iter().take(MOST) {
                    <li class={classes!("context__row", row.ignored.then_some("is-ignored"), (*row.path == *props.file).then_some("is-open"))} key={row.path.to_string()}>
                        if naming.as_deref() == Some(&row.path) {
                            <NameField value={row.path.to_string()} onname={name.clone()} />
                        } else {
                            { context_row(row, props, dispatch.as_ref(), &naming) }
                        }
                    </li>
                }
                if rows.len() > MOST {
                    <li class="context__row soft" key="/more">{ format!("and {} more files", rows.len() - MOST) }</li>
                }
            </ul>
        </section>
    }
}

fn context_row(
    row: &ContextRow,
    props: &ContextProps,
    dispatch: Option<&Dispatch>,
    naming: &UseStateHandle<Option<Rc<str>>>,
) -> Html {
    let act = |action: fn(String) -> Action| {
        let (dispatch, path) = (dispatch.cloned(), row.path.to_string());
        Callback::from(move |_: MouseEvent| {
            if let Some(dispatch) = &dispatch {
                dispatch.dispatch(action(path.clone()));
            }
        })
    };
    let rename = {
        let (naming, path) = (naming.clone(), row.path.clone());
        Callback::from(move |_: MouseEvent| naming.set(Some(path.clone())))
    };
    let title = match (row.ignored, row.rule) {
        (true, 0) => "Left out of the build context".to_owned(),
        (true, line) => format!("Left out: line {line} of {}", props.ignore_file),
        (false, _) => row.path.to_string(),
    };
    let built = *row.path == *props.dockerfile;
    html! {
        <>
            <button type="button" class="context__open" onclick={act(Action::File)} {title} data-path={AttrValue::from(row.path.clone())}
                aria-current={(*row.path == *props.file).then_some("true")}>
                <span class={classes!("context__sign", row.edited.then_some("is-edited"))} aria-label={row.edited.then_some("edited")}>{ if row.edited { "●" } else { "" } }</span>
                <span class="cut">{ AttrValue::from(row.path.clone()) }</span>
                <span class="context__note">{ AttrValue::from(row.note.clone()) }</span>
            </button>
            <span class="context__tools">
                <IconButton icon={Icon::Program} label={if row.executable { format!("Make {} not executable", row.path) } else { format!("Make {} executable", row.path) }}
                    class={if row.executable { "button--small is-on" } else { "button--small" }}
                    onclick={act(|path| Action::Edit(Edit::Executable(path), js::now()))} />
                <IconButton icon={Icon::Rename} label={format!("Rename {}", row.path)} class="button--small" onclick={rename} />
                <IconButton icon={Icon::Delete} label={format!("Delete {}", row.path)} class="button--small" disabled={built}
                    onclick={act(|path| Action::Edit(Edit::Remove(path), js::now()))} />
            </span>
        </>
    }
}

#[derive(Properties, PartialEq)]
struct NameProps {
    value: String,
    onname: Callback<Option<String>>,
}

/// Where a path is typed: Enter takes it, Escape leaves all as it was.
#[component]
fn NameField(props: &NameProps) -> Html {
    let node = use_node_ref();
    use_effect_with((), {
        let node = node.clone();
        move |()| {
            if let Some(input) = node.cast::<HtmlInputElement>() {
                let _ = input.focus();
                input.select();
            }
        }
    });
    let take = {
        let (node, onname) = (node.clone(), props.onname.clone());
        Callback::from(move |()| onname.emit(node.cast::<HtmlInputElement>().map(|input| input.value())))
    };
    let onkeydown = {
        let (take, onname) = (take.clone(), props.onname.clone());
        Callback::from(move |event: KeyboardEvent| {
            event.stop_propagation();
            match event.key().as_str() {
                "Enter" => take.emit(()),
                "Escape" => onname.emit(None),
                _ => {}
            }
        })
    };
    let onblur = {
        let (node, onname, empty) = (node.clone(), props.onname.clone(), props.value.is_empty());
        Callback::from(move |_: FocusEvent| {
            let text = node.cast::<HtmlInputElement>().map(|input| input.value());
            onname.emit(text.filter(|text| !(empty && text.trim().is_empty())));
        })
    };
    html! {
        <input ref={node} class="field field--mono context__name" placeholder="path/of/the/file" aria-label="Path in the build context"
            value={props.value.clone()} spellcheck="false" {onkeydown} {onblur} data-hook="file-name" />
    }
}

#[cfg(test)]
mod tests {
    use super::wrong_path;

    #[test]
    fn paths_stay_inside_of_the_context() {
        for (path, right) in [
            ("a", true),
            ("src/main.go", true),
            (".dockerignore", true),
            ("", false),
            ("/a", false),
            ("a/../b", false),
            ("a//b", false),
            ("a/", false),
        ] {
            assert_eq!(wrong_path(path).is_none(), right, "{path:?}");
        }
    }
}
