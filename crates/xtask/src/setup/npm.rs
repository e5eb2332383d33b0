//! The npm packages that `www/package-lock.json` pins: CodeMirror, esbuild, wasm-opt, playwright-core.

use std::process::Command;

use crate::failure::Failure;
use crate::{fingerprint, process, project};

/// Installs exactly what the lock file says, unless that is what is installed.
pub(super) fn ensure() -> Result<((), String), Failure> {
    let www = project::www();
    if !www.join("package-lock.json").is_file() {
        return Err(
            Failure::new("www/package-lock.json is missing").remedy("restore it with `git checkout www`")
        );
    }
    let note = www.join("node_modules").join(".stagecraft");
    let wanted = fingerprint::of(&www, &["package.json", "package-lock.json"], &[]);
    if fingerprint::matches(&note, wanted) {
        return Ok(((), "are there".to_owned()));
    }
    let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(&www);
    process::quiet(&mut npm, "npm ci", &project::scratch().join("npm.log")).map_err(|failure| {
        failure.remedy("see whether npm's registry can be reached from here and run the command again")
    })?;
    fingerprint::write(&note, wanted)?;
    Ok(((), "installed into www/node_modules".to_owned()))
}
