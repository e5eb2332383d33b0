//! The bar at the top: name, examples, builders, share and more.

pub mod embed;
pub mod examples;
pub mod measured;
pub mod more;
pub mod share;
pub mod theme;

use crate::components::{Choices, Icon, IconButton};
use crate::embed::Frame;
use crate::examples::Example;
use crate::state::{Action, Dispatch};
use stagecraft_playground::view::Look;
use std::rc::Rc;
use yew::prelude::*;

/// What the bar opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open {
    /// Link and command.
    Share,
    /// Code for a frame in another page.
    Embed,
    /// A pasted `docker build` command.
    Command,
    /// A real build's log.
    Measured,
    /// Keys.
    Keys,
}

/// What [`Bar`] needs.
#[derive(Properties, PartialEq)]
pub struct BarProps {
    /// How the page is shown.
    pub frame: Rc<Frame>,
    /// Which builders are looked at.
    pub look: Look,
    /// The examples, once they are there.
    pub examples: Rc<Vec<Example>>,
    /// The example that was opened last.
    pub title: AttrValue,
    /// There is something to take back.
    pub can_undo: bool,
    /// There is something to make again.
    pub can_redo: bool,
    /// Opens a dialog.
    pub onopen: Callback<Open>,
}

/// The product's mark.
pub fn mark() -> Html {
    html! {
        <svg viewBox="0 0 24 24" fill="none" stroke-width="2" stroke-linejoin="round" aria-hidden="true">
            <path d="M12 3 21 8l-9 5-9-5z" stroke="var(--s1)" /><path d="m3 12.3 9 5 9-5" stroke="var(--s2)" /><path d="m3 16.6 9 5 9-5" stroke="var(--s4)" />
        </svg>
    }
}

/// The bar.
#[component]
pub fn Bar(props: &BarProps) -> Html {
    let dispatch = use_context::<Dispatch>();
    let act = |action: Action| {
        let dispatch = dispatch.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(dispatch) = &dispatch {
                dispatch.dispatch(action.clone());
            }
        })
    };
    let options = vec![
        ("buildkit".into(), "BuildKit".into()),
        ("legacy".into(), "Legacy".into()),
        ("both".into(), if props.frame.embed { "Both".into() } else { "Side by side".into() }),
    ];
    let value = match props.look {
        Look::BuildKit => "buildkit",
        Look::Legacy => "legacy",
        Look::SideBySide => "both",
    };
    let onchange = {
        let dispatch = dispatch.clone();
        Callback::from(move |value: AttrValue| {
            let look = match value.as_str() {
                "buildkit" => Look::BuildKit,
                "legacy" => Look::Legacy,
                _ => Look::SideBySide,
            };
            if let Some(dispatch) = &dispatch {
                dispatch.dispatch(Action::Look(look));
            }
        })
    };
    let open = |which: Open| props.onopen.reform(move |_: MouseEvent| which);
    if props.frame.embed {
        return html! {
            <header class="top">
                <span class="top__name">{ mark() }<span class="aside-reader">{ "Stagecraft" }</span></span>
                <Choices label="Builder" {options} {value} {onchange} />
                <div class="top__side top__side--end">
                    <share::FullPage />
                </div>
            </header>
        };
    }
    html! {
        <header class="top">
            <div class="top__side">
                <h1 class="top__name">{ mark() }<span class="top__word">{ "Stagecraft" }</span></h1>
                <examples::Examples examples={props.examples.clone()} title={props.title.clone()} />
                <IconButton icon={Icon::Undo} label="Undo (Ctrl+Z)" onclick={act(Action::Undo)} disabled={!props.can_undo} hook="undo" />
                <IconButton icon={Icon::Redo} label="Redo (Ctrl+Y)" onclick={act(Action::Redo)} disabled={!props.can_redo} hook="redo" />
            </div>
            <Choices label="Builder" {options} {value} {onchange} />
            <div class="top__side top__side--end">
                <button type="button" class="button button--quiet top__embed" onclick={open(Open::Embed)} data-hook="embed">{ "Embed" }</button>
                <button type="button" class="button button--main" onclick={open(Open::Share)} data-hook="share">{ "Share" }</button>
                <theme::Theme />
                <more::More onopen={props.onopen.clone()} />
            </div>
        </header>
    }
}
