//! What keeps the code base in shape and no compiler checks.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use stagecraft_tests::{files, root, text};

/// The longest that a source file may be, in lines. Most are under 300.
const LONGEST: usize = 700;
/// The crates that run in the browser and know nothing of the machine that they run on.
const PURE: &[&str] = &["dockerfile", "sandbox", "core", "playground"];

/// What a crate ships: modules of tests are left out.
fn sources(name: &str) -> Vec<PathBuf> {
    let mut found = files(&root().join("crates").join(name).join("src"), ".rs", &[]);
    found.retain(|file| file.file_name().is_none_or(|name| name != "tests.rs"));
    found
}

fn all_sources() -> Vec<PathBuf> {
    files(&root().join("crates"), ".rs", &["target", "tests"])
}

fn short(file: &Path) -> String {
    file.strip_prefix(root()).unwrap_or(file).display().to_string()
}

/// The part of a file in front of its tests.
fn without_tests(text: &str) -> &str {
    text.find("#[cfg(test)]").and_then(|at| text.get(..at)).unwrap_or(text)
}

#[test]
fn files_are_short() {
    let long: Vec<String> = all_sources()
        .iter()
        .map(|file| (file, text(file).lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .map(|(file, lines)| format!("{}: {lines} lines", short(file)))
        .collect();
    assert!(long.is_empty(), "split these, or say here why not: {long:#?}");
}

#[test]
fn every_file_is_declared_beside_it() {
    let mut lost = Vec::new();
    for file in all_sources() {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let folder = file.parent().expect("a folder");
        if name == "lib"
            || name == "main"
            || !short(&file).contains("/src/")
            || short(&file).contains("/src/bin/")
        {
            continue;
        }
        let (module, parent) = if name == "mod" {
            (folder.file_name(), folder.parent())
        } else {
            (file.file_stem(), Some(folder))
        };
        let module = module.unwrap_or_default().to_string_lossy().into_owned();
        let declared = ["mod.rs", "lib.rs", "main.rs"]
            .iter()
            .map(|list| parent.expect("a folder").join(list))
            .filter(|list| list.is_file())
            .any(|list| declares(&text(&list), &module));
        if !declared {
            lost.push(short(&file));
        }
    }
    assert!(lost.is_empty(), "no `mod` names these: {lost:#?}");
}

/// Whether a module's text declares the module `name`, by `mod` or as an entry of a list that a macro reads.
fn declares(text: &str, name: &str) -> bool {
    text.lines().map(str::trim).any(|line| {
        line.ends_with(&format!("mod {name};"))
            || line.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == name)
                && !line.starts_with("//")
    })
}

#[test]
fn nothing_in_the_engine_may_panic_by_permission() {
    let mut found = Vec::new();
    for name in PURE {
        for file in sources(name) {
            let code = text(&file);
            for lint in [
                "unwrap_used",
                "expect_used",
                "clippy::panic",
                "indexing_slicing",
                "string_slice",
                "clippy::todo",
            ] {
                if without_tests(&code).contains(lint) {
                    found.push(format!("{}: {lint}", short(&file)));
                }
            }
        }
    }
    assert!(found.is_empty(), "these switch off a lint that keeps input from stopping the page: {found:#?}");
}

#[test]
fn the_engine_knows_no_machine() {
    let mut found = Vec::new();
    for name in PURE {
        for file in sources(name) {
            let code = text(&file);
            for word in [
                "std::fs",
                "std::net",
                "std::thread",
                "std::env",
                "std::process",
                "Instant::now",
                "SystemTime",
            ] {
                let used = without_tests(&code)
                    .lines()
                    .any(|line| !line.trim_start().starts_with("//") && line.contains(word));
                if used {
                    found.push(format!("{}: {word}", short(&file)));
                }
            }
        }
    }
    assert!(found.is_empty(), "same input, same output, in any browser: {found:#?}");
}

#[test]
fn a_crate_knows_nothing_of_those_after_it() {
    let order = ["dockerfile", "sandbox", "core", "playground", "web"];
    let allowed: [&[&str]; 5] = [
        &[],
        &[],
        &["dockerfile", "sandbox"],
        &["dockerfile", "sandbox", "core"],
        &["dockerfile", "sandbox", "core", "playground"],
    ];
    for (name, allowed) in order.iter().zip(allowed) {
        let manifest = text(&root().join("crates").join(name).join("Cargo.toml"));
        let known: BTreeSet<&str> = manifest
            .lines()
            .filter_map(|line| line.strip_prefix("stagecraft-"))
            .filter_map(|line| line.split(['.', ' ', '=']).next())
            .collect();
        let unwelcome: Vec<_> = known.iter().filter(|known| !allowed.contains(*known)).collect();
        assert!(unwelcome.is_empty(), "crates/{name} must not know {unwelcome:?}");
        if *name != "web" {
            assert!(
                !manifest.contains("yew") && !manifest.contains("web-sys"),
                "crates/{name} must not know the page"
            );
        }
    }
}

#[test]
fn the_architecture_page_is_short_and_names_every_crate() {
    let page = text(&root().join("docs/architecture.md"));
    assert!(page.lines().count() <= 200, "docs/architecture.md is longer than 200 lines");
    for entry in std::fs::read_dir(root().join("crates")).expect("crates").flatten() {
        let name = format!("crates/{}", entry.file_name().to_string_lossy());
        assert!(page.contains(&name), "docs/architecture.md says nothing of {name}");
    }
}
