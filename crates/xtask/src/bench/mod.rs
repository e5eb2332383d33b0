//! `cargo xtask bench`: how fast the engine and the page are.

mod parsing;

use crate::failure::Failure;
use crate::setup::{self, Progress};
use crate::{build, halves, process, project};

/// What the chore does, for the help text.
pub(crate) const ABOUT: &str =
    "measure the engine, and parsing and typing in the page: bench [native | browser]";

/// Measures the engine beside other parsers, then parsing and typing in Chromium.
pub(crate) fn run(args: &[String]) -> Result<(), Failure> {
    let (native, browser) = match args.first().map(String::as_str) {
        None => (true, true),
        Some("native") => (true, false),
        Some("browser") => (false, true),
        Some(other) => {
            return Err(Failure::new(format!("bench does not know \"{other}\"")).remedy(
                "run `cargo xtask bench`, `cargo xtask bench native` or `cargo xtask bench browser`",
            ));
        }
    };
    let steps = usize::from(native) + if browser { setup::PAGE_STEPS + 5 } else { 0 };
    let mut progress = Progress::new(steps);
    if native {
        progress.step("the engine", || {
            let mut cargo = process::cargo();
            // A workspace of its own: what only the comparison needs stays out of everyone's build.
            cargo.args([
                "run",
                "--release",
                "--quiet",
                "--locked",
                "--manifest-path",
                "tests/bench/Cargo.toml",
            ]);
            cargo.env("CARGO_TARGET_DIR", project::root().join("target").join("bench"));
            process::show(&mut cargo, "the native benchmark")?;
            Ok(((), "measured".to_owned()))
        })?;
    }
    if browser {
        let page = setup::page(&mut progress)?;
        let chromium = setup::browser(&mut progress)?;
        progress.step("parsing in a page", || parsing::measure(&page, &chromium))?;
        progress.step("the page", || build::make(&page))?;
        progress.step("its first load apart from the rest", || halves::make(&page, &chromium))?;
        progress.step("typing in the page", || {
            let mut node = setup::node();
            node.arg("tests/browser/bench.mjs")
                .env("CHROMIUM", &chromium)
                .env("STAGECRAFT_DIST", project::dist());
            process::show(&mut node, "the benchmark of typing")?;
            Ok(((), "measured".to_owned()))
        })?;
    }
    Ok(())
}
