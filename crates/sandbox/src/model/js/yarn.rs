//! `yarn`: Yarn 1, and of later ones what is alike.

use super::install::{self, Graph, Placed};
use super::options::{Line, Spec};
use super::project::{self, Missing, Project};
use super::scripts::{self, How};
use super::yarn_lock::Lock;
use super::{Tool, npx};
use crate::model::help::home;
use crate::model::{absent, made_up, takes, text};
use crate::shell::Why;
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};
use std::collections::{BTreeMap, BTreeSet};

const OPTIONS: Spec = Spec {
    short: &[
        ("D", "dev"),
        ("P", "peer"),
        ("O", "optional"),
        ("E", "exact"),
        ("T", "tilde"),
        ("W", "ignore-workspace-root-check"),
        ("s", "silent"),
        ("v", "version"),
        ("h", "help"),
        ("prod", "production"),
    ],
    valued: "cache-folder modules-folder preferred-cache-folder mutex registry cwd network-timeout network-concurrency \
    proxy https-proxy global-folder link-folder use-yarnrc emoji scripts-prepend-node-path mode inline-builds-x",
};

const VERSION: &str = "1.22.22";

pub(in crate::model) fn yarn(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    // All behind the name of a script is for the script.
    let line = OPTIONS.read(&args, |words| match words {
        [verb] => !is_verb(verb),
        [run, _] => matches!(run.as_str(), "run" | "exec" | "node"),
        [workspace, _, verb] if workspace == "workspace" => !is_verb(verb) || verb == "run",
        [of, what, _] => of == "workspace" || (of == "workspaces" && what == "run"),
        _ => false,
    });
    if let Some(dir) = line.value("cwd") {
        p.cwd = p.path(dir);
    }
    let dir = p.cwd.trim_end_matches('/').to_owned();
    if line.has("version") && line.words.is_empty() {
        return p.line(VERSION).map(|()| 0);
    }
    let (verb, words) = match line.words.split_first() {
        Some((verb, words)) => (verb.as_str(), words),
        None => ("install", &[][..]),
    };
    match verb {
        "install" => add(p, &dir, &[], &line),
        "add" | "upgrade" | "up" => add(p, &dir, words, &line),
        "remove" => remove(p, &dir, words),
        "run" => match words.first() {
            Some(name) => script(p, &dir, name, &line.rest, &line),
            None => p.only_reads("run"),
        },
        "workspace" => match words.split_first() {
            Some((name, words)) => workspace(p, &dir, name, words, &line),
            None => p.option("workspace"),
        },
        "workspaces" => workspaces(p, &dir, words, &line),
        "global" => match words.split_first() {
            Some((verb, words)) if verb == "add" => global(p, words),
            Some((verb, _)) if verb == "bin" => p.line("/usr/local/bin").map(|()| 0),
            _ => p.option("global"),
        },
        "cache" => {
            if words.first().is_some_and(|word| word == "clean") {
                let at = cache(p, &line);
                let _ = p.m.tree.remove_all(&at);
                says(p, "cache", &line)?;
                p.line("success Cleared cache.")?;
            } else if words.first().is_some_and(|word| word == "dir") {
                let at = cache(p, &line);
                p.line(&at)?;
            }
            Ok(0)
        }
        "config" | "set" | "policies" | "plugin" => {
            takes(p, 200, 0);
            Ok(0)
        }
        "exec" | "dlx" => npx::words(p, &[words, &line.rest].concat(), &Line::default()),
        "bin" => p.line(&[&dir, "/node_modules/.bin"].concat()).map(|()| 0),
        verb if READS.contains(&verb) => p.only_reads(verb),
        verb if UNMODELLED.contains(&verb) => p.option(verb),
        name => script(p, &dir, name, &line.rest, &line),
    }
}

/// What only tells something.
const READS: [&str; 9] =
    ["why", "list", "info", "outdated", "audit", "licenses", "versions", "help", "check"];
const UNMODELLED: [&str; 8] = ["autoclean", "pack", "link", "unlink", "publish", "init", "create", "import"];

/// Whether a word is Yarn's own, and not the name of a script.
fn is_verb(word: &str) -> bool {
    const DONE: [&str; 17] = [
        "install",
        "add",
        "upgrade",
        "up",
        "remove",
        "run",
        "workspace",
        "workspaces",
        "global",
        "cache",
        "config",
        "set",
        "policies",
        "plugin",
        "exec",
        "dlx",
        "bin",
    ];
    DONE.contains(&word) || READS.contains(&word) || UNMODELLED.contains(&word)
}

fn says(p: &mut Process<'_, '_>, verb: &str, line: &Line) -> Result<(), Halt> {
    if line.has("silent") { Ok(()) } else { p.line(&["yarn ", verb, " v", VERSION].concat()) }
}

fn cache(p: &Process<'_, '_>, line: &Line) -> String {
    let set =
        line.value("cache-folder").map(str::to_owned).or_else(|| p.env.get("YARN_CACHE_FOLDER").cloned());
    match set {
        Some(dir) => p.path(&dir),
        None if p.cred.uid == 0 => "/usr/local/share/.cache/yarn/v6".to_owned(),
        None => [home(p).as_str(), "/.cache/yarn/v6"].concat(),
    }
}

/// The project in a folder. Without one Yarn 1 works with an empty one.
fn open(p: &mut Process<'_, '_>, dir: &str) -> Result<Option<Project>, Halt> {
    match project::read(p, dir)? {
        Ok(project) => Ok(Some(project)),
        Err(Missing::File) => Ok(None),
        Err(Missing::Malformed) => {
            p.error(
                &["error SyntaxError: ", dir, "/package.json: ", &crate::shell::machine::UNKNOWN.to_string()]
                    .concat(),
            )?;
            Err(Halt::Exit(1))
        }
    }
}

/// Whether the project asks for a Yarn of version 2 or later, whose installations are of another kind.
fn is_later(p: &mut Process<'_, '_>, project: &Project) -> bool {
    let asked = project
        .get("packageManager")
        .strip_prefix("yarn@")
        .and_then(|version| version.split('.').next()?.parse::<u32>().ok());
    asked.is_some_and(|major| major > 1)
        || text(p, &[&project.dir, "/.yarnrc.yml"].concat()).is_some_and(|rc| rc.contains("yarnPath"))
}

fn add(p: &mut Process<'_, '_>, dir: &str, names: &[String], line: &Line) -> Run {
    let Some(mut project) = open(p, dir)? else {
        if !names.is_empty() {
            return p.option("add");
        }
        says(p, "install", line)?;
        for line in STEPS {
            p.line(line)?;
        }
        return Ok(0);
    };
    if is_later(p, &project) {
        return later(p, &project, names, line);
    }
    let verb = if names.is_empty() { "install" } else { "add" };
    says(p, verb, line)?;
    let workspaces = project::workspaces(p, &project, &[])?;
    let quiet = line.has("silent");
    let dev = !is_production(p, line);
    let path = [dir, "/yarn.lock"].concat();
    let is_locked = !absent(p, &path)?;
    if !is_locked && !quiet {
        p.line("info No lockfile found.")?;
    }
    let named: Vec<(String, String)> = names
        .iter()
        .map(|name| {
            let (name, range) = super::split(name);
            (name.to_owned(), range.to_owned())
        })
        .collect();
    for (name, range) in &named {
        let (graph, _) = Graph::resolve(&[(name.clone(), range.clone())], &BTreeMap::new());
        let version = graph.entries.first().map_or("", |entry| entry.version.as_str());
        let range = match (range.as_str(), version) {
            ("", "") => "*".to_owned(),
            ("", version) if line.has("exact") => version.to_owned(),
            ("", version) => ["^", version].concat(),
            (range, _) => range.to_owned(),
        };
        project.add(if line.has("dev") { "devDependencies" } else { "dependencies" }, name, &range);
    }
    let lock = match text(p, &path) {
        Some(text) => Some(Lock::parse(&text)),
        None if is_locked
            && !matches!(install::content(p, &path), Some(crate::tree::Content::Modelled { .. })) =>
        {
            return Err(Halt::Unknown(Why::Content(path)));
        }
        None => None,
    };
    if !quiet {
        p.line(STEPS.first().copied().unwrap_or_default())?;
    }
    // With or without those for development, all must be in the lock file.
    let links: BTreeMap<String, String> =
        workspaces.iter().map(|one| (one.get("name").to_owned(), one.dir.clone())).collect();
    let all = |dev: bool| {
        let mut needs = project.all_needs(dev);
        for one in &workspaces {
            needs.push((one.get("name").to_owned(), String::new()));
            needs.extend(one.all_needs(dev));
        }
        needs
    };
    let locked = lock.as_ref().map(|lock| lock.resolve(&all(true), &links));
    let is_stale = !matches!(locked, Some(Ok(_)));
    if is_stale && line.has("frozen-lockfile") && is_locked {
        p.error("error Your lockfile needs to be updated, but yarn was run with `--frozen-lockfile`.")?;
        return Ok(1);
    }
    if !p.m.network && !line.has("offline") {
        p.error("info There appears to be trouble with your network connection. Retrying...")?;
        return Ok(1);
    }
    let (graph, roots) = match (locked, &lock) {
        (Some(Ok(_)), Some(lock)) => lock.resolve(&all(dev), &links).unwrap_or_default(),
        _ => Graph::resolve(&all(dev), &links),
    };
    let placed = graph.hoist(&roots);
    if !quiet {
        for line in STEPS.iter().skip(1) {
            p.line(line)?;
        }
    }
    let modules = line.value("modules-folder").map(|at| p.path(at));
    fill(p, dir, modules.as_deref(), &placed, graph.is_open, line)?;
    if is_stale && !line.has("pure-lockfile") && !line.has("frozen-lockfile") {
        let salt = salt(&placed);
        made_up(p, &path, 100 + 230 * placed.len() as u64, 0o644, "yarn: lock file", &salt)?;
        if !quiet {
            p.line("success Saved lockfile.")?;
        }
    }
    if !named.is_empty() {
        project.save(p)?;
    }
    if !line.has("ignore-scripts") {
        let events: &[&str] = if dev {
            &["preinstall", "install", "postinstall", "prepublish", "prepare"]
        } else {
            &["preinstall", "install", "postinstall"]
        };
        let code = scripts::life(p, &project, events, Tool::Yarn, quiet)?;
        if code != 0 {
            return Ok(code);
        }
    }
    if !quiet {
        p.line("Done in 2.00s.")?;
    }
    Ok(0)
}

const STEPS: [&str; 4] = [
    "[1/4] Resolving packages...",
    "[2/4] Fetching packages...",
    "[3/4] Linking dependencies...",
    "[4/4] Building fresh packages...",
];

fn is_production(p: &Process<'_, '_>, line: &Line) -> bool {
    match line.value("production") {
        Some(value) => value != "false",
        None => p.env.get("NODE_ENV").is_some_and(|env| env == "production"),
    }
}

fn salt(placed: &[Placed]) -> Vec<u8> {
    placed.iter().flat_map(|one| [one.path.as_bytes(), one.version.as_bytes()].concat()).collect()
}

/// Makes `node_modules` what it is to be.
fn fill(
    p: &mut Process<'_, '_>,
    dir: &str,
    modules: Option<&str>,
    placed: &[Placed],
    is_open: bool,
    line: &Line,
) -> Result<(), Halt> {
    let root = modules.map_or_else(|| [dir, "/node_modules"].concat(), str::to_owned);
    let paths: BTreeSet<&str> = placed.iter().map(|one| one.path.as_str()).collect();
    let before = if modules.is_none() { install::present(p, dir)? } else { BTreeSet::new() };
    for path in before.iter().filter(|path| !paths.contains(path.as_str())) {
        let cred = p.cred.clone();
        let _ = p.m.remove_all(&cred, &[dir, "/", path].concat())?;
    }
    let bins = [&root, "/.bin"].concat();
    let _ = p.m.tree.remove_all(&bins);
    let mut bytes = 0;
    for one in placed {
        let below = one.path.strip_prefix("node_modules").unwrap_or(&one.path);
        let at = [root.as_str(), below].concat();
        match &one.link {
            Some(target) => install::link(p, &super::npm_modules::relative(&at, target), &at)?,
            None if before.contains(&one.path) => {}
            None => {
                install::put(p, &at, one)?;
                bytes += install::size_of(&one.name);
            }
        }
        // Of packages below others, no programs.
        for (name, file) in one.bins.iter().flatten().filter(|_| below.matches("/node_modules/").count() == 0)
        {
            install::link(
                p,
                &[&super::npm_modules::relative(&[&bins, "/x"].concat(), &at), "/", file].concat(),
                &[&bins, "/", name].concat(),
            )?;
        }
    }
    let salt = salt(placed);
    if is_open || placed.iter().any(|one| one.bins.is_none()) {
        crate::model::folder(p, &bins)?;
        install::unlisted(p, &bins, 0, "npm");
    }
    if is_open {
        install::unlisted(p, &root, 0, "npm");
    }
    made_up(p, &[&root, "/.yarn-integrity"].concat(), 200 + 90 * placed.len() as u64, 0o644, "yarn", &salt)?;
    if bytes > 0 {
        let cache = cache(p, line);
        made_up(p, &[&cache, "/‹downloads›"].concat(), bytes + bytes / 4, 0o644, "yarn: downloads", &salt)?;
    }
    takes(p, 1000 + 15 * placed.len() as u64, bytes / 4);
    Ok(())
}

/// Yarn 2 and later: no `node_modules` unless they are asked for, but a map of the packages, which lie in a cache.
fn later(p: &mut Process<'_, '_>, project: &Project, names: &[String], line: &Line) -> Run {
    if !names.is_empty() {
        return p.option("add");
    }
    let dir = &project.dir;
    let rc = text(p, &[dir, "/.yarnrc.yml"].concat()).unwrap_or_default();
    let setting = |name: &str| {
        rc.lines().find_map(|line| {
            Some(line.strip_prefix(name)?.strip_prefix(':')?.trim().trim_matches('"').to_owned())
        })
    };
    let workspaces = project::workspaces(p, project, &[])?;
    let links: BTreeMap<String, String> =
        workspaces.iter().map(|one| (one.get("name").to_owned(), one.dir.clone())).collect();
    let mut needs = project.all_needs(true);
    for one in &workspaces {
        needs.extend(one.all_needs(true));
    }
    let lock = text(p, &[dir, "/yarn.lock"].concat()).map(|text| Lock::parse(&text));
    p.line("➤ YN0000: ┌ Resolution step")?;
    p.line("➤ YN0000: └ Completed")?;
    let frozen = line.has("immutable") || line.has("frozen-lockfile");
    let locked = lock.as_ref().and_then(|lock| lock.resolve(&needs, &links).ok());
    if frozen && locked.is_none() {
        p.line("➤ YN0028: │ The lockfile would have been created by this install, which is explicitly forbidden.")?;
        return Ok(1);
    }
    let is_stale = locked.is_none();
    let (graph, roots) = locked.unwrap_or_else(|| Graph::resolve(&needs, &links));
    let placed = graph.hoist(&roots);
    let salt = salt(&placed);
    let bytes: u64 =
        placed.iter().filter(|one| one.link.is_none()).map(|one| install::size_of(&one.name)).sum();
    if setting("nodeLinker").as_deref() == Some("node-modules") {
        fill(p, dir, None, &placed, graph.is_open, line)?;
    } else {
        let cache = match setting("enableGlobalCache").as_deref() {
            Some("false") => [dir, "/.yarn/cache"].concat(),
            _ => [home(p).as_str(), "/.yarn/berry/cache"].concat(),
        };
        made_up(p, &[&cache, "/‹downloads›"].concat(), bytes / 3, 0o644, "yarn: downloads", &salt)?;
        made_up(p, &[dir, "/.pnp.cjs"].concat(), 400_000 + 600 * placed.len() as u64, 0o755, "yarn", &salt)?;
        takes(p, 1500, bytes / 4);
    }
    if is_stale {
        made_up(
            p,
            &[dir, "/yarn.lock"].concat(),
            100 + 260 * placed.len() as u64,
            0o644,
            "yarn: lock file",
            &salt,
        )?;
    }
    p.line("➤ YN0000: · Done")?;
    let events = ["preinstall", "install", "postinstall"];
    scripts::life(p, project, &events, Tool::Yarn, true)
}

fn remove(p: &mut Process<'_, '_>, dir: &str, names: &[String]) -> Run {
    let Some(mut project) = open(p, dir)? else { return p.option("remove") };
    for name in names {
        if !project.drop(name) {
            p.error("error This module isn't specified in a package.json file.")?;
            return Ok(1);
        }
        let cred = p.cred.clone();
        let _ = p.m.remove_all(&cred, &[dir, "/node_modules/", name].concat())?;
    }
    project.save(p)?;
    Ok(0)
}

fn global(p: &mut Process<'_, '_>, names: &[String]) -> Run {
    if !p.m.network {
        p.error("info There appears to be trouble with your network connection. Retrying...")?;
        return Ok(1);
    }
    let home = if p.cred.uid == 0 {
        "/usr/local/share/.config/yarn/global".to_owned()
    } else {
        [home(p).as_str(), "/.config/yarn/global"].concat()
    };
    let needs: Vec<(String, String)> = names
        .iter()
        .map(|name| {
            let (name, range) = super::split(name);
            (name.to_owned(), range.to_owned())
        })
        .collect();
    let (graph, roots) = Graph::resolve(&needs, &BTreeMap::new());
    for one in graph.hoist(&roots) {
        install::put(p, &[&home, "/", &one.path].concat(), &one)?;
    }
    for (name, _) in &needs {
        for (program, file) in install::bins_of(name).unwrap_or_default() {
            let target = [&home, "/node_modules/", name, "/", &file].concat();
            install::link(
                p,
                &super::npm_modules::relative("/usr/local/bin/x", &target),
                &["/usr/local/bin/", &program].concat(),
            )?;
        }
        if install::bins_of(name).is_none() {
            install::unlisted(p, "/usr/local/bin", 0, &["npm: ", name].concat());
        }
    }
    takes(p, 2500, 0);
    Ok(0)
}

/// `yarn run`: a script, or else a program of a package.
fn script(p: &mut Process<'_, '_>, dir: &str, name: &str, more: &[String], line: &Line) -> Run {
    // Only the first `--` is Yarn's own.
    let more = more.strip_prefix(&["--".to_owned()]).unwrap_or(more);
    let quiet = line.has("silent");
    if !quiet {
        p.line(&["yarn run v", VERSION].concat())?;
    }
    let project = open(p, dir)?;
    let how = How { tool: Tool::Yarn, silent: quiet, more };
    let ran = match &project {
        Some(project) => scripts::run(p, project, name, how)?,
        None => None,
    };
    let code = match ran {
        Some(code) => code,
        None => {
            let program = [dir, "/node_modules/.bin/", name].concat();
            if absent(p, &program)? {
                p.error(&["error Command \"", name, "\" not found."].concat())?;
                return Ok(1);
            }
            let words: Vec<String> = more.iter().map(|word| crate::shell::quote(word)).collect();
            scripts::shell(p, dir, &[&program, " ", &words.join(" ")].concat(), None)?
        }
    };
    if code == 0 && !quiet {
        p.line("Done in 1.00s.")?;
    }
    Ok(code)
}

fn workspace(p: &mut Process<'_, '_>, dir: &str, name: &str, words: &[String], line: &Line) -> Run {
    let Some(project) = open(p, dir)? else { return p.option("workspace") };
    let found = project::workspaces(p, &project, &[])?.into_iter().find(|one| one.get("name") == name);
    let Some(found) = found else {
        p.error(&["error Unknown workspace \"", name, "\"."].concat())?;
        return Ok(1);
    };
    says(p, "workspace", line)?;
    match words.first().map(String::as_str) {
        // What a workspace needs lies in the root's folder.
        Some("install") | None => add(p, dir, &[], line),
        Some("run") => match line.rest.split_first() {
            Some((name, more)) => script(p, &found.dir, name, more, line),
            None => p.option("run"),
        },
        Some("add" | "remove" | "upgrade") => p.option("workspace"),
        Some(name) => script(p, &found.dir, name, &line.rest, line),
    }
}

fn workspaces(p: &mut Process<'_, '_>, dir: &str, words: &[String], line: &Line) -> Run {
    let Some(project) = open(p, dir)? else { return p.option("workspaces") };
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["run", name] | ["foreach", "run", name] | ["foreach", name] => {
            for one in project::workspaces(p, &project, &[])? {
                if one.script(name).is_none() && words.first().is_some_and(|word| word == "foreach") {
                    continue;
                }
                let code = script(p, &one.dir, name, &line.rest, line)?;
                if code != 0 {
                    return Ok(code);
                }
            }
            Ok(0)
        }
        ["focus", ..] if is_later(p, &project) => later(p, &project, &[], line),
        ["info"] => p.only_reads("workspaces"),
        _ => p.option("workspaces"),
    }
}
