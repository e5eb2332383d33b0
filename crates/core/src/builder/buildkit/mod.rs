//! BuildKit: the plan's operations are looked up in the cache, run as early as their inputs allow, and exported.

mod checksum;
mod critical;
mod excerpt;
mod exec;
mod files;
mod filter;
mod flow;
mod front;
mod hash;
mod image;
mod key;
mod log;
mod reason;
mod report;
mod snapshot;
mod solve;
mod source;
mod store;
#[cfg(test)]
mod tests;

pub use snapshot::Snapshot;
pub use store::Store;

use crate::catalogue::Catalogue;
use crate::plan::PlanError;
use crate::project::Project;
use crate::simulation::Build;

/// What BuildKit does with a project.
pub fn build(project: &Project, catalogue: &Catalogue, store: &mut Store) -> Build {
    let Some(text) = front::dockerfile(project) else {
        return front::without_dockerfile(project);
    };
    let file = stagecraft_dockerfile::parse(text, stagecraft_dockerfile::Dialect::BuildKit);
    let mut front = front::plan(project, catalogue, text, &file);
    if front.plan.error.is_some() {
        return report::refused(&front);
    }
    if let Some(message) = front::entitlement(&front.plan) {
        front.plan.error = Some(PlanError { message, ..PlanError::default() });
        return report::refused(&front);
    }
    let task = solve::Task {
        project,
        catalogue,
        file: &file,
        plan: &front.plan,
        ignore: &front.ignore,
        store,
        start: front.end(),
        first_step: front.steps.len() as u32,
    };
    let solved = solve::solve(&task);
    let build = report::build(&task, &front, &solved);
    let mut after = store.clone();
    solve::remember(&solved, &front.plan, &mut after);
    reason::keep(&task, &solved, &mut after);
    *store = after;
    build
}
