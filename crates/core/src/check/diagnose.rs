//! Everything that is to be said of a project's files.

use super::advice::{View, advise};
use crate::catalogue::Catalogue;
use crate::plan::{Plan, plan, text_of};
use crate::project::Project;
use crate::resolve::Options;
use stagecraft_dockerfile::{Diagnostic, Dialect, Dockerfile, parse};

/// A problem and the file that it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// Path in the project.
    pub file: String,
    /// The problem; its span is in that file.
    pub diagnostic: Diagnostic,
    /// BuildKit itself reports it, for a build or for a check of all stages; otherwise it lies behind BuildKit's
    /// first error, or is one of our own checks.
    pub from_buildkit: bool,
}

/// Gathers what BuildKit's front end finds and what our own checks find. `text` and `file` are the chosen Dockerfile
/// in BuildKit's dialect, `plan` is made of it. In order: the Dockerfile as BuildKit comes across it, our checks in
/// order of the text, then the ignore file.
pub fn diagnose(project: &Project, text: &str, file: &Dockerfile<'_>, plan: &Plan) -> Vec<Located> {
    let beside = format!("{}.dockerignore", project.dockerfile);
    let ignore_path = if project.files.contains_key(&beside) { beside.as_str() } else { ".dockerignore" };
    let ignore = text_of(project, ignore_path);
    let view = View::new(text, file, plan, Some(project), ignore.as_deref());
    let (here, elsewhere) = advise(&view);
    let report = plan.report(true);
    let mut reported = report.warnings.len() + usize::from(report.error.is_some());
    let mut out = Vec::with_capacity(plan.findings.len() + here.len() + elsewhere.len());
    let mut add = |path: &str, diagnostic, from_buildkit| {
        out.push(Located { file: path.to_owned(), diagnostic, from_buildkit });
    };
    for finding in &plan.findings {
        add(&project.dockerfile, finding.diagnostic.clone(), reported > 0);
        reported = reported.saturating_sub(1);
    }
    for diagnostic in here {
        add(&project.dockerfile, diagnostic, false);
    }
    for diagnostic in elsewhere {
        add(ignore_path, diagnostic, false);
    }
    out
}

/// What our own checks find in the Dockerfile of a project, whose text is given.
pub fn project_advice(project: &Project, text: &str) -> Vec<Diagnostic> {
    let catalogue = Catalogue::builtin().with(&project.images);
    let file = parse(text, Dialect::BuildKit);
    let plan = plan(text, &file, &Options::of(project), &catalogue);
    advise(&View::new(text, &file, &plan, Some(project), None)).0
}

/// What our own checks find in a Dockerfile alone.
pub fn advice(text: &str, file: &Dockerfile<'_>, plan: &Plan) -> Vec<Diagnostic> {
    advise(&View::new(text, file, plan, None, None)).0
}
