//! What `RUN` does in the catalogue's images when it installs, builds or downloads: models, held to what
//! such commands do in life where that does not depend on the day.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

use stagecraft_core::catalogue::Catalogue;
use stagecraft_sandbox::shell::{Certainty, Exec, Exit, Outcome, run};
use stagecraft_sandbox::tree::{Content, Meta, parent};

/// Runs a script in an image, with the image's environment and some files put in place before.
fn sh(image: &str, files: &[(&str, &str)], script: &str) -> Outcome {
    let image = Catalogue::builtin().resolve(image).expect("the built-in catalogue always answers");
    let env = stagecraft_tests::environment(&image.config.env);
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

fn code(outcome: &Outcome) -> u8 {
    match &outcome.exit {
        Exit::Code(code) => *code,
        other => panic!("{other:?}"),
    }
}

fn output(outcome: &Outcome) -> String {
    outcome.output.iter().map(|line| format!("{}\n", line.text)).collect()
}

#[test]
fn package_managers_are_only_where_they_are() {
    let outcome = sh("debian", &[], "apk add curl");
    assert_eq!((code(&outcome), output(&outcome).as_str()), (127, "/bin/sh: 1: apk: not found\n"));
    let outcome = sh("alpine", &[], "apt-get update");
    assert_eq!((code(&outcome), output(&outcome).as_str()), (127, "/bin/sh: apt-get: not found\n"));
    let outcome = sh("debian:slim", &[], "git clone https://example.com/x.git");
    assert_eq!(code(&outcome), 127);
}

#[test]
fn apt_needs_lists_and_consent() {
    let outcome = sh("debian", &[], "apt-get install -y curl");
    assert_eq!((code(&outcome), output(&outcome).contains("E: Unable to locate package curl")), (100, true));
    let outcome = sh("ubuntu", &[], "apt-get update && apt-get install git");
    assert_eq!(
        (code(&outcome), output(&outcome).contains("Do you want to continue? [Y/n] Abort.")),
        (1, true)
    );
    let outcome = sh("ubuntu", &[], "apt-get update && apt-get install -y git && git --version");
    assert_eq!(code(&outcome), 0);
    assert_eq!(outcome.certainty, Certainty::Modelled);
}

#[test]
fn recommended_packages_weigh() {
    let size = |flag: &str| {
        let outcome = sh("debian", &[], &format!("apt-get update && apt-get install -y {flag} git"));
        outcome.tree.size()
    };
    assert!(size("") > size("--no-install-recommends") + 1_000_000);
}

#[test]
fn lists_and_indexes_stay_until_they_are_removed() {
    let kept = sh("debian", &[], "apt-get update").tree.size();
    let removed = sh("debian", &[], "apt-get update && rm -rf /var/lib/apt/lists/*").tree.size();
    assert!(kept > removed + 10_000_000);
    assert!(!sh("alpine", &[], "apk add --no-cache curl").tree.exists("/var/cache/apk/APKINDEX.tar.gz"));
    assert!(sh("alpine", &[], "apk add -U curl").tree.exists("/var/cache/apk/APKINDEX.tar.gz"));
    assert_eq!(code(&sh("alpine", &[], "apk add curl")), 1);
}

#[test]
fn a_virtual_group_leaves_again() {
    let script = "apk add --no-cache --virtual .build gcc && apk del .build";
    let outcome = sh("alpine", &[], script);
    assert_eq!(code(&outcome), 0);
    assert!(!outcome.tree.exists("/usr/bin/gcc"));
}

const MOD: (&str, &str) =
    ("/w/go.mod", "module example.com/hello\n\ngo 1.22\n\nrequire github.com/google/uuid v1.6.0\n");
const MAIN: (&str, &str) = ("/w/main.go", "package main\n\nfunc main() {}\n");

#[test]
fn go_builds_what_is_there() {
    let built = sh("golang:alpine", &[MOD, MAIN], "go build -o /out/app .");
    assert_eq!(code(&built), 0);
    assert!(built.tree.exists("/out/app"));
    assert!(built.tree.exists("/go/pkg/mod/github.com/google/uuid@v1.6.0"));
    let named = sh("golang:alpine", &[MOD, MAIN], "go build");
    assert!(named.tree.exists("/w/hello"));
    let empty = sh("golang:alpine", &[MOD], "go build");
    assert_eq!((code(&empty), output(&empty).as_str()), (1, "no Go files in /w\n"));
    let bare = sh("golang:alpine", &[MAIN], "go build");
    assert_eq!(code(&bare), 1);
    assert!(output(&bare).starts_with("go: go.mod file not found"));
}

#[test]
fn the_same_sources_give_the_same_program() {
    let digest = |main: &str| {
        let outcome = sh("golang:alpine", &[MOD, ("/w/main.go", main)], "go build -o /out/app .");
        outcome.tree.read("/out/app").expect("it was built").content.digest()
    };
    assert_eq!(digest("package main\n"), digest("package main\n"));
    assert_ne!(digest("package main\n"), digest("package main // changed\n"));
}

#[test]
fn npm_follows_the_lock_file() {
    let manifest = (
        "/w/package.json",
        "{\"name\":\"x\",\"version\":\"1.0.0\",\"scripts\":{\"build\":\"mkdir -p dist && echo hi > dist/a.js\"}}\n",
    );
    let lock = (
        "/w/package-lock.json",
        "{\"packages\":{\"\":{},\"node_modules/a\":{\"version\":\"1.0.0\"},\"node_modules/b\":{\"version\":\"2.0.0\",\"dev\":true}}}\n",
    );
    let all = sh("node:24-alpine", &[manifest, lock], "npm ci");
    assert!(all.tree.exists("/w/node_modules/a") && all.tree.exists("/w/node_modules/b"));
    let production = sh("node:24-alpine", &[manifest, lock], "npm ci --omit=dev");
    assert!(production.tree.exists("/w/node_modules/a") && !production.tree.exists("/w/node_modules/b"));
    let without = sh("node:24-alpine", &[manifest], "npm ci");
    assert_eq!(code(&without), 1);
    assert!(output(&without).contains("can only install with an existing package-lock.json"));
    let built = sh("node:24-alpine", &[manifest], "npm run build");
    assert!(output(&built).contains("> x@1.0.0 build\n> mkdir -p dist"));
    assert_eq!(built.tree.read("/w/dist/a.js").expect("the script ran").content.known(), Some(&b"hi\n"[..]));
}

#[test]
fn compilers_want_their_sources() {
    let script = "apk add --no-cache build-base && g++ -o /binary source.cpp";
    let there = sh("alpine", &[("/w/source.cpp", "int main() {}\n")], script);
    assert_eq!(code(&there), 0);
    assert!(there.tree.exists("/binary"));
    let missing = sh("alpine", &[], script);
    assert_eq!(code(&missing), 1);
    assert!(output(&missing).contains("g++: error: source.cpp: No such file or directory"));
    assert_eq!(code(&sh("alpine", &[], "g++ -o /binary source.cpp")), 127);
}

#[test]
fn make_runs_the_recipes_that_are_needed() {
    let makefile = ("/w/Makefile", "CC = gcc\nall: app\napp: main.c\n\t$(CC) -o $@ $<\n.PHONY: all\n");
    let outcome = sh(
        "debian",
        &[makefile, ("/w/main.c", "int main() {}\n")],
        "apt-get update -qq && apt-get install -qq build-essential && make",
    );
    assert_eq!(code(&outcome), 0, "{}", output(&outcome));
    assert!(outcome.tree.exists("/w/app"));
    assert!(output(&outcome).ends_with("gcc -o app main.c\n"));
}

#[test]
fn what_a_clone_or_a_download_brings_is_not_known() {
    let outcome =
        sh("alpine", &[], "apk add --no-cache git && git clone https://example.com/x.git && cat x/README");
    assert_eq!((code(&outcome), outcome.certainty), (0, Certainty::Unknown));
    let outcome = sh("alpine", &[], "wget -O f https://example.com/f && cp f g");
    assert!(outcome.tree.read("/w/g").is_ok_and(|file| file.content.known().is_none()));
}

#[test]
fn scripts_of_the_image_php_build_extensions() {
    let outcome = sh("php", &[], "docker-php-ext-configure gd && docker-php-ext-install gd pdo_mysql");
    assert_eq!(code(&outcome), 0);
    assert!(outcome.tree.exists("/usr/local/etc/php/conf.d/docker-php-ext-pdo_mysql.ini"));
    assert!(!outcome.tree.exists("/usr/src/php/‹other files›"), "the source is gone");
    let outcome = sh("php", &[], "pecl install redis && docker-php-ext-enable redis");
    assert_eq!(code(&outcome), 0);
    assert!(outcome.tree.exists("/tmp/pear"), "the download stays");
    assert_eq!(outcome.certainty, Certainty::Modelled);
}

#[test]
fn what_apt_has_since_2025_removes_the_lists() {
    let kept = sh("debian", &[], "apt-get update").tree.size();
    let cleaned = sh("debian", &[], "apt-get update && apt-get dist-clean");
    assert_eq!(code(&cleaned), 0);
    assert!(kept > cleaned.tree.size() + 10_000_000);
    let older = sh("x", &[("/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n")], "apt-get dist-clean");
    assert!(output(&older).contains("Invalid operation"));
}

#[test]
fn an_architecture_has_its_names() {
    let script =
        "apt-get update && apt-get install -y dpkg-dev >/dev/null && dpkg-architecture -qDEB_HOST_MULTIARCH";
    assert!(output(&sh("debian", &[], script)).ends_with("x86_64-linux-gnu\n"));
}

#[test]
fn rsync_copies_what_a_slash_says() {
    let files = [("/w/a/x", "1\n"), ("/w/a/skip.o", "2\n"), ("/w/out/old", "3\n")];
    let script = "apt-get update && apt-get install -y rsync >/dev/null && rsync -a --delete --exclude='*.o' a/ out && rsync -a a /t/";
    let outcome = sh("debian", &files, script);
    assert_eq!(code(&outcome), 0);
    let there = |path: &str| outcome.tree.exists(path);
    assert_eq!(["/w/out/x", "/w/out/skip.o", "/w/out/old", "/t/a/x"].map(there), [true, false, false, true]);
}

#[test]
fn programs_come_with_their_packages() {
    let python = "[project]\nname = \"x\"\ndependencies = [\n  \"fastapi[standard]\",\n]\n[dependency-groups]\ndev = [\"pytest\"]\n";
    let files = [("/w/pyproject.toml", python), ("/w/uv.lock", "version = 1\n")];
    let outcome = sh("python:slim", &files, "pip install uv && uv sync --frozen --no-dev");
    assert_eq!(code(&outcome), 0);
    assert!(outcome.tree.exists("/w/.venv/bin/fastapi") && !outcome.tree.exists("/w/.venv/bin/pytest"));
    assert_eq!(code(&sh("python:slim", &[], "pip install uv && uv sync --frozen")), 2);
    // What a package brings that is not known may be there.
    let outcome = sh("python:slim", &[], "pip install some-tool && some-tool && nothing-like-it");
    assert_eq!((code(&outcome), outcome.certainty), (0, Certainty::Unknown));
    assert_eq!(code(&sh("python:slim", &[], "some-tool")), 127);
}

#[test]
fn cmake_builds_the_targets_that_are_named() {
    let files = [
        (
            "/w/CMakeLists.txt",
            "project(hello C)\nadd_subdirectory(lib)\nadd_executable(${PROJECT_NAME} main.c)\ninstall(TARGETS hello DESTINATION bin)\n",
        ),
        ("/w/lib/CMakeLists.txt", "add_library(greet greet.c)\n"),
        ("/w/main.c", "int main() { return 0; }\n"),
    ];
    let script = "apt-get update && apt-get install -y cmake && cmake -S . -B build && cmake --build build -j 2 && cmake --install build --prefix /opt";
    let outcome = sh("gcc", &files, script);
    assert_eq!((code(&outcome), outcome.certainty), (0, Certainty::Modelled));
    assert!(outcome.tree.exists("/opt/bin/hello") && outcome.tree.exists("/w/build/lib/libgreet.a"));
}

#[test]
fn accounts_are_made_in_every_family() {
    for (image, script) in [
        ("debian", "useradd -m app && id -u app"),
        ("ubuntu", "groupadd -r x && useradd -mr -g x app && id -un app"),
        ("fedora", "useradd app && id -un app"),
        ("alpine", "addgroup -S app && adduser -S -G app app && id -un app"),
        ("node", "usermod -u 1500 node && id -u node"),
    ] {
        let outcome = sh(image, &[], script);
        assert_eq!((code(&outcome), outcome.unknown.len()), (0, 0), "{image}: {script}");
    }
}
