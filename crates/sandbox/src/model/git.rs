//! `git clone` and what needs no network: a clone's files are not known one by one.

use super::download::{Spec, Word};
use super::{MIB, folder, made_up, offline, takes};
use crate::shell::machine::UNKNOWN;
use crate::shell::process::{Process, Run};
use crate::tree::{Node, Unlisted};
use std::sync::Arc;

/// What a clone weighs of which nothing is known.
const CLONE_SIZE: u64 = 5 * MIB;
const HISTORY: &str = ".git/‹history›";

/// What stands between `git` and the verb.
const GLOBAL: Spec = Spec {
    plain: "pPv",
    valued: "Cc",
    joined: "",
    long: "version help paginate no-pager bare no-replace-objects literal-pathspecs no-optional-locks",
    long_valued: "git-dir work-tree namespace exec-path config-env super-prefix",
    negates: false,
};

/// The options of `git clone`, from the help of git 2.47.
const CLONE: Spec = Spec {
    plain: "vqnls46",
    valued: "jobuc",
    joined: "",
    long: "verbose quiet progress reject-shallow no-checkout checkout bare mirror local no-hardlinks hardlinks shared \
    recurse-submodules recursive dissociate single-branch no-single-branch no-tags tags shallow-submodules ipv4 ipv6 \
    also-filter-submodules remote-submodules sparse no-recurse-submodules no-progress",
    long_valued: "jobs template reference reference-if-able origin branch upload-pack depth shallow-since \
    shallow-exclude separate-git-dir ref-format config server-option filter bundle-uri revision",
    negates: false,
};

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    // Up to the verb options are git's own.
    let mut at = 0;
    while let Some(arg) = args.get(at).filter(|arg| arg.starts_with('-')) {
        let takes = matches!(arg.as_str(), "-C" | "-c" | "--git-dir" | "--work-tree" | "--namespace");
        at += if takes { 2 } else { 1 };
    }
    let (own, rest) = args.split_at_checked(at).unwrap_or((&args, &[]));
    for word in GLOBAL.read(own) {
        match word {
            Word::Option(name, value) if name == "C" => p.cwd = p.path(&value),
            Word::Option(name, _) if name == "version" => return p.line("git version 2.47.0").map(|()| 0),
            Word::Option(name, _) if matches!(name.as_str(), "git-dir" | "work-tree") => {
                return p.option(name);
            }
            _ => {}
        }
    }
    let words: Vec<&str> = rest.iter().map(String::as_str).collect();
    match words.split_first() {
        Some((&"clone", _)) => clone(p, rest.get(1..).unwrap_or_default()),
        Some((&"config", _)) => super::git_config::run(p, rest.get(1..).unwrap_or_default()),
        Some((&"init", _)) => init(p, rest.get(1..).unwrap_or_default()),
        Some((&"version", _)) => p.line("git version 2.47.0").map(|()| 0),
        Some((&("ls-remote" | "help"), _)) => p.only_reads("git"),
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
            let bytes = p.m.tree.read(&p.path(HISTORY)).map_or(CLONE_SIZE / 2, |file| file.content.size());
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
                CLONE_SIZE / 2,
                0o644,
                "git submodule",
                args.join(" ").as_bytes(),
            )?;
            takes(p, 700, CLONE_SIZE);
            Ok(0)
        }
        _ => p.option(verb),
    }
}

/// `git init`
fn init(p: &mut Process<'_, '_>, args: &[String]) -> Run {
    let (mut bare, mut quiet, mut branch, mut dir) = (false, false, None, None);
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--bare" => bare = true,
            "-q" | "--quiet" => quiet = true,
            "-b" | "--initial-branch" => branch = args.next().cloned(),
            arg if arg.starts_with("--initial-branch=") => {
                branch = arg.split_once('=').map(|(_, name)| name.to_owned());
            }
            arg if arg.starts_with('-') => return p.option(arg),
            arg => dir = Some(arg.to_owned()),
        }
    }
    let at = crate::tree::clean(&p.path(dir.as_deref().unwrap_or(".")));
    let inside = if bare { at } else { [at.trim_end_matches('/'), "/.git"].concat() };
    let branch = match branch {
        Some(branch) => branch,
        None => super::git_config::value(p, "init.defaultBranch")?.unwrap_or_else(|| "master".to_owned()),
    };
    let again = super::there(p, &[&inside, "/HEAD"].concat());
    if !again {
        folder(p, &inside)?;
        let config = [
            "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = ",
            &bare.to_string(),
            "\n",
            if bare { "" } else { "\tlogallrefupdates = true\n" },
        ]
        .concat();
        for (name, content) in [("HEAD", ["ref: refs/heads/", &branch, "\n"].concat()), ("config", config)] {
            let _ = p.write_file(&[&inside, "/", name].concat(), content.into_bytes())?;
        }
        for name in ["branches", "objects/info", "objects/pack", "refs/heads", "refs/tags"] {
            folder(p, &[&inside, "/", name].concat())?;
        }
        // What the template brings: hooks that do nothing, a description.
        for (name, bytes) in [("description", 73), ("info/exclude", 240), ("hooks/‹samples›", 23_000)] {
            made_up(p, &[&inside, "/", name].concat(), bytes, 0o644, "git init", &[])?;
        }
    }
    if !quiet {
        let what = if again { "Reinitialized existing" } else { "Initialized empty" };
        p.line(&[what, " Git repository in ", &inside, "/"].concat())?;
    }
    Ok(0)
}

fn clone(p: &mut Process<'_, '_>, args: &[String]) -> Run {
    let (mut shallow, mut quiet, mut bare, mut checks_out) = (false, false, false, true);
    let mut operands = Vec::new();
    for word in CLONE.read(args) {
        let (name, value) = match word {
            Word::Operand(word) => {
                operands.push(word);
                continue;
            }
            Word::Option(name, value) => (name, value),
            Word::Stranger(option) => {
                p.error(&["error: unknown option `", option.trim_start_matches('-'), "'"].concat())?;
                return Ok(129);
            }
            Word::Lacking(option) => {
                p.error(&["error: option `", option.trim_start_matches('-'), "' requires a value"].concat())?;
                return Ok(129);
            }
        };
        match name.as_str() {
            "depth" | "shallow-since" | "shallow-exclude" | "filter" => shallow = true,
            "q" | "quiet" => quiet = true,
            "bare" | "mirror" => bare = true,
            "n" | "no-checkout" => checks_out = false,
            "separate-git-dir" => return p.option(["--", &name, "=", &value].concat()),
            _ => {}
        }
    }
    let Some(url) = operands.first() else {
        p.error("fatal: You must specify a repository to clone.")?;
        return Ok(129);
    };
    if operands.len() > 2 {
        p.error("fatal: Too many arguments.")?;
        return Ok(129);
    }
    let name = url.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or(url).trim_end_matches(".git");
    let dir = match operands.get(1) {
        Some(dir) => dir.clone(),
        None if bare => [name, ".git"].concat(),
        None => name.to_owned(),
    };
    if !quiet {
        let into = if bare { "Cloning into bare repository '" } else { "Cloning into '" };
        p.error(&[into, &dir, "'..."].concat())?;
    }
    let at = crate::tree::clean(&p.path(&dir));
    if p.m.tree.read_dir(&at).is_ok_and(|dir| !dir.is_empty()) {
        p.error(
            &["fatal: destination path '", &dir, "' already exists and is not an empty directory."].concat(),
        )?;
        return Ok(128);
    }
    if url.starts_with(['/', '.']) || url.starts_with("file:") {
        // A repository of this image: its files are known as little as those of any other.
        return p.option(url.clone());
    }
    let host = super::download::host(url);
    if offline(
        p,
        &["fatal: unable to access '", url.trim_end_matches('/'), "/': Could not resolve host: ", host]
            .concat(),
    )? {
        return Ok(128);
    }
    let weight = if shallow { CLONE_SIZE / 2 } else { CLONE_SIZE };
    takes(p, 700, weight);
    let history = if bare { [&at, "/‹history›"].concat() } else { [at.as_str(), "/", HISTORY].concat() };
    made_up(p, &history, weight / 2, 0o644, "git clone", url.as_bytes())?;
    if bare || !checks_out {
        return Ok(0);
    }
    folder(p, &at)?;
    let source = Arc::from(["git clone ", url].concat());
    let unlisted = Some(Arc::new(Unlisted { bytes: weight / 2, source }));
    let _ = p.m.tree.update(&at, |node| {
        if let Node::Dir(dir) = node {
            Arc::make_mut(dir).unlisted = unlisted;
        }
    });
    Ok(0)
}
