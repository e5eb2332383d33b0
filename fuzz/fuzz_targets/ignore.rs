//! Any text as an ignore file; the last line is the path that is asked about.
#![no_main]

#[path = "../../crates/dockerfile/tests/properties/mod.rs"]
#[allow(dead_code)]
mod properties;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let (patterns, path) = text.rsplit_once('\n').unwrap_or((text, "a/b.c"));
    properties::patterns(patterns, path);
});
