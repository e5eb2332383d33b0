//! Splits the built page's program into what the first load runs and the rest, by looking at a first load.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::process::cannot_write;
use crate::setup::{self, Page};
use crate::split::{Malformed, counting, shorten, split, symbols};
use crate::{process, project};

/// How the file of a program ends, and that of its rest.
const WHOLE: &str = "_bg.wasm";
const REST: &str = "_rest.wasm";
/// What makes the first load smallest: control flow put together anew, which leaves more to take away. It takes its time.
const SMALLEST: &[&str] = &["--flatten", "--rereloop", "-Oz", "--flatten", "--rereloop", "-Oz", "-Oz"];
/// The program as the linker leaves it, with all that it knows of the data.
const LINKED: &str = "target/wasm32-unknown-unknown/page/stagecraft-web.wasm";

/// Whether the site in `folder` has been split.
pub(crate) fn is_split(folder: &Path) -> bool {
    file_that_ends(folder, REST).is_some()
}

/// Splits the program of the site in `dist/`. Takes a browser to see what a first load runs.
pub(crate) fn make(page: &Page, chromium: &Path) -> Result<((), String), Failure> {
    let dist = project::dist();
    if is_split(&dist) {
        return Ok(((), "is up to date".to_owned()));
    }
    let file = file_that_ends(&dist, WHOLE)
        .ok_or_else(|| Failure::new(format!("there is no program in {}", dist.display())))?;
    let whole = fs::read(&file).map_err(|error| cannot_read(&file, &error))?;
    let linked = project::root().join(LINKED);
    let linked = fs::read(&linked).map_err(|error| cannot_read(&linked, &error))?;
    let symbols = symbols(&linked).map_err(cannot_split)?;
    let ran = first_load(&dist, &file, &whole, chromium)?;
    let short = shorten(&whole).map_err(cannot_split)?;
    let halves = split(&short.wasm, &ran, &symbols).map_err(cannot_split)?;
    let rest = PathBuf::from(file.to_string_lossy().replace(WHOLE, REST));
    let glue = PathBuf::from(file.to_string_lossy().replace(WHOLE, ".js"));
    let mut text = fs::read_to_string(&glue).map_err(|error| cannot_read(&glue, &error))?;
    for (long, short) in &short.names {
        text = text.replace(long, short);
    }
    fs::write(&glue, text).map_err(|error| cannot_write(&glue, &error))?;
    smaller(page, &glue)?;
    // The first half last: until it is in place the site is whole.
    tidy(page, &rest, &halves.rest, &["-Oz"])?;
    tidy(page, &file, &halves.first, SMALLEST)?;
    let n_ran = ran.iter().filter(|ran| **ran).count();
    Ok(((), format!("a first load runs {n_ran} of its {} parts", ran.len())))
}

/// Which functions a first load runs.
fn first_load(dist: &Path, file: &Path, whole: &[u8], chromium: &Path) -> Result<Vec<bool>, Failure> {
    let counting = counting(whole).map_err(cannot_split)?;
    let folder = project::scratch().join("first-load");
    let _ = fs::remove_dir_all(&folder);
    copy(dist, &folder)?;
    let copied = folder.join(file.file_name().unwrap_or_default());
    fs::write(&copied, &counting.wasm).map_err(|error| cannot_write(&copied, &error))?;
    let digits = watch(&folder, chromium, &[counting.count.to_string()])?;
    if digits.len() != counting.count as usize {
        return Err(unwatched());
    }
    Ok(digits.bytes().map(|digit| digit == b'1').collect())
}

/// The files that a first load of a site takes.
pub(crate) fn loaded(folder: &Path, chromium: &Path) -> Result<Vec<String>, Failure> {
    Ok(watch(folder, chromium, &[])?.lines().map(str::to_owned).collect())
}

fn watch(folder: &Path, chromium: &Path, args: &[String]) -> Result<String, Failure> {
    let mut node = setup::node();
    node.arg("crates/xtask/js/first-load.mjs").arg(folder).args(args).env("CHROMIUM", chromium);
    process::output(&mut node).filter(|answer| !answer.is_empty()).ok_or_else(unwatched)
}

fn unwatched() -> Failure {
    Failure::new("a first load of the page could not be watched in Chromium")
        .remedy("run `cargo xtask test browser start` to see whether the page loads at all")
}

/// Has esbuild shorten the glue between the program and the browser.
fn smaller(page: &Page, glue: &Path) -> Result<(), Failure> {
    let mut tool = page.command("esbuild");
    tool.args(["--minify", "--target=es2022", "--log-level=warning", "--allow-overwrite"])
        .arg(format!("--outfile={}", glue.display()))
        .arg(glue);
    process::quiet(&mut tool, "esbuild", &project::scratch().join("esbuild.log"))
}

/// Has `wasm-opt` take away what is not used, and writes what is left.
fn tidy(page: &Page, file: &Path, wasm: &[u8], passes: &[&str]) -> Result<(), Failure> {
    let untidy = project::scratch().join("half.wasm");
    fs::write(&untidy, wasm).map_err(|error| cannot_write(&untidy, &error))?;
    let mut tool = page.command("wasm-opt");
    tool.args(setup::WASM_FEATURES)
        .args(passes)
        .args(["--one-caller-inline-max-function-size=1", "--strip-debug", "--strip-producers"])
        .arg(&untidy)
        .arg("-o")
        .arg(file);
    process::quiet(&mut tool, "wasm-opt", &project::scratch().join("wasm-opt.log"))
}

fn cannot_read(file: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("{} cannot be read ({error})", file.display()))
}

fn cannot_split(why: Malformed) -> Failure {
    Failure::new(format!("the page's program cannot be split: {why}"))
        .remedy("see crates/xtask/src/split, which knows what of the binary format the page uses")
}

fn file_that_ends(folder: &Path, end: &str) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?;
    entries.flatten().map(|entry| entry.path()).find(|path| path.to_string_lossy().ends_with(end))
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::create_dir_all(to).map_err(|error| cannot_write(to, &error))?;
    for entry in fs::read_dir(from).into_iter().flatten().flatten() {
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy(&source, &target)?;
        } else {
            fs::copy(&source, &target).map_err(|error| cannot_write(&target, &error))?;
        }
    }
    Ok(())
}
