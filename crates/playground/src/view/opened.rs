//! An image that a person opened from an archive.

use super::PerBuilder;
use crate::text::Text;
use crate::words;
use serde::{Deserialize, Serialize};
use stagecraft_core::catalogue::{Catalogue, familiar};
use stagecraft_core::project::Project;
use stagecraft_core::saved::{self, SavedImage};
use stagecraft_core::simulation::{Base, Build, Builder, FlowSource};

/// What was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedImage {
    /// What `FROM` calls it.
    pub reference: Text,
    /// `me/it:1: 12 MB in 4 layers.` and what was left out of it.
    pub sentence: Text,
    /// The project's Dockerfile names it.
    pub used: bool,
}

/// Reads an archive, and puts its images over the catalogue's. `None` if it holds no image; `file` is what it is called,
/// and so is an image that has no name.
///
/// # Errors
/// A sentence for people.
pub(crate) fn open(
    catalogue: &mut Catalogue,
    project: &Project,
    builds: &PerBuilder<Build>,
    file: &str,
    bytes: &[u8],
) -> Result<Option<OpenedImage>, String> {
    if !saved::holds_image(bytes) {
        return Ok(None);
    }
    let mut images = saved::read(bytes).map_err(|why| format!("{file} holds an image, but {why}."))?;
    for image in &mut images {
        if image.names.is_empty() {
            image.names.push(named_after(file));
        }
    }
    let platform = if project.platform.is_empty() { "linux/amd64" } else { &project.platform };
    saved::put_last(&mut images, platform);
    *catalogue = std::mem::take(catalogue).with_saved(&images);
    let Some(image) = images.last() else { return Ok(None) };
    let Some(reference) = image.names.first() else { return Ok(None) };
    let used = images.iter().flat_map(|image| &image.names).any(|name| names_image(builds, name));
    Ok(Some(OpenedImage {
        reference: reference.as_str().into(),
        sentence: sentence(image, reference).into(),
        used,
    }))
}

/// Whether the Dockerfile starts from an image or copies from it, as far as it was simulated.
fn names_image(builds: &PerBuilder<Build>, name: &str) -> bool {
    [Builder::BuildKit, Builder::Legacy].into_iter().map(|builder| builds.of(builder)).any(|build| {
        let base = build.stages.iter().any(|stage| match &stage.base {
            Base::Image(reference) => familiar(reference) == name,
            _ => false,
        });
        base || build.steps.iter().flat_map(|step| &step.flows).any(|flow| match &flow.source {
            FlowSource::Image(reference) => familiar(reference) == name,
            _ => false,
        })
    })
}

fn sentence(image: &SavedImage, reference: &str) -> String {
    let layers = words::count(image.layers.len(), "layer");
    let mut sentence = format!("{reference}: {} in {layers}.", words::bytes(image.size()));
    for note in &image.notes {
        sentence.push(' ');
        sentence.push_str(note);
    }
    sentence
}

/// `My App.tar.gz` is `my-app:latest`.
fn named_after(file: &str) -> String {
    let stem = [".tar.gz", ".tgz", ".tar"].iter().find_map(|end| file.strip_suffix(end)).unwrap_or(file);
    let name: String = stem
        .to_ascii_lowercase()
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' })
        .collect();
    let name = name.trim_matches('-');
    familiar(if name.is_empty() { "image" } else { name })
}
