//! Timing that a noisy machine does not spoil: many rounds, of which the median counts.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// The median time of one round of `work`, over at least `rounds` rounds.
pub(crate) fn median<T>(rounds: usize, mut work: impl FnMut() -> T) -> Duration {
    // Once for the caches and the branch predictor.
    black_box(work());
    let mut times: Vec<Duration> = (0..rounds)
        .map(|_| {
            let started = Instant::now();
            black_box(work());
            started.elapsed()
        })
        .collect();
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
