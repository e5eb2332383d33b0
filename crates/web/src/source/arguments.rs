//! Build arguments: those that the file declares with their defaults, and any other.

use super::options::set;
use crate::components::{Icon, IconButton};
use crate::state::Dispatch;
use stagecraft_core::project::Project;
use stagecraft_playground::view::{Argument, OutlineView};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// What [`Arguments`] needs.
#[derive(Properties, PartialEq)]
pub struct ArgumentsProps {
    /// Everything of the project that is no file.
    pub settings: Rc<Project>,
    /// Arguments of the file.
    pub outline: Rc<OutlineView>,
    /// Nothing may be changed.
    pub read_only: bool,
}

/// Gives `name` a value, or takes it back.
pub fn give(arguments: &mut Vec<(String, String)>, name: &str, value: Option<String>) {
    match (arguments.iter_mut().rev().find(|(other, _)| other == name), value) {
        (Some(given), Some(value)) => given.1 = value,
        (None, Some(value)) => arguments.push((name.to_owned(), value)),
        (_, None) => arguments.retain(|(other, _)| other != name),
    }
}

/// Each name once: an argument before the first FROM is often declared again in a stage.
fn once(arguments: &[Argument]) -> Vec<&Argument> {
    let mut seen = std::collections::BTreeSet::new();
    arguments.iter().filter(|argument| seen.insert(argument.name.clone())).collect()
}

fn value(event: &Event) -> Option<String> {
    Some(event.target()?.dyn_into::<HtmlInputElement>().ok()?.value())
}

/// The arguments, one small field each.
#[component]
pub fn Arguments(props: &ArgumentsProps) -> Html {
    let dispatch = use_context::<Dispatch>();
    let adding = use_state(|| false);
    let (settings, outline) = (&props.settings, &props.outline);
    let given = |name: &str| {
        settings.build_args.iter().rev().find(|(other, _)| other == name).map(|(_, value)| value.clone())
    };
    let mut seen = std::collections::BTreeSet::new();
    let undeclared: Vec<Argument> = settings
        .build_args
        .iter()
        .filter(|(name, _)| seen.insert(name.clone()))
        .filter(|(name, _)| !outline.arguments.iter().any(|argument| *argument.name == **name))
        .map(|(name, value)| Argument {
            name: name.as_str().into(),
            default: None,
            line: 0,
            global: false,
            value: Some(value.as_str().into()),
        })
        .collect();
    let change = |name: Rc<str>| {
        let (dispatch, settings) = (dispatch.clone(), Rc::clone(settings));
        Callback::from(move |value: Option<String>| {
            if let Some(dispatch) = &dispatch {
                set(dispatch, &settings, |project| give(&mut project.build_args, &name, value));
            }
        })
    };
    let add = {
        let (dispatch, settings, adding) = (dispatch.clone(), Rc::clone(settings), adding.clone());
        Callback::from(move |event: Event| {
            let Some(text) = value(&event).filter(|text| !text.trim().is_empty()) else {
                adding.set(false);
                return;
            };
            let (name, value) = text.split_once('=').unwrap_or((&text, ""));
            if let Some(dispatch) = &dispatch {
                set(dispatch, &settings, |project| {
                    give(&mut project.build_args, name.trim(), Some(value.to_owned()));
                });
            }
            adding.set(false);
        })
    };
    let open = {
        let adding = adding.clone();
        Callback::from(move |_: MouseEvent| adding.set(true))
    };
    html! {
        <div class="option option--args" role="group" aria-label="Build arguments">
            for argument in once(&outline.arguments).into_iter().chain(&undeclared) {
                <One key={argument.name.to_string()} argument={argument.clone()} given={given(&argument.name)}
                    onchange={change(argument.name.clone())} read_only={props.read_only} />
            }
            if *adding {
                <input key="+" class="field field--mono arg__new" placeholder="NAME=value" aria-label="New build argument" onchange={add} autofocus=true data-hook="new-arg" />
            } else if !props.read_only {
                <IconButton key="+" icon={Icon::Add} label="Add a build argument" class="button--small" onclick={open} hook="add-arg" />
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct OneProps {
    argument: Argument,
    given: Option<String>,
    onchange: Callback<Option<String>>,
    read_only: bool,
}

#[component]
fn One(props: &OneProps) -> Html {
    let Argument { name, default, line, global, .. } = &props.argument;
    let default = default.as_deref().unwrap_or_default().to_owned();
    let title = match (line, global) {
        (0, _) => format!("The file does not declare {name}"),
        (line, true) => format!("Declared on line {line}, for FROM lines"),
        (line, false) => format!("Declared on line {line}"),
    };
    let oninput = {
        let onchange = props.onchange.clone();
        Callback::from(move |event: InputEvent| onchange.emit(value(&event)))
    };
    let back = props.onchange.reform(|_: MouseEvent| None);
    let shown = props.given.clone().unwrap_or_else(|| default.trim_matches('"').to_owned());
    let width = shown.chars().count().clamp(2, 18) + 1;
    html! {
        <span class={classes!("arg", props.given.is_some().then_some("is-given"), (*line == 0).then_some("is-undeclared"))} {title}>
            <label><span class="mono">{ AttrValue::from(name.clone()) }</span>
                <input class="mono" style={format!("width:{width}ch")} value={shown} readonly={props.read_only} {oninput}
                    spellcheck="false" autocomplete="off" data-arg={AttrValue::from(name.clone())} />
            </label>
            if props.given.is_some() && !props.read_only {
                <button type="button" class="arg__back" aria-label={format!("Back to the default of {name}")} title="Back to the default" onclick={back}>{ Icon::Close.draw() }</button>
            }
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::give;

    #[test]
    fn a_value_replaces_the_one_before_and_none_takes_it_back() {
        let mut arguments = vec![("A".to_owned(), "1".to_owned())];
        give(&mut arguments, "A", Some("2".into()));
        give(&mut arguments, "B", Some(String::new()));
        assert_eq!(arguments, [("A".to_owned(), "2".to_owned()), ("B".to_owned(), String::new())]);
        give(&mut arguments, "A", None);
        assert_eq!(arguments, [("B".to_owned(), String::new())]);
    }
}
