//! The graph as Mermaid.

use crate::view::{EdgeKind, GraphView, NodeKind};
use std::fmt::Write;

/// Text inside of double quotes.
fn quoted(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A flowchart from left to right.
pub(super) fn mermaid(graph: &GraphView) -> String {
    let mut out = "flowchart LR\n".to_owned();
    for (i, node) in graph.nodes.iter().enumerate() {
        let label = match node.subtitle.as_ref() {
            "" => quoted(&node.title),
            subtitle => format!("{}<br/>{}", quoted(&node.title), quoted(subtitle)),
        };
        let _ = match node.kind {
            NodeKind::Stage(_) => writeln!(out, "    n{i}[\"{label}\"]"),
            _ => writeln!(out, "    n{i}([\"{label}\"])"),
        };
    }
    for edge in &graph.edges {
        let arrow = if edge.dotted || edge.kind == EdgeKind::Mount { "-.->" } else { "-->" };
        let _ = match edge.label.as_ref() {
            "" => writeln!(out, "    n{} {arrow} n{}", edge.from, edge.to),
            label => writeln!(out, "    n{} {arrow}|\"{}\"| n{}", edge.from, quoted(label), edge.to),
        };
    }
    let dim: Vec<String> =
        graph.nodes.iter().enumerate().filter(|(_, n)| n.dim).map(|(i, _)| format!("n{i}")).collect();
    if !dim.is_empty() {
        out.push_str("    classDef skipped opacity:0.45\n");
        let _ = writeln!(out, "    class {} skipped", dim.join(","));
    }
    out
}
