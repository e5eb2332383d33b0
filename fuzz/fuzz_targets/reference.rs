//! Any text as an image's reference.
#![no_main]

#[path = "../../crates/dockerfile/tests/properties/mod.rs"]
#[allow(dead_code)]
mod properties;

libfuzzer_sys::fuzz_target!(|text: &str| properties::reference(text));
