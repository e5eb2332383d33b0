//! Images that were saved: what `docker save` and builders write as a tar (`manifest.json`), and OCI layouts
//! (`index.json`), plain or through gzip.
//!
//! Nothing is trusted: every digest is checked, sizes and numbers are bounded, and a name that leads out of the image is
//! an error that names it.

mod blobs;
mod document;
mod layer;

use crate::image::{History, ImageConfig};
use crate::simulation::Layer;
use blobs::Blobs;
use stagecraft_sandbox::tree::Tree;
use std::sync::Arc;

/// An image of an archive.
#[derive(Debug, Clone)]
pub struct SavedImage {
    /// In familiar form with their tags; an image may have none.
    pub names: Vec<String>,
    /// `sha256:…` of the config.
    pub id: String,
    /// `linux/amd64`, `linux/arm64/v8`
    pub platform: String,
    /// When it was made, as it says itself; may be empty.
    pub created: String,
    /// Config.
    pub config: Arc<ImageConfig>,
    /// All of it, oldest first.
    pub history: Vec<History>,
    /// Bottom first.
    pub layers: Vec<SavedLayer>,
    /// The merged file system.
    pub tree: Tree,
    /// What the simulation has no place for and left out, as sentences.
    pub notes: Vec<String>,
}

/// A layer of an archive.
#[derive(Debug, Clone)]
pub struct SavedLayer {
    /// `sha256:…` of its tar, uncompressed.
    pub diff_id: String,
    /// What it changes.
    pub layer: Arc<Layer>,
}

impl SavedImage {
    /// Whether it is for a platform; `linux/arm64` means each of its variants.
    pub fn suits(&self, platform: &str) -> bool {
        let rest = self.platform.strip_prefix(platform);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Bytes of the files in all layers.
    pub fn size(&self) -> u64 {
        self.layers.iter().map(|layer| layer.layer.size).sum()
    }

    /// Bytes of files that later layers overwrite or delete.
    pub fn waste(&self) -> u64 {
        self.size().saturating_sub(self.tree.size())
    }
}

/// Reads an archive: its images, one per platform where it has several.
///
/// # Errors
/// A sentence that says what is wrong and where.
pub fn read(bytes: &[u8]) -> Result<Vec<SavedImage>, String> {
    let plain = blobs::plain(bytes)?;
    let blobs = Blobs::new(&plain)?;
    let found = document::images(&blobs)?;
    let mut reader = layer::Reader::new(&blobs);
    found.into_iter().map(|found| image(found, &mut reader)).collect()
}

/// Whether an archive holds an image, damaged or not, as far as the names in it tell.
pub fn holds_image(bytes: &[u8]) -> bool {
    let Ok(plain) = blobs::plain(bytes) else { return false };
    Blobs::new(&plain).is_ok_and(|blobs| {
        blobs.has("manifest.json") && blobs.json("manifest.json").is_ok_and(|json| json.is_array())
            || blobs.has("index.json") && blobs.has("oci-layout")
    })
}

/// Puts what suits a platform behind the rest: of two images with one name the later counts.
pub fn put_last(images: &mut [SavedImage], platform: &str) {
    images.sort_by_key(|image| image.suits(platform));
}

fn image(found: document::Found, reader: &mut layer::Reader<'_>) -> Result<SavedImage, String> {
    let mut made_by =
        found.history.iter().filter(|step| !step.empty_layer).map(|step| step.created_by.as_str());
    let mut tree = Tree::new();
    let mut layers = Vec::with_capacity(found.layers.len());
    let mut left_out = 0;
    for (number, (blob, diff_id)) in found.layers.iter().zip(&found.diff_ids).enumerate() {
        let created_by = made_by.next().unwrap_or_default();
        let read =
            reader.read(blob, diff_id, created_by).map_err(|why| format!("layer {}: {why}", number + 1))?;
        tree = crate::builder::legacy::apply_layer(&tree, &read.layer.entries);
        left_out += read.left_out;
        layers.push(SavedLayer { diff_id: diff_id.clone(), layer: read.layer });
    }
    let mut notes = Vec::new();
    if left_out > 0 {
        notes
            .push(format!("{left_out} devices and pipes have no place in the simulation and were left out."));
    }
    let config = Arc::new(found.config);
    Ok(SavedImage {
        names: found.names,
        id: found.id,
        platform: found.platform,
        created: found.created,
        config,
        history: found.history,
        layers,
        tree,
        notes,
    })
}

#[cfg(test)]
mod tests;
