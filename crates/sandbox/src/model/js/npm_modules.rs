//! What `npm` makes of `node_modules`.

use super::install::{self, Graph, Placed};
use super::lock::{Lock, Omit};
use super::npm::{cache, is_quiet, omit, open, prefix};
use super::options::Line;
use super::project::{self, Project};
use crate::model::{KIB, absent, made_up, takes, text};
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};
use std::collections::{BTreeMap, BTreeSet};

pub(super) enum Found {
    Lock(Lock),
    Made,
    None,
}

pub(super) fn read_lock(p: &mut Process<'_, '_>, dir: &str) -> Result<Found, Halt> {
    for name in ["/npm-shrinkwrap.json", "/package-lock.json"] {
        let path = [dir, name].concat();
        if absent(p, &path)? {
            continue;
        }
        if let Some(text) = text(p, &path) {
            return Ok(Lock::parse(&text).map_or(Found::None, Found::Lock));
        }
        return match install::content(p, &path) {
            Some(crate::tree::Content::Modelled { .. }) => Ok(Found::Made),
            _ => Err(Halt::Unknown(crate::shell::Why::Content(path))),
        };
    }
    Ok(Found::None)
}

/// What is to be in `node_modules`, and whether more is than is listed.
pub(super) struct Wanted {
    pub(super) packages: Vec<Placed>,
    is_open: bool,
}

pub(super) fn wanted(
    p: &Process<'_, '_>,
    project: &Project,
    workspaces: &[Project],
    selected: Option<&[Project]>,
    lock: Option<&Lock>,
    omit: Omit,
    named: &[(String, String)],
) -> Result<Wanted, Halt> {
    let links: BTreeMap<String, String> =
        workspaces.iter().map(|one| (one.get("name").to_owned(), one.dir.clone())).collect();
    let mut needs = match selected {
        None => project.all_needs(!omit.dev),
        Some(_) => Vec::new(),
    };
    for one in selected.unwrap_or(workspaces) {
        needs.push((one.get("name").to_owned(), String::new()));
        needs.extend(one.all_needs(!omit.dev));
    }
    if let Some(lock) = lock {
        let cpu = if crate::command::machine_of(p.m.arch) == "aarch64" { "arm64" } else { "x64" };
        let mut packages = lock.placed(omit, cpu);
        for one in &mut packages {
            one.link = one.link.take().map(|link| [&project.dir, "/", &link].concat());
        }
        if selected.is_some() {
            let reached = lock.reached(&needs);
            packages.retain(|one| reached.contains(&one.path));
        }
        let known: BTreeSet<String> = packages.iter().map(|one| one.name.clone()).collect();
        let new: Vec<(String, String)> =
            named.iter().filter(|(name, _)| !known.contains(name)).cloned().collect();
        let (graph, roots) = Graph::resolve(&new, &links);
        packages.extend(graph.hoist(&roots).into_iter().filter(|one| !known.contains(&one.name)));
        return Ok(Wanted { packages, is_open: graph.is_open });
    }
    let (graph, roots) = Graph::resolve(&needs, &links);
    Ok(Wanted { packages: graph.hoist(&roots), is_open: graph.is_open })
}

/// Makes `node_modules` what it is to be, and says how it changed.
pub(super) fn reify(p: &mut Process<'_, '_>, dir: &str, wanted: &Wanted, line: &Line) -> Run {
    let before = install::present(p, dir)?;
    let paths: BTreeSet<&str> = wanted.packages.iter().map(|one| one.path.as_str()).collect();
    let mut removed = 0;
    for path in before.iter().filter(|path| !paths.contains(path.as_str())) {
        removed += 1;
        remove(p, dir, path)?;
    }
    let mut added = 0;
    let mut bytes = 0;
    for one in &wanted.packages {
        let at = [dir, "/", &one.path].concat();
        if before.contains(&one.path) {
            continue;
        }
        added += 1;
        match &one.link {
            Some(target) => install::link(p, &relative(&at, target), &at)?,
            None => {
                install::put(p, &at, one)?;
                bytes += install::size_of(&one.name);
            }
        }
        let (above, _) = at.rsplit_once("/node_modules/").unwrap_or((&at, ""));
        for (name, file) in one.bins.iter().flatten().filter(|_| !line.off("bin-links")) {
            let folder = [above, "/node_modules/.bin/"].concat();
            install::link(
                p,
                &[&relative(&[&folder, "x"].concat(), &at), "/", file].concat(),
                &[folder.as_str(), name].concat(),
            )?;
        }
    }
    if wanted.is_open {
        install::unlisted(p, &[dir, "/node_modules"].concat(), 0, "npm");
        crate::model::folder(p, &[dir, "/node_modules/.bin"].concat())?;
        install::unlisted(p, &[dir, "/node_modules/.bin"].concat(), 0, "npm");
    }
    let salt: Vec<u8> = wanted
        .packages
        .iter()
        .flat_map(|one| [one.path.as_bytes(), one.version.as_bytes()].concat())
        .collect();
    if !wanted.packages.is_empty() {
        let size = 120 + 380 * wanted.packages.len() as u64;
        made_up(p, &[dir, "/node_modules/.package-lock.json"].concat(), size, 0o644, "npm", &salt)?;
    }
    leftovers(p, line, bytes, &salt)?;
    takes(p, 900 + 18 * added, bytes / 4);
    report(p, added, removed, line)
}

/// What npm leaves in its cache: downloads, and a log of each run.
pub(super) fn leftovers(p: &mut Process<'_, '_>, line: &Line, bytes: u64, salt: &[u8]) -> Result<(), Halt> {
    let cache = cache(p, line);
    if bytes > 0 {
        made_up(p, &[&cache, "/_cacache/‹downloads›"].concat(), bytes / 3, 0o644, "npm: downloads", salt)?;
    }
    made_up(p, &[&cache, "/_logs/‹log›"].concat(), 4 * KIB, 0o644, "npm: log", salt)?;
    made_up(p, &[&cache, "/_update-notifier-last-checked"].concat(), 0, 0o644, "npm", &[])
}

/// Takes a package out, with the links to its programs.
fn remove(p: &mut Process<'_, '_>, dir: &str, path: &str) -> Result<(), Halt> {
    let at = [dir, "/", path].concat();
    let cred = p.cred.clone();
    let _ = p.m.remove_all(&cred, &at)?;
    let bins = [dir, "/node_modules/.bin"].concat();
    let Ok(entries) = p.m.tree.read_dir(&bins) else { return Ok(()) };
    let names: Vec<String> = entries.entries().iter().map(|(name, _)| name.to_string()).collect();
    for name in names {
        let link = [bins.as_str(), "/", &name].concat();
        if p.m.tree.stat(&link).is_err() {
            let _ = p.m.tree.remove(&link);
        }
    }
    Ok(())
}

/// The way from the folder of one path to another path.
pub(super) fn relative(from: &str, to: &str) -> String {
    let from: Vec<&str> = crate::tree::parent(from).split('/').filter(|part| !part.is_empty()).collect();
    let to: Vec<&str> = to.split('/').filter(|part| !part.is_empty()).collect();
    let same = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    let up = std::iter::repeat_n("..", from.len() - same);
    up.chain(to.iter().skip(same).copied()).collect::<Vec<_>>().join("/")
}

pub(super) fn report(p: &mut Process<'_, '_>, added: u64, removed: u64, line: &Line) -> Run {
    if is_quiet(line) {
        return Ok(0);
    }
    let packages =
        |count: u64| [count.to_string().as_str(), if count == 1 { " package" } else { " packages" }].concat();
    let mut parts = Vec::new();
    if added > 0 {
        parts.push(["added ", &packages(added)].concat());
    }
    if removed > 0 {
        // What follows leaves the word out.
        let what = if added > 0 { removed.to_string() } else { packages(removed) };
        parts.push(["removed ", &what].concat());
    }
    let text = match parts.as_slice() {
        [] => "up to date".to_owned(),
        parts => parts.join(", and "),
    };
    p.line("")?;
    p.line(&[&text, " in 2s"].concat())?;
    Ok(0)
}

pub(super) fn uninstall(p: &mut Process<'_, '_>, dir: &str, names: &[String], line: &Line) -> Run {
    if line.has("global") {
        let prefix = prefix(p, line);
        for name in names {
            let at = [&prefix, "/lib/node_modules/", super::bare(name)].concat();
            for (program, _) in install::bins_of(super::bare(name)).unwrap_or_default() {
                let _ = p.m.tree.remove(&[&prefix, "/bin/", &program].concat());
            }
            let cred = p.cred.clone();
            let _ = p.m.remove_all(&cred, &at)?;
        }
        return report(p, 0, names.len() as u64, line);
    }
    let mut project = match open(p, dir)? {
        Ok(project) => project,
        Err(code) => return Ok(code),
    };
    let mut gone: BTreeSet<String> = BTreeSet::new();
    for name in names {
        if project.drop(super::bare(name)) {
            gone.insert(["node_modules/", super::bare(name)].concat());
        }
    }
    // With it goes what nothing else needs.
    if let Found::Lock(lock) = read_lock(p, dir)? {
        let reached = lock.reached(&project.all_needs(true));
        gone.extend(install::present(p, dir)?.into_iter().filter(|path| !reached.contains(path)));
    }
    for path in &gone {
        remove(p, dir, path)?;
    }
    let count = gone.len() as u64;
    if count > 0 && !line.off("save") {
        project.save(p)?;
        if !absent(p, &[dir, "/package-lock.json"].concat())? && !line.off("package-lock") {
            let salt = project.json.write("");
            let size =
                install::content(p, &[dir, "/package-lock.json"].concat()).map_or(0, |lock| lock.size());
            made_up(
                p,
                &[dir, "/package-lock.json"].concat(),
                size.saturating_sub(400 * count),
                0o644,
                "npm: lock file",
                salt.as_bytes(),
            )?;
        }
    }
    report(p, 0, count, line)
}

/// Takes out what is not needed, or not with these options.
pub(super) fn prune(p: &mut Process<'_, '_>, dir: &str, line: &Line) -> Run {
    let project = match open(p, dir)? {
        Ok(project) => project,
        Err(code) => return Ok(code),
    };
    let workspaces = project::workspaces(p, &project, &[])?;
    let lock = match read_lock(p, dir)? {
        Found::Lock(lock) => Some(lock),
        Found::Made | Found::None => None,
    };
    let omit = omit(p, line);
    let wanted = wanted(p, &project, &workspaces, None, lock.as_ref(), omit, &[])?;
    let paths: BTreeSet<&str> = wanted.packages.iter().map(|one| one.path.as_str()).collect();
    let mut removed = 0;
    for path in install::present(p, dir)?.iter().filter(|path| !paths.contains(path.as_str())) {
        removed += 1;
        remove(p, dir, path)?;
    }
    takes(p, 700, 0);
    leftovers(p, line, 0, b"prune")?;
    report(p, 0, removed, line)
}
