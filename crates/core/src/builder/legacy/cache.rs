//! What earlier builds left: images by parent and by the container's config that made them. That is all the
//! engine's cache is (moby `image/cache`).

use super::stored::StoredLayer;
use crate::image::ImageConfig;
use crate::simulation::Certainty;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The image store of a simulated engine, as far as its build cache needs it. A value: cloning is cheap.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq, Eq)]
#[serde(default)]
pub struct Cache {
    /// In the order in which they were made.
    records: Vec<Arc<Record>>,
}

/// An image that a step made.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq, Eq)]
#[serde(default)]
pub(super) struct Record {
    /// `sha256:…`
    pub(super) id: String,
    /// Of the image below; empty for `scratch`.
    pub(super) parent: String,
    /// What is compared.
    pub(super) container: ImageConfig,
    /// The image's own config.
    pub(super) config: Arc<ImageConfig>,
    /// `MAINTAINER`
    pub(super) author: String,
    /// What it changed; `None` for an empty layer.
    pub(super) layer: Option<StoredLayer>,
    /// Files with unknown content or names may be in it.
    pub(super) incomplete: bool,
    /// How far the step's effect is known.
    pub(super) certainty: StoredCertainty,
    /// Of `COPY` and `ADD`: hashes of the sources by path, to tell what changed.
    pub(super) sources: BTreeMap<String, String>,
    /// Milliseconds that it took.
    pub(super) duration: u64,
}

/// [`Certainty`], serialisable.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, PartialEq, Eq)]
pub(super) enum StoredCertainty {
    #[default]
    Exact,
    Modelled,
    Unknown,
}

impl From<Certainty> for StoredCertainty {
    fn from(certainty: Certainty) -> Self {
        match certainty {
            Certainty::Exact => Self::Exact,
            Certainty::Modelled => Self::Modelled,
            Certainty::Unknown => Self::Unknown,
        }
    }
}

impl From<StoredCertainty> for Certainty {
    fn from(certainty: StoredCertainty) -> Self {
        match certainty {
            StoredCertainty::Exact => Self::Exact,
            StoredCertainty::Modelled => Self::Modelled,
            StoredCertainty::Unknown => Self::Unknown,
        }
    }
}

impl Cache {
    /// Whether nothing was built yet.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// How many images were made: the engine's clock, which tells equal images of two builds apart.
    pub(super) fn count(&self) -> usize {
        self.records.len()
    }
}

/// The cache while a build runs, to look images up by their parents.
pub(super) struct Records<'c> {
    cache: &'c mut Cache,
    /// How many images earlier builds made.
    earlier: usize,
    /// Places of the images that were made from one.
    children: BTreeMap<String, Vec<usize>>,
}

impl<'c> Records<'c> {
    pub(super) fn of(cache: &'c mut Cache) -> Self {
        let mut children: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, record) in cache.records.iter().enumerate() {
            children.entry(record.parent.clone()).or_default().push(place);
        }
        Self { earlier: cache.count(), cache, children }
    }

    /// [`Cache::count`].
    pub(super) fn count(&self) -> usize {
        self.cache.count()
    }

    pub(super) fn push(&mut self, record: Record) {
        self.children.entry(record.parent.clone()).or_default().push(self.cache.count());
        self.cache.records.push(Arc::new(record));
    }

    /// The newest child of an image that the same container config made.
    pub(super) fn find(&self, parent: &str, container: &ImageConfig) -> Option<Arc<Record>> {
        self.children(parent).find(|record| compare(&record.container, container)).cloned()
    }

    /// What was made from an image, newest first.
    pub(super) fn children(&self, parent: &str) -> impl Iterator<Item = &Arc<Record>> {
        self.places(parent).filter_map(|place| self.cache.records.get(place))
    }

    /// The same of what earlier builds made.
    pub(super) fn earlier_children(&self, parent: &str) -> impl Iterator<Item = &Arc<Record>> {
        let earlier = self.places(parent).filter(|place| *place < self.earlier);
        earlier.filter_map(|place| self.cache.records.get(place))
    }

    fn places(&self, parent: &str) -> impl Iterator<Item = usize> {
        self.children.get(parent).into_iter().flatten().rev().copied()
    }
}

/// What the engine compares of two configs (moby `image/cache/compare.go`); working directory, shell,
/// health check, stop signal and triggers are not among it.
fn compare(a: &ImageConfig, b: &ImageConfig) -> bool {
    let same = |a: &Option<Vec<String>>, b: &Option<Vec<String>>| {
        a.as_deref().unwrap_or_default() == b.as_deref().unwrap_or_default()
    };
    a.user == b.user
        && same(&a.cmd, &b.cmd)
        && a.env == b.env
        && a.labels.len() == b.labels.len()
        && a.labels.iter().all(|(name, value)| b.labels.get(name).map_or("", String::as_str) == value)
        && a.exposed_ports == b.exposed_ports
        && same(&a.entrypoint, &b.entrypoint)
        && a.volumes == b.volumes
}
