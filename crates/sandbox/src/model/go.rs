//! `go`: modules, builds and tests. A program's size is an estimate from what its sources import.

use super::{KIB, MIB, files, inputs, is_dir, made_up, offline, takes, text, there};
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let Some((verb, rest)) = args.split_first() else {
        p.error("Go is a tool for managing Go source code.")?;
        return Ok(2);
    };
    let works = matches!(
        verb.as_str(),
        "mod" | "get" | "build" | "install" | "test" | "vet" | "generate" | "run" | "list"
    );
    if works && let Some(root) = module_root(p) {
        let running = version(p);
        if let Some(code) = super::go_toolchain::refuses(p, &root, &running)? {
            return Ok(code);
        }
    }
    match verb.as_str() {
        "version" => {
            let version = version(p);
            let arch = p.m.arch.to_owned();
            p.line(&format!("go version go{version} linux/{arch}"))?;
            Ok(0)
        }
        "env" => env(p, rest),
        "mod" => modules(p, rest),
        "get" => get(p, rest),
        "build" => build(p, rest, false),
        "install" => build(p, rest, true),
        "test" | "vet" => test(p, verb, rest),
        "clean" => {
            for (flag, dir) in [("-modcache", format!("{}/pkg/mod", path(p))), ("-cache", build_cache(p))] {
                if rest.iter().any(|arg| arg == flag) {
                    let dir = p.path(&dir);
                    let _ = p.m.remove_all(&p.cred, &dir)?;
                }
            }
            Ok(0)
        }
        "generate" => generate(p, rest),
        "fmt" => {
            takes(p, 300, 0);
            Ok(0)
        }
        "list" | "doc" | "bug" | "help" | "telemetry" => p.only_reads(verb.clone()),
        "run" | "tool" | "fix" | "work" => p.option(verb.clone()),
        other => {
            p.error(&format!("go {other}: unknown command"))?;
            p.error("Run 'go help' for usage.")?;
            Ok(2)
        }
    }
}

pub(super) fn gofmt(p: &mut Process<'_, '_>) -> Run {
    p.option("gofmt")
}

fn version(p: &mut Process<'_, '_>) -> String {
    if let Some(version) = p.env.get("GOLANG_VERSION") {
        return version.clone();
    }
    let file = text(p, "/usr/local/go/VERSION").unwrap_or_default();
    file.lines().next().and_then(|line| line.strip_prefix("go")).unwrap_or("1").to_owned()
}

fn path(p: &Process<'_, '_>) -> String {
    p.env.get("GOPATH").cloned().unwrap_or_else(|| {
        let home = p.env.get("HOME").map_or("/root", String::as_str);
        format!("{}/go", home.trim_end_matches('/'))
    })
}

fn env(p: &mut Process<'_, '_>, names: &[String]) -> Run {
    for name in names.iter().filter(|name| !name.starts_with('-')) {
        let value = match name.as_str() {
            "GOPATH" => path(p),
            "GOVERSION" => format!("go{}", version(p)),
            "GOOS" => p.env.get("GOOS").cloned().unwrap_or_else(|| "linux".to_owned()),
            "GOARCH" => p.env.get("GOARCH").cloned().unwrap_or_else(|| p.m.arch.to_owned()),
            "GOROOT" => "/usr/local/go".to_owned(),
            name => p.env.get(name).cloned().unwrap_or_default(),
        };
        p.line(&value)?;
    }
    Ok(0)
}

/// Whether this Go does nothing without a `go.mod`: since 1.16, unless it is told to look in `GOPATH`.
fn wants_module(p: &mut Process<'_, '_>) -> bool {
    match p.env.get("GO111MODULE").map(String::as_str) {
        Some("off" | "auto") => return false,
        Some("on") => return true,
        _ => {}
    }
    let version = version(p);
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    (parts.next().unwrap_or(1), parts.next().unwrap_or(0)) >= (1, 16)
}

/// The directory of the nearest `go.mod`, from the working directory upwards.
fn module_root(p: &Process<'_, '_>) -> Option<String> {
    let mut dir = p.cwd.clone();
    loop {
        if there(p, &format!("{}/go.mod", dir.trim_end_matches('/'))) {
            return Some(dir);
        }
        if dir == "/" || dir.is_empty() {
            return None;
        }
        dir = crate::tree::parent(&dir).to_owned();
    }
}

/// A module's name and what it requires, as `go.mod` says.
#[derive(Default)]
struct Module {
    name: String,
    requires: Vec<(String, String)>,
}

fn module(p: &mut Process<'_, '_>, root: &str) -> Module {
    let text = text(p, &format!("{}/go.mod", root.trim_end_matches('/'))).unwrap_or_default();
    let mut module = Module::default();
    let mut block = false;
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or("").trim();
        let mut words = line.split_whitespace();
        let first = words.next().unwrap_or("");
        if block {
            if first == ")" {
                block = false;
            } else if let Some(version) = words.next() {
                module.requires.push((first.to_owned(), version.to_owned()));
            }
        } else if first == "module" {
            module.name = words.next().unwrap_or("").trim_matches('"').to_owned();
        } else if first == "require" {
            match (words.next(), words.next()) {
                (Some("("), _) => block = true,
                (Some(name), Some(version)) => module.requires.push((name.to_owned(), version.to_owned())),
                _ => {}
            }
        }
    }
    module
}

/// What one module weighs unpacked, for want of an index: an estimate.
const MODULE_SIZE: u64 = 900 * KIB;

/// Brings the required modules into the module cache; gives how many were new.
fn download(p: &mut Process<'_, '_>, module: &Module) -> Result<Option<u64>, Halt> {
    let cache = format!("{}/pkg/mod", path(p));
    let mut new = 0;
    for (name, version) in &module.requires {
        let name = escape(name);
        let at = format!("{cache}/{name}@{version}");
        if there(p, &at) {
            continue;
        }
        if offline(p, &format!("go: {name}@{version}: dial tcp: lookup of the module proxy failed"))? {
            return Ok(None);
        }
        made_up(p, &format!("{at}/‹sources›"), MODULE_SIZE, 0o444, "go mod download", version.as_bytes())?;
        let zip = format!("{cache}/cache/download/{name}/@v/{version}.zip");
        made_up(p, &zip, MODULE_SIZE / 4, 0o644, "go mod download", version.as_bytes())?;
        new += 1;
    }
    takes(p, 150 + 120 * new, new * MODULE_SIZE / 4);
    Ok(Some(new))
}

/// Where the compiler keeps what it has compiled.
fn build_cache(p: &Process<'_, '_>) -> String {
    p.env.get("GOCACHE").cloned().unwrap_or_else(|| format!("{}/.cache/go-build", super::help::home(p)))
}

/// Capital letters are written `!c` in the module cache.
fn escape(name: &str) -> String {
    let mut escaped = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            escaped.push('!');
        }
        escaped.push(c.to_ascii_lowercase());
    }
    escaped
}

fn modules(p: &mut Process<'_, '_>, args: &[String]) -> Run {
    let Some(verb) = args.first() else { return Ok(2) };
    if verb == "init" {
        let name = args.get(1).cloned().unwrap_or_else(|| "example".to_owned());
        if there(p, "go.mod") {
            let at = p.path("go.mod");
            p.error(&format!("go: {at} already exists"))?;
            return Ok(1);
        }
        let version = version(p);
        let major = version.split('.').take(2).collect::<Vec<_>>().join(".");
        p.error(&format!("go: creating new go.mod: module {name}"))?;
        let _ = p.write_file("go.mod", format!("module {name}\n\ngo {major}\n").into_bytes())?;
        return Ok(0);
    }
    let Some(root) = module_root(p) else {
        super::absent(p, "go.mod")?;
        p.error(
            "go: go.mod file not found in current directory or any parent directory; see 'go help modules'",
        )?;
        return Ok(1);
    };
    match verb.as_str() {
        "download" | "tidy" | "verify" | "vendor" => {
            let module = module(p, &root);
            let Some(new) = download(p, &module)? else { return Ok(1) };
            match verb.as_str() {
                "download" if module.requires.is_empty() => {
                    p.error("go: no module dependencies to download")?;
                }
                "verify" => p.line("all modules verified")?,
                "tidy" if new > 0 => {
                    for (name, version) in &module.requires {
                        p.error(&format!("go: downloading {name} {version}"))?;
                    }
                }
                "vendor" => {
                    for (name, version) in &module.requires {
                        let at = format!("{root}/vendor/{name}/‹sources›");
                        made_up(p, &at, MODULE_SIZE / 2, 0o644, "go mod vendor", version.as_bytes())?;
                    }
                }
                _ => {}
            }
            Ok(0)
        }
        other => p.option(format!("mod {other}")),
    }
}

fn get(p: &mut Process<'_, '_>, args: &[String]) -> Run {
    let packages: Vec<&String> = args.iter().filter(|arg| !arg.starts_with('-')).collect();
    let Some(root) = module_root(p) else {
        super::absent(p, "go.mod")?;
        if packages.is_empty() && args.iter().any(|arg| arg == "-d") {
            p.error("go: go.mod file not found in current directory or any parent directory.")?;
            p.error("\t'go get' is no longer supported outside a module.")?;
            p.error("\tTo build and install a command, use 'go install' with a version,")?;
            p.error("\tlike 'go install example.com/cmd@latest'")?;
            p.error("\tFor more information, see https://golang.org/doc/go-get-install-deprecation")?;
            p.error("\tor run 'go help get' or 'go help install'.")?;
            return Ok(1);
        }
        p.error("go: go.mod file not found in current directory or any parent directory.")?;
        p.error("\t'go get' is no longer supported outside a module.")?;
        return Ok(1);
    };
    let mut module = module(p, &root);
    for package in packages.into_iter().filter(|package| !package.starts_with('.')) {
        let (name, version) = package.split_once('@').unwrap_or((package, "latest"));
        module.requires.push((name.to_owned(), version.to_owned()));
    }
    Ok(u8::from(download(p, &module)?.is_none()))
}

/// Flags of `go build` that take a value of their own.
const VALUED: &[&str] = &[
    "-o",
    "-ldflags",
    "-tags",
    "-gcflags",
    "-asmflags",
    "-mod",
    "-p",
    "-installsuffix",
    "-pkgdir",
    "-run",
    "-count",
    "-timeout",
    "-coverprofile",
    "-C",
    "-buildmode",
    "-bench",
];

struct Request {
    output: Option<String>,
    stripped: bool,
    packages: Vec<String>,
}

fn request(args: &[String]) -> Request {
    let mut request = Request { output: None, stripped: false, packages: Vec::new() };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let flag = arg.strip_prefix('-').map(|flag| format!("-{}", flag.trim_start_matches('-')));
        let Some(flag) = flag else {
            request.packages.push(arg.clone());
            continue;
        };
        let (name, mut value) = match flag.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (flag, None),
        };
        if value.is_none() && VALUED.contains(&name.as_str()) {
            value = args.next().cloned();
        }
        match name.as_str() {
            "-o" => request.output = value,
            "-ldflags" => request.stripped = value.is_some_and(|value| value.contains("-s")),
            _ => {}
        }
    }
    request
}

fn build(p: &mut Process<'_, '_>, args: &[String], install: bool) -> Run {
    let request = request(args);
    let remote: Vec<&String> = request.packages.iter().filter(|package| package.contains('@')).collect();
    if install && !remote.is_empty() {
        return install_remote(p, &remote);
    }
    let sources: Vec<&String> = request.packages.iter().filter(|package| package.ends_with(".go")).collect();
    let root = module_root(p);
    let mut module = Module::default();
    if let Some(root) = &root {
        module = self::module(p, root);
    } else if sources.is_empty() && wants_module(p) {
        super::absent(p, "go.mod")?;
        p.error(
            "go: go.mod file not found in current directory or any parent directory; see 'go help modules'",
        )?;
        return Ok(1);
    }
    for source in &sources {
        if super::absent(p, source)? {
            p.error(&format!("no required module provides package {source}; to add it:"))?;
            p.error(&format!("\tgo get {source}"))?;
            return Ok(1);
        }
    }
    let mut packages = request.packages.clone();
    packages.retain(|package| !package.ends_with(".go"));
    if packages.is_empty() {
        packages.push(".".to_owned());
    }
    let root = root.unwrap_or_else(|| p.cwd.clone());
    let mut built = Vec::new();
    for package in &packages {
        let all = package.ends_with("/...");
        let relative = package.trim_end_matches("/...").trim_end_matches('/');
        let relative =
            relative.strip_prefix(&module.name).map_or(relative, |rest| rest.trim_start_matches('/'));
        let relative = if relative.is_empty() { "." } else { relative };
        let mut dirs = vec![p.path(relative)];
        if all {
            dirs = subdirectories(p, &p.path(relative));
        }
        for dir in dirs {
            let mut names = files(p, &dir);
            names.retain(|name| name.ends_with(".go") && !name.ends_with("_test.go"));
            if !sources.is_empty() {
                names = sources.iter().map(|source| (*source).clone()).collect();
            }
            if names.is_empty() {
                if all || p.m.incomplete {
                    continue;
                }
                if !is_dir(p, &dir) {
                    p.error(&format!("stat {dir}: directory not found"))?;
                    return Ok(1);
                }
                p.error(&format!("no Go files in {}", crate::tree::clean(&dir)))?;
                return Ok(1);
            }
            built.push((crate::tree::clean(&dir), names));
        }
    }
    if download(p, &module)?.is_none() {
        return Ok(1);
    }
    let mut salt = inputs(p, &root);
    for name in ["GOOS", "GOARCH", "CGO_ENABLED", "GOFLAGS"] {
        salt.extend_from_slice(p.env.get(name).map_or("", String::as_str).as_bytes());
        salt.push(0);
    }
    // The compiler's own cache stays in the layer too.
    let cache = build_cache(p);
    // Each package is kept by its content: what is there is not written again.
    let packages = format!("{cache}/‹compiled packages›");
    let cached = there(p, &packages);
    let weight = 38 * MIB + module.requires.len() as u64 * 2 * MIB;
    if !cached {
        made_up(p, &packages, weight, 0o644, "go build", &[])?;
    }
    takes(p, if cached { 1500 } else { 9000 } + 700 * module.requires.len() as u64, 0);
    let several = built.len() > 1;
    for (dir, names) in built {
        let mut size = 1_500 * KIB;
        let mut main = false;
        for name in &names {
            let source = text(p, &p_join(&dir, name)).unwrap_or_default();
            main |= source.lines().any(|line| line.split("//").next().unwrap_or("").trim() == "package main");
            for (import, bytes) in [
                ("\"net/http\"", 5200 * KIB),
                ("\"fmt\"", 500 * KIB),
                ("\"encoding/json\"", 600 * KIB),
                ("\"crypto/tls\"", 900 * KIB),
                ("\"html/template\"", 900 * KIB),
            ] {
                if source.contains(import) {
                    size += bytes;
                }
            }
        }
        if !main {
            continue;
        }
        size += module.requires.len() as u64 * 800 * KIB;
        if request.stripped {
            size = size * 2 / 3;
        }
        let last = |path: &str| crate::tree::base_name(path).to_owned();
        let name = match names.first() {
            Some(name) if !sources.is_empty() => last(name).trim_end_matches(".go").to_owned(),
            _ if dir == root && !module.name.is_empty() => last(&module.name),
            _ => last(&dir),
        };
        let output = match &request.output {
            _ if install => {
                let bin = p.env.get("GOBIN").cloned().unwrap_or_else(|| format!("{}/bin", path(p)));
                format!("{bin}/{name}")
            }
            Some(output) if output.ends_with('/') || is_dir(p, output) => p_join(output, &name),
            Some(output) if several => p_join(output, &name),
            Some(output) => output.clone(),
            None if several => continue,
            None => name,
        };
        if output == "/dev/null" {
            continue;
        }
        made_up(p, &output, size, 0o755, "go build", &salt)?;
    }
    Ok(0)
}

fn p_join(dir: &str, name: &str) -> String {
    if name.starts_with('/') { name.to_owned() } else { format!("{}/{name}", dir.trim_end_matches('/')) }
}

/// Directories at and below a path that hold Go files; `vendor` and hidden ones are left out.
fn subdirectories(p: &Process<'_, '_>, path: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut todo = vec![crate::tree::clean(path)];
    while let Some(dir) = todo.pop() {
        if found.len() > 2000 {
            break;
        }
        let Ok(entries) = p.m.tree.read_dir(&dir) else { continue };
        for (name, node) in entries.entries() {
            if node.is_dir() && !name.starts_with(['.', '_']) && &**name != "vendor" && &**name != "testdata"
            {
                todo.push(p_join(&dir, name));
            }
        }
        found.push(dir);
    }
    found.sort();
    found
}

fn install_remote(p: &mut Process<'_, '_>, packages: &[&String]) -> Run {
    let bin = p.env.get("GOBIN").cloned().unwrap_or_else(|| format!("{}/bin", path(p)));
    for package in packages {
        let (name, version) = package.split_once('@').unwrap_or((package, "latest"));
        if offline(p, &format!("go: {package}: dial tcp: lookup of the module proxy failed"))? {
            return Ok(1);
        }
        let last = name
            .rsplit('/')
            .find(|part| !(part.starts_with('v') && part.get(1..).is_some_and(|n| n.parse::<u32>().is_ok())));
        p.error(&format!("go: downloading {name} {version}"))?;
        made_up(
            p,
            &format!("{bin}/{}", last.unwrap_or(name)),
            9 * MIB,
            0o755,
            "go install",
            version.as_bytes(),
        )?;
        let at = format!("{}/pkg/mod/{}@{version}/‹sources›", path(p), escape(name));
        made_up(p, &at, 4 * MODULE_SIZE, 0o444, "go install", version.as_bytes())?;
    }
    takes(p, 14_000, 5 * MIB);
    Ok(0)
}

/// `go generate` runs what comments ask for; where none does, there is nothing to do.
fn generate(p: &mut Process<'_, '_>, args: &[String]) -> Run {
    let all = args.iter().any(|arg| arg.ends_with("..."));
    let here = p.cwd.clone();
    let dirs = if all { subdirectories(p, &here) } else { vec![here] };
    for dir in dirs {
        for name in files(p, &dir).iter().filter(|name| name.ends_with(".go")) {
            let source = text(p, &p_join(&dir, name));
            if source.is_none_or(|source| source.lines().any(|line| line.starts_with("//go:generate "))) {
                return p.option("generate");
            }
        }
    }
    takes(p, 300, 0);
    Ok(0)
}

fn test(p: &mut Process<'_, '_>, verb: &str, args: &[String]) -> Run {
    let Some(root) = module_root(p) else {
        super::absent(p, "go.mod")?;
        p.error(
            "go: go.mod file not found in current directory or any parent directory; see 'go help modules'",
        )?;
        return Ok(1);
    };
    let module = module(p, &root);
    if download(p, &module)?.is_none() {
        return Ok(1);
    }
    takes(p, 12_000, 0);
    if verb == "vet" {
        return Ok(0);
    }
    let request = request(args);
    let all = request.packages.iter().any(|package| package.ends_with("..."));
    let here = p.cwd.clone();
    let dirs = if all { subdirectories(p, &here) } else { vec![here] };
    for dir in dirs {
        let names = files(p, &dir);
        if !names.iter().any(|name| name.ends_with(".go")) {
            continue;
        }
        let below = dir.strip_prefix(root.as_str()).unwrap_or("").to_owned();
        let package = format!("{}{below}", module.name);
        if names.iter().any(|name| name.ends_with("_test.go")) {
            p.line(&format!("ok  \t{package}\t0.004s"))?;
        } else {
            p.line(&format!("?   \t{package}\t[no test files]"))?;
        }
    }
    Ok(0)
}
