//! Layers with sizes, and bytes that later layers hide or repeat.

use super::lines::familiar;
use super::scene::{color, title};
use super::summary;
use crate::color::Color;
use crate::source::Source;
use crate::text::{Goto, Phrase, Text};
use crate::words;
use serde::{Deserialize, Serialize};
use stagecraft_core::catalogue::Catalogue;
use stagecraft_core::simulation::{Build, EntryKind, Image, Layer, StepId};
use stagecraft_sandbox::tree::{Node, Tree};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

/// The layers of one builder's image.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LayersView {
    /// From the bottom up; the base image first, where there is one: its layers if it was read from an archive.
    pub rows: Vec<LayerRow>,
    /// Bytes of all of them.
    pub total: u64,
    /// `16.4 MB in 3 layers, 0.3 MB of it wasted`; why there is none if the build failed.
    pub sentence: Phrase,
    /// What later layers hide or repeat, the biggest first, at most 50.
    pub wasted: Vec<Wasted>,
    /// Bytes of all that is wasted.
    pub wasted_total: u64,
}

/// One layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerRow {
    /// Index to ask for its entries; `None` for the base image's.
    pub index: Option<u32>,
    /// The step that made it.
    pub step: Option<StepId>,
    /// Line of the instruction from 1; 0 where there is none.
    pub line: u32,
    /// The instruction, or the base's reference.
    pub title: Text,
    /// As in the history.
    pub created_by: Text,
    /// Of the stage.
    pub color: Color,
    /// Bytes.
    pub size: u64,
    /// In words.
    pub size_text: Text,
    /// Share of the whole image, in thousandths.
    pub share: u32,
    /// Bytes of it that later layers hide or repeat.
    pub wasted: u64,
    /// How many entries it has.
    pub n_entries: u32,
}

/// A file that weighs without being seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wasted {
    /// Absolute.
    pub path: Text,
    /// Bytes.
    pub size: u64,
    /// In words.
    pub size_text: Text,
    /// Index of the row that holds it.
    pub row: u32,
    /// `deleted by line 8`, `written again by line 9`.
    pub reason: Phrase,
}

/// The most wasted files that are listed.
const MOST_WASTED: usize = 50;

/// Makes the slice.
pub(crate) fn build(build: &Build, source: &Source, catalogue: &Catalogue) -> LayersView {
    let Some(image) = &build.image else {
        return LayersView {
            sentence: Phrase::new().plain("The build failed: there is no image."),
            ..LayersView::default()
        };
    };
    let total = summary::size(image);
    let share = |size: u64| (u128::from(size) * 1000 / u128::from(total.max(1))) as u32;
    let stack = stack(image, catalogue);
    let mut rows = Vec::with_capacity(stack.len() + 1);
    let below = stack.len() - image.layers.len();
    for (i, layer) in stack.iter().take(below).enumerate() {
        rows.push(LayerRow {
            index: Some(i as u32),
            step: None,
            line: 0,
            title: layer.created_by.as_str().into(),
            created_by: layer.created_by.as_str().into(),
            color: Color::NEUTRAL,
            size: layer.size,
            size_text: words::layer_size(layer).into(),
            share: share(layer.size),
            wasted: 0,
            n_entries: layer.entries.len() as u32,
        });
    }
    if let Some(base) = image.base.as_ref().filter(|_| below == 0) {
        let name: Text = familiar(base).into();
        rows.push(LayerRow {
            index: None,
            step: None,
            line: 0,
            title: name.clone(),
            created_by: base.as_str().into(),
            color: Color::NEUTRAL,
            size: image.base_size,
            size_text: words::bytes(image.base_size).into(),
            share: share(image.base_size),
            wasted: 0,
            n_entries: 0,
        });
    }
    let first = rows.len() - below;
    for (i, (id, layer)) in image.layers.iter().enumerate() {
        let step = build.steps.get(id.0 as usize);
        let item = step.and_then(|step| source.of_step(build, step));
        rows.push(LayerRow {
            index: Some((below + i) as u32),
            step: step.map(|_| *id),
            line: item.map_or(0, |item| item.lines.0),
            title: step.map_or_else(|| layer.created_by.as_str().into(), |step| title(item, step)),
            created_by: layer.created_by.as_str().into(),
            color: step.map_or(Color::NEUTRAL, color),
            size: layer.size,
            size_text: words::layer_size(layer).into(),
            share: share(layer.size),
            wasted: 0,
            n_entries: layer.entries.len() as u32,
        });
    }
    let mut wasted = waste(image, &stack, first, &rows);
    for file in &wasted {
        if let Some(row) = rows.get_mut(file.row as usize) {
            row.wasted += file.size;
        }
    }
    let wasted_total = wasted.iter().map(|w| w.size).sum();
    wasted.sort_by(|a, b| b.size.cmp(&a.size).then_with(|| a.path.cmp(&b.path)));
    wasted.truncate(MOST_WASTED);
    let mut sentence = Phrase::new()
        .strong(&summary::size_text(build, image))
        .plain(" in ")
        .plain(&words::count(rows.len(), "layer"));
    if rows.is_empty() {
        sentence = Phrase::new().plain("The image is empty: it has no layer.");
    } else if wasted_total > 0 {
        sentence = sentence
            .plain(", ")
            .strong(&words::bytes(wasted_total))
            .plain(" of it hidden or repeated by later layers");
    }
    LayersView { rows, total, sentence, wasted, wasted_total }
}

/// All layers that can be looked into, bottom first: those of a base image that was read from an archive, and the
/// image's own.
pub(crate) fn stack<'i>(image: &'i Image, catalogue: &Catalogue) -> Vec<Cow<'i, Arc<Layer>>> {
    let base = image.base.as_deref().and_then(|base| catalogue.saved_layers(base)).unwrap_or_default();
    base.into_iter()
        .map(Cow::Owned)
        .chain(image.layers.iter().map(|(_, layer)| Cow::Borrowed(layer)))
        .collect()
}

/// Files of lower layers that an upper layer deletes or writes again.
fn waste(image: &Image, stack: &[Cow<'_, Arc<Layer>>], first: usize, rows: &[LayerRow]) -> Vec<Wasted> {
    // What is visible so far: the row that holds each file, and its size.
    let mut seen: BTreeMap<&str, (usize, u64)> = BTreeMap::new();
    let mut wasted = Vec::new();
    for (i, layer) in stack.iter().enumerate() {
        let row = first + i;
        let by = rows.get(row);
        let mut hide = |path: &str, (holder, size): (usize, u64), verb: &str| {
            let goto = by.filter(|r| r.line > 0).map(|r| Goto::Line(r.line));
            let place = by.map_or_else(String::new, |r| {
                if r.line > 0 { format!("line {}", r.line) } else { r.title.to_string() }
            });
            if size > 0 && holder != row {
                wasted.push(Wasted {
                    path: path.into(),
                    size,
                    size_text: words::bytes(size).into(),
                    row: holder as u32,
                    reason: Phrase::new().plain(verb).plain_to(&place, goto),
                });
            }
        };
        for entry in &layer.entries {
            match &entry.kind {
                EntryKind::Whiteout | EntryKind::Opaque => {
                    let below = format!("{}/", entry.path.trim_end_matches('/'));
                    let gone: Vec<&str> = seen
                        .range::<str, _>((Bound::Included(&*entry.path), Bound::Unbounded))
                        .map(|(path, _)| *path)
                        .take_while(|path| path.starts_with(&*entry.path))
                        .filter(|path| **path == *entry.path || path.starts_with(&below))
                        .collect();
                    for path in gone {
                        if let Some(file) = seen.remove(path) {
                            hide(path, file, "deleted by ");
                        }
                    }
                    if first > 0 {
                        let size = of_base(image, &entry.path);
                        hide(&entry.path, (0, size), "deleted by ");
                    }
                }
                EntryKind::Node(Node::File(file)) => {
                    if let Some(file) = seen.insert(&entry.path, (row, file.content.size())) {
                        hide(&entry.path, file, "written again by ");
                    } else if let Some(Node::File(old)) =
                        image.base_tree.get(&entry.path).filter(|_| first > 0)
                    {
                        hide(&entry.path, (0, old.content.size()), "written again by ");
                    }
                }
                EntryKind::Node(_) | EntryKind::Hardlink(_) => {}
            }
        }
    }
    wasted
}

/// Bytes of the base image at and below a path.
fn of_base(image: &Image, path: &str) -> u64 {
    match image.base_tree.get(path) {
        Some(Node::File(file)) => file.content.size(),
        Some(Node::Dir(dir)) => Tree { root: Arc::clone(dir) }.size(),
        Some(Node::Symlink { .. }) | None => 0,
    }
}
