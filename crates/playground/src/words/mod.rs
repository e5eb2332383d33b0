//! Words for readers. Everything that the page says in its own voice is worded here; what a real builder
//! prints is not touched.

mod amount;
mod reason;
mod risk;
mod size;
mod step;

pub use amount::{bytes, count, duration, list};
pub use reason::{cause, fate, fate_reason, note};
pub use risk::{risk, risky};
pub use size::{Known, content_size, layer_size};
pub use step::{abridge, short, title, verdict};

use stagecraft_core::simulation::Builder;

/// A builder's name at the start of a sentence or lane.
pub const fn builder(builder: Builder) -> &'static str {
    match builder {
        Builder::BuildKit => "BuildKit",
        Builder::Legacy => "Legacy",
    }
}

/// A builder's name inside of a sentence.
pub const fn builder_within(builder: Builder) -> &'static str {
    match builder {
        Builder::BuildKit => "BuildKit",
        Builder::Legacy => "the legacy builder",
    }
}

/// A stage's name for people.
pub fn stage(name: &str, index: u32) -> String {
    if name.is_empty() { format!("stage {index}") } else { name.to_owned() }
}
