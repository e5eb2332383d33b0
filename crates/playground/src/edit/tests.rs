#![allow(clippy::string_slice, reason = "the places are known")]

use super::*;
use crate::project::{of_dockerfile, text_file};
use proptest::prelude::*;
use stagecraft_core::catalogue::Catalogue;
use stagecraft_core::project::Project;

/// A project whose Dockerfile has `|` at the caret; the caret's offset.
fn at_caret(text: &str) -> (Project, u32) {
    let caret = text.find('|').unwrap();
    let offset = text[..caret].encode_utf16().count() as u32;
    let mut project = of_dockerfile(&text.replacen('|', "", 1));
    project.files.insert("src/main.go".into(), text_file(""));
    project.files.insert("go.mod".into(), text_file(""));
    (project, offset)
}

fn labels(text: &str) -> String {
    let (project, offset) = at_caret(text);
    let found = complete(&project, &Catalogue::default(), offset);
    let labels: Vec<&str> = found.items.iter().map(|i| &*i.label).collect();
    let typed = offset - found.range.from;
    format!("{typed}: {}", labels.join(", "))
}

#[test]
fn proposals_fit_their_place() {
    let cases = [
        ("FROM a\nEXP|", "3: EXPOSE "),
        ("from a\nexp|", "3: expose "),
        ("FROM a\nONBUILD WOR|", "3: WORKDIR "),
        ("FROM a AS one\nFROM b AS two\nCOPY --from=|", "0: two, one, scratch"),
        ("FROM a AS one\nFROM o|", "1: one"),
        ("FROM a |", "0: AS "),
        ("FROM a\nCOPY --l|", "3: --link"),
        ("FROM a\nCOPY |", "0: Dockerfile, go.mod, src/"),
        ("FROM a\nCOPY src/|", "4: src/main.go"),
        ("FROM a\nCOPY --from=a |", "0: "),
        (
            "ARG G=1\nFROM a:${|",
            "0: BUILDARCH}, BUILDOS}, BUILDPLATFORM}, BUILDVARIANT}, G}, TARGETARCH}, TARGETOS}, TARGETPLATFORM}, TARGETVARIANT}",
        ),
        ("ARG G=1\nFROM a\nENV H=2\nRUN echo $|", "0: H"),
        ("ARG G=1\nFROM a\nARG G|", "1: "),
        ("FROM a\nRUN --mount=type=c|", "6: type=cache,target="),
        ("FROM a\nRUN --mount=type=cache,ta|", "2: target="),
        ("FROM a\nRUN <<E\nco|\nE\n", "2: "),
        ("FROM a\n# eff|", "5: # effect: create , # effect: delete , # effect: takes , # effect: fails"),
        ("# syn|", "5: # syntax=docker/dockerfile:1"),
        ("FROM é\nSTOPSIGNAL SIGQ|", "4: SIGQUIT"),
    ];
    for (text, expected) in cases {
        assert_eq!(labels(text), expected, "{text}");
    }
}

fn told(text: &str) -> String {
    let (project, offset) = at_caret(text);
    let found = hover(&project, &Catalogue::builtin(), offset);
    found.map_or_else(String::new, |h| {
        h.paragraphs.iter().map(ToString::to_string).collect::<Vec<_>>().join(" / ")
    })
}

#[test]
fn words_are_explained() {
    let all = [
        "FR|OM alpine",
        "FROM al|pine:3.19",
        "FROM nobody/kno|ws:1",
        "FROM a AS one\nFROM on|e",
        "FROM a\nCOPY --li|nk a b",
        "ARG V=1\nFROM a\nRUN echo $|V",
        "ARG V=1\nFROM a:$|V",
        "FROM a\nRUN ec|ho",
    ];
    let lines: Vec<String> = all.iter().map(|text| format!("{text:?}\n  {}", told(text))).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

proptest! {
    #[test]
    fn nothing_stops_it(text in "(FROM|COPY|RUN|ARG|ENV|--from=|<<E|\\$\\{|é|𝄞|#| |\n|a|=|\\\\){0,14}", offset in 0_u32..60) {
        let project = of_dockerfile(&text);
        let catalogue = Catalogue::default();
        let found = complete(&project, &catalogue, offset);
        prop_assert!(found.range.from <= found.range.to);
        let _ = hover(&project, &catalogue, offset);
        let _ = highlight(Language::Dockerfile, &text);
        let _ = highlight(Language::Ignore, &text);
    }
}
