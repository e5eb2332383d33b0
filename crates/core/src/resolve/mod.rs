//! Stages and arguments: what a Dockerfile's names stand for.

mod image_source;
mod options;
mod platform;

pub use image_source::{BaseImage, ImageSource, NoImages};
pub use options::Options;
pub use platform::Platform;
