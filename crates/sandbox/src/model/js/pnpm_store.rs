//! The store of `pnpm` in `node_modules/.pnpm`, and the links to it.

use super::install::{self, Graph, Placed};
use super::npm_modules::relative;
use super::options::Line;
use crate::model::help::home;
use crate::model::{made_up, takes};
use crate::shell::machine::Halt;
use crate::shell::process::Process;
use std::collections::BTreeSet;

/// Where the content of packages is kept.
pub(super) fn store(p: &Process<'_, '_>, line: &Line) -> String {
    let set =
        ["npm_config_store_dir", "NPM_CONFIG_STORE_DIR"].iter().find_map(|name| p.env.get(*name).cloned());
    if let Some(dir) = line.value("store-dir").map(str::to_owned).or(set) {
        return p.path(&dir);
    }
    match p.env.get("PNPM_HOME") {
        Some(dir) => [dir.trim_end_matches('/'), "/store"].concat(),
        None => [home(p).as_str(), "/.local/share/pnpm/store"].concat(),
    }
}

/// The folder of a package in the store.
pub(super) fn folder_of(graph: &Graph, at: usize) -> String {
    let Some(entry) = graph.entries.get(at) else { return String::new() };
    let version = entry.version.replace(")(", "_").replace('(', "_").replace(')', "").replace('/', "+");
    [".pnpm/", &entry.name.replace('/', "+"), "@", if version.is_empty() { "latest" } else { &version }]
        .concat()
}

pub(super) fn fill(
    p: &mut Process<'_, '_>,
    root: &str,
    graph: &Graph,
    wanted: &BTreeSet<usize>,
    line: &Line,
) -> Result<u64, Halt> {
    let modules = [root, "/node_modules/"].concat();
    let keep: BTreeSet<String> = wanted.iter().map(|at| folder_of(graph, *at)).collect();
    let present: Vec<String> = match p.m.tree.read_dir(&[&modules, ".pnpm"].concat()) {
        Ok(dir) => {
            dir.entries().iter().filter(|(_, node)| node.is_dir()).map(|(name, _)| name.to_string()).collect()
        }
        Err(_) => Vec::new(),
    };
    for name in present.iter().filter(|name| *name != "node_modules") {
        if !keep.contains(&[".pnpm/", name].concat()) {
            let cred = p.cred.clone();
            let _ = p.m.remove_all(&cred, &[&modules, ".pnpm/", name].concat())?;
        }
    }
    let (mut count, mut bytes) = (0, 0);
    for at in wanted {
        let Some(entry) = graph.entries.get(*at) else { continue };
        let folder = folder_of(graph, *at);
        if present.iter().any(|name| [".pnpm/", name].concat() == folder) {
            continue;
        }
        count += 1;
        bytes += install::size_of(&entry.name);
        let inside = [&modules, &folder, "/node_modules/"].concat();
        let package = Placed {
            name: entry.name.clone(),
            version: entry.version.clone(),
            bins: install::bins_of(&entry.name),
            ..Placed::default()
        };
        install::put(p, &[inside.as_str(), &entry.name].concat(), &package)?;
        for (name, need) in &entry.needs {
            let Some(target) = graph.entries.get(*need) else { continue };
            let at = [&inside, name.as_str()].concat();
            let to = [&modules, &folder_of(graph, *need), "/node_modules/", &target.name].concat();
            install::link(p, &relative(&at, &to), &at)?;
        }
        // Where packages find what they did not ask for.
        let at = [&modules, ".pnpm/node_modules/", &entry.name].concat();
        let to = [inside.as_str(), &entry.name].concat();
        install::link(p, &relative(&at, &to), &at)?;
    }
    if graph.is_open {
        install::unlisted(p, &[&modules, ".pnpm"].concat(), 0, "npm");
    }
    let salt: String = keep.into_iter().collect();
    if count > 0 {
        made_up(p, &[&modules, ".pnpm/lock.yaml"].concat(), 260 * count, 0o644, "pnpm", salt.as_bytes())?;
        made_up(p, &[&modules, ".modules.yaml"].concat(), 700 + 40 * count, 0o644, "pnpm", salt.as_bytes())?;
        let store = store(p, line);
        // Files of the store are linked to, where both lie in one layer: what is written once is counted once.
        made_up(p, &[&store, "/v3/‹index›"].concat(), bytes / 20, 0o644, "pnpm: store", salt.as_bytes())?;
    }
    takes(p, 700 + 8 * count, bytes / 4);
    Ok(count)
}

/// Links a project to what it needs, and to the programs of that.
pub(super) fn join(
    p: &mut Process<'_, '_>,
    root: &str,
    dir: &str,
    graph: &Graph,
    needs: &[(String, usize)],
) -> Result<(), Halt> {
    let store = [root, "/node_modules/"].concat();
    let modules = [dir, "/node_modules"].concat();
    let bins = [&modules, "/.bin"].concat();
    let _ = p.m.tree.remove_all(&bins);
    for path in install::present(p, dir)? {
        let gone = path
            .strip_prefix("node_modules/")
            .is_some_and(|name| !needs.iter().any(|(known, _)| known == name));
        if gone {
            let _ = p.m.tree.remove_all(&[dir, "/", &path].concat());
        }
    }
    for (name, at) in needs {
        let Some(entry) = graph.entries.get(*at) else { continue };
        let link = [&modules, "/", name].concat();
        let to = [&store, &folder_of(graph, *at), "/node_modules/", &entry.name].concat();
        install::link(p, &relative(&link, &to), &link)?;
        match install::bins_of(&entry.name) {
            Some(programs) => {
                for (program, _) in programs {
                    // A script of the shell that runs it.
                    made_up(
                        p,
                        &[&bins, "/", &program].concat(),
                        700,
                        0o755,
                        &["npm: ", &entry.name].concat(),
                        entry.version.as_bytes(),
                    )?;
                }
            }
            None => {
                crate::model::folder(p, &bins)?;
                install::unlisted(p, &bins, 0, "npm");
            }
        }
    }
    Ok(())
}
