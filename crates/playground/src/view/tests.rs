use super::*;
use crate::engine::{Answer, Ask, Engine, Format, Past, Request};
use crate::project::{of_dockerfile, text_file};
use stagecraft_core::project::Project;
use stagecraft_core::simulation::StepId;
use std::fmt::Write;

/// The engine with a project in it, and what it showed.
pub(super) struct Seen {
    engine: Engine,
    pub(super) view: View,
}

impl Seen {
    fn ask(&mut self, ask: Ask) -> Answer {
        let request = Request { id: 1, ask };
        let request = Request::decode(&request.encode().unwrap()).unwrap();
        let response = self.engine.handle(request);
        let answer = crate::engine::Response::decode(&response.encode().unwrap()).unwrap().answer;
        if let Answer::Update { slices, .. } = &answer {
            self.view.apply(slices.clone());
        }
        answer
    }

    fn show(&mut self, project: &Project) -> Answer {
        self.ask(Ask::Simulate {
            revision: 1,
            past: Past::Kept,
            project: project.clone(),
            look: Look::SideBySide,
            pane: None,
        })
    }
}

pub(super) fn see(project: &Project) -> Seen {
    let mut seen = Seen { engine: Engine::new(), view: View::default() };
    seen.show(project);
    seen
}

fn shop() -> Project {
    let mut project = of_dockerfile(
        "\
ARG GO=1.22
FROM golang:${GO}-alpine AS deps
WORKDIR /src
COPY go.mod ./

FROM deps AS build
COPY . .
RUN echo built > /out && mkdir -p /usr/x

FROM deps AS test
COPY . .
RUN echo tested

FROM alpine:3.19 AS release
RUN echo x > /etc/motd
COPY --from=build /out /usr/local/bin/shop
USER nobody
CMD [\"shop\"]
",
    );
    project.files.insert("go.mod".into(), text_file("module shop\n"));
    project.files.insert("main.go".into(), text_file("package main\n"));
    project.files.insert("notes.log".into(), text_file("x\n"));
    project.files.insert(".dockerignore".into(), text_file("*.log\nnothing # really\n"));
    project
}

fn lines(view: &LinesView) -> String {
    let mut out = String::new();
    for note in &view.notes {
        let _ = writeln!(out, "{:>3} {:?}: {} ({})", note.line, note.tone, note.text, note.title);
    }
    out
}

fn graph(view: &GraphView) -> String {
    let mut out = format!("{} x {}\n", view.width, view.height);
    for node in &view.nodes {
        let dim = if node.dim { " dim" } else { "" };
        let _ = writeln!(
            out,
            "[{}] {} · {} at {},{} {}x{}{dim}",
            node.id, node.title, node.subtitle, node.x, node.y, node.width, node.height
        );
        for row in &node.rows {
            let _ = writeln!(out, "    {:<28}{:>8} {:?}", row.text, row.value, row.verdict);
        }
        if !node.reason.is_empty() {
            let _ = writeln!(out, "    {}", node.reason);
        }
    }
    for edge in &view.edges {
        let flags = (if edge.dim { " dim" } else { "" }, if edge.dotted { " dotted" } else { "" });
        let _ = writeln!(
            out,
            "{} {:?} “{}” width {}{}{}",
            edge.id, edge.kind, edge.label, edge.width, flags.0, flags.1
        );
    }
    out
}

fn files(view: &FilesView) -> String {
    let mut out = format!("{} ({}), {} rows\n", view.heading, view.change, view.total);
    for row in &view.rows {
        let mark = match row.mark {
            Mark::None => ' ',
            Mark::Added => '+',
            Mark::Changed => '~',
            Mark::Deleted => '-',
            Mark::Below => '.',
        };
        let name = format!("{}{}", "  ".repeat(row.depth as usize), row.name);
        let _ = writeln!(out, "{mark} {name:<30}{:>9}  {} {}", row.size_text, row.color.0, row.origin);
    }
    out
}

fn cache(view: &CacheView) -> String {
    let mut out = format!("{}\n", view.sentence);
    for row in &view.rows {
        let _ =
            writeln!(out, "{:>3} {}: {} {} {}", row.line, row.title, row.verdict_text, row.cost, row.reason);
    }
    out
}

fn last(view: &View, builder: Builder) -> StepId {
    view.steps.steps.of(builder).iter().rev().find(|s| s.line > 0).map(|s| s.id).unwrap()
}

fn files_after(seen: &mut Seen, builder: Builder, step: StepId, only_changes: bool) -> String {
    let query = FilesQuery { count: 300, only_changes, ..FilesQuery::default() };
    let Answer::Files(view) = seen.ask(Ask::Files { builder, step, query }) else { panic!("no files") };
    files(&view)
}

fn trail(seen: &mut Seen, builder: Builder, path: &str) -> String {
    let step = last(&seen.view, builder);
    let Answer::Trail(view) = seen.ask(Ask::Trail { builder, step, path: path.into() }) else {
        panic!("no trail")
    };
    let rows: Vec<String> = view.rows.iter().map(|row| format!("{} {}", row.color.0, row.text)).collect();
    format!("{}\n{}\n{:?}", view.title, rows.join("\n"), view.content)
}

fn why(seen: &mut Seen, builder: Builder, step: StepId) -> String {
    let Answer::Why(view) = seen.ask(Ask::Why { builder, step }) else { panic!("no reason") };
    let told: Vec<String> = view.paragraphs.iter().map(ToString::to_string).collect();
    format!("{}\n{}", view.title, told.join("\n"))
}

fn problems(view: &ProblemsView) -> String {
    let mut out = String::new();
    for p in &view.problems {
        let _ = writeln!(
            out,
            "{}:{}:{} {:?} {} [{}] {}",
            p.file, p.place.line, p.place.column, p.level, p.code, p.only, p.message
        );
        if !p.help.is_empty() {
            let _ = writeln!(out, "    {}", p.help);
        }
        if let Some(fix) = &p.fix {
            let _ = writeln!(out, "    fix: {} {:?}", fix.label, fix.edits);
        }
    }
    out
}

fn timeline(view: &TimelineView) -> String {
    let mut out = format!("scale {}\n", view.scale);
    for lane in &view.lanes {
        let _ = writeln!(out, "{} {}", lane.label, lane.total);
        for bar in &lane.bars {
            let critical = if bar.critical { " critical" } else { "" };
            let _ = writeln!(
                out,
                "  {:>6} +{:<6} {} {}{critical}",
                bar.start, bar.duration, bar.color.0, bar.label
            );
        }
    }
    out
}

#[test]
fn a_shop_is_told() {
    let seen = see(&shop());
    insta::assert_snapshot!("shop_summary", seen.view.summary.announce);
    insta::assert_snapshot!("shop_lines", lines(&seen.view.lines));
    insta::assert_snapshot!("shop_graph", graph(&seen.view.graph));
    insta::assert_snapshot!("shop_graph_told", seen.view.graph.alternative.join("\n"));
    insta::assert_snapshot!("shop_timeline", timeline(&seen.view.timeline));
    insta::assert_snapshot!("shop_problems", problems(&seen.view.problems));
    insta::assert_snapshot!("shop_cache", cache(&seen.view.cache.legacy));
    let sent: Vec<String> =
        seen.view.context.rows.iter().map(|r| format!("{} {} {}", r.path, r.note, r.rule)).collect();
    insta::assert_snapshot!("shop_context", format!("{}\n{}", seen.view.context.sentence, sent.join("\n")));
}

#[test]
fn files_show_what_a_step_did_and_where_they_come_from() {
    let mut seen = see(&shop());
    let step = last(&seen.view, Builder::BuildKit);
    insta::assert_snapshot!("shop_files", files_after(&mut seen, Builder::BuildKit, step, false));
    insta::assert_snapshot!("shop_files_changed", files_after(&mut seen, Builder::BuildKit, step, true));
    insta::assert_snapshot!("shop_trail", trail(&mut seen, Builder::BuildKit, "/usr/local/bin/shop"));
    insta::assert_snapshot!("shop_trail_legacy", trail(&mut seen, Builder::Legacy, "/usr/local/bin/shop"));
}

#[test]
fn a_window_of_rows_is_a_part_of_all_rows() {
    let mut seen = see(&shop());
    let step = last(&seen.view, Builder::Legacy);
    let mut ask = |first, count| {
        let query = FilesQuery { first, count, ..FilesQuery::default() };
        match seen.ask(Ask::Files { builder: Builder::Legacy, step, query }) {
            Answer::Files(view) => view,
            other => panic!("{other:?}"),
        }
    };
    let all = ask(0, 300);
    let some = ask(5, 3);
    assert_eq!(all.rows.get(5..8), Some(&*some.rows));
    assert_eq!(all.total, some.total);
    assert!(ask(0, u32::MAX).rows.len() <= 300);
    assert!(ask(u32::MAX, 10).rows.is_empty());
}

#[test]
fn building_again_says_why() {
    let mut seen = see(&shop());
    seen.ask(Ask::Warm(true));
    assert!(seen.view.cache.buildkit.rows.iter().all(|row| row.verdict == Verdict::Cached));
    let mut edited = shop();
    edited.files.insert("main.go".into(), text_file("package main // new\n"));
    seen.show(&edited);
    insta::assert_snapshot!("warm_summary", seen.view.summary.announce);
    insta::assert_snapshot!("warm_cache_buildkit", cache(&seen.view.cache.buildkit));
    insta::assert_snapshot!("warm_cache_legacy", cache(&seen.view.cache.legacy));
    insta::assert_snapshot!("warm_lines", lines(&seen.view.lines));
    let steps = seen.view.steps.clone();
    let copy = steps.steps.buildkit.iter().find(|s| s.line == 8).unwrap();
    insta::assert_snapshot!("warm_why", why(&mut seen, Builder::BuildKit, copy.id));
    assert!(seen.view.context.rows.iter().any(|row| row.edited && &*row.path == "main.go"));
    let again = crate::engine::what_if(&shop(), &edited, &stagecraft_core::catalogue::Catalogue::builtin());
    assert_eq!(again.buildkit, seen.view.cache.buildkit);
}

#[test]
fn what_did_not_change_is_not_sent_again() {
    let mut seen = see(&shop());
    let Answer::Update { slices, .. } = seen.show(&shop()) else { panic!("no update") };
    assert_eq!(slices, []);
    let mut edited = shop();
    edited.files.insert("more.txt".into(), text_file("x"));
    let before = seen.view.clone();
    let Answer::Update { slices, .. } = seen.show(&edited) else { panic!("no update") };
    assert!(!slices.is_empty());
    assert!(Rc::ptr_eq(&before.outline, &seen.view.outline), "the outline keeps its identity");
}

#[test]
fn problems_stand_where_they_are() {
    let mut project = of_dockerfile("FROM alpine AS a # base\nRUNN x\nCOPY --from=b /x /\n");
    project.files.insert(".dockerignore".into(), text_file("# fine\nnode_modules # not fine\n[\n"));
    insta::assert_snapshot!(problems(&see(&project).view.problems));
}

#[test]
fn a_here_document_is_one_problem_of_the_legacy_builder_and_a_flag_is_its_own() {
    let text = "FROM alpine\nRUN <<EOF\necho hi\nhello there\nEOF\nCOPY --lonk <<END /etc/motd\nhello\nEND\n";
    let view = see(&of_dockerfile(text)).view;
    let found = view.problems.problems.iter().filter(|p| p.level == Level::Error);
    let told: Vec<_> =
        found.map(|p| (p.place.line, p.help.contains("no here-documents"), p.fix.is_some())).collect();
    // The misspelled flag is no matter of here-documents, and nothing inside of them has a mend that would break them.
    let first: Vec<_> = told.iter().filter(|(_, document, _)| *document).map(|(line, _, _)| *line).collect();
    assert_eq!(first, [3, 7], "{told:?}");
    assert!(told.iter().any(|(line, document, _)| *line == 6 && !document), "{told:?}");
    assert!(told.iter().all(|(_, document, fix)| !(*document && *fix)), "{told:?}");
}

#[test]
fn deleted_files_weigh_on() {
    let text = "FROM scratch\nCOPY big /big\nCOPY big /kept\n\nFROM alpine:3.19\nCOPY big /big\nRUN rm /big\nRUN rm -rf /usr\n";
    let mut project = of_dockerfile(text);
    project.files.insert("big".into(), text_file(&"x".repeat(5000)));
    let seen = see(&project);
    let view = &seen.view.layers.buildkit;
    let wasted: Vec<String> = view
        .wasted
        .iter()
        .map(|w| format!("{} {} in row {}, {}", w.path, w.size_text, w.row, w.reason))
        .collect();
    insta::assert_snapshot!(format!("{}\n{}", view.sentence, wasted.join("\n")));
}

#[test]
fn odd_projects_are_shown_too() {
    let texts = [
        "",
        "FROM",
        "FROM scratch",
        "RUN x",
        "ARG a=b",
        "FROM a\nFROM a",
        "FROM a AS a\nCOPY --from=a / /",
        "FROM scratch\nCOPY --from=1 a b\nFROM scratch",
        "\u{feff}FROM é\nRUN 𝄞",
        "FROM x\nONBUILD RUN x\nRUN <<E\nx\nE",
    ];
    for text in texts {
        let mut seen = see(&of_dockerfile(text));
        for builder in [Builder::BuildKit, Builder::Legacy] {
            for id in 0..4 {
                let step = StepId(id);
                files_after(&mut seen, builder, step, true);
                why(&mut seen, builder, step);
                seen.ask(Ask::Trail { builder, step, path: "/a".into() });
                seen.ask(Ask::Entries { builder, layer: id, first: 0, count: 9 });
            }
        }
        for format in [Format::Svg, Format::Mermaid, Format::Dot, Format::Json] {
            assert!(matches!(seen.ask(Ask::Export(format)), Answer::Export(text) if !text.is_empty()));
        }
    }
    see(&Project::default());
}

#[test]
fn drawings_are_exported() {
    let mut seen = see(&shop());
    for (name, format) in [("mermaid", Format::Mermaid), ("dot", Format::Dot)] {
        let Answer::Export(text) = seen.ask(Ask::Export(format)) else { panic!("no export") };
        insta::assert_snapshot!(format!("shop_{name}"), text);
    }
    let Answer::Export(svg) = seen.ask(Ask::Export(Format::SvgDark)) else { panic!("no export") };
    assert!(svg.starts_with("<svg xmlns=") && svg.trim_end().ends_with("</svg>"));
    assert_eq!(svg.matches("<g").count(), svg.matches("</g>").count());
    assert!(svg.contains("cp &amp;&amp;") || svg.contains("&gt;"), "text is escaped");
}

#[test]
fn a_stage_on_a_stage_keeps_its_origins() {
    let text = "FROM scratch AS a\nCOPY x /x\n\nFROM a AS b\nCOPY x /y\n\nFROM b\n";
    let mut project = of_dockerfile(text);
    project.files.insert("x".into(), text_file("one"));
    let mut seen = see(&project);
    for builder in [Builder::BuildKit, Builder::Legacy] {
        let step = last(&seen.view, builder);
        let told = files_after(&mut seen, builder, step, false);
        assert!(
            told.contains("context · line 2") && told.contains("context · line 5"),
            "{builder:?}\n{told}"
        );
        let trail = trail(&mut seen, builder, "/x");
        assert!(trail.contains("a, line 2 /x"), "{builder:?} {trail}");
    }
    let from = seen.view.steps.steps.legacy.iter().find(|s| s.line == 7).map(|s| s.id).unwrap();
    assert_eq!(
        why(&mut seen, Builder::Legacy, from),
        "What is this?\nThe stage starts from what stage b left."
    );
}
