//! Asks a real Docker 20.10 what its classic builder does with the cases of `tests/oracle`, and keeps the answers.
//!
//! `record [--host unix:///run/docker.sock] [--busybox FILE] [--folder DIR] [NAME…]`; without names all cases are recorded. The engine
//! should have nothing else to do: its images but the base images are removed between cases. `cargo xtask record`
//! calls it.

use serde_json::{Map, Value, json};
use stagecraft_core::project::{ContextFile, FileContent};
use stagecraft_sandbox::archive::{self, Archive, Entry, EntryKind};
use stagecraft_sandbox::tree::clean;
use stagecraft_tests::oracle::case::{self, Case, Files};
use stagecraft_tests::oracle::text;
use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output, Stdio};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "record: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Outcome<()> {
    let mut docker = Docker {
        program: std::env::var("DOCKER").unwrap_or_else(|_| "docker".to_owned()),
        host: std::env::var("DOCKER_HOST").unwrap_or_default(),
    };
    let mut busybox = PathBuf::from("/bin/busybox");
    let mut folder = stagecraft_tests::root().join("tests/oracle");
    let mut names = Vec::new();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--host" => docker.host = args.next().unwrap_or_default(),
            "--busybox" => busybox = args.next().unwrap_or_default().into(),
            "--folder" => folder = args.next().unwrap_or_default().into(),
            _ => names.push(arg),
        }
    }
    let version = docker.text(&["version", "--format", "{{.Server.Version}}"])?;
    if !version.starts_with("20.10.") {
        return Err(format!("this is Docker {version}, not 20.10").into());
    }
    if names.is_empty() {
        for entry in fs::read_dir(folder.join("cases"))? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
    }
    let bases = docker.import(&folder.join("images.json"), &fs::read(&busybox)?)?;
    let work = std::env::temp_dir().join(format!("stagecraft-record-{}", std::process::id()));
    for name in &names {
        docker.forget(&bases)?;
        let recorded = docker.record(&folder.join("cases").join(name), &work, &bases)?;
        let path = folder.join("cases").join(name).join("expected.legacy.json");
        fs::write(path, format!("{}\n", serde_json::to_string_pretty(&recorded)?))?;
        writeln!(std::io::stdout(), "{name}")?;
    }
    let _ = fs::remove_dir_all(&work);
    Ok(())
}

struct Docker {
    program: String,
    host: String,
}

/// What is known of a base image: its id and how many layers it has.
struct Base {
    id: String,
    layers: usize,
    files: BTreeMap<String, Value>,
}

impl Docker {
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(args).env("DOCKER_BUILDKIT", "0").stdin(Stdio::null());
        if !self.host.is_empty() {
            command.env("DOCKER_HOST", &self.host);
        }
        command
    }

    fn output(&self, args: &[&str]) -> Outcome<Output> {
        Ok(self.command(args).output()?)
    }

    fn text(&self, args: &[&str]) -> Outcome<String> {
        let output = self.output(args)?;
        if !output.status.success() {
            return Err(
                format!("docker {}: {}", args.join(" "), String::from_utf8_lossy(&output.stderr)).into()
            );
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Makes the base images from their files; `busybox` is the content of every file of its size.
    fn import(&self, images: &Path, busybox: &[u8]) -> Outcome<Vec<Base>> {
        let document = case::json(images);
        let mut bases = Vec::new();
        for image in document.get("images").and_then(Value::as_array).into_iter().flatten() {
            let reference = image.get("reference").and_then(Value::as_str).unwrap_or_default();
            let mut args = vec!["import".to_owned()];
            for change in changes(image.get("config").unwrap_or(&Value::Null)) {
                args.extend(["-c".to_owned(), change]);
            }
            args.extend(["-".to_owned(), reference.to_owned()]);
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            let mut child = self
                .command(&args)
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()?;
            if let Some(mut stdin) = child.stdin.take() {
                // Where it fails, docker has said why.
                let _ = stdin.write_all(&tar(image, busybox));
            }
            let output = child.wait_with_output()?;
            if !output.status.success() {
                return Err(format!("{reference}: {}", String::from_utf8_lossy(&output.stderr)).into());
            }
            let id = self.text(&["inspect", "--format", "{{.Id}}", reference])?;
            let mut files = BTreeMap::new();
            for file in image.get("files").and_then(Value::as_array).into_iter().flatten() {
                let path = file.get("path").and_then(Value::as_str).unwrap_or_default();
                files.insert(path.to_owned(), file.clone());
            }
            bases.push(Base { id, layers: 1, files });
        }
        Ok(bases)
    }

    /// Removes all images but the base images.
    fn forget(&self, bases: &[Base]) -> Outcome<()> {
        let _ = self.output(&["container", "prune", "-f"])?;
        loop {
            let all = self.text(&["images", "-aq", "--no-trunc"])?;
            let extra: Vec<&str> = all.lines().filter(|id| bases.iter().all(|base| base.id != *id)).collect();
            if extra.is_empty() {
                return Ok(());
            }
            let mut args = vec!["rmi", "-f"];
            args.extend(&extra);
            let output = self.output(&args)?;
            let left = self.text(&["images", "-aq", "--no-trunc"])?;
            if left == all {
                return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
            }
        }
    }

    fn record(&self, folder: &Path, work: &Path, bases: &[Base]) -> Outcome<Value> {
        let case = Case::read(folder);
        let mut files = case.files();
        let mut steps = Vec::new();
        for step in case.steps() {
            case::edit(&mut files, step);
            let context = work.join("context");
            write(&files, &context)?;
            steps.push(self.build(step, &context, work, bases)?);
        }
        Ok(json!({ "steps": steps }))
    }

    fn build(&self, step: &Value, context: &Path, work: &Path, bases: &[Base]) -> Outcome<Value> {
        let id_file = work.join("id");
        let _ = fs::remove_file(&id_file);
        let text_of = |key: &str| step.get(key).and_then(Value::as_str);
        let mut command = self.command(&["build", "--network=host"]);
        command.arg("--iidfile").arg(&id_file);
        if let Some(name) = text_of("dockerfile") {
            command.arg("--file").arg(context.join(name));
        }
        if let Some(target) = text_of("target") {
            command.args(["--target", target]);
        }
        for (name, value) in step.get("args").and_then(Value::as_object).into_iter().flatten() {
            command.args(["--build-arg", &format!("{name}={}", value.as_str().unwrap_or_default())]);
        }
        if step.get("no_cache").and_then(Value::as_bool) == Some(true) {
            command.arg("--no-cache");
        }
        let output = command.arg(context).output()?;
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let here = context.to_string_lossy();
        let ok = output.status.success();
        let log: Vec<String> = text::log(&format!("{out}\n{err}").replace(&*here, "<context>"));
        let image = if ok { self.image(&fs::read_to_string(&id_file)?, bases)? } else { Value::Null };
        Ok(json!({
            "ok": ok,
            "error": if ok { Value::Null } else { json!(text::error(&err, &here)) },
            "log": log.join("\n"),
            "image": image,
        }))
    }

    fn image(&self, id: &str, bases: &[Base]) -> Outcome<Value> {
        let inspected: Value = serde_json::from_str(&self.text(&["inspect", id])?)?;
        let config = inspected.pointer("/0/Config").cloned().unwrap_or_default();
        if inspected.pointer("/0/RootFS/Layers").and_then(Value::as_array).is_none_or(Vec::is_empty) {
            // Docker cannot save an image without layers.
            let lines = self.text(&["history", "--no-trunc", "--format", "{{.CreatedBy}}", id])?;
            let history: Vec<Value> = lines
                .lines()
                .rev()
                .map(|text| json!({"created_by": text::created_by(text), "empty_layer": true}))
                .collect();
            return Ok(json!({"config": kept(&config), "history": history, "layers": [], "rootfs": []}));
        }
        let saved = self.output(&["save", id])?.stdout;
        let Archive::Entries(entries) = archive::read(&saved)? else {
            return Err("docker save gave no archive".into());
        };
        let member =
            |name: &str| find(&entries, name, 0).ok_or_else(|| format!("docker save left {name} out"));
        let manifest: Value = serde_json::from_slice(member("manifest.json")?)?;
        let name = manifest.pointer("/0/Config").and_then(Value::as_str).unwrap_or_default();
        let whole: Value = serde_json::from_slice(member(name)?)?;
        let empty = |line: &Value| line.get("empty_layer").and_then(Value::as_bool) == Some(true);
        let lines = whole.get("history").and_then(Value::as_array).cloned().unwrap_or_default();
        // What `docker import` made is the base; a build from scratch has none.
        let imported = |line: &Value| {
            line.get("comment").and_then(Value::as_str).is_some_and(|text| text.starts_with("Imported"))
        };
        let skip = lines.iter().filter(|line| imported(line)).count();
        let history: Vec<Value> = lines
            .iter()
            .skip(skip)
            .map(|line| {
                let text = line.get("created_by").and_then(Value::as_str).unwrap_or_default();
                json!({"created_by": text::created_by(text), "empty_layer": empty(line)})
            })
            .collect();
        let mut layers = Vec::new();
        for name in manifest.pointer("/0/Layers").and_then(Value::as_array).into_iter().flatten().skip(skip) {
            let bytes = member(name.as_str().unwrap_or_default())?;
            let Archive::Entries(entries) = archive::read(bytes)? else { continue };
            layers.push(entries.iter().map(layer_entry).collect::<Vec<_>>());
        }
        let nothing = BTreeMap::new();
        let base =
            if skip == 0 { &nothing } else { self.base_of(id, bases)?.map_or(&nothing, |base| &base.files) };
        let rootfs = rootfs(base, &layers);
        let layers: Vec<Value> = layers.into_iter().map(|entries| json!({ "entries": entries })).collect();
        Ok(json!({"config": kept(&config), "history": history, "layers": layers, "rootfs": rootfs}))
    }

    /// The base image that an image stands on: the one whose layers it begins with.
    fn base_of<'b>(&self, id: &str, bases: &'b [Base]) -> Outcome<Option<&'b Base>> {
        let layers = |id: &str| self.text(&["inspect", "--format", "{{json .RootFS.Layers}}", id]);
        let own: Vec<String> = serde_json::from_str(&layers(id)?)?;
        for base in bases {
            let below: Vec<String> = serde_json::from_str(&layers(&base.id)?)?;
            if below.len() == base.layers && own.starts_with(&below) {
                return Ok(Some(base));
            }
        }
        Ok(None)
    }
}

/// The parts of a config that are compared.
fn kept(config: &Value) -> Map<String, Value> {
    let keep = [
        "Env",
        "Cmd",
        "Entrypoint",
        "WorkingDir",
        "User",
        "ExposedPorts",
        "Volumes",
        "Labels",
        "Healthcheck",
        "StopSignal",
        "Shell",
        "OnBuild",
    ];
    keep.iter()
        .filter_map(|key| {
            Some(((*key).to_owned(), config.get(*key).filter(|value| !value.is_null())?.clone()))
        })
        .collect()
}

/// A member of an archive, links between members followed.
fn find<'e>(entries: &'e [Entry], name: &str, depth: u32) -> Option<&'e Vec<u8>> {
    let entry = entries.iter().find(|entry| clean(&entry.name) == clean(name))?;
    match &entry.kind {
        EntryKind::File(bytes) => Some(bytes),
        EntryKind::Symlink(target) if depth < 4 => {
            let dir = name.rsplit_once('/').map_or("", |(dir, _)| dir);
            find(entries, &clean(&format!("{dir}/{target}")), depth + 1)
        }
        _ => None,
    }
}

/// What `docker import -c` sets a config by.
fn changes(config: &Value) -> Vec<String> {
    let list = |key: &str| config.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let keys = |key: &str| {
        let map = config.get(key).and_then(Value::as_object).cloned().unwrap_or_default();
        map.into_iter().map(|(key, _)| key)
    };
    let mut out = Vec::new();
    for pair in list("Env") {
        let (name, value) = pair.as_str().unwrap_or_default().split_once('=').unwrap_or_default();
        out.push(format!("ENV {name}=\"{value}\""));
    }
    for (key, word) in [("WorkingDir", "WORKDIR"), ("User", "USER")] {
        if let Some(value) = config.get(key).and_then(Value::as_str) {
            out.push(format!("{word} {value}"));
        }
    }
    out.extend(keys("ExposedPorts").map(|port| format!("EXPOSE {port}")));
    out.extend(keys("Volumes").map(|path| format!("VOLUME [\"{path}\"]")));
    for (key, value) in config.get("Labels").and_then(Value::as_object).into_iter().flatten() {
        out.push(format!("LABEL {key}={value}"));
    }
    for trigger in list("OnBuild") {
        out.push(format!("ONBUILD {}", trigger.as_str().unwrap_or_default()));
    }
    if let Some(check) = config.get("Healthcheck") {
        let seconds = |key: &str| check.get(key).and_then(Value::as_i64).unwrap_or(0) / 1_000_000_000;
        let retries = check.get("Retries").and_then(Value::as_i64).unwrap_or(0);
        let test = check.pointer("/Test/1").and_then(Value::as_str).unwrap_or_default();
        out.push(format!(
            "HEALTHCHECK --interval={}s --timeout={}s --retries={retries} CMD {test}",
            seconds("Interval"),
            seconds("Timeout")
        ));
    }
    for (key, word) in [("Entrypoint", "ENTRYPOINT"), ("Cmd", "CMD")] {
        if let Some(words) = config.get(key) {
            out.push(format!("{word} {words}"));
        }
    }
    out
}

/// A base image's files as a tar.
fn tar(image: &Value, busybox: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for file in image.get("files").and_then(Value::as_array).into_iter().flatten() {
        let text_of = |key: &str| file.get(key).and_then(Value::as_str).unwrap_or_default();
        let number = |key: &str| file.get(key).and_then(Value::as_u64).unwrap_or(0);
        let mode = u64::from_str_radix(text_of("mode"), 8).unwrap_or(0o644);
        let (kind, content) = match text_of("kind") {
            "dir" => (b'5', &[][..]),
            "symlink" => (b'2', &[][..]),
            _ if file.get("content").is_some() => (b'0', text_of("content").as_bytes()),
            _ if number("size") > 0 => (b'0', busybox),
            _ => (b'0', &[][..]),
        };
        let path = text_of("path").trim_start_matches('/');
        let mut header = [0_u8; 512];
        let mut put = |at: usize, bytes: &[u8]| {
            for (to, from) in header.iter_mut().skip(at).zip(bytes) {
                *to = *from;
            }
        };
        put(0, path.as_bytes());
        for (at, value) in [(100, mode), (108, number("uid")), (116, number("gid"))] {
            put(at, format!("{value:07o}\0").as_bytes());
        }
        put(124, format!("{:011o}\0", content.len()).as_bytes());
        put(136, format!("{:011o}\0", 1_700_000_000).as_bytes());
        put(148, b"        ");
        put(156, &[kind]);
        put(157, text_of("target").as_bytes());
        put(257, b"ustar\x0000");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        for (to, from) in header.iter_mut().skip(148).zip(format!("{sum:06o}\0 ").as_bytes()) {
            *to = *from;
        }
        out.extend(header);
        out.extend(content);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.extend([0; 1024]);
    out
}

/// A member of a layer, whiteouts told by their names.
fn layer_entry(entry: &Entry) -> Value {
    let path = clean(&format!("/{}", entry.name));
    let (dir, name) = path.rsplit_once('/').unwrap_or_default();
    if name == ".wh..wh..opq" {
        return json!({"path": dir, "kind": "opaque"});
    }
    if let Some(name) = name.strip_prefix(".wh.") {
        return json!({"path": format!("{dir}/{name}"), "kind": "whiteout"});
    }
    let (kind, size, target) = match &entry.kind {
        EntryKind::File(bytes) => ("file", bytes.len(), None),
        EntryKind::Dir => ("dir", 0, None),
        EntryKind::Symlink(target) => ("symlink", 0, Some(target.clone())),
        EntryKind::Hardlink(target) => ("hardlink", 0, Some(clean(&format!("/{target}")))),
        EntryKind::Special | EntryKind::Other(_) => ("special", 0, None),
    };
    let mode = format!("{:04o}", entry.mode & 0o7777);
    let mut value =
        json!({"path": path, "kind": kind, "mode": mode, "uid": entry.uid, "gid": entry.gid, "size": size});
    if let (Some(target), Some(map)) = (target, value.as_object_mut()) {
        map.insert("target".to_owned(), json!(target));
    }
    value
}

/// Layers laid over a base: what stands above it, and the topmost paths of it that are gone.
fn rootfs(base: &BTreeMap<String, Value>, layers: &[Vec<Value>]) -> Vec<Value> {
    let of = |entry: &Value, key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut all: BTreeMap<String, Value> = base.clone();
    let mut touched: Vec<String> = Vec::new();
    for entries in layers {
        for entry in entries {
            let (path, kind) = (of(entry, "path"), of(entry, "kind"));
            let below = format!("{path}/");
            if matches!(kind.as_str(), "whiteout" | "opaque") {
                touched
                    .extend(all.keys().filter(|other| **other == path || other.starts_with(&below)).cloned());
                all.retain(|other, _| !(other.starts_with(&below) || (kind == "whiteout" && *other == path)));
            }
        }
        for entry in entries {
            let (path, kind) = (of(entry, "path"), of(entry, "kind"));
            match kind.as_str() {
                "whiteout" | "opaque" => {}
                "hardlink" => {
                    if let Some(Value::Object(file)) = all.get(&of(entry, "target")).cloned() {
                        let mut file = file;
                        file.insert("path".to_owned(), json!(path));
                        all.insert(path.clone(), Value::Object(file));
                    }
                    touched.push(path);
                }
                _ => {
                    if kind != "dir" {
                        let below = format!("{path}/");
                        touched.extend(all.keys().filter(|other| other.starts_with(&below)).cloned());
                        all.retain(|other, _| !other.starts_with(&below));
                    }
                    all.insert(path.clone(), entry.clone());
                    touched.push(path);
                }
            }
        }
    }
    touched.sort();
    touched.dedup();
    let mut out = Vec::new();
    for path in touched {
        let same = |key: &str, a: &Value, b: &Value| a.get(key) == b.get(key);
        let above = path.rsplit_once('/').map_or("", |(above, _)| above);
        match (all.get(&path), base.get(&path)) {
            (Some(now), Some(old))
                if of(now, "kind") == "dir"
                    && ["kind", "mode", "uid", "gid"].iter().all(|key| same(key, now, old)) => {}
            (Some(now), _) => out.push(now.clone()),
            (None, Some(_))
                if above.is_empty() || all.get(above).is_some_and(|dir| of(dir, "kind") == "dir") =>
            {
                out.push(json!({"path": path, "kind": "deleted"}));
            }
            (None, _) => {}
        }
    }
    out
}

/// Writes a context to disk, over nothing.
fn write(files: &Files, folder: &Path) -> Outcome<()> {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder)?;
    for (path, file) in files {
        let path = folder.join(path);
        if let Some(above) = path.parent() {
            fs::create_dir_all(above)?;
        }
        match &file.content {
            FileContent::Directory => fs::create_dir_all(&path)?,
            FileContent::Symlink(target) => link(target, &path)?,
            FileContent::Text(text) => fs::write(&path, text)?,
            FileContent::Bytes(bytes) => fs::write(&path, bytes)?,
            FileContent::Declared(size) => fs::write(&path, vec![0; usize::try_from(*size)?])?,
        }
    }
    // Modes last, so that nothing is locked up before it is written.
    for (path, file) in files.iter().rev() {
        mode(&folder.join(path), file)?;
    }
    Ok(())
}

#[cfg(unix)]
fn link(target: &str, path: &Path) -> Outcome<()> {
    Ok(std::os::unix::fs::symlink(target, path)?)
}

#[cfg(unix)]
fn mode(path: &Path, file: &ContextFile) -> Outcome<()> {
    use std::os::unix::fs::PermissionsExt;
    if !matches!(file.content, FileContent::Symlink(_)) {
        fs::set_permissions(path, fs::Permissions::from_mode(file.mode))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn link(_: &str, _: &Path) -> Outcome<()> {
    Err("recording needs a Unix".into())
}

#[cfg(not(unix))]
fn mode(_: &Path, _: &ContextFile) -> Outcome<()> {
    Ok(())
}
