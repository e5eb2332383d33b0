//! `npm`: verbs and options; what the lock file, or else `package.json`, says is installed.

use super::install::{self, Graph};
use super::lock::Omit;
use super::npm_modules::{Found, leftovers, prune, read_lock, reify, report, uninstall, wanted};
use super::npm_settings::{config, init, package};
use super::options::{Line, Spec};
use super::project::{self, Missing, Project};
use super::scripts::{self, How};
use super::{Tool, npx};
use crate::model::help::{home, version_of};
use crate::model::manifest::Json;
use crate::model::{KIB, absent, made_up, takes, text};
use crate::shell::machine::{Halt, UNKNOWN};
use crate::shell::process::{Process, Run};
use std::collections::BTreeMap;

pub(super) const OPTIONS: Spec = Spec {
    short: &[
        ("g", "global"),
        ("D", "save-dev"),
        ("P", "save-prod"),
        ("O", "save-optional"),
        ("E", "save-exact"),
        ("S", "save"),
        ("B", "save-bundle"),
        ("w", "workspace"),
        ("ws", "workspaces"),
        ("iwr", "include-workspace-root"),
        ("s", "silent"),
        ("q", "quiet"),
        ("f", "force"),
        ("y", "yes"),
        ("v", "version"),
        ("h", "help"),
        ("c", "call"),
        ("p", "package"),
        ("C", "prefix"),
        ("l", "long"),
    ],
    valued: "prefix loglevel registry omit include cache workspace userconfig globalconfig tag only script-shell \
    node-options call package fetch-retries fetch-retry-factor fetch-retry-mintimeout fetch-retry-maxtimeout \
    fetch-timeout maxsockets depth before cpu os libc cafile ca cert key proxy https-proxy noproxy user-agent otp \
    install-strategy lockfile-version message access pack-destination location audit-level scope save-prefix jobs \
    python build-from-source target_arch target_platform",
};

/// Every other name of a verb.
fn verb(word: &str) -> &str {
    match word {
        "i" | "in" | "ins" | "inst" | "insta" | "instal" | "isnt" | "isnta" | "isntal" | "isntall"
        | "add" => "install",
        "clean-install" | "ic" | "install-clean" | "isntall-clean" => "ci",
        "run-script" | "rum" | "urn" => "run",
        "t" | "tst" => "test",
        "unlink" | "remove" | "rm" | "r" | "un" => "uninstall",
        "up" | "upgrade" | "udpate" => "update",
        "x" => "exec",
        "c" => "config",
        "create" | "innit" => "init",
        "ln" => "link",
        "rb" => "rebuild",
        "ddp" => "dedupe",
        "list" | "la" | "ll" => "ls",
        "it" => "install-test",
        "cit" | "clean-install-test" | "sit" => "install-ci-test",
        word => word,
    }
}

pub(in crate::model) fn npm(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let line = OPTIONS.read(&args, |_| false);
    let Some((word, words)) = line.words.split_first() else {
        if line.has("version") {
            let version = version(p);
            p.line(version)?;
            return Ok(0);
        }
        return p.only_reads("npm");
    };
    let dir = match line.value("prefix") {
        Some(dir) if !line.has("global") => p.path(dir),
        _ => p.cwd.clone(),
    };
    let dir = dir.trim_end_matches('/').to_owned();
    match verb(word) {
        "ci" => add(p, &dir, &[], &line, true),
        "install" if line.has("global") => global(p, words, &line),
        "install" | "update" => add(p, &dir, words, &line, false),
        verb @ ("install-test" | "install-ci-test") => {
            match add(p, &dir, &[], &line, verb == "install-ci-test")? {
                0 => script(p, &dir, "test", &[], &line),
                code => Ok(code),
            }
        }
        "uninstall" => uninstall(p, &dir, words, &line),
        "prune" => prune(p, &dir, &line),
        "run" => match words.split_first() {
            Some((name, words)) => script(p, &dir, name, words, &line),
            None => list_scripts(p, &dir),
        },
        name @ ("test" | "start" | "stop" | "restart") => script(p, &dir, name, words, &line),
        "exec" => npx::words(p, words, &line),
        "init" => init(p, &dir, words),
        "pkg" => package(p, &dir, words),
        "cache" => {
            if words.first().is_some_and(|word| word == "clean") {
                let cache = [cache(p, &line), "/_cacache".to_owned()].concat();
                let _ = p.m.tree.remove_all(&cache);
                if line.has("force") {
                    p.error(
                        &[mark(p).0, " using --force Recommended protections disabled."]
                            .concat()
                            .replace("error", "warn"),
                    )?;
                }
            }
            Ok(0)
        }
        "config" | "set" => config(p, if verb(word) == "set" { &line.words } else { words }),
        "root" if line.has("global") => {
            let at = [prefix(p, &line), "/lib/node_modules".to_owned()].concat();
            p.line(&at)?;
            Ok(0)
        }
        "root" => p.line(&[&dir, "/node_modules"].concat()).map(|()| 0),
        "prefix" => p.line(&dir).map(|()| 0),
        "audit" | "fund" | "dedupe" | "rebuild" | "ping" => {
            takes(p, 300, 0);
            Ok(0)
        }
        verb @ ("get" | "ls" | "view" | "info" | "show" | "outdated" | "whoami" | "help" | "search"
        | "explain" | "why" | "doctor" | "query" | "sbom" | "bugs" | "docs" | "repo"
        | "completion") => p.only_reads(verb),
        "bin" => {
            for line in [
                "Unknown command: \"bin\"",
                "",
                "To see a list of supported npm commands, run:",
                "  npm help",
            ] {
                p.error(line)?;
            }
            Ok(1)
        }
        other => p.option(other),
    }
}

/// The npm that comes with the image's Node.
fn version(p: &Process<'_, '_>) -> &'static str {
    let version = version_of(p, "NODE_VERSION", "22");
    match version.split('.').next().and_then(|major| major.parse::<u32>().ok()).unwrap_or(22) {
        0..=8 => "5.6.0",
        9..=14 => "6.14.18",
        15..=16 => "8.19.4",
        17..=20 => "10.8.2",
        21..=22 => "10.9.4",
        _ => "11.6.2",
    }
}

/// What lines of errors begin with, and what stands alone on a line: changed in npm 10.8.
fn mark(p: &Process<'_, '_>) -> (&'static str, bool) {
    let version = version_of(p, "NODE_VERSION", "22");
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let (major, minor) = (parts.next().unwrap_or(22), parts.next().unwrap_or(0));
    if major >= 21 || major == 20 && minor >= 16 || major == 18 && minor >= 20 {
        ("npm error", true)
    } else {
        ("npm ERR!", false)
    }
}

/// Prints a line of an error.
pub(super) fn complain(p: &mut Process<'_, '_>, line: &str) -> Result<(), Halt> {
    let (mark, is_new) = mark(p);
    if line.is_empty() && is_new { p.error(mark) } else { p.error(&[mark, " ", line].concat()) }
}

fn complain_all(p: &mut Process<'_, '_>, lines: &[&str]) -> Result<(), Halt> {
    lines.iter().try_for_each(|line| complain(p, line))
}

/// Where downloads are kept, and logs.
pub(super) fn cache(p: &Process<'_, '_>, line: &Line) -> String {
    let set = ["npm_config_cache", "NPM_CONFIG_CACHE"].iter().find_map(|name| p.env.get(*name).cloned());
    match line.value("cache").map(str::to_owned).or(set) {
        Some(dir) => p.path(&dir).trim_end_matches('/').to_owned(),
        None => [home(p).as_str(), "/.npm"].concat(),
    }
}

/// Where global packages go.
pub(super) fn prefix(p: &mut Process<'_, '_>, line: &Line) -> String {
    let set = ["npm_config_prefix", "NPM_CONFIG_PREFIX"].iter().find_map(|name| p.env.get(*name).cloned());
    let written = |p: &mut Process<'_, '_>| {
        let file = [home(p).as_str(), "/.npmrc"].concat();
        let text = text(p, &file)?;
        text.lines().rev().find_map(|line| {
            Some(line.split_once('=').filter(|(key, _)| key.trim() == "prefix")?.1.trim().to_owned())
        })
    };
    let asked = line.value("prefix").map(|dir| p.path(dir));
    match asked.or(set) {
        Some(dir) => dir.trim_end_matches('/').to_owned(),
        None => written(p).unwrap_or_else(|| "/usr/local".to_owned()).trim_end_matches('/').to_owned(),
    }
}

/// What is left out.
pub(super) fn omit(p: &Process<'_, '_>, line: &Line) -> Omit {
    let listed = |option: &str, name: &str| {
        line.values(option).iter().any(|value| value.split(',').any(|part| part.trim() == name))
    };
    let production = line.has("production")
        || line.value("only").is_some_and(|only| only.starts_with("prod"))
        || line.off("dev")
        || p.env.get("NODE_ENV").is_some_and(|env| env == "production") && !line.off("production")
        || ["npm_config_omit", "NPM_CONFIG_OMIT"]
            .iter()
            .any(|name| p.env.get(*name).is_some_and(|value| value == "dev"));
    Omit {
        dev: (production || listed("omit", "dev")) && !listed("include", "dev"),
        optional: (listed("omit", "optional") || line.off("optional")) && !listed("include", "optional"),
        peer: listed("omit", "peer") && !listed("include", "peer"),
    }
}

/// The project in a folder; what is said without one has been said.
pub(super) fn open(p: &mut Process<'_, '_>, dir: &str) -> Result<Result<Project, u8>, Halt> {
    let path = [dir, "/package.json"].concat();
    Ok(match project::read(p, dir)? {
        Ok(project) => Ok(project),
        Err(Missing::File) => {
            complain_all(
                p,
                &[
                    "code ENOENT",
                    "syscall open",
                    &["path ", &path].concat(),
                    "errno -2",
                    &["enoent Could not read package.json: Error: ENOENT: no such file or directory, open '", &path, "'"]
                        .concat(),
                    "enoent This is related to npm not being able to find a file.",
                    "enoent",
                ],
            )?;
            Err(254)
        }
        Err(Missing::Malformed) => {
            complain_all(
                p,
                &[
                    "code EJSONPARSE",
                    &["path ", &path].concat(),
                    &["JSON.parse ", &UNKNOWN.to_string()].concat(),
                    "JSON.parse Failed to parse JSON data.",
                    "JSON.parse Note: package.json must be actual JSON, not just JavaScript.",
                ],
            )?;
            Err(1)
        }
    })
}

/// The workspaces that are meant, by name or folder; all of them, none for the project itself.
fn chosen(
    p: &mut Process<'_, '_>,
    project: &Project,
    line: &Line,
) -> Result<Result<Option<Vec<Project>>, u8>, Halt> {
    let names = line.values("workspace");
    if names.is_empty() && !line.has("workspaces") {
        return Ok(Ok(None));
    }
    let mut all = project::workspaces(p, project, &[])?;
    if names.is_empty() {
        return Ok(Ok(Some(all)));
    }
    let paths: Vec<String> = names.iter().map(|name| p.path(name).trim_end_matches('/').to_owned()).collect();
    let below = |dir: &str, path: &String| dir == path || dir.starts_with(&[path.as_str(), "/"].concat());
    all.retain(|one| {
        names.iter().any(|name| name == one.get("name")) || paths.iter().any(|path| below(&one.dir, path))
    });
    if all.is_empty() {
        complain(p, "No workspaces found:")?;
        for name in names {
            complain(p, &["  --workspace=", name].concat())?;
        }
        return Ok(Err(1));
    }
    Ok(Ok(Some(all)))
}

/// Says why `npm ci` does nothing.
fn usage(p: &mut Process<'_, '_>, lines: &[String]) -> Run {
    complain_all(p, &["code EUSAGE", ""])?;
    for line in lines {
        complain(p, line)?;
    }
    complain_all(p, &["", "Clean install a project", "", "Usage:", "npm ci", &UNKNOWN.to_string()])?;
    Ok(1)
}

/// `install` and `ci`.
fn add(p: &mut Process<'_, '_>, dir: &str, names: &[String], line: &Line, clean: bool) -> Run {
    // A folder that is named as such is the project itself.
    let names: Vec<&String> = names.iter().filter(|name| !matches!(name.as_str(), "." | "./")).collect();
    let project = match open_or_begin(p, dir, !names.is_empty() && !clean)? {
        Ok(project) => project,
        Err(code) => return Ok(code),
    };
    let workspaces = project::workspaces(p, &project, &[])?;
    let lock = match read_lock(p, dir)? {
        Found::Lock(lock) => Some(lock),
        // Made by a model: it says what the manifest leads to.
        Found::Made => None,
        Found::None if clean => {
            return usage(
                p,
                &[
                    "The `npm ci` command can only install with an existing package-lock.json or".to_owned(),
                    "npm-shrinkwrap.json with lockfileVersion >= 1. Run an install with npm@5 or".to_owned(),
                    "later to generate a package-lock.json file, then try again.".to_owned(),
                ],
            );
        }
        Found::None => None,
    };
    let projects: Vec<&Project> = std::iter::once(&project).chain(&workspaces).collect();
    if let Some(lock) = lock.as_ref().filter(|_| clean) {
        let faults = lock.faults(&projects, dir);
        if !faults.is_empty() {
            let head = "`npm ci` can only install packages when your package.json and package-lock.json or npm-shrinkwrap.json are in sync. Please update your lock file with `npm install` before continuing.";
            let lines: Vec<String> = [head.to_owned(), String::new()].into_iter().chain(faults).collect();
            return usage(p, &lines);
        }
    }
    let selected = match chosen(p, &project, line)? {
        Ok(selected) => selected,
        Err(code) => return Ok(code),
    };
    if !p.m.network && !line.has("offline") {
        complain_all(
            p,
            &[
                "code EAI_AGAIN",
                "syscall getaddrinfo",
                "errno EAI_AGAIN",
                &["request to ", &UNKNOWN.to_string(), " failed, reason: getaddrinfo EAI_AGAIN"].concat(),
            ],
        )?;
        return Ok(1);
    }
    let mut project = project.clone();
    let named: Vec<(String, String)> =
        names.iter().map(|name| (super::bare(name).to_owned(), super::split(name).1.to_owned())).collect();
    for (name, range) in &named {
        if name.starts_with(['.', '/']) || name.contains(':') || name.contains('/') && !name.starts_with('@')
        {
            return p.option(name.clone());
        }
        save(&mut project, name, range, line);
    }
    let omit = omit(p, line);
    let wanted = wanted(p, &project, &workspaces, selected.as_deref(), lock.as_ref(), omit, &named)?;
    if clean {
        let _ = p.m.tree.remove_all(&[dir, "/node_modules"].concat());
    }
    if line.has("dry-run") || line.has("package-lock-only") {
        return Ok(0);
    }
    let code = reify(p, dir, &wanted, line)?;
    if code != 0 {
        return Ok(code);
    }
    let saves = !line.off("save") && !named.is_empty();
    if saves {
        project.save(p)?;
    }
    let keeps_lock = !clean && !line.off("package-lock") && !line.off("save");
    if keeps_lock && (lock.is_none() || saves) {
        let salt = wanted
            .packages
            .iter()
            .flat_map(|one| [one.path.as_bytes(), one.version.as_bytes()].concat())
            .collect::<Vec<u8>>();
        let size = 120 + 400 * wanted.packages.len() as u64;
        made_up(p, &[dir, "/package-lock.json"].concat(), size, 0o644, "npm: lock file", &salt)?;
    }
    if names.is_empty() && !line.has("ignore-scripts") && selected.is_none() {
        const EVENTS: [&str; 7] =
            ["preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"];
        return scripts::life(p, &project, &EVENTS, Tool::Npm, is_quiet(line));
    }
    Ok(0)
}

/// Where something is added to a folder without a manifest, one is begun.
fn open_or_begin(p: &mut Process<'_, '_>, dir: &str, begins: bool) -> Result<Result<Project, u8>, Halt> {
    if begins && absent(p, &[dir, "/package.json"].concat())? {
        return Ok(Ok(Project::new(dir, Json::Map(Vec::new()))));
    }
    open(p, dir)
}

fn save(project: &mut Project, name: &str, range: &str, line: &Line) {
    let kind = match () {
        () if line.has("save-dev") => "devDependencies",
        () if line.has("save-optional") => "optionalDependencies",
        // What is there already stays what it is.
        () => project::KINDS
            .into_iter()
            .find(|kind| {
                !line.has("save-prod") && project.needs(kind).iter().any(|(known, _)| *known == name)
            })
            .unwrap_or("dependencies"),
    };
    let (graph, _) = Graph::resolve(&[(name.to_owned(), range.to_owned())], &BTreeMap::new());
    let version = graph.entries.first().map_or("", |entry| entry.version.as_str());
    let exact = line.has("save-exact") || range == version;
    let range = match version {
        // Nobody knows which one it would be.
        "" if range.is_empty() => "*".to_owned(),
        "" => range.to_owned(),
        version if exact => version.to_owned(),
        version => ["^", version].concat(),
    };
    project.add(kind, name, &range);
}

pub(super) fn is_quiet(line: &Line) -> bool {
    line.has("silent") || line.value("loglevel") == Some("silent")
}

fn global(p: &mut Process<'_, '_>, names: &[String], line: &Line) -> Run {
    if !p.m.network {
        complain_all(p, &["code EAI_AGAIN", "syscall getaddrinfo", "errno EAI_AGAIN"])?;
        return Ok(1);
    }
    let prefix = prefix(p, line);
    let mut count = 0;
    let mut bytes = 0;
    for word in names {
        let (name, range) = super::split(word);
        if name.starts_with(['.', '/']) || name.contains(':') || name.contains('/') && !name.starts_with('@')
        {
            return p.option(word.clone());
        }
        let (graph, roots) = Graph::resolve(&[(name.to_owned(), range.to_owned())], &BTreeMap::new());
        let at = [&prefix, "/lib/node_modules/", name].concat();
        for one in graph.hoist(&roots) {
            // Its dependencies lie in its own folder.
            let inside = if one.name == name { at.clone() } else { [&at, "/", &one.path].concat() };
            install::put(p, &inside, &one)?;
            count += 1;
            bytes += install::size_of(&one.name);
        }
        match install::bins_of(name) {
            Some(bins) => {
                for (program, file) in bins {
                    install::link(
                        p,
                        &["../lib/node_modules/", name, "/", &file].concat(),
                        &[&prefix, "/bin/", &program].concat(),
                    )?;
                }
            }
            // Most are called as the package is; others may have come too.
            None => {
                let program = name.rsplit('/').next().unwrap_or(name);
                let file = [&at, "/", program].concat();
                made_up(p, &file, KIB, 0o755, &["npm: ", name].concat(), word.as_bytes())?;
                install::link(
                    p,
                    &["../lib/node_modules/", name, "/", program].concat(),
                    &[&prefix, "/bin/", program].concat(),
                )?;
                install::unlisted(p, &[&prefix, "/bin"].concat(), 0, &["npm: ", name].concat());
            }
        }
    }
    let salt = names.concat();
    leftovers(p, line, bytes, salt.as_bytes())?;
    takes(p, 1500, bytes / 4);
    report(p, count, 0, line)
}

/// `npm run`, of the project or of workspaces.
fn script(p: &mut Process<'_, '_>, dir: &str, name: &str, words: &[String], line: &Line) -> Run {
    let project = match open(p, dir)? {
        Ok(project) => project,
        Err(code) => return Ok(code),
    };
    let more: Vec<String> = words.iter().chain(&line.rest).cloned().collect();
    let how = How { tool: Tool::Npm, silent: is_quiet(line), more: &more };
    let projects = match chosen(p, &project, line)? {
        Ok(None) => vec![project],
        Ok(Some(mut projects)) => {
            if line.has("include-workspace-root") {
                projects.insert(0, project);
            }
            projects
        }
        Err(code) => return Ok(code),
    };
    let mut failed = 0;
    for project in &projects {
        let code = match scripts::run(p, project, name, how)? {
            Some(code) => code,
            None if line.has("if-present") => 0,
            // Node runs what is there for it.
            None if name == "start" && !absent(p, &[&project.dir, "/server.js"].concat())? => {
                scripts::shell(p, &project.dir, "node server.js", None)?
            }
            None if name == "restart" || name == "stop" => return p.option(name),
            None => missing(p, name)?,
        };
        if code != 0 {
            failed = code;
        }
    }
    Ok(failed)
}

fn missing(p: &mut Process<'_, '_>, name: &str) -> Run {
    complain_all(p, &[&["Missing script: \"", name, "\""].concat(), ""])?;
    complain_all(p, &["To see a list of scripts, run:", "  npm run"])?;
    Ok(1)
}

fn list_scripts(p: &mut Process<'_, '_>, dir: &str) -> Run {
    let project = match open(p, dir)? {
        Ok(project) => project,
        Err(code) => return Ok(code),
    };
    let scripts = project.json.get("scripts").map(Json::texts).unwrap_or_default();
    if !scripts.is_empty() {
        p.line(&["Scripts available in ", &project.id(), " via `npm run`:"].concat())?;
    }
    for (name, text) in scripts {
        p.line(&["  ", name, "\n    ", text].concat())?;
    }
    Ok(0)
}
