//! Builds recorded from real builders: cases, their contexts, and the comparison of a simulation with a recording.
//! The format is described in `tests/oracle/README.md`.

pub mod case;
pub mod compare;
pub mod document;
pub mod text;

use crate::oracle::case::Case;
use serde_json::Value;
use stagecraft_core::catalogue::Catalogue;
use stagecraft_core::image::ImageDefinition;
use stagecraft_core::simulation::Builder;
use stagecraft_core::{Cache, simulate};
use std::path::Path;

/// The catalogue that `images.json` describes.
///
/// # Panics
/// Where the file is not what it should be.
pub fn images(folder: &Path) -> Catalogue {
    let document: Value = case::json(&folder.join("images.json"));
    let images: Vec<ImageDefinition> =
        serde_json::from_value(document.get("images").cloned().unwrap_or_default()).unwrap_or_default();
    Catalogue::only(None, &images)
}

/// What a builder's simulation gives other than the recording, for every step of a case; empty if nothing.
///
/// # Panics
/// Where the case is not what it should be.
pub fn differences(folder: &Path, name: &str, builder: Builder, catalogue: &Catalogue) -> Vec<String> {
    let case = Case::read(&folder.join("cases").join(name));
    let file = match builder {
        Builder::Legacy => "expected.legacy.json",
        Builder::BuildKit => "expected.buildkit.json",
    };
    let recorded = case::json(&case.folder.join(file));
    let empty = Vec::new();
    let expected = recorded.get("steps").and_then(Value::as_array).unwrap_or(&empty);
    let mut cache = Cache::default();
    let mut files = case.files();
    let mut found = Vec::new();
    for (number, step) in case.steps().iter().enumerate() {
        case::edit(&mut files, step);
        let project = case::project(&files, step);
        let (build, left) = simulate(&project, builder, catalogue, &cache);
        cache = left;
        let Some(expected) = expected.get(number) else {
            found.push(format!("{name} step {number}: not recorded"));
            continue;
        };
        let got = document::of(&build);
        for difference in compare::step(expected, &got, builder) {
            found.push(format!("{name} step {number}: {difference}"));
        }
    }
    found
}
