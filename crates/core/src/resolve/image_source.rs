//! Where base images come from.

use super::Platform;
use crate::image::ImageConfig;
use std::sync::Arc;

/// What a plan must know of a base image.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BaseImage {
    /// Its config.
    pub config: Arc<ImageConfig>,
    /// The platform that it says it is for.
    pub platform: Platform,
    /// `sha256:…`, where captions and identifiers shall name it.
    pub digest: Option<Arc<str>>,
    /// It has no layer at all, so a stage on it starts from nothing.
    pub empty: bool,
}

/// Gives base images by reference: a catalogue, an image file, a test's table.
pub trait ImageSource {
    /// The image behind a normalized reference (`docker.io/library/alpine:3.19`) for a platform; `None` if there is
    /// no such image.
    fn resolve(&self, reference: &str, platform: &Platform) -> Option<Arc<BaseImage>>;
}

/// No image exists.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoImages;

impl ImageSource for NoImages {
    fn resolve(&self, _reference: &str, _platform: &Platform) -> Option<Arc<BaseImage>> {
        None
    }
}

impl<F: Fn(&str, &Platform) -> Option<Arc<BaseImage>>> ImageSource for F {
    fn resolve(&self, reference: &str, platform: &Platform) -> Option<Arc<BaseImage>> {
        self(reference, platform)
    }
}

impl ImageSource for crate::catalogue::Catalogue {
    /// The catalogue knows one variant of each image and takes it to be there for every platform.
    fn resolve(&self, reference: &str, platform: &Platform) -> Option<Arc<BaseImage>> {
        let config = Arc::new(self.config(reference)?);
        Some(Arc::new(BaseImage { config, platform: platform.clone(), digest: None, empty: false }))
    }
}

#[cfg(test)]
mod tests {
    use crate::catalogue::Catalogue;

    #[test]
    fn the_config_alone_is_that_of_the_image() {
        let catalogue = Catalogue::builtin();
        for reference in ["golang:1.22", "docker.io/library/alpine:3.19", "nobody/knows:it"] {
            assert_eq!(
                catalogue.config(reference),
                catalogue.resolve(reference).map(|image| image.config.clone())
            );
        }
        assert_eq!(Catalogue::only(None, &[]).config("alpine"), None);
    }
}
