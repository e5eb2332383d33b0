//! `dnf`, `yum`, `microdnf`, `tdnf`. Sizes are estimates: no index of these distributions could be read.

use super::help::{MB, OTHER, download, made, spent, there};
use super::packages;
use crate::shell::process::{Process, Run};

pub(crate) fn dnf(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let mut yes = false;
    let mut words = Vec::new();
    for arg in args {
        match arg.as_str() {
            "-y" | "--assumeyes" => yes = true,
            _ if arg.starts_with('-') => {}
            _ => words.push(arg),
        }
    }
    let cache = format!("/var/cache/{}", if p.name == "microdnf" { "yum" } else { &p.name });
    match words.first().map(String::as_str) {
        Some("install" | "reinstall" | "localinstall") => {
            if p.cred.uid != 0 {
                p.error("Error: This command has to be run with superuser privileges (under the root user on most systems).")?;
                return Ok(1);
            }
            if !p.m.network {
                p.error("Error: Failed to download metadata for repo 'baseos': Cannot prepare internal mirrorlist: Curl error (6): Couldn't resolve host name")?;
                return Ok(1);
            }
            if !yes && p.name != "microdnf" {
                p.line("Is this ok [y/N]: Operation aborted.")?;
                return Ok(1);
            }
            made(p, &format!("{cache}/{OTHER}"), 85 * MB, 0o644, "dnf: metadata", &[b"dnf metadata"])?;
            download(p, 20 * MB);
            for name in words.iter().skip(1) {
                let size = if name.ends_with("-devel") { 4 * MB } else { 6 * MB };
                if there(p, &format!("/usr/bin/{name}")) {
                    continue;
                }
                download(p, size * 3 / 10);
                spent(p, 150);
                let package =
                    packages::Package { name, size, guessed: true, asked: true, ..Default::default() };
                packages::install(p, &package, "dnf")?;
                p.line(&format!("  Installing       : {name}"))?;
            }
            p.line("Complete!")?;
            Ok(0)
        }
        Some("remove" | "erase" | "autoremove") => {
            for name in words.iter().skip(1) {
                packages::remove(p, name);
            }
            Ok(0)
        }
        Some("clean") => {
            let _ = p.m.tree.remove_all(&cache);
            Ok(0)
        }
        Some("update" | "upgrade" | "makecache" | "check-update") => {
            made(p, &format!("{cache}/{OTHER}"), 85 * MB, 0o644, "dnf: metadata", &[b"dnf metadata"])?;
            download(p, 20 * MB);
            Ok(0)
        }
        Some(other) => p.option(other.to_owned()),
        None => Ok(0),
    }
}
