//! `cargo xtask fuzz`: lets a fuzzer look for texts that the language and the planner trip over.

mod seeds;

use std::fs;

use crate::failure::Failure;
use crate::{process, project};

/// What the chore does, for the help text.
pub(crate) const ABOUT: &str =
    "let a fuzzer look for trouble: fuzz [parser | expansion | ignore | reference | plan] [SECONDS]";

/// Names of the binaries in `fuzz/`.
const TARGETS: [&str; 5] = ["parser", "expansion", "ignore", "reference", "plan"];

/// How the compiler counts which branches a text takes: the passes that `cargo fuzz` asks for, which a stable
/// compiler has too. No sanitizer: there is no unsafe code to watch.
const COVERAGE: &str = "--cfg fuzzing -Cpasses=sancov-module -Ccodegen-units=1 \
    -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares";

/// Runs one target, or all of them in turn, each for a minute unless another time is given.
pub(crate) fn run(args: &[String]) -> Result<(), Failure> {
    let mut targets = TARGETS.to_vec();
    let mut seconds = 60;
    for arg in args {
        if let Some(target) = TARGETS.iter().find(|target| **target == arg.as_str()) {
            targets = vec![*target];
        } else if let Ok(number) = arg.parse::<u32>() {
            seconds = number;
        } else {
            let message = format!("\"{arg}\" is neither a target nor a number of seconds");
            return Err(Failure::new(message).remedy("run `cargo xtask fuzz parser 600`"));
        }
    }
    let folder = project::root().join("fuzz");
    let host = host()?;
    let mut cargo = process::cargo();
    cargo.args(["build", "--release", "--locked", "--manifest-path"]).arg(folder.join("Cargo.toml"));
    // With a target named, build scripts are left without the counters, which they could not be linked with.
    cargo.args(["--target", &host]).env("RUSTFLAGS", COVERAGE);
    cargo.env("CARGO_TARGET_DIR", project::root().join("target").join("fuzz"));
    process::show(&mut cargo, "building the fuzz targets, which takes a C++ compiler,")?;
    for target in targets {
        let program = project::root().join("target/fuzz").join(&host).join("release").join(target);
        let corpus = folder.join("corpus").join(target);
        let artifacts = folder.join("artifacts").join(target);
        for path in [&corpus, &artifacts] {
            fs::create_dir_all(path).map_err(|error| process::cannot_write(path, &error))?;
        }
        let seeds = project::scratch().join("seeds").join(target);
        seeds::write(target, &seeds)?;
        let mut fuzzer = std::process::Command::new(program);
        fuzzer.arg(format!("-max_total_time={seconds}")).arg("-timeout=10").arg("-max_len=8192");
        fuzzer.arg(format!("-dict={}", folder.join("dockerfile.dict").display()));
        // Behind the folder that grows stands the one that is only read.
        fuzzer.arg(format!("-artifact_prefix={}/", artifacts.display())).arg(&corpus).arg(&seeds);
        process::show(&mut fuzzer, &format!("fuzzing `{target}`"))?;
    }
    Ok(())
}

/// The triple of this machine.
fn host() -> Result<String, Failure> {
    let output = std::process::Command::new("rustc")
        .arg("-vV")
        .output()
        .map_err(|error| Failure::new(format!("rustc cannot be run: {error}")))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .ok_or_else(|| Failure::new("rustc does not say what machine this is"))
}
