#![allow(clippy::string_slice, reason = "the places are known")]

use super::*;
use crate::project::of_dockerfile;
use proptest::prelude::*;
use stagecraft_core::image::ImageDefinition;
use stagecraft_core::project::{ContextFile, FileContent, NamedContext};

fn looked() -> ViewState {
    ViewState {
        look: Look::Legacy,
        step: Some((Builder::Legacy, StepId(3))),
        pane: Pane::Cache,
        file: Some("main.go".to_owned()),
        warm: true,
        note: String::new(),
    }
}

fn everything() -> Project {
    let mut project = of_dockerfile("FROM alpine AS a\nRUN echo é\n");
    project
        .files
        .insert("l".to_owned(), ContextFile { content: FileContent::Symlink("x".into()), mode: 0o777 });
    project.target = Some("a".to_owned());
    project.build_args = vec![("V".to_owned(), "1".to_owned())];
    project.platform = "linux/arm64".to_owned();
    project.tags = vec!["t:1".to_owned()];
    project.no_cache = true;
    project.contexts.insert("base".to_owned(), NamedContext::Image("debian:12".to_owned()));
    project.contexts.insert("docs".to_owned(), NamedContext::Files(project.files.clone()));
    project.secrets.insert("key".to_owned(), b"s3cret".to_vec());
    project.images = vec![ImageDefinition { reference: "mine:1".to_owned(), ..ImageDefinition::default() }];
    project.workers = 2;
    project.durations.insert("RUN make".to_owned(), 12_000);
    project
}

/// A link that was made when version 1 was new. It must be readable forever: never renew it.
const FIRST: &str = include_str!("first-link.txt");

#[test]
fn the_first_link_is_still_read() {
    assert_eq!(decode(FIRST), Ok((everything(), looked())));
}

#[test]
fn a_log_travels_in_the_link() {
    let mut project = everything();
    project.log = "#1 [1/2] FROM alpine\n#1 DONE 1.0s\n".to_owned();
    let link = encode(&project, &looked()).unwrap();
    assert!(link.starts_with('2'));
    assert_eq!(decode(&link), Ok((project, looked())));
    assert_eq!(decode(&link.replacen('2', "1", 1)), Err(ShareError::Damaged));
}

#[test]
fn links_are_short() {
    let link = encode(&of_dockerfile("FROM alpine\nRUN echo hello\n"), &ViewState::default()).unwrap();
    assert!(link.len() < 100, "{} characters", link.len());
}

#[test]
fn what_is_wrong_is_said() {
    let link = encode(&everything(), &looked()).unwrap();
    assert_eq!(decode(""), Err(ShareError::Empty));
    assert_eq!(decode("9abc"), Err(ShareError::Newer('9')));
    assert_eq!(decode(&format!("{link}%20")), Err(ShareError::Characters));
    assert_eq!(decode(&link[..link.len() / 2]), Err(ShareError::Damaged));
    let bomb = compress_to_vec(&vec![0; MOST_BYTES + 1], 9);
    let mut text = "1".to_owned();
    base64::encode(&bomb, &mut text);
    assert_eq!(decode(&text), Err(ShareError::TooBig));
}

fn contents() -> impl Strategy<Value = FileContent> {
    prop_oneof![
        "[ -~é𝄞\n]{0,40}".prop_map(FileContent::Text),
        proptest::collection::vec(any::<u8>(), 0..40).prop_map(FileContent::Bytes),
        any::<u64>().prop_map(FileContent::Declared),
        Just(FileContent::Directory),
        "[a-z./]{0,12}".prop_map(FileContent::Symlink),
    ]
}

fn projects() -> impl Strategy<Value = Project> {
    let file = (contents(), any::<u32>()).prop_map(|(content, mode)| ContextFile { content, mode });
    let files = proptest::collection::btree_map("[a-zA-Z./]{1,10}", file, 0..5);
    let args = proptest::collection::vec(("[A-Z]{1,5}", "[ -~]{0,9}"), 0..3);
    (files, args, proptest::option::of("[a-z]{1,5}"), any::<bool>(), any::<u32>()).prop_map(
        |(files, build_args, target, no_cache, workers)| Project {
            dockerfile: files.keys().next().cloned().unwrap_or_default(),
            files,
            build_args,
            target,
            no_cache,
            workers,
            ..Project::default()
        },
    )
}

proptest! {
    #[test]
    fn projects_go_there_and_back(project in projects(), pane in 0..6_usize, step in any::<Option<u32>>(), note in "[ -~é]{0,9}") {
        let state = ViewState {
            pane: Pane::ALL[pane],
            step: step.map(|s| (Builder::BuildKit, StepId(s))),
            note,
            ..ViewState::default()
        };
        let link = encode(&project, &state).unwrap();
        prop_assert!(link.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'));
        prop_assert_eq!(decode(&link), Ok((project, state)));
    }

    #[test]
    fn nothing_stops_it(text in "[123]?[A-Za-z0-9_-]{0,60}", any in "\\PC{0,20}") {
        let _ = decode(&text);
        let _ = decode(&any);
    }

    #[test]
    fn damage_is_a_value(at in any::<prop::sample::Index>(), c in "[A-Za-z0-9_-]") {
        let link = encode(&everything(), &looked()).unwrap();
        let at = at.index(link.len());
        let damaged = format!("{}{c}{}", &link[..at], &link[at + 1..]);
        let _ = decode(&damaged);
    }

    #[test]
    fn bytes_go_there_and_back(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let mut text = String::new();
        base64::encode(&bytes, &mut text);
        prop_assert_eq!(base64::decode(&text), Some(bytes));
    }
}
