//! The way to the wasm32 target without rustup's server: Debian's `rustc-web`, with the standard library built from the
//! sources that come with it. Only tried where rustup fails.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::wasm_target::holds_std;
use crate::failure::Failure;
use crate::process::{self, cannot_write};
use crate::project;

/// The name under which rustup knows Debian's toolchain.
const NAME: &str = "debian-wasm";
/// Where Debian's compiler looks for the standard library of the target.
const LIBRARY: &str = "/usr/lib/rustlib/wasm32-unknown-unknown/lib";
const PACKAGES: &[&str] = &["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy", "lld"];

/// Whether an earlier set-up went this way.
pub(super) fn ready() -> bool {
    holds_std(Path::new(LIBRARY)) && linked()
}

/// Makes cargo, and programs that call it, use Debian's toolchain.
pub(super) fn environment(command: &mut Command) {
    command
        .env("RUSTUP_TOOLCHAIN", NAME)
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld")
        // Set by the toolchain that runs this program, and not meant for another one.
        .env_remove("CARGO")
        .env_remove("RUSTC");
}

/// Installs the packages, builds the standard library and tells rustup.
pub(super) fn ensure() -> Result<String, Failure> {
    super::chromium::apt_install(PACKAGES, "Rust's wasm32 target")?;
    if !holds_std(Path::new(LIBRARY)) {
        build_std()?;
    }
    if !linked() {
        let mut rustup = Command::new("rustup");
        rustup.args(["toolchain", "link", NAME, "/usr"]);
        process::quiet(&mut rustup, "rustup toolchain link", &project::scratch().join("rustup-link.log"))?;
    }
    Ok("built from the sources of Debian's rustc-web, linked into rustup as debian-wasm".to_owned())
}

fn linked() -> bool {
    process::output(Command::new("rustup").args(["toolchain", "list"]))
        .is_some_and(|list| list.lines().any(|line| line.starts_with(NAME)))
}

fn build_std() -> Result<(), Failure> {
    let source = source().ok_or_else(|| Failure::new("rust-web-src left no sources under /usr/src"))?;
    // An empty folder each time: two copies of a crate in the library would be error E0464 later.
    let work = project::scratch().join("wasm-std");
    let _ = fs::remove_dir_all(&work);
    fs::create_dir_all(&work).map_err(|error| cannot_write(&work, &error))?;
    let copy = work.join("library");
    process::quiet(
        Command::new("cp").arg("-r").arg(&source).arg(&copy),
        "copying the standard library's sources",
        &work.join("cp.log"),
    )?;
    let mut cargo = Command::new("/usr/bin/cargo");
    cargo
        .arg("build")
        .arg("--manifest-path")
        .arg(copy.join("sysroot").join("Cargo.toml"))
        .args([
            "--release",
            "--features",
            "panic-unwind",
            "--target",
            "wasm32-unknown-unknown",
            "--target-dir",
        ])
        .arg(work.join("target"))
        .current_dir(&copy)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTC", "/usr/bin/rustc")
        // Without the bitcode, LTO of the page fails.
        .env("RUSTFLAGS", "-Zforce-unstable-if-unmarked -Cembed-bitcode=yes")
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("CARGO");
    process::quiet(&mut cargo, "building the standard library for wasm32", &work.join("build.log"))?;

    let library = Path::new(LIBRARY);
    fs::create_dir_all(library).map_err(|error| cannot_write(library, &error))?;
    let built = work.join("target/wasm32-unknown-unknown/release/deps");
    for entry in fs::read_dir(&built).map_err(|error| cannot_write(&built, &error))?.flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "rlib") {
            let to = library.join(entry.file_name());
            fs::copy(entry.path(), &to).map_err(|error| cannot_write(&to, &error))?;
        }
    }
    Ok(())
}

/// The folder `/usr/src/rustc-VERSION/library`.
fn source() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir("/usr/src")
        .ok()?
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("rustc-"))
        .map(|entry| entry.path().join("library"))
        .filter(|folder| folder.is_dir())
        .collect();
    found.sort();
    found.pop()
}
