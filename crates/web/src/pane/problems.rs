//! Problems: of the Dockerfile and of the ignore file, with their mends.

use crate::components::Icon;
use crate::state::{Action, Dispatch};
use stagecraft_playground::view::{Level, Problem, ProblemsView};
use std::rc::Rc;
use yew::prelude::*;

/// What [`ProblemsPane`] needs.
#[derive(Properties, PartialEq)]
pub struct ProblemsProps {
    /// The problems.
    pub problems: Rc<ProblemsView>,
    /// Nothing may be changed.
    pub read_only: bool,
}

/// The list.
#[component]
pub fn ProblemsPane(props: &ProblemsProps) -> Html {
    let dispatch = use_context::<Dispatch>();
    if props.problems.problems.is_empty() {
        return html! { <p class="empty">{ "No problems: both builders accept the file, and no check has anything to say." }</p> };
    }
    html! {
        <ul class="problems" data-hook="problems">
            for (n, problem) in props.problems.problems.iter().enumerate() {
                <li key={n} class={classes!("problem", level_class(problem.level))}>
                    { item(problem, dispatch.as_ref(), props.read_only) }
                </li>
            }
        </ul>
    }
}

const fn level_class(level: Level) -> &'static str {
    match level {
        Level::Error => "is-error",
        Level::Warning => "is-warning",
        Level::Info => "is-info",
    }
}

const fn level_name(level: Level) -> &'static str {
    match level {
        Level::Error => "Error",
        Level::Warning => "Warning",
        Level::Info => "Note",
    }
}

fn item(problem: &Problem, dispatch: Option<&Dispatch>, read_only: bool) -> Html {
    let show = dispatch.cloned().map(|dispatch| {
        let (file, offset) = (problem.file.to_string(), problem.range.from);
        Callback::from(move |_: MouseEvent| dispatch.dispatch(Action::Place(file.clone(), offset)))
    });
    let fix = problem.fix.as_ref().filter(|_| !read_only).zip(dispatch.cloned()).map(|(fix, dispatch)| {
        let (file, edits) = (problem.file.to_string(), fix.edits.clone());
        let onclick = Callback::from(move |_: MouseEvent| dispatch.dispatch(Action::Fix(file.clone(), edits.clone(), crate::js::now())));
        html! { <button type="button" class="button button--small" {onclick}>{ AttrValue::from(fix.label.clone()) }</button> }
    });
    html! {
        <>
            <button type="button" class="problem__main" onclick={show}>
                <span class="problem__level">{ level_name(problem.level) }</span>
                <span class="grow">
                    <span class="problem__text mono">{ AttrValue::from(problem.message.clone()) }</span>
                    if !problem.help.is_empty() {
                        <span class="problem__help">{ AttrValue::from(problem.help.clone()) }</span>
                    }
                </span>
                <span class="problem__place">
                    { format!("{}:{}", problem.file, problem.place.line) }
                    <span class="problem__code">{ AttrValue::from(problem.code.clone()) }</span>
                    if !problem.only.is_empty() {
                        <span class="problem__code">{ format!("{} only", problem.only) }</span>
                    }
                </span>
                { Icon::Forward.draw() }
            </button>
            if let Some(fix) = fix {
                <div class="problem__fix">{ fix }</div>
            }
        </>
    }
}
