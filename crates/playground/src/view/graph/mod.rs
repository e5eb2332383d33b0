//! The graph of stages, laid out: all numbers are CSS pixels, the origin is the top left corner.

mod draw;

use super::PerBuilder;
use super::steps::Verdict;
use crate::color::Color;
use crate::text::{Phrase, Text};
use serde::{Deserialize, Serialize};
use stagecraft_core::simulation::{StageId, StepId};

pub(crate) use draw::build;

/// The whole drawing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GraphView {
    /// Width of the drawing.
    pub width: u32,
    /// Height of the drawing.
    pub height: u32,
    /// Cards and pills.
    pub nodes: Vec<Node>,
    /// What flows between them.
    pub edges: Vec<Edge>,
    /// The drawing told as text, a sentence per line.
    pub alternative: Vec<Text>,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum NodeKind {
    /// A stage: a card with its steps.
    Stage(StageId),
    /// A base image or an image that files are copied from: a dashed pill.
    Image,
    /// The build context, or a named one: a pill.
    Context,
    /// An address or repository: a dashed pill.
    Remote,
}

/// A card or a pill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Stable: `stage:0`, `image:alpine:3.19`, `context`.
    pub id: Text,
    /// What it is.
    pub kind: NodeKind,
    /// Left edge.
    pub x: i32,
    /// Top edge.
    pub y: i32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
    /// The stage's name, the image's reference, `build context`.
    pub title: Text,
    /// `cached`, `22 s`, `target · 16.4 MB`, `skipped`.
    pub subtitle: Text,
    /// Its color.
    pub color: Color,
    /// Draw it dimmed: the builder that is looked at first does not run it.
    pub dim: bool,
    /// Why it is skipped, or run in vain; at the bottom of the card.
    pub reason: Phrase,
    /// Whether it is what is built.
    pub is_target: bool,
    /// Line of its `FROM`, from 1; 0 for pills.
    pub line: u32,
    /// Its steps from top to bottom; none for pills.
    pub rows: Vec<CardRow>,
}

/// A step on a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardRow {
    /// The instruction, abridged in the middle if long.
    pub text: Text,
    /// The whole instruction.
    pub title: Text,
    /// What it added: `41 MB`, `–`; empty where it makes no layer.
    pub value: Text,
    /// Top edge, from the card's top edge.
    pub y: i32,
    /// Height.
    pub height: u32,
    /// Line of the instruction, from 1.
    pub line: u32,
    /// The builders' steps, where they have one.
    pub steps: PerBuilder<Option<StepId>>,
    /// What happened to it in the builder that is looked at first.
    pub verdict: Verdict,
}

/// How an edge came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum EdgeKind {
    /// `FROM`
    From,
    /// `COPY` or `ADD`.
    Copy,
    /// `RUN --mount=…`
    Mount,
}

/// A point of the drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Point {
    /// From the left.
    pub x: i32,
    /// From the top.
    pub y: i32,
}

/// Something that flows from one node to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edge {
    /// Stable: the ids of both ends and the line.
    pub id: Text,
    /// Index into [`GraphView::nodes`].
    pub from: u32,
    /// Index into [`GraphView::nodes`].
    pub to: u32,
    /// How it came about.
    pub kind: EdgeKind,
    /// `FROM`, or path and size: `/out/shop · 8.4 MB`.
    pub label: Text,
    /// Where the middle of the label stands.
    pub label_at: Point,
    /// The way it takes, as the `d` of an SVG path.
    pub path: Text,
    /// Width in tenths of a pixel: the more flows, the wider.
    pub width: u32,
    /// The color of where it comes from.
    pub color: Color,
    /// Draw it dimmed: it leads to what is skipped.
    pub dim: bool,
    /// Draw it dotted: nothing flows over it in the builder that is looked at first, or only while a step runs.
    pub dotted: bool,
    /// Line of the instruction that it leads to, from 1.
    pub line: u32,
    /// The steps that it leads to.
    pub steps: PerBuilder<Option<StepId>>,
}
