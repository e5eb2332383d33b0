//! Trunk: compiles the page's crate, runs wasm-bindgen and wasm-opt over it and puts it together with `index.html`.

use std::path::Path;

use crate::failure::Failure;

/// The newest version that Rust 1.95 compiles.
const VERSION: &str = "0.21.14";

/// Installs Trunk into `tools`.
pub(super) fn ensure(tools: &Path) -> Result<((), String), Failure> {
    // Its default features are for downloading tools and updates, which set-up does not let it do.
    super::cargo_install(tools, "trunk", VERSION, "trunk", &["--no-default-features"], "0")
}
