//! How fast the engine is on this machine. Absolute times say as much about the machine as about the program, so
//! every figure stands beside another one of the same run.

mod parse;
mod simulate;
mod stopwatch;

fn main() {
    parse::run();
    simulate::run();
}
