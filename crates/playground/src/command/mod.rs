//! The equivalent `docker build` command line, and options from a pasted one.

mod print;
mod read;
#[cfg(test)]
mod tests;
mod words;

pub use print::{print, quote};
pub use read::{CommandError, Options, read};
