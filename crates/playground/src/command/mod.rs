//! The equivalent `docker build` command line, and options from a pasted one.

mod print;
mod read;
mod words;
#[cfg(test)]
mod tests;

pub use print::{print, quote};
pub use read::{CommandError, Options, read};
