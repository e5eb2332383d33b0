//! Wrappers and tools around package managers, and what is taken for certain where an image is not known.
#![allow(clippy::expect_used, reason = "a test may fail loudly")]

use stagecraft_core::builder::{Cache, simulate};
use stagecraft_core::catalogue::{Catalogue, is_windows};
use stagecraft_core::project::{ContextFile, FileContent, Project};
use stagecraft_core::simulation::{Builder, Certainty};
use stagecraft_tests::sandbox::{code, output, sh};
use std::collections::BTreeMap;

/// The error that a Dockerfile's build ends with, or how far it is known, with each builder.
fn ends(dockerfile: &str) -> Vec<Result<Certainty, String>> {
    let file = ContextFile { content: FileContent::Text(dockerfile.to_owned()), mode: 0o644 };
    let files = BTreeMap::from([("Dockerfile".to_owned(), file)]);
    let project = Project { files, dockerfile: "Dockerfile".to_owned(), ..Project::default() };
    let end = |builder| {
        let (build, _) = simulate(&project, builder, &Catalogue::builtin(), &Cache::default());
        let certainty = build.steps.iter().map(|step| step.certainty).max();
        match build.error {
            Some(error) => Err(error.message),
            None => Ok(certainty.expect("it has steps")),
        }
    };
    [Builder::BuildKit, Builder::Legacy].map(end).to_vec()
}

#[test]
fn an_unknown_image_may_have_what_nobody_listed() {
    for text in [
        "FROM example.com/x\nUSER app\nRUN tool\n",
        "FROM example.com/x\nRUN mkdir -p /usr/lib/x\nRUN ls /usr/local && tool\n",
        "FROM debian\nCOPY --from=example.com/x /usr/bin/tool /usr/bin/tool\nRUN tool --version\n",
        "FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN powershell -Command $x = (1, 2); Write-Host ($x)\n",
    ] {
        let unknown = |end: &Result<Certainty, String>| *end == Ok(Certainty::Unknown);
        assert!(ends(text).iter().all(unknown), "{text}: {:?}", ends(text));
    }
    // A known one has no other users.
    assert!(ends("FROM debian\nUSER app\nRUN true\n").iter().all(Result::is_err));
}

#[test]
fn images_of_windows_are_told_by_their_names() {
    for (name, windows) in [
        ("mcr.microsoft.com/windows/nanoserver:ltsc2022", true),
        ("mcr.microsoft.com/dotnet/sdk:8.0-nanoserver-ltsc2022", true),
        ("golang:1.22-windowsservercore", true),
        ("mcr.microsoft.com/dotnet/framework/aspnet:4.8", true),
        ("mcr.microsoft.com/dotnet/sdk:8.0", false),
        ("example.com:5000/windows", false),
    ] {
        assert_eq!(is_windows(name), windows, "{name}");
    }
}

#[test]
fn a_wrapper_needs_what_stands_beside_it() {
    let script = ("/w/gradlew", "#!/bin/sh\nCLASSPATH=$APP_HOME/gradle/wrapper/gradle-wrapper.jar\n");
    let jar = ("/w/gradle/wrapper/gradle-wrapper.jar", "x");
    let properties =
        ("/w/gradle/wrapper/gradle-wrapper.properties", "distributionUrl=https\\://x/gradle-8.7-bin.zip\n");
    let build = ("/w/build.gradle", "plugins { id 'java' }\nversion = '1'\n");
    let settings = ("/w/settings.gradle", "rootProject.name = 'demo'\n");
    let all = [script, jar, properties, build, settings];
    let jdk = "eclipse-temurin:21-jdk";
    let run = "chmod +x gradlew && ./gradlew build";
    let built = sh(jdk, &all, run);
    assert_eq!(code(&built), 0, "{}", output(&built));
    assert!(built.tree.exists("/w/build/libs/demo-1.jar"));
    for (image, files, script, status, words) in [
        (jdk, &all[..], "./gradlew build", 126, "Permission denied"),
        (jdk, &all[..0], "./gradlew build", 127, "not found"),
        (
            jdk,
            &[script, properties],
            run,
            1,
            "Could not find or load main class org.gradle.wrapper.GradleWrapperMain",
        ),
        (jdk, &[script, jar], run, 1, "gradle-wrapper.properties' does not exist."),
        (
            "debian",
            &all[..],
            run,
            1,
            "ERROR: JAVA_HOME is not set and no 'java' command could be found in your PATH.",
        ),
    ] {
        let outcome = sh(image, files, script);
        assert_eq!(code(&outcome), status, "{script}: {}", output(&outcome));
        assert!(output(&outcome).contains(words), "{script}: {}", output(&outcome));
    }
}

#[test]
fn tools_leave_what_they_promise() {
    let pyproject = ("/w/pyproject.toml", "[project]\nname = \"x\"\ndependencies = [\"flask\"]\n");
    for (image, files, script) in [
        (
            "python",
            &[pyproject][..],
            "pip install uv && uv lock && uv export -o r.txt && test -f uv.lock && test -f r.txt",
        ),
        (
            "python",
            &[pyproject],
            "pip install poetry poetry-plugin-export && poetry lock && poetry export -f requirements.txt --output r.txt && test -f r.txt",
        ),
        ("python", &[], "pip install pipx && pipx install httpie && test -x /root/.local/bin/http"),
        ("python", &[], "pip install uv && uv tool install ruff && /root/.local/bin/ruff --version"),
        (
            "rust",
            &[
                ("/w/Cargo.toml", "[package]\nname = \"my-app\"\nversion = \"0.1.0\"\n"),
                ("/w/src/main.rs", "fn main() {}\n"),
            ],
            "cargo build --release && rm ./target/release/deps/my_app*",
        ),
    ] {
        let outcome = sh(image, files, script);
        assert_eq!(code(&outcome), 0, "{script}: {}", output(&outcome));
    }
}
