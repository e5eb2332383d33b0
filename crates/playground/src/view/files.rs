//! The file system after a step: a window of the tree's visible rows.

use super::lineage::Lineage;
use super::scene::{Scene, change, stage_title};
use crate::color::Color;
use crate::text::Text;
use crate::words::Known;
use serde::{Deserialize, Serialize};
use stagecraft_core::simulation::{Build, Builder, Certainty, EntryKind, StageId, Step, StepId, StepKind};
use stagecraft_sandbox::tree::{Dir, Node};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Which rows are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FilesQuery {
    /// Directories that the person opened (absolute paths). Directories with changes in them are open unless
    /// they are in `closed`.
    pub open: BTreeSet<String>,
    /// Directories that the person closed.
    pub closed: BTreeSet<String>,
    /// Only what the step added, changed or deleted, and the directories above.
    pub only_changes: bool,
    /// First row of the window.
    pub first: u32,
    /// How many rows, at most 300.
    pub count: u32,
}

/// A window of rows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FilesView {
    /// `after step 6, stage build`.
    pub heading: Text,
    /// What the step did, in words: `+ 1 file · 8.4 MB`.
    pub change: Text,
    /// How many rows there are in all.
    pub total: u32,
    /// Index of the first row here.
    pub first: u32,
    /// The rows.
    pub rows: Vec<FileRow>,
    /// A command without a model took part: what stands here may be missing something.
    pub unknown: bool,
}

/// What the step did to an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Mark {
    /// Nothing.
    #[default]
    None,
    /// `+`
    Added,
    /// `~`
    Changed,
    /// `-`: it is gone after the step.
    Deleted,
    /// Something below it changed.
    Below,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RowKind {
    /// A directory, open or not.
    Directory {
        /// Whether its entries are shown.
        open: bool,
    },
    /// A file.
    File,
    /// A symbolic link.
    Symlink,
    /// Stands for what a base image has here and no one listed.
    Unlisted,
}

/// A visible row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRow {
    /// Absolute path.
    pub path: Text,
    /// What to show: the last part, a link with its target.
    pub name: Text,
    /// 0 for `/`.
    pub depth: u32,
    /// What it is.
    pub kind: RowKind,
    /// What the step did to it.
    pub mark: Mark,
    /// Bytes, of a directory those below.
    pub size: u64,
    /// In words; `?` where unknown.
    pub size_text: Text,
    /// Of the stage that wrote it.
    pub color: Color,
    /// `build · line 11`, `modelled: go build`, `context · line 10`, `golang:1.22-alpine`.
    pub origin: Text,
    /// Line of the instruction that wrote it, from 1; 0 where there is none.
    pub line: u32,
    /// `-rwxr-xr-x 0:0`.
    pub mode: Text,
}

/// The most rows of a window.
pub(crate) const MOST_ROWS: u32 = 300;
/// The most rows that are laid out at all: opening more directories than that shows the first ones.
const MOST_LAID_OUT: usize = 200_000;

/// One visible entry, before it is put in words.
struct Visible<'a> {
    path: String,
    depth: u32,
    node: &'a Node,
    mark: Mark,
    kind: RowKind,
}

/// What stays the same while rows are collected.
struct Walker<'a, 'q> {
    query: &'q FilesQuery,
    step: &'a Step,
    rows: Vec<Visible<'a>>,
}

/// The window of the tree after a step.
pub(crate) fn build(
    scene: Scene<'_>,
    builder: Builder,
    id: StepId,
    query: &FilesQuery,
    sizes: &mut Sizes,
) -> FilesView {
    let build = scene.builds.of(builder);
    let Some(step) = build.steps.get(id.0 as usize) else {
        return FilesView::default();
    };
    let root = Node::Dir(Arc::clone(&step.after.root));
    let old = Node::Dir(Arc::clone(&step.before.root));
    let mut walker = Walker { query, step, rows: Vec::new() };
    // A step without a layer changes nothing, whatever it starts from.
    walker.visit("/", 0, &root, step.layer.as_ref().map(|_| &old), false);
    let total = walker.rows.len() as u32;
    let count = query.count.min(MOST_ROWS) as usize;
    let lineage = Lineage::of(build, id);
    let window = walker.rows.iter().skip(query.first as usize).take(count);
    let rows = window.map(|row| shown(scene, &lineage, row, sizes)).collect();
    let stage = step.stage.map(|s| format!(", {}", stage_words(build, s))).unwrap_or_default();
    let nth = ordinal(build, id);
    FilesView {
        heading: format!("after step {nth}{stage}").into(),
        change: step.layer.as_ref().and_then(|layer| change(layer)).unwrap_or_default().into(),
        total,
        first: query.first,
        rows,
        unknown: step.certainty == Certainty::Unknown,
    }
}

fn stage_words(build: &Build, stage: StageId) -> String {
    let title = stage_title(build, stage);
    if title.starts_with("stage ") { title } else { format!("stage {title}") }
}

/// The number of a step among those that readers count.
fn ordinal(build: &Build, id: StepId) -> usize {
    build
        .steps
        .iter()
        .take(id.0 as usize + 1)
        .filter(|s| s.stage.is_some() || s.kind == StepKind::Instruction)
        .count()
}

/// A directory below a node, or none.
fn child<'a>(node: Option<&'a Node>, name: &str) -> Option<&'a Node> {
    node.and_then(Node::as_dir).and_then(|dir| dir.get(name))
}

/// Whether two entries show the same content, mode and owner, all below included.
fn alike(a: &Node, b: &Node) -> bool {
    a.same(b) || (a.is_dir() == b.is_dir() && a.digest() == b.digest())
}

impl<'a> Walker<'a, '_> {
    /// Whether the step's layer says that it wrote this path.
    fn written(&self, path: &str) -> bool {
        self.step.layer.as_ref().is_some_and(|layer| {
            let at = layer.entries.binary_search_by(|entry| (*entry.path).cmp(path));
            at.ok()
                .and_then(|i| layer.entries.get(i))
                .is_some_and(|e| matches!(e.kind, EntryKind::Node(Node::File(_)) | EntryKind::Hardlink(_)))
        })
    }

    fn mark(&self, path: &str, node: &Node, old: Option<&Node>, compared: bool) -> Mark {
        match old {
            None if compared => Mark::Added,
            None => Mark::None,
            Some(old) => match (node, old) {
                (Node::Dir(new), Node::Dir(before)) if new.meta != before.meta => Mark::Changed,
                (Node::Dir(_), Node::Dir(_)) if alike(node, old) => Mark::None,
                (Node::Dir(_), Node::Dir(_)) => Mark::Below,
                _ if !alike(node, old) || self.written(path) => Mark::Changed,
                _ => Mark::None,
            },
        }
    }

    /// Adds the row of an entry and those below it. `old` is what stood there before the step; `inside` says
    /// that the directory above is new.
    fn visit(&mut self, path: &str, depth: u32, node: &'a Node, old: Option<&'a Node>, inside: bool) {
        if self.rows.len() >= MOST_LAID_OUT {
            return;
        }
        let compared = inside || old.is_some() || (depth > 0 && self.step.layer.is_some());
        let mark =
            if depth == 0 && old.is_none() { Mark::None } else { self.mark(path, node, old, compared) };
        if self.query.only_changes && mark == Mark::None && depth > 0 {
            return;
        }
        let Node::Dir(dir) = node else {
            let kind = if node.is_symlink() { RowKind::Symlink } else { RowKind::File };
            self.rows.push(Visible { path: path.to_owned(), depth, node, mark, kind });
            return;
        };
        let touched =
            mark == Mark::Below || (mark == Mark::Changed && old.is_some_and(|old| !alike(node, old)));
        let wide = dir.entries().len() > 40;
        let open = !self.query.closed.contains(path)
            && (depth == 0
                || touched
                || (mark == Mark::Added && depth < 4 && !wide)
                || self.query.open.contains(path));
        self.rows.push(Visible {
            path: path.to_owned(),
            depth,
            node,
            mark,
            kind: RowKind::Directory { open },
        });
        if !open {
            return;
        }
        let base = path.trim_end_matches('/');
        let gone = old.and_then(Node::as_dir).map(|before| {
            before.entries().iter().filter(|(name, _)| dir.get(name).is_none()).collect::<Vec<_>>()
        });
        let mut gone = gone.unwrap_or_default().into_iter().peekable();
        for (name, below) in dir.entries() {
            while let Some((old_name, old_node)) = gone.next_if(|(old_name, _)| *old_name < name) {
                self.deleted(&format!("{base}/{old_name}"), depth + 1, old_node);
            }
            self.visit(&format!("{base}/{name}"), depth + 1, below, child(old, name), mark == Mark::Added);
        }
        for (old_name, old_node) in gone {
            self.deleted(&format!("{base}/{old_name}"), depth + 1, old_node);
        }
        if dir.unlisted.is_some() && !self.query.only_changes {
            self.rows.push(Visible {
                path: format!("{base}/…"),
                depth: depth + 1,
                node,
                mark: Mark::None,
                kind: RowKind::Unlisted,
            });
        }
    }

    fn deleted(&mut self, path: &str, depth: u32, node: &'a Node) {
        let kind = match node {
            Node::Dir(_) => RowKind::Directory { open: false },
            Node::File(_) => RowKind::File,
            Node::Symlink { .. } => RowKind::Symlink,
        };
        self.rows.push(Visible { path: path.to_owned(), depth, node, mark: Mark::Deleted, kind });
    }
}

fn shown(scene: Scene<'_>, lineage: &Lineage<'_>, row: &Visible<'_>, sizes: &mut Sizes) -> FileRow {
    let name = row.path.rsplit('/').next().filter(|n| !n.is_empty()).unwrap_or("/");
    let (size, known) = match (row.node, row.kind) {
        (Node::Dir(dir), RowKind::Unlisted) => (dir.unlisted.as_ref().map_or(0, |u| u.bytes), Known::About),
        (Node::Dir(dir), _) => sizes.of(dir),
        (Node::File(file), _) => (file.content.size(), Known::content(&file.content)),
        (Node::Symlink { .. }, _) => (0, Known::Exactly),
    };
    let origin = lineage.origin(scene, &row.path, row.node, row.mark == Mark::Deleted);
    let (name, text) = match (row.node, row.kind) {
        (Node::Dir(dir), RowKind::Unlisted) => {
            let whose = dir.unlisted.as_ref().map_or("", |u| &u.source);
            ("…".to_owned(), format!("more files of {whose}"))
        }
        (Node::Dir(_), _) if row.depth > 0 => (format!("{name}/"), origin.text),
        (Node::Symlink { target, .. }, _) => (format!("{name} → {target}"), origin.text),
        _ => (name.to_owned(), origin.text),
    };
    FileRow {
        path: row.path.as_str().into(),
        name: name.into(),
        depth: row.depth,
        kind: row.kind,
        mark: row.mark,
        size,
        size_text: if row.node.is_symlink() { "".into() } else { known.size(size).into() },
        color: origin.color,
        origin: text.into(),
        line: origin.line,
        mode: mode(row.node).into(),
    }
}

/// `-rwxr-xr-x 0:0`, as `ls -ln` shows it.
pub(crate) fn mode(node: &Node) -> String {
    let meta = node.meta();
    let mut text = String::with_capacity(16);
    text.push(match node {
        Node::Dir(_) => 'd',
        Node::File(_) => '-',
        Node::Symlink { .. } => 'l',
    });
    for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits = meta.mode >> shift;
        text.push(if bits & 4 == 0 { '-' } else { 'r' });
        text.push(if bits & 2 == 0 { '-' } else { 'w' });
        text.push(match (bits & 1 != 0, meta.mode & special != 0) {
            (true, false) => 'x',
            (false, false) => '-',
            (true, true) => letter,
            (false, true) => letter.to_ascii_uppercase(),
        });
    }
    format!("{text} {}:{}", meta.uid, meta.gid)
}

/// Sizes of directories, kept while a simulation stands: the same directory is part of many trees.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sizes {
    known: BTreeMap<usize, (Arc<Dir>, u64, Known)>,
}

impl Sizes {
    /// Bytes of all files below, hard links counted once per name, and how far they are known.
    pub(crate) fn of(&mut self, dir: &Arc<Dir>) -> (u64, Known) {
        let key = Arc::as_ptr(dir) as usize;
        if let Some((_, size, known)) = self.known.get(&key) {
            return (*size, *known);
        }
        let unlisted = dir.unlisted.as_ref().map_or(0, |u| u.bytes);
        let (mut total, mut all) = (unlisted, if unlisted > 0 { Known::About } else { Known::Exactly });
        for node in dir.entries().values() {
            let (size, known) = match node {
                Node::File(file) => (file.content.size(), Known::content(&file.content)),
                Node::Dir(below) => self.of(below),
                Node::Symlink { .. } => continue,
            };
            (total, all) = (total + size, all.max(known));
        }
        self.known.insert(key, (Arc::clone(dir), total, all));
        (total, all)
    }
}
