//! All that the page knows: one value, one reducer, no browser. What a person may undo is the project alone.

mod action;
pub mod edit;
mod history;
mod reduce;

pub use action::{Action, Job, Opened};
pub use edit::Edit;
pub use history::History;

use stagecraft_core::project::{FileContent, Project};
use stagecraft_core::simulation::{Builder, StepId};
pub use stagecraft_playground::state::Pane;
use stagecraft_playground::state::ViewState;
use stagecraft_playground::view::{FilesQuery, Look, Tick, View};
use std::collections::BTreeSet;
use std::rc::Rc;
use yew::prelude::*;

/// What components get to act with: compares by pointer and never changes.
pub type Dispatch = UseReducerDispatcher<State>;

/// A builder's step.
pub type At = (Builder, StepId);

/// How the engine is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Engine {
    /// No answer has come yet.
    #[default]
    Starting,
    /// It answers.
    Ready,
    /// It broke off; a new one is started with the next edit.
    Failed,
}

/// A short notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Which.
    pub id: u32,
    /// What it says.
    pub text: AttrValue,
    /// Something went wrong.
    pub bad: bool,
}

/// All that the page knows.
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, Clone)]
pub struct State {
    /// What is built; what undo covers.
    pub project: Rc<Project>,
    /// Counts changes of the project.
    pub revision: u32,
    /// Counts changes of the open file's text that were not typed into the editor.
    pub epoch: u32,
    /// Counts projects that were opened.
    pub openings: u32,
    /// What was done and can be undone.
    pub history: History,
    /// Name of the example that was opened last.
    pub example: Option<AttrValue>,
    /// What to look at, as an example or whoever made a link says.
    pub note: AttrValue,
    /// The file in the editor.
    pub file: String,
    /// Which builders are looked at.
    pub look: Look,
    /// The current step; `None` is the last one.
    pub at: Option<At>,
    /// Whether steps follow one another by themselves.
    pub playing: bool,
    /// Whether it is shown to a room: large, and without what only whoever works on a file needs.
    pub present: bool,
    /// The open pane.
    pub pane: Pane,
    /// How the files pane is looked at.
    pub files: FilesQuery,
    /// The entry of the image's tree that was asked about.
    pub selected: Option<Rc<str>>,
    /// Whether the cache is as a build of this project left it.
    pub warm: bool,
    /// Where the editor is to go, and how often it was told to.
    pub place: Option<(u32, u32)>,
    /// What the engine last answered.
    pub view: Rc<View>,
    /// The answer before it, whose graph and timeline stay for a moment while half a line that is being typed stops
    /// the build.
    pub held: Option<Rc<View>>,
    /// The last change of the project was typed.
    pub typing: bool,
    /// Counts answers: what is asked about a step is asked anew after each.
    pub answers: u32,
    /// The revision that `view` is of.
    pub answered: u32,
    /// The pane whose slice was asked for with it; `None` if all were.
    pub answered_pane: Option<Pane>,
    /// How the engine is doing.
    pub engine: Engine,
    /// Notices that are up.
    pub notices: Rc<Vec<Notice>>,
    /// Counts notices.
    pub n_notices: u32,
}

impl State {
    /// The page with that project, before the engine has answered.
    pub fn new(project: Project) -> Self {
        let file = project.dockerfile.clone();
        Self {
            project: Rc::new(project),
            revision: 1,
            epoch: 1,
            openings: 1,
            history: History::default(),
            example: None,
            note: AttrValue::default(),
            file,
            look: Look::default(),
            at: None,
            playing: false,
            present: false,
            pane: Pane::default(),
            files: FilesQuery {
                open: BTreeSet::new(),
                closed: BTreeSet::new(),
                only_changes: false,
                first: 0,
                count: crate::pane::files::WINDOW,
            },
            selected: None,
            warm: false,
            place: None,
            view: Rc::default(),
            held: None,
            typing: false,
            answers: 0,
            answered: 0,
            answered_pane: None,
            engine: Engine::default(),
            notices: Rc::default(),
            n_notices: 0,
        }
    }

    /// What is looked at, for the link and the store.
    pub fn view_state(&self) -> ViewState {
        ViewState {
            look: self.look,
            step: self.at,
            pane: self.pane,
            file: (self.file != self.project.dockerfile).then(|| self.file.clone()),
            warm: self.warm,
            note: self.note.to_string(),
        }
    }

    /// Whether the answer to what the open pane shows is still on its way.
    pub fn pane_waits(&self) -> bool {
        let own = matches!(self.pane, Pane::Layers | Pane::Log | Pane::Image | Pane::Cache);
        own && self.answered_pane.is_some_and(|pane| pane != self.pane)
    }

    /// What graph and timeline show.
    pub fn upper(&self) -> &View {
        self.held.as_deref().unwrap_or(&self.view)
    }

    /// The current step, where there is any.
    pub fn current(&self) -> Option<At> {
        self.tick().map(|(_, tick)| (tick.builder, tick.step))
    }

    /// The scrubber's tick of the current step, and its index.
    pub fn tick(&self) -> Option<(usize, &Tick)> {
        let ticks = &self.upper().steps.ticks;
        let found = self.at.and_then(|(builder, step)| {
            ticks.iter().enumerate().find(|(_, tick)| tick.builder == builder && tick.step == step).or_else(
                || {
                    // The step went away with an edit: the nearest before it stays current.
                    ticks
                        .iter()
                        .enumerate()
                        .rev()
                        .find(|(_, tick)| tick.builder == builder && tick.step <= step)
                },
            )
        });
        found.or_else(|| ticks.iter().enumerate().next_back())
    }

    /// First and last line of the current step's instruction.
    pub fn current_lines(&self) -> Option<(u32, u32)> {
        let (builder, step) = self.current()?;
        let lines = self.upper().lines.steps.iter().find(|lines| *lines.steps.of(builder) == Some(step))?;
        Some((lines.first, lines.last))
    }

    /// The text of a file, where it has one.
    pub fn text(&self, path: &str) -> Option<&str> {
        match self.project.files.get(path).map(|file| &file.content) {
            Some(FileContent::Text(text)) => Some(text),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
