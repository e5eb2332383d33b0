//! What crosses crates: recorded truth, founding examples, browser tests.
