//! The graph as a self-contained SVG picture.

use crate::color::Color;
use crate::view::{Edge, GraphView, Node, NodeKind, Verdict};
use std::fmt::Write;

/// Colors of a theme; stages as the page has them.
struct Theme {
    back: &'static str,
    panel: &'static str,
    line: &'static str,
    ink: &'static str,
    soft: &'static str,
    warn: &'static str,
    colors: [&'static str; 9],
}

const LIGHT: Theme = Theme {
    back: "#f4f6f9",
    panel: "#ffffff",
    line: "#dde3ec",
    ink: "#1a2230",
    soft: "#56627a",
    warn: "#9a6b00",
    colors: [
        "#667085", "#1f6feb", "#b8620b", "#8b46c8", "#0f8a66", "#b3386e", "#7a6a00", "#1583a8", "#5c5fd6",
    ],
};
const DARK: Theme = Theme {
    back: "#0f1218",
    panel: "#151a22",
    line: "#262e3a",
    ink: "#e6eaf1",
    soft: "#9aa6b8",
    warn: "#e8c05a",
    colors: [
        "#8a94a6", "#5b9dff", "#f2a65a", "#c792ea", "#4fc3a1", "#f28bb5", "#d8c94a", "#5ec8e5", "#9fa8ff",
    ],
};
const MONO: &str = "ui-monospace,'DejaVu Sans Mono',monospace";

impl Theme {
    fn color(&self, color: Color) -> &'static str {
        self.colors.get(color.0 as usize).copied().unwrap_or(self.soft)
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML has no way to write other control characters.
            c if c.is_control() && !matches!(c, '\n' | '\t') => {}
            c => out.push(c),
        }
    }
    out
}

/// The picture.
pub(super) fn svg(graph: &GraphView, dark: bool) -> String {
    let theme = if dark { &DARK } else { &LIGHT };
    let (width, height) = (graph.width.max(1), graph.height.max(1));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" font-family=\"Inter,system-ui,'DejaVu Sans',sans-serif\" font-size=\"12\">\n"
    );
    let told: Vec<&str> = graph.alternative.iter().map(|t| &**t).collect();
    let _ = writeln!(out, "<title>Build stages</title><desc>{}</desc>", escaped(&told.join(" ")));
    let _ = writeln!(out, "<rect width=\"100%\" height=\"100%\" fill=\"{}\"/>", theme.back);
    for edge in &graph.edges {
        line(&mut out, theme, edge);
    }
    for node in &graph.nodes {
        card(&mut out, theme, node);
    }
    for edge in graph.edges.iter().filter(|e| !e.label.is_empty()) {
        label(&mut out, theme, edge);
    }
    out.push_str("</svg>\n");
    out
}

fn line(out: &mut String, theme: &Theme, edge: &Edge) {
    let dashes = if edge.dotted { " stroke-dasharray=\"3 5\"" } else { "" };
    let opacity = if edge.dim { " opacity=\"0.5\"" } else { "" };
    let _ = writeln!(
        out,
        "<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}.{}\"{dashes}{opacity}/>",
        edge.path,
        theme.color(edge.color),
        edge.width / 10,
        edge.width % 10
    );
}

fn label(out: &mut String, theme: &Theme, edge: &Edge) {
    let (x, y) = (edge.label_at.x, edge.label_at.y);
    let width = edge.label.chars().count() as i32 * 7 + 8;
    let opacity = if edge.dim { " opacity=\"0.5\"" } else { "" };
    let _ = writeln!(
        out,
        "<g{opacity}><rect x=\"{}\" y=\"{}\" width=\"{width}\" height=\"15\" rx=\"4\" fill=\"{}\"/><text x=\"{x}\" y=\"{}\" text-anchor=\"middle\" font-family=\"{MONO}\" font-size=\"11\" fill=\"{}\">{}</text></g>",
        x - width / 2,
        y - 8,
        theme.back,
        y + 4,
        theme.soft,
        escaped(&edge.label)
    );
}

fn card(out: &mut String, theme: &Theme, node: &Node) {
    let (x, y, width, height) = (node.x, node.y, node.width as i32, node.height as i32);
    let opacity = if node.dim { " opacity=\"0.45\"" } else { "" };
    let _ = writeln!(out, "<g{opacity}>");
    let title = escaped(&node.title);
    if !matches!(node.kind, NodeKind::Stage(_)) {
        let dashes = if matches!(node.kind, NodeKind::Context) { "" } else { " stroke-dasharray=\"4 3\"" };
        let _ = writeln!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"13\" fill=\"{}\" stroke=\"{}\"{dashes}/><text x=\"{}\" y=\"{}\" text-anchor=\"middle\" font-family=\"{MONO}\" font-size=\"11.5\" fill=\"{}\">{title}</text></g>",
            theme.back,
            theme.line,
            x + width / 2,
            y + 17,
            theme.soft
        );
        return;
    }
    let _ = writeln!(
        out,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{}\" stroke=\"{}\"/><rect x=\"{x}\" y=\"{y}\" width=\"3\" height=\"{height}\" rx=\"1.5\" fill=\"{}\"/>",
        theme.panel,
        theme.line,
        theme.color(node.color)
    );
    let _ = writeln!(
        out,
        "<text x=\"{}\" y=\"{}\" font-weight=\"600\" font-size=\"13\" fill=\"{}\">{title}</text><text x=\"{}\" y=\"{}\" text-anchor=\"end\" font-family=\"{MONO}\" font-size=\"11\" fill=\"{}\">{}</text>",
        x + 12,
        y + 20,
        theme.ink,
        x + width - 10,
        y + 20,
        theme.soft,
        escaped(&node.subtitle)
    );
    for row in &node.rows {
        let base = y + row.y + 15;
        let weight = if row.verdict == Verdict::Cached { " opacity=\"0.7\"" } else { "" };
        let _ = writeln!(
            out,
            "<path d=\"M{} {}h{}\" stroke=\"{}\"/><text x=\"{}\" y=\"{base}\" font-family=\"{MONO}\" font-size=\"11\" fill=\"{}\"{weight}>{}</text><text x=\"{}\" y=\"{base}\" text-anchor=\"end\" font-family=\"{MONO}\" font-size=\"11\" fill=\"{}\">{}</text>",
            x + 3,
            y + row.y,
            width - 3,
            theme.line,
            x + 12,
            theme.soft,
            escaped(&row.text),
            x + width - 10,
            theme.soft,
            escaped(&row.value)
        );
    }
    reason(out, theme, node);
    out.push_str("</g>\n");
}

/// The reason below the rows, broken into two lines.
fn reason(out: &mut String, theme: &Theme, node: &Node) {
    let text = node.reason.to_string();
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let full = lines.last().is_some_and(|l| l.chars().count() + word.chars().count() >= 34);
        if full && lines.len() < 3 {
            lines.push(String::new());
        }
        if let Some(last) = lines.last_mut() {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    let top = node.y + node.rows.last().map_or(31, |r| r.y + r.height as i32);
    for (i, line) in lines.iter().filter(|l| !l.is_empty()).enumerate() {
        let _ = writeln!(
            out,
            "<text x=\"{}\" y=\"{}\" font-size=\"11\" fill=\"{}\">{}</text>",
            node.x + 12,
            top + 16 + 15 * i as i32,
            theme.warn,
            escaped(line)
        );
    }
}
