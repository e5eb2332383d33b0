//! `ADD`: as `COPY`, and from addresses and repositories, and unpacks archives.

use super::copy::{CHMOD, CHOWN, EXCLUDE, LINK, sources};
use super::{Command, FlagSpec, Shape, Spec};

/// What is known of the instruction.
pub static SPEC: Spec = Spec {
    name: "ADD",
    summary: "Add files from the build context, an address or a Git repository; local archives are unpacked.",
    syntax: "ADD [FLAGS] SOURCE… DESTINATION",
    flags: &[
        CHOWN,
        CHMOD,
        LINK,
        FlagSpec::switch("keep-git-dir", "Keep the .git directory of a repository."),
        FlagSpec::text("checksum", "What a downloaded file must be.", &["sha256:"]),
        FlagSpec::switch("unpack", "Whether archives are unpacked."),
        EXCLUDE,
    ],
    shape: Shape::JsonOrWords,
    parse: |request| sources(request).map(|copy| Command::Add(Box::new(copy))),
};
