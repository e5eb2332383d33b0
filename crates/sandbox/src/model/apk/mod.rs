//! `apk`: packages with their dependencies, virtual packages, the index that is left behind. What it refuses, and how it
//! ends, is as in apk-tools 2.14 and 3.0.

mod options;

use super::packages::{self, Table};
use super::{KIB, MIB, folder, made_up, offline, programs, takes, text, there};
use crate::shell::machine::{Halt, UNKNOWN};
use crate::shell::process::{Process, Run};
use options::Line;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const TABLE: &str = include_str!("alpine.txt");
const INDEX: &str = "/var/cache/apk/APKINDEX.tar.gz";
/// Bytes of both indexes that `update` leaves.
const INDEX_SIZE: u64 = 2 * MIB + 200 * KIB;
const WORLD: &str = "/etc/apk/world";
/// What a negative result is to the shell.
const FAILED: u8 = 250;
/// The model's own note beside apk's database.
const DATABASE: &str = "/lib/apk/db/installed-here";

/// What Alpine's image has.
const BASE: &str = " alpine-baselayout alpine-baselayout-data alpine-keys alpine-release apk-tools busybox busybox-binsh \
ca-certificates-bundle libapk libcrypto3 libssl3 musl musl-utils scanelf ssl_client zlib ";
/// Commands that only read.
const READERS: &str = " audit dot info list manifest policy query search stats verify version ";
/// Commands that are not modelled.
const OTHERS: &str = " adbdump adbgen adbsign convdb convndx extract fetch index mkndx mkpkg ";

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let line = match Line::read(p) {
        Ok(line) => line,
        Err(code) => return code,
    };
    if line.has("print-arch") {
        let arch = crate::command::machine_of(p.m.arch).to_owned();
        return p.line(&arch).map(|()| 0);
    }
    let words: Vec<&str> = line.words.iter().map(String::as_str).collect();
    if line.has("version") && words.is_empty() {
        return version(p).map(|()| 0);
    }
    let Some((verb, operands)) = words.split_first() else {
        version(p)?;
        return Ok(1);
    };
    let (verb, quiet) = (*verb, line.has("quiet"));
    let listed = |list: &str| list.contains(&[" ", verb, " "].concat());
    if listed(READERS) {
        return read(p, verb, operands, &line);
    }
    if listed(OTHERS) {
        return p.option(verb);
    }
    if !["add", "cache", "del", "fix", "update", "upgrade"].contains(&verb) {
        p.error(&["ERROR: '", verb, "' is not an apk command. See 'apk --help'."].concat())?;
        return Ok(1);
    }
    if p.cred.uid != 0 && !line.has("usermode") {
        p.error("ERROR: Unable to lock database: Permission denied")?;
        p.error("ERROR: Failed to open apk database: Permission denied")?;
        return Ok(99);
    }
    let (no_cache, refresh) = (line.has("no-cache"), line.has("update-cache"));
    if line.value("root").is_some_and(|root| root != "/") || line.has("no-network") || line.has("arch") {
        return p.option("--root");
    }
    match verb {
        "add" => add(p, operands, no_cache, refresh, &line),
        "update" => update(p, quiet).map(|ok| u8::from(!ok)),
        "upgrade" | "fix" => {
            if (refresh || no_cache) && !fetch(p, quiet)? {
                return Ok(1);
            }
            takes(p, 600, 0);
            total(p, quiet)
        }
        "del" => del(p, operands, quiet),
        // What a cache holds besides the indexes of the repositories in use goes; without one there is nothing.
        _ => match operands.first() {
            Some(&("clean" | "purge" | "sync" | "download")) => Ok(0),
            _ => Ok(FAILED),
        },
    }
}

/// Questions, of which some can be answered.
fn read(p: &mut Process<'_, '_>, verb: &str, operands: &[&str], line: &Line) -> Run {
    if verb == "info" && line.has("installed") && !operands.is_empty() {
        let database = read_database(p);
        let mut missing = 0;
        for name in operands {
            match has(p, &database, name) {
                Some(true) if name.contains(['=', '<', '>', '~']) => return p.only_reads(*name),
                Some(true) => p.line(name)?,
                Some(false) => missing += 1,
                None => return p.only_reads(*name),
            }
        }
        return Ok(missing);
    }
    p.only_reads([verb, " ", &operands.join(" ")].concat())
}

/// Whether a package is installed; `None` where nobody knows what the image came with.
fn has(p: &Process<'_, '_>, database: &BTreeMap<String, Vec<String>>, name: &str) -> Option<bool> {
    if database.contains_key(name) || BASE.contains(&[" ", name, " "].concat()) {
        return Some(true);
    }
    let programs = programs::paths(name);
    // One of them alone may be another package's, and BusyBox has names for many.
    let own = |path: &String| match p.m.tree.get(path) {
        Some(crate::tree::Node::Symlink { target, .. }) => !target.ends_with("busybox"),
        found => found.is_some(),
    };
    if !programs.is_empty() && programs.iter().all(own) {
        return Some(true);
    }
    let image = match p.m.tree.stat("/lib") {
        Ok(crate::tree::Node::Dir(dir)) => {
            dir.unlisted.as_ref().map(|more| more.source.starts_with("alpine:"))
        }
        _ => None,
    };
    // What a package that is not in the table needs is installed too.
    let whole = database.keys().all(|known| known.starts_with('.') || Table::new(TABLE).has(known));
    (image == Some(true) && !p.m.incomplete && (whole || !programs.is_empty())).then_some(false)
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

fn add(p: &mut Process<'_, '_>, operands: &[&str], no_cache: bool, refresh: bool, line: &Line) -> Run {
    let quiet = line.has("quiet");
    let group = line.value("virtual").map(str::to_owned);
    if group.as_deref().is_some_and(|group| group.is_empty() || group.starts_with(['!', '-', '/'])) {
        p.error(&["ERROR: ", group.as_deref().unwrap_or(""), ": bad package specifier"].concat())?;
        return Ok(FAILED);
    }
    let group = group.map(|group| group.split('=').next().unwrap_or(&group).to_owned());
    for word in operands {
        if word.contains('.') && there(p, word) {
            // A package of one's own: what it brings is not known, and who signed it as little.
            return p.option(*word);
        }
        if word.contains('/') && !word.contains(UNKNOWN) {
            let (kind, form) = match group {
                Some(_) => ("package", "name([<>~=]version)"),
                None => ("world", "name(@tag)([<>~=]version)"),
            };
            if super::absent(p, word)? {
                p.error(&format!("ERROR: '{word}' is not a valid {kind} dependency, format is {form}"))?;
                return Ok(FAILED);
            }
        }
    }
    if line.has("simulate") {
        return p.only_reads("--simulate");
    }
    let wanted: Vec<&str> =
        operands.iter().map(|name| name.split(['=', '<', '>', '~', '@']).next().unwrap_or(name)).collect();
    // `!name` keeps a package out.
    let wanted: Vec<&str> =
        wanted.into_iter().filter(|name| !name.starts_with('!') && !name.is_empty()).collect();
    let index = there(p, INDEX);
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
        let missing: Vec<&&str> =
            wanted.iter().filter(|name| has(p, &database, name) == Some(false)).collect();
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
    let base = BASE.split(' ').filter(|name| !name.is_empty()).map(str::to_owned);
    let installed: BTreeSet<String> = database.keys().cloned().chain(base).collect();
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
    // What was there for others is now there for itself too.
    for name in &wanted {
        let by = group.as_deref().unwrap_or(name);
        if let Some(known) = database.get_mut(*name)
            && !known.iter().any(|known| known == by)
        {
            known.push(by.to_owned());
        }
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
    if !there(p, INDEX) {
        // Of what is neither installed nor in an index it has not heard.
        let world = text_lines(p, WORLD);
        let unheard: Vec<&&str> = operands
            .iter()
            .filter(|name| {
                !world.contains(**name) && !name.contains('*') && has(p, &database, name) == Some(false)
            })
            .collect();
        for name in &unheard {
            p.error(&["ERROR: No such package: ", name].concat())?;
        }
        if !unheard.is_empty() {
            return Ok(u8::try_from(unheard.len()).unwrap_or(99).min(99));
        }
    }
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
