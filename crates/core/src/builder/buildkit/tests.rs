//! Whole builds over a small image, without a shell's help where it can be avoided.

use super::*;
use crate::image::{ImageConfig, ImageDefinition, ImageFile};
use crate::project::{ContextFile, FileContent};
use crate::simulation::{FlowSource, Reason, StageId, Status};

fn catalogue() -> Catalogue {
    let file = |path: &str, kind: &str, content: Option<&str>| ImageFile {
        path: path.to_owned(),
        kind: kind.to_owned(),
        mode: if kind == "dir" { "0755" } else { "0644" }.to_owned(),
        content: content.map(str::to_owned),
        size: content.map_or(0, |content| content.len() as u64),
        ..ImageFile::default()
    };
    let image = ImageDefinition {
        reference: "base:1".to_owned(),
        platform: "linux/amd64".to_owned(),
        config: ImageConfig { env: vec!["PATH=/bin".to_owned()], ..ImageConfig::default() },
        files: vec![
            file("/etc", "dir", None),
            file("/etc/passwd", "file", Some("root:x:0:0::/:/bin/sh\napp:x:10:20::/:/bin/sh\n")),
            file("/old", "file", Some("old")),
        ],
    };
    Catalogue::only(None, &[image])
}

fn project(dockerfile: &str, files: &[(&str, &str)]) -> Project {
    let text = |text: &str| ContextFile { content: FileContent::Text(text.to_owned()), mode: 0o644 };
    let mut all: std::collections::BTreeMap<String, ContextFile> =
        files.iter().map(|(path, content)| ((*path).to_owned(), text(content))).collect();
    all.insert("Dockerfile".to_owned(), text(dockerfile));
    Project { files: all, dockerfile: "Dockerfile".to_owned(), ..Project::default() }
}

/// `name: status` of the instructions.
fn steps(build: &Build) -> Vec<String> {
    let shown = build.steps.iter().filter(|step| step.instruction.is_some() && !step.name.contains("FROM"));
    shown.map(|step| format!("{}: {:?}", step.name, step.status)).collect()
}

fn run(project: &Project, store: &mut Store) -> Build {
    build(project, &catalogue(), store)
}

fn layers(build: &Build) -> Vec<Vec<String>> {
    let image = build.image.as_ref().unwrap();
    let paths = |layer: &crate::simulation::Layer| layer.entries.iter().map(|e| e.path.to_string()).collect();
    image.layers.iter().map(|(_, layer)| paths(layer)).collect()
}

#[test]
fn copies_are_found_again_by_content() {
    let mut store = Store::default();
    let text = "FROM base:1\nCOPY a /a\nCOPY d /d\n";
    let files = [("a", "1"), ("d/x", "2"), ("other", "3")];
    let first = run(&project(text, &files), &mut store);
    assert_eq!(steps(&first), ["[2/3] COPY a /a: Ran", "[3/3] COPY d /d: Ran"]);
    assert_eq!(layers(&first), [vec!["/a"], vec!["/d", "/d/x"]]);
    let again = run(&project(text, &[("a", "1"), ("d/x", "2"), ("other", "changed")]), &mut store);
    assert_eq!(steps(&again), ["[2/3] COPY a /a: Cached", "[3/3] COPY d /d: Cached"]);
    let changed = run(&project(text, &[("a", "1"), ("d/x", "new")]), &mut store);
    assert_eq!(steps(&changed), ["[2/3] COPY a /a: Cached", "[3/3] COPY d /d: Ran"]);
    let last = changed.steps.iter().find(|step| step.name.contains("COPY d")).unwrap();
    assert!(
        matches!(&last.reason, Reason::FilesChanged { paths, .. } if paths == &["d/x"]),
        "{:?}",
        last.reason
    );
    let above = run(&project(text, &[("a", "new"), ("d/x", "new")]), &mut store);
    assert_eq!(steps(&above), ["[2/3] COPY a /a: Ran", "[3/3] COPY d /d: Ran"]);
    let last = above.steps.iter().find(|step| step.name.contains("COPY d")).unwrap();
    assert!(matches!(last.reason, Reason::InputChanged { .. }), "{:?}", last.reason);
}

#[test]
fn the_store_survives_being_written_down() {
    let mut store = Store::default();
    let project = project("FROM base:1\nCOPY a /a\n", &[("a", "1")]);
    run(&project, &mut store);
    let mut back: Store = serde_json::from_str(&serde_json::to_string(&store).unwrap()).unwrap();
    assert_eq!(back, store);
    assert_eq!(steps(&run(&project, &mut back)), ["[2/2] COPY a /a: Cached"]);
    assert_eq!(back, store);
}

#[test]
fn a_linked_copy_keeps_its_layer_over_another_base() {
    let mut store = Store::default();
    let text = "FROM base:1\nCOPY a /a\nCOPY --link b /b\n";
    run(&project(text, &[("a", "1"), ("b", "2")]), &mut store);
    let build = run(&project(text, &[("a", "new"), ("b", "2")]), &mut store);
    assert_eq!(layers(&build), [vec!["/a"], vec!["/b"]]);
    let merge = build.steps.iter().rfind(|step| step.name.contains("--link")).unwrap();
    assert_eq!(merge.status, Status::Ran);
}

#[test]
fn errors_are_worded_and_placed_as_buildkit_does() {
    for (text, message, line) in [
        ("FROM base:1\nCOPY nope /\n", "\"/nope\": not found", 2),
        ("FROM base:1\nWORKDIR /old\n", "mkdir /old: not a directory", 2),
        ("FROM base:1\n\nCOPY a /old/x/y\n", "lstat /old/x: not a directory", 3),
        ("FROM nowhere:1\n", "docker.io/library/nowhere:1: not found", 1),
        ("FROM base:1\nCOPY --chmod=u a /\n", "invalid syntax", 2),
        // The front end comes before what it would find.
        ("# syntax=a/b:2\nFROM nowhere:1\n", "docker.io/a/b:2: not found", 1),
        ("# escape=\\\n# syntax=A:b\nFRO base:1\n", "repository name (library/A) must be lowercase", 2),
    ] {
        let build = run(&project(text, &[("a", "1")]), &mut Store::default());
        let error = build.error.unwrap();
        assert!(error.message.ends_with(message), "{text}: {}", error.message);
        assert_eq!(error.lines.first(), Some(&(line, line)), "{text}");
        let last = build.log.last().map(|line| line.text.clone()).unwrap_or_default();
        assert_eq!(last, format!("ERROR: failed to solve: {}", error.message));
    }
}

#[test]
fn a_failure_keeps_what_was_finished() {
    let mut store = Store::default();
    let text = "FROM base:1 AS one\nCOPY a /a\nFROM one\nCOPY --from=one /nope /\n";
    let build = run(&project(text, &[("a", "1")]), &mut store);
    assert!(build.image.is_none() && build.error.is_some());
    let fixed = text.replace("/nope", "/a");
    let build = run(&project(&fixed, &[("a", "1")]), &mut store);
    assert_eq!(steps(&build), ["[one 2/2] COPY a /a: Cached", "[stage-1 1/1] COPY --from=one /a /: Ran"]);
}

#[test]
fn owners_are_looked_up_in_the_image() {
    let text = "FROM base:1\nCOPY --chown=app:7 a /\nCOPY --chown=ghost a /b\nCOPY --chmod=u+s a /s\n";
    let build = run(&project(text, &[("a", "1")]), &mut Store::default());
    let tree = build.image.unwrap().tree;
    let meta = |path: &str| tree.get(path).unwrap().meta();
    assert_eq!((meta("/a").uid, meta("/a").gid), (10, 7));
    assert_eq!((meta("/b").uid, meta("/b").gid), (0, 0));
    assert_eq!(meta("/s").mode, 0o4644);
}

#[test]
fn the_log_ends_with_what_the_checks_say_of_the_stages_that_are_built() {
    let end = |text: &str| {
        let log: Vec<String> =
            run(&project(text, &[]), &mut Store::default()).log.into_iter().map(|line| line.text).collect();
        let at = log.iter().position(|line| line.contains("found (use docker --debug"));
        at.map(|at| log[at - 1..].join("\n"))
    };
    assert_eq!(
        end("FROM base:1 as one\nENV API_TOKEN=x\n").as_deref(),
        Some(
            "\n 2 warnings found (use docker --debug to expand):\n - FromAsCasing: 'as' and 'FROM' keywords' casing do not match (line 1)\n - SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive data (ENV \"API_TOKEN\") (line 2)"
        )
    );
    let other = end("FROM base:1 AS one\nENV API_TOKEN=x\nFROM base:1\nWORKDIR x\n").unwrap();
    assert!(other.starts_with("\n 1 warning found") && other.contains("WorkdirRelativePath"), "{other}");
    assert_eq!(end("FROM base:1\nWORKDIR /x\n"), None);
}

#[test]
fn what_changed_in_a_stage_is_said_of_the_stage() {
    let text = "FROM base:1 AS one\nCOPY a /x\nFROM base:1\nCOPY --from=one /x /y\n";
    let mut store = Store::default();
    run(&project(text, &[("a", "1")]), &mut store);
    let changed = run(&project(text, &[("a", "2")]), &mut store);
    let reason =
        |name: &str| changed.steps.iter().find(|step| step.name.contains(name)).unwrap().reason.clone();
    let source =
        |reason: Reason| if let Reason::FilesChanged { source, .. } = reason { Some(source) } else { None };
    assert_eq!(source(reason("COPY a")), Some(FlowSource::Context));
    assert_eq!(source(reason("COPY --from")), Some(FlowSource::Stage(StageId(0))));
}

#[test]
fn every_file_knows_its_way() {
    let text = "FROM base:1 AS one\nCOPY a /x\nFROM base:1\nCOPY --from=one /x /y\n";
    let build = run(&project(text, &[("a", "1")]), &mut Store::default());
    let origin = build.image.as_ref().unwrap().tree.get("/y").unwrap().origin().cloned().unwrap();
    let name = |writer: u32| build.steps[writer as usize].name.as_str();
    assert_eq!(name(origin.writer), "[stage-1 2/2] COPY --from=one /x /y");
    let (path, before) = origin.from.clone().unwrap();
    assert_eq!((&*path, name(before.writer)), ("/x", "[one 2/2] COPY a /x"));
    let (path, first) = before.from.clone().unwrap();
    assert_eq!((&*path, name(first.writer)), ("/a", "[internal] load build context"));
}

#[test]
fn workers_bound_what_runs_at_once() {
    let text = "FROM base:1 AS a\nCOPY a /a\nFROM base:1 AS b\nCOPY b /b\nFROM base:1\nCOPY --from=a /a /\nCOPY --from=b /b /\n";
    let files = [("a", "1"), ("b", "2")];
    let free = run(&project(text, &files), &mut Store::default());
    let bound = run(&Project { workers: 1, ..project(text, &files) }, &mut Store::default());
    let start = |build: &Build, name: &str| build.steps.iter().find(|s| s.name.contains(name)).unwrap().start;
    assert_eq!(start(&free, "COPY a /a"), start(&free, "COPY b /b"));
    assert!(start(&bound, "COPY a /a") < start(&bound, "COPY b /b"));
    assert!(free.duration < bound.duration);
    assert!(free.steps.iter().any(|step| step.lane == 1));
    assert!(free.steps.last().is_some_and(|step| step.critical));
}

#[test]
fn what_needs_an_entitlement_is_refused() {
    let text = "FROM base:1\nRUN --network=host true\n";
    let build = run(&project(text, &[]), &mut Store::default());
    assert_eq!(build.error.unwrap().message, "failed to load LLB: network.host is not allowed");
}

#[test]
fn a_named_directory_has_its_own_ignore_file() {
    let text = |text: &str| ContextFile { content: FileContent::Text(text.to_owned()), mode: 0o644 };
    let named = [("a", "1"), ("b", "2"), (".dockerignore", "b\n")];
    let named = named.iter().map(|(path, content)| ((*path).to_owned(), text(content))).collect();
    let mut project = project("FROM base:1\nCOPY --from=lib . /lib\n", &[(".dockerignore", "a")]);
    project.contexts.insert("lib".to_owned(), crate::project::NamedContext::Files(named));
    let build = run(&project, &mut Store::default());
    assert_eq!(layers(&build), [vec!["/lib", "/lib/.dockerignore", "/lib/a"]]);
    assert!(build.steps.iter().any(|step| step.name == "[context lib] load .dockerignore"));
}

/// Prints how long a hundred thousand files take through `COPY` and `COPY --from`; run it optimised, with `--ignored`.
#[test]
#[ignore = "a measurement"]
fn a_hundred_thousand_files() {
    let names: Vec<String> = (0..100_000).map(|n| format!("src/{}/{}/{n}.txt", n % 100, n % 1000)).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "some text")).collect();
    let project = project("FROM base:1 AS one\nCOPY . /a\nFROM base:1\nCOPY --from=one /a /b\n", &files);
    let mut store = Store::default();
    let mut tree = stagecraft_sandbox::tree::Tree::new();
    let timed = |name: &str, work: &mut dyn FnMut()| {
        let start = std::time::Instant::now();
        work();
        println!("{name}: {:?}", start.elapsed());
    };
    timed("context", &mut || {
        tree = crate::builder::context::tree(&project.files, 1, &crate::builder::context::Everything);
    });
    timed("digest", &mut || assert_ne!(tree.digest(), [0; 32]));
    let mut to = stagecraft_sandbox::tree::Tree::new();
    let options = stagecraft_sandbox::copy::Options { dir_contents: true, ..Default::default() };
    timed("copy", &mut || stagecraft_sandbox::copy::copy(&tree, "/", &mut to, "/a", &options).unwrap());
    let empty = stagecraft_sandbox::tree::Tree::new();
    timed("layer", &mut || {
        let layer = crate::builder::layer::overlay(&empty, &to, "", &|_| true);
        assert_eq!(layer.entries.len(), 101_103);
    });
    for round in ["cold", "warm"] {
        let start = std::time::Instant::now();
        let build = run(&project, &mut store);
        println!("{round}: {:?}", start.elapsed());
        assert_eq!(build.image.unwrap().layers.first().unwrap().1.entries.len(), 101_103);
    }
}

#[test]
fn the_front_end_is_fetched_first_and_once() {
    let of = |build: &Build| -> Vec<String> {
        let steps = build.steps.iter().take_while(|step| !step.name.contains("metadata"));
        steps.map(|step| format!("{}: {:?}", step.name, step.status)).collect()
    };
    let every = Catalogue::only(Some(ImageConfig::default()), &[]);
    let mut store = Store::default();
    let mut project = project("# syntax=docker/dockerfile:1\nFROM base:1\nCOPY a /\n", &[("a", "1")]);
    let first = build(&project, &every, &mut store);
    assert_eq!(
        of(&first),
        [
            "[internal] load build definition from Dockerfile: Ran",
            "resolve image config for docker-image://docker.io/docker/dockerfile:1: Ran",
            "docker-image://docker.io/docker/dockerfile:1: Ran",
        ]
    );
    assert!(first.error.is_none() && first.diagnostics.is_empty());
    assert!(of(&build(&project, &every, &mut store)).last().unwrap().ends_with("dockerfile:1: Cached"));
    project.build_args = vec![("BUILDKIT_SYNTAX".to_owned(), "some/body x=y".to_owned())];
    let other = build(&project, &every, &mut store);
    assert_eq!(of(&other).last().unwrap(), "docker-image://docker.io/some/body:latest: Ran");
    assert_eq!(other.diagnostics.first().unwrap().code, "front-end-unknown");
}
