//! What every front end of Stagecraft shares, as plain data: the engine behind one asynchronous door, the
//! view model in the reader's words, the layout of the graph, the share link, archives and exports.
//!
//! A [`Project`](stagecraft_core::project::Project) goes into the [`Engine`](engine::Engine); slices of the
//! [`View`](view::View) come out. Nothing here knows Yew or the DOM.

pub mod archive;
pub mod color;
pub mod command;
pub mod edit;
pub mod engine;
pub mod export;
pub mod layout;
pub mod place;
pub mod project;
pub mod share;
mod source;
pub mod state;
pub mod text;
pub mod view;
mod wire;
pub mod words;

pub use color::Color;
pub use text::{Phrase, Piece, Style, Text};
