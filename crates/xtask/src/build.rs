//! `cargo xtask build`: the page as a static site in `dist/`, and what its first load weighs.

use std::fs;

use crate::failure::Failure;
use crate::setup::{self, Page, Progress};
use crate::{fingerprint, halves, process, project};

/// What the chore does, for the help text.
pub(crate) const ABOUT: &str = "leave the page in dist/, a static site, and print what its first load weighs";

/// The most that a first load may weigh, in bytes after brotli.
const BUDGET: u64 = 350_000;
/// What the page is made from.
const SOURCES: &[&str] = &["Cargo.toml", "Cargo.lock", ".cargo", "Trunk.toml", "index.html", "crates", "www"];
/// What of it is not: tools, and what other steps write.
const NOT_SOURCES: &[&str] = &["node_modules", "generated", "xtask", "cli", "target"];

/// Sets up what the page takes, builds it and weighs it.
pub(crate) fn run(_args: &[String]) -> Result<(), Failure> {
    let mut progress = Progress::new(setup::PAGE_STEPS + 4);
    let page = setup::page(&mut progress)?;
    let chromium = setup::browser(&mut progress)?;
    progress.step("the page", || make(&page))?;
    progress.step("its first load apart from the rest", || halves::make(&page, &chromium))?;
    let total = progress.step("what the first load weighs", || {
        let total = weigh(&halves::loaded(&project::dist(), &chromium)?)?;
        Ok((total, format!("{total} bytes after brotli, of at most {BUDGET}")))
    })?;
    if total > BUDGET {
        return Err(Failure::new(format!(
            "the first load weighs {} bytes more than the budget of {BUDGET}; the site is whole all the same",
            total - BUDGET
        ))
        .remedy("see which file grew, and docs/architecture.md for what may be loaded later"));
    }
    println!("{} is ready: any web server can serve it, from any path.", project::dist().display());
    Ok(())
}

/// A number that changes when any of the page's sources does.
pub(crate) fn sources() -> u64 {
    fingerprint::of(&project::root(), SOURCES, NOT_SOURCES)
}

/// Builds the page into `dist/` unless it was built from just these sources.
pub(crate) fn make(page: &Page) -> Result<((), String), Failure> {
    let note = project::scratch().join("dist");
    let wanted = sources();
    if project::dist().join("index.html").is_file() && fingerprint::matches(&note, wanted) {
        return Ok(((), "is up to date".to_owned()));
    }
    // A build that is broken off must not be taken for a finished one.
    let _ = fs::remove_file(&note);
    let mut trunk = page.command("trunk");
    trunk.args(["build", "--release", "--locked", "--skip-version-check", "--color", "never"]);
    // Trunk reads NO_COLOR as a boolean and stops at the usual `1`.
    trunk.env_remove("NO_COLOR");
    process::quiet(&mut trunk, "trunk build", &project::scratch().join("trunk-build.log"))
        .map_err(|failure| failure.remedy("mend what it names above and run the command again"))?;
    fingerprint::write(&note, wanted)?;
    Ok(((), format!("built into {}", project::dist().display())))
}

/// Prints the weight of each file; returns that of a first load, in bytes, which takes the files `loaded`.
fn weigh(loaded: &[String]) -> Result<u64, Failure> {
    let mut node = setup::node();
    node.arg("crates/xtask/js/brotli.mjs").arg(project::dist());
    let list =
        process::output(&mut node).ok_or_else(|| Failure::new("the files of dist/ could not be read"))?;
    let mut total = 0;
    println!("          bytes    brotli  file");
    for line in list.lines() {
        let mut parts = line.splitn(3, ' ');
        let (Some(raw), Some(packed), Some(path)) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        let counts = loaded.iter().any(|loaded| loaded == path);
        println!(
            "      {raw:>9} {packed:>9}  {path}{}",
            if counts { "" } else { " (not part of a first load)" }
        );
        if counts {
            total += packed.parse::<u64>().unwrap_or(0);
        }
    }
    Ok(total)
}
