//! File trees of base images.

use super::data::{Entry, System};
use super::stand_in::Release;
use crate::image::ImageDefinition;
use sha2::{Digest as _, Sha256};
use stagecraft_sandbox::tree::{Content, Dir, File, Meta, Node, Tree, Unlisted};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A tree under construction: plain maps, made shareable at the end.
#[derive(Default)]
struct Draft {
    entries: BTreeMap<Arc<str>, DraftNode>,
    meta: Option<Meta>,
    unlisted: Option<Arc<Unlisted>>,
}

/// A leaf, or else a directory.
#[derive(Default)]
struct DraftNode {
    leaf: Option<Node>,
    dir: Draft,
}

const ROOT: Meta = Meta { mode: 0o755, uid: 0, gid: 0 };

impl Draft {
    /// The directory at a path, made where it is missing.
    fn dir(&mut self, path: &str) -> &mut Draft {
        let mut here = self;
        for part in path.split('/').filter(|part| !part.is_empty()) {
            let slot = here.entries.entry(part.into()).or_default();
            slot.leaf = None;
            here = &mut slot.dir;
        }
        here
    }

    fn leaf(&mut self, path: &str, node: Node) {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        self.dir(parent).entries.entry(name.into()).or_default().leaf = Some(node);
    }

    fn size(&self) -> u64 {
        let listed: u64 = self
            .entries
            .values()
            .map(|node| node.leaf.as_ref().map_or_else(|| node.dir.size(), leaf_size))
            .sum();
        listed + self.unlisted.as_ref().map_or(0, |unlisted| unlisted.bytes)
    }

    fn finish(self) -> Arc<Dir> {
        let entries = self
            .entries
            .into_iter()
            .map(|(name, node)| (name, node.leaf.unwrap_or_else(|| Node::Dir(node.dir.finish()))));
        let mut dir = Dir::with_entries(self.meta.unwrap_or(ROOT), entries.collect(), None);
        dir.unlisted = self.unlisted;
        Arc::new(dir)
    }
}

fn file(content: Content, meta: Meta) -> Node {
    Node::File(Arc::new(File::new(meta, content)))
}

fn text(text: &str, mode: u32) -> Node {
    file(Content::Bytes(text.as_bytes().into()), Meta { mode, ..ROOT })
}

/// A file of which only the size is known; its digest stands for image, path and size.
fn sized(image: &str, path: &str, size: u64, meta: Meta) -> Node {
    let digest = Sha256::digest(format!("{image}\0{path}\0{size}")).into();
    file(Content::Modelled { size, digest, source: image.into() }, meta)
}

fn link(target: &str) -> Node {
    Node::Symlink { target: target.into(), meta: Meta { mode: 0o777, ..ROOT }, origin: None }
}

fn octal(mode: &str) -> u32 {
    u32::from_str_radix(mode, 8).unwrap_or(0o755) & 0o7777
}

/// The tree of a catalogue image, `known` being its name there.
pub(super) fn listed(system: &System, entry: &Entry, known: &str, release: &Release) -> Tree {
    let mut draft = Draft::default();
    for (path, mode) in system.dirs.iter().chain(&entry.dirs) {
        draft.dir(path).meta = Some(Meta { mode: octal(mode), ..ROOT });
    }
    for (folder, programs) in system.executables.iter().chain(&entry.executables) {
        for program in programs.split_whitespace() {
            let path = |name: &str| format!("{}/{name}", folder.trim_end_matches('/'));
            if let Some((name, target)) = program.split_once('>') {
                draft.leaf(&path(name), link(target));
            } else if let Some((name, size)) = program.rsplit_once(':') {
                let size = size.parse().unwrap_or(0);
                draft.leaf(&path(name), sized(known, &path(name), size, ROOT));
            }
        }
    }
    let says_release = |path: &str| system.release.iter().any(|of| of == path);
    let is_unknown = entry.date < system.since || *release == Release::Unknown;
    let other_release = |path: &str| is_unknown && says_release(path);
    let of_system = system.sized.iter().filter(|(path, _)| !other_release(path));
    for (path, size) in of_system.chain(&entry.sized) {
        let mode = if path == "/etc/shadow" { 0o640 } else { 0o644 };
        draft.leaf(path, sized(known, path, *size, Meta { mode, ..ROOT }));
    }
    let of_system = system.files.iter().filter(|(path, _)| !other_release(path));
    for (path, content) in of_system.chain(&entry.files) {
        let told = says_release(path).then(|| release.told(content));
        draft.leaf(path, text(told.as_ref().unwrap_or(content), 0o644));
    }
    for (path, target) in &system.links {
        draft.leaf(path, link(target));
    }
    add_users(&mut draft, system, entry);
    let source: Arc<str> = known.into();
    for path in system.unlisted.iter().chain(&entry.unlisted) {
        draft.dir(path).unlisted = Some(Arc::new(Unlisted { bytes: 0, source: source.clone() }));
    }
    for (path, bytes) in &entry.bulk {
        draft.dir(path).unlisted = Some(Arc::new(Unlisted { bytes: *bytes, source: source.clone() }));
    }
    let rest = entry.size.saturating_sub(draft.size());
    draft.dir(&system.bulk).unlisted = Some(Arc::new(Unlisted { bytes: rest, source }));
    Tree { root: draft.finish() }
}

fn add_users(draft: &mut Draft, system: &System, entry: &Entry) {
    if entry.users.is_empty() {
        return;
    }
    let base = |path: &str| system.files.get(path).cloned().unwrap_or_default();
    let (mut passwd, mut group) = (base("/etc/passwd"), base("/etc/group"));
    for user in &entry.users {
        let mut fields = user.split(':');
        let mut next = || fields.next().unwrap_or_default().to_owned();
        let (name, uid, gid, home, shell) = (next(), next(), next(), next(), next());
        passwd.push_str(&format!("{name}:x:{uid}:{gid}::{home}:{shell}\n"));
        group.push_str(&format!("{name}:x:{gid}:\n"));
        if home.starts_with("/home/") {
            let owner = |id: &str| id.parse().unwrap_or(0);
            draft.dir(&home).meta = Some(Meta { mode: 0o755, uid: owner(&uid), gid: owner(&gid) });
        }
    }
    draft.leaf("/etc/passwd", text(&passwd, 0o644));
    draft.leaf("/etc/group", text(&group, 0o644));
}

/// The tree of an image that a person defined: nothing in it is unlisted.
pub(super) fn defined(image: &ImageDefinition) -> Tree {
    let mut draft = Draft::default();
    for entry in &image.files {
        let meta = Meta { mode: octal(&entry.mode), uid: entry.uid, gid: entry.gid };
        match entry.kind.as_str() {
            "dir" => draft.dir(&entry.path).meta = Some(meta),
            "symlink" => {
                let node = Node::Symlink { target: entry.target.as_str().into(), meta, origin: None };
                draft.leaf(&entry.path, node);
            }
            _ => {
                let node = match &entry.content {
                    Some(content) => file(Content::Bytes(content.as_bytes().into()), meta),
                    None if entry.size == 0 => file(Content::Bytes(Arc::from([])), meta),
                    None => sized(&image.reference, &entry.path, entry.size, meta),
                };
                draft.leaf(&entry.path, node);
            }
        }
    }
    Tree { root: draft.finish() }
}

/// The tree of an image of which nothing is known.
pub(super) fn unknown(reference: &str, windows: bool) -> Tree {
    let source =
        if windows { [stagecraft_sandbox::WINDOWS, reference].concat().into() } else { reference.into() };
    let draft = Draft { unlisted: Some(Arc::new(Unlisted { bytes: 0, source })), ..Draft::default() };
    Tree { root: draft.finish() }
}

/// Bytes of a leaf.
fn leaf_size(node: &Node) -> u64 {
    node.as_file().map_or(0, |file| file.content.size())
}
