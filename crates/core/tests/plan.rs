//! Plans of whole files as snapshots: operations, history, findings and advice.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::unnecessary_wraps, reason = "the image source's signature")]

use stagecraft_core::check::{Located, diagnose};
use stagecraft_core::plan::{OpKind, Plan, plan, plan_project};
use stagecraft_core::project::{ContextFile, FileContent, NamedContext, Project};
use stagecraft_core::resolve::{BaseImage, NoImages, Options, Platform};
use stagecraft_core::simulation::Base;
use stagecraft_dockerfile::{Diagnostic, Dialect, parse};
use std::fmt::Write;
use std::sync::Arc;

fn images(_: &str, platform: &Platform) -> Option<Arc<BaseImage>> {
    let mut image = BaseImage { platform: platform.clone(), ..BaseImage::default() };
    Arc::make_mut(&mut image.config).env = vec!["PATH=/usr/bin:/bin".into()];
    Some(Arc::new(image))
}

fn rendered(text: &str) -> String {
    let file = parse(text, Dialect::BuildKit);
    let options = Options { ignore: vec!["ignored.txt".into()], ..Options::default() };
    let plan = plan(text, &file, &options, &images);
    let mut out = String::new();
    operations(&mut out, &plan);
    let project = project(text, &[(".dockerignore", "ignored.txt\n"), ("ignored.txt", "")]);
    let located = diagnose(&project, text, &file, &plan);
    for found in &located {
        problem(&mut out, text, found);
    }
    out
}

fn operations(out: &mut String, plan: &Plan) {
    if let Some(error) = &plan.error {
        writeln!(out, "error: {} {:?}\n", error.message, error.lines).unwrap();
    }
    for (at, op) in plan.ops.iter().enumerate() {
        let inputs: Vec<usize> = op.inputs.iter().map(|input| input.index()).collect();
        writeln!(out, "{at} {} {inputs:?}\n  {:?}", op.name, op.kind).unwrap();
    }
    for stage in &plan.stages {
        let needed = if stage.needed { "needed" } else { "not needed" };
        writeln!(out, "stage {:?} {:?} {needed} by {:?}", stage.label, stage.base, stage.needed_by).unwrap();
        for step in stage.steps.iter().filter(|step| !step.caption.is_empty()) {
            writeln!(out, "  {} {:?}", step.caption, step.op).unwrap();
        }
    }
    for entry in &plan.image.history {
        writeln!(out, "history: {} {:?}", entry.created_by, entry.op).unwrap();
    }
    writeln!(out, "config: {:?}", plan.image.config).unwrap();
    let args: Vec<&str> = plan.outline.args.iter().map(|arg| arg.name.as_str()).collect();
    writeln!(out, "outline: {args:?} {:?} {:?}", plan.outline.secrets, plan.outline.ssh).unwrap();
}

fn problem(out: &mut String, text: &str, found: &Located) {
    let Diagnostic { code, severity, message, span, fix, .. } = &found.diagnostic;
    let who = if found.from_buildkit { "BuildKit" } else { "ours or hidden" };
    let word = text.get(span.start as usize..span.end as usize).unwrap();
    writeln!(out, "{severity:?} {code} ({who}): {message}\n  at {word:?}").unwrap();
    if let Some(fix) = fix {
        let mut mended = text.to_owned();
        for (span, with) in fix.edits.iter().rev() {
            mended.replace_range(span.start as usize..span.end as usize, with);
        }
        let changed: Vec<&str> =
            mended.lines().filter(|line| !text.lines().any(|old| old == *line)).collect();
        writeln!(out, "  {}: {changed:?}", fix.label).unwrap();
    }
}

fn project(text: &str, files: &[(&str, &str)]) -> Project {
    let file = |text: &str| ContextFile { content: FileContent::Text(text.to_owned()), mode: 0o644 };
    let mut project = Project { dockerfile: "Dockerfile".into(), ..Project::default() };
    project.files.insert("Dockerfile".into(), file(text));
    for (path, text) in files {
        project.files.insert((*path).to_owned(), file(text));
    }
    project
}

#[test]
fn files() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plan");
    let mut names: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".Dockerfile").map(str::to_owned))
        .collect();
    names.sort();
    assert!(names.len() > 8);
    for name in names {
        let text = std::fs::read_to_string(folder.join(format!("{name}.Dockerfile"))).unwrap();
        insta::with_settings!({prepend_module_to_snapshot => false, snapshot_path => "plan", omit_expression => true}, {
            insta::assert_snapshot!(name, rendered(&text));
        });
    }
}

#[test]
fn comments_in_an_ignore_file_are_pointed_out() {
    let text = "FROM scratch\nCOPY . /\n";
    let ignore = "# fine\n.git # metadata\n*.log\n!keep\t# this\n";
    let project = project(text, &[(".dockerignore", ignore), ("a.log", "")]);
    let file = parse(text, Dialect::BuildKit);
    let plan = plan(text, &file, &Options::of(&project), &images);
    let found = diagnose(&project, text, &file, &plan);
    let seen: Vec<(&str, &str)> = found
        .iter()
        .map(|found| {
            let span = found.diagnostic.span;
            (found.file.as_str(), ignore.get(span.start as usize..span.end as usize).unwrap())
        })
        .collect();
    assert_eq!(seen, [(".dockerignore", "# metadata"), (".dockerignore", "# this")]);
}

/// Whatever is cut out of a file, spans stay inside it and nothing panics.
#[test]
fn damaged_files_are_planned_too() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plan");
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "Dockerfile") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for start in (0..text.len()).step_by(7) {
            for end in [start + 3, start + 40] {
                let mut cut = text.clone();
                cut.replace_range(start..end.min(text.len()), "");
                let file = parse(&cut, Dialect::BuildKit);
                let plan = plan(&cut, &file, &Options::default(), &images);
                let project = project(&cut, &[]);
                for found in diagnose(&project, &cut, &file, &plan) {
                    let span = found.diagnostic.span;
                    assert!(cut.get(span.start as usize..span.end as usize).is_some(), "{found:?} in {cut}");
                }
                for op in &plan.ops {
                    assert!(op.inputs.iter().all(|input| input.index() < plan.ops.len()));
                }
            }
        }
    }
}

#[test]
fn named_contexts_take_the_place_of_images_and_stages() {
    let text = "FROM alpine:3 AS base\nRUN one\nFROM base AS lib\nRUN two\nFROM scratch\nCOPY --from=lib /x /\n\
                COPY --from=alpine:3 /y /\n";
    let mut project = project(text, &[]);
    let directory = NamedContext::Files(std::collections::BTreeMap::new());
    project.contexts.insert("lib".into(), directory);
    project.contexts.insert("alpine:3".into(), NamedContext::Image("docker-image://debian".into()));
    let plan = plan_project(&project, &images);
    let names: Vec<&str> = plan.ops.iter().map(|op| op.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "[context lib] load from client",
            "[stage-2 1/2] COPY --from=lib /x /",
            "[context alpine:3] debian",
            "[stage-2 2/2] COPY --from=alpine:3 /y /"
        ]
    );
    assert_eq!(plan.stages[1].base, Base::Context("lib".into()));
}

#[test]
fn options_change_the_plan() {
    let text = "ARG V=1\nFROM alpine:$V AS a\nARG V\nRUN make\nFROM a AS b\nRUN more\n";
    let file = parse(text, Dialect::BuildKit);
    let options = Options {
        target: Some("A"),
        build_args: vec![("V", "2"), ("HTTP_PROXY", "p")],
        multi_platform: true,
        no_cache: true,
        ..Options::default()
    };
    let plan = plan(text, &file, &options, &images);
    let names: Vec<&str> = plan.ops.iter().map(|op| op.name.as_str()).collect();
    assert_eq!(
        names,
        ["[linux/amd64 a 1/2] FROM docker.io/library/alpine:2", "[linux/amd64 a 2/2] RUN make"]
    );
    assert_eq!(plan.image.history[1].created_by, "RUN |1 V=2 /bin/sh -c make # buildkit");
    let run = plan.ops.last().unwrap();
    assert!(run.ignore_cache && matches!(&run.kind, OpKind::Exec(exec) if exec.proxy.len() == 1));
    let options = Options { target: Some("aa"), ..Options::default() };
    let error = plan_of(text, &options).error.unwrap();
    assert_eq!(error.message, "target stage \"aa\" could not be found (did you mean a?)");
}

fn plan_of(text: &str, options: &Options<'_>) -> Plan {
    plan(text, &parse(text, Dialect::BuildKit), options, &images)
}

#[test]
fn an_image_that_does_not_exist_is_refused() {
    let plan = plan("FROM nope", &parse("FROM nope", Dialect::BuildKit), &Options::default(), &NoImages);
    let error = plan.error.unwrap();
    assert_eq!(
        error.message,
        "nope: failed to resolve source metadata for docker.io/library/nope:latest: \
         docker.io/library/nope:latest: not found"
    );
    assert_eq!(error.lines, [(1, 1)]);
}
