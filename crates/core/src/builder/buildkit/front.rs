//! What happens before the first operation: the definition, metadata of base images, the ignore file, the plan.

use super::gateway;
use super::log::{Extra, bytes};
use super::source::{packet, patterns, text};
use super::store::Store;
use crate::builder::cost;
use crate::builder::timing::Timing;
use crate::catalogue::Catalogue;
use crate::image::ImageConfig;
use crate::plan::{self, Network, OpKind, Plan, Security, Source};
use crate::project::{NamedContext, Project};
use crate::resolve::{BaseImage, Options, Platform};
use crate::simulation::{
    Build, BuildError, Builder, Certainty, DurationSource, Reason, Status, Step, StepKind,
};
use stagecraft_dockerfile::{Dockerfile, Severity};
use stagecraft_sandbox::tree::Tree;
use std::cell::RefCell;
use std::sync::Arc;

/// The plan and the steps up to it.
pub(super) struct Front<'a> {
    pub plan: Plan,
    /// Patterns of the ignore file.
    pub ignore: Vec<String>,
    pub steps: Vec<Step>,
    pub extra: Vec<Extra>,
    /// The Dockerfile and what it is called in errors.
    pub text: &'a str,
    pub name: String,
}

impl Front<'_> {
    /// Directories given by name have ignore files of their own, read when the name is resolved.
    fn named_contexts(&mut self, project: &Project, start: u64, timing: &Timing<'_>) {
        let locals = self.plan.ops.iter().filter_map(|op| match &op.kind {
            OpKind::Source(Source::Local(local)) => project.contexts.get_key_value(&*local.name),
            _ => None,
        });
        let found: Vec<(&String, &NamedContext)> = locals.collect();
        for (name, context) in found {
            let NamedContext::Files(files) = context else { continue };
            let sent =
                text(files, ".dockerignore").map_or(0, |text| packet(".dockerignore") + text.len() as u64);
            let caption = format!("[context {name}] load .dockerignore");
            self.steps.push(timed(timing, caption, start, cost::IGNORE_FILE));
            let notes = vec![format!("transferring {name}: {} done", bytes(2 + sent))];
            self.extra.push(Extra { notes, ..Extra::default() });
        }
    }

    /// When the last of its steps ends.
    pub(super) fn end(&self) -> u64 {
        self.steps.iter().map(|step| step.start + step.duration).max().unwrap_or(0)
    }
}

/// The chosen Dockerfile's text.
pub(super) fn dockerfile(project: &Project) -> Option<&str> {
    text(&project.files, &project.dockerfile)
}

/// A step of the front end.
pub(super) fn internal(name: String, start: u64, duration: u64) -> Step {
    Step {
        name,
        kind: StepKind::Internal,
        stage: None,
        instruction: None,
        span: None,
        status: Status::Ran,
        reason: Reason::Always,
        inputs: Vec::new(),
        flows: Vec::new(),
        start,
        duration,
        work: duration,
        duration_source: DurationSource::Model,
        entry: None,
        lane: 0,
        critical: false,
        before: Tree::new(),
        after: Tree::new(),
        layer: None,
        config: Arc::new(ImageConfig::default()),
        output: Vec::new(),
        certainty: Certainty::Exact,
    }
}

/// As [`internal`], with the duration that is known.
pub(super) fn timed(timing: &Timing<'_>, name: String, start: u64, model: u64) -> Step {
    let (duration, duration_source, entry) = timing.of_caption(&name, model);
    Step { duration_source, entry, ..internal(name, start, duration) }
}

fn file_name(project: &Project) -> &str {
    project.dockerfile.rsplit('/').next().unwrap_or(&project.dockerfile)
}

fn definition(project: &Project, sent: u64, timing: &Timing<'_>) -> (Step, Extra) {
    let name = format!("[internal] load build definition from {}", file_name(project));
    let step = timed(timing, name, 0, cost::DEFINITION);
    let notes = vec![format!("transferring dockerfile: {} done", bytes(sent))];
    (step, Extra { notes, ..Extra::default() })
}

/// The answer where there is no Dockerfile.
pub(super) fn without_dockerfile(project: &Project) -> Build {
    let (step, extra) = definition(project, 2, &Timing::of(project, Builder::BuildKit));
    let message =
        format!("failed to read dockerfile: open {}: no such file or directory", file_name(project));
    let steps = vec![step];
    let mut log = super::log::print(&steps, &[extra]);
    log.extend(super::log::failure(None, &[], Vec::new(), &message));
    Build {
        duration: steps.iter().map(|step| step.duration).sum(),
        steps,
        log,
        error: Some(BuildError { message, span: None, lines: Vec::new(), step: None }),
        ..crate::builder::empty(Builder::BuildKit)
    }
}

/// Plans, and notes what had to be asked for.
pub(super) fn plan<'a>(
    project: &'a Project,
    catalogue: &Catalogue,
    text: &'a str,
    file: &Dockerfile<'_>,
    store: &Store,
    timing: &Timing<'_>,
) -> Front<'a> {
    let (ignore_name, ignore_text) = ignore_file(project);
    let ignore = ignore_text.map(patterns).unwrap_or_default();
    let asked: RefCell<Vec<(String, bool)>> = RefCell::new(Vec::new());
    let images = |reference: &str, platform: &Platform| {
        let config = catalogue.config(reference);
        let mut asked = asked.borrow_mut();
        if !asked.iter().any(|(name, _)| name == reference) {
            asked.push((reference.to_owned(), config.is_some()));
        }
        config.map(|config| {
            Arc::new(BaseImage {
                config: Arc::new(config),
                platform: platform.clone(),
                digest: None,
                empty: false,
            })
        })
    };
    let options = Options { ignore: ignore.clone(), ..Options::of(project) };
    let plan = plan::plan(text, file, &options, &images);
    let (step, extra) = definition(project, 2 + packet(file_name(project)) + text.len() as u64, timing);
    let mut front = Front {
        plan,
        ignore,
        steps: vec![step],
        extra: vec![extra],
        text,
        name: file_name(project).to_owned(),
    };
    let reached = reached(&front.plan);
    if let Some(asked) = gateway::asked(project, text, file)
        && let Err(error) = gateway::fetch(&mut front, &asked, catalogue, store, timing)
    {
        front.plan.error = Some(error);
        return front;
    }
    if reached == Reached::Definition {
        return front;
    }
    let start = front.end();
    let needed = |reference: &str| {
        front.plan.stages.iter().any(|stage| {
            stage.needed
                && matches!(&stage.base, crate::simulation::Base::Image(name) if &**name == reference)
        }) || front.plan.ops.iter().any(|op| match &op.kind {
            OpKind::Source(Source::Image(image)) => &*image.reference == reference,
            _ => false,
        })
    };
    let blamed = |name: &str| front.plan.error.as_ref().is_some_and(|error| error.message.contains(name));
    let asked = asked.into_inner().into_iter();
    let asked: Vec<(String, bool)> =
        asked.filter(|(name, exists)| needed(name) || (!exists && blamed(name))).collect();
    for (reference, exists) in asked {
        let mut step =
            timed(timing, format!("[internal] load metadata for {reference}"), start, cost::METADATA);
        let mut extra = Extra::default();
        if !exists {
            step.status = Status::Failed;
            extra.error = front.plan.error.as_ref().map(|error| error.message.clone());
        }
        front.steps.push(step);
        front.extra.push(extra);
    }
    front.named_contexts(project, start, timing);
    if reached == Reached::Metadata {
        return front;
    }
    if ignore_name == ".dockerignore" {
        let step = timed(timing, "[internal] load .dockerignore".to_owned(), front.end(), cost::IGNORE_FILE);
        let sent = 2 + ignore_text.map_or(0, |text| packet(".dockerignore") + text.len() as u64);
        front.steps.push(step);
        let notes = vec![format!("transferring context: {} done", bytes(sent))];
        front.extra.push(Extra { notes, ..Extra::default() });
    }
    front
}

/// How far the front end got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reached {
    Definition,
    Metadata,
    Dispatch,
}

fn reached(plan: &Plan) -> Reached {
    let Some(error) = plan.error.as_ref().filter(|error| !error.late) else { return Reached::Dispatch };
    let found = plan.findings.iter().find(|finding| {
        finding.needed
            && finding.diagnostic.severity == Severity::Error
            && finding.diagnostic.message == error.message
    });
    let first = plan.findings.iter().find(|f| f.needed && f.diagnostic.severity == Severity::Error);
    match found.or(first) {
        Some(finding) if finding.early => Reached::Definition,
        Some(finding) if ["image-not-found", "invalid-reference"].contains(&&*finding.diagnostic.code) => {
            Reached::Metadata
        }
        _ => Reached::Dispatch,
    }
}

/// What a builder without entitlements refuses as soon as it loads the plan.
pub(super) fn entitlement(plan: &Plan) -> Option<String> {
    plan.ops.iter().find_map(|op| {
        let OpKind::Exec(exec) = &op.kind else { return None };
        let wanted = match (exec.network, exec.security) {
            (Network::Host, _) => "network.host",
            (_, Security::Insecure) => "security.insecure",
            _ => return None,
        };
        Some(format!("failed to load LLB: {wanted} is not allowed"))
    })
}

/// `NAME.dockerignore` beside the Dockerfile, else `.dockerignore`.
fn ignore_file(project: &Project) -> (String, Option<&str>) {
    let own = format!("{}.dockerignore", project.dockerfile);
    match text(&project.files, &own) {
        Some(found) => (own, Some(found)),
        None => (".dockerignore".to_owned(), text(&project.files, ".dockerignore")),
    }
}
