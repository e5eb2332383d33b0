//! The front end that a file asks for, or `--build-arg BUILDKIT_SYNTAX`: an image that is fetched before the file is
//! read as a Dockerfile (`frontend/dockerfile/builder`, `frontend/gateway`). Whichever it is, the file is then taken
//! as today's own front end takes it: what another one does nobody here knows, and that is said.

use super::front::{Front, timed};
use super::log::Extra;
use super::store::Store;
use crate::builder::cost;
use crate::builder::timing::Timing;
use crate::catalogue::Catalogue;
use crate::plan::{Finding, PlanError};
use crate::project::Project;
use crate::simulation::{Reason, Status};
use stagecraft_dockerfile::reference::Reference;
use stagecraft_dockerfile::{Diagnostic, Dockerfile, Phase, Severity, Span, directive};
use std::borrow::Cow;

/// Repositories of the front end that reads Dockerfiles as Docker documents them, wherever they are mirrored.
const OWN: [&str; 2] = ["docker/dockerfile", "docker/dockerfile-upstream"];

/// The front end that is asked for.
pub(super) struct Asked {
    /// The image as it is written.
    written: String,
    /// Its normalized name with a tag, or why there is none.
    pub image: Result<String, String>,
    /// Where the file says so; nowhere where the command line does.
    place: Option<(Span, u32)>,
}

/// What the command line or else the file asks for.
pub(super) fn asked(project: &Project, text: &str, file: &Dockerfile<'_>) -> Option<Asked> {
    // Most files ask for none: what looks closer is not even loaded for them (docs/architecture.md).
    if project.build_args.is_empty() && !text.contains("syntax") {
        return None;
    }
    let argument = project.build_args.iter().rev().find(|(name, _)| name == "BUILDKIT_SYNTAX");
    let (value, place) = if let Some((_, value)) = argument {
        (Cow::Borrowed(value.trim()), None)
    } else {
        let value = directive::syntax(text)?;
        let written = file.directives.iter().find(|directive| directive.name == "syntax");
        let place = written.map(|directive| (directive.value.span, directive.line));
        (value, Some(place.unwrap_or((Span::default(), 1))))
    };
    let written = value.split(' ').next().unwrap_or_default().to_owned();
    let image = Reference::full(&written);
    Some(Asked { written, image, place })
}

/// Fetches the front end, as the gateway does: two steps, or the error that ends the build.
///
/// # Errors
/// The image's name is none, or there is no such image.
pub(super) fn fetch(
    front: &mut Front<'_>,
    asked: &Asked,
    catalogue: &Catalogue,
    store: &Store,
    timing: &Timing<'_>,
) -> Result<(), PlanError> {
    let span = asked.place.map(|(span, _)| span);
    let refuse = |message: String| PlanError {
        message,
        lines: asked.place.map(|(_, line)| (line, line)).into_iter().collect(),
        span,
        late: false,
    };
    let image = asked.image.as_ref().map_err(|why| refuse(why.clone()))?;
    let name = format!("resolve image config for docker-image://{image}");
    let mut resolve = timed(timing, name, front.end(), cost::METADATA);
    resolve.span = span;
    if catalogue.config(image).is_none() {
        let message = format!("failed to resolve source metadata for {image}: {image}: not found");
        resolve.status = Status::Failed;
        front.steps.push(resolve);
        front.extra.push(Extra { error: Some(message.clone()), ..Extra::default() });
        return Err(refuse(message));
    }
    front.steps.push(resolve);
    let known = store.images.contains(image);
    let model = if known { 0 } else { cost::pull(SIZE) };
    let mut pull = timed(timing, format!("docker-image://{image}"), front.end(), model);
    pull.span = span;
    if known {
        (pull.status, pull.reason) = (Status::Cached, Reason::Unchanged);
    }
    front.steps.push(pull);
    front.extra.extend([Extra::default(), Extra::default()]);
    if !OWN.iter().any(|own| repository(image).ends_with(own)) {
        let diagnostic = foreign(asked);
        front.plan.findings.push(Finding { diagnostic, stage: None, needed: true, early: false });
    }
    Ok(())
}

/// Bytes of the image `docker/dockerfile:1`, compressed, as of 2026.
const SIZE: u64 = 12_700_000;

fn repository(image: &str) -> &str {
    let name = image.split('@').next().unwrap_or(image);
    name.rsplit_once(':').map_or(name, |(repository, _)| repository)
}

fn foreign(asked: &Asked) -> Diagnostic {
    let (span, line) = asked.place.unwrap_or_default();
    Diagnostic {
        code: "front-end-unknown".into(),
        severity: Severity::Info,
        phase: Phase::Plan,
        message: format!("Nobody here knows what the front end {} makes of this file", asked.written),
        span,
        lines: vec![(line, line)],
        help: Some("The build is shown as Docker's own front end would have it.".into()),
        fix: None,
    }
}
