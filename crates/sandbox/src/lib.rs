//! A simulated Linux: a persistent file tree with owners, modes and links; differences between trees; Go's
//! two glob dialects; archives; a shell and its commands. It knows nothing of Dockerfiles or builders.

pub mod archive;
pub(crate) mod command;
pub mod copy;
pub mod diff;
pub mod glob;
pub(crate) mod model;
pub mod shell;
pub mod tree;
pub mod user;

pub use shell::machine::UNKNOWN;
/// What the mark of a root directory begins with whose image is one of Windows: nothing runs in it here.
pub const WINDOWS: &str = "Windows: ";
pub(crate) use shell::quote as shell_quote;
