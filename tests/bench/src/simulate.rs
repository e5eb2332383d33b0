//! Whole simulations: the manual's example, and how time grows with the context and with the number of steps.

use std::fmt::Write;
use std::time::Duration;

use stagecraft_bench_runs::context::{self, project};
use stagecraft_core::builder::{Cache, simulate};
use stagecraft_core::catalogue::Catalogue;
use stagecraft_core::project::{ContextFile, FileContent, Project};
use stagecraft_core::simulation::Builder;
use stagecraft_tests::{root, text};

use crate::memory::peak;
use crate::stopwatch::median;

/// Prints how long both builders take.
pub(crate) fn run() {
    let catalogue = Catalogue::builtin();
    println!("a whole simulation, from text to layers and log (cold, then with the cache that it left):");
    let dockerfile = text(&root().join("www/examples/legacy-vs-buildkit/context/Dockerfile"));
    let mut small = project(&dockerfile, 0);
    small.target = Some("stage2".to_owned());
    row("docs-7", &small, &catalogue);

    println!(
        "a context of so many files: .dockerignore, COPY . ., a build stage, COPY --from into the last:"
    );
    for n in [100, 1_000, 10_000, 100_000] {
        row(&format!("{n} files"), &large("files", n), &catalogue);
    }

    println!("so many stages of ten steps, each from the one before:");
    for n in [1, 10, 100, 1_000] {
        row(&format!("{n} stages"), &large("stages", n), &catalogue);
    }

    println!("one stage of so many steps:");
    for n in [1_000, 2_000, 4_000, 8_000] {
        row(&format!("{n} steps"), &large("line", n), &catalogue);
    }

    println!("so many stages of ten steps that each lengthen one file, which therefore is in every layer:");
    for n in [1, 10, 100, 1_000] {
        row(&format!("{n} stages"), &large("append", n), &catalogue);
    }

    println!("ten thousand files in one directory, and so many steps that each change one:");
    for n in [1, 10, 100, 1_000] {
        row(&format!("{n} steps"), &large("wide", n), &catalogue);
    }

    println!("ten thousand files, and so many steps that each change one:");
    for n in [1, 10, 100, 1_000] {
        row(&format!("{n} steps"), &large("steps", n), &catalogue);
    }
}

/// Simulates one project twice, for a profiler to look at.
pub(crate) fn once(what: &str, n: usize, builder: Builder) {
    let catalogue = Catalogue::builtin();
    let project = large(what, n);
    let (build, cache) = simulate(&project, builder, &catalogue, &Cache::default());
    let error = build.error.map(|error| error.message);
    println!("{} steps, {} ms of the simulated clock, {error:?}", build.steps.len(), build.duration);
    drop(cache);
}

/// A project that grows with `n`: in files, in stages, or in steps over ten thousand files.
fn large(what: &str, n: usize) -> Project {
    match what {
        "files" => context::files(n),
        "steps" => {
            let steps = "RUN echo x >> /src/d0/e0/f1.go\n".repeat(n);
            project(&format!("FROM alpine:3.19\nWORKDIR /src\nCOPY . .\n{steps}"), 10_000)
        }
        "wide" => {
            let steps = "RUN echo x >> /src/f1.go\n".repeat(n);
            let mut project = project(&format!("FROM alpine:3.19\nCOPY . /src\n{steps}"), 0);
            let file = ContextFile { content: FileContent::Text("x\n".to_owned()), mode: 0o644 };
            project.files.extend((0..10_000).map(|i| (format!("f{i}.go"), file.clone())));
            project
        }
        "line" => {
            let steps: String = (0..n).fold(String::new(), |mut steps, step| {
                let _ = writeln!(steps, "RUN echo {step} > /f");
                steps
            });
            project(&format!("FROM alpine:3.19\n{steps}"), 0)
        }
        _ => {
            let mut dockerfile = String::from("FROM alpine:3.19 AS s0\n");
            for stage in 1..=n {
                let _ = writeln!(dockerfile, "FROM s{} AS s{stage}", stage - 1);
                for step in 0..10 {
                    let _ = match what {
                        "append" => writeln!(dockerfile, "RUN echo x >> /f"),
                        _ => writeln!(dockerfile, "RUN echo {stage}.{step} > /f"),
                    };
                }
            }
            project(&dockerfile, 0)
        }
    }
}

fn row(name: &str, project: &Project, catalogue: &Catalogue) {
    let time = |builder: Builder, cache: &Cache, rounds: usize| -> Duration {
        median(rounds, || simulate(project, builder, catalogue, cache).0.steps.len())
    };
    let cold = Cache::default();
    let mut cells = Vec::new();
    for (label, builder) in [("BuildKit", Builder::BuildKit), ("legacy", Builder::Legacy)] {
        let ((build, warm), bytes) = peak(|| simulate(project, builder, catalogue, &cold));
        let rounds = if time(builder, &cold, 1) > Duration::from_millis(50) { 3 } else { 21 };
        let outcome = if build.error.is_some() { ", fails" } else { "" };
        let steps = build.steps.len();
        drop(build);
        cells.push(format!(
            "{label} {:>9.3} ms, {:>9.3} ms again, {:>7.1} MB ({steps} steps{outcome})",
            time(builder, &cold, rounds).as_secs_f64() * 1e3,
            time(builder, &warm, rounds).as_secs_f64() * 1e3,
            bytes as f64 / 1e6,
        ));
    }
    println!("  {name:<14} {}", cells.join("; "));
}
