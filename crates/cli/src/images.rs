//! `--images FILE`: base images as data, in place of the built-in catalogue.

use crate::args::Failure;
use serde_json::Value;
use stagecraft_core::catalogue::Catalogue;
use stagecraft_core::image::{ImageConfig, ImageDefinition};

/// The images of the file; the built-in catalogue if there is none.
pub(crate) fn read(path: Option<&str>) -> Result<Catalogue, Failure> {
    let Some(path) = path else { return Ok(Catalogue::builtin()) };
    let text = std::fs::read_to_string(path).map_err(|e| Failure::io(path, &e))?;
    let wrong = |error: serde_json::Error| Failure::Usage(format!("{path}: {error}"));
    let mut document: Value = serde_json::from_str(&text).map_err(wrong)?;
    let default = match document.pointer_mut("/default/config") {
        Some(config) => Some(serde_json::from_value::<ImageConfig>(config.take()).map_err(wrong)?),
        None => None,
    };
    let images: Vec<ImageDefinition> = match document.get_mut("images") {
        Some(images) => serde_json::from_value(images.take()).map_err(wrong)?,
        None => Vec::new(),
    };
    Ok(Catalogue::only(default, &images))
}

/// Images of which nothing is known but what every image has: a check looks at the Dockerfile alone.
pub(crate) fn unknown() -> Catalogue {
    let config = ImageConfig {
        env: vec!["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".into()],
        cmd: Some(vec!["/bin/sh".into()]),
        ..ImageConfig::default()
    };
    Catalogue::only(Some(config), &[])
}
