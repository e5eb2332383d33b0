//! The logs of the founding documents, reproduced by the legacy builder. They were made by older versions, which
//! left the output of commands out or worded pulls otherwise, so what is compared is what the document says, line
//! for line but for ids and sizes.

use stagecraft_core::catalogue::Catalogue;
use stagecraft_core::project::{ContextFile, FileContent, Project};
use stagecraft_core::simulation::{Build, Builder, Fate};
use stagecraft_core::{Cache, simulate};
use stagecraft_tests::oracle::text;
use std::path::Path;

fn build(dockerfile: &str, target: Option<&str>, more: &[(&str, &str)]) -> Build {
    let mut project = Project {
        dockerfile: "Dockerfile".to_owned(),
        target: target.map(str::to_owned),
        ..Project::default()
    };
    for (path, text) in more.iter().chain([&("Dockerfile", dockerfile)]) {
        let content = FileContent::Text((*text).to_owned());
        project.files.insert((*path).to_owned(), ContextFile { content, mode: 0o644 });
    }
    project.tags = vec!["multi_stage_minimal_go_docker_img".to_owned()];
    simulate(&project, Builder::Legacy, &Catalogue::builtin(), &Cache::default()).0
}

fn log(build: &Build) -> Vec<String> {
    let text: String = build.log.iter().flat_map(|line| [line.text.as_str(), "\n"]).collect();
    text::log(&text)
}

fn seed(folder: &Path, name: &str) -> String {
    stagecraft_tests::text(&folder.join("seeds").join(name))
}

#[test]
fn the_legacy_builder_runs_every_stage() {
    let Some(shared) = stagecraft_tests::shared("the_legacy_builder_runs_every_stage") else { return };
    let build = build(&seed(&shared, "docs-7-legacy-vs-buildkit.Dockerfile"), Some("stage2"), &[]);
    assert_eq!(build.error, None);
    let printed = ["base", "stage1", "stage2"];
    let got: Vec<String> = log(&build)
        .into_iter()
        // The document leaves out what the commands print and has no tag.
        .filter(|line| !printed.contains(&line.as_str()) && !line.starts_with("Successfully tagged"))
        .collect();
    assert_eq!(got, text::log(&seed(&shared, "docs-7-legacy-vs-buildkit.legacy.log")));
    let output: Vec<&str> =
        build.steps.iter().flat_map(|step| &step.output).map(|line| line.text.as_str()).collect();
    assert_eq!(output, printed);
    assert!(matches!(build.stages[1].fate, Fate::InVain));
    assert!(matches!(build.stages[2].fate, Fate::Target));
}

#[test]
fn the_pipelines_nine_steps() {
    let Some(shared) = stagecraft_tests::shared("the_pipelines_nine_steps") else { return };
    let text = seed(&shared, "pipeline-1.Dockerfile").replace("COPY *.go", "WORKDIR /go\nCOPY *.go");
    let main = "package main\n\nfunc main() {}\n";
    let build = build(&text, None, &[("main.go", main)]);
    assert_eq!(build.error, None);
    let steps = |lines: &[String]| -> Vec<String> {
        lines.iter().filter(|line| line.starts_with("Step ")).cloned().collect()
    };
    let expected = text::log(&seed(&shared, "pipeline-1.legacy.log"));
    assert_eq!(steps(&log(&build)), steps(&expected));
    assert_eq!(log(&build).last(), expected.last());
}
