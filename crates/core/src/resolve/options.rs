//! What a build is asked for besides its files.

use super::Platform;
use crate::project::{NamedContext, Project};
use std::collections::BTreeMap;

/// `docker build`'s flags, as far as the plan depends on them.
#[derive(Debug, Clone, Default)]
pub struct Options<'a> {
    /// `--target`; `None` or empty is the last stage.
    pub target: Option<&'a str>,
    /// `--build-arg`, in order; the last of a name counts.
    pub build_args: Vec<(&'a str, &'a str)>,
    /// `--platform`; `None` is that of the builder.
    pub platform: Option<Platform>,
    /// `--platform` names several; captions then say which.
    pub multi_platform: bool,
    /// `--no-cache`
    pub no_cache: bool,
    /// `--build-context`
    pub contexts: Option<&'a BTreeMap<String, NamedContext>>,
    /// The patterns of the ignore file, as read by BuildKit; empty if there is none.
    pub ignore: Vec<String>,
}

impl<'a> Options<'a> {
    /// What a project asks for; the ignore file is not read here.
    pub fn of(project: &'a Project) -> Self {
        Self {
            target: project.target.as_deref().filter(|name| !name.is_empty()),
            build_args: project
                .build_args
                .iter()
                .map(|(key, value)| (key.as_str(), value.as_str()))
                .collect(),
            platform: project.platform.split(',').next().and_then(|first| Platform::parse(first.trim()).ok()),
            multi_platform: project.platform.contains(','),
            no_cache: project.no_cache,
            contexts: (!project.contexts.is_empty()).then_some(&project.contexts),
            ignore: Vec::new(),
        }
    }
}
