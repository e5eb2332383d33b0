//! Stages and arguments: what a Dockerfile's names stand for.

mod environment;
mod image_source;
mod options;
pub(crate) mod path;
mod platform;

pub use environment::Env;
pub use image_source::{BaseImage, ImageSource, NoImages};
pub use options::Options;
pub use platform::Platform;
