//! What can happen.

use super::{At, Edit, Engine, Pane};
use stagecraft_core::project::Project;
use stagecraft_playground::state::ViewState;
use stagecraft_playground::text::Goto;
use stagecraft_playground::view::{Edit as TextEdit, Look, Slice};
use std::rc::Rc;
use yew::AttrValue;

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// A person changes the project, at a time in milliseconds.
    Edit(Edit, f64),
    /// Takes back the last change.
    Undo,
    /// Makes it again.
    Redo,
    /// Another project with its view (an example, an archive, a link); the work before it can be got back by undo.
    Open(Box<Opened>),
    /// The cursor went to a line of a file.
    Cursor(String, u32),
    /// What is open is that example, with what to look at.
    Example(AttrValue, AttrValue),
    /// What to look at is known by now.
    CloseNote,
    /// Opens a file in the editor.
    File(String),
    /// Looks at other builders.
    Look(Look),
    /// Goes to a step.
    Go(At),
    /// Goes to a step, or to the step of a line.
    Goto(Goto),
    /// Moves through the steps.
    Job(Job),
    /// Opens a pane.
    Pane(Pane),
    /// Shows only what the step changed, or all.
    OnlyChanges(bool),
    /// Opens or closes a directory of the image's tree.
    Unfold(Rc<str>, bool),
    /// First row of the window on the image's tree.
    Window(u32),
    /// Asks where an entry of the image's tree comes from.
    Select(Option<Rc<str>>),
    /// The engine answered for a revision.
    Answer(u32, Option<Pane>, Vec<Slice>),
    /// Nobody types any more: what the build comes to is shown, whatever it is.
    Release,
    /// The engine's state changed.
    Engine(Engine),
    /// Puts the editor at an offset (UTF-16 units) of a file.
    Place(String, u32),
    /// Makes replacements (a mend) in a file, at a time in milliseconds.
    Fix(String, Vec<TextEdit>, f64),
    /// Fills or empties the cache.
    Warm(bool),
    /// Shows it to a room, or no longer.
    Present,
    /// Something is to be said; bad or not.
    Say(AttrValue, bool),
    /// A notice goes.
    Dismiss(u32),
}

/// What [`Action::Open`] opens.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// The project.
    pub project: Rc<Project>,
    /// What to look at, where the source says so.
    pub view: Option<ViewState>,
    /// When, in milliseconds.
    pub now: f64,
}

/// Ways through the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Job {
    /// To the first.
    First,
    /// One back.
    Back,
    /// Start or stop playing.
    Play,
    /// The next one, while playing.
    Beat,
    /// One forward.
    Forward,
    /// To the last.
    Last,
    /// To the tick of that index.
    Tick(usize),
}
