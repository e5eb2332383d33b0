//! `stagecraft check`: what `docker build --check` says of a Dockerfile.

use super::{Command, read_dockerfile};
use crate::args::{Args, Failure};
use crate::images;
use serde_json::{Value, json};
use stagecraft_core::check::advice;
use stagecraft_core::plan::plan;
use stagecraft_core::resolve::Options;
use stagecraft_dockerfile::{Diagnostic, Dialect, ignore, parse};
use std::io::Write;
use std::process::ExitCode;

pub(super) const COMMAND: Command = Command {
    name: "check",
    summary: "check a Dockerfile as docker build --check does",
    usage: "[--format text|json] [--advice] [--reachable] [--target STAGE] [--build-arg NAME=VALUE]… [--images FILE] [--ignore-file FILE] FILE",
    run,
};

fn run(mut args: Args, out: &mut dyn Write) -> Result<ExitCode, Failure> {
    let json = super::json_format(&mut args)?;
    let catalogue = match args.value(&["--images"])? {
        Some(path) => images::from_file(Some(&path))?,
        None => images::unknown(),
    };
    let reachable = args.switch(&["--reachable"]);
    let with_advice = args.switch(&["--advice"]);
    let target = args.value(&["--target"])?;
    let build_args = args.values(&["--build-arg"])?;
    let patterns = match args.value(&["--ignore-file"])? {
        Some(path) => {
            ignore::read(&read_dockerfile(&path)?).into_iter().map(|pattern| pattern.text).collect()
        }
        None => Vec::new(),
    };
    let text = read_dockerfile(&args.operand("Dockerfile")?)?;
    let options = Options {
        target: target.as_deref(),
        build_args: super::pairs(&build_args),
        ignore: patterns,
        ..Options::default()
    };
    let file = parse(&text, Dialect::BuildKit);
    let plan = plan(&text, &file, &options, &catalogue);
    let mut report = plan.report(options.target.is_none() && !reachable);
    let ours = if with_advice { advice(&text, &file, &plan) } else { Vec::new() };
    report.warnings.extend(&ours);
    if json {
        let warnings: Vec<Value> = report.warnings.iter().map(|warning| document(warning)).collect();
        let error = report
            .error
            .as_ref()
            .map(|error| json!({"message": error.message, "ranges": merged(&error.lines)}));
        writeln!(out, "{}", json!({"warnings": warnings, "error": error}))?;
    } else {
        for warning in &report.warnings {
            let line = warning.lines.first().map_or(0, |(first, _)| *first);
            writeln!(out, "line {line}: {}: {}", warning.code, warning.message)?;
        }
        if let Some(error) = &report.error {
            writeln!(out, "error: {}", error.message)?;
        }
    }
    let failed = report.error.is_some() || (!json && !report.warnings.is_empty());
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Ranges in order, those that overlap as one (BuildKit `mergeLocations`).
fn merged(lines: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let mut sorted = lines.to_vec();
    sorted.sort_by_key(|range| range.0);
    let mut out: Vec<(u32, u32)> = Vec::new();
    for range in sorted {
        match out.last_mut() {
            Some(last) if range.0 <= last.1 => last.1 = last.1.max(range.1),
            _ => out.push(range),
        }
    }
    out
}

fn document(warning: &Diagnostic) -> Value {
    json!({
        "rule": warning.code,
        "message": warning.message,
        "line": warning.lines.first().map_or(0, |(first, _)| *first),
        "ranges": warning.lines,
    })
}
