//! What crosses crates: recorded truth, founding examples, robustness, tidiness. The browser tests are beside it
//! in `browser/`, a comparison with other parsers in `bench/`.
//!
//! Some tests read test data that is not part of the project, from a folder `shared` beside the checkout (or
//! `$STAGECRAFT_SHARED`). Where it is absent they say so and pass.
// These are helpers of tests: they may give up.
#![allow(clippy::panic)]

pub mod oracle;
pub mod sandbox;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The root of the checkout.
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).to_path_buf()
}

/// Names and values of an image's `NAME=value` pairs.
pub fn environment(pairs: &[String]) -> Vec<(String, String)> {
    pairs
        .iter()
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// The folder of shared test data, where there is one; says on standard error that `test` skips where there is not.
pub fn shared(test: &str) -> Option<PathBuf> {
    let root = root();
    let found = std::env::var_os("STAGECRAFT_SHARED")
        .map(PathBuf::from)
        .into_iter()
        .chain([root.join("../shared"), root.join("../../shared")])
        .find(|folder| folder.join("conformance").is_dir());
    if found.is_none() {
        // Not `eprintln`, which the test harness keeps to itself where a test passes.
        let _ = writeln!(
            std::io::stderr(),
            "{test}: SKIPPED, there is no folder of shared test data beside the checkout"
        );
    }
    found
}

/// All files below `folder` whose name ends in `suffix`, in order of path; folders named in `skip` are left out.
///
/// # Panics
/// Where the folder cannot be read.
pub fn files(folder: &Path, suffix: &str, skip: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => panic!("{} cannot be read: {error}", folder.display()),
        };
        for entry in entries.flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.to_string_lossy();
            if path.is_dir() {
                if !skip.contains(&name.as_ref()) {
                    folders.push(path);
                }
            } else if name.ends_with(suffix) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The text of a file; bytes that are not UTF-8 become replacement characters.
///
/// # Panics
/// Where the file cannot be read.
pub fn text(file: &Path) -> String {
    match fs::read(file) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) => panic!("{} cannot be read: {error}", file.display()),
    }
}

/// Every Dockerfile of the shared data: the corpus, its damaged files, the seeds.
pub fn dockerfiles(shared: &Path) -> Vec<PathBuf> {
    ["conformance/corpus/files", "conformance/corpus/broken", "seeds"]
        .iter()
        .flat_map(|folder| files(&shared.join(folder), "", &[]))
        .filter(|file| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            name.ends_with("Dockerfile") || name.ends_with(".dockerfile") || name.starts_with("Dockerfile")
        })
        .collect()
}
