//! The source's half: files, options, the build context.

pub mod arguments;
pub mod context;
pub mod options;
pub mod upload;

use crate::components::Tabs;
use crate::components::tabs::Tab;
use crate::editor::{Carried, Editor};
use crate::state::{Action, Dispatch};
use stagecraft_core::project::Project;
use stagecraft_playground::view::{ContextView, Level, LinesView, OutlineView, ProblemsView};
use std::rc::Rc;
use yew::prelude::*;

/// What [`Source`] needs.
#[derive(Properties, PartialEq)]
pub struct SourceProps {
    /// The project; only its editor reads the texts.
    pub project: Carried<Rc<Project>>,
    /// Everything of the project that is no file.
    pub settings: Rc<Project>,
    /// The file that is open.
    pub file: String,
    /// See [`crate::state::State::epoch`].
    pub epoch: u32,
    /// Stages and arguments.
    pub outline: Rc<OutlineView>,
    /// The build context.
    pub context: Rc<ContextView>,
    /// Notes of lines.
    pub lines: Rc<LinesView>,
    /// Problems of all files.
    pub problems: Rc<ProblemsView>,
    /// The lines of the current step.
    pub current: Option<(u32, u32)>,
    /// Where the editor is to go.
    pub place: Option<(u32, u32)>,
    /// The compact form.
    pub compact: bool,
    /// Nothing may be changed.
    pub read_only: bool,
}

/// How many problems a file has and how bad the worst is.
fn badge(problems: &ProblemsView, file: &str) -> Option<(u32, &'static str)> {
    let of_file =
        || problems.problems.iter().filter(|problem| *problem.file == *file && problem.level != Level::Info);
    let worst = of_file().map(|problem| problem.level).min()?;
    Some((of_file().count() as u32, if worst == Level::Error { "bad" } else { "warn" }))
}

/// The half.
#[component]
pub fn Source(props: &SourceProps) -> Html {
    let dispatch = use_context::<Dispatch>();
    let mut names: Vec<String> = vec![props.settings.dockerfile.clone()];
    names.extend(props.outline.dockerfiles.iter().map(ToString::to_string));
    if !props.outline.ignore_file.is_empty()
        && (!props.compact || has(&props.context, &props.outline.ignore_file))
    {
        names.push(props.outline.ignore_file.to_string());
    }
    names.push(props.file.clone());
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    let tabs: Vec<Tab> = names
        .iter()
        .map(|name| Tab {
            id: name.clone().into(),
            label: name.clone().into(),
            badge: badge(&props.problems, name),
        })
        .collect();
    let onselect = use_callback(dispatch, |id: AttrValue, dispatch| {
        if let Some(dispatch) = dispatch {
            dispatch.dispatch(Action::File(id.to_string()));
        }
    });
    html! {
        <section class="half half--source" aria-label="Source">
            <Tabs label="Files" prefix="source" {tabs} active={props.file.clone()} {onselect} />
            if !props.compact {
                <options::Options settings={props.settings.clone()} outline={props.outline.clone()} read_only={props.read_only} />
            }
            <div id="source-panel" role="tabpanel" class="source__panel" aria-label={props.file.clone()}>
                if props.read_only {
                    <crate::editor::still::Still project={props.project.clone()} file={props.file.clone()} epoch={props.epoch}
                        is_built={props.file == props.settings.dockerfile} lines={props.lines.clone()} current={props.current} />
                } else {
                    <Editor file={props.file.clone()} epoch={props.epoch} project={props.project.clone()} read_only={props.read_only}
                        is_built={props.file == props.settings.dockerfile} lines={props.lines.clone()} problems={props.problems.clone()}
                        current={props.current} place={props.place} />
                }
            </div>
            if !props.compact {
                <context::Context context={props.context.clone()} file={props.file.clone()} dockerfile={props.settings.dockerfile.clone()}
                    ignore_file={props.outline.ignore_file.to_string()} />
            }
        </section>
    }
}

fn has(context: &ContextView, path: &str) -> bool {
    context.rows.iter().any(|row| *row.path == *path)
}
