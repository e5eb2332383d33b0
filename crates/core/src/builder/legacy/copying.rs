//! `COPY` and `ADD` in a stage: where from, the cache, the new image.

use super::config::{created_by, with_comment_word};
use super::dispatch::{mount, requires_buildkit};
use super::image::{Image, hash};
use super::run::{Change, Failure, Run, State};
use super::stage::Edge;
use super::{copy, layer};
use crate::builder::cost;
use crate::builder::unlisted::spreads;
use crate::resolve::Platform;
use crate::simulation::{Certainty, Flow, FlowSource, StageId};
use stagecraft_dockerfile::instruction::Copy;
use std::collections::BTreeMap;
use std::sync::Arc;

impl Run<'_> {
    pub(super) fn copy(
        &mut self,
        state: &mut State,
        words: &Copy<'_>,
        add: bool,
        env: &BTreeMap<String, String>,
    ) -> Result<(), Failure> {
        let chown = words.chown.as_ref().map_or("", |word| &word.text);
        let chown = self.expand(chown, env)?;
        let sources = self.expand_all(&words.sources, env)?;
        let dest = self.expand(&words.destination.text, env)?;
        if words.chmod.as_ref().is_some_and(|mode| !mode.text.is_empty()) {
            return Err(requires_buildkit("chmod"));
        }
        let from = words.from.as_ref().map(|word| &*word.text).filter(|from| !from.is_empty() && !add);
        let (flow, source_image) = match from {
            Some(name) => {
                let (flow, image) = self.source_image(state.id, name).map_err(|error| {
                    Failure::from(format!("invalid from flag value {name}: {}", error.message))
                })?;
                (flow, Some(image))
            }
            None => (FlowSource::Context, None),
        };
        let context = self.context;
        let tree = source_image.as_ref().map_or(context, |image| &image.tree);
        let id = |what: &[u8]| hash([what, state.image.id.as_bytes(), &self.steps.len().to_le_bytes()]);
        let (from_mount, to_mount) = (
            mount(&id(b"from"), source_image.as_ref().is_some_and(|image| has_layers(image))),
            mount(&id(b"to"), has_layers(&state.image)),
        );
        let request = copy::Request {
            add,
            sources: &sources,
            dest: &dest,
            chown: &chown,
            from: tree,
            context: source_image.is_none(),
            from_mount: &from_mount,
            incomplete: source_image.as_ref().is_some_and(|image| image.incomplete),
        };
        let plan = request.plan()?;
        let (files, bytes, hashes) = request.measure(&plan);
        for source in &sources {
            let remote = source.starts_with("http://") || source.starts_with("https://");
            let source_of = if remote { FlowSource::Remote(source.clone()) } else { flow.clone() };
            // Counted once, with the first source.
            let first = sources.first() == Some(source);
            self.flow(Flow {
                source: source_of,
                path: source.clone(),
                files: if first { files } else { 0 },
                bytes: if first { bytes } else { 0 },
                mount: false,
            });
        }
        for _ in 0..plan.downloads {
            self.say("");
            self.spend(cost::download(0));
        }
        let container = with_comment_word(&state.config, &plan.comment);
        let cached = self.probe(state, &container, Some((&hashes, flow)));
        let tree =
            request.perform(&plan, &state.image.tree, &state.config.working_dir, self.writer(), &to_mount);
        if let Some(record) = cached {
            let redone = tree.ok().map(|tree| {
                let entries = layer::diff(&state.image.tree, &tree);
                (layer::make(entries, &created_by(&container)), tree)
            });
            self.adopt(state, &record, redone);
            return Ok(());
        }
        let tree = tree?;
        self.spend(cost::copy(files, bytes) + cost::COMMIT);
        let layer = layer::make(layer::diff(&state.image.tree, &tree), &created_by(&container));
        let dest = request.destination(&state.config.working_dir);
        let incomplete = state.image.incomplete
            || source_image.is_some_and(|image| {
                let spread = |source: &String| {
                    spreads(&image.tree, image.incomplete, &format!("/{source}"), &state.image.tree, &dest)
                };
                sources.iter().any(spread)
            });
        let certainty = plan.unknown.then_some(Certainty::Unknown);
        self.commit(state, container, Change { layer, tree, incomplete, certainty, sources: hashes });
        Ok(())
    }

    /// The image behind `--from`.
    fn source_image(&mut self, by: StageId, name: &str) -> Result<(FlowSource, Arc<Image>), Failure> {
        if let Some(on) = self.results.get(name)? {
            self.results.edges.push(Edge { by: by.0 as usize, on, base: false });
            let id = self.results.image(on).to_owned();
            let image = self.images.get(&id).cloned().unwrap_or_default();
            return Ok((FlowSource::Stage(StageId(on as u32)), image));
        }
        let platform = Platform::parse(&self.project.platform).unwrap_or_default();
        let image = self.pull(name, platform)?;
        Ok((FlowSource::Image(image.base.clone().unwrap_or_default()), image))
    }
}

fn has_layers(image: &Image) -> bool {
    image.base.is_some() || image.layered
}
