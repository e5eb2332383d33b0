//! The log of a real build: its times and cache hits drive the timeline.

use crate::components::Dialog;
use crate::engine::use_asked;
use crate::js;
use crate::state::{Action, Dispatch, Edit, edit};
use stagecraft_core::project::Project;
use stagecraft_playground::engine::{Answer, Ask};
use stagecraft_playground::text::Text;
use stagecraft_playground::view::MeasuredView;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

/// What [`Measured`] needs.
#[derive(Properties, PartialEq)]
pub struct MeasuredProps {
    /// The work.
    pub project: Rc<Project>,
    /// Told when the dialog is to go.
    pub onclose: Callback<()>,
}

/// Has the project keep this log, or none.
pub fn keep(dispatch: &Dispatch, project: &Project, log: &str) {
    let mut settings = edit::settings(project);
    log.clone_into(&mut settings.log);
    dispatch.dispatch(Action::Edit(Edit::Settings(Box::new(settings)), js::now()));
}

/// The dialog.
#[component]
pub fn Measured(props: &MeasuredProps) -> Html {
    let dispatch = use_context::<Dispatch>();
    let text = use_state(|| props.project.log.clone());
    let measured = use_asked(
        (*text).clone(),
        |text| (!text.trim().is_empty()).then(|| Ask::Measure(text.clone())),
        |answer| if let Answer::Measured(view) = answer { Some(view) } else { None },
    );
    let measured = measured.as_deref().filter(|_| !text.trim().is_empty());
    let oninput = {
        let text = text.clone();
        Callback::from(move |event: InputEvent| {
            let area = event.target().and_then(|target| target.dyn_into::<HtmlTextAreaElement>().ok());
            if let Some(area) = area {
                text.set(area.value());
            }
        })
    };
    let keep = |log: Option<&str>| {
        let (log, project) = (log.unwrap_or_default().to_owned(), Rc::clone(&props.project));
        let (dispatch, onclose) = (dispatch.clone(), props.onclose.clone());
        Callback::from(move |_: MouseEvent| {
            if let Some(dispatch) = &dispatch {
                keep(dispatch, &project, &log);
            }
            onclose.emit(());
        })
    };
    let reduced = measured.and_then(Option::as_ref).map(|view| &*view.reduced);
    html! {
        <Dialog title="The log of a real build" onclose={props.onclose.clone()}>
            <label>{ "What docker build printed: --progress=plain or rawjson, a terminal's text, or the legacy builder's. Its times and cache hits drive the timeline; what the steps printed is not kept." }
                <textarea class="field field--mono" rows="7" spellcheck="false" placeholder={"#5 [build 2/3] RUN make\n#5 DONE 12.3s"} value={(*text).clone()} {oninput} data-hook="log-text" />
            </label>
            { measured.map(|view| told(view.as_ref())).unwrap_or_default() }
            <div class="dialog__foot">
                if !props.project.log.is_empty() {
                    <button type="button" class="button" onclick={keep(None)} data-hook="log-drop">{ "Back to estimated times" }</button>
                }
                <button type="button" class="button button--main" disabled={reduced.is_none()} onclick={keep(reduced)} data-hook="log-apply">{ "Use its times" }</button>
            </div>
        </Dialog>
    }
}

fn told(measured: Option<&MeasuredView>) -> Html {
    let Some(view) = measured else {
        return html! { <p class="tone-bad" role="alert">{ "No step of a build can be read from this text." }</p> };
    };
    html! {
        <div role="status">
            <p>{ AttrValue::from(view.sentence.clone()) }</p>
            { list("Only in the log:", &view.only_in_log) }
            { list("Not in the log, so their times are estimates:", &view.not_in_log) }
        </div>
    }
}

fn list(title: &'static str, names: &[Text]) -> Html {
    if names.is_empty() {
        return html! {};
    }
    html! {
        <>
            <p class="soft">{ title }</p>
            <ul class="dialog__list mono">
                for (n, name) in names.iter().enumerate() { <li key={n} class="cut">{ AttrValue::from(name.clone()) }</li> }
            </ul>
        </>
    }
}
