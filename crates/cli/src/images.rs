//! `--images FILE`: base images as data, in place of the built-in catalogue; `--image [NAME=]FILE`: an image that was saved
//! as an archive, over it.

use crate::args::{Args, Failure};
use serde_json::Value;
use stagecraft_core::catalogue::{Catalogue, familiar};
use stagecraft_core::image::{ImageConfig, ImageDefinition};
use stagecraft_core::saved::{self, SavedImage};

/// The images that both options give; the built-in catalogue under those of archives if there is no file.
pub(crate) fn read(args: &mut Args) -> Result<Catalogue, Failure> {
    let mut catalogue = from_file(args.value(&["--images"])?.as_deref())?;
    for given in args.values(&["--image"])? {
        // A path may hold the sign too.
        let (name, path) = match given.split_once('=') {
            Some((name, path)) if !std::path::Path::new(&given).exists() => (Some(name), path),
            _ => (None, given.as_str()),
        };
        let mut images = archive(path)?;
        if let Some(name) = name {
            for image in &mut images {
                image.names = vec![familiar(name)];
            }
        }
        if images.iter().all(|image| image.names.is_empty()) {
            let message =
                format!("--image {path}: the image has no name; give it one with --image NAME={path}");
            return Err(Failure::Usage(message));
        }
        catalogue = catalogue.with_saved(&images);
    }
    Ok(catalogue)
}

/// The images of an archive, that for the platform of builds last: of two with one name it is the one that counts.
pub(crate) fn archive(path: &str) -> Result<Vec<SavedImage>, Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::io(path, &error))?;
    let mut images = saved::read(&bytes).map_err(|why| Failure::Io(format!("{path}: {why}")))?;
    saved::put_last(&mut images, "linux/amd64");
    Ok(images)
}

/// The images of the file; the built-in catalogue if there is none.
pub(crate) fn from_file(path: Option<&str>) -> Result<Catalogue, Failure> {
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
