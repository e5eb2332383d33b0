//! What `apt-get`, `apk` and `dnf` refuse and how they end: as apt 2.6.1 and dpkg 1.21 of Debian 12 answered the same
//! lines, as apk-tools 2.14 and dnf 4 are written.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

use stagecraft_sandbox::shell::{Certainty, Exit};
use stagecraft_tests::sandbox::{code, output, sh};

const UPDATE: &str = "apt-get update >/dev/null; ";

/// The exit code, if it is known, and what was printed.
fn ends(image: &str, files: &[(&str, &str)], script: &str) -> (Option<u8>, String) {
    let outcome = sh(image, files, script);
    let code = match outcome.exit {
        Exit::Code(code) if outcome.certainty != Certainty::Unknown => Some(code),
        _ => None,
    };
    (code, output(&outcome))
}

#[test]
fn apt_refuses_as_apt_does() {
    for (script, code, words) in [
        ("apt-get install -y nosuchpkg", 100, "E: Unable to locate package nosuchpkg"),
        ("apt-get install -y cowsay=1.0", 100, "E: Unable to locate package cowsay"),
        ("apt-get install -y ./x.deb", 100, "E: Unsupported file ./x.deb given on commandline"),
        ("apt-get install -y x.deb", 100, "E: Couldn't find any package by regex 'x.deb'"),
        ("apt-get install -y bash", 0, "bash is already the newest version"),
        ("apt-get install", 0, "0 upgraded, 0 newly installed"),
        ("apt-get instal foo", 100, "E: Invalid operation instal"),
        ("apt-get -y", 1, "apt 2.6.1 (amd64)"),
        ("apt-get --foo install bash", 100, "E: Command line option --foo is not understood in combination"),
        ("apt-get install -Z bash", 100, "E: Command line option 'Z' [from -Z] is not understood"),
        (
            "apt-get install --assume-yes=maybe bash",
            100,
            "E: Sense maybe is not understood, try true or false.",
        ),
        ("apt-get install -o", 100, "E: Option -o requires an argument."),
        (
            "apt-get install -o foo bash",
            100,
            "E: Option foo: Configuration item specification must have an =<val>.",
        ),
        ("apt-get remove -y nosuch", 100, "E: Unable to locate package nosuch"),
        ("apt-get autoremove -y", 0, "0 to remove"),
        ("apt-get update foo", 100, "E: The update command takes no arguments"),
        ("apt-get dist-upgrade", 0, "Calculating upgrade..."),
        ("apt-get list", 100, "E: Invalid operation list"),
        ("apt-get build-dep -y bash", 100, "E: You must put some 'deb-src' URIs in your sources.list"),
        ("apt-get remove -y bash", 100, "E: Essential packages were removed and -y was used"),
        (
            "apt-get update -qq && apt-get install apache2-utils git",
            1,
            "Do you want to continue? [Y/n] Abort.",
        ),
        ("apt-get update -qq && apt-get -qq install git", 0, ""),
        ("apt-get update && apt-get remove sl", 0, "Package 'sl' is not installed, so not removed"),
        (
            "apt-get update && apt-get install -y git && apt-get remove git",
            1,
            "Do you want to continue? [Y/n] Abort.",
        ),
        (
            "apt-get update && apt-get install -y netcat",
            100,
            "E: Package 'netcat' has no installation candidate",
        ),
        ("apt-get update && apt-get install -y kubectl-x docker-ce", 100, "E: Package 'docker-ce' has no"),
        ("apt-get update && apt-get install -y msodbcsql17", 100, "E: Unable to locate package msodbcsql17"),
        ("apt-cache show nosuch", 100, "E: No packages found"),
        ("apt-cache foo", 100, "E: Invalid operation foo"),
        ("apt-mark hold nosuch", 100, "E: No packages found"),
        (
            "dpkg -s nosuch",
            1,
            "dpkg-query: package 'nosuch' is not installed and no information is available",
        ),
        ("dpkg -l nosuch", 1, "dpkg-query: no packages found matching nosuch"),
        (
            "dpkg -i nosuch.deb",
            2,
            "dpkg: error: cannot access archive 'nosuch.deb': No such file or directory",
        ),
        ("dpkg --foo", 2, "dpkg: error: unknown option --foo"),
        ("dpkg --compare-versions 1.0~rc1 lt 1.0", 0, ""),
        ("dpkg -r nosuch", 0, "dpkg: warning: ignoring request to remove nosuch which isn't installed"),
        ("useradd -m app && su app -c 'apt-get update'", 100, "are you root?|lists/lock"),
    ] {
        let (found, said) = ends("debian:bookworm", &[], script);
        assert_eq!(found, Some(code), "{script}: {said}");
        assert!(words.split('|').any(|words| said.contains(words)), "{script}: {said}");
    }
}

#[test]
fn apt_reads_its_sources() {
    let list = |text| [("/etc/apt/sources.list.d/x.list", text)];
    for (text, code, words) in [
        ("dep http://x y z\n", 100, "E: Type 'dep' is not known on line 1 in source list"),
        (
            "deb http://x/debian\n",
            100,
            "E: Malformed entry 1 in list file /etc/apt/sources.list.d/x.list (Suite)",
        ),
        (
            "# c\ndeb http://x/debian y\n",
            100,
            "E: Malformed entry 2 in list file /etc/apt/sources.list.d/x.list (Component)",
        ),
        (
            "deb [arch=amd64 signed-by=/w/none.gpg] https://x/debian/ y z\n",
            100,
            "E: The repository 'https://x/debian y InRelease' is not signed.",
        ),
        ("deb [signed-by=/w/key.gpg] https://x/debian y z\n", 0, ""),
        ("deb [trusted=yes] https://x/debian ./\n", 0, ""),
    ] {
        let mut files = list(text).to_vec();
        files.push(("/w/key.gpg", "key"));
        let (found, said) = ends("debian:bookworm", &files, "apt-get update");
        assert!(found == Some(code) && said.contains(words), "{text}: {found:?} {said}");
    }
    // What others publish may be there.
    let (found, said) = ends(
        "debian:bookworm",
        &list("deb [trusted=yes] https://x/debian y z\n"),
        "apt-get update && apt-get install -y docker-ce",
    );
    assert_eq!(found, Some(0), "{said}");
}

#[test]
fn what_came_for_others_leaves_with_them() {
    let left = |script: &str| {
        let outcome = sh("debian:bookworm", &[], &[UPDATE, script].concat());
        assert_eq!(code(&outcome), 0, "{script}: {}", output(&outcome));
        (outcome.tree.exists("/usr/bin/gcc"), outcome.tree.exists("/usr/lib/‹other files of cpp-12›"))
    };
    let install = "apt-get install -y --no-install-recommends gcc && ";
    assert_eq!(left(&[install, "true"].concat()), (true, true));
    assert_eq!(left(&[install, "apt-get purge -y gcc"].concat()), (false, true));
    assert_eq!(left(&[install, "apt-get purge -y --auto-remove gcc"].concat()), (false, false));
    assert_eq!(left(&[install, "apt-get remove -y gcc && apt-get -y autoremove"].concat()), (false, false));
    assert_eq!(left(&[install, "apt-get purge -y cpp-12"].concat()), (false, false));
    assert_eq!(
        left(&[install, "apt-mark auto gcc >/dev/null && apt-get autopurge -yqq"].concat()),
        (false, false)
    );
}

#[test]
fn what_an_image_has_is_installed() {
    for (image, script, code) in [
        ("node:24", "apt-get install -y git", Some(0)),
        ("python:3.14-slim", "apt-get install -y gcc", Some(100)),
        // It has many libraries, and nobody listed them.
        ("node:24", "apt-get install -y libssl-dev", None),
        ("ubuntu", "apt-get install -y curl", Some(100)),
        ("debian:stretch", "apt-get update", None),
    ] {
        let (found, said) = ends(image, &[], script);
        assert_eq!(found, code, "{image}: {script}: {said}");
    }
}

#[test]
fn a_file_of_apt_conf_d_counts() {
    let files =
        [("/etc/apt/apt.conf.d/99x", "APT::Install-Recommends \"false\";\nAPT::Get::Assume-Yes \"true\";\n")];
    let told = sh("debian:bookworm", &files, "apt-get update && apt-get install git");
    let plain = sh("debian:bookworm", &[], "apt-get update && apt-get install -y git");
    assert_eq!(code(&told), 0);
    assert!(told.tree.size() + 1_000_000 < plain.tree.size());
}

#[test]
fn apk_refuses_as_apk_does() {
    for (script, code, words) in [
        ("apk add -y curl", 1, "apk: unrecognized option: y"),
        ("apk add --no-caches curl", 1, "apk: unrecognized option: no-caches"),
        ("apk instal curl", 1, "ERROR: 'instal' is not an apk command. See 'apk --help'."),
        ("apk del nosuch", 1, "ERROR: No such package: nosuch"),
        ("apk info -e nosuch", 1, ""),
        ("apk info -e busybox", 0, "busybox"),
        (
            "apk add --no-cache curl && apk info -e curl && apk del curl && apk info -e curl",
            1,
            "Purging curl",
        ),
        ("apk add /w/x.apk", 250, "ERROR: '/w/x.apk' is not a valid world dependency"),
        ("apk add --update --no-cache --progress -q curl 'jq>1.5' git@edge !busybox-suid", 0, ""),
        (
            "apk add -Ut .deps gcc && apk cache clean && apk del .deps && test ! -e /usr/bin/gcc && test -e /var/cache/apk/APKINDEX.tar.gz",
            0,
            "",
        ),
        ("apk add gcc && apk add binutils && apk del gcc && test -e /usr/bin/ld", 0, ""),
    ] {
        let (found, said) = ends("alpine", &[], script);
        assert!(found == Some(code) && said.contains(words), "{script}: {found:?} {said}");
    }
    let (found, _) = ends("alpine", &[], "apk --root /r --initdb add curl");
    assert_eq!(found, None);
}

#[test]
fn dnf_wants_consent_and_files() {
    for (script, code) in [
        ("dnf install git", Some(1)),
        ("dnf -y install git && git --version", Some(0)),
        ("dnf install -y --setopt=install_weak_deps=False --nodocs gcc-c++ && test -x /usr/bin/g++", Some(0)),
        ("dnf install -y ./x.rpm", Some(1)),
        ("dnf install -y https://example.com/epel-release-latest-9.noarch.rpm", Some(0)),
        ("dnf -y groupinstall 'Development Tools' && test -x /usr/bin/make", Some(0)),
        ("dnf -y module enable nodejs:20", None),
        ("dnf install -y git && dnf clean all && test ! -e /var/cache/dnf", Some(0)),
    ] {
        let (found, said) = ends("fedora", &[], script);
        assert_eq!(found, code, "{script}: {said}");
    }
}

#[test]
fn wrappers_need_java_and_their_jar() {
    let script = "#!/bin/sh\nCLASSPATH=$APP_HOME/gradle/wrapper/gradle-wrapper.jar\n";
    let files = [("/w/gradlew", script)];
    for (image, words) in [
        ("alpine:latest", "ERROR: JAVA_HOME is not set and no 'java' command could be found in your PATH."),
        (
            "eclipse-temurin:21",
            "Error: Could not find or load main class org.gradle.wrapper.GradleWrapperMain",
        ),
    ] {
        let (code, said) = ends(image, &files, "chmod +x gradlew; ./gradlew build");
        assert_eq!(code, Some(1), "{image}: {said}");
        assert!(said.contains(words), "{image}: {said}");
    }
    let (code, _) = ends("eclipse-temurin:21", &files, "./gradlew build");
    assert_eq!(code, Some(126), "it is no program yet");
}

#[test]
fn what_cargo_built_is_built_again_once_its_traces_are_gone() {
    let files = [
        ("/w/Cargo.toml", "[package]\nname = \"my-app\"\nversion = \"0.1.0\"\n"),
        ("/w/src/main.rs", "fn main() {}\n"),
    ];
    let (code, said) = ends(
        "rust:latest",
        &files,
        "cargo build --release 2>/dev/null; ls target/release/deps/my_app*; rm target/release/deps/my_app*",
    );
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn a_program_that_another_package_has_says_nothing() {
    for (image, script) in [
        (
            "ubuntu:24.04",
            "apt-get update >/dev/null; apt-get install -y --no-install-recommends locales >/dev/null; echo x > /etc/locale.gen; locale-gen",
        ),
        (
            "debian:12-slim",
            "apt-get update >/dev/null; apt-get install -y --no-install-recommends perl | grep 'Setting up perl '",
        ),
        (
            "alpine:latest",
            "! apk info -e coreutils; apk add --no-cache coreutils >/dev/null; apk info -e coreutils",
        ),
    ] {
        let (code, said) = ends(image, &[], script);
        assert_eq!(code, Some(0), "{image}: {said}");
    }
}

#[test]
fn packages_bring_what_they_are_named_for() {
    let apt = "apt-get update >/dev/null; apt-get install -y --no-install-recommends";
    for (image, script) in [
        ("ubuntu:24.04", "php8.3-cli >/dev/null; php -v"),
        ("debian:12", "postgresql-client-15 >/dev/null; psql --version"),
        ("debian:12", "openjdk-17-jdk >/dev/null; javac -version"),
        ("debian:12", "golang-go >/dev/null; go version"),
        ("debian:12", "cmake make >/dev/null; cmake --version; make --version"),
        // Of these nobody knows the programs; the name tells what they are.
        ("debian:12", "postgresql-server-tools nano >/dev/null; psql --version"),
        ("debian:12", "netcat-something tree >/dev/null; nc -h"),
    ] {
        let outcome = sh(image, &[], &format!("{apt} {script}"));
        assert!(!output(&outcome).contains("not found"), "{script}: {}", output(&outcome));
    }
    let (code, said) = ends("debian:12", &[], &format!("{apt} some-tool >/dev/null; psql --version"));
    assert_eq!(code, Some(127), "{said}");
}
