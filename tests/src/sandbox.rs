//! Scripts in the images of the catalogue.

// These are helpers of tests: they may give up.
#![allow(clippy::expect_used, clippy::missing_panics_doc)]

use stagecraft_core::catalogue::Catalogue;
use stagecraft_sandbox::shell::{Exec, Exit, Outcome, run};
use stagecraft_sandbox::tree::{Content, Meta, parent};

/// Runs a script in an image, with the image's environment and some files put in place before.
pub fn sh(image: &str, files: &[(&str, &str)], script: &str) -> Outcome {
    let image = Catalogue::builtin().resolve(image).expect("the built-in catalogue always answers");
    let env = crate::environment(&image.config.env);
    let mut tree = image.tree.clone();
    for (path, text) in files {
        let meta = |mode| Meta { mode, uid: 0, gid: 0 };
        tree.mkdir_all(parent(path), meta(0o755), None).expect("the directory can be made");
        tree.write(path, Content::bytes(text), meta(0o644), None).expect("the file can be written");
    }
    let argv = ["/bin/sh", "-c", script].map(str::to_owned);
    let mut exec = Exec::new(&argv, tree);
    exec.env = &env;
    exec.cwd = "/w";
    run(exec)
}

/// The code that a script ended with.
pub fn code(outcome: &Outcome) -> u8 {
    match &outcome.exit {
        Exit::Code(code) => *code,
        other => panic!("{other:?}"),
    }
}

/// What it printed, a line each.
pub fn output(outcome: &Outcome) -> String {
    outcome.output.iter().map(|line| format!("{}\n", line.text)).collect()
}
