//! What survives: the link that holds the work, and the browser's store.

use crate::js;
use stagecraft_core::project::Project;
use stagecraft_playground::state::ViewState;

/// Where the work of this browser is kept, and where what was there before a link was opened.
const WORK: &str = "stagecraft.work";
const BEFORE: &str = "stagecraft.before";
/// What the store is asked to hold at most, in characters.
const MOST_STORED: usize = 2_500_000;
/// Longer links are cut by chat programs and refused by some servers' tools; the address bar is left alone then.
pub const MOST_LINKED: usize = 60_000;

/// The work as a code for links and the store.
pub fn encode(project: &Project, view: &ViewState) -> Option<String> {
    let json = serde_json::to_vec(&(project, view)).ok()?;
    Some(json.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The work of a code; why it cannot be read, if so.
pub fn decode(code: &str) -> Result<(Project, ViewState), String> {
    let bytes: Option<Vec<u8>> = (0..code.len() / 2)
        .map(|n| code.get(2 * n..2 * n + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok()))
        .collect();
    serde_json::from_slice(&bytes.ok_or("not hexadecimal")?).map_err(|error| error.to_string())
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
