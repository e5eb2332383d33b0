//! How fast the engine is on this machine. Absolute times say as much about the machine as about the program, so
//! every figure stands beside another one of the same run.

mod memory;
mod parse;
mod plan;
mod run;
mod simulate;
mod stopwatch;

use stagecraft_core::simulation::Builder;

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;

/// `stagecraft-bench [parse | plan | simulate | run [all] | once parse|plan N | once files|stages N buildkit|legacy]`;
/// `once` is for profilers.
fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        [] => {
            parse::run();
            plan::run();
            simulate::run();
            run::run(false);
        }
        ["run"] => run::run(false),
        ["run", "all"] => run::run(true),
        ["parse"] => parse::run(),
        ["plan"] => plan::run(),
        ["once", "parse", n] => parse::once(n.parse().unwrap_or(1)),
        ["once", "plan", n] => plan::once(n.parse().unwrap_or(1)),
        ["simulate"] => simulate::run(),
        ["once", what, n, builder] => {
            let builder = if *builder == "legacy" { Builder::Legacy } else { Builder::BuildKit };
            simulate::once(what, n.parse().unwrap_or(1_000), builder);
        }
        other => eprintln!("unknown: {}", other.join(" ")),
    }
}
