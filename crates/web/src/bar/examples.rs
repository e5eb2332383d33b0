//! The examples' menu.

use crate::components::{Icon, Menu, MenuItem};
use crate::examples::Example;
use crate::js;
use crate::state::{Action, Dispatch, Opened};
use std::rc::Rc;
use yew::prelude::*;

/// What [`Examples`] needs.
#[derive(Properties, PartialEq)]
pub struct ExamplesProps {
    /// The examples, once they are there.
    pub examples: Rc<Vec<Example>>,
    /// The title of the one that is open.
    pub title: AttrValue,
}

/// The menu.
#[component]
pub fn Examples(props: &ExamplesProps) -> Html {
    let dispatch = use_context::<Dispatch>();
    let open = |example: &Example| {
        let (dispatch, example) = (dispatch.clone(), example.clone());
        Callback::from(move |()| {
            if let Some(dispatch) = &dispatch {
                let project = Rc::new(example.project.clone());
                dispatch.dispatch(Action::Open(Box::new(Opened { project, view: None, now: js::now() })));
                dispatch.dispatch(Action::Example(example.name.clone(), example.look.clone()));
                crate::keys::focus_play_soon();
            }
        })
    };
    let mut items = Vec::new();
    let mut group = AttrValue::default();
    for example in props.examples.iter() {
        if example.group != group {
            group = example.group.clone();
            items.push(html! { <p class="menu__title" key={format!("group {group}")} role="presentation">{ group.clone() }</p> });
        }
        items.push(html! {
            <MenuItem key={example.name.to_string()} onclick={open(example)} current={example.title == props.title} hook={format!("example-{}", example.name)}>
                { &example.title }
            </MenuItem>
        });
    }
    let title = if props.title.is_empty() { AttrValue::from("Examples") } else { props.title.clone() };
    // The name holds what is seen, for those who say what they want to click.
    let label = if props.title.is_empty() {
        AttrValue::from("Examples")
    } else {
        format!("Examples: {title}").into()
    };
    html! {
        <Menu class="examples" {label} hook="examples" button={html! { <><span class="cut">{ title }</span>{ Icon::Down.draw() }</> }}>
            if props.examples.is_empty() {
                <p class="menu__title">{ "The examples are loading…" }</p>
            }
            <div role="presentation">{ for items }</div>
        </Menu>
    }
}
