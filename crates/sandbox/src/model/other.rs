//! `cargo`, `rustup`, `dotnet`, `composer`, `bundle`, `gem`.

use super::help::{MB, OTHER, digest_at, download, made, spent, text, there};
use super::manifest::{Json, toml};
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};

fn home(p: &Process<'_, '_>) -> String {
    p.env.get("HOME").cloned().unwrap_or_else(|| "/root".to_owned())
}

pub(crate) fn cargo(p: &mut Process<'_, '_>) -> Run {
    let args: Vec<String> =
        std::mem::take(&mut p.args).into_iter().filter(|arg| !arg.starts_with('+')).collect();
    let command = args.iter().find(|arg| !arg.starts_with('-')).cloned().unwrap_or_default();
    let has = |flag: &str| args.iter().any(|arg| arg == flag);
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
    let cargo_home = p.env.get("CARGO_HOME").cloned().unwrap_or_else(|| format!("{}/.cargo", home(p)));
    match command.as_str() {
        "new" | "init" => {
            let dir = args
                .iter()
                .filter(|arg| !arg.starts_with('-'))
                .nth(1)
                .cloned()
                .unwrap_or_else(|| ".".to_owned());
            let path = p.path(&dir);
            let name = value(&["--name"])
                .unwrap_or_else(|| crate::tree::base_name(&crate::tree::clean(&path)).to_owned());
            let (file, body) = if has("--lib") {
                ("lib.rs", "pub fn add(left: u64, right: u64) -> u64 {\n    left + right\n}\n")
            } else {
                ("main.rs", "fn main() {\n    println!(\"Hello, world!\");\n}\n")
            };
            let source = p.path(&format!("{dir}/src"));
            let _ = p.m.mkdir_all(&p.cred, &source, 0o755)?;
            let _ = p.write_file(&format!("{dir}/Cargo.toml"), format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n").into_bytes())?;
            let _ = p.write_file(&format!("{dir}/src/{file}"), body.as_bytes().to_vec())?;
            p.error(&format!("    Creating binary (application) `{name}` package"))?;
            return Ok(0);
        }
        "install" if value(&["--path"]).is_none() => {
            let mut names = args.iter().skip_while(|arg| *arg != "install").skip(1);
            while let Some(name) = names.next() {
                if matches!(
                    name.as_str(),
                    "--version"
                        | "--features"
                        | "--root"
                        | "--git"
                        | "--branch"
                        | "--tag"
                        | "--target"
                        | "-j"
                        | "--vers"
                ) {
                    names.next();
                    continue;
                }
                if name.starts_with('-') {
                    continue;
                }
                let name = name.split('@').next().unwrap_or(name);
                let root = value(&["--root"]).unwrap_or_else(|| cargo_home.clone());
                made(p, &format!("{root}/bin/{name}"), 9 * MB, 0o755, "cargo install", &[name.as_bytes()])?;
                made(
                    p,
                    &format!("{cargo_home}/registry/{OTHER}"),
                    120 * MB,
                    0o644,
                    "cargo registry",
                    &[name.as_bytes()],
                )?;
                p.error(&format!("  Installing {name}"))?;
                download(p, 20 * MB);
                spent(p, 90_000);
            }
            return Ok(0);
        }
        "--version" | "" => return p.option("--version"),
        "build" | "b" | "install" | "check" | "test" | "fetch" | "vendor" | "clippy" | "rustc" | "doc" => {}
        "chef" => return p.option("chef"),
        "clean" => {
            let target = p.path("target");
            let _ = p.m.remove_all(&p.cred, &target)?;
            return Ok(0);
        }
        other => return p.option(other.to_owned()),
    }
    let path = value(&["--manifest-path"]).unwrap_or_else(|| match value(&["--path"]) {
        Some(dir) => format!("{dir}/Cargo.toml"),
        None => "Cargo.toml".to_owned(),
    });
    let dir = path.rsplit_once('/').map_or(".", |(dir, _)| dir).to_owned();
    let Some(manifest) = text(p, &path)? else {
        let cwd = p.cwd.clone();
        let text = if value(&["--manifest-path"]).is_some() {
            format!("error: manifest path `{path}` does not exist")
        } else {
            format!("error: could not find `Cargo.toml` in `{cwd}` or any parent directory")
        };
        p.error(&text)?;
        return Ok(101);
    };
    let rows = toml(&manifest);
    let name = rows.iter().find(|row| row.0 == "package" && row.1 == "name").map(|row| row.2.clone());
    let lock = text(p, &format!("{dir}/Cargo.lock"))?;
    let direct =
        rows.iter().filter(|row| row.0 == "dependencies" || row.0.ends_with(".dependencies")).count() as u64;
    let packages = match &lock {
        Some(lock) => (lock.matches("[[package]]").count() as u64).saturating_sub(1),
        None => direct * 12,
    };
    if has("--locked") && lock.is_none() && packages > 0 {
        p.error(&format!(
            "error: the lock file {}/Cargo.lock needs to be updated but --locked was passed to prevent this",
            p.cwd.clone()
        ))?;
        return Ok(101);
    }
    let registry = format!("{cargo_home}/registry/{OTHER}");
    let lock_digest = digest_at(p, &format!("{dir}/Cargo.lock"));
    if packages > 0 && !there(p, &registry) {
        if !p.m.network {
            p.error(
                "error: failed to get dependencies: failed to query replaced source registry `crates-io`",
            )?;
            return Ok(101);
        }
        p.error("    Updating index")?;
        made(p, &registry, packages * 1_300_000, 0o644, "cargo registry", &[&lock_digest])?;
        download(p, packages * 300_000);
    }
    if lock.is_none() && command != "install" {
        made(p, &format!("{dir}/Cargo.lock"), 180 * packages + 150, 0o644, "cargo", &[&lock_digest])?;
    }
    if matches!(command.as_str(), "fetch" | "vendor") {
        return Ok(0);
    }
    let release = has("--release") || has("-r") || command == "install";
    let profile = value(&["--profile"])
        .unwrap_or_else(|| if release { "release".to_owned() } else { "debug".to_owned() });
    let main = format!("{dir}/src/main.rs");
    let mut bins: Vec<String> = Vec::new();
    let mut in_bin = false;
    for line in manifest.lines() {
        let line = line.trim();
        if line.starts_with('[') {
            in_bin = line == "[[bin]]";
        } else if in_bin
            && let Some(value) =
                line.strip_prefix("name").and_then(|rest| rest.trim_start().strip_prefix('='))
        {
            bins.push(value.trim().trim_matches('"').to_owned());
        }
    }
    let has_lib = there(p, &format!("{dir}/src/lib.rs"));
    match &name {
        Some(name) if bins.is_empty() && there(p, &main) => bins.push(name.clone()),
        Some(_) if bins.is_empty() && !has_lib && !p.m.incomplete && !manifest.contains("[lib]") => {
            p.error(&format!("error: failed to parse manifest at `{}/Cargo.toml`\n\nCaused by:\n  no targets specified in the manifest\n  either src/lib.rs, src/main.rs, a [lib] section, or [[bin]] section must be present", p.cwd.clone()))?;
            return Ok(101);
        }
        Some(_) => {}
        None if manifest.contains("[workspace]") => {
            // Members with a main.rs, as far as they are written out.
            let members: Vec<String> = manifest
                .split_once("members")
                .and_then(|(_, rest)| rest.split_once('['))
                .and_then(|(_, rest)| rest.split_once(']'))
                .map(|(list, _)| {
                    list.split(',').map(|item| item.trim().trim_matches('"').to_owned()).collect()
                })
                .unwrap_or_default();
            for member in members {
                if member.contains('*') {
                    return p.option("workspace globs");
                }
                if there(p, &format!("{dir}/{member}/src/main.rs")) {
                    let rows = toml(&text(p, &format!("{dir}/{member}/Cargo.toml"))?.unwrap_or_default());
                    bins.extend(
                        rows.into_iter().find(|row| row.0 == "package" && row.1 == "name").map(|row| row.2),
                    );
                }
            }
        }
        None => {}
    }
    if let Some(only) = value(&["--bin", "-p", "--package"])
        && bins.contains(&only)
    {
        bins = vec![only];
    }
    let target_dir = p
        .env
        .get("CARGO_TARGET_DIR")
        .cloned()
        .or_else(|| value(&["--target-dir"]))
        .unwrap_or_else(|| format!("{dir}/target"));
    let triple = value(&["--target"]).map(|triple| format!("/{triple}")).unwrap_or_default();
    let digest = digest_at(p, &format!("{dir}/src"));
    let out = format!("{target_dir}{triple}/{profile}");
    for crate_name in ["deps", "build", ".fingerprint"] {
        let size =
            if crate_name == "deps" { packages * 1_600_000 + 3 * MB } else { packages * 60_000 + 10_000 };
        made(p, &format!("{out}/{crate_name}/{OTHER}"), size, 0o644, "cargo build", &[&lock_digest])?;
    }
    spent(p, 2000 + packages * if release { 900 } else { 400 });
    p.error(&format!("   Compiling {} v0.1.0 ({})", name.clone().unwrap_or_default(), p.cwd.clone()))?;
    if matches!(command.as_str(), "build" | "b" | "rustc" | "install") {
        for bin in &bins {
            let size = if release { 450_000 + packages * 55_000 } else { 4 * MB + packages * 700_000 };
            made(p, &format!("{out}/{bin}"), size, 0o755, "cargo build", &[&digest, &lock_digest])?;
            if command == "install" {
                let root = value(&["--root"]).unwrap_or_else(|| cargo_home.clone());
                made(p, &format!("{root}/bin/{bin}"), size, 0o755, "cargo build", &[&digest, &lock_digest])?;
            }
        }
    }
    p.error(&format!("    Finished `{profile}` profile target(s) in 20.00s"))?;
    Ok(0)
}

pub(crate) fn rustup(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    if let ["target" | "component" | "toolchain", "add" | "install", rest @ ..] = words.as_slice() {
        let base = p.env.get("RUSTUP_HOME").cloned().unwrap_or_else(|| format!("{}/.rustup", home(p)));
        for name in rest.iter().filter(|word| !word.starts_with('-')) {
            made(
                p,
                &format!("{base}/toolchains/{name}/{OTHER}"),
                120 * MB,
                0o644,
                "rustup",
                &[name.as_bytes()],
            )?;
            p.error(&format!("info: downloading component 'rust-std' for '{name}'"))?;
            download(p, 30 * MB);
        }
    }
    Ok(0)
}

pub(crate) fn dotnet(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let command = args.first().cloned().unwrap_or_default();
    if !matches!(command.as_str(), "restore" | "build" | "publish" | "test") {
        return p.option(command);
    }
    let value = |flags: &[&str]| {
        args.iter().position(|arg| flags.contains(&arg.as_str())).and_then(|at| args.get(at + 1)).cloned()
    };
    let is_project =
        |name: &str| [".csproj", ".fsproj", ".sln", ".slnx", ".vbproj"].iter().any(|end| name.ends_with(end));
    let mut given = None;
    let mut skip = false;
    for arg in args.iter().skip(1) {
        if skip {
            skip = false;
        } else if matches!(
            arg.as_str(),
            "-c" | "--configuration"
                | "-o"
                | "--output"
                | "-r"
                | "--runtime"
                | "-f"
                | "--framework"
                | "-a"
                | "--arch"
                | "-v"
                | "--os"
        ) {
            skip = true;
        } else if !arg.starts_with(['-', '/']) || is_project(arg) {
            given = given.or_else(|| Some(arg.clone()));
        }
    }
    let place = given.clone().unwrap_or_else(|| ".".to_owned());
    let path = p.path(&place);
    let project = if is_project(&place) {
        if super::absent(p, &place)? {
            p.line(&format!("MSBUILD : error MSB1009: Project file does not exist.\nSwitch: {place}"))?;
            return Ok(1);
        }
        path
    } else {
        let found =
            p.m.tree
                .read_dir(&path)
                .ok()
                .and_then(|dir| dir.entries().keys().find(|name| is_project(name)).cloned());
        match found {
            Some(name) => format!("{path}/{name}"),
            None => {
                super::absent(p, &["./", &place, "/‹a project›"].concat())?;
                p.line("MSBUILD : error MSB1003: Specify a project or solution file. The current working directory does not contain a project or solution file.")?;
                return Ok(1);
            }
        }
    };
    let project = crate::tree::clean(&project);
    let name = crate::tree::base_name(&project).rsplit_once('.').map_or("app", |(name, _)| name).to_owned();
    let dir = crate::tree::parent(&project).to_owned();
    let source = text(p, &project)?.unwrap_or_default();
    let references = source.matches("<PackageReference").count() as u64;
    let nuget = format!("{}/.nuget/packages/{OTHER}", home(p));
    let digest = digest_at(p, &project);
    if !args.iter().any(|arg| arg == "--no-restore") {
        if references > 0 {
            if !p.m.network {
                p.line("error NU1301: Unable to load the service index for source https://api.nuget.org/v3/index.json.")?;
                return Ok(1);
            }
            made(p, &nuget, references * 4 * MB, 0o644, "dotnet restore", &[&digest])?;
            download(p, references * MB);
        }
        made(
            p,
            &format!("{dir}/obj/project.assets.json"),
            5_000 + references * 8_000,
            0o644,
            "dotnet restore",
            &[&digest],
        )?;
        p.line("  Determining projects to restore...")?;
        p.line(&format!("  Restored {project} (in 2 sec)."))?;
        spent(p, 2500);
    }
    if command == "restore" {
        return Ok(0);
    }
    let configuration = value(&["-c", "--configuration"])
        .unwrap_or_else(|| if command == "publish" { "Release".to_owned() } else { "Debug".to_owned() });
    let framework = source
        .split_once("<TargetFramework>")
        .and_then(|(_, rest)| rest.split_once('<'))
        .map_or("net8.0", |(name, _)| name)
        .to_owned();
    let sources = digest_at(p, &dir);
    let self_contained = args.iter().any(|arg| arg.contains("self-contained") && !arg.contains("false"))
        || source.contains("<SelfContained>true");
    let out = value(&["-o", "--output"]).unwrap_or_else(|| {
        let end = if command == "publish" { "/publish" } else { "" };
        format!("{dir}/bin/{configuration}/{framework}{end}")
    });
    made(
        p,
        &format!("{dir}/obj/{configuration}/{framework}/{name}.dll"),
        12_000,
        0o644,
        "dotnet build",
        &[&sources],
    )?;
    made(p, &format!("{out}/{name}.dll"), 12_000, 0o644, "dotnet build", &[&sources])?;
    made(p, &format!("{out}/{name}"), 78_000, 0o755, "dotnet build", &[&sources])?;
    made(p, &format!("{out}/{name}.runtimeconfig.json"), 500, 0o644, "dotnet build", &[&sources])?;
    made(p, &format!("{out}/{name}.deps.json"), 1_000, 0o644, "dotnet build", &[&sources])?;
    let more = references * 900_000 + if self_contained { 72 * MB } else { 0 };
    if more > 0 {
        made(p, &format!("{out}/{OTHER}"), more, 0o644, "dotnet build", &[&sources, &digest])?;
    }
    spent(p, 7000);
    p.line(&format!("  {name} -> {out}/"))?;
    Ok(0)
}

pub(crate) fn composer(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let command = args.iter().find(|arg| !arg.starts_with('-')).cloned().unwrap_or_default();
    match command.as_str() {
        "install" | "update" => {
            let Some(text) = text(p, "composer.json")? else {
                let cwd = p.cwd.clone();
                p.error(&format!("Composer could not find a composer.json file in {cwd}"))?;
                return Ok(1);
            };
            let json = Json::parse(&text).unwrap_or(Json::Null);
            let mut packages = json
                .get("require")
                .map(Json::keys)
                .unwrap_or_default()
                .into_iter()
                .filter(|name| name.contains('/'))
                .count() as u64;
            if !args.iter().any(|arg| arg == "--no-dev") {
                packages += json.get("require-dev").map(Json::keys).unwrap_or_default().len() as u64;
            }
            let digest =
                digest_at(p, if there(p, "composer.lock") { "composer.lock" } else { "composer.json" });
            made(p, "vendor/autoload.php", 800, 0o644, "composer", &[&digest])?;
            made(p, &format!("vendor/{OTHER}"), packages * 6 * MB + 400_000, 0o644, "composer", &[&digest])?;
            if !there(p, "composer.lock") {
                made(p, "composer.lock", packages * 20_000 + 500, 0o644, "composer", &[&digest])?;
            }
            let cache = format!("{}/.composer/cache/{OTHER}", home(p));
            made(p, &cache, packages * 900_000, 0o644, "composer cache", &[&digest])?;
            download(p, packages * 900_000);
            p.error("Generating optimized autoload files")?;
            Ok(0)
        }
        "dump-autoload"
        | "dumpautoload"
        | "config"
        | "clear-cache"
        | "clearcache"
        | "self-update"
        | "check-platform-reqs" => Ok(0),
        other => p.option(other.to_owned()),
    }
}

/// `bundle` and `gem`
pub(crate) fn ruby(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let command = args.iter().find(|arg| !arg.starts_with('-')).cloned().unwrap_or_default();
    let base = p
        .env
        .get("BUNDLE_PATH")
        .or_else(|| p.env.get("GEM_HOME"))
        .cloned()
        .unwrap_or_else(|| "/usr/local/bundle".to_owned());
    match (p.name.as_str(), command.as_str()) {
        ("bundle" | "bundler", "install" | "") => {
            let Some(gemfile) = text(p, "Gemfile")? else {
                p.error("Could not locate Gemfile")?;
                return Ok(10);
            };
            let count = match text(p, "Gemfile.lock")? {
                Some(lock) => {
                    lock.lines().filter(|line| line.starts_with("    ") && !line.starts_with("     ")).count()
                        as u64
                }
                None => gemfile.lines().filter(|line| line.trim().starts_with("gem ")).count() as u64 * 6,
            };
            let without = bundle_setting(p, &args, "without")?;
            let base = bundle_setting(p, &args, "path")?.unwrap_or(base);
            let count = included(&gemfile, without.as_deref().unwrap_or(""), count);
            let digest = digest_at(p, if there(p, "Gemfile.lock") { "Gemfile.lock" } else { "Gemfile" });
            made(p, &format!("{base}/gems/{OTHER}"), count * 1_100_000, 0o644, "bundle", &[&digest])?;
            made(p, &format!("{base}/cache/{OTHER}"), count * 200_000, 0o644, "bundle", &[&digest])?;
            download(p, count * 200_000);
            p.line(&format!("Bundle complete! {count} gems now installed."))?;
            Ok(0)
        }
        ("bundle" | "bundler", "config") => {
            let words: Vec<&str> = args
                .iter()
                .map(String::as_str)
                .filter(|word| !matches!(*word, "config" | "set") && !word.starts_with("--"))
                .collect();
            if let Some((key, values)) = words.split_first() {
                let local = args.iter().any(|arg| arg == "--local");
                let file = if local { ".bundle/config".to_owned() } else { bundle_config(p) };
                let mut text = text(p, &file)?.unwrap_or_else(|| "---\n".to_owned());
                let key = key.to_uppercase().replace('.', "__").replace('-', "___");
                text.push_str(&format!("BUNDLE_{key}: \"{}\"\n", values.join(":").replace(' ', ":")));
                let up = crate::tree::parent(&p.path(&file)).to_owned();
                let _ = p.m.mkdir_all(&p.cred, &up, 0o755)?;
                let _ = p.write_file(&file, text.into_bytes())?;
            }
            Ok(0)
        }
        ("bundle" | "bundler", "clean" | "check" | "lock") => Ok(0),
        ("gem", "install") => {
            let mut words = args.iter().skip_while(|arg| *arg != "install").skip(1);
            while let Some(word) = words.next() {
                if word == "-v" || word == "--version" {
                    words.next();
                } else if !word.starts_with('-') {
                    let name = word.split(':').next().unwrap_or(word);
                    made(
                        p,
                        &format!("{base}/gems/{name}/{OTHER}"),
                        2 * MB,
                        0o644,
                        "gem",
                        &[name.as_bytes()],
                    )?;
                    made(p, &format!("/usr/local/bin/{name}"), 500, 0o755, "gem", &[name.as_bytes()])?;
                    p.line(&format!("Successfully installed {name}"))?;
                    download(p, 500_000);
                }
            }
            Ok(0)
        }
        ("gem", "update" | "sources" | "cleanup") => Ok(0),
        (_, other) => p.option(other.to_owned()),
    }
}

/// Where `bundle config` writes what is not for the project alone.
fn bundle_config(p: &Process<'_, '_>) -> String {
    let app = p.env.get("BUNDLE_APP_CONFIG").cloned();
    app.map_or_else(|| [&home(p), "/.bundle/config"].concat(), |dir| [&dir, "/config"].concat())
}

/// What an option, the environment or `bundle config` says.
fn bundle_setting(p: &mut Process<'_, '_>, args: &[String], key: &str) -> Result<Option<String>, Halt> {
    let flag = ["--", key].concat();
    if let Some(at) = args.iter().position(|arg| *arg == flag) {
        let words: Vec<&str> =
            args.iter().skip(at + 1).map(String::as_str).take_while(|word| !word.starts_with('-')).collect();
        return Ok(Some(words.join(" ")));
    }
    let name = ["BUNDLE_", &key.to_uppercase()].concat();
    if let Some(value) = p.env.get(&name) {
        return Ok(Some(value.clone()));
    }
    for file in [".bundle/config".to_owned(), bundle_config(p)] {
        let Some(text) = text(p, &file)? else { continue };
        let head = [&name, ": "].concat();
        if let Some(line) = text.lines().rev().find_map(|line| line.strip_prefix(&head)) {
            return Ok(Some(line.trim_matches('"').to_owned()));
        }
    }
    Ok(None)
}

/// How many gems stay without some groups: of those that the Gemfile names, the others bring their share.
fn included(gemfile: &str, without: &str, count: u64) -> u64 {
    let left_out: Vec<&str> = without.split([' ', ':', ',']).filter(|name| !name.is_empty()).collect();
    let named = |line: &str| left_out.iter().any(|group| line.contains(&[":", group].concat()));
    let (mut all, mut kept) = (0, 0);
    let mut open: Vec<bool> = Vec::new();
    for line in gemfile.lines().map(str::trim) {
        if line.ends_with(" do") {
            open.push(line.starts_with("group") && named(line));
        } else if line == "end" {
            open.pop();
        } else if line.starts_with("gem ") {
            all += 1;
            let own = line.contains("group") && named(line);
            kept += u64::from(!own && !open.contains(&true));
        }
    }
    if all == 0 { count } else { (count * kept).div_ceil(all) }
}
