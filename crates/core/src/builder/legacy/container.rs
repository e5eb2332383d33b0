//! Containers: what the engine checks and does when it creates one, and the file system that a process in it
//! sees.

use super::config;
use super::copy::scope;
use super::layer;
use crate::image::{Healthcheck, ImageConfig};
use crate::simulation::LayerEntry;
use stagecraft_sandbox::shell::MountPoint;
use stagecraft_sandbox::tree::{
    Content, Dir, Entries, File, Meta, Node, Origin, Tree, clean, components, parent,
};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

/// Shortest interval of a health check that the engine takes.
const MINIMUM_NANOS: i64 = 1_000_000;

/// What the engine mounts over files while a process runs: changes are not in the layer.
const MOUNTS: [&str; 6] = ["/dev", "/proc", "/sys", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf"];

/// What is mounted in `/dev`.
const DEVICES: [&str; 3] = ["/dev/mqueue", "/dev/pts", "/dev/shm"];

/// `/dev` as every process finds it.
static DEVICE_DIRECTORY: LazyLock<Arc<Dir>> = LazyLock::new(devices);

/// A container that was created.
#[derive(Debug)]
pub(super) struct Container {
    /// Config, with what the image adds.
    pub(super) config: ImageConfig,
    /// The image's files below the engine's own: what a layer is compared with.
    pub(super) below: Tree,
    /// The same with the working directory.
    pub(super) tree: Tree,
    /// Where volumes are mounted, and what they hold.
    volumes: BTreeMap<String, Node>,
}

/// Creates a container (moby `daemon/create.go`, `create_unix.go`).
///
/// # Errors
/// What the engine refuses, in its words; `mount` is where it has the container's files.
pub(super) fn create(
    mut container: ImageConfig,
    image: Option<&ImageConfig>,
    tree: &Tree,
    writer: u32,
    mount: &str,
) -> Result<Container, String> {
    validate(&container)?;
    if let Some(image) = image {
        config::merge(&mut container, image);
    }
    if matches!(container.entrypoint.as_deref(), Some([only]) if only.is_empty()) {
        container.entrypoint = None;
    }
    let nothing = |words: &Option<Vec<String>>| words.as_ref().is_none_or(Vec::is_empty);
    if nothing(&container.entrypoint) && nothing(&container.cmd) {
        return Err("No command specified".to_owned());
    }
    let below = with_init_layer(tree);
    let mut tree = below.clone();
    if !container.working_dir.is_empty() {
        container.working_dir = clean(&container.working_dir);
        make_workdir(&mut tree, &container.working_dir, writer, mount)?;
    }
    let mut volumes = BTreeMap::new();
    for volume in container.volumes.keys() {
        let destination = clean(&format!("/{volume}"));
        let path = scope::resolve(&tree, &destination, mount)?;
        match tree.get(&path) {
            Some(Node::Dir(dir)) => drop(volumes.insert(path, Node::Dir(Arc::clone(dir)))),
            Some(_) => {
                return Err(format!("cannot mount volume over existing file, file exists {mount}{path}"));
            }
            None => drop(volumes.insert(path, Node::Dir(Arc::new(Dir::new(Meta::root(0o755)))))),
        }
    }
    Ok(Container { config: container, below, tree, volumes })
}

fn validate(config: &ImageConfig) -> Result<(), String> {
    if !config.working_dir.is_empty() && !config.working_dir.starts_with('/') {
        return Err(format!(
            "the working directory '{}' is invalid, it needs to be an absolute path",
            config.working_dir
        ));
    }
    if !config.stop_signal.is_empty() {
        super::signal::check(&config.stop_signal)?;
    }
    if let Some(bad) = config.env.iter().find(|pair| super::args::key(pair).is_empty()) {
        return Err(format!("invalid environment variable: {bad}"));
    }
    config.healthcheck.as_ref().map_or(Ok(()), validate_healthcheck)
}

fn validate_healthcheck(check: &Healthcheck) -> Result<(), String> {
    for (name, value) in [("Interval", check.interval), ("Timeout", check.timeout)] {
        if value != 0 && value < MINIMUM_NANOS {
            return Err(format!("{name} in Healthcheck cannot be less than 1ms"));
        }
    }
    if check.retries < 0 {
        return Err("Retries in Healthcheck cannot be negative".to_owned());
    }
    if check.start_period != 0 && check.start_period < MINIMUM_NANOS {
        return Err("StartPeriod in Healthcheck cannot be less than 1ms".to_owned());
    }
    Ok(())
}

fn make_workdir(tree: &mut Tree, dir: &str, writer: u32, mount: &str) -> Result<(), String> {
    let path = scope::resolve(tree, dir, mount)?;
    if tree.get(&path).is_some_and(|node| !node.is_dir()) {
        return Err(format!("Cannot mkdir: {dir} is not a directory"));
    }
    let made = tree.mkdir_all(&path, Meta::root(0o755), Some(&Origin::by(writer)));
    made.map(drop).map_err(|error| format!("mkdir {mount}{}: {}", error.path, error.kind))
}

/// The engine's own files between image and container (moby `daemon/initlayer`).
fn with_init_layer(tree: &Tree) -> Tree {
    let mut tree = tree.clone();
    let dir = Meta::root(0o755);
    for path in ["/dev/pts", "/dev/shm", "/proc", "/sys", "/etc"] {
        if !tree.get(path).is_some_and(Node::is_dir) {
            own_directories(&mut tree, path);
            let _ = tree.mkdir_all(path, dir, None);
        }
    }
    for path in ["/.dockerenv", "/etc/resolv.conf", "/etc/hosts", "/etc/hostname", "/dev/console"] {
        let file = File::new(Meta::root(0o755), Content::bytes(""));
        let keep = tree.get(path).is_some_and(|node| matches!(node, Node::File(_)));
        if !keep || path == "/.dockerenv" {
            let _ = tree.put(path, Node::File(Arc::new(file)));
        }
    }
    let mtab = Node::Symlink { target: Arc::from("/proc/mounts"), meta: Meta::root(0o777), origin: None };
    let _ = tree.put("/etc/mtab", mtab);
    tree
}

/// A file or link where the engine needs a directory is hidden by one.
fn own_directories(tree: &mut Tree, path: &str) {
    let mut at = String::new();
    for name in components(path) {
        at.push('/');
        at.push_str(name);
        if tree.get(&at).is_some_and(|node| !node.is_dir()) {
            let _ = tree.put(&at, Node::Dir(Arc::new(Dir::new(Meta::root(0o755)))));
        }
    }
}

impl Container {
    /// The files that a process sees: volumes hold copies, devices and the like are mounted.
    pub(super) fn mounted(&mut self, writer: u32, hostname: &str) -> Tree {
        // The runtime makes missing mount points; they stay in the layer.
        for path in self.volumes.keys() {
            if self.tree.get(path).is_none() {
                let _ = self.tree.mkdir_all(path, Meta::root(0o755), Some(&Origin::by(writer)));
            }
        }
        let mut tree = self.tree.clone();
        for (path, node) in &self.volumes {
            let _ = tree.put(path, node.clone());
        }
        let file = |text: &str| Node::File(Arc::new(File::new(Meta::root(0o644), Content::bytes(text))));
        let mounts = [
            ("/etc/hosts", file(&format!("127.0.0.1\tlocalhost\n172.17.0.2\t{hostname}\n"))),
            ("/etc/hostname", file(&format!("{hostname}\n"))),
            ("/etc/resolv.conf", file("")),
            ("/dev", Node::Dir(Arc::clone(&DEVICE_DIRECTORY))),
        ];
        for (path, node) in mounts {
            if tree.get(parent(path)).is_some_and(Node::is_dir) || parent(path) == "/" {
                let _ = tree.put(path, node);
            }
        }
        tree
    }

    /// What cannot be removed while a process runs.
    pub(super) fn mounts(&self) -> Vec<MountPoint> {
        let volumes = self.volumes.keys().map(String::as_str);
        MOUNTS.into_iter().chain(DEVICES).chain(volumes).map(MountPoint::writable).collect()
    }

    /// What creating the container wrote: the working directory and mount points.
    pub(super) fn created(&self) -> Vec<LayerEntry> {
        layer::diff(&self.below, &self.tree)
    }

    /// What a process wrote besides what is mounted.
    pub(super) fn written(&self, mounted: &Tree, left: &Tree) -> Vec<LayerEntry> {
        let hidden: Vec<&str> = self.volumes.keys().map(String::as_str).chain(MOUNTS).collect();
        layer::diff_beside(mounted, left, &hidden)
    }
}

fn devices() -> Arc<Dir> {
    let file = || Node::File(Arc::new(File::new(Meta::root(0o666), Content::bytes(""))));
    let dir = |mode| Node::Dir(Arc::new(Dir::new(Meta::root(mode))));
    let link =
        |target: &str| Node::Symlink { target: Arc::from(target), meta: Meta::root(0o777), origin: None };
    let mut entries = Entries::new();
    for name in ["full", "null", "random", "tty", "urandom", "zero"] {
        entries.insert(Arc::from(name), file());
    }
    for (name, mode) in [("mqueue", 0o1777), ("pts", 0o755), ("shm", 0o1777)] {
        entries.insert(Arc::from(name), dir(mode));
    }
    for (name, target) in [
        ("fd", "/proc/self/fd"),
        ("ptmx", "pts/ptmx"),
        ("stderr", "/proc/self/fd/2"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
    ] {
        entries.insert(Arc::from(name), link(target));
    }
    Arc::new(Dir::with_entries(Meta::root(0o755), entries, None))
}
