//! What cannot be known is not taken for a failure, and what is known is not taken for doubtful: whole builds, with both
//! builders.
#![allow(clippy::expect_used, reason = "a test may fail loudly")]

use stagecraft_core::builder::{Cache, simulate};
use stagecraft_core::catalogue::Catalogue;
use stagecraft_core::project::{ContextFile, FileContent, Project};
use stagecraft_core::simulation::{Builder, Certainty};
use std::collections::BTreeMap;

/// How a Dockerfile's build ends: the error, or how far it is known.
fn ends(dockerfile: &str, builder: Builder) -> Result<Certainty, String> {
    let file = ContextFile { content: FileContent::Text(dockerfile.to_owned()), mode: 0o644 };
    let files = BTreeMap::from([("Dockerfile".to_owned(), file)]);
    let project = Project { files, dockerfile: "Dockerfile".to_owned(), ..Project::default() };
    let (build, _) = simulate(&project, builder, &Catalogue::builtin(), &Cache::default());
    let certainty = build.steps.iter().map(|step| step.certainty).max();
    match build.error {
        Some(error) => Err(error.message),
        None => Ok(certainty.expect("it has steps")),
    }
}

fn each(dockerfile: &str, check: impl Fn(Result<Certainty, String>)) {
    for builder in [Builder::BuildKit, Builder::Legacy] {
        check(ends(dockerfile, builder));
    }
}

fn unknown(dockerfile: &str) {
    each(dockerfile, |end| assert_eq!(end, Ok(Certainty::Unknown), "{dockerfile}"));
}

fn fails(dockerfile: &str, with: &str) {
    each(dockerfile, |end| {
        let message = end.expect_err(dockerfile);
        assert!(message.contains(with), "{message}");
    });
}

#[test]
fn what_an_unknown_image_is_copied_over_may_have_anything() {
    unknown("FROM example.com/tools AS tools\nFROM alpine\nCOPY --from=tools / /\nRUN tool --version\n");
    // One file of it says nothing of the rest.
    fails(
        "FROM example.com/tools AS tools\nFROM alpine\nCOPY --from=tools /a /a\nRUN nothing-like-it\n",
        "127",
    );
}

#[test]
fn a_tag_of_another_kind_of_system_is_not_near() {
    each("FROM mcr.microsoft.com/dotnet/aspnet:8.0-alpine\nRUN apk add --no-cache icu-libs\n", |end| {
        assert!(end.is_ok(), "{end:?}");
    });
}

#[test]
fn packages_may_bring_programs_that_nobody_listed() {
    unknown("FROM python:alpine\nRUN pip install some-tool\nRUN some-other-name --version\n");
    unknown("FROM debian\nRUN apt-get update && apt-get install -y imagemagick\nRUN convert a.png b.jpg\n");
    unknown("FROM debian\nRUN apt-get update && apt-get install -y libpq-dev\nRUN pg_config --libdir\n");
    // What is known to come with another package did not come with this one.
    fails("FROM debian\nRUN apt-get update && apt-get install -y imagemagick\nRUN curl example.com\n", "127");
    fails("FROM debian\nRUN apt-get update && apt-get install -y git\nRUN no-such-program\n", "127");
    fails("FROM alpine\nRUN apk add --no-cache git make\nRUN no-such-program\n", "127");
}

#[test]
fn what_a_script_decides_on_unknown_text_is_not_a_failure() {
    let clone = "FROM alpine\nRUN apk add --no-cache git && git clone https://example.com/x /x\nWORKDIR /x\n";
    unknown(&format!("{clone}RUN if [ -n \"$(git status --porcelain)\" ]; then exit 1; fi\n"));
    unknown(&format!("{clone}RUN case \"$(cat VERSION)\" in 1.*) ;; *) exit 1 ;; esac\n"));
    unknown(&format!("{clone}RUN ! ./check.sh\n"));
    fails(&format!("{clone}RUN false\n"), "1");
}

#[test]
fn what_a_download_brought_stays_there_for_the_next_step() {
    unknown(
        "FROM alpine\nRUN apk add --no-cache git && git clone https://example.com/x /x\nRUN cat /x/README\n",
    );
}

#[test]
fn apk_fetches_an_index_by_itself_since_alpine_3_8() {
    each("FROM alpine\nRUN apk add git\n", |end| assert_eq!(end, Ok(Certainty::Modelled)));
    fails("FROM alpine:3.7\nRUN apk add git\n", "1");
}

#[test]
fn a_user_of_an_unknown_image_may_be_there() {
    unknown("FROM example.com/app\nUSER app\nRUN id -un\n");
    fails("FROM alpine\nUSER app\nRUN id -un\n", "app");
}

#[test]
fn windows_is_not_simulated() {
    for image in ["mcr.microsoft.com/windows/nanoserver:ltsc2022", "golang:1.22-windowsservercore"] {
        unknown(&format!("FROM {image}\nRUN dir C:\\\n"));
    }
}
