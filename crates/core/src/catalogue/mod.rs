//! Base images: the built-in catalogue (`images/*.toml`), and those that a person defines.
//!
//! A tag without data of its own takes the nearest known tag's and says so; an image that nobody knows gets
//! a neutral base whose every directory may hold more than is known.

pub mod data;
mod nearest;
mod releases;
mod stand_in;
mod tree;

use self::stand_in::Release;
use crate::image::{Empty, ImageConfig, ImageDefinition};
use crate::saved::{SavedImage, SavedLayer};
use crate::simulation::Layer;
use stagecraft_sandbox::tree::Tree;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

/// How far a base image is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Knowledge {
    /// Defined by the person (or `--images`): all there is.
    Defined,
    /// Read from an archive that the person gave: all there is.
    Saved {
        /// `sha256:…` of its config.
        id: String,
    },
    /// In the catalogue under this tag.
    Known {
        /// `YYYY-MM-DD`
        date: String,
        /// Where the figures were read.
        source: String,
        /// The size is an estimate.
        estimated: bool,
    },
    /// The figures of another tag stand for it.
    Nearest {
        /// `golang:1.27-trixie`
        reference: String,
        /// `YYYY-MM-DD`
        date: String,
    },
    /// Nothing is known.
    Unknown,
}

/// A layer of a base image.
#[derive(Debug, Clone)]
pub struct BaseLayer {
    /// The instruction that made it, shortened.
    pub created_by: String,
    /// Bytes, uncompressed; an estimate from the compressed share where the layer itself is not here.
    pub size: u64,
    /// What is in it, where the image was read from an archive.
    pub layer: Option<Arc<Layer>>,
}

/// A base image.
#[derive(Debug, Clone)]
pub struct BaseImage {
    /// As it was asked for, in familiar form with its tag: `golang:1.16`.
    pub reference: String,
    /// How far it is known.
    pub knowledge: Knowledge,
    /// Config.
    pub config: ImageConfig,
    /// Files.
    pub tree: Tree,
    /// Bottom first.
    pub layers: Vec<BaseLayer>,
    /// Bytes, uncompressed.
    pub size: u64,
    /// `alpine`, `debian`, `distroless`, …; empty if unknown.
    pub family: String,
    /// `apk`, `apt`, `dnf`, `none`; empty if unknown.
    pub package_manager: String,
}

/// All base images that a build can see.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    defined: BTreeMap<String, Arc<BaseImage>>,
    default_config: Option<ImageConfig>,
    builtin: bool,
}

impl Catalogue {
    /// The catalogue that ships with the program; unknown images get a neutral base.
    pub fn builtin() -> Self {
        Self { builtin: true, ..Self::default() }
    }

    /// Only these images exist, besides those that `default_config` (if given) stands for: the command
    /// line's `--images FILE`.
    pub fn only(default_config: Option<ImageConfig>, images: &[ImageDefinition]) -> Self {
        Self { default_config, ..Self::default() }.with(images)
    }

    /// This catalogue with the person's own images over it.
    #[must_use]
    pub fn with(mut self, images: &[ImageDefinition]) -> Self {
        for image in images {
            let reference = familiar(&image.reference);
            let tree = tree::defined(image);
            let size = tree.size();
            let base = BaseImage {
                reference: reference.clone(),
                knowledge: Knowledge::Defined,
                config: image.config.clone(),
                tree,
                layers: Vec::new(),
                size,
                family: String::new(),
                package_manager: String::new(),
            };
            self.defined.insert(reference, Arc::new(base));
        }
        self
    }

    /// This catalogue with images from archives over it, under their names.
    #[must_use]
    pub fn with_saved(mut self, images: &[SavedImage]) -> Self {
        for image in images {
            for name in &image.names {
                let layers = image.layers.iter().map(|SavedLayer { layer, .. }| BaseLayer {
                    created_by: layer.created_by.clone(),
                    size: layer.size,
                    layer: Some(Arc::clone(layer)),
                });
                let base = BaseImage {
                    reference: name.clone(),
                    knowledge: Knowledge::Saved { id: image.id.clone() },
                    config: ImageConfig::clone(&image.config),
                    tree: image.tree.clone(),
                    layers: layers.collect(),
                    size: image.size(),
                    family: String::new(),
                    package_manager: String::new(),
                };
                self.defined.insert(name.clone(), Arc::new(base));
            }
        }
        self
    }

    /// The layers of an image that was read from an archive, bottom first.
    pub fn saved_layers(&self, reference: &str) -> Option<Vec<Arc<Layer>>> {
        let image = self.defined.get(&familiar(reference))?;
        let Knowledge::Saved { .. } = image.knowledge else { return None };
        Some(image.layers.iter().filter_map(|layer| layer.layer.clone()).collect())
    }

    /// The image of a reference in any form (`alpine`, `docker.io/library/alpine:latest`, with a digest or
    /// without), or `None` where it does not exist (only with [`Catalogue::only`]).
    pub fn resolve(&self, reference: &str) -> Option<Arc<BaseImage>> {
        let reference = familiar(reference);
        if let Some(image) = self.defined.get(&reference) {
            return Some(image.clone());
        }
        if self.builtin {
            return Some(made(&reference));
        }
        let config = self.default_config.clone()?;
        Some(Arc::new(neutral(&reference, config)))
    }

    /// The config alone, as [`Catalogue::resolve`] gives it; no file system is laid out for it.
    pub fn config(&self, reference: &str) -> Option<ImageConfig> {
        let reference = familiar(reference);
        if let Some(image) = self.defined.get(&reference) {
            return Some(image.config.clone());
        }
        if self.builtin {
            let (repository, tag) = split(&reference);
            let found = nearest::find(&index().names, repository, tag);
            return Some(found.map_or_else(neutral_config, |(name, exact)| {
                let entry = unpacked::<data::Entry>(name.place);
                if exact { config(&entry.config) } else { stand_in(&entry, tag) }
            }));
        }
        self.default_config.clone()
    }

    /// Names of all images with figures: those that stand for the latest, then each tag, newer ones first.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.defined.keys().cloned().collect();
        if self.builtin {
            let mut known: Vec<&data::Name> = index().names.iter().collect();
            known.sort_by(|one, other| (&one.reference, &other.date).cmp(&(&other.reference, &one.date)));
            // A name without a tag means the latest.
            names.extend(known.iter().filter(|name| is_latest(name)).map(|name| name.reference.clone()));
            names.sort();
            names.dedup();
            for name in known {
                let shorter = name.also.iter().filter(|tag| *tag != "latest");
                names.extend(shorter.chain([&name.tag]).map(|tag| format!("{}:{tag}", name.reference)));
            }
        }
        names
    }
}

fn is_latest(name: &data::Name) -> bool {
    name.tag == "latest" || name.also.iter().any(|tag| tag == "latest")
}

/// The familiar form with a tag and without a digest: `docker.io/library/alpine@sha256:…` is `alpine:latest`.
pub fn familiar(reference: &str) -> String {
    let name = reference.split('@').next().unwrap_or(reference);
    let name =
        name.strip_prefix("docker.io/").or_else(|| name.strip_prefix("index.docker.io/")).unwrap_or(name);
    let name = name.strip_prefix("library/").unwrap_or(name);
    let last = name.rsplit('/').next().unwrap_or(name);
    if last.contains(':') { name.to_owned() } else { format!("{name}:latest") }
}

/// `repository` and `tag` of a familiar reference.
fn split(reference: &str) -> (&str, &str) {
    match reference.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, tag),
        _ => (reference, "latest"),
    }
}

fn index() -> &'static data::Index {
    static INDEX: OnceLock<data::Index> = OnceLock::new();
    INDEX.get_or_init(|| {
        // The build script wrote it; a test reads it back whole.
        postcard::from_bytes(include_bytes!(concat!(env!("OUT_DIR"), "/index.bin"))).unwrap_or_default()
    })
}

/// A piece of the packs. The larger one is named in one place only, so that the page can load it later.
fn unpacked<T: Default + for<'a> serde::Deserialize<'a>>(place: data::Place) -> T {
    let pack: &[u8] =
        if place.more { more() } else { include_bytes!(concat!(env!("OUT_DIR"), "/first.bin")) };
    let bytes = pack.get(place.start as usize..place.end as usize).unwrap_or_default();
    postcard::from_bytes(bytes).unwrap_or_default()
}

#[inline(never)]
fn more() -> &'static [u8] {
    // Without the box, compilers put its address wherever it is called from.
    std::hint::black_box(include_bytes!(concat!(env!("OUT_DIR"), "/more.bin")))
}

/// An image of the built-in catalogue, made once: its tree costs more than most builds, and its digests are kept
/// with it. A memo of a pure function; what is made of a reference never changes.
fn made(reference: &str) -> Arc<BaseImage> {
    static MADE: Mutex<BTreeMap<String, Arc<BaseImage>>> = Mutex::new(BTreeMap::new());
    let Ok(mut known) = MADE.lock() else { return Arc::new(builtin(reference)) };
    if let Some(image) = known.get(reference) {
        return Arc::clone(image);
    }
    // A person who types a tag makes an image with every character.
    if known.len() >= MOST_MADE {
        known.clear();
    }
    let image = Arc::new(builtin(reference));
    known.insert(reference.to_owned(), Arc::clone(&image));
    image
}

/// How many images are kept.
const MOST_MADE: usize = 64;

fn builtin(reference: &str) -> BaseImage {
    let (repository, tag) = split(reference);
    let Some((name, exact)) = nearest::find(&index().names, repository, tag) else {
        return neutral(reference, neutral_config());
    };
    let entry: data::Entry = unpacked(name.place);
    let system: data::System =
        index().systems.get(&entry.system).map(|place| unpacked(*place)).unwrap_or_default();
    let known = format!("{}:{}", entry.reference, entry.tag);
    let release = if exact { Release::Same } else { stand_in::release(&entry, tag) };
    let compressed: u64 = entry.layers.iter().map(|(_, size)| size).sum();
    let layers = entry.layers.iter().map(|(created_by, size)| BaseLayer {
        created_by: created_by.clone(),
        size: (u128::from(*size) * u128::from(entry.size)).checked_div(u128::from(compressed)).unwrap_or(0)
            as u64,
        layer: None,
    });
    let layers: Vec<BaseLayer> = layers.collect();
    let knowledge = if exact {
        Knowledge::Known {
            date: entry.date.clone(),
            source: entry.source.clone(),
            estimated: entry.estimated,
        }
    } else {
        Knowledge::Nearest { reference: known.clone(), date: entry.date.clone() }
    };
    let config = if exact { config(&entry.config) } else { stand_in(&entry, tag) };
    let files = if exact { entry } else { stand_in::files(entry, tag) };
    BaseImage {
        reference: reference.to_owned(),
        knowledge,
        config,
        tree: tree::listed(&system, &files, &known, &release),
        layers,
        size: files.size,
        family: system.family,
        package_manager: system.package_manager,
    }
}

/// The config of an image that stands for another tag.
fn stand_in(entry: &data::Entry, tag: &str) -> ImageConfig {
    ImageConfig { env: stand_in::env(entry, tag), ..config(&entry.config) }
}

fn config(config: &data::Config) -> ImageConfig {
    let set = |names: &[String]| names.iter().map(|name| (name.clone(), Empty {})).collect();
    ImageConfig {
        env: config.env.clone(),
        cmd: config.cmd.clone(),
        entrypoint: config.entrypoint.clone(),
        working_dir: config.working_dir.clone(),
        user: config.user.clone(),
        exposed_ports: set(&config.exposed_ports),
        volumes: set(&config.volumes),
        stop_signal: config.stop_signal.clone(),
        on_build: config.on_build.clone(),
        ..ImageConfig::default()
    }
}

fn neutral_config() -> ImageConfig {
    ImageConfig {
        env: vec!["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned()],
        ..ImageConfig::default()
    }
}

/// Whether an image is one of Windows, by its name: none of those is simulated.
pub fn is_windows(reference: &str) -> bool {
    let name = reference.split('@').next().unwrap_or(reference);
    let tag = name.rsplit('/').next().and_then(|last| last.split_once(':')).map_or("", |(_, tag)| tag);
    name.starts_with("mcr.microsoft.com/windows")
        || name.starts_with("mcr.microsoft.com/dotnet/framework/")
        || tag
            .split('-')
            .any(|part| matches!(part, "nanoserver" | "windowsservercore" | "servercore" | "windows"))
}

/// An image of which nothing is known but perhaps its config.
fn neutral(reference: &str, config: ImageConfig) -> BaseImage {
    BaseImage {
        reference: reference.to_owned(),
        knowledge: Knowledge::Unknown,
        config,
        tree: tree::unknown(reference, is_windows(reference)),
        layers: Vec::new(),
        size: 0,
        family: String::new(),
        package_manager: String::new(),
    }
}

#[cfg(test)]
mod tests;
