//! What the builders are recorded to do, and what the simulation says: they must agree.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

use stagecraft_core::simulation::Builder;
use stagecraft_tests::oracle;
use std::fs;
use std::path::Path;

fn names(folder: &Path, expected: &str) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder.join("cases"))
        .unwrap()
        .flatten()
        .filter(|entry| entry.path().join(expected).is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// All differences of all cases of a folder.
fn differences(folder: &Path, builder: Builder, expected: &str) -> Vec<String> {
    let catalogue = oracle::images(folder);
    let names = names(folder, expected);
    assert!(!names.is_empty(), "no case is recorded in {}", folder.display());
    names.iter().flat_map(|name| oracle::differences(folder, name, builder, &catalogue)).collect()
}

#[test]
fn own_cases_of_the_legacy_builder() {
    let found =
        differences(&stagecraft_tests::root().join("tests/oracle"), Builder::Legacy, "expected.legacy.json");
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
}

#[test]
fn shared_cases_of_the_legacy_builder() {
    let Some(shared) = stagecraft_tests::shared("shared_cases_of_the_legacy_builder") else { return };
    let found = differences(&shared.join("oracle"), Builder::Legacy, "expected.legacy.json");
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
}

#[test]
fn own_cases_of_buildkit() {
    let found = differences(
        &stagecraft_tests::root().join("tests/oracle"),
        Builder::BuildKit,
        "expected.buildkit.json",
    );
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
}
