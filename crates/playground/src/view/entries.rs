//! The entries of a layer, as rows like those of the file tree.

use super::files::{FileRow, FilesView, MOST_ROWS, Mark, RowKind, mode};
use super::scene::{Scene, color};
use crate::color::Color;
use crate::words;
use stagecraft_core::simulation::{Builder, EntryKind, LayerEntry};
use stagecraft_sandbox::tree::Node;

/// A window of a layer's entries.
pub(crate) fn build(scene: Scene<'_>, builder: Builder, layer: u32, first: u32, count: u32) -> FilesView {
    let build = scene.builds.of(builder);
    let Some(image) = &build.image else { return FilesView::default() };
    let stack = super::layers::stack(image, scene.catalogue);
    let below = stack.len() - image.layers.len();
    let Some(of) = stack.get(layer as usize) else { return FilesView::default() };
    let own = (layer as usize).checked_sub(below).and_then(|at| image.layers.get(at));
    let (layer, step) = (&***of, own.and_then(|(id, _)| build.steps.get(id.0 as usize)));
    let line = step.and_then(|step| scene.source.of_step(build, step)).map_or(0, |item| item.lines.0);
    let color = step.map_or(Color::NEUTRAL, color);
    let count = count.min(MOST_ROWS) as usize;
    FilesView {
        heading: layer.created_by.as_str().into(),
        change: super::scene::change(layer).unwrap_or_default().into(),
        total: layer.entries.len() as u32,
        first,
        rows: layer.entries.iter().skip(first as usize).take(count).map(|e| row(e, color, line)).collect(),
        unknown: false,
    }
}

fn row(entry: &LayerEntry, color: Color, line: u32) -> FileRow {
    let path = &*entry.path;
    let size = match &entry.kind {
        EntryKind::Node(Node::File(file)) => file.content.size(),
        _ => 0,
    };
    let (name, kind, mark, origin) = match &entry.kind {
        EntryKind::Node(Node::Dir(_)) => {
            (format!("{path}/"), RowKind::Directory { open: false }, Mark::None, "")
        }
        EntryKind::Node(Node::File(_)) => (path.to_owned(), RowKind::File, Mark::Added, ""),
        EntryKind::Node(Node::Symlink { target, .. }) => {
            (format!("{path} → {target}"), RowKind::Symlink, Mark::Added, "")
        }
        EntryKind::Hardlink(target) => {
            (format!("{path} = {target}"), RowKind::File, Mark::Added, "hard link")
        }
        EntryKind::Whiteout => {
            (path.to_owned(), RowKind::File, Mark::Deleted, "whiteout: hides what lies below")
        }
        EntryKind::Opaque => {
            let told = "opaque: hides all that lies below in this directory";
            (format!("{path}/"), RowKind::Directory { open: false }, Mark::Deleted, told)
        }
    };
    FileRow {
        path: path.into(),
        name: name.into(),
        depth: 0,
        kind,
        mark,
        size,
        size_text: match &entry.kind {
            EntryKind::Node(Node::File(file)) => words::content_size(&file.content).into(),
            _ => "".into(),
        },
        color,
        origin: origin.into(),
        line,
        mode: match &entry.kind {
            EntryKind::Node(node) => mode(node),
            _ => String::new(),
        }
        .into(),
    }
}
