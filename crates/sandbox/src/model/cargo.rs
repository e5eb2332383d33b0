//! `cargo`: the registry, `target`, and the programs that a manifest or a workspace has. `cargo chef` keeps what the
//! manifests ask for apart from the sources.

use super::help::{MB, OTHER, digest_at, download, home, made, spent, text, there};
use super::manifest::toml;
use crate::shell::exec::{Found, find};
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};
use crate::tree::{Content, base_name};

/// What a recipe is marked with; the number of its packages follows.
const RECIPE: &str = "cargo chef, packages: ";

/// Bytes of a lock file that is made up, for each package; beside them its head.
const LOCK_PACKAGE: u64 = 180;
/// As [`LOCK_PACKAGE`].
const LOCK_HEAD: u64 = 150;

/// Programs of packages that are called otherwise.
const PROGRAMS: &[(&str, &str)] = &[
    ("bottom", "btm"),
    ("cargo-edit", "cargo-add cargo-rm cargo-upgrade cargo-set-version"),
    ("diesel_cli", "diesel"),
    ("dioxus-cli", "dx"),
    ("fd-find", "fd"),
    ("git-delta", "delta"),
    ("ripgrep", "rg"),
    ("sqlx-cli", "sqlx cargo-sqlx"),
    ("tauri-cli", "cargo-tauri"),
    ("wasm-bindgen-cli", "wasm-bindgen wasm-bindgen-test-runner wasm2es6js"),
];

/// Options of `cargo install` with a value that does not name a package.
const INSTALL_VALUES: &[&str] = &[
    "--version",
    "--vers",
    "--features",
    "-F",
    "--root",
    "--git",
    "--branch",
    "--tag",
    "--rev",
    "--target",
    "--target-dir",
    "--profile",
    "--bin",
    "--example",
    "--index",
    "--registry",
    "--config",
    "-j",
    "--jobs",
    "-Z",
];

/// The value of an option, written apart or with `=`.
fn value(args: &[String], flags: &[&str]) -> Option<String> {
    args.iter().enumerate().find_map(|(at, arg)| {
        flags.iter().find_map(|flag| {
            if arg == flag {
                return args.get(at + 1).cloned();
            }
            arg.strip_prefix(flag)?.strip_prefix('=').map(str::to_owned)
        })
    })
}

fn has(args: &[String], flag: &str) -> bool {
    args.iter().any(|arg| arg == flag)
}

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let mut args = std::mem::take(&mut p.args);
    args.retain(|arg| !arg.starts_with('+'));
    // What stands behind it is for the program that is run.
    if let Some(end) = args.iter().position(|arg| arg == "--") {
        args.truncate(end);
    }
    let command = args.iter().find(|arg| !arg.starts_with('-')).cloned().unwrap_or_default();
    match command.as_str() {
        "new" | "init" => new(p, &args),
        "install" if value(&args, &["--path"]).is_none() => install(p, &args),
        "build" | "b" | "install" | "check" | "c" | "test" | "t" | "fetch" | "vendor" | "clippy"
        | "rustc" | "doc" | "generate-lockfile" => build(p, &args, &command),
        "clean" => {
            let target = target_dir(p, &args, ".");
            let target = p.path(&target);
            let _ = p.m.remove_all(&p.cred, &target)?;
            Ok(0)
        }
        "" | "version" | "metadata" | "tree" | "search" | "pkgid" | "read-manifest" | "help" => {
            p.only_reads(command)
        }
        "run" | "r" | "bench" | "update" | "add" | "remove" | "rm" | "fix" | "package" | "publish"
        | "login" => p.option(command),
        other => {
            let path = p.env.get("PATH").map_or("", String::as_str);
            let program = format!("cargo-{other}");
            if find(p.m, &program, path, &p.cwd, &p.cred) == Found::Missing {
                p.error(&format!("error: no such command: `{other}`\n\nhelp: view all installed commands with `cargo --list`\nhelp: find a package to install `{other}` with `cargo search cargo-{other}`"))?;
                return Ok(101);
            }
            if other == "chef" { chef(p, &args) } else { p.option(other.to_owned()) }
        }
    }
}

fn cargo_home(p: &Process<'_, '_>) -> String {
    p.env.get("CARGO_HOME").cloned().unwrap_or_else(|| format!("{}/.cargo", home(p)))
}

fn target_dir(p: &Process<'_, '_>, args: &[String], dir: &str) -> String {
    let given = value(args, &["--target-dir"]).or_else(|| p.env.get("CARGO_TARGET_DIR").cloned());
    given.unwrap_or_else(|| format!("{dir}/target"))
}

fn new(p: &mut Process<'_, '_>, args: &[String]) -> Run {
    let dir =
        args.iter().filter(|arg| !arg.starts_with('-')).nth(1).cloned().unwrap_or_else(|| ".".to_owned());
    let path = p.path(&dir);
    let name = value(args, &["--name"]).unwrap_or_else(|| base_name(&crate::tree::clean(&path)).to_owned());
    let (file, kind, body) = if has(args, "--lib") {
        ("lib.rs", "library", "pub fn add(left: u64, right: u64) -> u64 {\n    left + right\n}\n")
    } else {
        ("main.rs", "binary (application)", "fn main() {\n    println!(\"Hello, world!\");\n}\n")
    };
    super::folder(p, &format!("{dir}/src"))?;
    let manifest =
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n");
    let _ = p.write_file(&format!("{dir}/Cargo.toml"), manifest.into_bytes())?;
    let _ = p.write_file(&format!("{dir}/src/{file}"), body.as_bytes().to_vec())?;
    p.error(&format!("    Creating {kind} `{name}` package"))?;
    Ok(0)
}

fn install(p: &mut Process<'_, '_>, args: &[String]) -> Run {
    let registry = cargo_home(p);
    let root = value(args, &["--root"]).or_else(|| p.env.get("CARGO_INSTALL_ROOT").cloned());
    let root = root.unwrap_or_else(|| registry.clone());
    let mut names: Vec<String> = Vec::new();
    let mut words = args.iter().skip_while(|arg| *arg != "install").skip(1);
    while let Some(name) = words.next() {
        if INSTALL_VALUES.contains(&name.as_str()) {
            words.next();
        } else if !name.starts_with('-') {
            names.push(name.split('@').next().unwrap_or(name).to_owned());
        }
    }
    if names.is_empty() {
        // A repository's only program is called as the repository is, mostly.
        let Some(git) = value(args, &["--git"]) else { return p.option("install") };
        let name = base_name(git.trim_end_matches('/')).trim_end_matches(".git").to_owned();
        names.push(name);
    }
    if !p.m.network {
        p.error("error: failed to query replaced source registry `crates-io`")?;
        return Ok(101);
    }
    for name in &names {
        p.error(&format!("  Installing {name}"))?;
        let known = PROGRAMS.iter().find(|(package, _)| package == name).map(|(_, programs)| *programs);
        for program in known.unwrap_or(name).split(' ') {
            made(p, &format!("{root}/bin/{program}"), 9 * MB, 0o755, "cargo install", &[name.as_bytes()])?;
        }
        made(
            p,
            &format!("{registry}/registry/{OTHER}"),
            120 * MB,
            0o644,
            "cargo registry",
            &[name.as_bytes()],
        )?;
        download(p, 20 * MB);
        spent(p, 90_000);
    }
    Ok(0)
}

/// A package of the workspace.
struct Member {
    dir: String,
    name: String,
    bins: Vec<String>,
}

/// The packages that a manifest stands for, itself and its members; none of them is certain to be all where a
/// manifest cannot be read.
fn members(p: &mut Process<'_, '_>, dir: &str, manifest: &str) -> Result<Vec<Member>, Halt> {
    let mut dirs = vec![dir.to_owned()];
    let list = |key: &str| -> Vec<String> {
        let from = manifest.find("[workspace]").and_then(|at| manifest.get(at..)).unwrap_or("");
        let Some((_, rest)) = from.split_once(&format!("\n{key}")) else { return Vec::new() };
        let inside =
            rest.split_once('[').and_then(|(_, rest)| rest.split_once(']')).map_or("", |(list, _)| list);
        inside.split(['"', '\'']).skip(1).step_by(2).map(str::to_owned).collect()
    };
    let excluded = list("exclude");
    for pattern in list("members") {
        let pattern = pattern.trim_end_matches('/');
        match pattern.split_once('*') {
            None => dirs.push(format!("{dir}/{pattern}")),
            // `crates/*` and `crates/app-*`; more is rare.
            Some((head, "")) => {
                let (above, start) = head.rsplit_once('/').unwrap_or((".", head));
                let folder = format!("{dir}/{above}");
                let Ok(listed) = p.list(&folder)? else { continue };
                let names =
                    listed.entries().iter().filter(|(name, node)| node.is_dir() && name.starts_with(start));
                dirs.extend(names.map(|(name, _)| format!("{folder}/{name}")));
            }
            Some(_) => return p.option("workspace globs"),
        }
    }
    let mut found = Vec::new();
    for at in dirs {
        if excluded.iter().any(|out| at == format!("{dir}/{out}")) {
            continue;
        }
        let Some(manifest) = text(p, &format!("{at}/Cargo.toml"))? else { continue };
        let rows = toml(&manifest);
        let Some(name) =
            rows.iter().find(|row| row.0 == "package" && row.1 == "name").map(|row| row.2.clone())
        else {
            continue;
        };
        let mut bins: Vec<String> =
            rows.iter().filter(|row| row.0 == "bin" && row.1 == "name").map(|row| row.2.clone()).collect();
        if there(p, &format!("{at}/src/main.rs")) && bins.is_empty() {
            bins.push(name.clone());
        }
        for file in super::files(p, &format!("{at}/src/bin")) {
            let stem = file.strip_suffix(".rs").map(str::to_owned);
            bins.extend(stem.filter(|stem| !bins.contains(stem)));
        }
        found.push(Member { dir: at, name, bins });
    }
    Ok(found)
}

/// How many packages a lock file has beside those of the project, or a guess from the manifest.
fn packages(p: &mut Process<'_, '_>, dir: &str, manifest: &str, own: usize) -> Result<u64, Halt> {
    let lock = format!("{dir}/Cargo.lock");
    if let Ok(Content::Modelled { size, source, .. }) = p.content(&lock)?
        && source.starts_with("cargo")
    {
        return Ok(size.saturating_sub(LOCK_HEAD) / LOCK_PACKAGE);
    }
    if let Some(lock) = text(p, &lock)? {
        return Ok(lock.matches("[[package]]").count().saturating_sub(own.max(1)) as u64);
    }
    let rows = toml(manifest);
    let direct = rows.iter().filter(|row| row.0 == "dependencies" || row.0.ends_with(".dependencies"));
    Ok(direct.count() as u64 * 12)
}

/// Brings the packages into the registry; `false` where that cannot be.
fn fetch(p: &mut Process<'_, '_>, args: &[String], packages: u64, digest: &[u8]) -> Result<bool, Halt> {
    let registry = format!("{}/registry/{OTHER}", cargo_home(p));
    if packages == 0 || there(p, &registry) {
        return Ok(true);
    }
    if !p.m.network || has(args, "--offline") || has(args, "--frozen") {
        p.error("error: failed to get dependencies: failed to query replaced source registry `crates-io`")?;
        return Ok(false);
    }
    p.error("    Updating index")?;
    made(p, &registry, packages * 1_300_000, 0o644, "cargo registry", &[digest])?;
    download(p, packages * 300_000);
    Ok(true)
}

/// Where a build of these options puts what it makes.
fn output(p: &Process<'_, '_>, args: &[String], dir: &str, release: bool) -> (String, String) {
    let profile = match value(args, &["--profile"]).as_deref() {
        Some("dev" | "test") => "debug".to_owned(),
        Some("bench") => "release".to_owned(),
        Some(other) => other.to_owned(),
        None if release => "release".to_owned(),
        None => "debug".to_owned(),
    };
    let triple = value(args, &["--target"]).or_else(|| p.env.get("CARGO_BUILD_TARGET").cloned());
    let triple = triple.map(|triple| format!("/{triple}")).unwrap_or_default();
    (format!("{}{triple}/{profile}", target_dir(p, args, dir)), profile)
}

/// What is compiled of the packages.
fn compiled(
    p: &mut Process<'_, '_>,
    out: &str,
    packages: u64,
    release: bool,
    digest: &[u8],
) -> Result<(), Halt> {
    for (name, size) in [
        ("deps", packages * 1_600_000 + 3 * MB),
        ("build", packages * 60_000 + 10_000),
        (".fingerprint", packages * 60_000 + 10_000),
    ] {
        made(p, &format!("{out}/{name}/{OTHER}"), size, 0o644, "cargo build", &[digest])?;
    }
    spent(p, 2000 + packages * if release { 900 } else { 400 });
    Ok(())
}

/// The program is a second name of a file among what was compiled, which people remove to have it built again.
fn linked(p: &mut Process<'_, '_>, out: &str, bin: &str) -> Result<(), Halt> {
    let from = p.path(&format!("{out}/{bin}"));
    let digest = p.m.digest_of(&[bin.as_bytes(), out.as_bytes()]);
    let hash: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let to = format!("{out}/deps/{}-{hash}", bin.replace('-', "_"));
    made(p, &[&to, ".d"].concat(), 200, 0o644, "cargo build", &[&digest])?;
    let to = p.path(&to);
    let _ = p.m.tree.remove(&to);
    let _ = p.m.tree.hardlink(&from, &to);
    Ok(())
}

fn build(p: &mut Process<'_, '_>, args: &[String], command: &str) -> Run {
    let path = value(args, &["--manifest-path"]).unwrap_or_else(|| match value(args, &["--path"]) {
        Some(dir) => format!("{}/Cargo.toml", dir.trim_end_matches('/')),
        None => "Cargo.toml".to_owned(),
    });
    let dir = path.rsplit_once('/').map_or(".", |(dir, _)| dir).to_owned();
    let shown = crate::tree::clean(&p.path(&dir));
    let Some(manifest) = text(p, &path)? else {
        let text = if value(args, &["--manifest-path"]).is_some() {
            format!("error: manifest path `{path}` does not exist")
        } else {
            format!("error: could not find `Cargo.toml` in `{shown}` or any parent directory")
        };
        p.error(&text)?;
        return Ok(101);
    };
    let members = members(p, &dir, &manifest)?;
    let packages = packages(p, &dir, &manifest, members.len())?;
    let locked = has(args, "--locked") || has(args, "--frozen");
    let lock = format!("{dir}/Cargo.lock");
    if locked && packages > 0 && super::absent(p, &lock)? {
        p.error(&format!(
            "error: the lock file {shown}/Cargo.lock needs to be updated but --locked was passed to prevent this"
        ))?;
        return Ok(101);
    }
    let package = members.iter().find(|member| member.dir == dir);
    let targets =
        manifest.contains("[lib]") || manifest.contains("[[bin]]") || manifest.contains("[[example]]");
    if let Some(package) = package
        && package.bins.is_empty()
        && !targets
        && super::absent(p, &format!("{dir}/src/lib.rs"))?
        && super::absent(p, &format!("{dir}/src/main.rs"))?
    {
        p.error(&format!("error: failed to parse manifest at `{shown}/Cargo.toml`\n\nCaused by:\n  no targets specified in the manifest\n  either src/lib.rs, src/main.rs, a [lib] section, or [[bin]] section must be present"))?;
        return Ok(101);
    }
    let digest = digest_at(p, &lock);
    if !fetch(p, args, packages, &digest)? {
        return Ok(101);
    }
    if command != "install" && super::absent(p, &lock)? {
        made(p, &lock, LOCK_PACKAGE * packages + LOCK_HEAD, 0o644, "cargo", &[&digest_at(p, &path)])?;
    }
    match command {
        "fetch" | "generate-lockfile" => return Ok(0),
        "vendor" => {
            let to = args.iter().filter(|arg| !arg.starts_with('-')).nth(1).cloned();
            let to = to.unwrap_or_else(|| "vendor".to_owned());
            made(p, &format!("{to}/{OTHER}"), packages * 1_300_000, 0o644, "cargo vendor", &[&digest])?;
            return Ok(0);
        }
        _ => {}
    }
    let release = has(args, "--release") || has(args, "-r") || command == "install" && !has(args, "--debug");
    let (out, profile) = output(p, args, &dir, release);
    compiled(p, &out, packages, release, &digest)?;
    // A package's own name, a package of the workspace, or one of its programs.
    let wanted: Vec<String> =
        ["-p", "--package", "--bin"].iter().filter_map(|flag| value(args, &[flag])).collect();
    let everything = has(args, "--workspace") || has(args, "--all") || package.is_none();
    let sources: Vec<[u8; 32]> =
        members.iter().map(|member| digest_at(p, &format!("{}/src", member.dir))).collect();
    let sources = sources.concat();
    for member in &members {
        let named = wanted.iter().any(|name| *name == member.name || member.bins.contains(name));
        if if wanted.is_empty() { !(everything || member.dir == dir) } else { !named } {
            continue;
        }
        p.error(&format!(
            "   Compiling {} v0.1.0 ({})",
            member.name,
            crate::tree::clean(&p.path(&member.dir))
        ))?;
        if !matches!(command, "build" | "b" | "rustc" | "install") {
            continue;
        }
        let only = value(args, &["--bin"]).filter(|name| member.bins.contains(name));
        for bin in member.bins.iter().filter(|bin| only.as_ref().is_none_or(|only| only == *bin)) {
            let size = if release { 450_000 + packages * 55_000 } else { 4 * MB + packages * 700_000 };
            made(p, &format!("{out}/{bin}"), size, 0o755, "cargo build", &[&sources, &digest])?;
            linked(p, &out, bin)?;
            let copies = match command {
                "install" => {
                    Some(format!("{}/bin", value(args, &["--root"]).unwrap_or_else(|| cargo_home(p))))
                }
                _ => value(args, &["--artifact-dir", "--out-dir"]),
            };
            if let Some(to) = copies {
                made(p, &format!("{to}/{bin}"), size, 0o755, "cargo build", &[&sources, &digest])?;
            }
        }
    }
    p.error(&format!("    Finished `{profile}` profile target(s) in 20.00s"))?;
    Ok(0)
}

/// `cargo chef prepare` writes down what the manifests ask for; `cook` builds that alone, for a layer that stays as
/// long as they do.
fn chef(p: &mut Process<'_, '_>, args: &[String]) -> Run {
    let recipe = value(args, &["--recipe-path"]).unwrap_or_else(|| "recipe.json".to_owned());
    if has(args, "prepare") {
        let Some(manifest) = text(p, "Cargo.toml")? else {
            p.error("Error: Failed to compute recipe")?;
            return Ok(1);
        };
        let members = members(p, ".", &manifest)?;
        let count = packages(p, ".", &manifest, members.len())?;
        let mut inputs = digest_at(p, "Cargo.toml").to_vec();
        inputs.extend(digest_at(p, "Cargo.lock"));
        let mut size = 600;
        for member in &members {
            inputs.extend(digest_at(p, &format!("{}/Cargo.toml", member.dir)));
            inputs.extend(member.bins.join(" ").bytes());
            size += 500;
        }
        made(p, &recipe, size + count * 200, 0o644, &format!("{RECIPE}{count}"), &[&inputs])?;
        return Ok(0);
    }
    if !has(args, "cook") {
        return p.option("chef");
    }
    if super::absent(p, &recipe)? {
        p.error("Error: Failed to read recipe from path.\n\nCaused by:\n    No such file or directory (os error 2)")?;
        return Ok(1);
    }
    let count = match p.content(&recipe)? {
        Ok(Content::Modelled { source, .. }) => {
            source.strip_prefix(RECIPE).and_then(|count| count.parse().ok())
        }
        _ => None,
    };
    let count: u64 = count.unwrap_or(100);
    let digest = digest_at(p, &recipe);
    // What stands in for the sources until they are copied.
    for (file, size) in
        [("Cargo.toml", 500), ("Cargo.lock", LOCK_PACKAGE * count + LOCK_HEAD), ("src/main.rs", 12)]
    {
        if !there(p, file) {
            made(p, file, size, 0o644, "cargo chef", &[&digest])?;
        }
    }
    if !fetch(p, args, count, &digest)? {
        return Ok(101);
    }
    let release = has(args, "--release") || has(args, "-r");
    let (out, profile) = output(p, args, ".", release);
    if !has(args, "--no-build") {
        compiled(p, &out, count, release, &digest)?;
    }
    p.error(&format!("    Finished `{profile}` profile target(s) in 20.00s"))?;
    Ok(0)
}
