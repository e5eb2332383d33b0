//! Images while a build runs: what the engine's store holds of them, with their files.

use crate::builder::hexadecimal::hex;
use crate::image::{History, ImageConfig};
use crate::resolve::Platform;
use crate::simulation::{Layer, StepId};
use sha2::{Digest, Sha256};
use stagecraft_sandbox::tree::Tree;
use std::sync::Arc;

/// An image, or the nothing that `FROM scratch` starts from (with an empty id).
#[derive(Debug, Clone, Default)]
pub(super) struct Image {
    /// `sha256:…`
    pub(super) id: String,
    pub(super) config: Arc<ImageConfig>,
    /// The step above the base that made it, in the run's [`Chain`].
    pub(super) top: Option<u32>,
    /// Some step above the base made a layer.
    pub(super) layered: bool,
    pub(super) tree: Tree,
    /// The base's reference.
    pub(super) base: Option<String>,
    pub(super) base_tree: Tree,
    pub(super) base_size: u64,
    /// Its files are not all known.
    pub(super) incomplete: bool,
    /// The platform of its programs where it is not the engine's own.
    pub(super) platform: Option<Arc<Platform>>,
}

/// What a step added to the image below it.
#[derive(Debug)]
struct Link {
    below: Option<u32>,
    history: History,
    layer: Option<(StepId, Arc<Layer>)>,
}

/// What all steps of a run added, each knowing the one below: an image costs its own step, not all before it.
#[derive(Debug, Default)]
pub(super) struct Chain(Vec<Link>);

impl Chain {
    /// Adds a step's part; its number.
    pub(super) fn add(
        &mut self,
        below: Option<u32>,
        history: History,
        layer: Option<(StepId, Arc<Layer>)>,
    ) -> u32 {
        self.0.push(Link { below, history, layer });
        self.0.len() as u32 - 1
    }

    /// History and layers of an image above its base, in order.
    #[allow(clippy::type_complexity, reason = "two lists as the image has them")]
    pub(super) fn collect(&self, top: Option<u32>) -> (Vec<History>, Vec<(StepId, Arc<Layer>)>) {
        let link = |at: Option<u32>| self.0.get(at? as usize);
        let links = std::iter::successors(link(top), |above| link(above.below));
        let (mut history, mut layers) = (Vec::new(), Vec::new());
        for link in links {
            history.push(link.history.clone());
            layers.extend(link.layer.clone());
        }
        history.reverse();
        layers.reverse();
        (history, layers)
    }
}

/// The first twelve digits, as the log shows ids; an id that is none stays as it is.
pub(super) fn short(id: &str) -> &str {
    let digits = id.strip_prefix("sha256:").unwrap_or(id);
    digits.get(..12).unwrap_or(digits)
}

/// Hexadecimal SHA-256 over parts, each ended so that none can pass for another.
pub(super) fn hash<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hex(&hash.finalize())
}

/// All of a config that makes a difference to an image's id, as bytes.
pub(super) fn config_bytes(config: &ImageConfig) -> Vec<u8> {
    let mut out = Vec::new();
    let mut put = |key: &str, value: &str| {
        for text in [key, value] {
            out.extend((text.len() as u64).to_le_bytes());
            out.extend(text.as_bytes());
        }
    };
    let lists = [
        ("env", Some(&config.env)),
        ("cmd", config.cmd.as_ref()),
        ("entrypoint", config.entrypoint.as_ref()),
        ("shell", Some(&config.shell)),
        ("onbuild", Some(&config.on_build)),
    ];
    for (key, list) in lists {
        for word in list.into_iter().flatten() {
            put(key, word);
        }
    }
    for (key, value) in &config.labels {
        put(key, value);
    }
    for (key, names) in [("port", &config.exposed_ports), ("volume", &config.volumes)] {
        for name in names.keys() {
            put(key, name);
        }
    }
    put("dir", &config.working_dir);
    put("user", &config.user);
    put("signal", &config.stop_signal);
    if let Some(check) = &config.healthcheck {
        put("health", &super::text::healthcheck(check));
    }
    out
}
