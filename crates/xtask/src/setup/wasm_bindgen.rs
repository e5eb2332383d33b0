//! wasm-bindgen's command, in the version that `Cargo.lock` has of its library: they must be the same.

use std::path::Path;

use crate::failure::Failure;
use crate::project;

/// The version in use where `Cargo.lock` does not say.
const DEFAULT: &str = "0.2.126";

/// Installs wasm-bindgen into `tools`.
pub(super) fn ensure(tools: &Path) -> Result<((), String), Failure> {
    let lock = std::fs::read_to_string(project::root().join("Cargo.lock")).unwrap_or_default();
    let version = locked(&lock).unwrap_or(DEFAULT);
    // A little optimized: without, it takes seconds over every build of the page.
    super::cargo_install(tools, "wasm-bindgen-cli", version, "wasm-bindgen", &[], "1")
}

/// The version of the library in the text of a `Cargo.lock`.
fn locked(lock: &str) -> Option<&str> {
    let mut lines = lock.lines();
    lines.find(|line| *line == "name = \"wasm-bindgen\"")?;
    lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::locked;

    #[test]
    fn version_comes_from_the_lock_file() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"1.0.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.126\"\n";
        assert_eq!(locked(lock), Some("0.2.126"));
        assert_eq!(locked("[[package]]\nname = \"yew\"\n"), None);
    }
}
