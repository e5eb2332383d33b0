//! Parsing, beside the two parsers of Dockerfiles on crates.io.

use std::time::Duration;

use stagecraft_dockerfile::{Dialect, Instruction};
use stagecraft_tests::{dockerfiles, files, root, shared, text};

use crate::stopwatch::median;

/// How often all files are parsed by each parser.
const ROUNDS: usize = 31;

/// Parses every file that all three parsers accept, and prints the speeds and their ratios.
pub(crate) fn run() {
    let texts = texts();
    let all = texts.len();
    let accepted: Vec<&str> = texts
        .iter()
        .map(String::as_str)
        .filter(|text| parse_dockerfile::parse(text).is_ok() && dockerfile_parser::Dockerfile::parse(text).is_ok())
        .collect();
    let bytes: usize = accepted.iter().map(|text| text.len()).sum();
    println!("parsing {} Dockerfiles ({bytes} bytes) of {all}, those that all three parsers accept:", accepted.len());

    let ours = median(ROUNDS, || accepted.iter().map(|text| instructions(text).len()).sum::<usize>());
    let taiki = median(ROUNDS, || {
        accepted.iter().filter_map(|text| Some(parse_dockerfile::parse(text).ok()?.instructions.len())).sum::<usize>()
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
fn texts() -> Vec<String> {
    let paths = match shared("bench") {
        Some(shared) => dockerfiles(&shared),
        None => files(&root().join("www/examples"), "", &[])
            .into_iter()
            .filter(|file| file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("Dockerfile")))
            .collect(),
    };
    paths.iter().map(|file| text(file)).collect()
}
