//! What newcomers found untrue on the page, as whole builds.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail loudly")]

use stagecraft_core::builder::{Cache, simulate};
use stagecraft_core::catalogue::Catalogue;
use stagecraft_core::project::{ContextFile, FileContent, Project};
use stagecraft_core::simulation::{Build, Builder, Fate, StageId, Status};
use std::collections::BTreeMap;

fn project(dockerfile: &str, platform: &str) -> Project {
    let file = ContextFile { content: FileContent::Text(dockerfile.to_owned()), mode: 0o644 };
    let files = BTreeMap::from([("Dockerfile".to_owned(), file)]);
    Project {
        files,
        dockerfile: "Dockerfile".to_owned(),
        platform: platform.to_owned(),
        ..Project::default()
    }
}

fn run(project: &Project, builder: Builder, cache: &Cache) -> (Build, Cache) {
    simulate(project, builder, &Catalogue::builtin(), cache)
}

fn printed(build: &Build) -> Vec<&str> {
    build.steps.iter().flat_map(|step| &step.output).map(|line| line.text.as_str()).collect()
}

#[test]
fn a_stage_is_not_in_vain_because_the_build_failed_before_its_user() {
    let text = "FROM alpine AS build\nRUN false\nFROM build AS next\nFROM alpine\nCOPY --from=build /x /\nCOPY --from=1 /y /\n";
    let (build, _) = run(&project(text, ""), Builder::Legacy, &Cache::default());
    assert!(build.error.is_some());
    let fates: Vec<&Fate> = build.stages.iter().map(|stage| &stage.fate).collect();
    assert_eq!(*fates[0], Fate::Needed { by: vec![StageId(1), StageId(2)] }, "{fates:?}");
}

#[test]
fn each_platform_has_an_image_of_its_own() {
    let text = "FROM alpine:3.20\nRUN uname -m\n";
    for builder in [Builder::BuildKit, Builder::Legacy] {
        let (amd, cache) = run(&project(text, ""), builder, &Cache::default());
        let (arm, _) = run(&project(text, "linux/arm64"), builder, &cache);
        assert_eq!((printed(&amd), printed(&arm)), (vec!["x86_64"], vec!["aarch64"]), "{builder:?}");
        let ran = arm.steps.iter().find(|step| step.name.contains("uname")).expect("the step is there");
        assert_eq!(ran.status, Status::Ran, "{builder:?}");
    }
    let text = "FROM --platform=linux/arm64 alpine\nRUN uname -m\n";
    assert_eq!(printed(&run(&project(text, ""), Builder::Legacy, &Cache::default()).0), ["aarch64"]);
}

#[test]
fn what_an_unknown_command_may_have_made_is_not_missing_from_lists() {
    let text = "FROM python:alpine\nWORKDIR /w\nRUN touch a && pip install some-tool >/dev/null && some-other-name\nRUN ls /w && ls /w > /listing && wc -c < /listing\n";
    let (build, _) = run(&project(text, ""), Builder::BuildKit, &Cache::default());
    let all = printed(&build);
    assert!(all.contains(&"a") && all.contains(&"…"), "{all:?}");
    assert!(!all.contains(&"2"), "{all:?}");
}

#[test]
fn what_is_compiled_once_is_not_stored_twice() {
    let text = "FROM golang\nWORKDIR /s\nRUN go mod init x && printf 'package main\\nfunc main() {}\\n' > main.go\nRUN go build -o /a .\nRUN go build -o /b .\n";
    let (build, _) = run(&project(text, ""), Builder::BuildKit, &Cache::default());
    let sizes: Vec<u64> = build.steps.iter().filter_map(|step| Some(step.layer.as_ref()?.size)).collect();
    let [.., first, second] = sizes.as_slice() else { panic!("{sizes:?}") };
    assert!(*first > 30_000_000 && *second < 5_000_000, "{sizes:?}");
}
