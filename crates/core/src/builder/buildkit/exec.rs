//! `RUN`: mounts are grafted into the root, the shell runs, and only the root is kept.

use super::snapshot::Snapshot;
use super::store::{Store, Unkeyed};
use crate::builder::cost;
use crate::plan::{Exec, Mount, MountKind, Network, Op};
use crate::simulation::{Certainty, OutputLine};
use stagecraft_dockerfile::go::quote;
use stagecraft_sandbox::shell::{self, Effect, MountPoint};
use stagecraft_sandbox::tree::{Content, Dir, File, Meta, Node, Tree, components, parent};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

/// What a command may use besides its operation.
pub(super) struct Surroundings<'a> {
    /// Trees of the inputs.
    pub inputs: &'a [Option<super::files::Input>],
    /// Secrets of the project.
    pub secrets: &'a BTreeMap<String, Vec<u8>>,
    /// Cache mounts as they are.
    pub store: &'a Store,
    /// Cache mounts that this build changed already.
    pub mounts: &'a BTreeMap<String, Tree>,
    /// What the cached run saw, if this is only the repetition of one.
    pub seen: Option<&'a Unkeyed>,
    /// What the person states.
    pub effects: &'a [Effect],
    /// The step.
    pub writer: u32,
}

/// What it left.
pub(super) struct Outcome {
    /// The root.
    pub tree: Tree,
    /// BuildKit's words, if it failed.
    pub error: Option<String>,
    /// What it printed.
    pub output: Vec<OutputLine>,
    /// How far it is known.
    pub certainty: Certainty,
    /// More may be there than is shown.
    pub incomplete: bool,
    /// Milliseconds.
    pub duration: u64,
    /// What it saw besides its key.
    pub unkeyed: Unkeyed,
    /// Cache mounts afterwards.
    pub mounts: BTreeMap<String, Tree>,
}

impl Outcome {
    fn failed(tree: Tree, error: String) -> Self {
        Self {
            tree,
            error: Some(error),
            output: Vec::new(),
            certainty: Certainty::Exact,
            incomplete: false,
            duration: cost::CONTAINER,
            unkeyed: Unkeyed::default(),
            mounts: BTreeMap::new(),
        }
    }
}

pub(super) fn run(op: &Op, exec: &Exec, around: &Surroundings<'_>) -> Outcome {
    let input = |mount: &Mount| mount.input.and_then(|at| around.inputs.get(at as usize)?.as_ref());
    let root = exec.mounts.iter().find(|mount| mount.dest == "/").and_then(input);
    let base = root.map_or_else(Tree::new, |input| input.tree.clone());
    let mut grafts = Grafts { tree: base.clone(), undo: Vec::new(), mounts: Vec::new() };
    let mut unkeyed = Unkeyed::default();
    let mut incomplete = root.is_some_and(|input| input.incomplete);
    let secret = |id: &str, unkeyed: &mut Unkeyed| {
        let seen = around.seen.map_or(around.secrets, |seen| &seen.secrets).get(id).cloned();
        if let Some(seen) = &seen {
            unkeyed.secrets.insert(id.to_owned(), seen.clone());
        }
        seen
    };
    let etc = |tree: &Tree| tree.root.get("etc").and_then(Node::as_dir).cloned();
    runtime_mounts(&mut grafts);
    let mut caches = Vec::new();
    for mount in exec.mounts.iter().filter(|mount| mount.dest != "/") {
        let below = input(mount).map(|input| {
            incomplete |= input.incomplete;
            selected(&input.tree, &mount.selector)
        });
        let node = match &mount.kind {
            MountKind::Bind => below.unwrap_or_else(|| Some(empty_dir(0o755))),
            MountKind::Tmpfs { .. } => Some(empty_dir(0o1777)),
            MountKind::Cache { id, .. } => {
                let stored = match around.seen {
                    Some(seen) => seen.mounts.get(id.as_str()).map(Snapshot::tree),
                    None => around
                        .mounts
                        .get(id.as_str())
                        .cloned()
                        .or_else(|| around.store.mounts.get(id.as_str()).map(Snapshot::tree)),
                };
                caches.push((id.to_string(), mount.dest.clone()));
                let fresh = || below.flatten().unwrap_or_else(|| empty_dir(0o755));
                let node = stored.map_or_else(fresh, |tree| Node::Dir(tree.root));
                if let Node::Dir(dir) = &node {
                    unkeyed.mounts.insert(id.to_string(), Snapshot::of(&Tree { root: Arc::clone(dir) }));
                }
                Some(node)
            }
            MountKind::Secret(point) => match secret(&point.id, &mut unkeyed) {
                Some(bytes) => {
                    let meta = Meta { mode: point.mode & 0o777, uid: point.uid, gid: point.gid };
                    Some(Node::File(Arc::new(File::new(meta, Content::bytes(bytes)))))
                }
                None if point.optional => continue,
                None => return Outcome::failed(base, format!("secret {}: not found", point.id)),
            },
            MountKind::Ssh(point) if point.optional => continue,
            MountKind::Ssh(point) => {
                return Outcome::failed(
                    base,
                    format!("no SSH key {} forwarded from the client", quote(&point.id)),
                );
            }
        };
        match node {
            Some(node) => grafts.put(&mount.dest, node, is_read_only(mount)),
            None => incomplete = true,
        }
    }
    let mut env: Vec<(String, String)> =
        exec.env.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    env.extend(exec.proxy.iter().map(|(name, value)| (name.to_string(), value.to_string())));
    if !env.iter().any(|(name, _)| name == "PATH") {
        let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        env.push(("PATH".to_owned(), path.to_owned()));
    }
    for point in &exec.secret_env {
        match secret(&point.id, &mut unkeyed) {
            Some(bytes) => env.push((point.name.clone(), String::from_utf8_lossy(&bytes).into_owned())),
            None if point.optional => {}
            None => return Outcome::failed(base, format!("secret {}: not found", point.id)),
        }
    }
    let args: Vec<String> = exec.args.iter().map(ToString::to_string).collect();
    let prefix = format!("process {} did not complete successfully: ", quote(&args.join(" ")));
    // Where not all is known, the shell says what it takes the user for.
    if !incomplete && let Err(reason) = check_user(&exec.user, &base) {
        return Outcome::failed(base, prefix + &reason);
    }
    let arch = op.platform.as_ref().map_or("amd64", |platform| &*platform.architecture);
    let request = shell::Exec {
        env: &env,
        cwd: &exec.cwd,
        mounts: &grafts.mounts,
        user: &exec.user,
        writer: around.writer,
        network: exec.network != Network::None,
        arch,
        incomplete,
        effects: around.effects,
        ..shell::Exec::new(&args, grafts.tree.clone())
    };
    let done = shell::run(request);
    let error = crate::builder::failed(&done).map(|code| format!("{prefix}exit code: {code}"));
    let unsure = error.is_none() && !done.exit.success();
    let untouched = match (etc(&grafts.tree), etc(&done.tree), etc(&base)) {
        (Some(before), Some(after), Some(below)) if Arc::ptr_eq(&before, &after) => Some(below),
        _ => None,
    };
    let mut after = Grafts { tree: done.tree, ..grafts };
    let mut mounts = BTreeMap::new();
    for (id, dest) in caches {
        if let Ok(dir) = after.tree.read_dir(&dest) {
            mounts.insert(id, Tree { root: dir });
        }
    }
    after.restore();
    if let Some(etc) = untouched {
        // The very one, so that nobody needs to compare.
        let _ = after.tree.put("/etc", Node::Dir(etc));
    }
    let certainty = match done.certainty {
        _ if unsure => Certainty::Unknown,
        shell::Certainty::Exact => Certainty::Exact,
        shell::Certainty::Modelled => Certainty::Modelled,
        shell::Certainty::Unknown => Certainty::Unknown,
    };
    let line =
        |line: shell::Line| OutputLine { text: line.text, stderr: line.stderr, modelled: line.modelled };
    Outcome {
        tree: after.tree,
        error,
        output: done.output.into_iter().map(line).collect(),
        certainty,
        incomplete: done.incomplete || unsure,
        duration: cost::CONTAINER + done.duration,
        unkeyed,
        mounts,
    }
}

/// Whether the runtime finds the user; in its words.
fn check_user(user: &str, tree: &Tree) -> Result<(), String> {
    let (name, group) = user.split_once(':').map_or((user, None), |(name, group)| (name, Some(group)));
    let range = "uids and gids must be in range 0-2147483647";
    let number = |text: &str| text.parse::<i64>().ok();
    let fits = |n: i64| (0..=i64::from(i32::MAX)).contains(&n);
    // Both given, neither is looked up, and `root` is a number too.
    let plain = |text: &str| text == "root" || text.parse::<u32>().is_ok();
    if plain(name) && group.is_some_and(plain) {
        return Ok(());
    }
    if !name.is_empty() && crate::builder::user::user(tree, name).is_none() {
        match number(name) {
            Some(n) if !fits(n) => return Err(range.to_owned()),
            Some(_) => {}
            None => return Err(format!("unable to find user {name}: no matching entries in passwd file")),
        }
    }
    if let Some(group) = group.filter(|group| !group.is_empty())
        && crate::builder::user::group(tree, group).is_none()
    {
        match number(group) {
            Some(n) if !fits(n) => return Err(range.to_owned()),
            Some(_) => {}
            None => return Err(format!("unable to find group {group}: no matching entries in group file")),
        }
    }
    Ok(())
}

fn empty_dir(mode: u32) -> Node {
    Node::Dir(Arc::new(Dir::new(Meta::root(mode))))
}

/// What a mount takes of its input; `None` if it may be there but is not listed.
fn selected(tree: &Tree, selector: &str) -> Option<Node> {
    if components(selector).next().is_none() {
        return Some(Node::Dir(Arc::clone(&tree.root)));
    }
    tree.stat(selector).ok()
}

/// Secrets too are mounted to be read.
fn is_read_only(mount: &Mount) -> bool {
    mount.readonly || matches!(mount.kind, MountKind::Secret(_))
}

/// What `/etc/hosts` says in every container (`executor/oci/hosts.go`).
const HOSTS: &str = "127.0.0.1\tlocalhost buildkitsandbox\n::1\tlocalhost ip6-localhost ip6-loopback\n";

/// What the runtime mounts into every container. Where the image lacks one of its directories, an empty one stays
/// behind; not so for the files, which nobody can change (`executor/oci/spec_linux.go`).
fn runtime_mounts(grafts: &mut Grafts) {
    static FILES: LazyLock<[(&str, Node); 2]> = LazyLock::new(|| {
        // The host's own name servers.
        let resolver = Content::Unknown { digest: Content::bytes("/etc/resolv.conf").digest() };
        [("/etc/hosts", Content::bytes(HOSTS)), ("/etc/resolv.conf", resolver)]
            .map(|(path, content)| (path, Node::File(Arc::new(File::new(Meta::root(0o644), content)))))
    });
    for path in ["/proc", "/sys", "/dev"] {
        if grafts.tree.get(path).is_none() && grafts.tree.root.unlisted.is_none() {
            // A name in the root cannot be refused.
            let _ = grafts.tree.put(path, empty_dir(0o755));
        }
        grafts.mounts.push(MountPoint::writable(path));
    }
    for (path, node) in &*FILES {
        grafts.put(path, node.clone(), true);
    }
}

/// How a graft is taken out.
enum Undo {
    /// This was there.
    Back(Node),
    /// Nothing was there.
    Unmount,
    /// A directory that was made to hold a mount; it stays if something else is in it.
    Made,
}

/// Mounts in a tree, and how to take them out again.
struct Grafts {
    tree: Tree,
    undo: Vec<(String, Undo)>,
    mounts: Vec<MountPoint>,
}

impl Grafts {
    /// Puts a mount in; its directories are made where they are missing and go with it.
    fn put(&mut self, dest: &str, node: Node, read_only: bool) {
        let dest = stagecraft_sandbox::copy::rooted(&self.tree, dest).unwrap_or_else(|_| dest.to_owned());
        let mut above = Vec::new();
        let mut dir = parent(&dest);
        while dir != "/" && self.tree.get(dir).is_none() {
            above.push(dir.to_owned());
            dir = parent(dir);
        }
        for dir in above.into_iter().rev() {
            // The parent is there: it was found or has just been made.
            let _ = self.tree.put(&dir, empty_dir(0o755));
            self.undo.push((dir, Undo::Made));
        }
        let before = self.tree.get(&dest).cloned();
        if self.tree.put(&dest, node).is_ok() {
            self.mounts.push(MountPoint { path: dest.clone(), read_only });
            self.undo.push((dest, before.map_or(Undo::Unmount, Undo::Back)));
        }
    }

    /// Takes all mounts out.
    fn restore(&mut self) {
        for (path, undo) in std::mem::take(&mut self.undo).into_iter().rev() {
            let empty = self.tree.get(&path).and_then(Node::as_dir).is_some_and(|dir| dir.is_empty());
            match undo {
                Undo::Back(node) => drop(self.tree.put(&path, node)),
                Undo::Made if !empty => {}
                Undo::Made | Undo::Unmount => drop(self.tree.remove_all(&path)),
            }
        }
    }
}
