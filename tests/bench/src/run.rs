//! Every `RUN` of the corpus: that none of them panics, how many of their commands have a model, and how many lines run
//! in a second. The contexts of these files are not known, so what is copied from them is unknown content.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use stagecraft_core::catalogue::Catalogue;
use stagecraft_sandbox::shell::{self, Certainty, Exit, Why};
use stagecraft_tests::{files, shared, text};

/// What was counted.
#[derive(Default)]
struct Counts {
    lines: usize,
    failed: usize,
    out_of_fuel: usize,
    /// Lines by what their commands are: all modelled, some, none.
    known: [usize; 3],
    exact: usize,
    modelled: usize,
    unknown: usize,
    /// Commands without a model, and options without one, by name.
    no_model: BTreeMap<String, usize>,
    no_option: BTreeMap<String, usize>,
    /// Other reasons.
    other: BTreeMap<&'static str, usize>,
    /// What fails, by the first word of the command that did.
    failing: BTreeMap<String, usize>,
}

/// Prints the shares and the speed.
pub(crate) fn run(verbose: bool) {
    let Some(folder) = shared("run") else { return };
    let catalogue = Catalogue::builtin();
    let mut counts = Counts::default();
    let started = Instant::now();
    let mut spent = std::time::Duration::ZERO;
    let corpus = files(&folder.join("conformance/corpus/files"), ".Dockerfile", &[]);
    for file in &corpus {
        let mut seen = BTreeSet::new();
        stagecraft_bench_runs::each(&text(file), &catalogue, &mut |lines, request| {
            let script = request.argv.last().cloned().unwrap_or_default();
            let started = Instant::now();
            let done = shell::run(request);
            if seen.insert(lines.to_vec()) {
                spent += started.elapsed();
                count(&mut counts, &done, verbose.then_some(script.as_str()));
            }
            done
        });
    }
    let commands = counts.exact + counts.modelled + counts.unknown;
    let share = |n: usize, of: usize| 100.0 * n as f64 / of.max(1) as f64;
    println!(
        "every RUN of {} Dockerfiles, in {:.1} s with their plans:",
        corpus.len(),
        started.elapsed().as_secs_f64()
    );
    println!(
        "  {} lines, {:.0} a second; {} end with an error, {} used up their budget",
        counts.lines,
        counts.lines as f64 / spent.as_secs_f64().max(1e-9),
        counts.failed,
        counts.out_of_fuel
    );
    let [all, some, none] = counts.known;
    println!(
        "  lines: {:.1} % fully modelled, {:.1} % partly, {:.1} % unknown",
        share(all, counts.lines),
        share(some, counts.lines),
        share(none, counts.lines)
    );
    println!(
        "  {commands} commands: {:.1} % as in life, {:.1} % by a model, {:.1} % unknown ({:.1} % fully modelled)",
        share(counts.exact, commands),
        share(counts.modelled, commands),
        share(counts.unknown, commands),
        share(counts.exact + counts.modelled, commands)
    );
    most("without a model", &counts.no_model);
    most("with an option that has none", &counts.no_option);
    let other: Vec<String> = counts.other.iter().map(|(why, n)| format!("{why} {n}")).collect();
    println!("  for other reasons: {}", other.join(", "));
    most("that end a line with an error", &counts.failing);
}

/// The most frequent names of a table.
fn most(title: &str, table: &BTreeMap<String, usize>) {
    let mut rows: Vec<(&String, &usize)> = table.iter().collect();
    rows.sort_by_key(|(name, n)| (std::cmp::Reverse(**n), (*name).clone()));
    let shown: Vec<String> = rows.iter().take(40).map(|(name, n)| format!("{name} {n}")).collect();
    println!("  commands {title}: {}", shown.join(", "));
}

fn count(counts: &mut Counts, done: &shell::Outcome, verbose: Option<&str>) {
    counts.lines += 1;
    counts.out_of_fuel += usize::from(done.exit == Exit::OutOfFuel);
    let failed = !done.exit.success();
    counts.failed += usize::from(failed);
    let mut line = [0, 0];
    for trace in &done.traces {
        match trace.certainty {
            Certainty::Exact => counts.exact += 1,
            Certainty::Modelled => counts.modelled += 1,
            Certainty::Unknown => counts.unknown += 1,
        }
        if let Some(n) = line.get_mut(usize::from(trace.certainty == Certainty::Unknown)) {
            *n += 1;
        }
    }
    if failed && let Some(last) = done.traces.iter().rev().find(|trace| trace.exit != 0) {
        *counts.failing.entry(first_word(&last.command)).or_default() += 1;
    }
    let at = match line {
        [_, 0] => 0,
        [0, _] => 2,
        _ => 1,
    };
    if let Some(n) = counts.known.get_mut(at) {
        *n += 1;
    }
    for unknown in &done.unknown {
        let name = first_word(&unknown.command);
        match &unknown.why {
            Why::NoModel => *counts.no_model.entry(name).or_default() += 1,
            Why::Option(option) => *counts.no_option.entry(format!("{name} {option}")).or_default() += 1,
            Why::MadeUpBinary => *counts.other.entry("a binary that was made up").or_default() += 1,
            Why::Content(_) => *counts.other.entry("content that is not known").or_default() += 1,
            Why::MayExist(_) => *counts.other.entry("a file that may exist").or_default() += 1,
            Why::Interpreter(_) => *counts.other.entry("another language").or_default() += 1,
        }
    }
    if let Some(line) = verbose {
        let line: String = line.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(400).collect();
        let unknown: Vec<String> =
            done.unknown.iter().map(|u| format!("{} ({:?})", u.command, u.why)).collect();
        let errors: Vec<&str> =
            done.output.iter().rev().take(2).filter(|_| failed).map(|line| line.text.as_str()).collect();
        if failed || !unknown.is_empty() {
            println!(
                "{:?} {line}\n    unknown {}\n    {}",
                done.exit,
                unknown.join("; "),
                errors.join(" <- ")
            );
        }
    }
}

/// The name of a program, without directories.
fn first_word(command: &str) -> String {
    let word = command.split_whitespace().next().unwrap_or("");
    word.rsplit('/').next().unwrap_or(word).to_owned()
}
