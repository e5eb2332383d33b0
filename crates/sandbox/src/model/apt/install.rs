//! `apt-get install`.

use super::gone::{self, Gone};
use super::installed::{Has, Status};
use super::options::Options;
use super::{asked, has_lists, missing, plain, progress, remove, say, sources, status, table};
use crate::model::packages::{self, Package};
use crate::model::{made_up, offline, takes};
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};
use std::collections::BTreeSet;

pub(super) fn run(p: &mut Process<'_, '_>, names: &[&str], options: Options) -> Run {
    if sources::problem(p, false)? {
        return Ok(100);
    }
    let (local, wanted): (Vec<&str>, Vec<&str>) =
        names.iter().partition(|name| name.contains('/') && name.ends_with(".deb"));
    for path in &local {
        if crate::model::absent(p, path)? {
            say(p, options.quiet, "Reading package lists...")?;
            p.error(&format!("E: Unsupported file {path} given on commandline"))?;
            return Ok(100);
        }
    }
    progress(p, options)?;
    let (table, mut status) = (table(), status(p));
    // `name-` is taken away, and `name+` stays what it is, unless the name itself ends so (`g++`).
    let mut new: Vec<&str> = Vec::new();
    let mut away: Vec<&str> = Vec::new();
    let mut refused = false;
    for name in &wanted {
        let whole = plain(name);
        let own = table.has(whole) || status.0.contains_key(whole) || whole.ends_with("++");
        let (leaves, bare) = match (own, whole.strip_suffix('-'), whole.strip_suffix('+')) {
            (false, Some(bare), _) => (true, bare),
            (false, _, Some(bare)) => (false, bare),
            _ => (false, whole),
        };
        match status.has(p, &table, bare) {
            Has::Yes if leaves => away.push(bare),
            Has::Yes => {}
            Has::Unknown if leaves || !has_lists(p) => return p.option(format!("install {bare}")),
            Has::No if !has_lists(p) => {
                missing(p, bare)?;
                refused = true;
            }
            _ if leaves => {}
            _ => match gone::find(p, bare) {
                Some(Gone::Unheard) => {
                    missing(p, bare)?;
                    refused = true;
                }
                Some(Gone::Referred) => {
                    p.line(&format!(
                        "Package {bare} is not available, but is referred to by another package."
                    ))?;
                    p.line("This may mean that the package is missing, has been obsoleted, or")?;
                    p.line("is only available from another source")?;
                    p.line("")?;
                    p.error(&format!("E: Package '{bare}' has no installation candidate"))?;
                    refused = true;
                }
                // Of a pattern nobody knows what it is for.
                None if bare.contains(['*', '?', '^', '$']) => return p.option(format!("install {bare}")),
                None if !options.only_upgrade => new.push(bare),
                None => {}
            },
        }
        pinned(p, name, bare, &status)?;
    }
    if refused {
        return Ok(100);
    }
    let closure = table.closure(&new, options.recommends, &status.names());
    for name in &wanted {
        let bare = plain(name);
        if status.has(p, &table, bare) == Has::Yes && !away.contains(&bare.trim_end_matches('-')) {
            say(p, options.quiet, &format!("{bare} is already the newest version."))?;
            // It was asked for now.
            if let Some(auto) = status.0.get_mut(bare) {
                *auto = false;
            }
        }
    }
    if closure.is_empty() && local.is_empty() && away.is_empty() {
        say(p, options.quiet, "0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.")?;
        status.write(p)?;
        return Ok(0);
    }
    let size: u64 = closure.iter().map(|package| package.size).sum();
    announce(p, options, &closure, away.len(), size)?;
    let named: BTreeSet<&&str> = wanted.iter().chain(&local).collect();
    let asks = closure.len() + local.len() != named.len() || !away.is_empty();
    if options.simulate {
        return Ok(0);
    }
    if asks && asked(p, options)? {
        return Ok(1);
    }
    if !closure.is_empty()
        && offline(
            p,
            "E: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?",
        )?
    {
        return Ok(100);
    }
    takes(p, 900 + 35 * closure.len() as u64 + size / 40_000, size / 3);
    if options.keep || options.download_only {
        made_up(p, super::ARCHIVES, size / 3, 0o644, "apt-get: archives", &[])?;
    }
    if options.download_only {
        say(p, options.quiet, "Download complete and in download only mode")?;
        return Ok(0);
    }
    let gone: BTreeSet<String> = away.iter().map(|name| (*name).to_owned()).collect();
    remove::take(p, &mut status, gone, options)?;
    for package in &closure {
        packages::install(p, package, "apt-get")?;
        say(p, options.quiet, &format!("Setting up {} ...", package.name))?;
        status.0.insert(package.name.to_owned(), !package.asked);
    }
    for path in &local {
        let size = p.m.tree.read(&p.path(path)).map_or(0, |file| file.content.size());
        let name = crate::tree::base_name(path)
            .split('_')
            .next()
            .unwrap_or(path)
            .trim_end_matches(".deb")
            .to_owned();
        let package =
            Package { name: &name, size: size * 3, guessed: true, asked: true, ..Package::default() };
        packages::install(p, &package, "apt-get")?;
        status.0.insert(name.clone(), false);
    }
    status.write(p)?;
    Ok(0)
}

/// Whether what is installed is of the version or release that is asked for, nobody knows. Which versions an archive has
/// is in no table here, and changes from one day to the next.
fn pinned(p: &mut Process<'_, '_>, name: &str, bare: &str, status: &Status) -> Result<(), Halt> {
    if name.contains(['=', '/']) && status.has(p, &table(), bare) == Has::Yes {
        return p.option(name);
    }
    Ok(())
}

fn announce(
    p: &mut Process<'_, '_>,
    options: Options,
    new: &[Package<'_>],
    removed: usize,
    size: u64,
) -> Result<(), Halt> {
    let list = |of: &mut dyn Iterator<Item = &Package<'_>>| {
        of.map(|package| package.name).collect::<Vec<_>>().join(" ")
    };
    let extra = list(&mut new.iter().filter(|package| !package.asked));
    if !extra.is_empty() {
        say(p, options.quiet, "The following additional packages will be installed:")?;
        say(p, options.quiet, &format!("  {extra}"))?;
    }
    if !new.is_empty() {
        say(p, options.quiet, "The following NEW packages will be installed:")?;
        say(p, options.quiet, &format!("  {}", list(&mut new.iter())))?;
    }
    say(
        p,
        options.quiet,
        &format!("0 upgraded, {} newly installed, {removed} to remove and 0 not upgraded.", new.len()),
    )?;
    let megabytes = (size / 100_000 + 5) / 10;
    say(
        p,
        options.quiet,
        &format!("After this operation, {megabytes} MB of additional disk space will be used."),
    )
}
