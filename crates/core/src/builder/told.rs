//! What a build says in texts of pieces that nobody knows, such as the last part of a version: `18.…`.

use crate::image::ImageConfig;
use crate::simulation::{Build, Layer};
use stagecraft_sandbox::UNKNOWN;
use std::sync::Arc;

/// Writes `…` for what is not known, wherever a person reads it.
pub(super) fn tell(build: &mut Build) {
    if !build.steps.iter().any(|step| has_unknown(&step.config)) {
        return;
    }
    for step in &mut build.steps {
        text(&mut step.name);
        config(&mut step.config);
        if let Some(own) = &mut step.layer {
            layer(own);
        }
    }
    for line in &mut build.log {
        text(&mut line.text);
    }
    if let Some(error) = &mut build.error {
        text(&mut error.message);
    }
    if let Some(image) = &mut build.image {
        config(&mut image.config);
        image.history.iter_mut().for_each(|item| text(&mut item.created_by));
        image.layers.iter_mut().for_each(|(_, own)| layer(own));
    }
}

fn has_unknown(config: &ImageConfig) -> bool {
    config.env.iter().any(|pair| pair.contains(UNKNOWN))
}

fn text(text: &mut String) {
    if text.contains(UNKNOWN) {
        *text = text.replace(UNKNOWN, "…");
    }
}

fn layer(layer: &mut Arc<Layer>) {
    if layer.created_by.contains(UNKNOWN) {
        text(&mut Arc::make_mut(layer).created_by);
    }
}

fn config(config: &mut Arc<ImageConfig>) {
    if !has_unknown(config) {
        return;
    }
    let config = Arc::make_mut(config);
    config.env.iter_mut().for_each(text);
    text(&mut config.working_dir);
    text(&mut config.user);
    config.labels.values_mut().for_each(text);
    config.cmd.iter_mut().chain(&mut config.entrypoint).flatten().for_each(text);
}
