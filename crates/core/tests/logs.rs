//! Logs of real builds (made by hand after real ones: no text of others) and what they make of one project's
//! schedule. Each folder of `logs/` has a log; all are of `logs/Dockerfile`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use stagecraft_core::catalogue::Catalogue;
use stagecraft_core::import::{self, Log, Outcome};
use stagecraft_core::project::{ContextFile, FileContent, Project};
use stagecraft_core::simulation::{Build, Builder, DurationSource, Reason, Status};
use stagecraft_core::{Cache, schedule, simulate};
use std::fmt::Write as _;
use std::path::Path;

const NAMES: [&str; 5] = ["plain", "edited", "rawjson", "terminal", "legacy"];

fn text(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs").join(name);
    std::fs::read_to_string(path).unwrap()
}

fn project(log: &str) -> Project {
    let file = |text: &str| ContextFile { content: FileContent::Text(text.to_owned()), mode: 0o644 };
    let files = [
        ("Dockerfile", text("Dockerfile")),
        ("go.mod", "module shop\n".to_owned()),
        ("main.go", "package main\n\nfunc main() {}\n".to_owned()),
    ];
    Project {
        files: files.iter().map(|(name, text)| ((*name).to_owned(), file(text))).collect(),
        dockerfile: "Dockerfile".to_owned(),
        log: log.to_owned(),
        ..Project::default()
    }
}

fn build(project: &Project, builder: Builder) -> Build {
    simulate(project, builder, &Catalogue::builtin(), &Cache::default()).0
}

/// Steps with their times, and what did not match.
fn told(log: &Log, build: &Build) -> String {
    let mut out = String::new();
    for step in &build.steps {
        let source = match step.duration_source {
            DurationSource::Model => "model",
            DurationSource::Stated => "stated",
            DurationSource::Imported => "log",
        };
        let critical = if step.critical { "*" } else { " " };
        let _ = writeln!(
            out,
            "{critical} {:>6} +{:<6} {:<6} {source:<6} {:?} {:?} {}",
            step.start, step.duration, step.work, step.status, step.reason, step.name
        );
    }
    let report = import::report(log, build);
    let _ = writeln!(out, "{} of {} steps matched", report.matched, log.entries.len());
    for entry in report.entries_left.iter().filter_map(|at| log.entries.get(*at)) {
        let _ = writeln!(out, "only in the log: {} {:?} {:?}", entry.name, entry.outcome, entry.duration);
    }
    for step in &report.steps_left {
        let _ = writeln!(out, "not in the log: {}", build.steps[step.0 as usize].name);
    }
    let totals = schedule::totals(build);
    let _ = writeln!(out, "log {:?}, {totals:?}", log.total);
    out
}

#[test]
fn logs_drive_the_schedule() {
    for name in NAMES {
        let text = text(&format!("{name}/log"));
        let log = import::read(&text).unwrap();
        let build = build(&project(&text), log.format.builder());
        insta::assert_snapshot!(name, told(&log, &build));
    }
}

#[test]
fn what_is_kept_of_a_log_says_the_same() {
    for name in NAMES {
        let log = import::read(&text(&format!("{name}/log"))).unwrap();
        let again = import::read(&log.reduced()).unwrap();
        let open = |log: &Log| {
            // Times of what did not run to its end count for nothing.
            log.entries.iter().map(|e| (e.name.clone(), e.outcome, e.executed())).collect::<Vec<_>>()
        };
        assert_eq!((open(&again), again.total), (open(&log), log.total), "{name}");
        assert_eq!(again.reduced(), log.reduced());
    }
}

/// What the simulated builders print is as real as what real ones print.
#[test]
fn the_simulated_builders_logs_can_be_read() {
    for builder in [Builder::BuildKit, Builder::Legacy] {
        let first = build(&project(""), builder);
        let printed: Vec<&str> = first.log.iter().map(|line| line.text.as_str()).collect();
        let log = import::read(&printed.join("\n")).unwrap();
        assert_eq!(log.format.builder(), builder);
        let report = import::report(&log, &build(&project(&printed.join("\n")), builder));
        assert_eq!((report.entries_left, report.steps_left), (vec![], vec![]), "{}", printed.join("\n"));
    }
}

/// Durations are of instructions, whoever carries them out; hits are of the builder that had them.
#[test]
fn a_log_of_buildkit_times_the_legacy_builder_too() {
    let build = build(&project(&text("plain/log")), Builder::Legacy);
    let step = |name: &str| build.steps.iter().find(|step| step.name.contains(name)).unwrap();
    let compile = step("RUN go build");
    assert_eq!((compile.duration, compile.duration_source), (21_400, DurationSource::Imported));
    assert_eq!(step("RUN go mod download").status, Status::Ran);
    // The log says that it was cached, so that the comment in the file is all that is known.
    assert_eq!((step("RUN go mod download").duration, step("RUN go mod download").work), (9_000, 9_000));
    assert_eq!(step("RUN apk add").duration, 2_100);
}

#[test]
fn what_follows_an_edit_is_not_taken_from_the_logged_cache() {
    let mut project = project(&text("plain/log"));
    let edited = text("Dockerfile").replace("WORKDIR /src", "WORKDIR /work");
    project.files.get_mut("Dockerfile").unwrap().content = FileContent::Text(edited);
    let build = build(&project, Builder::BuildKit);
    let download = build.steps.iter().find(|step| step.name.contains("go mod download")).unwrap();
    // Its own parent is in the log, but that one's is not.
    let copy = build.steps.iter().find(|step| step.name.contains("COPY go.mod")).unwrap();
    assert_eq!(copy.status, Status::Ran);
    assert_eq!(download.status, Status::Ran);
}

/// Once the simulated cache has something to say, it decides; the log still knows how long things take.
#[test]
fn a_warm_cache_counts_more_than_the_log() {
    let project = project(&text("plain/log"));
    let catalogue = Catalogue::builtin();
    let (_, cache) = simulate(&project, Builder::BuildKit, &catalogue, &Cache::default());
    let mut changed = project.clone();
    let main = changed.files.get_mut("main.go").unwrap();
    main.content = FileContent::Text("package main\n\nfunc main() { println(1) }\n".to_owned());
    let (again, _) = simulate(&changed, Builder::BuildKit, &catalogue, &cache);
    let step = |name: &str| again.steps.iter().find(|step| step.name.contains(name)).unwrap();
    assert_eq!(step("go mod download").reason, Reason::Unchanged);
    assert!(matches!(&step("COPY . .").reason, Reason::FilesChanged { paths, .. } if *paths == ["main.go"]));
    assert_eq!((step("go build").status, step("go build").duration), (Status::Ran, 21_400));
    let apk = step("apk add");
    assert_eq!((apk.status, apk.duration, apk.work), (Status::Cached, 0, 2_100));
    assert_eq!(
        schedule::totals(&again).saved_by_cache,
        again.steps.iter().map(|s| s.work - s.duration).sum::<u64>()
    );
}

#[test]
fn skipped_stages_are_told_by_what_they_would_take() {
    let stated = |project: &mut Project| {
        project.durations.insert("RUN go test ./...".to_owned(), 30_000);
        project.durations.insert("RUN apk add --no-cache ca-certificates".to_owned(), 5_000);
    };
    let mut last = project("");
    stated(&mut last);
    let catalogue = Catalogue::builtin();
    let of = |project: &Project, builder| {
        let skipped = schedule::skipped(project, &catalogue, &build(project, builder));
        skipped.iter().map(|stage| (stage.stage.0, stage.work)).collect::<Vec<_>>()
    };
    assert_eq!(of(&last, Builder::BuildKit), [(1, Some(30_000))]);
    assert_eq!(of(&last, Builder::Legacy), []);
    last.target = Some("build".to_owned());
    assert_eq!(of(&last, Builder::BuildKit).first(), Some(&(1, Some(30_000))));
    assert!(of(&last, Builder::Legacy).iter().all(|(_, work)| work.is_some_and(|work| work >= 5_000)));
}

#[test]
fn what_is_no_log_has_no_steps() {
    for text in ["", "hello\n", "FROM alpine\nRUN x #1 y\n", "#1\n", "{\"vertexes\":[]}\n", "#1 DONE 1.0s\n"]
    {
        assert_eq!(import::read(text), None, "{text}");
    }
}

#[test]
fn stamps_before_a_legacy_log_give_durations() {
    let log = "\
2024-05-01T12:00:00.000Z Step 1/2 : FROM alpine
2024-05-01T12:00:00.500Z  ---> 3fd9065eaf02
2024-05-01T12:00:00.600Z Step 2/2 : RUN sleep 3
2024-05-01T12:00:03.750Z  ---> 50aa7d144269
2024-05-01T12:00:03.800Z Successfully built 50aa7d144269
";
    let log = import::read(log).unwrap();
    let times: Vec<_> = log.entries.iter().map(|e| (e.outcome, e.duration)).collect();
    assert_eq!(times, [(Outcome::Ran, Some(600)), (Outcome::Ran, Some(3200))]);
}
