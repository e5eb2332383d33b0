//! Writing what `COPY` and `ADD` take, as the engine's archiver does: a tar stream of the source, unpacked at the
//! destination (moby `pkg/containerfs`, `pkg/archive`).

use super::scope;
use super::source::{Given, Info, Root, node_at};
use stagecraft_sandbox::tree::{Dir, Entries, File, Meta, Node, Origin, Siblings, Tree, base_name, parent};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Directories within directories; more is refused, so that hostile trees cannot exhaust the stack.
const MAX_DEPTH: u32 = 400;

/// What is written where.
pub(super) struct Job<'a> {
    pub(super) root: Root<'a>,
    /// Absolute; a slash at the end counts.
    pub(super) dest: &'a str,
    /// New owner of all that is written; `None` keeps owners (`COPY --from` without `--chown`).
    pub(super) owner: Option<(u32, u32)>,
    /// Local archives are unpacked (`ADD`).
    pub(super) unpack: bool,
    /// For origins.
    pub(super) writer: u32,
    /// Where the engine has the image's files; errors name it.
    pub(super) mount: &'a str,
}

/// Writes one source.
///
/// # Errors
/// In the engine's words, without `failed to copy files:`.
pub(super) fn write(tree: &mut Tree, info: &Info, job: &Job<'_>) -> Result<(), String> {
    let (source, node) = if let Some(Given { node, .. }) = &info.given {
        (format!("/{}", info.path), node.clone())
    } else {
        let path = scope::resolve(job.root.tree, &info.path, job.root.mount)?;
        let node = node_at(job.root.tree, &path).ok_or_else(|| {
            format!("source path not found: stat {}{path}: no such file or directory", job.root.mount)
        })?;
        (path, node)
    };
    let dest = scope::resolve(tree, job.dest, job.mount)?;
    let there = node_at(tree, &dest);
    match node {
        Node::Dir(dir) => write_directory(tree, &source, &dir, &dest, there.as_ref(), job)
            .map_err(|error| format!("failed to copy directory: {error}")),
        node => {
            if job.unpack
                && info.given.is_none()
                && let Node::File(file) = &node
                && super::unpack::write(tree, file, &dest, job)?
            {
                return Ok(());
            }
            let inside = job.dest.ends_with('/') || there.as_ref().is_some_and(Node::is_dir);
            let dest = if inside { below(&dest, base_name(&info.path)) } else { dest };
            write_file(tree, &source, &node, &dest, job)
        }
    }
}

fn below(dir: &str, name: &str) -> String {
    if dir == "/" { format!("/{name}") } else { format!("{dir}/{name}") }
}

/// Makes a directory and those above it; what is made gets `owner`.
pub(super) fn make_dirs(tree: &mut Tree, path: &str, owner: (u32, u32), job: &Job<'_>) -> Result<(), String> {
    let meta = Meta { mode: 0o755, uid: owner.0, gid: owner.1 };
    let made = tree.mkdir_all(path, meta, Some(&Origin::by(job.writer)));
    made.map_err(|error| format!("mkdir {}{}: {}", job.mount, error.path, error.kind))?;
    touch(tree, path);
    Ok(())
}

/// The engine makes and removes a directory of its own where it unpacks, so that the directory is in the layer
/// even if nothing else is.
fn touch(tree: &mut Tree, path: &str) {
    if let Some(Node::Dir(dir)) = tree.get(path) {
        let again = Dir::clone(dir);
        let _ = tree.put(path, Node::Dir(Arc::new(again)));
    }
}

fn write_file(tree: &mut Tree, source: &str, node: &Node, dest: &str, job: &Job<'_>) -> Result<(), String> {
    let made = make_dirs(tree, parent(dest), job.owner.unwrap_or((0, 0)), job);
    match job.owner {
        Some(_) => made.map_err(|error| format!("failed to create new directory: {error}"))?,
        None => made?,
    }
    let mut node = node.clone();
    if let Node::File(file) = &mut node {
        Arc::make_mut(file).hardlink = 0;
    }
    adopt(&mut node, source, job);
    if tree.get(dest).is_some() {
        let _ = tree.remove_all(dest);
    }
    tree.put(dest, node).map(drop).map_err(|error| format!("failed to copy file: {error}"))
}

/// Gives a copied node its owner and origin.
fn adopt(node: &mut Node, source: &str, job: &Job<'_>) {
    let origin = Origin::copied(job.writer, source, node.origin());
    own(node, origin, job);
}

/// Gives a copied node its owner, and this origin.
fn own(node: &mut Node, origin: Arc<Origin>, job: &Job<'_>) {
    node.set_origin(Some(origin));
    if let Some((uid, gid)) = job.owner {
        let mut meta = Meta { uid, gid, ..node.meta() };
        if matches!(node, Node::File(_)) {
            // The kernel takes these bits from a file whose owner is set.
            let group_executes = meta.mode & 0o010 != 0;
            meta.mode &= if group_executes { !0o6000 } else { !0o4000 };
        }
        node.set_meta(meta);
    }
}

fn write_directory(
    tree: &mut Tree,
    source: &str,
    dir: &Dir,
    dest: &str,
    there: Option<&Node>,
    job: &Job<'_>,
) -> Result<(), String> {
    if there.is_some_and(|node| !node.is_dir()) {
        return Err(format!("mkdir {}{dest}: not a directory", job.mount));
    }
    make_dirs(tree, dest, (0, 0), job)?;
    let mut merge = Merge { job, links: BTreeMap::new(), next_link: None };
    if merge_has_links(dir, 0) {
        merge.next_link = Some(tree.max_hardlink());
    }
    let Some(Node::Dir(target)) = node_at(tree, dest) else { return Ok(()) };
    let mut merged = merge.dir(source, dir, &target, 0)?;
    if there.is_none()
        && let Some((uid, gid)) = job.owner
    {
        merged.meta = Meta { uid, gid, ..merged.meta };
    }
    let _ = tree.put(dest, Node::Dir(Arc::new(merged)));
    Ok(())
}

fn merge_has_links(dir: &Dir, depth: u32) -> bool {
    depth < MAX_DEPTH
        && dir.entries().values().any(|node| match node {
            Node::File(file) => file.hardlink != 0,
            Node::Dir(dir) => merge_has_links(dir, depth + 1),
            Node::Symlink { .. } => false,
        })
}

struct Merge<'j, 'a> {
    job: &'j Job<'a>,
    /// Numbers of hard-linked files in the source, and the files that they became.
    links: BTreeMap<u64, Arc<File>>,
    next_link: Option<u64>,
}

impl Merge<'_, '_> {
    /// `target` with the entries of `dir`; its own mode and owner stay.
    fn dir(&mut self, source: &str, dir: &Dir, target: &Dir, depth: u32) -> Result<Dir, String> {
        if depth > MAX_DEPTH {
            return Err("file name too long".to_owned());
        }
        let mut result = target.clone();
        let mut entries = Vec::with_capacity(dir.entries().len());
        let mut origins = Siblings::new(self.job.writer, source);
        for (name, node) in dir.entries() {
            let written = match node {
                Node::Dir(dir) => {
                    let path = below(source, name);
                    let (old, kept) = match target.get(name) {
                        Some(Node::Dir(old)) => (Dir::clone(old), true),
                        _ => (Dir::new(dir.meta), false),
                    };
                    let mut merged = self.dir(&path, dir, &old, depth + 1)?;
                    let mut made =
                        Node::Dir(Arc::new(Dir::with_entries(dir.meta, Entries::new(), dir.origin.clone())));
                    adopt(&mut made, &path, self.job);
                    merged.meta = made.meta();
                    if !kept {
                        merged.origin = made.origin().cloned();
                        merged.unlisted.clone_from(&dir.unlisted);
                    }
                    Node::Dir(Arc::new(merged))
                }
                Node::File(file) => Node::File(self.file(&mut origins, file)),
                link @ Node::Symlink { .. } => {
                    let mut link = link.clone();
                    own(&mut link, origins.copied(node.origin()), self.job);
                    link
                }
            };
            entries.push((Arc::clone(name), written));
        }
        result.extend(entries);
        if dir.unlisted.is_some() {
            result.unlisted.clone_from(&dir.unlisted);
        }
        Ok(result)
    }

    fn file(&mut self, origins: &mut Siblings, file: &Arc<File>) -> Arc<File> {
        if let Some(first) = self.links.get(&file.hardlink) {
            return Arc::clone(first);
        }
        // A value of its own, since what is written again is in the layer.
        let mut node = Node::File(Arc::new(File::clone(file)));
        own(&mut node, origins.copied(file.origin.as_ref()), self.job);
        let Node::File(mut copy) = node else { return Arc::clone(file) };
        if file.hardlink == 0 {
            return copy;
        }
        if let Some(next) = &mut self.next_link {
            *next += 1;
            Arc::make_mut(&mut copy).hardlink = *next;
        }
        self.links.insert(file.hardlink, Arc::clone(&copy));
        copy
    }
}
