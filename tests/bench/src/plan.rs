//! From text to the plan of the default target: BuildKit's whole front end.

use std::sync::Arc;
use std::time::Duration;

use stagecraft_core::image::ImageConfig;
use stagecraft_core::plan::{Plan, plan};
use stagecraft_core::resolve::{BaseImage, Options, Platform};
use stagecraft_dockerfile::{Dialect, parse};

use crate::parse::texts;
use crate::stopwatch::median;

/// How often all files are planned.
const ROUNDS: usize = 21;

/// Prints the speed over all files, and how time grows.
pub(crate) fn run() {
    let texts = texts();
    let bytes: usize = texts.iter().map(String::len).sum();
    let image = image();
    let planned = |text: &str| planned(text, &image);
    let ops: usize = texts.iter().map(|text| planned(text).ops.len()).sum();
    let time = median(ROUNDS, || texts.iter().map(|text| planned(text).ops.len()).sum::<usize>());
    println!("from text to the plan of the default target, median of {ROUNDS} rounds:");
    println!("  {} files, {bytes} bytes, {ops} operations {}", texts.len(), speed(bytes, time));
    println!("growth, which should be that of the size:");
    growth("RUN, each with a mount", |n| {
        format!("FROM alpine\n{}", "RUN --mount=type=cache,target=/a echo $b \"c d\"\n".repeat(n))
    });
    growth("ENV, each of another name", |n| {
        let lines: String = (0..n).map(|i| format!("ENV V{i}=$PATH{i}\n")).collect();
        format!("FROM alpine\n{lines}")
    });
    growth("FROM, each on the stage above", |n| {
        let lines: String = (1..n).map(|i| format!("FROM s{} AS s{i}\nRUN true\n", i - 1)).collect();
        format!("FROM alpine AS s0\n{lines}")
    });
    growth("COPY, each from another stage", |n| {
        let stages: String = (0..n).map(|i| format!("FROM alpine AS s{i}\nRUN echo {i}\n")).collect();
        let copies: String = (0..n).map(|i| format!("COPY --from=s{i} /a /b{i}\n")).collect();
        format!("{stages}FROM scratch\n{copies}")
    });
}

/// Plans all files so many times, for a profiler to look at.
pub(crate) fn once(times: usize) {
    let texts = texts();
    let image = image();
    let all = (0..times).map(|_| texts.iter().map(|text| planned(text, &image).ops.len()).sum::<usize>());
    println!("{} operations", all.sum::<usize>());
}

fn growth(what: &str, make: impl Fn(usize) -> String) {
    let image = image();
    for count in [100, 1_000, 10_000, 100_000] {
        let text = make(count);
        let time = median(1, || planned(&text, &image).findings.len());
        println!("  {count:>8} {what:<30} {}", speed(text.len(), time));
        if time > Duration::from_secs(2) {
            println!("  {:>8} not measured: it would take too long", count * 10);
            return;
        }
    }
}

fn speed(bytes: usize, time: Duration) -> String {
    let seconds = time.as_secs_f64().max(f64::EPSILON);
    format!("{:>9.3} ms {:>8.1} MB/s", seconds * 1e3, bytes as f64 / 1e6 / seconds)
}

/// Images are as in the measurements of BuildKit: every one exists and has a path. What it costs to look one up is not
/// measured.
fn image() -> Arc<BaseImage> {
    let config = ImageConfig {
        env: vec!["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned()],
        ..ImageConfig::default()
    };
    Arc::new(BaseImage { config: config.into(), ..BaseImage::default() })
}

fn planned(text: &str, image: &Arc<BaseImage>) -> Plan {
    let images = |_: &str, _: &Platform| Some(Arc::clone(image));
    plan(text, &parse(text, Dialect::BuildKit), &Options::default(), &images)
}
