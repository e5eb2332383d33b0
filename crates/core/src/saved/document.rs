//! The documents of a saved image: Docker's `manifest.json`, OCI's `index.json`, manifests and configs.

use super::blobs::{Blobs, digest, shown};
use crate::catalogue::familiar;
use crate::image::{History, ImageConfig};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The most layers of an image; Docker itself stops at 127.
const MOST_LAYERS: usize = 1000;
/// The most images of an archive, and the most manifests that are looked at.
const MOST_IMAGES: usize = 100;

/// An image whose layers have not been read.
pub(super) struct Found {
    pub names: Vec<String>,
    pub id: String,
    pub platform: String,
    pub created: String,
    pub config: ImageConfig,
    pub history: Vec<History>,
    /// Members with the layers, as many as there are `diff_ids`.
    pub layers: Vec<String>,
    pub diff_ids: Vec<String>,
}

/// A line of `manifest.json`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Saved {
    config: String,
    #[serde(default)]
    repo_tags: Vec<String>,
    #[serde(default)]
    layers: Vec<String>,
}

#[derive(Deserialize)]
struct Index {
    #[serde(default)]
    manifests: Vec<Descriptor>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    #[serde(default)]
    media_type: String,
    digest: String,
    #[serde(default)]
    annotations: std::collections::BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Manifest {
    config: Descriptor,
    #[serde(default)]
    layers: Vec<Descriptor>,
}

/// The image's own config, which holds the config of its containers.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Whole {
    architecture: String,
    os: String,
    variant: String,
    created: String,
    config: ImageConfig,
    rootfs: RootFs,
    history: Vec<Step>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RootFs {
    diff_ids: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Step {
    created_by: String,
    comment: String,
    empty_layer: bool,
}

/// The images of an archive.
pub(super) fn images(blobs: &Blobs<'_>) -> Result<Vec<Found>, String> {
    let found = if blobs.has("manifest.json") {
        let saved: Vec<Saved> = document(blobs, "manifest.json")?;
        limit(saved.len(), MOST_IMAGES, "images")?;
        saved.into_iter().map(|saved| of_docker(blobs, saved)).collect::<Result<_, _>>()?
    } else if blobs.has("index.json") {
        of_layout(blobs)?
    } else if blobs.has("repositories") {
        return Err("it was saved by a Docker older than 1.10, whose format is not read here".to_owned());
    } else {
        return Err(
            "it holds no image: neither manifest.json (docker save) nor index.json (an OCI layout) is in it"
                .to_owned(),
        );
    };
    if found.is_empty() { Err("it names no image".to_owned()) } else { Ok(found) }
}

fn document<T: DeserializeOwned>(blobs: &Blobs<'_>, name: &str) -> Result<T, String> {
    serde_json::from_value(blobs.json(name)?).map_err(|why| format!("{}: {why}", shown(name)))
}

fn limit(number: usize, most: usize, what: &str) -> Result<(), String> {
    if number > most {
        Err(format!("it names {number} {what}; the most that are read are {most}"))
    } else {
        Ok(())
    }
}

fn of_docker(blobs: &Blobs<'_>, saved: Saved) -> Result<Found, String> {
    let names = saved.repo_tags.iter().map(|name| familiar(name)).collect();
    // Both forms name the config by its digest.
    let named = saved.config.rsplit('/').next().unwrap_or_default().trim_end_matches(".json");
    found(blobs, &saved.config, &format!("sha256:{named}"), names, saved.layers)
}

/// Goes through indexes to manifests; attestations and the like are no images.
fn of_layout(blobs: &Blobs<'_>) -> Result<Vec<Found>, String> {
    let index: Index = document(blobs, "index.json")?;
    let mut pending: Vec<(Descriptor, Vec<String>, u32)> =
        index.manifests.into_iter().rev().map(|descriptor| (descriptor, Vec::new(), 0)).collect();
    let (mut images, mut seen, mut missing) = (Vec::new(), 0, None);
    while let Some((descriptor, mut names, depth)) = pending.pop() {
        seen += 1;
        limit(seen, MOST_IMAGES, "manifests")?;
        if descriptor.annotations.contains_key("vnd.docker.reference.type") {
            continue;
        }
        names.extend(name(&descriptor));
        names.dedup();
        let member = member(&descriptor.digest)?;
        if !blobs.has(&member) {
            // An index may name platforms that were not saved with it.
            missing.get_or_insert(member);
            continue;
        }
        verify(blobs, &member, &descriptor.digest)?;
        if descriptor.media_type.contains("index") || descriptor.media_type.contains("manifest.list") {
            if depth >= 4 {
                return Err("its indexes are nested too deeply".to_owned());
            }
            let index: Index = document(blobs, &member)?;
            let below = index.manifests.into_iter().rev();
            pending.extend(below.map(|descriptor| (descriptor, names.clone(), depth + 1)));
            continue;
        }
        let manifest: Manifest = document(blobs, &member)?;
        limit(manifest.layers.len(), MOST_LAYERS, "layers")?;
        let layers = manifest.layers.iter().map(|layer| {
            let member = self::member(&layer.digest)?;
            verify(blobs, &member, &layer.digest)?;
            Ok(member)
        });
        let layers = layers.collect::<Result<_, String>>()?;
        let config = self::member(&manifest.config.digest)?;
        images.push(found(blobs, &config, &manifest.config.digest, names, layers)?);
    }
    match missing {
        Some(member) if images.is_empty() => Err(format!("{} is missing", shown(&member))),
        _ => Ok(images),
    }
}

/// What builders call an image of a layout: the whole name, or a tag alone, which names nothing.
fn name(descriptor: &Descriptor) -> Option<String> {
    let annotation = |key: &str| descriptor.annotations.get(key);
    let name = annotation("io.containerd.image.name")
        .or_else(|| annotation("org.opencontainers.image.ref.name").filter(|name| name.contains(['/', ':'])));
    name.map(|name| familiar(name))
}

/// The member that holds a blob.
fn member(digest: &str) -> Result<String, String> {
    let hexadecimal = digest.strip_prefix("sha256:").filter(|hexadecimal| {
        hexadecimal.len() == 64 && hexadecimal.bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    match hexadecimal {
        Some(hexadecimal) => Ok(format!("blobs/sha256/{hexadecimal}")),
        None => Err(format!("{} is no SHA-256 digest", shown(digest))),
    }
}

fn verify(blobs: &Blobs<'_>, member: &str, named: &str) -> Result<(), String> {
    let real = digest(blobs.get(member)?);
    if real == named {
        Ok(())
    } else {
        Err(format!("{} has the digest {real} instead of {named}", shown(member)))
    }
}

fn found(
    blobs: &Blobs<'_>,
    config: &str,
    id: &str,
    names: Vec<String>,
    layers: Vec<String>,
) -> Result<Found, String> {
    verify(blobs, config, id)?;
    let whole: Whole = document(blobs, config)?;
    limit(layers.len(), MOST_LAYERS, "layers")?;
    if whole.rootfs.diff_ids.len() != layers.len() {
        let (listed, there) = (whole.rootfs.diff_ids.len(), layers.len());
        return Err(format!("its config lists {listed} layers, its manifest {there}"));
    }
    let parts = [whole.os, whole.architecture, whole.variant];
    let platform: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    let history = whole.history.into_iter().map(|step| History {
        created_by: if step.created_by.is_empty() { step.comment } else { step.created_by },
        empty_layer: step.empty_layer,
    });
    Ok(Found {
        names,
        id: id.to_owned(),
        platform: platform.join("/"),
        created: whole.created,
        config: whole.config,
        history: history.collect(),
        layers,
        diff_ids: whole.rootfs.diff_ids,
    })
}
