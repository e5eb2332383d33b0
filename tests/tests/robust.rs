//! Whatever is typed, pasted or opened, nothing panics and an answer comes: through the engine's own door, with both
//! builders, natively.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use stagecraft_core::project::{ContextFile, FileContent, Project};
use stagecraft_dockerfile::Dialect;
use stagecraft_playground::engine::{Answer, Ask, Engine, Past, Request};
use stagecraft_playground::view::Look;
use stagecraft_tests::{dockerfiles, files, root, shared, text};

/// What takes longer is taken for endless: a build that never ends, not a slow machine, is what the test is to find.
const LONGEST: Duration = Duration::from_mins(10);

fn file(text: impl Into<String>) -> ContextFile {
    ContextFile { content: FileContent::Text(text.into()), mode: 0o644 }
}

fn project(dockerfile: &str) -> Project {
    let mut files = BTreeMap::new();
    files.insert("Dockerfile".to_owned(), file(dockerfile));
    files.insert(".dockerignore".to_owned(), file("**/*.log\n!keep.log\n"));
    files.insert("app.go".to_owned(), file("package main\n"));
    files.insert("src/main.c".to_owned(), file("int main(void) { return 0; }\n"));
    Project { files, dockerfile: "Dockerfile".to_owned(), ..Project::default() }
}

/// Simulates twice, the second time with what the first left in the cache; says what went wrong.
fn simulate(dockerfile: &str) -> Result<(), String> {
    let started = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        for dialect in [Dialect::BuildKit, Dialect::Legacy] {
            for instruction in &stagecraft_dockerfile::parse(dockerfile, dialect).instructions {
                let span = instruction.span;
                assert!(
                    dockerfile.get(span.start as usize..span.end as usize).is_some(),
                    "{span:?} is no part of the text"
                );
            }
        }
        let mut engine = Engine::new();
        let ask = Ask::Simulate {
            revision: 1,
            past: Past::Kept,
            project: project(dockerfile),
            look: Look::SideBySide,
            pane: None,
        };
        let first = engine.handle(Request { id: 1, ask }).answer;
        let second = engine.handle(Request { id: 2, ask: Ask::Warm(true) }).answer;
        matches!((first, second), (Answer::Update { revision: 1, .. }, Answer::Update { revision: 1, .. }))
    }));
    match outcome {
        Err(_) => Err("it panicked".to_owned()),
        Ok(false) => Err("the engine did not answer with an update".to_owned()),
        Ok(true) if started.elapsed() > LONGEST => Err(format!("it took {:?}", started.elapsed())),
        Ok(true) => Ok(()),
    }
}

fn simulate_all(paths: &[PathBuf]) {
    assert!(!paths.is_empty(), "there is nothing to simulate");
    let failures: Vec<String> = paths
        .iter()
        .filter_map(|path| Some(format!("{}: {}", path.display(), simulate(&text(path)).err()?)))
        .collect();
    assert!(failures.is_empty(), "{} of {}: {failures:#?}", failures.len(), paths.len());
}

fn part_of(folder: &str) {
    let Some(shared) = shared(folder) else { return };
    let folder = shared.join(folder);
    let paths: Vec<PathBuf> =
        dockerfiles(&shared).into_iter().filter(|path| Path::starts_with(path, &folder)).collect();
    simulate_all(&paths);
}

#[test]
fn the_corpus_goes_through_both_builders() {
    part_of("conformance/corpus/files");
}

#[test]
fn the_damaged_corpus_goes_through_both_builders() {
    part_of("conformance/corpus/broken");
}

#[test]
fn the_seeds_go_through_both_builders() {
    part_of("seeds");
}

fn examples() -> Vec<PathBuf> {
    let mut paths = files(&root().join("www/examples"), "", &[]);
    paths
        .retain(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("Dockerfile")));
    paths
}

#[test]
fn the_examples_go_through_both_builders() {
    simulate_all(&examples());
}

#[test]
fn nasty_files_are_answered() {
    let doubling: String = (0..64).map(|i| format!("ENV a{}=$a{i}$a{i}\n", i + 1)).collect();
    let chain: String = (1..300).map(|i| format!("FROM s{} AS s{i}\nRUN echo {i}\n", i - 1)).collect();
    let cases: Vec<(&str, String)> = vec![
        ("nothing", String::new()),
        ("a byte order mark", "\u{feff}FROM alpine\n".into()),
        ("only a mark", "\u{feff}".into()),
        ("a zero byte", "FROM alpine\nRUN echo \0\n".into()),
        ("carriage returns", "FROM alpine\r\nRUN echo a \\\r\n b\r\n".into()),
        ("a lone escape", "FROM alpine\nRUN \\".into()),
        ("another escape", "# escape=`\nFROM alpine\nRUN echo `\n a `".into()),
        ("an open here-document", "FROM alpine\nRUN <<EOF\necho".into()),
        ("many here-documents", format!("FROM alpine\nRUN {}\n", "<<A ".repeat(2_000))),
        ("an expansion that doubles", format!("FROM alpine\nENV a0=x\n{doubling}RUN echo $a64\n")),
        ("nested braces", format!("FROM alpine\nENV a={}{}\n", "${a:-".repeat(5_000), "}".repeat(5_000))),
        ("nested parentheses", format!("FROM alpine\nRUN {}true{}\n", "(".repeat(5_000), ")".repeat(5_000))),
        ("nested substitutions", format!("FROM alpine\nRUN echo {}x{}\n", "$(echo ".repeat(3_000), ")".repeat(3_000))),
        ("open quotes", "FROM alpine\nRUN echo \"'`$(\nCOPY \"a b\n".into()),
        ("nested lists", format!("FROM alpine\nCMD {}\n", "[".repeat(20_000))),
        ("an endless loop", "FROM alpine\nRUN while true; do echo x; done\n".into()),
        ("a loop that grows", "FROM alpine\nRUN a=x; while true; do a=$a$a; echo $a > /f; done\n".into()),
        ("a function that calls itself", "FROM alpine\nRUN f() { f; f; }; f\n".into()),
        ("a stage from itself", "FROM a AS a\nCOPY --from=a / /\n".into()),
        ("stages in a circle", "FROM alpine AS a\nCOPY --from=b / /\nFROM alpine AS b\nCOPY --from=a / /\n".into()),
        ("a long chain of stages", format!("FROM alpine AS s0\n{chain}")),
        ("a long line", format!("FROM alpine\nRUN echo {}\n", "x".repeat(1_000_000))),
        ("many lines", format!("FROM alpine\n{}", "ENV a=b\n".repeat(3_000))),
        ("wild globs", format!("FROM alpine\nCOPY {} /x/\n", "*".repeat(1_000))),
        ("a path that climbs", "FROM alpine\nWORKDIR ../../../..\nCOPY ../../etc /\nWORKDIR a/../../b\n".into()),
        ("links in a circle", "FROM alpine\nRUN ln -s /a /b && ln -s /b /a && cat /a && cp -r /a /c\nCOPY . /a/b/c\n".into()),
        ("wide characters", "FROM alpine AS 你好\nRUN echo 😀 é\nCOPY 😀 ${é:-😀}\n".into()),
        ("triggers of triggers", "FROM alpine\nONBUILD ONBUILD RUN x\nONBUILD FROM y\nONBUILD\n".into()),
        ("huge numbers", "FROM alpine\nEXPOSE 99999999999999999999\nHEALTHCHECK --retries=99999999999 --interval=99999999999999h CMD x\nRUN exit 99999999999\nCOPY --chmod=777777777777 --chown=99999999999 app.go /\n".into()),
        ("a huge copy in a loop", "FROM alpine\nRUN for i in 1 2 3 4 5 6 7 8 9; do cp -r / /copy$i; done\n".into()),
    ];
    let failures: Vec<String> =
        cases.iter().filter_map(|(name, text)| Some(format!("{name}: {}", simulate(text).err()?))).collect();
    assert!(failures.is_empty(), "{failures:#?}");
}

/// An example with some damage: something cut out, doubled, or put in.
fn damaged() -> impl Strategy<Value = String> {
    let texts: Vec<String> = examples().iter().map(|path| text(path)).collect();
    let pieces = prop::sample::select(vec![
        "\\",
        "\n",
        "\"",
        "'",
        "$",
        "${",
        "}",
        "<<EOF",
        "[",
        "]",
        "--",
        "=",
        "#",
        " ",
        "\t",
        "\r\n",
        "`",
        "$(",
        "é",
        "😀",
        "\0",
        "FROM ",
        "COPY --from=0 ",
        "RUN --mount=type=",
        "ARG ",
        "ONBUILD ",
        "|",
        "&&",
        "*",
        "/../",
        ":",
    ]);
    let edit = (any::<prop::sample::Index>(), 0_usize..40, pieces);
    (prop::sample::select(texts), prop::collection::vec(edit, 1..6)).prop_map(|(text, edits)| {
        let mut chars: Vec<char> = text.chars().collect();
        for (at, cut, piece) in edits {
            let from = at.index(chars.len() + 1);
            let to = (from + cut).min(chars.len());
            let removed: Vec<char> = chars.splice(from..to, piece.chars()).collect();
            if cut % 3 == 0 {
                chars.extend(removed);
            }
        }
        chars.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: ProptestConfig::default().cases.min(20_000), ..ProptestConfig::default() })]

    #[test]
    fn damaged_examples_are_answered(text in damaged()) {
        prop_assert_eq!(simulate(&text), Ok(()));
    }

    #[test]
    fn any_text_is_answered(text in "\\PC{0,200}") {
        prop_assert_eq!(simulate(&text), Ok(()));
    }
}
