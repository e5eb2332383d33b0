//! The two builders and what they share: context, users, costs, layers, and the cache that a build leaves for
//! the next one.

pub mod buildkit;
pub mod context;
pub mod cost;
pub(crate) mod hexadecimal;
pub mod layer;
pub mod legacy;
pub(crate) mod timing;
mod told;
mod unlisted;
pub mod user;

use crate::catalogue::Catalogue;
use crate::project::Project;
use crate::simulation::{Build, Builder};
use serde::{Deserialize, Serialize};
use stagecraft_sandbox::shell::{Certainty, Exit, Outcome};

/// What builds leave for later ones; both builders' parts, each blind to the other's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cache {
    /// BuildKit's.
    pub buildkit: buildkit::Store,
    /// The legacy builder's.
    pub legacy: legacy::Cache,
}

/// What a builder does with a project, and the cache afterwards. Always gives an answer; whatever is wrong with the
/// project is in [`Build::error`] and [`Build::diagnostics`].
pub fn simulate(project: &Project, builder: Builder, catalogue: &Catalogue, cache: &Cache) -> (Build, Cache) {
    let with_images;
    let catalogue = if project.images.is_empty() {
        catalogue
    } else {
        with_images = catalogue.clone().with(&project.images);
        &with_images
    };
    let mut cache = cache.clone();
    let mut build = match builder {
        Builder::BuildKit => buildkit::build(project, catalogue, &mut cache.buildkit),
        Builder::Legacy => legacy::build(project, catalogue, &mut cache.legacy),
    };
    told::tell(&mut build);
    (build, cache)
}

/// The exit code of a command that surely failed. Where a command without a model took part, nobody knows how it
/// went on: the build goes on too, and what follows is marked as unknown.
pub fn failed(outcome: &Outcome) -> Option<u8> {
    match outcome.exit {
        Exit::Code(code) if outcome.certainty != Certainty::Unknown => Some(code).filter(|code| *code != 0),
        // The runtime could not start it.
        Exit::NotStarted(_) => Some(1),
        Exit::Code(_) | Exit::OutOfFuel => None,
    }
}

/// A build in which nothing happened yet.
pub fn empty(builder: Builder) -> Build {
    Build {
        builder,
        error: None,
        stages: Vec::new(),
        steps: Vec::new(),
        log: Vec::new(),
        image: None,
        diagnostics: Vec::new(),
        duration: 0,
    }
}
