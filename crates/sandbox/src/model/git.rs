//! `git clone` and what needs no network: a clone's files are not known one by one.

use super::{MIB, folder, made_up, offline, takes};
use crate::shell::machine::UNKNOWN;
use crate::shell::process::{Process, Run};
use crate::tree::{Node, Unlisted};
use std::sync::Arc;

/// What a clone weighs of which nothing is known.
const CLONE: u64 = 5 * MIB;
const HISTORY: &str = ".git/‹history›";

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let mut words = Vec::new();
    let (mut shallow, mut quiet) = (false, false);
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "-C" => {
                let dir = rest.next().cloned().unwrap_or_default();
                p.cwd = p.path(&dir);
            }
            "-b" | "--branch" | "--depth" | "-c" | "-o" | "-j" | "--jobs" | "--filter" => {
                shallow |= arg == "--depth";
                let _ = rest.next();
            }
            "-q" | "--quiet" => quiet = true,
            "--version" => return p.line("git version 2.47.0").map(|()| 0),
            arg if arg.starts_with("--depth=") => shallow = true,
            arg if arg.starts_with('-') => {}
            arg => words.push(arg),
        }
    }
    match words.split_first() {
        Some((&"clone", operands)) => clone(p, operands, shallow, quiet),
        Some((&"config", _)) => {
            let home = p.env.get("HOME").cloned().unwrap_or_default();
            made_up(p, &format!("{}/.gitconfig", home.trim_end_matches('/')), 60, 0o644, "git config", &[])?;
            Ok(0)
        }
        Some((&"init", operands)) => {
            let dir = operands.first().copied().unwrap_or(".");
            let at = crate::tree::clean(&p.path(dir));
            made_up(p, &format!("{at}/.git/HEAD"), 21, 0o644, "git init", &[])?;
            p.line(&format!("Initialized empty Git repository in {at}/.git/"))?;
            Ok(0)
        }
        Some((&"lfs", _)) => Ok(0),
        Some((verb, _))
            if matches!(
                *verb,
                "checkout"
                    | "submodule"
                    | "pull"
                    | "fetch"
                    | "reset"
                    | "switch"
                    | "apply"
                    | "describe"
                    | "rev-parse"
                    | "log"
                    | "status"
                    | "diff"
                    | "show"
                    | "ls-files"
                    | "add"
                    | "commit"
                    | "tag"
            ) =>
        {
            if super::absent(p, ".git")? {
                p.error("fatal: not a git repository (or any of the parent directories): .git")?;
                return Ok(128);
            }
            within(p, verb, &args)
        }
        Some((verb, _)) => p.option(*verb),
        None => Ok(1),
    }
}

/// What is done in a repository of which the files are not known one by one.
fn within(p: &mut Process<'_, '_>, verb: &str, args: &[String]) -> Run {
    match verb {
        "describe" | "rev-parse" | "log" | "status" | "diff" | "show" | "ls-files" => {
            p.line(&UNKNOWN.to_string())?;
            Ok(0)
        }
        "add" | "commit" | "tag" => {
            made_up(p, ".git/‹index›", 2000, 0o644, "git", args.join(" ").as_bytes())?;
            Ok(0)
        }
        // Another commit of what was cloned: as much, and as little known.
        "checkout" | "switch" | "reset" | "fetch" | "pull" if super::there(p, HISTORY) => {
            if matches!(verb, "fetch" | "pull")
                && offline(p, "fatal: unable to access: Could not resolve host")?
            {
                return Ok(128);
            }
            let bytes = p.m.tree.read(&p.path(HISTORY)).map_or(CLONE / 2, |file| file.content.size());
            made_up(p, HISTORY, bytes, 0o644, "git clone", args.join(" ").as_bytes())?;
            takes(p, 300, 0);
            Ok(0)
        }
        "submodule" if super::there(p, HISTORY) => {
            if offline(p, "fatal: unable to access: Could not resolve host")? {
                return Ok(128);
            }
            made_up(
                p,
                ".git/modules/‹history›",
                CLONE / 2,
                0o644,
                "git submodule",
                args.join(" ").as_bytes(),
            )?;
            takes(p, 700, CLONE);
            Ok(0)
        }
        _ => p.option(verb),
    }
}

fn clone(p: &mut Process<'_, '_>, operands: &[&str], shallow: bool, quiet: bool) -> Run {
    let Some(url) = operands.first() else {
        p.error("fatal: You must specify a repository to clone.")?;
        return Ok(129);
    };
    let name = url
        .trim_end_matches('/')
        .rsplit(['/', ':'])
        .next()
        .unwrap_or(url)
        .trim_end_matches(".git")
        .to_owned();
    let dir = operands.get(1).map_or(name, |dir| (*dir).to_owned());
    if !quiet {
        p.error(&format!("Cloning into '{dir}'..."))?;
    }
    let at = crate::tree::clean(&p.path(&dir));
    if p.m.tree.read_dir(&at).is_ok_and(|dir| !dir.is_empty()) {
        p.error(&format!("fatal: destination path '{dir}' already exists and is not an empty directory."))?;
        return Ok(128);
    }
    if offline(p, &format!("fatal: unable to access '{url}': Could not resolve host"))? {
        return Ok(128);
    }
    let weight = if shallow { CLONE / 2 } else { CLONE };
    takes(p, 700, weight);
    made_up(p, &format!("{at}/.git/‹history›"), weight / 2, 0o644, "git clone", url.as_bytes())?;
    folder(p, &at)?;
    let unlisted =
        Some(Arc::new(Unlisted { bytes: weight / 2, source: Arc::from(format!("git clone {url}")) }));
    let _ = p.m.tree.update(&at, |node| {
        if let Node::Dir(dir) = node {
            Arc::make_mut(dir).unlisted = unlisted;
        }
    });
    Ok(0)
}
