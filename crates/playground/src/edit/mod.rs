//! What the editor asks of a text: colors, completions, explanations. Offsets are UTF-16 units.

mod complete;
mod highlight;
mod hover;

pub use complete::{Completion, Completions, complete};
pub use highlight::{Token, TokenKind, highlight};
pub use hover::{Hover, hover};
