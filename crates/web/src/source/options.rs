//! Target, build arguments, platform, the chosen Dockerfile.

use super::arguments::Arguments;
use crate::bar::measured;
use crate::components::Icon;
use crate::js;
use crate::state::{Action, Dispatch, Edit};
use stagecraft_core::project::Project;
use stagecraft_playground::view::OutlineView;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// Platforms to choose from; another one stays if a link or a command brought it.
const PLATFORMS: [&str; 6] =
    ["linux/amd64", "linux/arm64", "linux/arm/v7", "linux/386", "linux/ppc64le", "linux/s390x"];

/// What [`Options`] needs.
#[derive(Properties, PartialEq)]
pub struct OptionsProps {
    /// Everything of the project that is no file.
    pub settings: Rc<Project>,
    /// Stages and arguments of the file.
    pub outline: Rc<OutlineView>,
    /// Nothing may be changed.
    pub read_only: bool,
}

/// Changes the settings by what `change` does to a copy of them.
pub fn set(dispatch: &Dispatch, settings: &Project, change: impl FnOnce(&mut Project)) {
    let mut next = settings.clone();
    change(&mut next);
    dispatch.dispatch(Action::Edit(Edit::Settings(Box::new(next)), js::now()));
}

fn chosen(event: &Event) -> Option<String> {
    Some(event.target()?.dyn_into::<HtmlSelectElement>().ok()?.value())
}

/// The row of options.
#[component]
pub fn Options(props: &OptionsProps) -> Html {
    let dispatch = use_context::<Dispatch>();
    let (settings, outline) = (&props.settings, &props.outline);
    let select = |change: fn(&mut Project, String)| {
        let (dispatch, settings) = (dispatch.clone(), Rc::clone(settings));
        Callback::from(move |event: Event| {
            if let (Some(value), Some(dispatch)) = (chosen(&event), &dispatch) {
                set(dispatch, &settings, |project| change(project, value));
            }
        })
    };
    let target = settings.target.clone().unwrap_or_default();
    let unknown_target =
        !target.is_empty() && !outline.stages.iter().any(|stage| stage.target.eq_ignore_ascii_case(&target));
    let platform =
        if settings.platform.is_empty() { "linux/amd64".to_owned() } else { settings.platform.clone() };
    let last = outline.stages.last().map(|stage| stage.title.to_string()).unwrap_or_default();
    html! {
        <div class="options" role="group" aria-label="Build options">
            if outline.dockerfiles.len() > 1 {
                <label class="option">
                    <span>{ "File" }</span>
                    <select class="field field--mono" disabled={props.read_only} data-hook="dockerfile"
                        onchange={select(|project, value| project.dockerfile = value)}>
                        for path in outline.dockerfiles.iter() {
                            <option key={path.to_string()} value={path.to_string()} selected={**path == *settings.dockerfile}>{ AttrValue::from(path.clone()) }</option>
                        }
                    </select>
                </label>
            }
            <label class="option">
                <span>{ "Target" }</span>
                <select class={classes!("field", "field--mono", unknown_target.then_some("is-wrong"))} disabled={props.read_only} data-hook="target"
                    onchange={select(|project, value| project.target = Some(value).filter(|value| !value.is_empty()))}>
                    <option key="" value="" selected={target.is_empty()}>{ if last.is_empty() { "last stage".to_owned() } else { format!("{last} (last)") } }</option>
                    for stage in outline.stages.iter() {
                        <option key={stage.id.0} value={stage.target.to_string()} selected={stage.target.eq_ignore_ascii_case(&target)}>{ AttrValue::from(stage.title.clone()) }</option>
                    }
                    if unknown_target {
                        <option key="?" value={target.clone()} selected=true>{ format!("{target} (no such stage)") }</option>
                    }
                </select>
            </label>
            <Arguments settings={settings.clone()} outline={outline.clone()} read_only={props.read_only} />
            if !settings.log.is_empty() {
                <button type="button" class="button button--small" disabled={props.read_only} data-hook="log-chip"
                    title="A real build's log gives the times. Click for estimates again." onclick={estimate(dispatch.as_ref(), settings)}>
                    { "Measured times" }{ Icon::Close.draw() }
                </button>
            }
            <label class="option option--end">
                <span class="aside-reader">{ "Platform" }</span>
                <select class="field field--mono" disabled={props.read_only} data-hook="platform" title="Platform"
                    onchange={select(|project, value| project.platform = value)}>
                    for name in PLATFORMS.iter().copied().chain((!PLATFORMS.contains(&&*platform)).then_some(&*platform)) {
                        <option key={name.to_owned()} value={name.to_owned()} selected={name == platform}>{ name }</option>
                    }
                </select>
            </label>
        </div>
    }
}

/// Lets go of the log that gives the times.
fn estimate(dispatch: Option<&Dispatch>, settings: &Rc<Project>) -> Option<Callback<MouseEvent>> {
    let (dispatch, settings) = (dispatch?.clone(), Rc::clone(settings));
    Some(Callback::from(move |_: MouseEvent| measured::keep(&dispatch, &settings, "")))
}
