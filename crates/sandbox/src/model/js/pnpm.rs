//! `pnpm`: a store of packages in `node_modules/.pnpm`, and links to what each of them needs.

use super::install::{self, Graph};
use super::options::{Line, Spec};
use super::pnpm_lock::{self, Lock};
use super::pnpm_store::{fill, join, store};
use super::project::{self, Missing, Project};
use super::scripts::{self, How};
use super::{Tool, npx};
use crate::model::{absent, made_up, takes, text};
use crate::shell::Why;
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};
use std::collections::{BTreeMap, BTreeSet};

const OPTIONS: Spec = Spec {
    short: &[
        ("D", "dev"),
        ("save-dev", "dev"),
        ("P", "prod"),
        ("production", "prod"),
        ("O", "save-optional"),
        ("E", "save-exact"),
        ("g", "global"),
        ("r", "recursive"),
        ("C", "dir"),
        ("F", "filter"),
        ("w", "workspace-root"),
        ("s", "silent"),
        ("v", "version"),
        ("c", "shell-mode"),
    ],
    valued: "dir filter filter-prod store-dir virtual-store-dir modules-dir registry reporter loglevel network-concurrency \
    workspace-concurrency child-concurrency fetch-timeout fetch-retries node-linker package-import-method \
    lockfile-dir cpu os libc global-dir global-bin-dir test-pattern changed-files-ignore-pattern resume-from",
};

const VERSION: &str = "9.15.0";

pub(in crate::model) fn pnpm(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let line = OPTIONS.read(&args, |words| match words {
        [verb] => !is_verb(verb) || matches!(verb.as_str(), "dlx" | "exec" | "x"),
        [run, _] => matches!(run.as_str(), "run" | "run-script"),
        _ => false,
    });
    if let Some(dir) = line.value("dir") {
        p.cwd = p.path(dir);
    }
    let dir = p.cwd.trim_end_matches('/').to_owned();
    let Some((verb, words)) = line.words.split_first() else {
        return if line.has("version") { p.line(VERSION).map(|()| 0) } else { p.only_reads("pnpm") };
    };
    match verb.as_str() {
        "install" | "i" => add(p, &dir, &[], &line),
        "add" if line.has("global") => global(p, words),
        "add" => add(p, &dir, words, &line),
        "ci" => add(p, &dir, &[], &line),
        "fetch" => fetch(p, &dir, &line),
        "prune" => add(p, &dir, &[], &line),
        "deploy" => deploy(p, &dir, words, &line),
        "run" | "run-script" => match words.first() {
            Some(name) => script(p, &dir, name, &line.rest, &line),
            None => p.only_reads("run"),
        },
        "test" | "t" => script(p, &dir, "test", &line.rest, &line),
        "start" => script(p, &dir, "start", &line.rest, &line),
        "exec" | "dlx" | "x" => npx::words(p, &[words, &line.rest].concat(), &Line::default()),
        "store" if words.first().is_some_and(|word| word == "path") => {
            let at = store(p, &line);
            p.line(&[&at, "/v3"].concat())?;
            Ok(0)
        }
        "store" if words.first().is_some_and(|word| word == "prune") => {
            takes(p, 400, 0);
            Ok(0)
        }
        "config" | "set" | "setup" | "rebuild" | "approve-builds" => {
            takes(p, 200, 0);
            Ok(0)
        }
        "root" => p.line(&[&dir, "/node_modules"].concat()).map(|()| 0),
        "bin" => p.line(&[&dir, "/node_modules/.bin"].concat()).map(|()| 0),
        verb if READS.contains(&verb) => p.only_reads(verb),
        verb if UNMODELLED.contains(&verb) => p.option(verb),
        name => script(p, &dir, name, &line.rest, &line),
    }
}

/// What only tells something.
const READS: [&str; 11] =
    ["list", "ls", "why", "outdated", "audit", "licenses", "get", "help", "view", "info", "show"];
const UNMODELLED: [&str; 17] = [
    "remove",
    "rm",
    "uninstall",
    "update",
    "up",
    "init",
    "create",
    "import",
    "pack",
    "publish",
    "link",
    "unlink",
    "patch",
    "env",
    "self-update",
    "server",
    "dedupe",
];

/// Whether a word is pnpm's own, and not the name of a script.
fn is_verb(word: &str) -> bool {
    const DONE: [&str; 20] = [
        "install",
        "i",
        "add",
        "ci",
        "fetch",
        "prune",
        "deploy",
        "run",
        "run-script",
        "exec",
        "dlx",
        "x",
        "store",
        "config",
        "set",
        "setup",
        "rebuild",
        "approve-builds",
        "root",
        "bin",
    ];
    DONE.contains(&word) || READS.contains(&word) || UNMODELLED.contains(&word)
}

/// A workspace: its root, its packages, and which of them are meant.
struct Work {
    root: Project,
    projects: Vec<Project>,
}

fn open(p: &mut Process<'_, '_>, dir: &str) -> Result<Result<Work, Missing>, Halt> {
    // A package of a workspace is installed with the whole of it.
    let mut at = dir.to_owned();
    let mut above = dir;
    while !above.is_empty() {
        if !absent(p, &[above, "/pnpm-workspace.yaml"].concat())? {
            above.clone_into(&mut at);
            break;
        }
        above = crate::tree::parent(above).trim_end_matches('/');
    }
    let root = match project::read(p, &at)? {
        Ok(root) => root,
        Err(missing) => return Ok(Err(missing)),
    };
    let patterns =
        text(p, &[&at, "/pnpm-workspace.yaml"].concat()).map(|text| packages(&text)).unwrap_or_default();
    let projects = project::workspaces(p, &root, &patterns)?;
    Ok(Ok(Work { root, projects }))
}

/// The patterns below `packages:` of a workspace file.
fn packages(text: &str) -> Vec<String> {
    let lines = text.lines().skip_while(|line| line.trim_end() != "packages:").skip(1);
    let items = lines.take_while(|line| line.trim().is_empty() || line.starts_with([' ', '-', '#']));
    items
        .filter_map(|line| Some(line.trim().strip_prefix("- ")?.trim().trim_matches(['"', '\'']).to_owned()))
        .collect()
}

/// Says that there is nothing to work with.
fn nothing(p: &mut Process<'_, '_>, dir: &str, missing: &Missing) -> Run {
    match missing {
        Missing::File => p.line(&[" ERR_PNPM_NO_PKG_MANIFEST  No package.json found in ", dir].concat())?,
        Missing::Malformed => p.line(
            &[" ERROR  ", &crate::shell::machine::UNKNOWN.to_string(), " in ", dir, "/package.json"].concat(),
        )?,
    }
    Ok(1)
}

/// What the filters leave of the projects. `name`, `name...` with what it needs, `./folder`.
fn filtered(p: &Process<'_, '_>, work: &Work, line: &Line) -> Option<Vec<Project>> {
    let filters: Vec<&String> = line.values("filter").iter().chain(line.values("filter-prod")).collect();
    if filters.is_empty() {
        return None;
    }
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for filter in filters {
        let (name, deep) = match filter.strip_suffix("...") {
            Some(name) => (name.trim_end_matches('^'), true),
            None => (filter.as_str(), false),
        };
        let inside = name.trim_matches(['{', '}']);
        let path = p.path(inside);
        let mut todo: Vec<&Project> = work
            .projects
            .iter()
            .filter(|one| {
                crate::shell::pattern::matches(name, one.get("name"))
                    || inside.starts_with('.') && one.dir == path.trim_end_matches('/')
            })
            .collect();
        while let Some(one) = todo.pop() {
            if names.insert(one.get("name")) && deep {
                let needs = one.all_needs(true);
                todo.extend(
                    work.projects
                        .iter()
                        .filter(|other| needs.iter().any(|(name, _)| name == other.get("name"))),
                );
            }
        }
    }
    Some(work.projects.iter().filter(|one| names.contains(one.get("name"))).cloned().collect())
}

fn is_production(p: &Process<'_, '_>, line: &Line) -> bool {
    match (line.value("prod"), line.value("dev")) {
        (Some(value), _) => value != "false",
        (None, Some("false")) => true,
        (None, _) => p.env.get("NODE_ENV").is_some_and(|env| env == "production"),
    }
}

enum Found {
    Lock(Lock),
    Made,
    None,
}

fn read_lock(p: &mut Process<'_, '_>, dir: &str) -> Result<Found, Halt> {
    let path = [dir, "/pnpm-lock.yaml"].concat();
    if absent(p, &path)? {
        return Ok(Found::None);
    }
    match (text(p, &path), install::content(p, &path)) {
        (Some(text), _) => Ok(Found::Lock(Lock::parse(&text))),
        (None, Some(crate::tree::Content::Modelled { .. })) => Ok(Found::Made),
        _ => Err(Halt::Unknown(Why::Content(path))),
    }
}

fn add(p: &mut Process<'_, '_>, dir: &str, names: &[String], line: &Line) -> Run {
    let mut work = match open(p, dir)? {
        Ok(work) => work,
        Err(missing) => return nothing(p, dir, &missing),
    };
    let root = work.root.dir.clone();
    let found = read_lock(p, &root)?;
    let ci = p.env.get("CI").is_some_and(|ci| !matches!(ci.as_str(), "" | "0" | "false"));
    let verb = line.words.first().map_or("", String::as_str);
    let frozen = line.has("frozen-lockfile") || verb == "ci";
    if frozen && matches!(found, Found::None) {
        p.line(
            " ERR_PNPM_NO_LOCKFILE  Cannot install with \"frozen-lockfile\" because pnpm-lock.yaml is absent",
        )?;
        p.line("")?;
        p.line("Note that in CI environments this setting is true by default. If you still need to run install in such cases, use \"pnpm install --no-frozen-lockfile\"")?;
        return Ok(1);
    }
    if let Found::Lock(lock) = &found
        && (frozen || ci && !line.off("frozen-lockfile"))
        && let Some(stale) = stale(lock, &work)
    {
        p.line(&[" ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with \"frozen-lockfile\" because pnpm-lock.yaml is not up to date with ", &stale].concat())?;
        return Ok(1);
    }
    if !p.m.network && !line.has("offline") {
        p.line(" WARN  request to the registry failed, reason: getaddrinfo EAI_AGAIN")?;
        return Ok(1);
    }
    for word in names {
        let (name, range) = super::split(word);
        let (graph, _) = Graph::resolve(&[(name.to_owned(), range.to_owned())], &BTreeMap::new());
        let version = graph.entries.first().map_or("", |entry| entry.version.as_str());
        let range = match (range, version) {
            ("", "") => "*".to_owned(),
            ("", version) if line.has("save-exact") => version.to_owned(),
            ("" | "latest", version) => ["^", version].concat(),
            (range, _) => range.to_owned(),
        };
        work.root.add(if line.has("dev") { "devDependencies" } else { "dependencies" }, name, &range);
    }
    let dev = !is_production(p, line);
    let chosen = filtered(p, &work, line);
    let lock = match &found {
        Found::Lock(lock) if stale(lock, &work).is_none() => Some(lock),
        _ => None,
    };
    if lock.is_some() {
        p.line("Lockfile is up to date, resolution step is skipped")?;
    }
    let count = place(p, &work, chosen.as_deref(), lock, dev, line)?;
    if count == 0 {
        p.line("Already up to date")?;
    } else {
        p.line(&["Packages: +", &count.to_string()].concat())?;
    }
    if lock.is_none() && !line.off("lockfile") {
        let needs = work.root.all_needs(true);
        let salt: String = needs.iter().flat_map(|(name, range)| [name, "@", range, " "]).collect();
        made_up(
            p,
            &[&root, "/pnpm-lock.yaml"].concat(),
            300 + 260 * count,
            0o644,
            "pnpm: lock file",
            salt.as_bytes(),
        )?;
    }
    if !names.is_empty() {
        work.root.save(p)?;
    }
    p.line("")?;
    p.line("Done in 2s")?;
    if line.has("ignore-scripts") || verb == "prune" {
        return Ok(0);
    }
    let events: &[&str] = if dev {
        &["preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare"]
    } else {
        &["preinstall", "install", "postinstall"]
    };
    scripts::life(p, &work.root, events, Tool::Pnpm, line.has("silent"))
}

/// The first manifest whose ranges are not those of the lock file.
fn stale(lock: &Lock, work: &Work) -> Option<String> {
    let root = &work.root;
    std::iter::once(root).chain(&work.projects).find_map(|one| {
        let key = match one.dir.strip_prefix(&root.dir).unwrap_or("").trim_start_matches('/') {
            "" => ".",
            key => key,
        };
        let locked = lock.importers.get(key).map_or(&[][..], Vec::as_slice);
        let needs = one.all_needs(true);
        let same = needs.len() == locked.len()
            && needs.iter().all(|(name, range)| {
                // Older lock files have the ranges elsewhere.
                locked
                    .iter()
                    .any(|need| need.name == *name && (need.range == *range || need.range.is_empty()))
            });
        let shown = if key == "." {
            "<ROOT>/package.json".to_owned()
        } else {
            ["<ROOT>/", key, "/package.json"].concat()
        };
        (!same).then_some(shown)
    })
}

/// What a project needs, with places in a graph.
fn roots(
    lock: Option<&Lock>,
    places: &BTreeMap<String, usize>,
    key: &str,
    dev: bool,
) -> Vec<(String, usize)> {
    let needs = lock.and_then(|lock| lock.importers.get(key)).map_or(&[][..], Vec::as_slice);
    let wanted = needs.iter().filter(|need| dev || !need.dev);
    wanted
        .filter_map(|need| Some((need.name.clone(), pnpm_lock::find(places, &need.name, &need.version)?)))
        .collect()
}

/// Fills the store in `node_modules/.pnpm`, and links each project to what it needs. Answers with how many packages are new.
fn place(
    p: &mut Process<'_, '_>,
    work: &Work,
    chosen: Option<&[Project]>,
    lock: Option<&Lock>,
    dev: bool,
    line: &Line,
) -> Result<u64, Halt> {
    let root = work.root.dir.clone();
    let links: BTreeMap<String, String> =
        work.projects.iter().map(|one| (one.get("name").to_owned(), one.dir.clone())).collect();
    let projects: Vec<&Project> = match chosen {
        Some(chosen) => chosen.iter().collect(),
        None => std::iter::once(&work.root).chain(&work.projects).collect(),
    };
    let mut needs: Vec<(String, String)> = Vec::new();
    for one in &projects {
        needs.extend(one.all_needs(dev).into_iter().filter(|(name, _)| !links.contains_key(name)));
    }
    let (graph, places, mine) = match lock {
        Some(lock) => {
            let (graph, places) = lock.graph();
            (graph, places, Vec::new())
        }
        None => {
            let (graph, mine) = Graph::resolve(&needs, &BTreeMap::new());
            (graph, BTreeMap::new(), mine)
        }
    };
    let of = |one: &Project| -> Vec<(String, usize)> {
        if lock.is_some() {
            let key = match one.dir.strip_prefix(&root).unwrap_or("").trim_start_matches('/') {
                "" => ".",
                key => key,
            };
            return roots(lock, &places, key, dev);
        }
        let own = one.all_needs(dev);
        mine.iter().filter(|(name, _)| own.iter().any(|(known, _)| known == name)).cloned().collect()
    };
    let all: Vec<(String, usize)> = projects.iter().flat_map(|one| of(one)).collect();
    let count = fill(p, &root, &graph, &graph.reached(&all), line)?;
    for one in &projects {
        let own = of(one);
        join(p, &root, &one.dir, &graph, &own)?;
        for (name, _) in one.all_needs(dev) {
            if let Some(target) = links.get(&name) {
                let at = [&one.dir, "/node_modules/", &name].concat();
                install::link(p, &super::npm_modules::relative(&at, target), &at)?;
            }
        }
    }
    Ok(count)
}

/// `pnpm fetch`: the store from the lock file alone.
fn fetch(p: &mut Process<'_, '_>, dir: &str, line: &Line) -> Run {
    let lock = match read_lock(p, dir)? {
        Found::Lock(lock) => lock,
        Found::Made => return p.option("fetch"),
        Found::None => {
            p.line(" ERR_PNPM_NO_LOCKFILE  Cannot install with \"frozen-lockfile\" because pnpm-lock.yaml is absent")?;
            return Ok(1);
        }
    };
    p.line("Importing packages to virtual store")?;
    let dev = !is_production(p, line);
    let (graph, places) = lock.graph();
    let all: Vec<(String, usize)> =
        lock.importers.keys().flat_map(|key| roots(Some(&lock), &places, key, dev)).collect();
    fill(p, dir, &graph, &graph.reached(&all), line)?;
    Ok(0)
}

/// `pnpm --filter NAME deploy FOLDER`: a package with all that it needs, for itself.
fn deploy(p: &mut Process<'_, '_>, dir: &str, words: &[String], line: &Line) -> Run {
    let work = match open(p, dir)? {
        Ok(work) => work,
        Err(missing) => return nothing(p, dir, &missing),
    };
    let chosen = filtered(p, &work, line).unwrap_or_default();
    let (Some(target), [one]) = (words.first(), chosen.as_slice()) else { return p.option("deploy") };
    let target = p.path(target).trim_end_matches('/').to_owned();
    crate::model::folder(p, crate::tree::parent(&target))?;
    let copy = ["cp", "-r", &[&one.dir, "/."].concat(), &target].map(str::to_owned);
    if p.spawn(copy.to_vec())? != 0 {
        return Ok(1);
    }
    let _ = p.m.tree.remove_all(&[&target, "/node_modules"].concat());
    let lock = match read_lock(p, &work.root.dir)? {
        Found::Lock(lock) => Some(lock),
        Found::Made | Found::None => None,
    };
    let dev = !is_production(p, line);
    let (graph, roots) = match &lock {
        Some(lock) => {
            let (graph, places) = lock.graph();
            let key = one.dir.strip_prefix(&work.root.dir).unwrap_or("").trim_start_matches('/').to_owned();
            let roots = roots(Some(lock), &places, &key, dev);
            (graph, roots)
        }
        None => Graph::resolve(&one.all_needs(dev), &BTreeMap::new()),
    };
    fill(p, &target, &graph, &graph.reached(&roots), line)?;
    join(p, &target, &target, &graph, &roots)?;
    // Packages of the workspace are copied as well.
    for (name, _) in one.all_needs(dev) {
        if let Some(other) = work.projects.iter().find(|other| other.get("name") == name) {
            let at = [&target, "/node_modules/", &name].concat();
            crate::model::folder(p, crate::tree::parent(&at))?;
            p.spawn(["cp", "-r", &other.dir, &at].map(str::to_owned).to_vec())?;
        }
    }
    Ok(0)
}

fn global(p: &mut Process<'_, '_>, names: &[String]) -> Run {
    let Some(home) = p.env.get("PNPM_HOME").cloned() else {
        p.line(" ERR_PNPM_NO_GLOBAL_BIN_DIR  Unable to find the global bin directory")?;
        return Ok(1);
    };
    let home = home.trim_end_matches('/');
    for word in names {
        let name = super::bare(word);
        let (graph, roots) =
            Graph::resolve(&[(name.to_owned(), super::split(word).1.to_owned())], &BTreeMap::new());
        for one in graph.hoist(&roots) {
            install::put(p, &[home, "/global/5/", &one.path].concat(), &one)?;
        }
        match install::bins_of(name) {
            Some(bins) => {
                for (program, _) in bins {
                    made_up(
                        p,
                        &[home, "/", &program].concat(),
                        700,
                        0o755,
                        &["npm: ", name].concat(),
                        word.as_bytes(),
                    )?;
                }
            }
            None => install::unlisted(p, home, 0, &["npm: ", name].concat()),
        }
    }
    takes(p, 2000, 0);
    Ok(0)
}

fn script(p: &mut Process<'_, '_>, dir: &str, name: &str, more: &[String], line: &Line) -> Run {
    let how = How { tool: Tool::Pnpm, silent: line.has("silent"), more };
    let many = line.has("recursive") || !line.values("filter").is_empty();
    if many {
        let work = match open(p, dir)? {
            Ok(work) => work,
            Err(missing) => return nothing(p, dir, &missing),
        };
        let projects = filtered(p, &work, line).unwrap_or_else(|| work.projects.clone());
        for one in projects.iter().filter(|one| one.script(name).is_some()) {
            let code = scripts::run(p, one, name, how)?.unwrap_or(0);
            if code != 0 {
                return Ok(code);
            }
        }
        return Ok(0);
    }
    let Ok(project) = project::read(p, dir)? else {
        p.line(&[" ERR_PNPM_NO_IMPORTER_MANIFEST_FOUND  No package.json (or package.yaml, or package.json5) was found in \"", dir, "\"."].concat())?;
        return Ok(1);
    };
    if let Some(code) = scripts::run(p, &project, name, how)? {
        return Ok(code);
    }
    if line.has("if-present") {
        return Ok(0);
    }
    let is_run = line.words.first().is_some_and(|word| word.starts_with("run"));
    let program = [dir, "/node_modules/.bin/", name].concat();
    if !is_run && !absent(p, &program)? {
        let words: Vec<String> = more.iter().map(|word| crate::shell::quote(word)).collect();
        return scripts::shell(p, dir, &[&program, " ", &words.join(" ")].concat(), None);
    }
    if is_run {
        p.line(&[" ERR_PNPM_NO_SCRIPT  Missing script: ", name].concat())?;
        return Ok(1);
    }
    p.line(&[" ERR_PNPM_RECURSIVE_EXEC_FIRST_FAIL  Command \"", name, "\" not found"].concat())?;
    Ok(254)
}
