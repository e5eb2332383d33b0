//! Parsing, beside the two parsers of Dockerfiles on crates.io.

use std::time::Duration;

use stagecraft_dockerfile::{Dialect, Instruction, Severity};
use stagecraft_tests::{files, root, shared, text};

use crate::stopwatch::median;

/// How often all files are parsed by each parser.
const ROUNDS: usize = 31;

/// Prints how many files each parser accepts, the speeds on those that all three accept, and how time grows.
pub(crate) fn run() {
    let texts = texts();
    let accepts = |accepts: fn(&str) -> bool| texts.iter().filter(|text| accepts(text)).count();
    println!(
        "of {} Dockerfiles, stagecraft-dockerfile accepts {}, parse-dockerfile {}, dockerfile-parser {}",
        texts.len(),
        accepts(|text| understood(text)),
        accepts(|text| parse_dockerfile::parse(text).is_ok()),
        accepts(|text| dockerfile_parser::Dockerfile::parse(text).is_ok())
    );
    let accepted: Vec<&str> = texts
        .iter()
        .map(String::as_str)
        .filter(|text| {
            parse_dockerfile::parse(text).is_ok() && dockerfile_parser::Dockerfile::parse(text).is_ok()
        })
        .collect();
    let bytes: usize = accepted.iter().map(|text| text.len()).sum();
    println!(
        "parsing the {} that all three accept ({bytes} bytes), median of {ROUNDS} rounds:",
        accepted.len()
    );

    let ours = median(ROUNDS, || accepted.iter().map(|text| instructions(text).len()).sum::<usize>());
    let taiki = median(ROUNDS, || {
        accepted
            .iter()
            .filter_map(|text| Some(parse_dockerfile::parse(text).ok()?.instructions.len()))
            .sum::<usize>()
    });
    let pest = median(ROUNDS, || {
        accepted
            .iter()
            .filter_map(|text| Some(dockerfile_parser::Dockerfile::parse(text).ok()?.instructions.len()))
            .sum::<usize>()
    });
    line("stagecraft-dockerfile (every word with its span, all problems)", bytes, ours, ours);
    line("parse-dockerfile 0.1.9 (stops at the first problem)", bytes, taiki, ours);
    line("dockerfile-parser 0.9.0 (stops at the first problem)", bytes, pest, ours);

    println!("growth, which should be that of the size:");
    growth("instructions", [1, 10, 100], |n| {
        format!("FROM alpine\n{}", "RUN --mount=type=cache,target=/a echo $b \"c d\"\n".repeat(n * 1_000))
    });
    growth("kB of here-document", [100, 1_000, 10_000], |n| {
        format!("FROM alpine\nRUN <<EOF\n{}EOF\n", "echo 0123456789\n".repeat(n * 64))
    });
}

/// Parses all files so many times, for a profiler to look at.
pub(crate) fn once(times: usize) {
    let texts = texts();
    let all = (0..times).map(|_| texts.iter().map(|text| instructions(text).len()).sum::<usize>());
    println!("{} instructions", all.sum::<usize>());
}

/// Prints how long texts of growing size take; `make` gets a number of thousands.
fn growth(what: &str, sizes: [usize; 3], make: impl Fn(usize) -> String) {
    for thousands in sizes {
        let text = make(thousands);
        let time = median(5, || instructions(&text).len());
        let size = if what == "instructions" { thousands * 1_000 } else { text.len() / 1_000 };
        println!(
            "  {size:>8} {what:<20} {:>9.3} ms {:>8.1} MB/s",
            time.as_secs_f64() * 1e3,
            text.len() as f64 / 1e6 / time.as_secs_f64()
        );
    }
}

fn understood(text: &str) -> bool {
    let parsed = stagecraft_dockerfile::parse(text, Dialect::BuildKit);
    parsed.diagnostics.iter().all(|diagnostic| diagnostic.severity != Severity::Error)
}

fn instructions(text: &str) -> Vec<Instruction<'_>> {
    stagecraft_dockerfile::parse(text, Dialect::BuildKit).instructions
}

fn line(name: &str, bytes: usize, time: Duration, ours: Duration) {
    let seconds = time.as_secs_f64().max(f64::EPSILON);
    println!(
        "  {name:<64} {:>8.1} MB/s {:>9.2} ms, {:>6.2} times ours",
        bytes as f64 / 1e6 / seconds,
        seconds * 1e3,
        seconds / ours.as_secs_f64().max(f64::EPSILON)
    );
}

/// The corpus where it is there, our own examples where it is not.
pub(crate) fn texts() -> Vec<String> {
    let paths = match shared("bench") {
        Some(shared) => files(&shared.join("conformance/corpus/files"), ".Dockerfile", &[]),
        None => files(&root().join("www/examples"), "", &[])
            .into_iter()
            .filter(|file| {
                file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("Dockerfile"))
            })
            .collect(),
    };
    paths.iter().map(|file| text(file)).collect()
}
