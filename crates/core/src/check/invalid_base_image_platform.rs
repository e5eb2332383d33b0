//! The base image is for another platform than the build.
//!
//! Programs of another architecture do not start without emulation.
//!
//! ```dockerfile
//! # bad, for linux/amd64
//! FROM arm64v8/alpine
//! # good
//! FROM alpine
//! ```

use super::{Rule, Warning};
use crate::resolve::Platform;

/// The rule.
pub const RULE: Rule = Rule {
    name: "InvalidBaseImagePlatform",
    description: "Base image platform does not match expected target platform",
    page: "",
    experimental: false,
};

/// `image` as written.
pub fn check(image: &str, expected: &Platform, actual: &Platform) -> Option<Warning> {
    if expected.os == actual.os && expected.architecture == actual.architecture {
        return None;
    }
    Some(Warning::new(
        &RULE,
        format!(
            "Base image {image} was pulled with platform \"{}\", expected \"{}\" for current build",
            actual.normalized(),
            expected.normalized()
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_and_architecture_must_agree() {
        let amd64 = Platform::default();
        assert_eq!(check("a", &amd64, &Platform::new("linux", "amd64", "v2")), None);
        assert_eq!(
            check("a", &amd64, &Platform::new("linux", "arm", "")).unwrap().message,
            "Base image a was pulled with platform \"linux/arm/v7\", expected \"linux/amd64\" for current build"
        );
    }
}
