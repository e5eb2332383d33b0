//! What survives: the link that holds the work, and the browser's store.

use crate::js;
use stagecraft_core::project::Project;
use stagecraft_playground::share;
use stagecraft_playground::state::ViewState;

/// Where the work of this browser is kept, and where what was there before a link was opened.
const WORK: &str = "stagecraft.work";
const BEFORE: &str = "stagecraft.before";
/// What the store is asked to hold at most, in characters.
const MOST_STORED: usize = 2_500_000;
/// Longer links are cut by chat programs and refused by some servers' tools; the address bar is left alone then.
pub const MOST_LINKED: usize = 60_000;

/// The work as a code for links and the store; `None` where it is too big for one.
pub fn encode(project: &Project, view: &ViewState) -> Option<String> {
    share::encode(project, view).ok()
}

/// The work of a code; why it cannot be read, if so.
pub fn decode(code: &str) -> Result<(Project, ViewState), String> {
    share::decode(code).map_err(|error| error.to_string())
}

/// What could become of work that is to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is.
    Yes,
    /// It is too big for the store.
    TooBig,
    /// There is no store, or it is full.
    No,
}

/// Keeps the work in this browser.
pub fn keep(code: &str) -> Kept {
    if code.len() > MOST_STORED {
        return Kept::TooBig;
    }
    match js::storage().map(|store| store.set_item(WORK, code)) {
        Some(Ok(())) => Kept::Yes,
        _ => Kept::No,
    }
}

/// The code of the work that this browser keeps.
pub fn kept() -> Option<String> {
    js::storage()?.get_item(WORK).ok()?
}

/// Puts the kept work aside, since other work is opened over it.
pub fn put_aside(code: &str) {
    if let Some(store) = js::storage() {
        let _ = store.set_item(BEFORE, code);
    }
}

/// The code of the work that was put aside.
pub fn aside() -> Option<String> {
    js::storage()?.get_item(BEFORE).ok()?
}
