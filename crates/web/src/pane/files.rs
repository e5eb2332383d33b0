//! Files: the file system after the current step, with what it added, changed and deleted.

use crate::engine::use_asked;
use crate::state::{Action, At, Dispatch};
use stagecraft_playground::engine::{Answer, Ask};
use stagecraft_playground::view::{FileRow, FilesQuery, FilesView, Mark, RowKind};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

/// Height of a row in pixels, as the style has it.
const ROW: u32 = 24;
/// How many rows are asked for at once.
pub const WINDOW: u32 = 200;

/// What [`FilesPane`] needs.
#[derive(Properties, PartialEq)]
pub struct FilesProps {
    /// The current step.
    pub at: Option<At>,
    /// How the tree is looked at.
    pub query: FilesQuery,
    /// The entry that was asked about.
    pub selected: Option<Rc<str>>,
    /// Counts the engine's answers.
    pub answered: u32,
}

/// The tree.
#[component]
pub fn FilesPane(props: &FilesProps) -> Html {
    let dispatch = use_context::<Dispatch>();
    let files = use_asked(
        (props.at, props.query.clone(), props.answered),
        |(at, query, _)| at.map(|(builder, step)| Ask::Files { builder, step, query: query.clone() }),
        |answer| if let Answer::Files(files) = answer { Some(files) } else { None },
    );
    let onscroll = {
        let (dispatch, files) = (dispatch.clone(), files.clone());
        Callback::from(move |event: Event| {
            let (Some(dispatch), Some(files)) = (&dispatch, &files) else { return };
            let Some(pane) = crate::js::around(&event, ".files__scroll") else { return };
            let top = pane.scroll_top().unsigned_abs() / ROW;
            let bottom = (pane.scroll_top() + pane.client_height()).unsigned_abs() / ROW + 1;
            let end = files.first + files.rows.len() as u32;
            if top < files.first || (bottom > end && end < files.total) {
                dispatch.dispatch(Action::Window(top.saturating_sub(WINDOW / 3)));
            }
        })
    };
    let only = {
        let (dispatch, now) = (dispatch.clone(), props.query.only_changes);
        Callback::from(move |_: Event| {
            if let Some(dispatch) = &dispatch {
                dispatch.dispatch(Action::OnlyChanges(!now));
            }
        })
    };
    let onkeydown =
        use_callback(dispatch.clone(), |event: KeyboardEvent, dispatch| on_key(&event, dispatch.as_ref()));
    let Some(files) = files else {
        return html! { <p class="empty">{ "No step has been taken yet, so there are no files to show." }</p> };
    };
    html! {
        <div class="files" data-hook="files">
            <div class="files__head">
                <span class="grow cut">{ AttrValue::from(files.heading.clone()) }
                    if !files.change.is_empty() { <span class="tone-ok">{ format!("  {}", files.change) }</span> }
                </span>
                if files.unknown {
                    <span class="tone-warn" title="A command without a model took part; tell what it writes with a comment above it: # effect: create /path 12MB">{ "may be incomplete" }</span>
                }
                <label class="check"><input type="checkbox" checked={props.query.only_changes} onchange={only} />{ "only changes" }</label>
            </div>
            <div class="files__scroll" {onscroll} {onkeydown}>
                if files.rows.is_empty() {
                    <p class="empty">{ if props.query.only_changes { "This step changes no file." } else { "The file system is empty." } }</p>
                }
                <div role="tree" aria-label="Files after this step" class="files__rows"
                    style={format!("padding-top:{}px;height:{}px", files.first * ROW, files.total * ROW)}>
                    { rows(&files, props.selected.as_deref(), dispatch.as_ref()) }
                </div>
            </div>
        </div>
    }
}

fn rows(files: &FilesView, selected: Option<&str>, dispatch: Option<&Dispatch>) -> Html {
    let focusable = files.rows.iter().position(|row| selected == Some(&*row.path)).unwrap_or_default();
    files
        .rows
        .iter()
        .enumerate()
        .map(|(n, row)| file_row(row, selected == Some(&*row.path), n == focusable, dispatch))
        .collect()
}

fn file_row(row: &FileRow, selected: bool, focusable: bool, dispatch: Option<&Dispatch>) -> Html {
    let (sign, said) = match row.mark {
        Mark::Added => ("+", "added"),
        Mark::Changed => ("~", "changed"),
        Mark::Deleted => ("−", "deleted"),
        Mark::None | Mark::Below => ("", ""),
    };
    let class = classes!(
        "file",
        selected.then_some("is-selected"),
        match row.mark {
            Mark::Added => Some("is-added"),
            Mark::Changed => Some("is-changed"),
            Mark::Deleted => Some("is-deleted"),
            Mark::None | Mark::Below => None,
        },
        matches!(row.kind, RowKind::Unlisted).then_some("is-unlisted"),
    );
    let open = match row.kind {
        RowKind::Directory { open } => Some(open),
        _ => None,
    };
    let (path, line) = (row.path.clone(), row.line);
    let onclick = dispatch.cloned().map(|dispatch| {
        let path = path.clone();
        Callback::from(move |_: MouseEvent| match open {
            Some(open) => dispatch.dispatch(Action::Unfold(path.clone(), !open)),
            None => dispatch.dispatch(Action::Select(Some(path.clone()))),
        })
    });
    let origin = dispatch.cloned().filter(|_| line > 0).map(|dispatch| {
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            dispatch.dispatch(Action::Goto(stagecraft_playground::text::Goto::Line(line)));
        })
    });
    html! {
        <div role="treeitem" key={row.path.to_string()} {class} {onclick} tabindex={if focusable { "0" } else { "-1" }}
            aria-level={(row.depth + 1).to_string()} aria-expanded={open.map(|open| if open { "true" } else { "false" })}
            aria-selected={if selected { "true" } else { "false" }} data-path={AttrValue::from(row.path.clone())}
            title={AttrValue::from(row.mode.clone())}>
            <span class="file__mark" aria-label={(!said.is_empty()).then_some(said)}>{ sign }</span>
            <span class="file__name cut" style={format!("padding-left:{}px", row.depth * 16)}>
                <span class="file__fold" aria-hidden="true">{ match open { Some(true) => "▾", Some(false) => "▸", None => "" } }</span>
                { AttrValue::from(row.name.clone()) }
            </span>
            <span class="num">{ AttrValue::from(row.size_text.clone()) }</span>
            <span class={classes!("file__from", "cut", format!("stage-{}", row.color.0))} onclick={origin} title={AttrValue::from(row.origin.clone())}>
                if !row.origin.is_empty() {
                    <span class="dot" />{ AttrValue::from(row.origin.clone()) }
                }
            </span>
        </div>
    }
}

/// The keys of a tree: up and down, right opens, left closes, Enter asks where a file comes from.
fn on_key(event: &KeyboardEvent, dispatch: Option<&Dispatch>) {
    let target = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    let Some(row) = target.filter(|row| row.get_attribute("role").as_deref() == Some("treeitem")) else {
        return;
    };
    let (open, path) =
        (row.get_attribute("aria-expanded"), row.get_attribute("data-path").unwrap_or_default());
    let focus = |next: Option<web_sys::Element>| {
        if let Some(next) = next.and_then(|next| next.dyn_into::<HtmlElement>().ok()) {
            let _ = next.focus();
        }
    };
    let unfold = |to: bool| {
        if let Some(dispatch) = dispatch {
            dispatch.dispatch(Action::Unfold(path.as_str().into(), to));
        }
    };
    match event.key().as_str() {
        "ArrowDown" => focus(row.next_element_sibling()),
        "ArrowUp" => focus(row.previous_element_sibling()),
        "Home" => focus(row.parent_element().and_then(|tree| tree.first_element_child())),
        "End" => focus(row.parent_element().and_then(|tree| tree.last_element_child())),
        "ArrowRight" if open.as_deref() == Some("false") => unfold(true),
        "ArrowLeft" if open.as_deref() == Some("true") => unfold(false),
        "ArrowRight" | "ArrowLeft" => {}
        "Enter" | " " => row.click(),
        _ => return,
    }
    event.prevent_default();
    event.stop_propagation();
}
