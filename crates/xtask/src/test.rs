//! `cargo xtask test`: everything there is to test, native and in the browser, with one line at the end that counts it.

use std::time::Instant;

use crate::failure::Failure;
use crate::process::{self, seconds};
use crate::setup::{self, Progress};
use crate::{build, halves, project};

/// What the chore does, for the help text.
pub(crate) const ABOUT: &str = "run all tests: test [native | browser [NAME]]";

/// How many tests passed and failed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Count {
    passed: u64,
    failed: u64,
}

impl Count {
    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// Runs the native tests, builds the page and runs the browser tests, all of them even where some fail.
pub(crate) fn run(args: &[String]) -> Result<(), Failure> {
    let started = Instant::now();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let (native, browser, name) = match words.as_slice() {
        [] => (true, true, None),
        ["native"] => (true, false, None),
        ["browser"] => (false, true, None),
        ["browser", name] => (false, true, Some(*name)),
        _ => {
            return Err(Failure::new(format!("test does not know \"{}\"", words.join(" ")))
                .remedy("run `cargo xtask test`, `cargo xtask test native` or `cargo xtask test browser`"));
        }
    };
    let steps = usize::from(native) + if browser { setup::PAGE_STEPS + 4 } else { 0 };
    let mut progress = Progress::new(steps);
    // Set-up first: what is missing should come to light before minutes of tests have gone by.
    let tools = if browser {
        let page = setup::page(&mut progress)?;
        Some((page, setup::browser(&mut progress)?))
    } else {
        None
    };

    let mut count = Count::default();
    let mut broken = Vec::new();
    if native {
        let (part, ok) = progress.step("native tests", native_tests)?;
        count.add(part);
        if !ok && part.failed == 0 {
            broken.push("the native tests could not all be built or run");
        }
    }
    if let Some((page, chromium)) = tools {
        let made = progress.step("the page", || build::make(&page)).and_then(|()| {
            progress.step("its first load apart from the rest", || halves::make(&page, &chromium))
        });
        if let Err(failure) = made {
            eprintln!("xtask: {failure}");
            broken.push("the page could not be built");
        } else {
            let (part, ok) = progress.step("browser tests", || browser_tests(&chromium, name))?;
            count.add(part);
            if !ok && part.failed == 0 {
                broken.push("the browser tests broke off");
            }
        }
    }

    println!("\n{} passed, {} failed ({})", count.passed, count.failed, seconds(started.elapsed()));
    if let Some(what) = broken.first() {
        return Err(Failure::new(*what).remedy("see above for the reason"));
    }
    if count.failed > 0 {
        return Err(Failure::new(format!("{} tests failed", count.failed)).remedy("see above which"));
    }
    if count.passed == 0 {
        return Err(Failure::new("no test was run").remedy("see above for the reason"));
    }
    Ok(())
}

fn native_tests() -> Result<((Count, bool), String), Failure> {
    let mut cargo = process::cargo();
    cargo.args(["test", "--workspace", "--locked", "--no-fail-fast", "--color", "never"]);
    counted(&mut cargo, cargo_result)
}

fn browser_tests(chromium: &std::path::Path, name: Option<&str>) -> Result<((Count, bool), String), Failure> {
    let mut node = setup::node();
    node.arg("tests/browser/run.mjs")
        .args(name)
        .env("CHROMIUM", chromium)
        .env("STAGECRAFT_DIST", project::dist());
    counted(&mut node, browser_result)
}

fn counted(
    command: &mut std::process::Command,
    read: fn(&str) -> Option<Count>,
) -> Result<((Count, bool), String), Failure> {
    let mut count = Count::default();
    let ok = process::tee(command, |line| count.add(read(line).unwrap_or_default()))?;
    Ok(((count, ok), format!("{} passed, {} failed", count.passed, count.failed)))
}

/// The count in a line such as `test result: ok. 12 passed; 0 failed; 0 ignored; …`.
fn cargo_result(line: &str) -> Option<Count> {
    let mut parts = line.strip_prefix("test result: ")?.split_once(". ")?.1.split("; ");
    let passed = parts.next()?.strip_suffix(" passed")?.parse().ok()?;
    let failed = parts.next()?.strip_suffix(" failed")?.parse().ok()?;
    Some(Count { passed, failed })
}

/// The count in the last line of the browser tests: `browser: 12 passed, 0 failed`.
fn browser_result(line: &str) -> Option<Count> {
    let (passed, failed) = line.strip_prefix("browser: ")?.split_once(" passed, ")?;
    Some(Count { passed: passed.parse().ok()?, failed: failed.strip_suffix(" failed")?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::{Count, browser_result, cargo_result};

    #[test]
    fn results_are_read() {
        let cargo = "test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s";
        assert_eq!(cargo_result(cargo), Some(Count { passed: 12, failed: 3 }));
        assert_eq!(cargo_result("running 12 tests"), None);
        assert_eq!(browser_result("browser: 4 passed, 1 failed"), Some(Count { passed: 4, failed: 1 }));
        assert_eq!(browser_result("browser: none"), None);
    }
}
