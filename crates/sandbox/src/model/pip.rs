//! `pip`: what requirements name goes into `site-packages`; dependencies of theirs are not known.

use super::python::{bare, declared, scripts, size_of};
use super::site::{self, Site};
use super::{KIB, made_up, offline, takes, text, there};
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};

/// What the options say.
#[derive(Default)]
struct Options {
    no_cache: bool,
    cache: Option<String>,
    user: bool,
    target: Option<String>,
    prefix: Option<String>,
    root: Option<String>,
    out: Option<String>,
    no_index: bool,
    allowed: bool,
    /// uv's: outside of any environment.
    system: bool,
    files: Vec<String>,
    words: Vec<String>,
}

/// Options with a value that does not change what lies where.
const VALUES: &[&str] = &[
    "-i",
    "--index-url",
    "--extra-index-url",
    "-c",
    "--constraint",
    "-f",
    "--find-links",
    "--trusted-host",
    "--timeout",
    "--retries",
    "--proxy",
    "--cert",
    "--client-cert",
    "--log",
    "--exists-action",
    "--platform",
    "--python-version",
    "--implementation",
    "--abi",
    "--no-binary",
    "--only-binary",
    "--progress-bar",
    "--config-settings",
    "-C",
    "--global-option",
    "--upgrade-strategy",
    "--src",
    "--root-user-action",
    "--python",
    "-p",
    "--index-strategy",
    "--index",
    "--default-index",
    "--override",
    "--link-mode",
    "--use-feature",
    "--keyring-provider",
    "--group",
    "--extra",
];

fn options(args: &[String]) -> Options {
    let mut o = Options::default();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        let (name, given) = match arg.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
            _ => (arg.as_str(), None),
        };
        let mut value = || given.clone().or_else(|| rest.next().cloned());
        match name {
            "--no-cache-dir" | "--no-cache" | "-n" => o.no_cache = true,
            "--cache-dir" => o.cache = value(),
            "--user" => o.user = true,
            "--system" => o.system = true,
            "--no-index" => o.no_index = true,
            "--break-system-packages" => o.allowed = true,
            "-t" | "--target" => o.target = value(),
            "--prefix" => o.prefix = value(),
            "--root" => o.root = value(),
            "-w" | "--wheel-dir" | "-d" | "--dest" => o.out = value(),
            "-r" | "--requirement" | "--requirements" => o.files.extend(value()),
            "-e" | "--editable" => o.words.extend(value()),
            name if VALUES.contains(&name) => drop(value()),
            name if name.starts_with("-r") && !name.starts_with("--") => {
                o.files.extend(name.get(2..).map(str::to_owned));
            }
            name if name.starts_with('-') => {}
            _ => o.words.push(arg.clone()),
        }
    }
    o
}

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let mut o = options(&std::mem::take(&mut p.args));
    let set = |name: &str| {
        p.env.get(name).is_some_and(|value| !matches!(value.as_str(), "" | "0" | "false" | "no"))
    };
    // Of this one, old releases took any value for yes.
    o.no_cache |= p.env.get("PIP_NO_CACHE_DIR").is_some_and(|value| !value.is_empty()) || set("UV_NO_CACHE");
    o.allowed |= set("PIP_BREAK_SYSTEM_PACKAGES") || set("UV_BREAK_SYSTEM_PACKAGES");
    o.system |= set("UV_SYSTEM_PYTHON");
    o.user |= set("PIP_USER");
    let uv = p.name == "uv";
    let home = super::help::home(p);
    let cache =
        o.cache.clone().or_else(|| p.env.get(if uv { "UV_CACHE_DIR" } else { "PIP_CACHE_DIR" }).cloned());
    let cache = cache.unwrap_or_else(|| match p.env.get("XDG_CACHE_HOME") {
        Some(dir) => format!("{}/{}", dir.trim_end_matches('/'), if uv { "uv" } else { "pip" }),
        None => format!("{home}/.cache/{}", if uv { "uv" } else { "pip" }),
    });
    let words = std::mem::take(&mut o.words);
    let Some((verb, operands)) = words.split_first() else { return p.option("pip") };
    match verb.as_str() {
        "install" | "sync" => {
            if verb == "sync" {
                o.files.extend(operands.iter().cloned());
            }
            let operands = if verb == "sync" { &[] } else { operands };
            let Some(names) = requirements(p, operands, &o)? else { return Ok(1) };
            let Some(place) = place(p, &o)? else { return Ok(if uv { 2 } else { 1 }) };
            install(p, &names, &place, &o, &cache)
        }
        "wheel" | "download" => {
            let Some(names) = requirements(p, operands, &o)? else { return Ok(1) };
            wheels(p, &names, o.out.as_deref().unwrap_or("."))
        }
        "uninstall" => {
            let place = Site::own(p);
            for name in operands {
                let folder = p.path(&format!("{}/{}", place.packages, name.replace('-', "_")));
                if !there(p, &folder) {
                    p.error(&format!("WARNING: Skipping {name} as it is not installed."))?;
                    continue;
                }
                let _ = p.m.remove_all(&p.cred, &folder)?;
                for program in scripts(&bare(name)).unwrap_or("").split_whitespace() {
                    let path = p.path(&format!("{}/{program}", place.programs));
                    let _ = p.m.remove_all(&p.cred, &path)?;
                }
                p.line(&format!("Successfully uninstalled {name}"))?;
            }
            Ok(0)
        }
        "cache" if matches!(operands.first().map(String::as_str), Some("purge" | "clean")) => {
            let cache = p.path(&cache);
            let _ = p.m.remove_all(&p.cred, &cache)?;
            Ok(0)
        }
        "list" | "freeze" | "show" | "check" | "cache" | "inspect" | "debug" | "help" | "tree" | "index" => {
            p.only_reads(verb.clone())
        }
        _ => p.option(verb.clone()),
    }
}

/// What is asked for, by words and in files; `None` once it was said what is wrong.
fn requirements(
    p: &mut Process<'_, '_>,
    operands: &[String],
    o: &Options,
) -> Result<Option<Vec<String>>, Halt> {
    let mut names: Vec<String> = operands.iter().map(|name| plain(name)).collect();
    let mut files: std::collections::VecDeque<String> = o.files.iter().cloned().collect();
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
            return Ok(None);
        }
        let Some(text) = text(p, &file) else {
            return Err(Halt::Unknown(crate::shell::Why::Content(file)));
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
        // An empty file is no mistake.
        if !o.files.is_empty() {
            return Ok(Some(names));
        }
        p.error("ERROR: You must give at least one requirement to install (see \"pip help install\")")?;
        return Ok(None);
    }
    // A project of one's own brings what its manifest asks for.
    for name in names.clone().iter().filter(|name| is_path(name)) {
        if super::absent(p, name)? {
            p.error(&format!("ERROR: Invalid requirement: '{name}': Expected package name at the start of dependency specifier"))?;
            p.error("Hint: It looks like a path. File does not exist.")?;
            return Ok(None);
        }
        let manifest = format!("{}/pyproject.toml", name.trim_end_matches('/'));
        if let Some(text) = text(p, &manifest) {
            names.extend(declared(&text, false));
        }
    }
    let local = o.no_index || names.iter().all(|name| is_path(name));
    if !local && offline(p, "ERROR: Could not find a version that satisfies the requirement")? {
        return Ok(None);
    }
    Ok(Some(names))
}

/// Whether a requirement is a file or a folder.
fn is_path(name: &str) -> bool {
    name.starts_with(['.', '/']) || name.ends_with(".whl") || name.ends_with(".tar.gz")
}

/// Where packages go; `None` once it was said why they may not.
fn place(p: &mut Process<'_, '_>, o: &Options) -> Result<Option<Site>, Halt> {
    let within = |site: Site| match &o.root {
        Some(root) => site.within(root),
        None => site,
    };
    if let Some(target) = &o.target {
        return Ok(Some(within(Site::target(&p.path(target)))));
    }
    if let Some(prefix) = &o.prefix {
        let prefix = p.path(prefix);
        return Ok(Some(within(Site::under(p, &prefix))));
    }
    let place = if p.name == "uv" && !o.system {
        // It looks for an environment by itself.
        let here = p.path(".venv");
        let root = match p.env.get("VIRTUAL_ENV").cloned() {
            Some(root) => root,
            None if site::environment_at(p, &here) => here,
            None => {
                p.error("error: No virtual environment found; run `uv venv` to create an environment, or pass `--system` to install into a non-virtual environment")?;
                return Ok(None);
            }
        };
        Site::under(p, &root)
    } else if p.name == "uv" {
        Site::system(p)
    } else {
        Site::own(p)
    };
    if place.managed && !o.allowed && o.root.is_none() {
        p.error("error: externally-managed-environment\n\n× This environment is externally managed")?;
        p.error("note: If you believe this is a mistake, please contact your Python installation or OS distribution provider. You can override this, at the risk of breaking your Python installation or OS, by passing --break-system-packages.\nhint: See PEP 668 for the detailed specification.")?;
        return Ok(None);
    }
    if o.user {
        return Ok(Some(Site::user(p)));
    }
    let refused = |p: &Process<'_, '_>| {
        let node = p.m.tree.stat(&place.packages).ok();
        node.is_some_and(|node| !p.cred.may(node.meta(), 2))
    };
    if p.cred.uid != 0 && p.name != "uv" && refused(p) {
        p.line("Defaulting to user installation because normal site-packages is not writeable")?;
        return Ok(Some(Site::user(p)));
    }
    Ok(Some(within(place)))
}

/// Archives of packages, each with what it needs.
fn wheels(p: &mut Process<'_, '_>, names: &[String], dir: &str) -> Run {
    super::folder(p, dir)?;
    let mut total = 0;
    for name in names {
        p.line(&format!("Collecting {name}"))?;
        let path = crate::tree::clean(&p.path(name));
        let base = if is_path(name) { crate::tree::base_name(&path) } else { name };
        let size = if is_path(name) { 40 * KIB } else { size_of(&bare(name)) / 3 };
        total += size;
        let file = format!("{dir}/{}-‹version›-py3-none-any.whl", base.replace('-', "_"));
        made_up(p, &file, size, 0o644, &format!("pip: {base}"), &[])?;
    }
    takes(p, 1200 + 700 * names.len() as u64, total);
    Ok(0)
}

fn install(p: &mut Process<'_, '_>, names: &[String], place: &Site, o: &Options, cache: &str) -> Run {
    let Site { packages: site, programs: bin, .. } = place;
    let mut total = 0;
    for name in names {
        p.line(&format!("{} {name}", if is_path(name) { "Processing" } else { "Collecting" }))?;
        let wheel = crate::tree::base_name(name).split_once('-').filter(|_| name.ends_with(".whl"));
        let name = match wheel {
            Some((name, _)) => &name.replace('_', "-"),
            None => name,
        };
        if is_path(name) {
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
                    made_up(p, &[bin, "/", program].concat(), 250, 0o755, &source, &[])?;
                }
            }
            // It may have brought some.
            None => {
                super::folder(p, bin)?;
                super::help::mark_unlisted(p, bin, &source);
            }
        }
    }
    if !o.no_cache && !o.no_index && total > 0 {
        let cache = format!("{}/‹downloads›", cache.trim_end_matches('/'));
        made_up(p, &cache, total / 3, 0o644, "pip", names.join(" ").as_bytes())?;
    }
    takes(p, 1200 + 500 * names.len() as u64, total / 3);
    p.line(&format!("Successfully installed {}", names.join(" ")))?;
    Ok(0)
}

/// A requirement without version and extras.
fn plain(requirement: &str) -> String {
    if is_path(requirement) {
        // `.[dev]` names extras too.
        return requirement.split('[').next().unwrap_or(requirement).to_owned();
    }
    let end = requirement.find(['=', '<', '>', '!', '~', '[', ';', ' ', '@']).unwrap_or(requirement.len());
    requirement.get(..end).unwrap_or(requirement).to_owned()
}
