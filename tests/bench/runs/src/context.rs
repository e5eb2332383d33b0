//! Projects with contexts of any size, for native program and browser alike.

use std::collections::BTreeMap;

use stagecraft_core::project::{ContextFile, FileContent, Project};

/// So many files through `.dockerignore`, `COPY . .`, a build stage and `COPY --from` into the last stage.
pub fn files(n: usize) -> Project {
    let dockerfile = "FROM golang:1.22 AS build\nWORKDIR /src\nCOPY . .\nRUN touch /src/built\n\
                      FROM alpine:3.19\nCOPY --from=build /src /app\n";
    project(dockerfile, n)
}

/// A project of a Dockerfile and `n` small files, of which every tenth is ignored.
pub fn project(dockerfile: &str, n: usize) -> Project {
    let file = |text: String| ContextFile { content: FileContent::Text(text), mode: 0o644 };
    let mut files: BTreeMap<String, ContextFile> = (0..n)
        .map(|i| {
            let kind = if i % 10 == 0 { "log" } else { "go" };
            (format!("d{}/e{}/f{i}.{kind}", i / 1_000, i / 50 % 20), file(format!("// {i}\n")))
        })
        .collect();
    files.insert(".dockerignore".to_owned(), file("**/*.log\n!d0/**/keep.log\n".to_owned()));
    files.insert("Dockerfile".to_owned(), file(dockerfile.to_owned()));
    Project { files, dockerfile: "Dockerfile".to_owned(), ..Project::default() }
}
