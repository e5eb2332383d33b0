//! `apt-get` and `apt`: lists, packages with their dependencies, what is left behind. What it says and refuses was seen
//! with apt 2.6.1 of Debian 12.

mod gone;
mod install;
mod installed;
mod options;
mod query;
mod remove;
mod sources;

pub(super) use query::{cache, mark, repository};

use super::packages::Table;
use super::{MIB, made_up, offline, takes};
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};
use installed::Status;
use options::Options;

/// Debian's own figures; they stand for Ubuntu's and for other releases too.
pub(super) const TABLE: &str = include_str!("debian.txt");
/// Bytes of the package lists that `update` leaves, as of Debian 12.
const LISTS: u64 = 19 * MIB;
const LIST: &str = "/var/lib/apt/lists/main_binary_Packages.lz4";
const ARCHIVES: &str = "/var/cache/apt/archives/‹packages›";

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let asks = p.args.iter().any(|arg| matches!(arg.as_str(), "--version" | "-v" | "--help" | "-h"));
    let (options, words) = match Options::read(p) {
        Ok(read) => read,
        Err(code) => return code,
    };
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Some((verb, operands)) = words.split_first().filter(|_| !asks) else {
        let version = ["apt 2.6.1 (", p.m.arch, ")"].concat();
        p.line(&version)?;
        return Ok(u8::from(!asks));
    };
    let verb = *verb;
    let known = match verb {
        "list" | "search" | "show" | "edit-sources" | "showsrc" => p.name == "apt",
        "dselect-upgrade" | "markauto" | "unmarkauto" | "indextargets" | "check" => p.name != "apt",
        "dist-clean" | "distclean" => match since(p) {
            Some(new) => new,
            None => return p.option(verb),
        },
        // With apt 3.
        "why" | "why-not" | "history-list" | "history-info" | "modernize-sources" => p.name == "apt",
        _ => [
            "update",
            "install",
            "reinstall",
            "satisfy",
            "build-dep",
            "upgrade",
            "dist-upgrade",
            "full-upgrade",
            "clean",
            "autoclean",
            "auto-clean",
            "autoremove",
            "auto-remove",
            "autopurge",
            "remove",
            "purge",
            "download",
            "source",
            "changelog",
            "moo",
            "help",
        ]
        .contains(&verb),
    };
    if !known {
        p.error(&["E: Invalid operation ", verb].concat())?;
        return Ok(100);
    }
    let changes =
        !matches!(verb, "list" | "search" | "show" | "changelog" | "moo" | "help" | "download" | "source");
    if changes && !options.simulate && p.cred.uid != 0 {
        return locked(p, verb);
    }
    if options.refresh && verb != "update" {
        let code = update(p, options)?;
        if code != 0 {
            return Ok(code);
        }
    }
    match verb {
        "update" if !operands.is_empty() => {
            p.error("E: The update command takes no arguments")?;
            Ok(100)
        }
        "update" => update(p, options),
        "install" | "reinstall" => install::run(p, operands, options),
        // What a source package needs is in none of the lists.
        "build-dep" | "source" if sources::are_own(p) && !has_sources(p) => {
            progress(p, options)?;
            p.error("E: You must put some 'deb-src' URIs in your sources.list")?;
            Ok(100)
        }
        "build-dep" | "source" | "satisfy" => p.option(verb),
        "upgrade" | "dist-upgrade" | "full-upgrade" | "dselect-upgrade" => upgrade(p, options),
        "dist-clean" | "distclean" => {
            takes(p, 100, 0);
            for path in [ARCHIVES, LIST] {
                let _ = p.m.tree.remove(path);
            }
            Ok(0)
        }
        "clean" | "autoclean" | "auto-clean" => {
            takes(p, 100, 0);
            if verb != "clean" {
                progress(p, options)?;
            }
            let _ = p.m.tree.remove(ARCHIVES);
            Ok(0)
        }
        "autoremove" | "auto-remove" | "autopurge" => remove::left_over(p, options),
        "remove" | "purge" => remove::run(p, operands, options),
        "check" => progress(p, options).map(|()| 0),
        "markauto" | "unmarkauto" => p.option(verb),
        "download" => p.option(verb),
        other => p.only_reads(other),
    }
}

/// Whether somebody wrote that sources of packages are wanted too.
fn has_sources(p: &mut Process<'_, '_>) -> bool {
    let text = super::text(p, "/etc/apt/sources.list.d/debian.sources");
    text.is_some_and(|text| text.contains("deb-src"))
}

/// What somebody is told who is not root.
fn locked(p: &mut Process<'_, '_>, verb: &str) -> Run {
    match verb {
        "update" => {
            say(p, 0, "Reading package lists...")?;
            p.error("E: Could not open lock file /var/lib/apt/lists/lock - open (13: Permission denied)")?;
            p.error("E: Unable to lock directory /var/lib/apt/lists/")?;
        }
        "clean" | "autoclean" | "auto-clean" | "dist-clean" | "distclean" => {
            p.error(
                "E: Could not open lock file /var/cache/apt/archives/lock - open (13: Permission denied)",
            )?;
            p.error("E: Unable to lock directory /var/cache/apt/archives/")?;
        }
        _ => {
            p.error(
                "E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)",
            )?;
            p.error(
                "E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?",
            )?;
        }
    }
    Ok(100)
}

/// Whether this release is of 2025 or later, with apt 2.9 or 3; `None` where nobody knows.
pub(crate) fn since(p: &mut Process<'_, '_>) -> Option<bool> {
    let debian = super::release(p, "debian").map(|release| release >= 13.0);
    debian.or_else(|| Some(super::release(p, "ubuntu")? >= 25.0))
}

fn say(p: &mut Process<'_, '_>, quiet: u8, line: &str) -> Result<(), Halt> {
    if quiet >= 2 { Ok(()) } else { p.line(line) }
}

fn progress(p: &mut Process<'_, '_>, options: Options) -> Result<(), Halt> {
    for line in ["Reading package lists...", "Building dependency tree...", "Reading state information..."] {
        say(p, options.quiet, line)?;
    }
    Ok(())
}

/// A name without version, architecture or release.
fn plain(name: &str) -> &str {
    name.split(['=', ':', '/']).next().unwrap_or(name)
}

/// Whether there are lists of packages.
fn has_lists(p: &Process<'_, '_>) -> bool {
    p.m.incomplete || p.m.tree.read_dir("/var/lib/apt/lists").is_ok_and(|dir| !dir.is_empty())
}

fn update(p: &mut Process<'_, '_>, options: Options) -> Run {
    if offline(
        p,
        "W: Some index files failed to download. They have been ignored, or old ones used instead.",
    )? {
        return Ok(0);
    }
    if sources::problem(p, true)? {
        return Ok(100);
    }
    if sources::have_moved(p) {
        return p.option("update of a release whose packages have moved");
    }
    for line in [
        "Get:1 main InRelease",
        &["Get:2 main/main ", p.m.arch, " Packages"].concat(),
        "Reading package lists...",
    ] {
        say(p, options.quiet, line)?;
    }
    takes(p, 1200, LISTS / 2);
    made_up(p, LIST, LISTS, 0o644, "apt-get update", &[])?;
    Ok(0)
}

/// Which packages of the image have newer versions depends on the day: none, as after a new build of the image.
fn upgrade(p: &mut Process<'_, '_>, options: Options) -> Run {
    if sources::problem(p, false)? {
        return Ok(100);
    }
    if has_lists(p) && !options.yes && !options.simulate {
        // It would ask if there are any.
        return p.option("upgrade without -y");
    }
    progress(p, options)?;
    say(p, options.quiet, "Calculating upgrade...")?;
    takes(p, 1500, 0);
    say(p, options.quiet, "0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.")?;
    Ok(0)
}

/// The question before a change, to which a build gives no answer.
fn asked(p: &mut Process<'_, '_>, options: Options) -> Result<bool, Halt> {
    if options.no {
        p.line("N")?;
        p.line("Abort.")?;
        return Ok(true);
    }
    if options.yes {
        return Ok(false);
    }
    p.line("Do you want to continue? [Y/n] Abort.")?;
    Ok(true)
}

fn table() -> Table<'static> {
    Table::new(TABLE)
}

/// Says that a name is of no package that can be had.
fn missing(p: &mut Process<'_, '_>, name: &str) -> Result<(), Halt> {
    p.error(&["E: Unable to locate package ", name].concat())?;
    // A name with signs of a pattern is looked for as one too.
    if name.contains(['.', '*', '?', '[', '|', '^', '$', '+']) {
        p.error(&["E: Couldn't find any package by glob '", name, "'"].concat())?;
        p.error(&["E: Couldn't find any package by regex '", name, "'"].concat())?;
    }
    Ok(())
}

/// Whether a package is installed; `None` where nobody knows.
pub(super) fn has(p: &mut Process<'_, '_>, name: &str) -> Option<bool> {
    let status = status(p);
    match status.has(p, &table(), plain(name)) {
        installed::Has::Yes => Some(true),
        installed::Has::No => Some(false),
        installed::Has::Unknown => None,
    }
}

fn status(p: &mut Process<'_, '_>) -> Status {
    Status::read(p)
}
