//! What `RUN` does in the catalogue's images when it installs, builds or downloads: models, held to what
//! such commands do in life where that does not depend on the day.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

use stagecraft_sandbox::shell::Certainty;
use stagecraft_tests::sandbox::{code, output, sh};

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
    assert_eq!(code(&sh("alpine:3.7", &[], "apk add curl")), 1);
    assert!(sh("alpine", &[], "apk add curl").tree.exists("/var/cache/apk/APKINDEX.tar.gz"));
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

#[test]
fn packages_go_where_the_interpreter_that_runs_has_them() {
    let made = "python -m venv /opt/venv && ";
    let by_path = sh("python:slim", &[], &format!("{made}/opt/venv/bin/pip install flask"));
    assert!(by_path.tree.exists("/opt/venv/bin/flask") && !by_path.tree.exists("/usr/local/bin/flask"));
    let by_search = sh("python:slim", &[], &format!("{made}PATH=/opt/venv/bin:$PATH pip install flask"));
    assert!(by_search.tree.exists("/opt/venv/bin/flask"));
    let activated = sh(
        "python:slim",
        &[],
        &format!("{made}. /opt/venv/bin/activate && pip install flask && which flask"),
    );
    assert!(output(&activated).ends_with("/opt/venv/bin/flask\n"));
    let plain = sh("python:slim", &[], &format!("{made}pip install flask"));
    assert!(plain.tree.exists("/usr/local/bin/flask") && !plain.tree.exists("/opt/venv/bin/flask"));
    // The environment's interpreter is a link: it is of no use where there is none.
    let link = sh("python:slim", &[], &format!("{made}readlink /opt/venv/bin/python"));
    assert_eq!(output(&link), "/usr/local/bin/python\n");
}

#[test]
fn a_distribution_keeps_its_python_to_itself() {
    let install = "apt-get update && apt-get install -y python3-pip python3-venv && ";
    let refused = sh("debian", &[], &format!("{install}pip install flask"));
    assert_eq!(code(&refused), 1);
    assert!(output(&refused).contains("error: externally-managed-environment"));
    let told = sh("debian", &[], &format!("{install}pip install --break-system-packages flask"));
    assert!(told.tree.exists("/usr/local/bin/flask"));
    let apart = sh("debian", &[], &format!("{install}python3 -m venv /v && /v/bin/pip install flask"));
    assert!(apart.tree.exists("/v/bin/flask"));
}

#[test]
fn wheels_of_one_stage_are_installed_in_the_next_without_network() {
    let requirements = ("/w/requirements.txt", "flask==3.0\n-r more.txt\n");
    let more = ("/w/more.txt", "gunicorn\n");
    let script = "pip wheel --no-cache-dir -w /wheels -r requirements.txt && pip install --no-index --find-links=/wheels /wheels/*";
    let outcome = sh("python:slim", &[requirements, more], script);
    assert_eq!(code(&outcome), 0, "{}", output(&outcome));
    assert!(outcome.tree.exists("/usr/local/bin/gunicorn") && outcome.tree.exists("/usr/local/bin/flask"));
    assert!(!outcome.tree.exists("/root/.cache/pip"));
}

const RUST: &[(&str, &str)] = &[
    ("/w/Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n"),
    ("/w/Cargo.lock", "[[package]]\nname = \"server\"\n\n[[package]]\nname = \"serde\"\n"),
    ("/w/crates/server/Cargo.toml", "[package]\nname = \"server\"\nversion = \"1.0.0\"\n"),
    ("/w/crates/server/src/main.rs", "fn main() {}\n"),
];

#[test]
fn a_workspace_builds_the_programs_of_its_members() {
    let outcome = sh("rust", RUST, "cargo build --release --locked -p server");
    assert_eq!(code(&outcome), 0, "{}", output(&outcome));
    assert!(outcome.tree.exists("/w/target/release/server"));
    let no_lock: Vec<_> = RUST.iter().filter(|(path, _)| *path != "/w/Cargo.lock").copied().collect();
    let named = [
        ("/w/Cargo.toml", "[package]\nname = \"a\"\n[dependencies]\nserde = \"1\"\n"),
        ("/w/src/main.rs", ""),
    ];
    assert_eq!(code(&sh("rust", &named, "cargo build --locked")), 101);
    assert_eq!(code(&sh("rust", &no_lock, "cargo build")), 0);
}

#[test]
fn a_recipe_stays_as_it_is_while_only_sources_change() {
    let script = "cargo install cargo-chef && cargo chef prepare --recipe-path /recipe.json";
    let recipe = |source: &str| {
        let mut files = RUST.to_vec();
        files.pop();
        files.push(("/w/crates/server/src/main.rs", source));
        let outcome = sh("rust", &files, script);
        outcome.tree.read("/recipe.json").expect("it was written").content.digest()
    };
    assert_eq!(recipe("fn main() {}\n"), recipe("fn main() { /* changed */ }\n"));
    let cooked = sh(
        "rust",
        RUST,
        &format!("{script} && mkdir /x && cd /x && cargo chef cook --release --recipe-path /recipe.json"),
    );
    assert_eq!(code(&cooked), 0, "{}", output(&cooked));
    assert!(cooked.tree.exists("/x/target/release/deps") && !cooked.tree.exists("/x/target/release/server"));
}

#[test]
fn modules_of_a_maven_project_are_built_each_in_its_folder() {
    let files = [
        (
            "/w/pom.xml",
            "<project><artifactId>all</artifactId><version>1</version><packaging>pom</packaging><modules><module>api</module></modules></project>",
        ),
        (
            "/w/api/pom.xml",
            "<project><parent><artifactId>all</artifactId><version>1</version></parent><artifactId>api</artifactId></project>",
        ),
    ];
    let outcome = sh("maven", &files, "mvn -B package -DskipTests");
    assert!(outcome.tree.exists("/w/api/target/api-1.jar") && !outcome.tree.exists("/w/target"));
    let offline = sh("maven", &files, "mvn -o package");
    assert_eq!(code(&offline), 1);
    assert_eq!(code(&sh("maven", &files[..1], "mvn package")), 1);
}

#[test]
fn gradle_leaves_two_archives_of_a_spring_boot_project() {
    let script =
        ("/w/build.gradle", "plugins { id 'org.springframework.boot' version '3.3.0' }\nversion = '1.0'\n");
    let settings = ("/w/settings.gradle", "rootProject.name = 'app'\n");
    let built = sh("gradle", &[script, settings], "gradle build --no-daemon && ls build/libs");
    assert!(output(&built).ends_with("app-1.0-plain.jar\napp-1.0.jar\n"));
    let only =
        sh("gradle", &[script, settings], "gradle bootJar -x test && ls build/libs && gradle clean && ls");
    assert!(output(&only).contains("app-1.0.jar\n") && !output(&only).contains("plain"));
    assert!(output(&only).ends_with("build.gradle\nsettings.gradle\n"));
}

#[test]
fn dotnet_names_what_it_publishes_as_the_project_says() {
    let project = (
        "/w/src/Web.csproj",
        "<Project Sdk=\"Microsoft.NET.Sdk.Web\"><PropertyGroup><TargetFramework>net8.0</TargetFramework><AssemblyName>Shop</AssemblyName></PropertyGroup></Project>",
    );
    let solution = ("/w/All.sln", "Project(\"{1}\") = \"Web\", \"src\\Web.csproj\", \"{2}\"\n");
    let script =
        "dotnet restore && dotnet publish src/Web.csproj -c Release -o /out /p:UseAppHost=false && ls /out";
    let outcome = sh("mcr.microsoft.com/dotnet/sdk", &[project, solution], script);
    assert_eq!(code(&outcome), 0, "{}", output(&outcome));
    assert!(output(&outcome).ends_with("Shop.deps.json\nShop.dll\nShop.pdb\nShop.runtimeconfig.json\n"));
    let missing = sh("mcr.microsoft.com/dotnet/sdk", &[solution], "dotnet restore All.sln");
    assert_eq!(code(&missing), 1);
}

#[test]
fn what_an_unknown_command_may_have_made_is_not_missed() {
    let files = [("/w/package.json", "{}"), ("/w/tool", "\u{7f}ELF")];
    let install = "apk add --no-cache binutils gcc npm make maven >/dev/null && chmod +x tool";
    for script in ["strip app", "npm ci", "ar rcs lib.a x.o", "mvn package", "gcc -c x.c", "make all"] {
        let known = sh("alpine", &files, &format!("{install} && {script}"));
        assert_ne!(code(&known), 0, "{script}");
        let outcome = sh("alpine", &files, &format!("{install} && ./tool && {script}"));
        assert_eq!((code(&outcome), outcome.certainty), (0, Certainty::Unknown), "{script}");
    }
}

/// The files that a script leaves where it runs, and its code.
fn left(image: &str, script: &str) -> (String, u8, String) {
    let script = format!("mkdir -p /new; cd /new; {script}; echo \"$? \"$(find . -type f | sort)");
    let output = output(&sh(image, &[], &script));
    let (code, files) = output.lines().last().and_then(|line| line.split_once(' ')).expect("a last line");
    (files.replace("./", ""), code.parse().expect("a code"), output.clone())
}

#[test]
fn downloads_go_where_their_options_say() {
    // As curl 7.88, GNU Wget 1.21 and BusyBox 1.35 left them, from a server of our own.
    let curl = [
        ("curl -s -o x -o y U/a.txt U/b.txt", "x y", 0),
        ("curl -s -o x U/a.txt U/b.txt", "x", 0),
        ("curl -s -O U/a.txt U/b.txt", "a.txt", 0),
        ("curl -s -O -O U/a.txt U/b.txt", "a.txt b.txt", 0),
        ("curl -s --remote-name-all U/a.txt U/b.txt", "a.txt b.txt", 0),
        ("curl -s -o p/q/x U/a.txt", "", 23),
        ("curl -sS --create-dirs -o p/q/x U/a.txt", "p/q/x", 0),
        ("curl -sS --output-dir p -o x U/a.txt", "", 23),
        ("curl -sS --output-dir p --create-dirs -O U/a.txt", "p/a.txt", 0),
        ("curl -sS -O U/", "", 23),
        ("curl -sS -O 'U/a.txt?x=1'", "a.txt", 0),
        ("curl -s -o x -O U/a.txt", "x", 0),
        ("curl -sLo x U/a.txt", "x", 0),
        ("curl -so/new/z U/a.txt", "z", 0),
        ("curl -H 'A: b' --retry 3 --proto =https --tlsv1.2 -fsSLO U/a.txt", "a.txt", 0),
        ("curl -sI U/a.txt -o h", "h", 0),
        ("curl -s", "", 2),
        ("curl -o", "", 2),
    ];
    let gnu = [
        ("wget -q U/a.txt U/b.txt", "a.txt b.txt", 0),
        ("wget -q U/a.txt U/a.txt", "a.txt a.txt.1", 0),
        ("wget -q -O x U/a.txt U/b.txt", "x", 0),
        ("wget -q -P p -O x U/a.txt", "x", 0),
        ("wget -q -P p/q U/a.txt", "p/q/a.txt", 0),
        ("wget -q -O p/x U/a.txt", "", 1),
        ("wget -qO- U/a.txt", "", 0),
        ("wget -q 'U/a.txt?x=1'", "a.txt?x=1", 0),
        ("wget -q U", "index.html", 0),
        ("wget -q -nH -x U/d/c.tgz", "d/c.tgz", 0),
        ("wget -q -nH --cut-dirs=1 -x U/d/c.tgz", "c.tgz", 0),
        ("wget -q --output-doc=x U/a.txt", "x", 0),
        ("wget --header 'A: b' -nv -t 3 --https-only -o log U/a.txt", "a.txt log", 0),
        ("wget --spider -q U/a.txt", "", 0),
        ("touch a.txt; wget -q -nc U/a.txt", "a.txt", 0),
        ("wget", "", 1),
        ("wget -O", "", 2),
    ];
    let busybox = [
        ("wget -q U/a.txt U/b.txt", "a.txt b.txt", 0),
        ("touch a.txt; wget -q U/a.txt", "a.txt", 1),
        ("touch a.txt; wget -q -nc U/a.txt", "a.txt", 1),
        ("wget -q -P p U/a.txt", "", 1),
        ("mkdir p; wget -q -P p -O x U/a.txt", "x", 0),
        ("wget -q -O p/x U/a.txt", "", 1),
        ("wget -nv --no-check-certificate -T 5 -O x U/a.txt", "x", 0),
    ];
    let debian = "apt-get update >/dev/null; apt-get install -y curl wget >/dev/null 2>&1; ";
    for (image, set_up, cases) in
        [("debian", debian, &curl[..]), ("debian", debian, &gnu), ("alpine", "", &busybox)]
    {
        for (script, files, code) in cases {
            let script = format!("{set_up}{}", script.replace('U', "https://example.com:8443"));
            let (left, status, output) = left(image, &script);
            assert_eq!((left.as_str(), status), (*files, *code), "{script}: {output}");
        }
    }
}

#[test]
fn git_writes_its_settings_and_clones_where_it_is_told() {
    // As git 2.47 did.
    let set_up = "apt-get update >/dev/null; apt-get install -y git >/dev/null 2>&1; ";
    for (script, end) in [
        (
            "git config --global user.name 'A B'; git config --global user.email a@b; git config --global --add safe.directory /app; git config --global --add safe.directory '*'; git config --global user.name 'C;D'; cat /root/.gitconfig",
            "[user]\n\tname = \"C;D\"\n\temail = a@b\n[safe]\n\tdirectory = /app\n\tdirectory = *\n",
        ),
        (
            "git config --global url.https://x:y@github.com/.insteadOf https://github.com/; cat /root/.gitconfig",
            "[url \"https://x:y@github.com/\"]\n\tinsteadOf = https://github.com/\n",
        ),
        (
            "git config --system a.b ' c'; git config a.b; echo $?; cat /etc/gitconfig",
            "fatal: not in a git directory\n128\n[a]\n\tb = \" c\"\n",
        ),
        (
            "git config --global init.defaultBranch main; git init -q r; cat r/.git/HEAD; ls r/.git",
            "ref: refs/heads/main\nHEAD\nbranches\nconfig\ndescription\nhooks\ninfo\nobjects\nrefs\n",
        ),
        (
            "git init -b trunk t; cat t/.git/HEAD",
            "Initialized empty Git repository in /w/t/.git/\nref: refs/heads/trunk\n",
        ),
        (
            "git init --bare b; cat b/HEAD",
            "Initialized empty Git repository in /w/b/\nref: refs/heads/master\n",
        ),
        ("git clone -q --depth 1 -b main https://example.com/x/y.git; ls -d y y/.git", "y\ny/.git\n"),
        (
            "git clone --quiet --recurse-submodules --single-branch -j 4 https://example.com/y d && ls -d d",
            "d\n",
        ),
        (
            "git clone --bare https://example.com/x/y.git; ls -d y.git y.git/.git",
            "Cloning into bare repository 'y.git'...\nls: cannot access 'y.git/.git': No such file or directory\ny.git\n",
        ),
        (
            "git clone; echo $?; git clone a b c; echo $?; git pull; echo $?",
            "fatal: You must specify a repository to clone.\n129\nfatal: Too many arguments.\n129\nfatal: not a git repository (or any of the parent directories): .git\n128\n",
        ),
    ] {
        let said = output(&sh("debian", &[], &[set_up, script].concat()));
        assert!(said.ends_with(end), "{script}: {said}");
    }
}

#[test]
fn a_go_that_is_too_old_says_so() {
    let main = ("/w/main.go", "package main\n\nfunc main() {}\n");
    for (image, asked, words) in [
        (
            "golang:1.22-alpine",
            "1.23",
            "go: go.mod requires go >= 1.23 (running go 1.22.…; GOTOOLCHAIN=local)\n",
        ),
        (
            "golang:1.22.4",
            "1.22.5",
            "go: go.mod requires go >= 1.22.5 (running go 1.22.4; GOTOOLCHAIN=local)\n",
        ),
        (
            "golang:1.19",
            "1.22.5",
            "go: errors parsing go.mod:\n/w/go.mod:3: invalid go version '1.22.5': must match format 1.23\n",
        ),
        // Nobody knows the last part of that image's version.
        ("golang:1.22", "1.22.5", ""),
        ("golang:1.22", "1.21", ""),
        ("golang:1.19", "1.22", ""),
    ] {
        let module = ["module x\n\ngo ", asked, "\n"].concat();
        let outcome = sh(image, &[main, ("/w/go.mod", &module)], "go build -o /a .");
        assert_eq!(
            (output(&outcome).as_str(), code(&outcome)),
            (words, u8::from(!words.is_empty())),
            "{image}, {asked}"
        );
    }
}
