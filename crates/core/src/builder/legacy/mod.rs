//! The classic builder of Docker Engine 20.10.24 (moby `builder/dockerfile`) and its client: one instruction after
//! the other, an image after each, and a cache that is nothing but the images of earlier builds.
//!
//! | file | what it does |
//! |---|---|
//! | [`client`] | finds the Dockerfile, filters and sends the context |
//! | [`run`] | goes through stages and instructions |
//! | [`dispatch`] | what each instruction does to config and files |
//! | [`process`] | `RUN` |
//! | [`copying`], [`copy`] | `COPY` and `ADD` |
//! | [`commit`] | an image from the cache, or a new one |
//! | [`step`] | keeps log and steps |
//! | [`container`] | what creating a container checks, makes and hides |
//! | [`cache`] | when a step is taken from an earlier build, and why not |
//! | [`layer`] | layers as overlay2 keeps them |

mod args;
mod cache;
mod client;
mod commit;
mod config;
mod container;
mod copy;
mod copying;
mod dispatch;
mod ignore;
mod image;
mod layer;
mod port;
mod process;
mod reason;
mod reference;
mod run;
mod signal;
mod stage;
mod step;
mod stored;
mod text;

pub use cache::Cache;
pub(crate) use layer::apply as apply_layer;

use crate::catalogue::Catalogue;
use crate::project::Project;
use crate::simulation::Build;

/// The writer of the context's files, in origins: no step.
pub(crate) const CONTEXT: u32 = u32::MAX;

/// What the legacy builder does with a project.
pub fn build(project: &Project, catalogue: &Catalogue, cache: &mut Cache) -> Build {
    run::build(project, catalogue, cache)
}
