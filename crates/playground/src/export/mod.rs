//! Drawings and data as text: SVG, Mermaid, DOT, JSON.

mod dot;
mod json;
mod mermaid;
mod svg;

use crate::engine::Format;
use crate::view::scene::Scene;
use crate::view::{graph, steps};

/// The graph (or, as JSON, all of it) as text.
pub(crate) fn export(scene: Scene<'_>, format: Format) -> String {
    let drawing = graph::build(scene);
    match format {
        Format::Svg => svg::svg(&drawing, false),
        Format::SvgDark => svg::svg(&drawing, true),
        Format::Mermaid => mermaid::mermaid(&drawing),
        Format::Dot => dot::dot(&drawing),
        Format::Json => json::json(scene, &drawing, &steps::build(scene)),
    }
}
