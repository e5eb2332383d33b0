//! The graph as Graphviz DOT.

use crate::view::{EdgeKind, GraphView, NodeKind};
use std::fmt::Write;

fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// A digraph from left to right.
pub(super) fn dot(graph: &GraphView) -> String {
    let mut out = "digraph stages {\n    rankdir=LR;\n    node [fontname=\"sans-serif\"];\n".to_owned();
    for node in &graph.nodes {
        let shape = match node.kind {
            NodeKind::Stage(_) => "shape=box, style=\"rounded",
            _ => "shape=box, style=\"rounded,dashed",
        };
        let label = match node.subtitle.as_ref() {
            "" => quoted(&node.title),
            subtitle => format!("{}\\n{}", quoted(&node.title), quoted(subtitle)),
        };
        let color = if node.dim { ", color=gray, fontcolor=gray" } else { "" };
        let _ = writeln!(out, "    \"{}\" [label=\"{label}\", {shape}\"{color}];", quoted(&node.id));
    }
    let id = |i: u32| graph.nodes.get(i as usize).map_or_else(String::new, |n| quoted(&n.id));
    for edge in &graph.edges {
        let style = if edge.dotted || edge.kind == EdgeKind::Mount { "dotted" } else { "solid" };
        let width = format!("{}.{}", edge.width / 10, edge.width % 10);
        let _ = writeln!(
            out,
            "    \"{}\" -> \"{}\" [label=\"{}\", style={style}, penwidth={width}];",
            id(edge.from),
            id(edge.to),
            quoted(&edge.label)
        );
    }
    out.push_str("}\n");
    out
}
