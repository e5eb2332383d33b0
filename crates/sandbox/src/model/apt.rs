//! `apt-get` and `apt`: lists, packages with their dependencies, what is left behind.

use super::packages::{self, Table};
use super::{MIB, made_up, offline, takes, text};
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};
use std::collections::BTreeSet;

/// Debian's own figures; they stand for Ubuntu's and for other releases too.
pub(super) const TABLE: &str = include_str!("debian.txt");
/// Bytes of the package lists that `update` leaves, as of Debian 12.
const LISTS: u64 = 19 * MIB;
const LIST: &str = "/var/lib/apt/lists/main_binary_Packages.lz4";
/// The model's own note of what is installed besides the base system; dpkg keeps it here too.
const STATUS: &str = "/var/lib/dpkg/status-installed";

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let mut yes = false;
    let mut recommends = true;
    let mut quiet = 0;
    let mut refresh = false;
    let mut words: Vec<&str> = Vec::new();
    let mut skip = false;
    for arg in &args {
        if std::mem::take(&mut skip) {
            continue;
        }
        match arg.as_str() {
            "--yes" | "--assume-yes" => yes = true,
            "--update" => refresh = true,
            "--no-install-recommends" => recommends = false,
            "--install-recommends" => recommends = true,
            "-o" | "-t" | "--target-release" | "--option" => skip = true,
            arg if arg.contains("Install-Recommends=0") || arg.contains("Install-Recommends=false") => {
                recommends = false;
            }
            "--quiet" => quiet += 1,
            arg if arg.starts_with("--") => {}
            // Short ones may stand together: `-qqy`.
            arg if arg.starts_with('-') => {
                let level = arg.matches('q').count();
                quiet += level;
                yes |= arg.contains('y') || level > 1;
                refresh |= arg.contains('U');
            }
            arg => words.push(arg),
        }
    }
    let Some((verb, operands)) = words.split_first() else {
        let version = ["apt 2.6.1 (", p.m.arch, ")"].concat();
        p.line(&version)?;
        return Ok(0);
    };
    if refresh && *verb != "update" {
        update(p, quiet)?;
    }
    match *verb {
        "update" => update(p, quiet),
        "install" | "reinstall" | "satisfy" | "build-dep" => install(p, operands, yes, recommends, quiet),
        "upgrade" | "dist-upgrade" | "full-upgrade" => {
            for line in
                ["Reading package lists...", "Building dependency tree...", "Reading state information..."]
            {
                say(p, quiet, line)?;
            }
            takes(p, 1500, 0);
            say(p, quiet, "0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.")?;
            Ok(0)
        }
        "dist-clean" | "distclean" => {
            // It came with version 2.9 of apt.
            match since(p) {
                Some(true) => {}
                Some(false) => {
                    p.error(&format!("E: Invalid operation {verb}"))?;
                    return Ok(100);
                }
                None => return p.option(*verb),
            }
            takes(p, 100, 0);
            for path in ["/var/cache/apt/archives/‹packages›", LIST] {
                let _ = p.m.tree.remove(path);
            }
            Ok(0)
        }
        "clean" | "autoclean" | "autoremove" | "auto-remove" => {
            takes(p, 100, 0);
            if verb.starts_with("auto") && *verb != "autoclean" {
                say(p, quiet, "Reading package lists...")?;
                say(p, quiet, "0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.")?;
            }
            let path = "/var/cache/apt/archives/‹packages›";
            let _ = p.m.tree.remove(path);
            Ok(0)
        }
        "remove" | "purge" => {
            let mut status = installed(p);
            for name in operands {
                let name = plain(name);
                if status.remove(name) {
                    packages::remove(p, name);
                    say(p, quiet, &format!("Removing {name} ..."))?;
                }
            }
            takes(p, 800, 0);
            write_status(p, &status)?;
            Ok(0)
        }
        other => p.option(other),
    }
}

/// Whether this release is of 2025 or later; `None` where nobody knows.
pub(crate) fn since(p: &mut Process<'_, '_>) -> Option<bool> {
    let debian = super::release(p, "debian").map(|release| release >= 13.0);
    debian.or_else(|| Some(super::release(p, "ubuntu")? >= 25.0))
}

fn say(p: &mut Process<'_, '_>, quiet: usize, line: &str) -> Result<(), Halt> {
    if quiet >= 2 { Ok(()) } else { p.line(line) }
}

/// A name without version, architecture or release.
fn plain(name: &str) -> &str {
    name.split(['=', ':', '/']).next().unwrap_or(name)
}

fn update(p: &mut Process<'_, '_>, quiet: usize) -> Run {
    if offline(
        p,
        "W: Some index files failed to download. They have been ignored, or old ones used instead.",
    )? {
        return Ok(0);
    }
    for line in [
        "Get:1 main InRelease",
        &["Get:2 main/main ", p.m.arch, " Packages"].concat(),
        "Reading package lists...",
    ] {
        say(p, quiet, line)?;
    }
    takes(p, 1200, LISTS / 2);
    made_up(p, LIST, LISTS, 0o644, "apt-get update", &[])?;
    Ok(0)
}

fn installed(p: &mut Process<'_, '_>) -> BTreeSet<String> {
    text(p, STATUS).unwrap_or_default().lines().map(str::to_owned).collect()
}

fn write_status(p: &mut Process<'_, '_>, names: &BTreeSet<String>) -> Result<(), Halt> {
    let mut status: String = names.iter().flat_map(|name| [name.as_str(), "\n"]).collect();
    if status.is_empty() {
        status.push('\n');
    }
    super::folder(p, "/var/lib/dpkg")?;
    let _ = p.write_file(STATUS, status.into_bytes())?;
    Ok(())
}

fn install(p: &mut Process<'_, '_>, names: &[&str], yes: bool, recommends: bool, quiet: usize) -> Run {
    let mut status = installed(p);
    say(p, quiet, "Reading package lists...")?;
    say(p, quiet, "Building dependency tree...")?;
    say(p, quiet, "Reading state information...")?;
    let mut local = Vec::new();
    let mut wanted = Vec::new();
    for name in names {
        if name.contains('/') && name.ends_with(".deb") {
            local.push(*name);
        } else {
            wanted.push(plain(name));
        }
    }
    let lists = p.m.tree.read_dir("/var/lib/apt/lists").is_ok_and(|dir| !dir.is_empty());
    if !lists && !p.m.incomplete {
        let missing: Vec<&str> = wanted.iter().copied().filter(|name| !status.contains(*name)).collect();
        for name in &missing {
            p.error(&format!("E: Unable to locate package {name}"))?;
        }
        if !missing.is_empty() {
            return Ok(100);
        }
    }
    for path in &local {
        if super::absent(p, path)? {
            p.error(&format!("E: Unsupported file {path} given on commandline"))?;
            return Ok(100);
        }
    }
    let table = Table::new(TABLE);
    let new = table.closure(&wanted, recommends, &status);
    if new.is_empty() && local.is_empty() {
        for name in &wanted {
            say(p, quiet, &format!("{name} is already the newest version."))?;
        }
        say(p, quiet, "0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.")?;
        return Ok(0);
    }
    let extra = new.len() > wanted.len();
    say(p, quiet, "The following NEW packages will be installed:")?;
    let list: Vec<&str> = new.iter().map(|package| package.name).collect();
    say(p, quiet, &format!("  {}", list.join(" ")))?;
    say(p, quiet, &format!("0 upgraded, {} newly installed, 0 to remove and 0 not upgraded.", new.len()))?;
    let size: u64 = new.iter().map(|package| package.size).sum();
    say(
        p,
        quiet,
        &format!(
            "After this operation, {} MB of additional disk space will be used.",
            (size / 100_000 + 5) / 10
        ),
    )?;
    if extra && !yes {
        p.line("Do you want to continue? [Y/n] Abort.")?;
        return Ok(1);
    }
    if offline(p, "E: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?")? {
        return Ok(100);
    }
    takes(p, 900 + 35 * new.len() as u64 + size / 40_000, size / 3);
    for package in &new {
        packages::install(p, package, "apt-get")?;
        say(p, quiet, &format!("Setting up {} ...", package.name))?;
        status.insert(package.name.to_owned());
    }
    for path in &local {
        let size = p.m.tree.read(&p.path(path)).map_or(0, |file| file.content.size());
        let name = crate::tree::base_name(path).split('_').next().unwrap_or(path).to_owned();
        let package = packages::Package {
            name: &name,
            size: size * 3,
            guessed: true,
            asked: true,
            ..Default::default()
        };
        packages::install(p, &package, "apt-get")?;
        status.insert(name.clone());
    }
    write_status(p, &status)?;
    Ok(0)
}
