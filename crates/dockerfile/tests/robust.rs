//! Whatever is thrown at the language, it answers: no panic, places inside of the text, the rest still recognised.
#![allow(missing_docs, clippy::indexing_slicing, clippy::unwrap_used)]

mod properties;

use properties::check;
use proptest::prelude::*;
use stagecraft_dockerfile::expand::{Lexer, MAX_OUTPUT};
use stagecraft_dockerfile::{Dialect, Severity, dump, parse};
use std::borrow::Cow;

/// Pieces of which odd files are made.
const PIECES: &[&str] = &[
    "FROM ",
    "RUN ",
    "COPY ",
    "ADD ",
    "ENV ",
    "ARG ",
    "LABEL ",
    "CMD ",
    "ONBUILD ",
    "HEALTHCHECK ",
    "SHELL ",
    "EXPOSE ",
    "VOLUME ",
    "STOPSIGNAL ",
    "USER ",
    "WORKDIR ",
    "MAINTAINER ",
    "ENTRYPOINT ",
    "from ",
    "BOGUS ",
    "AS ",
    "NONE ",
    "\n",
    "\n",
    "\n",
    "\r\n",
    "\\\n",
    "\\",
    "`\n",
    "`",
    "# escape=`\n",
    "# syntax=x\n",
    "# check=skip=all\n",
    "#",
    "# a\n",
    " ",
    "\t",
    "\u{a0}",
    "\u{feff}",
    "é",
    "한",
    "😀",
    "\0",
    "\r",
    "<<EOF",
    "<<-'E F'",
    "EOF\n",
    "3<<\"A\"",
    "<<",
    "<",
    "$",
    "${",
    "}",
    "${A:-b}",
    "${A#*}",
    "${A//b/$0}",
    "$A",
    ":",
    "?",
    "+",
    "-",
    "--",
    "--from=",
    "--mount=type=cache,",
    "--link",
    "--platform=",
    "--interval=1s",
    "=",
    "a=b",
    "\"",
    "'",
    "[",
    "]",
    ",",
    "[\"a\", \"b\"]",
    "[1]",
    "\\u12",
    "a",
    "b c",
    "/",
    "..",
    "*",
    "**",
    "!",
    ".",
    "@",
    "sha256:",
    "0",
    "443/tcp",
];

fn odd_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        9 => prop::sample::select(PIECES).prop_map(str::to_owned),
        1 => ".{0,8}".prop_map(|s: String| s),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// A file in which every instruction is in order, one per line or over several.
const GOOD: &[&str] = &[
    "ARG VERSION=1.22\n",
    "FROM --platform=$BUILDPLATFORM golang:${VERSION} AS build\n",
    "WORKDIR /src\n",
    "ENV A=1 \\\n    B=\"two words\" \\\n    # a comment\n    C='x'\n",
    "COPY --chown=1000:1000 [\"go.mod\", \"go.sum\", \"./\"]\n",
    "RUN --mount=type=cache,target=/root/.cache \\\n    go mod download && \\\n\n    go build -o /app .\n",
    "COPY <<EOF /etc/app.conf\nport = 80\nname = $A\nEOF\n",
    "RUN <<-'X'\n\techo one\n\techo two\n\tX\n",
    "FROM scratch\n",
    "COPY --from=build /app /app\n",
    "EXPOSE 80 443/tcp\n",
    "LABEL org.label=\"한국어\" other=x\n",
    "HEALTHCHECK --interval=5s --retries=3 CMD [\"/app\", \"check\"]\n",
    "USER nobody\n",
    "VOLUME /data\n",
    "STOPSIGNAL SIGTERM\n",
    "SHELL [\"/bin/sh\", \"-c\"]\n",
    "ONBUILD RUN echo hi\n",
    "ENTRYPOINT [\"/app\"]\n",
    "CMD --help\n",
];

#[test]
fn the_good_file_is_good() {
    let text = GOOD[..GOOD.len() - 1].concat();
    let file = check(&text, Dialect::BuildKit);
    assert!(file.first_error().is_none(), "{:?}", file.diagnostics);
    assert_eq!(file.instructions.len(), GOOD.len() - 1);
}

/// Ways to break an instruction.
#[derive(Debug, Clone)]
enum Damage {
    Delete(usize, usize),
    Insert(usize, String),
    Repeat(usize, usize),
    Lower,
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        (any::<usize>(), 1..12usize).prop_map(|(at, count)| Damage::Delete(at, count)),
        (any::<usize>(), prop::sample::select(PIECES))
            .prop_map(|(at, piece)| Damage::Insert(at, piece.to_owned())),
        (any::<usize>(), 1..12usize).prop_map(|(at, count)| Damage::Repeat(at, count)),
        Just(Damage::Lower),
    ]
}

fn apply(text: &str, damage: &Damage) -> String {
    let chars: Vec<char> = text.trim_end_matches('\n').chars().collect();
    let at = |at: usize| at % (chars.len() + 1);
    let stop = |from: usize, count: usize| (from + count).min(chars.len());
    let broken: String = match damage {
        Damage::Delete(from, count) => {
            let from = at(*from);
            chars[..from].iter().chain(&chars[stop(from, *count)..]).collect()
        }
        Damage::Insert(from, piece) => {
            let from = at(*from);
            chars[..from].iter().copied().chain(piece.chars()).chain(chars[from..].iter().copied()).collect()
        }
        Damage::Repeat(from, count) => {
            let from = at(*from);
            let stop = stop(from, *count);
            chars[..stop].iter().chain(&chars[from..]).collect()
        }
        Damage::Lower => text.trim_end_matches('\n').to_lowercase(),
    };
    broken + "\n"
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn odd_files(text in odd_text()) {
        properties::file(&text);
    }

    /// Breaking one instruction leaves those before it as they are, and those behind it are found again, but for
    /// the one that a continuation or a here-document may swallow.
    #[test]
    fn damage_stays_where_it_is(index in 0..GOOD.len() - 1, damage in damage()) {
        let good = &GOOD[..GOOD.len() - 1];
        let before = good[..index].concat();
        let after = good[index + 1..].concat();
        let text = format!("{before}{}{after}", apply(good[index], &damage));
        let file = check(&text, Dialect::BuildKit);
        let whole = good.concat();
        let reference = parse(&whole, Dialect::BuildKit);
        for (i, found) in file.instructions.iter().take(index).enumerate() {
            prop_assert_eq!(found.original.text(), reference.instructions[i].original.text());
            prop_assert_eq!(found.command.is_some(), true);
        }
        let lost: Vec<Cow<'_, str>> = reference.instructions[(index + 1).min(good.len())..]
            .iter()
            .map(|i| i.original.text())
            .filter(|line| !file.instructions.iter().any(|i| i.original.text() == *line && i.command.is_some()))
            .collect();
        prop_assert!(lost.len() <= 2, "lost {lost:?} in {text:?}");
    }

    #[test]
    fn odd_words(text in odd_text(), value in odd_text()) {
        properties::word(&text, &value);
    }

    #[test]
    fn odd_patterns(text in odd_text(), path in odd_text()) {
        properties::patterns(&text, &path);
        properties::reference(&text);
    }
}

#[test]
fn explosions_are_bounded() {
    let mut value = "x".repeat(1024);
    let lexer = Lexer::new('\\');
    let error = loop {
        let env = vec![("a".to_owned(), value)];
        match lexer.process_word("$a$a", &env) {
            Ok(found) => value = found.result,
            Err(error) => break error,
        }
        assert!(value.len() <= MAX_OUTPUT);
    };
    assert_eq!(error.message, "failed to process \"$a$a\": the result is larger than 4 MiB");
    let deep = "${a:-".repeat(100_000);
    assert!(
        lexer.process_word(&deep, &()).unwrap_err().message.ends_with("substitutions are nested too deeply")
    );
}

#[test]
fn deep_and_long_files() {
    let text = format!("FROM x\n{}RUN y\n", "ONBUILD \\\n".repeat(100_000));
    let file = check(&text, Dialect::BuildKit);
    assert_eq!(file.first_error().unwrap().message, "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
    assert_eq!(dump(&file).matches("(onbuild").count(), 100_000);

    let unclosed = format!("FROM x\n{}", "RUN <<EOF\nRUN a\n".repeat(20_000));
    let file = check(&unclosed, Dialect::BuildKit);
    assert!(file.instructions.len() > 20_000);
    assert_eq!(file.first_error().unwrap().lines.len(), 40_000);

    let long = format!("FROM x\nRUN {}\nRUN y\n", "a".repeat(70_000));
    let file = check(&long, Dialect::BuildKit);
    let error = file.first_error().unwrap();
    assert_eq!(error.message, "dockerfile line greater than max allowed size of 65535");
    assert_eq!((error.lines.as_slice(), file.instructions.len()), ([(1, 1)].as_slice(), 3));
    assert!(file.diagnostics.iter().all(|d| d.severity == Severity::Error));
}

#[test]
fn mends_do_what_they_say() {
    for (text, mended) in [
        ("FROM x\nRUNN make\n", "FROM x\nRUN make\n"),
        ("FROM x\nCOPY --chwn=1 a b\n", "FROM x\nCOPY --chown=1 a b\n"),
        ("form x\n", "from x\n"),
    ] {
        for dialect in [Dialect::BuildKit, Dialect::Legacy] {
            let file = parse(text, dialect);
            let fix = file.diagnostics[0].fix.clone().unwrap();
            let (span, replacement) = &fix.edits[0];
            let mut after = text.to_owned();
            after.replace_range(span.start as usize..span.end as usize, replacement);
            assert_eq!(after, mended);
            assert!(parse(&after, dialect).first_error().is_none());
        }
    }
}
