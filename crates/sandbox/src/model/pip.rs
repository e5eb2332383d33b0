//! `pip`: what requirements name goes into `site-packages`; dependencies of theirs are not known.

use super::python::{bare, declared, scripts, size_of};
use super::{KIB, made_up, offline, takes, text, there};
use crate::shell::process::{Process, Run};

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let (mut no_cache, mut user, mut target, mut prefix) = (false, false, None, None);
    let mut words = Vec::new();
    let mut files = Vec::new();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "--no-cache-dir" => no_cache = true,
            "--user" => user = true,
            "-t" | "--target" => target = rest.next().cloned(),
            "--prefix" => prefix = rest.next().cloned(),
            "-r" | "--requirement" => files.extend(rest.next().cloned()),
            "-e" | "--editable" => words.extend(rest.next().map(String::as_str)),
            "-i" | "--index-url" | "--extra-index-url" | "-c" | "--constraint" | "--find-links" | "-f"
            | "-w" | "--wheel-dir" | "--trusted-host" | "--timeout" => {
                let _ = rest.next();
            }
            arg if arg.starts_with("--prefix=") => {
                prefix = arg.split_once('=').map(|(_, dir)| dir.to_owned());
            }
            arg if arg.starts_with("--target=") => {
                target = arg.split_once('=').map(|(_, dir)| dir.to_owned());
            }
            arg if arg.starts_with('-') => {}
            arg => words.push(arg),
        }
    }
    no_cache |= p.env.get("PIP_NO_CACHE_DIR").is_some_and(|value| !value.is_empty());
    let Some((verb, operands)) = words.split_first() else { return p.option("pip") };
    if *verb != "install" {
        return p.option(*verb);
    }
    let mut names: Vec<String> = operands.iter().map(|name| plain(name)).collect();
    let mut files: std::collections::VecDeque<String> = files.into();
    let mut read = 0;
    while let Some(file) = files.pop_front() {
        read += 1;
        if read > 50 {
            return p.option("-r");
        }
        if super::absent(p, &file)? {
            p.error(&format!(
                "ERROR: Could not open requirements file: [Errno 2] No such file or directory: '{file}'"
            ))?;
            return Ok(1);
        }
        let Some(text) = text(p, &file) else {
            return Err(crate::shell::machine::Halt::Unknown(crate::shell::Why::Content(file)));
        };
        // A file may name others, seen from where it lies.
        let dir = file.rsplit_once('/').map_or(String::new(), |(dir, _)| [dir, "/"].concat());
        for line in text.lines().map(str::trim) {
            if let Some(other) = line.strip_prefix("-r ").or_else(|| line.strip_prefix("--requirement ")) {
                files.push_back([&dir, other.trim()].concat());
            }
        }
        let lines =
            text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', '-']));
        names.extend(lines.map(plain));
    }
    names.retain(|name| !name.is_empty());
    if names.is_empty() {
        p.error("ERROR: You must give at least one requirement to install (see \"pip help install\")")?;
        return Ok(1);
    }
    if offline(p, "ERROR: Could not find a version that satisfies the requirement")? {
        return Ok(1);
    }
    // A project of one's own brings what its manifest asks for.
    for name in names.clone().iter().filter(|name| name.starts_with(['.', '/'])) {
        let manifest = format!("{}/pyproject.toml", name.trim_end_matches('/'));
        if let Some(text) = text(p, &manifest) {
            names.extend(declared(&text, false));
        }
    }
    let plain_target = target.is_some();
    let site = site(p, user, target, prefix);
    // Programs lie beside the library; Debian's own Python has them in /usr/local.
    let bin = match site.split_once("/lib/python") {
        _ if plain_target => [&site, "/bin"].concat(),
        Some(("/usr", _)) | None => "/usr/local/bin".to_owned(),
        Some((root, _)) => [root, "/bin"].concat(),
    };
    let mut total = 0;
    for name in &names {
        p.line(&format!("Collecting {name}"))?;
        if name.starts_with(['.', '/']) {
            let at = crate::tree::clean(&p.path(name));
            let folder = format!("{site}/{}", crate::tree::base_name(&at));
            let salt = super::inputs(p, name);
            made_up(p, &format!("{folder}/‹all files›"), 100 * KIB, 0o644, "pip", &salt)?;
            continue;
        }
        let folder = name.replace('-', "_");
        let source = format!("pip: {name}");
        let size = size_of(&bare(name));
        total += size;
        made_up(p, &format!("{site}/{folder}/‹all files, with dependencies›"), size, 0o644, &source, &[])?;
        match scripts(&bare(name)) {
            Some(programs) => {
                for program in programs.split_whitespace() {
                    made_up(p, &[&bin, "/", program].concat(), 250, 0o755, &source, &[])?;
                }
            }
            // It may have brought some.
            None => {
                super::folder(p, &bin)?;
                super::help::mark_unlisted(p, &bin, &source);
            }
        }
    }
    if !no_cache {
        let home = p.env.get("HOME").cloned().unwrap_or_default();
        let cache = format!("{}/.cache/pip/‹downloads›", home.trim_end_matches('/'));
        made_up(p, &cache, total / 3, 0o644, "pip", names.join(" ").as_bytes())?;
    }
    takes(p, 1200 + 500 * names.len() as u64, total / 3);
    p.line(&format!("Successfully installed {}", names.join(" ")))?;
    Ok(0)
}

/// A requirement without version and extras.
fn plain(requirement: &str) -> String {
    if requirement.starts_with(['.', '/']) {
        return requirement.to_owned();
    }
    let end = requirement.find(['=', '<', '>', '!', '~', '[', ';', ' ', '@']).unwrap_or(requirement.len());
    requirement.get(..end).unwrap_or(requirement).to_owned()
}

fn site(p: &mut Process<'_, '_>, user: bool, target: Option<String>, prefix: Option<String>) -> String {
    if let Some(target) = target {
        return p.path(&target);
    }
    let version = version(p);
    let lib = |root: &str| format!("{}/lib/python{version}/site-packages", root.trim_end_matches('/'));
    if let Some(prefix) = prefix {
        return lib(&p.path(&prefix));
    }
    if let Some(venv) = p.env.get("VIRTUAL_ENV") {
        return lib(venv);
    }
    if user {
        let home = p.env.get("HOME").map_or("/root", String::as_str);
        return lib(&format!("{}/.local", home.trim_end_matches('/')));
    }
    if there(p, "/usr/local/bin/python3") {
        lib("/usr/local")
    } else {
        "/usr/lib/python3/dist-packages".to_owned()
    }
}

/// `3.14`, from the interpreter that is installed.
fn version(p: &Process<'_, '_>) -> String {
    let Ok(dir) = p.m.tree.read_dir("/usr/local/lib") else { return "3".to_owned() };
    let found = dir.entries().keys().find_map(|name| name.strip_prefix("python").map(str::to_owned));
    found.filter(|version| version.contains('.')).unwrap_or_else(|| "3".to_owned())
}
