//! `npm` and `yarn`: what the lock file (or else `package.json`) says is installed; scripts are run by the shell.

use super::{KIB, MIB, inputs, made_up, offline, takes, text, there};
use crate::shell::Why;
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};
use serde_json::Value;

/// What one package weighs, for want of an index: an estimate.
const PACKAGE_SIZE: u64 = 180 * KIB;

pub(super) fn npm(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let words: Vec<&str> = operands(&args);
    let Some((verb, rest)) = words.split_first() else {
        if args.iter().any(|arg| arg == "--version" || arg == "-v") {
            p.line("10.9.0")?;
            return Ok(0);
        }
        p.line("npm <command>")?;
        return Ok(1);
    };
    let global = args.iter().any(|arg| arg == "-g" || arg == "--global");
    match *verb {
        "ci" | "clean-install" => ci(p, &args),
        "install" | "i" | "add" if global => install_global(p, rest),
        "install" | "i" | "add" | "update" => install(p, rest, &args),
        "run" | "run-script" => match rest.first() {
            Some(name) => script(p, name, &after_dashes(&args), true),
            None => Ok(0),
        },
        "test" | "t" | "start" | "stop" => script(p, verb, &after_dashes(&args), true),
        "prune" => {
            takes(p, 700, 0);
            prune(p)?;
            Ok(0)
        }
        "cache" => {
            let cache = cache_path(p);
            let _ = p.m.tree.remove_all(&cache);
            Ok(0)
        }
        "config" | "set" | "audit" | "fund" | "version" => {
            takes(p, 300, 0);
            Ok(0)
        }
        other => p.option(other),
    }
}

pub(super) fn yarn(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let words: Vec<&str> = operands(&args);
    match words.split_first() {
        None if args.iter().any(|arg| arg == "--version" || arg == "-v") => p.line("1.22.22").map(|()| 0),
        None | Some((&"install", _)) => {
            if super::absent(p, "package.json")? {
                p.line("yarn install v1.22.22")?;
                p.line("info No lockfile found.")?;
                return Ok(0);
            }
            install(p, &[], &args)
        }
        Some((&"run", rest)) => match rest.first() {
            Some(name) => script(p, name, &[], false),
            None => Ok(0),
        },
        Some((&"cache", rest)) => {
            if rest.first() == Some(&"clean") {
                let path = cache_path(p);
                let _ = p.m.tree.remove_all(&path);
                p.line("success Cleared cache.")?;
            }
            Ok(0)
        }
        Some((&("config" | "set"), _)) => Ok(0),
        Some((&"add", rest)) => install(p, rest, &args),
        Some((&"global", rest)) => install_global(p, rest.get(1..).unwrap_or(&[])),
        Some((name, _)) => script(p, name, &[], false),
    }
}

/// Words that are no options; options that take a value are written with `=` or listed here.
fn operands(args: &[String]) -> Vec<&str> {
    let mut words = Vec::new();
    let mut skip = false;
    for arg in args {
        if arg == "--" {
            break;
        }
        if std::mem::take(&mut skip) {
            continue;
        }
        match arg.as_str() {
            "--prefix" | "--loglevel" | "--registry" | "--omit" | "--include" | "--cache"
            | "--network-timeout" => {
                skip = true;
            }
            arg if arg.starts_with('-') => {}
            arg => words.push(arg),
        }
    }
    words
}

fn after_dashes(args: &[String]) -> Vec<String> {
    args.iter().skip_while(|arg| *arg != "--").skip(1).cloned().collect()
}

fn no_dev(p: &Process<'_, '_>, args: &[String]) -> bool {
    let omitted =
        args.windows(2).any(|pair| matches!(pair, [flag, value] if flag == "--omit" && value == "dev"));
    let only = args
        .windows(2)
        .any(|pair| matches!(pair, [flag, value] if flag == "--only" && value.starts_with("prod")));
    let flag = |arg: &String| {
        matches!(
            arg.as_str(),
            "--production"
                | "--production=true"
                | "--omit=dev"
                | "--only=production"
                | "--only=prod"
                | "--prod"
        )
    };
    let included = args.iter().any(|arg| arg == "--include=dev" || arg == "--production=false");
    !included
        && (omitted
            || only
            || args.iter().any(flag)
            || p.env.get("NODE_ENV").is_some_and(|env| env == "production"))
}

fn cache_path(p: &Process<'_, '_>) -> String {
    let home = p.env.get("HOME").map_or("/root", String::as_str);
    if p.name.starts_with("yarn") {
        if let Some(dir) = p.env.get("YARN_CACHE_FOLDER") {
            return dir.clone();
        }
        return if p.cred.uid == 0 {
            "/usr/local/share/.cache/yarn/v6".to_owned()
        } else {
            format!("{}/.cache/yarn/v6", home.trim_end_matches('/'))
        };
    }
    format!("{}/.npm/_cacache", home.trim_end_matches('/'))
}

fn json(p: &mut Process<'_, '_>, path: &str) -> Option<Value> {
    serde_json::from_str(&text(p, path)?).ok()
}

fn missing_manifest(p: &mut Process<'_, '_>) -> Run {
    let path = p.path("package.json");
    p.error("npm error code ENOENT")?;
    p.error("npm error syscall open")?;
    p.error(&format!("npm error path {path}"))?;
    p.error("npm error errno -2")?;
    p.error(&format!("npm error enoent Could not read package.json: Error: ENOENT: no such file or directory, open '{path}'"))?;
    p.error("npm error enoent This is related to npm not being able to find a file.")?;
    p.error("npm error enoent")?;
    Ok(254)
}

fn ci(p: &mut Process<'_, '_>, args: &[String]) -> Run {
    if super::absent(p, "package.json")? {
        return missing_manifest(p);
    }
    let lock = json(p, "package-lock.json").or_else(|| json(p, "npm-shrinkwrap.json"));
    let Some(lock) = lock else {
        for name in ["package-lock.json", "npm-shrinkwrap.json"] {
            // It is there, but what it says is not known.
            if !super::absent(p, name)? && text(p, name).is_none() {
                return Err(Halt::Unknown(Why::Content(name.to_owned())));
            }
        }
        for line in [
            "npm error code EUSAGE",
            "npm error",
            "npm error The `npm ci` command can only install with an existing package-lock.json or",
            "npm error npm-shrinkwrap.json with lockfileVersion >= 1. Run an install with npm@5 or",
            "npm error later to generate a package-lock.json file, then try again.",
        ] {
            p.error(line)?;
        }
        return Ok(1);
    };
    let _ = p.m.tree.remove_all(&p.path("node_modules"));
    let count = from_lock(p, &lock, no_dev(p, args))?;
    let Some(count) = count else { return Ok(1) };
    report(p, count)
}

fn report(p: &mut Process<'_, '_>, count: u64) -> Run {
    p.line("")?;
    p.line(&format!("added {count} package{} in 2s", if count == 1 { "" } else { "s" }))?;
    Ok(0)
}

/// Puts what a lock file of version 2 or 3 lists into `node_modules`; gives the number of packages, or `None`
/// without a network.
fn from_lock(p: &mut Process<'_, '_>, lock: &Value, no_dev: bool) -> Result<Option<u64>, Halt> {
    let mut count = 0;
    if let Some(packages) = lock.get("packages").and_then(Value::as_object) {
        for (path, package) in packages.iter().filter(|(path, _)| path.contains("node_modules/")) {
            let yes = |key: &str| package.get(key).and_then(Value::as_bool).unwrap_or(false);
            if (no_dev && yes("dev")) || yes("link") {
                continue;
            }
            let version = package.get("version").and_then(Value::as_str).unwrap_or("");
            if !put(p, path, version, package.get("bin"))? {
                return Ok(None);
            }
            count += 1;
        }
    } else if let Some(packages) = lock.get("dependencies").and_then(Value::as_object) {
        for (name, package) in packages {
            if no_dev && package.get("dev").and_then(Value::as_bool).unwrap_or(false) {
                continue;
            }
            let version = package.get("version").and_then(Value::as_str).unwrap_or("");
            if !put(p, &format!("node_modules/{name}"), version, None)? {
                return Ok(None);
            }
            count += 1;
        }
    }
    finish(p, count)?;
    Ok(Some(count))
}

fn put(p: &mut Process<'_, '_>, path: &str, version: &str, bin: Option<&Value>) -> Result<bool, Halt> {
    if offline(p, "npm error network request to the registry failed")? {
        return Ok(false);
    }
    let source = format!("npm: {}", path.rsplit("node_modules/").next().unwrap_or(path));
    made_up(p, &format!("{path}/package.json"), 1500, 0o644, &source, version.as_bytes())?;
    made_up(p, &format!("{path}/‹other files›"), PACKAGE_SIZE, 0o644, &source, version.as_bytes())?;
    if let Some(bins) = bin.and_then(Value::as_object) {
        let (above, package) = path.rsplit_once("node_modules/").unwrap_or(("", path));
        for (name, target) in bins {
            let target = target.as_str().unwrap_or("").trim_start_matches("./");
            if target.is_empty() || target.contains("..") {
                continue;
            }
            made_up(p, &format!("{path}/{target}"), 4 * KIB, 0o755, &source, version.as_bytes())?;
            let link = p.path(&format!("{above}node_modules/.bin/{name}"));
            super::folder(p, crate::tree::parent(&link))?;
            let cred = p.cred.clone();
            let _ = p.m.symlink(&cred, &format!("../{package}/{target}"), &link)?;
        }
    }
    Ok(true)
}

fn finish(p: &mut Process<'_, '_>, count: u64) -> Result<(), Halt> {
    takes(p, 900 + 18 * count, count * PACKAGE_SIZE / 4);
    if count > 0 {
        let lock = inputs(p, "package-lock.json");
        made_up(p, "node_modules/.package-lock.json", 400 * count, 0o644, "npm", &lock)?;
        let cache = cache_path(p);
        made_up(p, &format!("{cache}/‹downloads›"), count * PACKAGE_SIZE / 3, 0o644, "npm", &lock)?;
    }
    Ok(())
}

fn install(p: &mut Process<'_, '_>, names: &[&str], args: &[String]) -> Run {
    if names.is_empty() && super::absent(p, "package.json")? {
        return missing_manifest(p);
    }
    let no_dev = no_dev(p, args);
    let mut count = 0;
    if let Some(lock) = json(p, "package-lock.json") {
        match from_lock(p, &lock, no_dev)? {
            Some(found) => count += found,
            None => return Ok(1),
        }
    } else if let Some(manifest) = json(p, "package.json") {
        let dev = if no_dev { None } else { manifest.get("devDependencies") };
        let groups = [manifest.get("dependencies"), dev];
        for (name, version) in groups.into_iter().flatten().filter_map(Value::as_object).flatten() {
            if !put(p, &format!("node_modules/{name}"), version.as_str().unwrap_or(""), None)? {
                return Ok(1);
            }
            count += 1;
        }
        finish(p, count)?;
        if there(p, "package.json") && count > 0 && p.name != "yarn" {
            let salt = inputs(p, "package.json");
            made_up(p, "package-lock.json", 500 * count, 0o644, "npm", &salt)?;
        }
    }
    for name in names {
        let plain = name
            .char_indices()
            .skip(1)
            .find(|(_, c)| *c == '@')
            .and_then(|(at, _)| name.get(..at))
            .unwrap_or(name);
        if plain.starts_with(['.', '/']) {
            return p.option(*name);
        }
        if !put(p, &format!("node_modules/{plain}"), name, None)? {
            return Ok(1);
        }
        count += 1;
    }
    report(p, count)
}

fn install_global(p: &mut Process<'_, '_>, names: &[&str]) -> Run {
    for name in names {
        let plain = name
            .char_indices()
            .skip(1)
            .find(|(_, c)| *c == '@')
            .and_then(|(at, _)| name.get(..at))
            .unwrap_or(name);
        if offline(p, "npm error network request to the registry failed")? {
            return Ok(1);
        }
        let source = format!("npm: {plain}");
        let at = format!("/usr/local/lib/node_modules/{plain}");
        made_up(p, &format!("{at}/‹all files›"), 6 * MIB, 0o644, &source, name.as_bytes())?;
        let program = plain.rsplit('/').next().unwrap_or(plain);
        made_up(p, &format!("/usr/local/bin/{program}"), KIB, 0o755, &source, name.as_bytes())?;
    }
    takes(p, 2500, 4 * MIB * names.len() as u64);
    report(p, names.len() as u64)
}

/// Takes the packages out that only development needs, as far as the lock file tells.
fn prune(p: &mut Process<'_, '_>) -> Result<(), Halt> {
    let Some(lock) = json(p, "package-lock.json") else { return Ok(()) };
    let Some(packages) = lock.get("packages").and_then(Value::as_object) else { return Ok(()) };
    for (path, package) in packages {
        if package.get("dev").and_then(Value::as_bool).unwrap_or(false) {
            let _ = p.m.tree.remove_all(&p.path(path));
        }
    }
    Ok(())
}

/// Runs a script of `package.json` as `sh -c`, the packages' programs first in `PATH`.
fn script(p: &mut Process<'_, '_>, name: &str, more: &[String], npm: bool) -> Run {
    if super::absent(p, "package.json")? {
        return missing_manifest(p);
    }
    let Some(manifest) = json(p, "package.json") else { return p.option("package.json") };
    let get = |key: &str| manifest.get(key).and_then(Value::as_str).unwrap_or("").to_owned();
    let Some(command) = manifest.get("scripts").and_then(|scripts| scripts.get(name)).and_then(Value::as_str)
    else {
        if npm {
            p.error(&format!("npm error Missing script: \"{name}\""))?;
            p.error("npm error")?;
            p.error("npm error To see a list of scripts, run:")?;
            p.error("npm error   npm run")?;
        } else {
            p.error(&format!("error Command \"{name}\" not found."))?;
        }
        return Ok(1);
    };
    let mut command = command.to_owned();
    for word in more {
        command.push(' ');
        command.push_str(word);
    }
    if npm {
        p.line("")?;
        p.line(&format!("> {}@{} {name}", get("name"), get("version")))?;
        p.line(&format!("> {command}"))?;
        p.line("")?;
    } else {
        p.line(&format!("$ {command}"))?;
    }
    takes(p, 300, 0);
    let mut spec = p.spec(vec!["/bin/sh".to_owned(), "-c".to_owned(), command]);
    let path = spec.env.get("PATH").cloned().unwrap_or_default();
    let bin = p.path("node_modules/.bin");
    spec.env.insert("PATH".to_owned(), format!("{bin}:{path}"));
    p.spawn_spec(spec)
}
