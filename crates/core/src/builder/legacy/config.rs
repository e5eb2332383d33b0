//! The config that a stage builds up, and the ones that containers get from it.

use super::args::key;
use crate::image::{Healthcheck, ImageConfig};

/// `PATH` where the base sets none.
const DEFAULT_PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// As a stage starts with it: the base's, with a `PATH`.
pub(super) fn begin(base: &ImageConfig) -> ImageConfig {
    let mut config = base.clone();
    if !config.env.iter().any(|pair| key(pair) == "PATH") {
        config.env.push(DEFAULT_PATH.to_owned());
    }
    config
}

/// The shell that shell forms are run by.
pub(super) fn shell(config: &ImageConfig) -> Vec<String> {
    if config.shell.is_empty() { vec!["/bin/sh".to_owned(), "-c".to_owned()] } else { config.shell.clone() }
}

/// Of the container that only carries a change of config: its command is a comment.
pub(super) fn with_comment(config: &ImageConfig, comment: &str) -> ImageConfig {
    let mut cmd = shell(config);
    cmd.push("#(nop) ".to_owned());
    cmd.push(comment.to_owned());
    ImageConfig { cmd: Some(cmd), ..config.clone() }
}

/// The same with the comment as one word: `WORKDIR`, `COPY` and `ADD`.
pub(super) fn with_comment_word(config: &ImageConfig, comment: &str) -> ImageConfig {
    let mut cmd = shell(config);
    cmd.push(format!("#(nop) {comment}"));
    ImageConfig { cmd: Some(cmd), ..config.clone() }
}

/// What the history says an image was created by.
pub(super) fn created_by(container: &ImageConfig) -> String {
    container.cmd.as_deref().unwrap_or_default().join(" ")
}

/// Sets a variable where it stands, or at the end.
pub(super) fn set_env(env: &mut Vec<String>, name: &str, pair: String) {
    match env.iter_mut().find(|old| key(old) == name) {
        Some(old) => *old = pair,
        None => env.push(pair),
    }
}

/// What the engine fills into a new container's config from the image's (moby `daemon/commit.go`, `merge`).
pub(super) fn merge(container: &mut ImageConfig, image: &ImageConfig) {
    if container.user.is_empty() {
        container.user.clone_from(&image.user);
    }
    for port in image.exposed_ports.keys() {
        container.exposed_ports.entry(port.clone()).or_default();
    }
    for pair in &image.env {
        if !container.env.iter().any(|own| key(own) == key(pair)) {
            container.env.push(pair.clone());
        }
    }
    for (name, value) in &image.labels {
        container.labels.entry(name.clone()).or_insert_with(|| value.clone());
    }
    if container.entrypoint.as_ref().is_none_or(Vec::is_empty) {
        if container.cmd.as_ref().is_none_or(Vec::is_empty) {
            container.cmd.clone_from(&image.cmd);
        }
        if container.entrypoint.is_none() {
            container.entrypoint.clone_from(&image.entrypoint);
        }
    }
    match (&mut container.healthcheck, &image.healthcheck) {
        (Some(own), Some(check)) => merge_healthcheck(own, check),
        (None, check) => container.healthcheck.clone_from(check),
        (Some(_), None) => {}
    }
    if container.stop_signal.is_empty() {
        container.stop_signal.clone_from(&image.stop_signal);
    }
    if container.working_dir.is_empty() {
        container.working_dir.clone_from(&image.working_dir);
    }
    for volume in image.volumes.keys() {
        container.volumes.entry(volume.clone()).or_default();
    }
}

fn merge_healthcheck(own: &mut Healthcheck, image: &Healthcheck) {
    if own.test.is_empty() {
        own.test.clone_from(&image.test);
    }
    let fields = [
        (&mut own.interval, image.interval),
        (&mut own.timeout, image.timeout),
        (&mut own.start_period, image.start_period),
        (&mut own.retries, image.retries),
    ];
    for (own, image) in fields {
        if *own == 0 {
            *own = image;
        }
    }
}
