//! How fast language and sandbox are in a browser, the former beside the npm package `dockerfile-ast` in the same page.

use std::path::Path;

use crate::failure::Failure;
use crate::setup::{self, Page};
use crate::{process, project};

/// The program as the compiler leaves it.
const COMPILED: &str = "target/bench/wasm32-unknown-unknown/page/stagecraft_bench_browser.wasm";

/// Builds the language for the browser as the page is built, and has Chromium run both parsers over the same files.
pub(super) fn measure(page: &Page, chromium: &Path) -> Result<((), String), Failure> {
    let folder = project::scratch().join("parsing");
    let mut cargo = page.cargo();
    cargo.args(["build", "--quiet", "--locked", "--profile", "page", "--target", "wasm32-unknown-unknown"]);
    cargo.args(["--manifest-path", "tests/bench/Cargo.toml", "--package", "stagecraft-bench-browser"]);
    cargo.env("CARGO_TARGET_DIR", project::root().join("target").join("bench"));
    process::show(&mut cargo, "building the language for the browser")?;
    let mut bindgen = page.command("wasm-bindgen");
    bindgen.args(["--target", "web", "--no-typescript", "--out-name", "ours", "--out-dir"]).arg(&folder);
    process::show(bindgen.arg(COMPILED), "wasm-bindgen")?;
    let program = folder.join("ours_bg.wasm");
    let mut optimize = page.command("wasm-opt");
    optimize.args(setup::WASM_FEATURES).arg("-Oz").arg(&program).arg("-o").arg(&program);
    process::show(&mut optimize, "wasm-opt")?;
    let mut node = setup::node();
    node.arg("tests/browser/parsing.mjs").arg(&folder).env("CHROMIUM", chromium);
    process::show(&mut node, "the benchmark of parsing")?;
    Ok(((), "measured".to_owned()))
}
