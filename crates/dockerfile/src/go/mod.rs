//! The parts of Go's standard library whose exact behaviour shows in the builders' answers.

pub(crate) mod csv;
pub(crate) mod duration;
pub(crate) mod number;
pub(crate) mod text;

pub use duration::parse_duration;
pub use number::{parse_bool, parse_int, parse_size, parse_uint};
pub use text::{lower, quote, quote_into, upper};
