//! Asks real builders what they do with the cases of `tests/oracle`, and keeps the answers.
//!
//! `record [--builder legacy|buildkit] [--busybox FILE] [--folder DIR] [--host unix:///run/docker.sock]
//! [--buildkitd PROGRAM] [NAME…]`; without names all cases are recorded. The classic builder is that of a Docker 20.10
//! at `$DOCKER_HOST`, which should have nothing else to do: its images but the base images are removed between cases.
//! BuildKit is a current one: `--buildkitd` is started anew for each recording, on an empty folder; else the one at
//! `$BUILDKIT_HOST` is pruned (it must take `127.0.0.1:5999`, plain HTTP, for a mirror of `docker.io`). `cargo xtask
//! record` calls this program.

mod buildkit;
mod context;
mod docker;
mod image;
mod registry;

use buildkit::BuildKit;
use docker::Docker;
use image::Base;
use serde_json::{Value, json};
use stagecraft_tests::oracle::case::{self, Case};
use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub(crate) type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "record: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Outcome<()> {
    let variable = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
    let mut docker = Docker { program: variable("DOCKER", "docker"), host: variable("DOCKER_HOST", "") };
    let mut buildkit =
        BuildKit::new(variable("BUILDCTL", "buildctl"), std::env::var("BUILDKIT_HOST").ok(), work());
    let mut busybox = PathBuf::from("/bin/busybox");
    let mut folder = stagecraft_tests::root().join("tests/oracle");
    let mut only = String::new();
    let mut names = Vec::new();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--builder" => only = args.next().unwrap_or_default(),
            "--host" => docker.host = args.next().unwrap_or_default(),
            "--buildkitd" => buildkit.program = args.next(),
            "--busybox" => busybox = args.next().unwrap_or_default().into(),
            "--folder" => folder = args.next().unwrap_or_default().into(),
            _ => names.push(arg),
        }
    }
    if names.is_empty() {
        for entry in fs::read_dir(folder.join("cases"))? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
    }
    let mut bases = image::bases(&folder.join("images.json"), &fs::read(&busybox)?);
    if only != "buildkit" {
        let version = docker.text(&["version", "--format", "{{.Server.Version}}"])?;
        if !version.starts_with("20.10.") {
            return Err(format!("this is Docker {version}, not 20.10").into());
        }
        docker.import(&mut bases)?;
    }
    let current = buildkit.is_there() && only != "legacy";
    if current {
        registry::serve(&bases)?;
    } else if only != "legacy" {
        writeln!(std::io::stderr(), "no BuildKit at $BUILDKIT_HOST: the classic builder only")?;
    }
    for name in &names {
        let case = folder.join("cases").join(name);
        if only != "buildkit" {
            docker.forget(&bases)?;
            let recorded = record(&case, |step, context| docker.build(step, context, &work(), &bases))?;
            keep(&case.join("expected.legacy.json"), &recorded)?;
        }
        if current {
            // What two recordings from a cold cache do not share is a race.
            let mut recordings = Vec::new();
            for _ in 0..buildkit::RECORDINGS {
                buildkit.forget()?;
                recordings.push(record(&case, |step, context| buildkit.build(step, context, &bases))?);
            }
            keep(&case.join("expected.buildkit.json"), &buildkit::settled(&recordings))?;
        }
        writeln!(std::io::stdout(), "{name}")?;
    }
    buildkit.stop();
    let _ = fs::remove_dir_all(work());
    Ok(())
}

fn work() -> PathBuf {
    std::env::temp_dir().join(format!("stagecraft-record-{}", std::process::id()))
}

fn keep(path: &Path, recorded: &[Value]) -> Outcome<()> {
    Ok(fs::write(path, format!("{}\n", serde_json::to_string_pretty(&json!({ "steps": recorded }))?))?)
}

/// The answers to a case's steps, in order.
fn record(folder: &Path, mut build: impl FnMut(&Value, &Path) -> Outcome<Value>) -> Outcome<Vec<Value>> {
    let case = Case::read(folder);
    let mut files = case.files();
    let mut steps = Vec::new();
    for step in case.steps() {
        case::edit(&mut files, step);
        let context = work().join("context");
        context::write(&files, &context)?;
        steps.push(build(step, &context)?);
    }
    Ok(steps)
}

/// The base images by what their only layer is.
pub(crate) fn reference_parts(base: &Base) -> (&str, &str) {
    base.reference.split_once(':').unwrap_or((&base.reference, "latest"))
}
