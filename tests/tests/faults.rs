//! The three faults of the production guide's own files, and the refused pattern: each is pointed out where it is.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use stagecraft_core::catalogue::Catalogue;
use stagecraft_core::check::diagnose;
use stagecraft_core::plan::plan_project;
use stagecraft_core::project::{ContextFile, FileContent, Project};
use stagecraft_dockerfile::{Dialect, parse};
use std::path::Path;

/// What is said, and of which words: `(file, code, words)`.
fn said(dockerfile: &str, ignore: &str) -> Vec<(String, String, String)> {
    let file = |text: &str| ContextFile { content: FileContent::Text(text.to_owned()), mode: 0o644 };
    let mut project = Project { dockerfile: "Dockerfile".into(), ..Project::default() };
    for (path, text) in
        [("Dockerfile", dockerfile), (".dockerignore", ignore), ("build/main.js", ""), ("app.log", "")]
    {
        project.files.insert(path.into(), file(text));
    }
    let plan = plan_project(&project, &Catalogue::builtin());
    diagnose(&project, dockerfile, &parse(dockerfile, Dialect::BuildKit), &plan)
        .into_iter()
        .map(|found| {
            let text = if found.file == "Dockerfile" { dockerfile } else { ignore };
            let span = found.diagnostic.span;
            let words = text.get(span.start as usize..span.end as usize).unwrap();
            (found.file, found.diagnostic.code.into_owned(), words.to_owned())
        })
        .collect()
}

fn seed(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join("seeds").join(name)).unwrap()
}

#[test]
fn an_argument_that_is_empty_in_a_stage() {
    let Some(shared) = stagecraft_tests::shared("faults") else { return };
    let found = said(&seed(&shared, "guide-2-go-version.Dockerfile"), "");
    let want = ("Dockerfile".into(), "ArgumentNotInStage".into(), "${APP_VERSION}".into());
    assert!(found.contains(&want), "{found:?}");
}

#[test]
fn an_ignore_file_that_ignores_nothing() {
    let Some(shared) = stagecraft_tests::shared("faults") else { return };
    let text = seed(&shared, "guide-4.dockerignore");
    let found = said("FROM scratch\nCOPY . /\n", &text);
    let ours: Vec<_> = found
        .iter()
        .filter(|(file, code, _)| file == ".dockerignore" && code == "IgnorePatternComment")
        .collect();
    assert_eq!(ours.len(), text.lines().filter(|line| line.contains(" #")).count(), "{found:?}");
    assert!(ours.iter().all(|(.., words)| words.starts_with('#')), "{found:?}");
}

#[test]
fn comments_taken_for_arguments() {
    let Some(shared) = stagecraft_tests::shared("faults") else { return };
    let found = said(&seed(&shared, "guide-5-node.Dockerfile"), "");
    let comments: Vec<&str> = found
        .iter()
        .filter(|(_, code, _)| code == "CommentAsArgument")
        .map(|(.., words)| words.split_whitespace().nth(1).unwrap_or_default())
        .collect();
    assert_eq!(comments, ["or", "Example", "Copy", "Copy", "Adjust"], "{found:?}");
}

#[test]
fn a_variable_where_none_can_be() {
    let Some(shared) = stagecraft_tests::shared("faults") else { return };
    let found = said(&seed(&shared, "patterns-5-invalid-arg-in-from-flag.Dockerfile"), "");
    let want = ("Dockerfile".into(), "variable-in-from".into(), "build-${src}".into());
    assert!(found.contains(&want), "{found:?}");
}
