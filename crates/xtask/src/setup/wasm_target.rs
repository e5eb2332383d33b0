//! The standard library for `wasm32-unknown-unknown`: the toolchain's own, from rustup, or built from Debian's sources.

use std::path::Path;
use std::process::Command;

use super::{Toolchain, debian};
use crate::failure::Failure;
use crate::{process, project};

const TARGET: &str = "wasm32-unknown-unknown";

/// Makes sure that something on this machine compiles for the browser; says which way was taken.
pub(super) fn ensure() -> Result<(Toolchain, String), Failure> {
    let forced = std::env::var("STAGECRAFT_WASM").is_ok_and(|way| way == "debian");
    if !forced && has_target() {
        return Ok((Toolchain::Own, "is there".to_owned()));
    }
    if debian::ready() {
        return Ok((Toolchain::Debian, "from Debian's rustc-web is there".to_owned()));
    }
    if !forced {
        if process::find(&["rustup"]).is_some() {
            let mut rustup = Command::new("rustup");
            rustup.args(["target", "add", TARGET]).current_dir(project::root());
            let added =
                process::quiet(&mut rustup, "rustup target add", &project::scratch().join("rustup.log"));
            if added.is_ok() && has_target() {
                return Ok((Toolchain::Own, "added by rustup".to_owned()));
            }
            println!("      rustup could not add it; trying Debian's packages instead");
        } else {
            println!("      there is no rustup; trying Debian's packages instead");
        }
    }
    debian::ensure().map(|note| (Toolchain::Debian, note)).map_err(|failure| {
        failure.remedy(format!(
            "install the target yourself (`rustup target add {TARGET}` where rustup's server can be reached) and run the command again"
        ))
    })
}

/// Whether the toolchain in use has the target, whoever put it there.
fn has_target() -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut command = Command::new(rustc);
    command.args(["--print", "target-libdir", "--target", TARGET]).current_dir(project::root());
    process::output(&mut command).is_some_and(|folder| holds_std(Path::new(&folder)))
}

/// Whether `folder` holds a compiled standard library.
pub(super) fn holds_std(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|entries| {
        entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
    })
}
