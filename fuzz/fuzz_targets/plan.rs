//! Any text as a Dockerfile to plan.
#![no_main]

#[path = "../../crates/core/tests/properties/mod.rs"]
#[allow(dead_code)]
mod properties;

libfuzzer_sys::fuzz_target!(|text: &str| properties::planned(text));
