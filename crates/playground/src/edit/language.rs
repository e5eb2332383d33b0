//! What a file of the project is written in, as far as the editor knows.

use serde::{Deserialize, Serialize};

/// A language that the editor colors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    /// A Dockerfile.
    Dockerfile,
    /// An ignore file.
    Ignore,
}

impl Language {
    /// What a file's name says that it is.
    pub fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        if name.ends_with(".dockerignore") {
            return Some(Self::Ignore);
        }
        (name.contains("dockerfile") || name.contains("containerfile")).then_some(Self::Dockerfile)
    }
}

#[cfg(test)]
mod tests {
    use super::Language::{self, Dockerfile, Ignore};

    #[test]
    fn a_name_says_what_a_file_is() {
        for (path, is) in [
            ("Dockerfile", Some(Dockerfile)),
            ("a/dev.Dockerfile", Some(Dockerfile)),
            ("Dockerfile.run", Some(Dockerfile)),
            ("Containerfile", Some(Dockerfile)),
            ("Dockerfile.dockerignore", Some(Ignore)),
            (".dockerignore", Some(Ignore)),
            ("dockerfiles/readme.md", None),
        ] {
            assert_eq!(Language::of(path), is, "{path}");
        }
    }
}
