//! A current BuildKit, asked by `buildctl`.

use crate::Outcome;
use crate::image::{self, Base};
use crate::registry;
use serde_json::{Value, json};
use stagecraft_tests::oracle::text;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How often a case is recorded, each time from a cold cache.
pub(crate) const RECORDINGS: usize = 4;

/// A client and, where it is started here, the daemon.
pub(crate) struct BuildKit {
    client: String,
    host: Option<String>,
    /// The daemon's program.
    pub program: Option<String>,
    work: PathBuf,
    daemon: Option<Child>,
}

impl Drop for BuildKit {
    fn drop(&mut self) {
        self.stop();
    }
}

impl BuildKit {
    pub(crate) fn new(client: String, host: Option<String>, work: PathBuf) -> Self {
        Self { client, host, program: None, work, daemon: None }
    }

    /// Whether there is one to ask.
    pub(crate) fn is_there(&self) -> bool {
        self.program.is_some() || (self.host.is_some() && self.succeeds(&["debug", "workers"]))
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.client);
        let host = match &self.program {
            Some(_) => format!("unix://{}", self.root().join("socket").display()),
            None => self.host.clone().unwrap_or_default(),
        };
        command.args(["--addr", &host]).args(args).stdin(Stdio::null());
        command
    }

    fn succeeds(&self, args: &[&str]) -> bool {
        self.command(args).output().is_ok_and(|output| output.status.success())
    }

    fn root(&self) -> PathBuf {
        self.work.join("buildkit")
    }

    /// Ends the daemon that was started here, and removes what it kept.
    pub(crate) fn stop(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            // Asked to end, it unmounts what it mounted.
            let _ = Command::new("kill").arg(daemon.id().to_string()).status();
            let _ = daemon.wait();
            let _ = fs::remove_dir_all(self.root());
        }
    }

    /// Leaves nothing in the cache. A daemon that was not started here may hold on to what a failed build left; then it
    /// has to be started anew by whoever did.
    pub(crate) fn forget(&mut self) -> Outcome<()> {
        let Some(program) = self.program.clone() else {
            for _ in 0..40 {
                let _ = self.command(&["prune", "--all"]).output()?;
                let left = self.command(&["du", "--format", "{{json .}}"]).output()?.stdout;
                if !left.windows(2).any(|pair| pair == b"id" || pair == b"ID") {
                    return Ok(());
                }
                std::thread::sleep(Duration::from_millis(50));
            }
            return Err("BuildKit does not let go of its cache: start it anew on an empty folder".into());
        };
        self.stop();
        let root = self.root();
        fs::create_dir_all(&root)?;
        let config = root.join("buildkitd.toml");
        let address = registry::ADDRESS;
        fs::write(
            &config,
            format!(
                "[registry.\"docker.io\"]\nmirrors = [\"{address}\"]\nhttp = true\n\
                 [registry.\"{address}\"]\nhttp = true\n"
            ),
        )?;
        let daemon = Command::new(program)
            .arg("--config")
            .arg(&config)
            .arg("--root")
            .arg(root.join("root"))
            .args(["--addr", &format!("unix://{}", root.join("socket").display())])
            .args(["--oci-worker-net=host", "--containerd-worker=false", "--oci-worker-gc=false"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(root.join("log"))?)
            .spawn()?;
        self.daemon = Some(daemon);
        for _ in 0..500 {
            if self.succeeds(&["debug", "workers"]) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err("buildkitd does not answer".into())
    }

    /// What BuildKit does with a step's context.
    pub(crate) fn build(&self, step: &Value, context: &Path, bases: &[Base]) -> Outcome<Value> {
        let saved = self.work.join("image.tar");
        let _ = fs::remove_file(&saved);
        let text_of = |key: &str| step.get(key).and_then(Value::as_str);
        let pairs = |key: &str| {
            let map = step.get(key).and_then(Value::as_object).cloned().unwrap_or_default();
            map.into_iter().map(|(name, value)| (name, value.as_str().unwrap_or_default().to_owned()))
        };
        let name = text_of("dockerfile").unwrap_or("Dockerfile");
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
        let here = context.display();
        let mut command = self.command(&["build", "--frontend", "dockerfile.v0", "--progress=plain"]);
        command
            .arg(format!("--local=context={here}"))
            .arg(format!("--local=dockerfile={}", context.join(folder).display()))
            .arg(format!("--opt=filename={file}"))
            .arg(format!("--output=type=docker,compression=uncompressed,dest={}", saved.display()));
        if let Some(target) = text_of("target") {
            command.arg(format!("--opt=target={target}"));
        }
        for (name, value) in pairs("args") {
            command.arg(format!("--opt=build-arg:{name}={value}"));
        }
        for (id, path) in pairs("secrets") {
            command.arg(format!("--secret=id={id},src={here}/{path}"));
        }
        if step.get("no_cache").and_then(Value::as_bool) == Some(true) {
            command.arg("--no-cache");
        }
        let output = command.output()?;
        let printed = String::from_utf8_lossy(&output.stderr);
        let ok = output.status.success();
        let image = if ok { image::read(&fs::read(&saved)?, bases)? } else { Value::Null };
        let error = printed.rsplit_once("\nerror: ").map_or(&*printed, |(_, error)| error);
        Ok(json!({
            "ok": ok,
            "error": if ok { Value::Null } else { json!(text::error(error, &here.to_string())) },
            "vertices": vertices(&printed),
            "image": image,
        }))
    }
}

/// What `--progress=plain` says of each vertex, by name.
fn vertices(printed: &str) -> Vec<Value> {
    let mut names: BTreeMap<&str, String> = BTreeMap::new();
    let mut all: BTreeMap<String, &str> = BTreeMap::new();
    for line in printed.lines() {
        let numbered = line.strip_prefix('#').and_then(|line| line.split_once(' '));
        let Some((number, rest)) = numbered.filter(|(number, _)| number.parse::<u32>().is_ok()) else {
            continue;
        };
        let Some(name) = names.get(number) else {
            let name = text::vertex(rest);
            names.insert(number, name.clone());
            all.insert(name, "done");
            continue;
        };
        let status = match rest {
            "CACHED" => "cached",
            "CANCELED" => "canceled",
            _ if rest.starts_with("ERROR") => "error",
            _ => continue,
        };
        all.insert(name.clone(), status);
    }
    all.iter().map(|(name, status)| json!({"name": name, "status": status})).collect()
}

/// One recording of several: what differs from one to the next is named, and not compared.
pub(crate) fn settled(recordings: &[Vec<Value>]) -> Vec<Value> {
    let Some((first, others)) = recordings.split_first() else { return Vec::new() };
    let one = |(at, step): (usize, &Value)| {
        let mut step = step.clone();
        let again: Vec<&Value> = others.iter().filter_map(|other| other.get(at)).collect();
        let mut unstable = BTreeSet::new();
        for field in ["error", "image"] {
            if again.iter().any(|other| other.get(field) != step.get(field)) {
                unstable.insert(field);
            }
        }
        let statuses = |step: &Value| -> BTreeMap<String, String> {
            let list = step.get("vertices").and_then(Value::as_array).cloned().unwrap_or_default();
            let text = |value: &Value, key: &str| {
                value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
            };
            list.iter().map(|vertex| (text(vertex, "name"), text(vertex, "status"))).collect()
        };
        let (mut names, mut cached) = (BTreeSet::new(), BTreeSet::new());
        let mine = statuses(&step);
        for other in again.iter().map(|other| statuses(other)) {
            for name in mine.keys().chain(other.keys()) {
                match (mine.get(name), other.get(name)) {
                    (Some(a), Some(b)) if (a == "cached") == (b == "cached") => {}
                    (Some(_), Some(_)) => drop(cached.insert(name.clone())),
                    _ => drop(names.insert(name.clone())),
                }
            }
        }
        if let Some(map) = step.as_object_mut() {
            if !unstable.is_empty() {
                map.insert("unstable".to_owned(), json!(unstable));
            }
            if !names.is_empty() {
                map.insert("unstable_vertices".to_owned(), json!(names));
            }
            if !cached.is_empty() {
                map.insert("unstable_status".to_owned(), json!(cached));
            }
        }
        step
    };
    first.iter().enumerate().map(one).collect()
}
