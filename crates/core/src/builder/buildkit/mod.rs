//! BuildKit: the plan's operations are looked up in the cache, run as early as their inputs allow, and exported.

mod checksum;
mod critical;
mod excerpt;
mod exec;
mod files;
mod filter;
mod flow;
mod front;
mod gateway;
mod hash;
mod image;
mod key;
mod log;
mod reason;
mod received;
mod report;
mod snapshot;
mod solve;
mod source;
mod store;
#[cfg(test)]
mod tests;

pub use snapshot::Snapshot;
pub use store::Store;

use crate::builder::timing::Timing;
use crate::catalogue::Catalogue;
use crate::import::matching::{self, Wanted};
use crate::plan::{OpKind, Plan, PlanError};
use crate::project::Project;
use crate::simulation::{Build, Builder};
use stagecraft_dockerfile::Dockerfile;

/// What BuildKit does with a project.
pub fn build(project: &Project, catalogue: &Catalogue, store: &mut Store) -> Build {
    let Some(text) = front::dockerfile(project) else {
        return front::without_dockerfile(project);
    };
    let file = stagecraft_dockerfile::parse(text, stagecraft_dockerfile::Dialect::BuildKit);
    let timing = Timing::of(project, Builder::BuildKit);
    let mut front = front::plan(project, catalogue, text, &file, store, &timing);
    if let Some(Ok(image)) = gateway::asked(project, text, &file).map(|asked| asked.image) {
        store.images.insert(image);
    }
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
        entries: entries(&front.plan, &file, &timing),
        timing: &timing,
        start: front.end(),
        first_step: front.steps.len() as u32,
    };
    let solved = solve::solve(&task);
    let build = report::build(&task, &front, &solved);
    let last = reason::remember(&task, &solved);
    solve::remember(&solved, &front.plan, store);
    // A build that did nothing leaves the memory of the one before it.
    if !last.is_empty() {
        store.last = last;
    }
    build
}

/// For each operation its entry in the project's log.
fn entries(plan: &Plan, file: &Dockerfile<'_>, timing: &Timing<'_>) -> Vec<Option<u32>> {
    let Some(log) = &timing.log else { return Vec::new() };
    // Of a group, the merge is shown.
    let merges = || plan.ops.iter().filter(|op| op.kind == OpKind::Merge && op.group.is_some());
    let hidden = |op: &crate::plan::Op| {
        op.group.is_some() && op.kind != OpKind::Merge && merges().any(|merge| merge.group == op.group)
    };
    let wanted = plan.ops.iter().map(|op| {
        let origin = op.origins.first().filter(|origin| !origin.onbuild);
        let code = origin.and_then(|origin| file.instructions.get(origin.instruction));
        let caption = op.group.as_deref().unwrap_or(&op.name);
        if hidden(op) {
            return Wanted::default();
        }
        matching::of_buildkit(log, caption, &code.map(|code| code.original.text()).unwrap_or_default())
    });
    let wanted: Vec<Wanted> = wanted.collect();
    let mut entries = matching::assign(log, &wanted);
    let merges = plan.ops.iter().zip(entries.clone()).filter(|(op, _)| op.kind == OpKind::Merge);
    for (merge, entry) in merges {
        for part in &merge.inputs {
            let own = plan.ops.get(part.index()).is_some_and(|op| hidden(op) && op.group == merge.group);
            if let Some(slot) = entries.get_mut(part.index()).filter(|_| own) {
                *slot = entry;
            }
        }
    }
    entries
}
