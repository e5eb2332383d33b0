//! `apt-get remove`, `purge` and `autoremove`.

use super::installed::{self, Has, Status};
use super::options::Options;
use super::{asked, has_lists, missing, plain, progress, say, status, table};
use crate::model::packages;
use crate::model::takes;
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};
use std::collections::BTreeSet;

pub(super) fn run(p: &mut Process<'_, '_>, names: &[&str], options: Options) -> Run {
    progress(p, options)?;
    let (table, mut status) = (table(), status(p));
    let mut gone = BTreeSet::new();
    let mut refused = false;
    for name in names {
        let name = plain(name);
        if name.contains(['*', '?', '^', '$', '[']) {
            let pattern = name.trim_end_matches(['*', '.']);
            gone.extend(status.0.keys().filter(|known| known.starts_with(pattern)).cloned());
            // The image's own packages may match too.
            let plain = name.trim_end_matches('*') == pattern && !pattern.contains(['*', '?', '^', '$', '[']);
            if !plain || !p.m.incomplete && gone.is_empty() {
                return p.option(name);
            }
            continue;
        }
        match status.has(p, &table, name) {
            Has::Yes if installed::is_essential(name) && !options.essential => {
                p.line("WARNING: The following essential packages will be removed.")?;
                p.line("This should NOT be done unless you know exactly what you are doing!")?;
                p.line(&["  ", name].concat())?;
                if options.simulate {
                    return Ok(0);
                }
                p.error(
                    "E: Essential packages were removed and -y was used without --allow-remove-essential.",
                )?;
                return Ok(100);
            }
            Has::Yes => {
                gone.insert(name.to_owned());
            }
            Has::No if !has_lists(p) => {
                missing(p, name)?;
                refused = true;
            }
            Has::No => say(p, options.quiet, &format!("Package '{name}' is not installed, so not removed"))?,
            Has::Unknown => return p.option(format!("remove {name}")),
        }
    }
    if refused {
        return Ok(100);
    }
    status.dependents(&table, &mut gone);
    let mut rest = status.clone();
    rest.0.retain(|name, _| !gone.contains(name));
    if options.auto_remove {
        gone.extend(rest.left_over(&table));
    }
    finish(p, &mut status, gone, options)
}

pub(super) fn left_over(p: &mut Process<'_, '_>, options: Options) -> Run {
    progress(p, options)?;
    let mut status = status(p);
    let gone = status.left_over(&table()).into_iter().collect();
    finish(p, &mut status, gone, options)
}

fn finish(p: &mut Process<'_, '_>, status: &mut Status, gone: BTreeSet<String>, options: Options) -> Run {
    takes(p, 300 + 50 * gone.len() as u64, 0);
    if gone.is_empty() {
        say(p, options.quiet, "0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.")?;
        return Ok(0);
    }
    let names: Vec<&str> = gone.iter().map(String::as_str).collect();
    say(p, options.quiet, "The following packages will be REMOVED:")?;
    say(p, options.quiet, &format!("  {}", names.join(" ")))?;
    say(
        p,
        options.quiet,
        &format!("0 upgraded, 0 newly installed, {} to remove and 0 not upgraded.", gone.len()),
    )?;
    let size: u64 = names.iter().map(|name| table().size(name)).sum();
    let megabytes = (size / 100_000 + 5) / 10;
    say(p, options.quiet, &format!("After this operation, {megabytes} MB disk space will be freed."))?;
    if options.simulate {
        return Ok(0);
    }
    if asked(p, options)? {
        return Ok(1);
    }
    take(p, status, gone, options)?;
    status.write(p)?;
    Ok(0)
}

/// Takes packages out of the tree.
pub(super) fn take(
    p: &mut Process<'_, '_>,
    status: &mut Status,
    gone: BTreeSet<String>,
    options: Options,
) -> Result<(), Halt> {
    for name in gone {
        status.0.remove(&name);
        packages::remove(p, &name);
        say(p, options.quiet, &format!("Removing {name} ..."))?;
    }
    Ok(())
}
