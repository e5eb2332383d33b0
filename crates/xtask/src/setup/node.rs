//! Node.js, which a person brings along: it runs npm, the bundler of the editor and the browser tests.

use std::process::Command;

use crate::failure::Failure;
use crate::process;
use crate::project;

/// The oldest major version that the page's tools run on.
const OLDEST: u32 = 18;

/// A `node` that runs in the project's root.
pub(crate) fn command() -> Command {
    let mut command = Command::new("node");
    command.current_dir(project::root());
    command
}

/// Looks for Node.js; says which one was found.
pub(super) fn ensure() -> Result<String, Failure> {
    let remedy =
        format!("install Node.js {OLDEST} or newer from https://nodejs.org or your system's packages");
    let version = process::output(command().arg("--version"))
        .ok_or_else(|| Failure::new("Node.js is not on the PATH").remedy(&remedy))?;
    let major: u32 =
        version.trim_start_matches('v').split('.').next().and_then(|n| n.parse().ok()).unwrap_or(0);
    if major < OLDEST {
        return Err(Failure::new(format!("Node.js {version} is too old")).remedy(remedy));
    }
    Ok(format!("{version} is there"))
}
