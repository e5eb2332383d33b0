//! What a fuzzer starts from: real Dockerfiles, and for what reads no Dockerfile the words in them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::{process, project};

/// Writes the seeds of a target into `folder`, one file each: made from the project's examples, and from the shared
/// corpus where it is there.
pub(super) fn write(target: &str, folder: &Path) -> Result<(), Failure> {
    let texts: Vec<String> = dockerfiles().iter().filter_map(|path| fs::read_to_string(path).ok()).collect();
    let seeds: BTreeSet<String> = match target {
        "expansion" => texts.iter().flat_map(|text| words(text)).collect(),
        "ignore" => texts.iter().map(|text| patterns(text)).filter(|text| !text.is_empty()).collect(),
        "reference" => texts.iter().flat_map(|text| references(text)).collect(),
        _ => texts.into_iter().collect(),
    };
    // What an earlier version took from the same files would stay for ever.
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).map_err(|error| process::cannot_write(folder, &error))?;
    for (number, seed) in seeds.iter().enumerate() {
        let path = folder.join(number.to_string());
        fs::write(&path, seed).map_err(|error| process::cannot_write(&path, &error))?;
    }
    println!("{} seeds for `{target}`", seeds.len());
    Ok(())
}

/// Every Dockerfile at hand, in order.
fn dockerfiles() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for example in entries(&project::www().join("examples")) {
        found.extend(entries(&example.join("context")).into_iter().filter(|path| path.is_file()));
    }
    for shared in ["../shared", "../../shared"] {
        found.extend(entries(&project::root().join(shared).join("conformance/corpus/files")));
    }
    found
}

/// What is in a folder, sorted; nothing where there is no such folder.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// Words with something to expand or to unquote, here-documents and mounts, each with a value below it.
fn words(text: &str) -> impl Iterator<Item = String> {
    text.split_whitespace()
        .map(|word| word.strip_prefix("--mount=").unwrap_or(word))
        .filter(|word| word.contains(['$', '"', '\'', '\\']) || word.contains("<<") || word.contains("type="))
        .map(|word| format!("{word}\nvalue"))
}

/// The sources of a file's `COPY` and `ADD`, as an ignore file; the last of them is the path that is asked about.
fn patterns(text: &str) -> String {
    let sources: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("COPY ").or_else(|| line.strip_prefix("ADD ")))
        .flat_map(str::split_whitespace)
        .filter(|word| !word.starts_with("--"))
        .collect();
    sources.join("\n")
}

/// The images that a file names.
fn references(text: &str) -> impl Iterator<Item = String> {
    text.lines()
        .filter_map(|line| {
            let words =
                line.strip_prefix("FROM ").or_else(|| line.split_once("from=").map(|(_, rest)| rest))?;
            words.split([' ', ',']).find(|word| !word.is_empty() && !word.starts_with("--"))
        })
        .map(str::to_owned)
}
