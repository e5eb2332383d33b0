//! What is in an image that should not be: its size against what its layers carry, and what helps an attacker. For the
//! stages too, so that one stage can be held against several.

use crate::check::is_secret;
use crate::image::ImageConfig;
use crate::saved::SavedImage;
use crate::simulation::{Base, Build, EntryKind, Fate, Image, Layer, StageId};
use stagecraft_sandbox::tree::Tree;

/// Something that makes an attacker's life easier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Risk {
    /// It runs as root.
    Root,
    /// A shell, at this path.
    Shell(&'static str),
    /// A package manager.
    PackageManager(&'static str),
    /// A compiler or a build tool.
    Compiler(&'static str),
    /// Programs that run with the rights of their owner: how many, and one of them.
    SetUid {
        /// How many.
        count: usize,
        /// The first by path.
        example: String,
    },
    /// A file that is a secret by its name.
    Secret {
        /// Absolute.
        path: String,
        /// It was deleted later and is still in its layer.
        hidden: bool,
    },
}

/// An image, or what an image would be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Footprint {
    /// Bytes of all layers, the base's included.
    pub size: u64,
    /// Bytes that layers carry although later ones overwrite or delete them.
    pub waste: u64,
    /// In the order of [`Risk`].
    pub risks: Vec<Risk>,
}

const SHELLS: &[&str] = &["/bin/sh", "/bin/bash", "/bin/ash", "/busybox/sh"];
const MANAGERS: &[&str] = &[
    "/sbin/apk",
    "/usr/bin/apt-get",
    "/usr/bin/dnf",
    "/usr/bin/microdnf",
    "/usr/bin/yum",
    "/usr/bin/zypper",
];
const COMPILERS: &[&str] = &[
    "/usr/bin/gcc",
    "/usr/bin/cc",
    "/usr/bin/g++",
    "/usr/local/bin/gcc",
    "/usr/local/go/bin/go",
    "/usr/local/cargo/bin/rustc",
    "/usr/local/cargo/bin/cargo",
    "/opt/java/openjdk/bin/javac",
    "/usr/bin/javac",
    "/usr/share/maven/bin/mvn",
    "/usr/bin/mvn",
    "/usr/bin/make",
];
/// Entries that a search for set-id programs looks at.
const MOST: usize = 20_000;

/// What a file system and its config make easy.
fn risks(tree: &Tree, config: &ImageConfig) -> Vec<Risk> {
    let mut found = Vec::new();
    if matches!(config.user.split(':').next().unwrap_or_default(), "" | "0" | "root") {
        found.push(Risk::Root);
    }
    let first = |paths: &'static [&'static str]| paths.iter().copied().find(|path| tree.exists(path));
    found.extend(first(SHELLS).map(Risk::Shell));
    found.extend(first(MANAGERS).map(Risk::PackageManager));
    found.extend(first(COMPILERS).map(Risk::Compiler));
    let mut set_uid = tree
        .walk()
        .take(MOST)
        .filter(|(_, node)| node.as_file().is_some_and(|file| file.meta.mode & 0o4000 != 0))
        .map(|(path, _)| path);
    if let Some(example) = set_uid.next() {
        found.push(Risk::SetUid { count: 1 + set_uid.count(), example });
    }
    found
}

/// The footprint of a build's image.
pub fn of_image(image: &Image) -> Footprint {
    let size = image.base_size + image.layers.iter().map(|(_, layer)| layer.size).sum::<u64>();
    let mut risks = risks(&image.tree, &image.config);
    risks.extend(secrets(image.layers.iter().map(|(_, layer)| &**layer), &image.tree));
    let waste = size.saturating_sub(image.base_size + own(image));
    Footprint { size, waste, risks }
}

/// The footprint of an image that was saved.
pub fn of_saved(image: &SavedImage) -> Footprint {
    let mut risks = risks(&image.tree, &image.config);
    risks.extend(secrets(image.layers.iter().map(|layer| &*layer.layer), &image.tree));
    Footprint { size: image.size(), waste: image.waste(), risks }
}

/// Files of layers that are secrets by their names.
fn secrets<'l>(layers: impl Iterator<Item = &'l Layer>, tree: &Tree) -> Vec<Risk> {
    let written =
        layers.flat_map(|layer| &layer.entries).filter(|entry| matches!(entry.kind, EntryKind::Node(_)));
    let mut secrets: Vec<&str> = written.map(|entry| &*entry.path).filter(|path| is_secret(path)).collect();
    secrets.sort_unstable();
    secrets.dedup();
    let risk = |path: &str| Risk::Secret { path: path.to_owned(), hidden: !tree.exists(path) };
    secrets.into_iter().map(risk).collect()
}

/// Bytes of what the image's own layers add to the base's file system.
fn own(image: &Image) -> u64 {
    image.tree.size().saturating_sub(image.base_tree.size())
}

/// What the image would be if the heaviest stage that it is made of were the image itself, as without a second stage;
/// `None` where there is but one.
pub fn single_stage(build: &Build) -> Option<(StageId, Footprint)> {
    let needed =
        |at: usize| matches!(build.stages.get(at).map(|stage| &stage.fate), Some(Fate::Needed { .. }));
    (0..build.stages.len())
        .filter(|at| needed(*at))
        .filter_map(|at| {
            let id = StageId(at as u32);
            let last = build.steps.iter().rfind(|step| step.stage == Some(id))?;
            Some((id, weight(build, id), last))
        })
        .max_by_key(|(_, size, _)| *size)
        .map(|(id, size, last)| (id, Footprint { size, waste: 0, risks: risks(&last.after, &last.config) }))
}
/// What a stage would weigh as an image: the layers that its steps made, on those of its base.
fn weight(build: &Build, stage: StageId) -> u64 {
    let own = || build.steps.iter().filter(|step| step.stage == Some(stage));
    let below = match build.stages.get(stage.0 as usize).map(|stage| &stage.base) {
        Some(Base::Stage(base)) if base.0 < stage.0 => weight(build, *base),
        // What the first layer lies on; without one, all that there is.
        _ => own()
            .find(|step| step.layer.is_some())
            .map(|first| first.before.size())
            .or_else(|| Some(own().next_back()?.after.size()))
            .unwrap_or(0),
    };
    below + own().filter_map(|step| Some(step.layer.as_ref()?.size)).sum::<u64>()
}
