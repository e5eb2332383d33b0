//! Where things are: the checkout and its folders.

use std::path::{Path, PathBuf};

/// The root of the checkout, as an absolute path.
pub(crate) fn root() -> PathBuf {
    // Set by cargo at run time; at compile time for a binary that is started without cargo.
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest.ancestors().nth(2).map_or_else(|| manifest.clone(), Path::to_path_buf)
}

/// Where set-up puts the tools it installs: `$STAGECRAFT_TOOLS`, or `.tools/` of the checkout.
pub(crate) fn tools() -> PathBuf {
    std::env::var_os("STAGECRAFT_TOOLS").map_or_else(|| root().join(".tools"), PathBuf::from)
}

/// What is not Rust: styles, editor, examples, and the npm packages.
pub(crate) fn www() -> PathBuf {
    root().join("www")
}

/// The built page.
pub(crate) fn dist() -> PathBuf {
    root().join("dist")
}

/// Logs of tools and notes of what was built from what; safe to delete.
pub(crate) fn scratch() -> PathBuf {
    root().join("target").join("xtask")
}
