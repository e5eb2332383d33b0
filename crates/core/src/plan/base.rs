//! Base images and named contexts (BuildKit `resolveBaseImage`, `dockerui.NamedContext`).

use super::arguments::SCRATCH;
use super::caption::prefix;
use super::fault::Fault;
use super::planner::Planner;
use super::state::Value;
use super::{Image, Local, Op, OpKind, Origin, Source, StageStep};
use crate::check;
use crate::image::ImageConfig;
use crate::project::NamedContext;
use crate::resolve::{BaseImage, Platform};
use crate::simulation::StageId;
use smol_str::SmolStr;
use stagecraft_dockerfile::reference::Reference;
use stagecraft_dockerfile::suggest;
use std::sync::Arc;

/// `PATH` where neither image nor Dockerfile sets one.
pub(super) const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

impl<'a> Planner<'a> {
    /// Gives every state that starts from an image its file system and config.
    pub(super) fn resolve_bases(&mut self) {
        // BuildKit resolves all at once and stops at the first failure. A reference that does not parse fails before
        // anything is asked, and of those the one that was started last runs first.
        let earlier = self.findings.len();
        let mut last_invalid = None;
        for at in 0..self.states.len() {
            let Some(state) = self.states.get_mut(at) else { continue };
            if state.base.is_some() || state.dispatched || state.resolved || state.broken {
                continue;
            }
            state.resolved = true;
            if state.base_name == SCRATCH && state.named_context.is_none() {
                state.value = empty(&self.target_platform);
                state.platform = Some(self.target_platform.clone());
                state.dispatched = state.unregistered;
                continue;
            }
            let outcome = self.resolve_base(at);
            let Some(state) = self.states.get_mut(at) else { continue };
            state.dispatched |= state.unregistered;
            if let Err(fault) = outcome {
                let site = state.site;
                state.broken = true;
                let global = fault.code == "invalid-reference";
                let fault = if site.lines == (0, 0) { fault } else { fault.located(site.lines) };
                let fault = if state.base_span == stagecraft_dockerfile::Span::default() {
                    fault
                } else {
                    let span = state.base_span;
                    fault.at(span)
                };
                if global {
                    last_invalid = Some(self.findings.len());
                }
                self.fail(fault, if global { None } else { Some(at) }, site.span);
            }
        }
        if let Some(found) = last_invalid.and_then(|at| self.findings.get_mut(earlier..=at)) {
            found.rotate_right(1);
        }
    }

    fn resolve_base(&mut self, at: usize) -> Result<(), Fault> {
        let Some(state) = self.states.get(at) else { return Ok(()) };
        let written = state.base_written.clone();
        let site = state.site;
        // It was read before, unless build arguments made another one of it.
        let known = state.stage.and_then(|stage| self.default_bases.get_mut(stage));
        let known = known.filter(|(name, full)| *name == written && !full.is_empty());
        let full = match known {
            Some((_, full)) => std::mem::take(full),
            None => Reference::full(&written).map_err(|error| {
                let quoted = stagecraft_dockerfile::go::quote(&written);
                Fault::new("invalid-reference", format!("failed to parse stage name {quoted}: {error}"))
            })?,
        };
        let platform = state.platform.clone().unwrap_or_else(|| self.target_platform.clone());
        if let Some((name, context)) = state.named_context {
            return self.load_context(at, name, context, Some(&platform), false);
        }
        if let Ok(Some((name, context))) = self.named_context(&full, Some(&platform)) {
            return self.load_context(at, name, context, Some(&platform), true);
        }
        let Some(image) = self.images.resolve(&full, &platform) else {
            let known =
                self.states.iter().map(|state| state.label.as_str()).filter(|label| !label.is_empty());
            let common = common_images();
            let mut message =
                format!("{written}: failed to resolve source metadata for {full}: {full}: not found");
            suggest::append(&mut message, &written, known.chain(common.iter().map(String::as_str)), true);
            return Err(Fault::new("image-not-found", message));
        };
        let digested = match &image.digest {
            Some(digest) if !full.contains('@') => format!("{full}@{digest}"),
            _ => full,
        };
        let reference: SmolStr = digested.as_str().into();
        let mut value = from_image(&image);
        let mut caption = SmolStr::default();
        if !image.empty {
            let shown = if self.multi_platform() { platform.to_string() } else { String::new() };
            if let Some(state) = self.states.get_mut(at) {
                caption = prefix(&mut self.scratch, state, &["FROM ", &digested].concat(), &shown);
            }
            let source = Source::Image(Image { reference: reference.clone() });
            let mut op = Op::new(caption.clone(), OpKind::Source(source));
            let shared = Arc::new(platform.clone());
            if let Some(state) = self.states.get_mut(at)
                && shared.is_normalized()
            {
                state.exec_platform = Some(Arc::clone(&shared));
            }
            op.platform = Some(shared);
            let lines = Some(site.lines).filter(|lines| lines.0 > 0);
            op.origins.extend(self.origin_of(at).map(|origin| Origin { lines, ..origin }));
            value.out = Some(self.arena.add(op));
            if let Some(warning) =
                check::invalid_base_image_platform::check(&written, &platform, &image.platform)
            {
                let lint = std::mem::take(&mut self.lint);
                let span = self.states.get(at).map(|state| state.base_span).unwrap_or_default();
                self.warn(&lint, Some(at), site, warning.at(span));
                self.lint = lint;
            }
        }
        let Some(state) = self.states.get_mut(at) else { return Ok(()) };
        state.base_name = reference;
        if let (Some(vertex), false) = (value.out, state.unregistered) {
            state.steps.push(StageStep {
                instruction: site.instruction,
                caption,
                op: Some(vertex),
                ..StageStep::default()
            });
        }
        state.value = value;
        state.platform = Some(platform);
        Ok(())
    }

    /// The stage of the file that a state belongs to: its own, or the first that takes from it.
    pub(super) fn stage_of(&self, at: usize) -> Option<StageId> {
        let mut state = self.states.get(at)?;
        // Those who own stand before those whom they own.
        while let (None, Some(owner)) = (state.stage, state.owner) {
            state = self.states.get(owner)?;
        }
        state.stage.map(|stage| StageId(stage as u32))
    }

    /// Where the op comes from that a state starts with.
    fn origin_of(&self, at: usize) -> Option<Origin> {
        let site = self.states.get(at)?.site;
        let stage = self.stage_of(at)?;
        Some(Origin { stage, instruction: site.instruction, span: site.span, lines: None, onbuild: false })
    }

    /// The context given for a name, with its name as given (BuildKit `Client.NamedContext`).
    pub(super) fn named_context(
        &self,
        name: &str,
        platform: Option<&Platform>,
    ) -> Result<Option<(&'a str, &'a NamedContext)>, String> {
        let Some(contexts) = self.options.contexts else { return Ok(None) };
        if name.eq_ignore_ascii_case(SCRATCH) || name.eq_ignore_ascii_case("context") {
            return Ok(None);
        }
        let reference = Reference::parse_normalized(name)
            .map_err(|error| format!("invalid context name {name}: {error}"))?;
        let familiar = reference.familiar();
        let familiar = familiar.strip_suffix(":latest").unwrap_or(&familiar);
        let default = Platform::default();
        let platform = platform.unwrap_or(&default).normalized();
        let for_platform = format!("{familiar}::{platform}");
        let found = contexts.get_key_value(&for_platform).or_else(|| contexts.get_key_value(familiar));
        Ok(found.map(|(name, context)| (name.as_str(), context)))
    }

    fn load_context(
        &mut self,
        at: usize,
        name: &str,
        context: &NamedContext,
        platform: Option<&Platform>,
        in_place_of_image: bool,
    ) -> Result<(), Fault> {
        let target = self.target_platform.clone();
        let platform = platform.cloned().unwrap_or_else(|| target.clone());
        let (mut value, kind, caption, image_platform) = match context {
            NamedContext::Files(_) => (
                Value::default(),
                Some(OpKind::Source(Source::Local(Local { name: name.into(), follow_paths: Vec::new() }))),
                format!("[context {name}] load from client"),
                None,
            ),
            NamedContext::Image(reference) => {
                let written = reference.strip_prefix("docker-image://").unwrap_or(reference);
                if written == SCRATCH {
                    (Value::default(), None, String::new(), None)
                } else {
                    let full =
                        Reference::full(written).map_err(|error| Fault::new("invalid-reference", error))?;
                    let Some(image) = self.images.resolve(&full, &platform) else {
                        let message =
                            format!("failed to resolve source metadata for {full}: {full}: not found");
                        return Err(Fault::new("image-not-found", message));
                    };
                    let kind = OpKind::Source(Source::Image(Image { reference: full.as_str().into() }));
                    let caption = format!("[context {name}] {written}");
                    (from_image(&image), Some(kind), caption, Some(image.platform.clone()))
                }
            }
        };
        if let Some(kind) = kind {
            let is_image = matches!(kind, OpKind::Source(Source::Image(_)));
            let mut op = Op::new(caption.into(), kind);
            op.platform = is_image.then(|| Arc::new(platform.clone()));
            op.origins.extend(self.origin_of(at));
            value.out = Some(self.arena.add(op));
        }
        if image_platform.is_none() && in_place_of_image {
            let out = value.out;
            value = empty(&platform);
            value.out = out;
        }
        let Some(state) = self.states.get_mut(at) else { return Ok(()) };
        state.platform = Some(if in_place_of_image { platform } else { image_platform.unwrap_or(platform) });
        state.value = value;
        // A context that stands for a whole stage takes the place of the stage's instructions.
        state.dispatched |= !in_place_of_image;
        Ok(())
    }
}

/// The image that `FROM scratch` starts with (BuildKit `emptyImage`).
fn empty(platform: &Platform) -> Value {
    let mut config = ImageConfig { working_dir: "/".into(), ..ImageConfig::default() };
    if platform.os != "windows" {
        config.env = vec![format!("PATH={DEFAULT_PATH}")];
    }
    Value { config: Arc::new(config), image_platform: platform.clone(), ..Value::default() }
}

fn from_image(image: &BaseImage) -> Value {
    Value { config: Arc::clone(&image.config), image_platform: image.platform.clone(), ..Value::default() }
}

/// What BuildKit offers besides stages where an image is not found.
fn common_images() -> Vec<String> {
    ["alpine", "busybox", "centos", "debian", "golang", "ubuntu", "fedora"]
        .iter()
        .flat_map(|name| {
            [
                (*name).to_owned(),
                format!("docker.io/library{name}"),
                format!("{name}:latest"),
                format!("docker.io/library{name}:latest"),
            ]
        })
        .collect()
}
