//! From step to image: looked up among earlier builds' images, or made anew.

use super::cache::Record;
use super::image::{self, Image};
use super::reason::{self, Probe};
use super::run::{Change, Run, State};
use super::stored::StoredLayer;
use super::{config, layer};
use crate::image::{History, ImageConfig};
use crate::simulation::{Certainty, FlowSource, Layer, Reason, Status};
use stagecraft_sandbox::tree::Tree;
use std::collections::BTreeMap;
use std::sync::Arc;

impl Run<'_> {
    /// Looks a container config up in the cache (moby `imageProber`). What it says is kept as the step's reason.
    pub(super) fn probe(
        &mut self,
        state: &State,
        container: &ImageConfig,
        sources: Option<(&BTreeMap<String, String>, FlowSource)>,
    ) -> Option<Arc<Record>> {
        let (found, reason) = if self.project.no_cache {
            (None, Reason::NoCache)
        } else if let Some(step) = self.busted {
            (None, Reason::StoppedLooking { step })
        } else if let Some(found) = self.cache.find(&state.image.id, container) {
            (Some(found), Reason::Unchanged)
        } else {
            self.busted = Some(self.current());
            let made_by = self.makers.get(&state.image.id).copied();
            let earlier = self.earlier;
            let probe = Probe { parent: &state.image.id, container, sources, made_by, earlier };
            (None, reason::miss(&self.cache, &probe))
        };
        if let Some(step) = self.steps.last_mut() {
            step.reason = reason;
            step.status = if found.is_some() { Status::Cached } else { Status::Ran };
        }
        if found.is_some() {
            self.say(" ---> Using cache");
            self.spend(1);
        }
        found
    }

    /// Goes on from a cached image; `redone` is its layer and tree where the step was played again to know where
    /// its files come from.
    pub(super) fn adopt(
        &mut self,
        state: &mut State,
        record: &Record,
        redone: Option<(Option<Layer>, Tree)>,
    ) {
        let created_by = config::created_by(&record.container);
        let writer = self.writer();
        let (layer, tree) = redone.unwrap_or_else(|| {
            let layer = record.layer.as_ref().map(|stored| stored.layer(created_by.clone(), writer));
            let tree = match &layer {
                Some(layer) => layer::apply(&state.image.tree, &layer.entries),
                None => state.image.tree.clone(),
            };
            (layer, tree)
        });
        self.certain(record.certainty.into());
        if let Some(step) = self.steps.last_mut() {
            step.work = record.duration;
        }
        self.enter(
            state,
            record.id.clone(),
            Arc::clone(&record.config),
            created_by,
            layer.map(Arc::new),
            tree,
            record.incomplete,
        );
    }

    /// Makes an image of what a step did (moby `commitContainer`, `exportImage`).
    pub(super) fn commit(&mut self, state: &mut State, container: ImageConfig, change: Change) {
        let created_by = config::created_by(&container);
        let made = change.layer.map(Arc::new);
        let layer = made.as_ref().map(StoredLayer::new);
        let count = self.cache.count().to_le_bytes();
        // What was copied has a digest already: the container's comment holds it.
        let copied = !change.sources.is_empty();
        let digest = layer.as_ref().filter(|_| !copied).map(StoredLayer::digest).unwrap_or_default();
        let (own, of_container) = (image::config_bytes(&state.config), image::config_bytes(&container));
        let parts =
            [state.image.id.as_bytes(), &own, &of_container, state.author.as_bytes(), &digest, &count];
        let id = format!("sha256:{}", image::hash(parts));
        let certainty = change.certainty.unwrap_or(Certainty::Exact);
        self.certain(certainty);
        self.cache.push(Record {
            id: id.clone(),
            parent: state.image.id.clone(),
            container,
            config: Arc::clone(&state.config),
            author: state.author.clone(),
            layer,
            incomplete: change.incomplete,
            certainty: certainty.into(),
            sources: change.sources,
            duration: self.steps.last().map_or(0, |step| step.duration),
        });
        self.makers.insert(id.clone(), self.current());
        let config = Arc::clone(&state.config);
        self.enter(state, id, config, created_by, made, change.tree, change.incomplete);
    }

    #[allow(clippy::too_many_arguments, reason = "they are an image's parts, given by two callers")]
    fn enter(
        &mut self,
        state: &mut State,
        id: String,
        config: Arc<ImageConfig>,
        created_by: String,
        layer: Option<Arc<Layer>>,
        tree: Tree,
        incomplete: bool,
    ) {
        let below = &state.image;
        let mut next = Image {
            id: id.clone(),
            config,
            top: None,
            layered: below.layered || layer.is_some(),
            tree,
            base: below.base.clone(),
            base_tree: below.base_tree.clone(),
            base_size: below.base_size,
            incomplete,
            platform: below.platform.clone(),
        };
        let history = History { created_by, empty_layer: layer.is_none() };
        if let Some(step) = self.steps.last_mut() {
            step.layer.clone_from(&layer);
        }
        next.top = Some(self.chain.add(below.top, history, layer.map(|layer| (self.current(), layer))));
        let next = Arc::new(next);
        self.images.insert(id, Arc::clone(&next));
        state.image = next;
    }
}
