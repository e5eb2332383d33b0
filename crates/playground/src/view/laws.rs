//! What holds of every view, whatever is typed.

use super::tests::see;
use super::*;
use crate::project::{of_dockerfile, text_file};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// A line of a Dockerfile, good or not.
fn line() -> impl Strategy<Value = String> {
    let name = "[abc]";
    prop_oneof![
        3 => (name, name).prop_map(|(base, name)| format!("FROM {base} AS {name}")),
        1 => Just("FROM scratch".to_owned()),
        1 => Just("FROM alpine:3.19".to_owned()),
        2 => (name, "[xy]").prop_map(|(from, path)| format!("COPY --from={from} /{path} /{path}")),
        2 => "[xy.]".prop_map(|path| format!("COPY {path} /{path}")),
        3 => "[xy]".prop_map(|path| format!("RUN echo {path} > /{path}")),
        1 => "[xy]".prop_map(|path| format!("RUN rm /{path} && mkdir -p /d/{path}")),
        1 => name.prop_map(|from| format!("RUN --mount=from={from},target=/m ls /m")),
        1 => Just("ARG V=1".to_owned()),
        1 => Just("ENV é=𝄞".to_owned()),
        1 => Just("RUN <<E\necho 1 > /h\nE".to_owned()),
        1 => "[A-Z# é]{0,6}",
        1 => Just("CMD [\"x\"".to_owned()),
    ]
}

fn check(view: &View, text: &str) -> Result<(), TestCaseError> {
    let units = text.encode_utf16().count() as u32;
    let n_lines = text.split('\n').count() as u32;
    for problem in view.problems.problems.iter().filter(|p| &*p.file == "Dockerfile") {
        prop_assert!(problem.range.from <= problem.range.to && problem.range.to <= units, "{problem:?}");
        prop_assert!(problem.place.line >= 1 && problem.place.line <= n_lines, "{problem:?}");
        for edit in problem.fix.iter().flat_map(|fix| &fix.edits) {
            prop_assert!(edit.range.from <= edit.range.to && edit.range.to <= units, "{problem:?}");
        }
    }
    for note in &view.lines.notes {
        prop_assert!(note.line >= 1 && note.line <= n_lines && !note.text.is_empty(), "{note:?}");
    }
    let nodes: BTreeSet<&str> = view.graph.nodes.iter().map(|n| &*n.id).collect();
    prop_assert_eq!(nodes.len(), view.graph.nodes.len(), "nodes have ids of their own");
    let edges: BTreeSet<&str> = view.graph.edges.iter().map(|e| &*e.id).collect();
    prop_assert_eq!(edges.len(), view.graph.edges.len(), "edges have ids of their own");
    for edge in &view.graph.edges {
        prop_assert!((edge.from.max(edge.to) as usize) < view.graph.nodes.len());
        prop_assert!(edge.path.starts_with('M'));
    }
    for lane in &view.timeline.lanes {
        for pair in lane.bars.windows(2) {
            prop_assert!(pair[0].start + pair[0].duration <= pair[1].start, "{pair:?}");
        }
        for bar in &lane.bars {
            prop_assert!(bar.duration > 0 && bar.start + bar.duration <= view.timeline.scale);
        }
    }
    for pair in view.steps.ticks.windows(2) {
        prop_assert!(pair[0].time <= pair[1].time);
    }
    for tick in &view.steps.ticks {
        prop_assert_eq!(*tick.current.of(tick.builder), Some(tick.step));
    }
    for builder in [Builder::BuildKit, Builder::Legacy] {
        let layers = view.layers.of(builder);
        prop_assert!(layers.rows.iter().map(|r| r.share).sum::<u32>() <= 1000);
        prop_assert_eq!(layers.rows.iter().map(|r| r.size).sum::<u64>(), layers.total);
        prop_assert!(layers.rows.iter().all(|r| r.wasted <= r.size), "{:?}", layers);
        let n_steps = view.steps.steps.of(builder).len() as u32;
        prop_assert!(view.log.of(builder).lines.iter().filter_map(|l| l.step).all(|s| s.0 < n_steps));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]
    #[test]
    fn views_hold_together(lines in proptest::collection::vec(line(), 0..9)) {
        let text = format!("FROM alpine AS a\n{}\n", lines.join("\n"));
        let mut project = of_dockerfile(&text);
        project.files.insert("x".into(), text_file("one\n"));
        let seen = see(&project);
        check(&seen.view, &text)?;
    }
}
