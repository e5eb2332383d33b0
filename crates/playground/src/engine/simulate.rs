//! One builder's answer to a project.

use stagecraft_core::project::Project;
use stagecraft_core::simulation::{Build, Builder};

/// The simulated build.
pub(super) fn simulate(_project: &Project, builder: Builder) -> Build {
    Build {
        builder,
        error: None,
        stages: Vec::new(),
        steps: Vec::new(),
        log: Vec::new(),
        image: None,
        diagnostics: Vec::new(),
        duration: 0,
    }
}
