//! The builders: a project goes in, a simulation comes out. Stages and arguments are resolved, the build
//! graph is made, and the plan, schedule, cache and log of the legacy builder and of BuildKit follow, with
//! layers, image and where every file came from. It knows nothing of browsers and of how it is drawn.

pub mod builder;
pub mod catalogue;
pub mod check;
mod decimal;
pub mod footprint;
pub mod image;
pub mod import;
pub mod plan;
pub mod project;
pub mod resolve;
pub mod saved;
pub mod schedule;
pub mod simulation;

pub use builder::{Cache, simulate};
