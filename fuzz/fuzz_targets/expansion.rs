//! Any text as a word to expand; the last line is the value of a variable.
#![no_main]

#[path = "../../crates/dockerfile/tests/properties/mod.rs"]
#[allow(dead_code)]
mod properties;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let (word, value) = text.rsplit_once('\n').unwrap_or((text, "value"));
    properties::word(word, value);
});
