//! Stages, edges, steps and the timeline as JSON, for programs.

use crate::view::scene::Scene;
use crate::view::{EdgeKind, GraphView, NodeKind, StepsView};
use crate::words;
use serde_json::{Value, json};

/// One document.
pub(super) fn json(scene: Scene<'_>, graph: &GraphView, steps: &StepsView) -> String {
    let nodes: Vec<Value> = graph
        .nodes
        .iter()
        .map(|node| {
            let kind = match node.kind {
                NodeKind::Stage(_) => "stage",
                NodeKind::Image => "image",
                NodeKind::Context => "context",
                NodeKind::Remote => "remote",
            };
            json!({
                "id": &*node.id, "kind": kind, "name": &*node.title, "note": &*node.subtitle, "target": node.is_target,
                "skipped": node.dim, "reason": node.reason.to_string(), "line": node.line,
            })
        })
        .collect();
    let id = |i: u32| graph.nodes.get(i as usize).map_or("", |n| &*n.id);
    let edges: Vec<Value> = graph
        .edges
        .iter()
        .map(|edge| {
            let kind = match edge.kind {
                EdgeKind::From => "from",
                EdgeKind::Copy => "copy",
                EdgeKind::Mount => "mount",
            };
            json!({ "from": id(edge.from), "to": id(edge.to), "kind": kind, "label": &*edge.label, "line": edge.line })
        })
        .collect();
    let builders: Vec<Value> = scene
        .shown()
        .map(|build| {
            let rows: Vec<Value> = steps
                .steps
                .of(build.builder)
                .iter()
                .zip(&build.steps)
                .map(|(row, step)| {
                    json!({
                        "name": &*row.name, "stage": &*row.stage_title, "line": row.line, "status": &*row.verdict_text,
                        "start": row.start, "duration": row.duration, "lane": step.lane, "critical": step.critical,
                        "reason": words::cause(build, scene.source, step).to_string(),
                    })
                })
                .collect();
            json!({
                "builder": words::builder(build.builder), "duration": build.duration,
                "error": build.error.as_ref().map(|e| e.message.as_str()), "steps": rows,
            })
        })
        .collect();
    let all = json!({ "nodes": nodes, "edges": edges, "builders": builders });
    serde_json::to_string_pretty(&all).unwrap_or_default()
}
