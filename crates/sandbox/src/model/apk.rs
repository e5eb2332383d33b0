//! `apk`: packages with their dependencies, virtual packages, the index that is left behind.

use super::packages::{self, Table};
use super::{KIB, MIB, folder, made_up, offline, takes, text};
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const TABLE: &str = include_str!("alpine.txt");
const INDEX: &str = "/var/cache/apk/APKINDEX.tar.gz";
/// Bytes of both indexes that `update` leaves.
const INDEX_SIZE: u64 = 2 * MIB + 200 * KIB;
const WORLD: &str = "/etc/apk/world";
/// The model's own note beside apk's database.
const DATABASE: &str = "/lib/apk/db/installed-here";

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let (mut no_cache, mut refresh, mut quiet) = (false, false, false);
    let mut group = None;
    let mut words: Vec<&str> = Vec::new();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "--print-arch" => {
                let arch = crate::command::machine_of(p.m.arch).to_owned();
                return p.line(&arch).map(|()| 0);
            }
            "--no-cache" => no_cache = true,
            "-U" | "-u" | "--update" | "--update-cache" | "--upgrade" => refresh = true,
            "-q" | "--quiet" => quiet = true,
            "-t" | "--virtual" => group = rest.next().cloned(),
            "-X" | "--repository" | "-p" | "--root" | "--cache-dir" | "--keys-dir" => {
                let _ = rest.next();
            }
            arg if arg.starts_with("--virtual=") => {
                group = arg.split_once('=').map(|(_, name)| name.to_owned());
            }
            arg if arg.starts_with('-') => {}
            arg => words.push(arg),
        }
    }
    let Some((verb, operands)) = words.split_first() else {
        version(p)?;
        return Ok(1);
    };
    if p.cred.uid != 0 && matches!(*verb, "add" | "del" | "update" | "upgrade" | "fix") {
        p.error("ERROR: Unable to lock database: Permission denied")?;
        p.error("ERROR: Failed to open apk database: Permission denied")?;
        return Ok(99);
    }
    match *verb {
        "add" => add(p, operands, no_cache, refresh, group, quiet),
        "update" => update(p, quiet).map(|ok| u8::from(!ok)),
        "upgrade" | "fix" => {
            if (refresh || no_cache) && !fetch(p, quiet)? {
                return Ok(1);
            }
            takes(p, 600, 0);
            total(p, quiet)
        }
        "del" => del(p, operands, quiet),
        "cache" => {
            let _ = p.m.tree.remove(INDEX);
            Ok(0)
        }
        "info" => {
            let database = read_database(p);
            for name in database.keys().filter(|name| !name.starts_with('.')) {
                p.line(name)?;
            }
            Ok(0)
        }
        "--version" => version(p).map(|()| 0),
        other => p.option(other),
    }
}

fn version(p: &mut Process<'_, '_>) -> Result<(), Halt> {
    let machine = crate::command::machine_of(p.m.arch);
    p.line(&["apk-tools 2.14.0, compiled for ", machine, "."].concat())
}

fn say(p: &mut Process<'_, '_>, quiet: bool, line: &str) -> Result<(), Halt> {
    if quiet { Ok(()) } else { p.line(line) }
}

fn fetch(p: &mut Process<'_, '_>, quiet: bool) -> Result<bool, Halt> {
    if offline(p, "WARNING: fetching the main index: temporary error (try again later)")? {
        return Ok(false);
    }
    let machine = crate::command::machine_of(p.m.arch);
    for repository in ["main", "community"] {
        say(p, quiet, &["fetch ", repository, "/", machine, "/APKINDEX.tar.gz"].concat())?;
    }
    takes(p, 300, INDEX_SIZE);
    Ok(true)
}

fn update(p: &mut Process<'_, '_>, quiet: bool) -> Result<bool, Halt> {
    if !fetch(p, quiet)? {
        return Ok(false);
    }
    made_up(p, INDEX, INDEX_SIZE, 0o644, "apk update", &[])?;
    say(p, quiet, "OK: 22000 distinct packages available")?;
    Ok(true)
}

/// Package → packages that it was brought by (itself if it was asked for).
fn read_database(p: &mut Process<'_, '_>) -> BTreeMap<String, Vec<String>> {
    let text = text(p, DATABASE).unwrap_or_default();
    let lines = text.lines().filter_map(|line| line.split_once(' '));
    lines.map(|(name, by)| (name.to_owned(), by.split(',').map(str::to_owned).collect())).collect()
}

fn write_database(p: &mut Process<'_, '_>, database: &BTreeMap<String, Vec<String>>) -> Result<(), Halt> {
    let text: String = database.iter().map(|(name, by)| format!("{name} {}\n", by.join(","))).collect();
    folder(p, "/lib/apk/db")?;
    let _ = p.write_file(DATABASE, text.into_bytes())?;
    let mut world: BTreeSet<String> = text_lines(p, WORLD);
    let known: BTreeSet<String> =
        database.iter().filter(|(name, by)| by.contains(name)).map(|(name, _)| name.clone()).collect();
    world.extend(known);
    let world: String = world.iter().flat_map(|name| [name.as_str(), "\n"]).collect();
    let _ = p.write_file(WORLD, world.into_bytes())?;
    Ok(())
}

fn text_lines(p: &mut Process<'_, '_>, path: &str) -> BTreeSet<String> {
    text(p, path).unwrap_or_default().lines().map(str::to_owned).collect()
}

/// Whether this `apk` fetches an index that is missing, and keeps it: since Alpine 3.8.
fn fetches_by_itself(p: &mut Process<'_, '_>) -> bool {
    super::release(p, "alpine").is_none_or(|release| release >= 3.08)
}

fn add(
    p: &mut Process<'_, '_>,
    operands: &[&str],
    no_cache: bool,
    refresh: bool,
    group: Option<String>,
    quiet: bool,
) -> Run {
    let wanted: Vec<&str> =
        operands.iter().map(|name| name.split(['=', '<', '>', '~', '@']).next().unwrap_or(name)).collect();
    let index = super::there(p, INDEX);
    let mut database = read_database(p);
    if no_cache || (refresh && !index) {
        if !fetch(p, quiet)? {
            return Ok(1);
        }
        if refresh && !no_cache {
            made_up(p, INDEX, INDEX_SIZE, 0o644, "apk update", &[])?;
        }
    } else if !index && fetches_by_itself(p) {
        if !fetch(p, quiet)? {
            return Ok(1);
        }
        made_up(p, INDEX, INDEX_SIZE, 0o644, "apk add", &[])?;
    } else if !index && !p.m.incomplete {
        let missing: Vec<&&str> = wanted.iter().filter(|name| !database.contains_key(**name)).collect();
        if !missing.is_empty() {
            p.error("ERROR: unable to select packages:")?;
            for name in missing {
                p.error(&format!("  {name} (no such package):"))?;
                p.error(&format!("    required by: world[{name}]"))?;
            }
            return Ok(1);
        }
    }
    let table = Table::new(TABLE);
    let installed: BTreeSet<String> = database.keys().cloned().collect();
    let new = table.closure(&wanted, false, &installed);
    let count = new.len() + usize::from(group.is_some());
    let size: u64 = new.iter().map(|package| package.size).sum();
    takes(p, 400 + 40 * new.len() as u64 + size / 150_000, size / 3);
    for (place, package) in new.iter().enumerate() {
        packages::install(p, package, "apk")?;
        say(p, quiet, &format!("({}/{count}) Installing {}", place + 1, package.name))?;
        let by = group.clone().unwrap_or_else(|| {
            if wanted.contains(&package.name) { package.name.to_owned() } else { wanted.join(",") }
        });
        database.insert(package.name.to_owned(), by.split(',').map(str::to_owned).collect());
    }
    if let Some(group) = &group {
        say(p, quiet, &format!("({count}/{count}) Installing {group}"))?;
        database.insert(group.clone(), vec![group.clone()]);
    }
    if !new.is_empty() {
        say(p, quiet, "Executing busybox.trigger")?;
    }
    write_database(p, &database)?;
    total(p, quiet)
}

fn total(p: &mut Process<'_, '_>, quiet: bool) -> Run {
    let database = read_database(p);
    let table = Table::new(TABLE);
    let names: Vec<&str> = database.keys().map(String::as_str).collect();
    let size: u64 = table.closure(&names, false, &BTreeSet::new()).iter().map(|package| package.size).sum();
    // What the base system has: 15 packages, about 8 MiB.
    say(p, quiet, &format!("OK: {} MiB in {} packages", 8 + size / MIB, 15 + names.len()))?;
    Ok(0)
}

fn del(p: &mut Process<'_, '_>, operands: &[&str], quiet: bool) -> Run {
    let mut database = read_database(p);
    let gone: BTreeSet<String> = operands.iter().map(|name| (*name).to_owned()).collect();
    let leave: Vec<String> = database
        .iter()
        .filter(|(name, by)| gone.contains(*name) || by.iter().all(|by| gone.contains(by)))
        .map(|(name, _)| name.clone())
        .collect();
    for (place, name) in leave.iter().enumerate() {
        say(p, quiet, &format!("({}/{}) Purging {name}", place + 1, leave.len()))?;
        packages::remove(p, name);
        database.remove(name);
    }
    for by in database.values_mut() {
        by.retain(|by| !gone.contains(by));
    }
    let mut world = text_lines(p, WORLD);
    world.retain(|name| !gone.contains(name));
    let _ = p.write_file(
        WORLD,
        world.iter().flat_map(|name| [name.as_str(), "\n"]).collect::<String>().into_bytes(),
    )?;
    takes(p, 200, 0);
    write_database(p, &database)?;
    total(p, quiet)
}
