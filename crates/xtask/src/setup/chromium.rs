//! A Chrome or Chromium to drive: the one that is there, or Debian's.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::{process, project};

/// What browsers of the family are called on the PATH.
const NAMES: &[&str] =
    &["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome", "microsoft-edge"];
/// Where macOS keeps them, which is not on the PATH.
const APPLICATIONS: &[&str] = &[
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/// Finds a browser or installs one.
pub(super) fn ensure() -> Result<(PathBuf, String), Failure> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        let file = PathBuf::from(named);
        if file.is_file() {
            let note = format!("{} is there", file.display());
            return Ok((file, note));
        }
        return Err(Failure::new(format!("$CHROMIUM is {}, which is no file", file.display()))
            .remedy("set it to a Chrome or Chromium, or unset it"));
    }
    if let Some(file) = find() {
        let note = format!("{} is there", file.display());
        return Ok((file, note));
    }
    apt_install(&["chromium"], "Chromium")?;
    let file = find().ok_or_else(|| {
        Failure::new("no Chrome or Chromium was found").remedy("install one or set $CHROMIUM to it")
    })?;
    let note = format!("{} installed", file.display());
    Ok((file, note))
}

/// Installs Debian packages where this is a Debian and we may.
pub(super) fn apt_install(packages: &[&str], what: &str) -> Result<(), Failure> {
    let by_hand = format!("install {what} by hand and run the command again");
    if process::find(&["apt-get"]).is_none() {
        return Err(Failure::new(format!("{what} is missing and there is no apt-get")).remedy(by_hand));
    }
    let root = process::output(Command::new("id").arg("-u")).is_some_and(|id| id == "0");
    if !root {
        let line = format!("run `sudo apt-get install {}` and the command again", packages.join(" "));
        return Err(Failure::new(format!("{what} is missing and only root may install it")).remedy(line));
    }
    let log = project::scratch().join("apt.log");
    let apt = |args: &[&str], what: &str| {
        let mut command = Command::new("apt-get");
        command.args(args).env("DEBIAN_FRONTEND", "noninteractive");
        process::quiet(&mut command, what, &log)
    };
    // Outdated lists may still do, so a failure here is left to the installation to report.
    let _ = apt(&["update"], "apt-get update");
    let install: Vec<&str> =
        ["install", "--yes", "--no-install-recommends"].iter().chain(packages).copied().collect();
    apt(&install, &format!("apt-get install {}", packages.join(" ")))
        .map_err(|failure| failure.remedy(by_hand))
}

fn find() -> Option<PathBuf> {
    process::find(NAMES)
        .or_else(|| APPLICATIONS.iter().map(Path::new).find(|file| file.is_file()).map(Path::to_path_buf))
}
