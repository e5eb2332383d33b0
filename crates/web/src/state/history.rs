//! Undo over everything a person may change, not the text alone.

use super::edit::Change;
use std::rc::Rc;

/// How many changes are kept, and about how many bytes of them.
const MOST_CHANGES: usize = 400;
const MOST_BYTES: usize = 24 << 20;
/// A pause in milliseconds after which typing begins a new step of undo.
const PAUSE: f64 = 900.0;

/// What was done and what was undone, newest last.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    past: Vec<Rc<Change>>,
    future: Vec<Rc<Change>>,
    last: f64,
}

impl History {
    /// Remembers a change made at `now` (milliseconds of any clock).
    pub fn push(&mut self, change: Change, now: f64) {
        self.future.clear();
        let paused = now - self.last > PAUSE;
        self.last = now;
        if let Some(top) = self.past.last_mut().filter(|_| !paused)
            && Rc::make_mut(top).absorb(&change)
        {
            return;
        }
        self.past.push(Rc::new(change));
        let mut kept = 0;
        let mut from = self.past.len();
        for change in self.past.iter().rev().take(MOST_CHANGES) {
            kept += change.weight();
            if kept > MOST_BYTES {
                break;
            }
            from -= 1;
        }
        // The last change stays whatever it weighs: it is the one that a person wants back.
        self.past.drain(..from.min(self.past.len().saturating_sub(1)));
    }

    /// The change to take back.
    pub fn undo(&mut self) -> Option<Rc<Change>> {
        let change = self.past.pop()?;
        self.future.push(Rc::clone(&change));
        self.last = f64::NEG_INFINITY;
        Some(change)
    }

    /// The change to make again.
    pub fn redo(&mut self) -> Option<Rc<Change>> {
        let change = self.future.pop()?;
        self.past.push(Rc::clone(&change));
        self.last = f64::NEG_INFINITY;
        Some(change)
    }

    /// Whether there is anything to take back.
    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    /// Whether there is anything to make again.
    pub fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::edit::{Edit, plan};
    use stagecraft_core::project::Project;

    fn typed(on: &Project, text: &str) -> (Change, Project) {
        let change = plan(on, Edit::Type { path: "a".into(), text: text.into() }).expect("change");
        let next = change.redo(on);
        (change, next)
    }

    #[test]
    fn what_was_undone_can_be_done_again_until_something_else_is() {
        let (mut history, start) = (History::default(), Project::default());
        let (one, after_one) = typed(&start, "hello");
        history.push(one, 0.0);
        let (two, after_two) = typed(&after_one, "hello world");
        history.push(two, 10_000.0);
        assert_eq!(history.undo().map(|change| change.undo(&after_two)), Some(after_one.clone()));
        assert!(history.can_redo());
        assert_eq!(history.redo().map(|change| change.redo(&after_one)), Some(after_two.clone()));
        history.undo();
        let (three, _) = typed(&after_one, "bye");
        history.push(three, 20_000.0);
        assert!(!history.can_redo() && history.can_undo());
    }

    #[test]
    fn what_is_kept_is_bounded_and_the_last_change_is_always_kept() {
        let (mut history, mut now) = (History::default(), Project::default());
        for n in 0..(MOST_CHANGES + 50) {
            let (change, next) = typed(&now, &format!("text {n}"));
            history.push(change, n as f64 * 10_000.0);
            now = next;
        }
        assert_eq!(history.past.len(), MOST_CHANGES);
        let (huge, _) = typed(&now, &"x".repeat(MOST_BYTES + 1));
        history.push(huge, 1e9);
        assert_eq!(history.past.len(), 1);
    }
}
