//! `pnpm`, `npx`, `node`, and the build tools that package scripts call.

use super::help::{MB, OTHER, digest_at, download, made, mark_unlisted, spent, text, there, version_of};
use super::manifest::Json;
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};

/// Unpacked sizes of packages that weigh more than most, in kB; rounded, npm registry, autumn 2026.
static SIZES: &[(&str, u32)] = &[
    ("typescript", 23_000),
    ("next", 110_000),
    ("react-dom", 6_300),
    ("react", 320),
    ("vite", 3_500),
    ("esbuild", 10_000),
    ("rollup", 2_800),
    ("webpack", 5_600),
    ("@angular/core", 7_500),
    ("@angular/cli", 900),
    ("vue", 2_500),
    ("express", 220),
    ("lodash", 1_400),
    ("eslint", 3_000),
    ("prettier", 8_500),
    ("jest", 5),
    ("puppeteer", 400),
    ("date-fns", 22_000),
    ("rxjs", 4_500),
    ("core-js", 1_300),
    ("@types/node", 2_300),
    ("sharp", 600),
    ("prisma", 40_000),
    ("@prisma/client", 8_000),
    ("moment", 4_300),
    ("axios", 2_200),
    ("tailwindcss", 800),
];

fn size_of(name: &str) -> u64 {
    SIZES.iter().find(|(known, _)| *known == name).map_or(90_000, |(_, kb)| u64::from(*kb) * 1024)
}

/// What npm's error lines begin with: changed in npm 10.8, which came with Node 20.16 and 22.
fn mark(p: &Process<'_, '_>) -> &'static str {
    let version = version_of(p, "NODE_VERSION", "22");
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let (major, minor) = (parts.next().unwrap_or(22), parts.next().unwrap_or(0));
    if major >= 21 || (major == 20 && minor >= 16) { "npm error" } else { "npm ERR!" }
}

fn manifest(p: &mut Process<'_, '_>) -> Result<Option<Json>, Halt> {
    Ok(text(p, "package.json")?.and_then(|text| Json::parse(&text)))
}

/// Package, its directory in `node_modules`, and whether it is needed for development only.
fn locked(lock: &Json) -> Vec<(String, bool)> {
    let mut out = Vec::new();
    if let Some(Json::Map(packages)) = lock.get("packages") {
        for (path, entry) in packages {
            if path.starts_with("node_modules/") && entry.get("link").is_none() {
                let dev = entry.get("dev") == Some(&Json::Bool(true))
                    || entry.get("devOptional") == Some(&Json::Bool(true));
                out.push((path.clone(), dev));
            }
        }
    } else if let Some(Json::Map(packages)) = lock.get("dependencies") {
        for (name, entry) in packages {
            out.push((format!("node_modules/{name}"), entry.get("dev") == Some(&Json::Bool(true))));
        }
    }
    out
}

fn listed(manifest: &Json, key: &str) -> Vec<String> {
    manifest.get(key).map(Json::keys).unwrap_or_default().into_iter().map(str::to_owned).collect()
}

/// Puts packages into a `node_modules`; gives how many and their bytes.
fn place(
    p: &mut Process<'_, '_>,
    root: &str,
    packages: &[(String, u64)],
    inputs: &[u8],
) -> Result<Option<u64>, Halt> {
    let mut total = 0;
    for (path, size) in packages {
        let (small, rest) = (1_500.min(*size), size.saturating_sub(1_500));
        let dir = format!("{root}/{path}");
        if !made(p, &format!("{dir}/package.json"), small, 0o644, "npm", &[path.as_bytes()])? {
            return Ok(None);
        }
        if rest > 0 {
            made(p, &format!("{dir}/{OTHER}"), rest, 0o644, "npm", &[path.as_bytes()])?;
        }
        total += size;
    }
    made(
        p,
        &format!("{root}/node_modules/.package-lock.json"),
        400 * packages.len() as u64,
        0o644,
        "npm",
        &[inputs],
    )?;
    Ok(Some(total))
}

fn bins(p: &mut Process<'_, '_>, root: &str, names: &[String]) -> Result<(), Halt> {
    for name in names {
        let tools: &[&str] = match name.as_str() {
            "typescript" => &["tsc", "tsserver"],
            "@angular/cli" => &["ng"],
            "@nestjs/cli" => &["nest"],
            "react-scripts" => &["react-scripts"],
            "webpack-cli" => &["webpack"],
            "@vue/cli-service" => &["vue-cli-service"],
            "vite" | "next" | "nuxt" | "webpack" | "esbuild" | "rollup" | "eslint" | "prettier" | "jest"
            | "vitest" | "gulp" | "nodemon" | "tsx" | "ts-node" | "prisma" | "tailwindcss" | "parcel"
            | "turbo" | "astro" | "vue-tsc" | "tsup" => &[],
            _ => continue,
        };
        let own = [name.as_str()];
        for tool in if tools.is_empty() { own.as_slice() } else { tools } {
            made(p, &format!("{root}/node_modules/.bin/{tool}"), 600, 0o755, "npm", &[tool.as_bytes()])?;
        }
    }
    Ok(())
}

struct Flags {
    production: bool,
    global: bool,
    names: Vec<String>,
    save_dev: bool,
    frozen: bool,
    ignore_scripts: bool,
}

fn flags(p: &Process<'_, '_>, args: &[String]) -> Flags {
    let node_env = p.env.get("NODE_ENV").is_some_and(|value| value == "production");
    let mut flags = Flags {
        production: node_env,
        global: false,
        names: Vec::new(),
        save_dev: false,
        frozen: false,
        ignore_scripts: false,
    };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--omit=dev" | "--production" | "--only=production" | "--only=prod" | "--prod" | "-P"
            | "--production=true" => {
                flags.production = true;
            }
            "--omit" | "--only" => {
                flags.production |=
                    args.next().is_some_and(|value| value.starts_with("dev") || value.starts_with("prod"));
            }
            "--include=dev" | "--production=false" | "--dev" => flags.production = false,
            "-g" | "--global" => flags.global = true,
            "-D" | "--save-dev" => flags.save_dev = true,
            "--frozen-lockfile" | "--immutable" => flags.frozen = true,
            "--ignore-scripts" => flags.ignore_scripts = true,
            "--registry" | "--prefix" | "--cache" | "--loglevel" | "--network-timeout" | "--cwd"
            | "--cache-folder" | "--store-dir" | "--modules-folder" | "--filter" | "-F" | "-w"
            | "--workspace" => {
                args.next();
            }
            _ if arg.starts_with('-') => {}
            _ => flags.names.push(arg.clone()),
        }
    }
    flags
}

/// `name@version` without the version.
fn bare(name: &str) -> &str {
    match name.char_indices().skip(1).find(|(_, c)| *c == '@') {
        Some((at, _)) => name.get(..at).unwrap_or(name),
        None => name,
    }
}

fn global(p: &mut Process<'_, '_>, names: &[String]) -> Run {
    let mut count = 0;
    for name in names {
        let name = bare(name);
        let path = format!("/usr/local/lib/node_modules/{name}");
        let size = size_of(name).max(2 * MB);
        if !made(p, &format!("{path}/{OTHER}"), size, 0o644, "npm", &[name.as_bytes()])? {
            return Ok(243);
        }
        let tool = match name {
            "@angular/cli" => "ng",
            "@nestjs/cli" => "nest",
            "typescript" => "tsc",
            other => other.rsplit('/').next().unwrap_or(other),
        };
        made(p, &format!("/usr/local/bin/{tool}"), 600, 0o755, "npm", &[name.as_bytes()])?;
        download(p, size / 4);
        count += 1;
    }
    p.line("")?;
    p.line(&format!("added {count} package{} in 2s", if count == 1 { "" } else { "s" }))?;
    Ok(0)
}

fn failed_offline(p: &mut Process<'_, '_>) -> Run {
    let mark = mark(p);
    p.error(&format!("{mark} code EAI_AGAIN"))?;
    p.error(&format!("{mark} syscall getaddrinfo"))?;
    p.error(&format!("{mark} request to the registry failed, reason: getaddrinfo EAI_AGAIN"))?;
    Ok(1)
}

fn cache_dir(p: &Process<'_, '_>) -> String {
    let home = p.env.get("HOME").cloned().unwrap_or_else(|| "/root".to_owned());
    p.env.get("npm_config_cache").cloned().unwrap_or_else(|| format!("{home}/.npm"))
}

fn install(p: &mut Process<'_, '_>, flags: &Flags, tool: &str, clean: bool) -> Run {
    let mark = mark(p);
    let Some(manifest) = manifest(p)? else {
        if !flags.names.is_empty() && !clean {
            return add_only(p, flags, tool);
        }
        let cwd = p.cwd.clone();
        match tool {
            "npm" => {
                for line in [
                    "code ENOENT".to_owned(),
                    "syscall open".to_owned(),
                    format!("path {}/package.json", cwd.trim_end_matches('/')),
                    "errno -2".to_owned(),
                    format!(
                        "enoent Could not read package.json: Error: ENOENT: no such file or directory, open '{}/package.json'",
                        cwd.trim_end_matches('/')
                    ),
                    "enoent This is related to npm not being able to find a file.".to_owned(),
                    "enoent".to_owned(),
                ] {
                    p.error(&format!("{mark} {line}"))?;
                }
                return Ok(254);
            }
            "yarn" => {
                p.line("yarn install v1.22.22")?;
                p.line("info No lockfile found.")?;
                p.line("[1/4] Resolving packages...")?;
                return Ok(0);
            }
            _ => {
                p.line(&format!(" ERR_PNPM_NO_PKG_MANIFEST  No package.json found in {cwd}"))?;
                return Ok(1);
            }
        }
    };
    let lock_name = match tool {
        "npm" if there(p, "npm-shrinkwrap.json") => "npm-shrinkwrap.json",
        "npm" => "package-lock.json",
        "yarn" => "yarn.lock",
        _ => "pnpm-lock.yaml",
    };
    let has_lock = !super::absent(p, lock_name)?;
    if clean && !has_lock && tool == "npm" {
        let lines = [
            "code EUSAGE",
            "",
            "The `npm ci` command can only install with an existing package-lock.json or",
            "npm-shrinkwrap.json with lockfileVersion >= 1. Run an install with npm@5 or",
            "later to generate a package-lock.json file, then try again.",
            "",
            "Clean install a project",
            "",
            "Usage:",
            "npm ci",
        ];
        for line in lines {
            p.error(format!("{mark} {line}").trim_end())?;
        }
        return Ok(1);
    }
    if flags.frozen && !has_lock {
        if tool == "pnpm" {
            p.line(" ERR_PNPM_NO_LOCKFILE  Cannot install with \"frozen-lockfile\" because pnpm-lock.yaml is absent")?;
            return Ok(1);
        }
        if tool == "yarn" {
            p.line("yarn install v1.22.22")?;
            p.line("info No lockfile found.")?;
        }
    }
    if !p.m.network {
        return failed_offline(p);
    }
    let mut direct = listed(&manifest, "dependencies");
    if !flags.production {
        direct.extend(listed(&manifest, "devDependencies"));
    }
    direct.extend(flags.names.iter().map(|name| bare(name).to_owned()));
    let mut packages: Vec<(String, u64)> = Vec::new();
    let lock = if tool == "npm" && has_lock {
        text(p, lock_name)?.and_then(|text| Json::parse(&text))
    } else {
        None
    };
    let known = lock.as_ref().map(locked).unwrap_or_default();
    if known.is_empty() {
        for name in &direct {
            packages.push((format!("node_modules/{name}"), size_of(name)));
        }
        // What they depend on, as one entry: nobody listed it.
        let hidden = direct.len() as u64 * 8;
        if hidden > 0 {
            packages.push((format!("node_modules/{OTHER}"), hidden * 110_000));
        }
    } else {
        for (path, dev) in known {
            if dev && flags.production {
                continue;
            }
            let name = path.rsplit_once("node_modules/").map_or(path.as_str(), |(_, name)| name).to_owned();
            packages.push((path, size_of(&name)));
        }
        for name in &flags.names {
            packages.push((format!("node_modules/{}", bare(name)), size_of(bare(name))));
        }
    }
    p.m.spend(packages.len() as u64 * 4)?;
    if clean {
        let old = p.path("node_modules");
        let _ = p.m.remove_all(&p.cred, &old)?;
    }
    let digest = digest_at(p, if has_lock { lock_name } else { "package.json" });
    let root = p.cwd.clone();
    let Some(total) = place(p, root.trim_end_matches('/'), &packages, &digest)? else {
        return Ok(243);
    };
    bins(p, root.trim_end_matches('/'), &direct)?;
    if !has_lock && tool != "yarn" || (!has_lock && tool == "yarn" && !flags.frozen) {
        made(p, lock_name, 300 * packages.len() as u64 + 200, 0o644, "npm", &[&digest])?;
    }
    let home = p.env.get("HOME").cloned().unwrap_or_else(|| "/root".to_owned());
    let cache = match tool {
        "npm" => format!("{}/_cacache", cache_dir(p)),
        "yarn" => {
            format!("{}/.cache/yarn", if home == "/root" { "/usr/local/share".to_owned() } else { home })
        }
        _ => format!("{home}/.local/share/pnpm/store"),
    };
    made(p, &format!("{cache}/{OTHER}"), total * 3 / 10, 0o644, "npm cache", &[&digest])?;
    download(p, total / 4);
    spent(p, 800 + packages.len() as u64 * 10);
    match tool {
        "npm" => {
            p.line("")?;
            p.line(&format!(
                "added {} packages, and audited {} packages in 5s",
                packages.len(),
                packages.len() + 1
            ))?;
            p.line("")?;
            p.line("found 0 vulnerabilities")?;
        }
        "yarn" => {
            for line in [
                "yarn install v1.22.22",
                "[1/4] Resolving packages...",
                "[2/4] Fetching packages...",
                "[3/4] Linking dependencies...",
                "[4/4] Building fresh packages...",
                "Done in 5.00s.",
            ] {
                p.line(line)?;
            }
        }
        _ => p.line(&format!("Packages: +{}", packages.len()))?,
    }
    if flags.ignore_scripts {
        return Ok(0);
    }
    for hook in ["preinstall", "install", "postinstall", "prepare"] {
        let words = manifest
            .get("scripts")
            .and_then(|scripts| scripts.get(hook))
            .and_then(Json::text)
            .map(str::to_owned);
        if let Some(words) = words
            && !(hook == "prepare" && flags.production && words.contains("husky"))
        {
            let code = shell(p, &words)?;
            if code != 0 {
                return Ok(code);
            }
        }
    }
    Ok(0)
}

fn add_only(p: &mut Process<'_, '_>, flags: &Flags, tool: &str) -> Run {
    if !p.m.network {
        return failed_offline(p);
    }
    let root = p.cwd.clone();
    let packages: Vec<(String, u64)> = flags
        .names
        .iter()
        .map(|name| (format!("node_modules/{}", bare(name)), size_of(bare(name)) + 800_000))
        .collect();
    let Some(total) = place(p, root.trim_end_matches('/'), &packages, tool.as_bytes())? else {
        return Ok(243);
    };
    made(p, "package.json", 60 + 30 * packages.len() as u64, 0o644, "npm", &[tool.as_bytes()])?;
    made(p, "package-lock.json", 3000 * packages.len() as u64, 0o644, "npm", &[tool.as_bytes()])?;
    download(p, total / 4);
    p.line(&format!("added {} packages in 2s", packages.len() * 8))?;
    Ok(0)
}

fn prune(p: &mut Process<'_, '_>, production: bool) -> Run {
    let Some(manifest) = manifest(p)? else { return Ok(0) };
    if !production {
        return Ok(0);
    }
    let lock = text(p, "package-lock.json")?.and_then(|text| Json::parse(&text));
    let gone: Vec<String> = match lock.as_ref().map(locked) {
        Some(known) if !known.is_empty() => {
            known.into_iter().filter(|(_, dev)| *dev).map(|(path, _)| path).collect()
        }
        _ => listed(&manifest, "devDependencies")
            .into_iter()
            .map(|name| format!("node_modules/{name}"))
            .collect(),
    };
    let count = gone.len();
    for path in gone {
        let path = p.path(&path);
        let _ = p.m.remove_all(&p.cred, &path)?;
    }
    p.line("")?;
    p.line(&format!("removed {count} packages"))?;
    Ok(0)
}

/// Runs words as a package script does: through `sh`, with the packages' programs in `PATH`.
fn shell(p: &mut Process<'_, '_>, words: &str) -> Run {
    let mut spec = p.spec(vec!["sh".to_owned(), "-c".to_owned(), words.to_owned()]);
    let path = spec.env.get("PATH").cloned().unwrap_or_default();
    spec.env.insert("PATH".to_owned(), format!("{}/node_modules/.bin:{path}", p.cwd.trim_end_matches('/')));
    spec.env.insert("npm_lifecycle_event".to_owned(), "run".to_owned());
    p.spawn_spec(spec)
}

fn script(p: &mut Process<'_, '_>, name: &str, tool: &str, extra: Vec<String>) -> Run {
    let mark = mark(p);
    let Some(manifest) = manifest(p)? else {
        let cwd = p.cwd.trim_end_matches('/').to_owned();
        p.error(&format!("{mark} code ENOENT"))?;
        p.error(&format!("{mark} enoent Could not read package.json: Error: ENOENT: no such file or directory, open '{cwd}/package.json'"))?;
        return Ok(254);
    };
    let words =
        manifest.get("scripts").and_then(|scripts| scripts.get(name)).and_then(Json::text).map(str::to_owned);
    let Some(words) = words else {
        match tool {
            "yarn" => p.error(&format!("error Command \"{name}\" not found."))?,
            "pnpm" => p.line(&format!(" ERR_PNPM_NO_SCRIPT  Missing script: {name}"))?,
            _ => p.error(&format!("{mark} Missing script: \"{name}\""))?,
        }
        return Ok(1);
    };
    let package = manifest.get("name").and_then(Json::text).unwrap_or("").to_owned();
    let version = manifest.get("version").and_then(Json::text).unwrap_or("").to_owned();
    let words = if extra.is_empty() { words } else { format!("{words} {}", extra.join(" ")) };
    for hook in [format!("pre{name}"), name.to_owned(), format!("post{name}")] {
        let text = if hook == name {
            Some(words.clone())
        } else {
            manifest
                .get("scripts")
                .and_then(|scripts| scripts.get(&hook))
                .and_then(Json::text)
                .map(str::to_owned)
        };
        let Some(text) = text else { continue };
        match tool {
            "yarn" => {
                p.line("yarn run v1.22.22")?;
                p.line(&format!("$ {text}"))?;
            }
            _ => {
                p.line("")?;
                let at = if version.is_empty() { package.clone() } else { format!("{package}@{version}") };
                p.line(format!("> {at} {hook}").replace("  ", " ").trim_end())?;
                p.line(&format!("> {text}"))?;
                p.line("")?;
            }
        }
        let code = shell(p, &text)?;
        if code != 0 {
            return Ok(code);
        }
    }
    Ok(0)
}

pub(crate) fn yarn(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let mut rest = args.clone();
    let at = args.iter().position(|arg| !arg.starts_with('-'));
    let command = at.map_or_else(|| "install".to_owned(), |at| rest.remove(at));
    let tool = p.name.clone();
    if args.iter().any(|arg| arg == "--version" || arg == "-v") {
        p.line(if tool == "yarn" { "1.22.22" } else { "9.15.0" })?;
        return Ok(0);
    }
    let flags = flags(p, &rest);
    match command.as_str() {
        "install" | "i" | "add" if flags.global => global(p, &flags.names),
        "install" | "i" | "add" => install(p, &flags, &tool, false),
        "global" => global(p, flags.names.get(1..).unwrap_or(&[])),
        "run" => {
            let name = flags.names.first().cloned().unwrap_or_default();
            script(p, &name, &tool, Vec::new())
        }
        "cache" | "config" | "set" | "autoclean" | "store" | "fetch" | "setup" => {
            if command == "cache" {
                let _ = p.m.tree.remove_all("/usr/local/share/.cache/yarn");
            }
            Ok(0)
        }
        "prune" => prune(p, flags.production),
        "exec" | "dlx" => npx_words(p, flags.names),
        "deploy" | "workspace" | "workspaces" | "pack" => p.option(command),
        name => script(p, name, &tool, Vec::new()),
    }
}

pub(crate) fn npx(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    npx_words(p, args)
}

fn npx_words(p: &mut Process<'_, '_>, words: Vec<String>) -> Run {
    let words: Vec<String> = words.into_iter().skip_while(|word| word.starts_with('-')).collect();
    let Some(first) = words.first() else { return Ok(0) };
    let name = bare(first).to_owned();
    let mut argv = words.clone();
    if let Some(first) = argv.first_mut() {
        *first = name.clone();
    }
    // What is not installed is fetched for the moment.
    if let Some(command) = crate::command::find(&name) {
        let spec = p.spec(argv);
        p.flush()?;
        return crate::shell::exec::run_command(p.m, spec, command, crate::shell::process::Flavor::Gnu, None);
    }
    shell(p, &argv.join(" "))
}

pub(crate) fn corepack(_: &mut Process<'_, '_>) -> Run {
    Ok(0)
}

/// Tools that make a directory of files from sources: `tsc`, `vite`, `next`, …
pub(crate) fn bundler(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let has = |word: &str| args.iter().any(|arg| arg == word);
    let value = |flags: &[&str]| {
        args.iter().enumerate().find_map(|(at, arg)| {
            flags.iter().find_map(|flag| {
                if arg == flag {
                    args.get(at + 1).cloned()
                } else {
                    arg.strip_prefix(&format!("{flag}=")).map(str::to_owned)
                }
            })
        })
    };
    let digest = digest_at(p, ".");
    let (dir, size, ms) = match p.name.as_str() {
        "tsc" | "vue-tsc" => {
            if has("--noEmit") || has("--version") || has("-v") || p.name == "vue-tsc" {
                return Ok(0);
            }
            let out = match value(&["--outDir"]) {
                Some(out) => Some(out),
                None => match text(p, "tsconfig.json")? {
                    Some(config) => config
                        .split_once("\"outDir\"")
                        .and_then(|(_, rest)| rest.split('"').nth(1))
                        .map(str::to_owned),
                    None if has("-p") || has("--project") => return p.option("-p"),
                    None => {
                        p.line("error TS5057: Cannot find a tsconfig.json file at the current directory.")?;
                        return Ok(1);
                    }
                },
            };
            (out.unwrap_or_else(|| ".".to_owned()), 400_000, 4000)
        }
        "vite" | "vue-cli-service" | "parcel" | "rollup" | "webpack" | "astro" | "ng" | "nest" | "tsup" => {
            let acts = has("build") || matches!(p.name.as_str(), "rollup" | "webpack" | "tsup");
            if !acts {
                return p.option(args.first().cloned().unwrap_or_default());
            }
            (
                value(&["--outDir", "--dest", "--output-path", "-d"]).unwrap_or_else(|| "dist".to_owned()),
                700_000,
                7000,
            )
        }
        "react-scripts" if has("build") => ("build".to_owned(), 1_600_000, 15_000),
        "react-scripts" if has("test") => return Ok(0),
        "next" if has("build") => (".next".to_owned(), 14 * MB, 25_000),
        "nuxt" if has("build") || has("generate") => (".output".to_owned(), 6 * MB, 20_000),
        "eslint" | "prettier" | "jest" | "vitest" => {
            spent(p, 3000);
            return Ok(0);
        }
        _ => return p.option(args.first().cloned().unwrap_or_default()),
    };
    let page =
        matches!(p.name.as_str(), "vite" | "vue-cli-service" | "react-scripts" | "parcel" | "ng" | "astro");
    if page {
        made(p, &format!("{dir}/index.html"), 900, 0o644, "bundle", &[&digest])?;
    }
    made(p, &format!("{dir}/{OTHER}"), size, 0o644, "bundle", &[&digest])?;
    if p.name == "next" {
        let standalone = ["next.config.js", "next.config.mjs", "next.config.ts"].iter().any(|file| {
            let path = p.path(file);
            p.m.tree.read(&path).is_ok_and(|file| {
                file.content.known().is_some_and(|b| String::from_utf8_lossy(b).contains("standalone"))
            })
        });
        made(p, &format!("{dir}/static/{OTHER}"), 900_000, 0o644, "bundle", &[&digest])?;
        if standalone {
            made(p, &format!("{dir}/standalone/server.js"), 5_000, 0o644, "bundle", &[&digest])?;
            made(p, &format!("{dir}/standalone/{OTHER}"), 25 * MB, 0o644, "bundle", &[&digest])?;
        }
    }
    // The files of a bundle have names that nobody knows before it is built.
    mark_unlisted(p, &dir, "bundle");
    spent(p, ms);
    Ok(0)
}

/// `node`: what a script does is not known.
pub(crate) fn node(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    match args.first().map(String::as_str) {
        Some("-v" | "--version") => {
            let version = version_of(p, "NODE_VERSION", "22.0.0");
            p.line(&format!("v{version}"))?;
            Ok(0)
        }
        Some(file)
            if !file.starts_with('-')
                && !there(p, file)
                && !there(p, &format!("{file}.js"))
                && !p.m.incomplete =>
        {
            let cwd = p.cwd.trim_end_matches('/').to_owned();
            p.error("node:internal/modules/cjs/loader:1215")?;
            p.error(&format!("Error: Cannot find module '{cwd}/{file}'"))?;
            Ok(1)
        }
        _ => Err(Halt::Unknown(crate::shell::Why::Interpreter("JavaScript".to_owned()))),
    }
}
