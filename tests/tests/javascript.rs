//! What the package managers of JavaScript install, write and refuse, as npm 10.9, Yarn 1.22 and pnpm 9.15 did with the
//! same packages from npm's registry.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

use stagecraft_sandbox::tree::Node;
use stagecraft_tests::sandbox::{code, output, sh};

const MANIFEST: &str = r#"{"name":"a","version":"1.0.0","scripts":{"build":"echo hi","fail":"exit 3","prebuild":"echo pre"},"dependencies":{"left-pad":"1.3.0"},"devDependencies":{"rimraf":"3.0.2"}}"#;
const NPM_LOCK: &str = r#"{"name":"a","version":"1.0.0","lockfileVersion":3,"packages":{
"":{"name":"a","version":"1.0.0","dependencies":{"left-pad":"1.3.0"},"devDependencies":{"rimraf":"3.0.2"}},
"node_modules/glob":{"version":"7.2.3","dev":true},
"node_modules/left-pad":{"version":"1.3.0"},
"node_modules/rimraf":{"version":"3.0.2","dev":true,"bin":{"rimraf":"bin.js"},"dependencies":{"glob":"^7.1.3"}},
"node_modules/win":{"version":"1.0.0","optional":true,"os":["win32"]}}}"#;
const YARN_LOCK: &str = "# yarn lockfile v1\n\n\nglob@^7.1.3:\n  version \"7.2.3\"\n  dependencies:\n    once \"^1.3.0\"\n\nleft-pad@1.3.0:\n  version \"1.3.0\"\n\nonce@^1.3.0:\n  version \"1.4.0\"\n\nrimraf@3.0.2:\n  version \"3.0.2\"\n  dependencies:\n    glob \"^7.1.3\"\n";
const PNPM_LOCK: &str = "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      left-pad:\n        specifier: 1.3.0\n        version: 1.3.0\n    devDependencies:\n      rimraf:\n        specifier: 3.0.2\n        version: 3.0.2\n\npackages:\n\n  glob@7.2.3:\n    resolution: {integrity: sha512-x}\n\n  left-pad@1.3.0:\n    resolution: {integrity: sha512-x}\n\n  rimraf@3.0.2:\n    resolution: {integrity: sha512-x}\n    hasBin: true\n\nsnapshots:\n\n  glob@7.2.3: {}\n\n  left-pad@1.3.0: {}\n\n  rimraf@3.0.2:\n    dependencies:\n      glob: 7.2.3\n";
const TOOLS: &str = "corepack enable; ";

/// A script in a folder with a manifest and a lock file, where its tools are.
fn after(lock: (&str, &str), script: &str) -> (String, Vec<String>, u8) {
    let files = [("/w/package.json", MANIFEST), lock];
    let files: &[(&str, &str)] = if lock.0.is_empty() { &files[..1] } else { &files };
    let outcome = sh("node:22", files, &[TOOLS, script].concat());
    let names = match outcome.tree.stat("/w/node_modules") {
        Ok(Node::Dir(dir)) => dir.entries().iter().map(|(name, _)| name.to_string()).collect(),
        _ => Vec::new(),
    };
    (output(&outcome), names, code(&outcome))
}

fn names(list: &str) -> Vec<String> {
    list.split_whitespace().map(str::to_owned).collect()
}

const NPM: (&str, &str) = ("/w/package-lock.json", NPM_LOCK);
const YARN: (&str, &str) = ("/w/yarn.lock", YARN_LOCK);
const PNPM: (&str, &str) = ("/w/pnpm-lock.yaml", PNPM_LOCK);
const NOTHING: (&str, &str) = ("", "");

#[test]
fn what_is_installed_follows_the_lock_file_and_the_options() {
    for (lock, script, left) in [
        (NPM, "npm ci", ".bin .package-lock.json glob left-pad rimraf"),
        (NPM, "npm ci --omit=dev", ".package-lock.json left-pad"),
        (NPM, "npm ci --omit dev --loglevel error", ".package-lock.json left-pad"),
        (NPM, "NODE_ENV=production npm ci", ".package-lock.json left-pad"),
        (NPM, "NODE_ENV=production npm ci --include=dev", ".bin .package-lock.json glob left-pad rimraf"),
        (
            NPM,
            "npm ci --prefix . --no-audit --no-fund --ignore-scripts --cache /tmp/c",
            ".bin .package-lock.json glob left-pad rimraf",
        ),
        (NPM, "npm ci && npm prune --omit=dev", ".bin .package-lock.json left-pad"),
        (NPM, "npm ci && npm install --production", ".bin .package-lock.json left-pad"),
        (NPM, "npm ci && npm uninstall rimraf", ".bin .package-lock.json left-pad"),
        (YARN, "yarn install --frozen-lockfile", ".bin .yarn-integrity glob left-pad once rimraf"),
        (
            YARN,
            "yarn --production --frozen-lockfile --non-interactive --network-timeout 100000",
            ".yarn-integrity left-pad",
        ),
        (
            YARN,
            "NODE_ENV=production yarn --production=false",
            ".bin .yarn-integrity glob left-pad once rimraf",
        ),
        (YARN, "yarn && yarn install --production", ".yarn-integrity left-pad"),
        (PNPM, "pnpm install --frozen-lockfile", ".bin .modules.yaml .pnpm left-pad rimraf"),
        (PNPM, "pnpm i --prod --frozen-lockfile", ".modules.yaml .pnpm left-pad"),
        (PNPM, "pnpm i && pnpm prune --prod", ".modules.yaml .pnpm left-pad"),
        (PNPM, "pnpm fetch", ".modules.yaml .pnpm"),
        (PNPM, "pnpm fetch && pnpm install --offline --prod", ".modules.yaml .pnpm left-pad"),
    ] {
        let (said, found, code) = after(lock, script);
        assert_eq!((found, code), (names(left), 0), "{script}: {said}");
    }
}

#[test]
fn without_a_lock_file_the_known_packages_bring_what_they_need() {
    let all = ".bin .package-lock.json balanced-match brace-expansion concat-map fs.realpath glob inflight inherits left-pad minimatch once path-is-absolute rimraf wrappy";
    let (said, found, code) =
        after(NOTHING, "npm install && test -f package-lock.json && test -x node_modules/.bin/rimraf");
    assert_eq!(code, 0, "{said}");
    // The registry's newest rimraf needs less than 3.0.2 did.
    assert!(
        found.contains(&"left-pad".to_owned()) && found.contains(&"rimraf".to_owned()),
        "{found:?} of {all}"
    );
    let outcome = sh("node:22", &[], "npm i left-pad && cat package.json");
    assert!(
        output(&outcome).ends_with("{\n  \"dependencies\": {\n    \"left-pad\": \"^1.3.0\"\n  }\n}\n"),
        "{}",
        output(&outcome)
    );
    let outcome = sh(
        "node:22-slim",
        &[("/w/package.json", MANIFEST)],
        "npm i -D cowsay@1.6.0 --save-exact && cat package.json",
    );
    assert!(
        output(&outcome).contains(r#""devDependencies":{"cowsay":"1.6.0","rimraf":"3.0.2"}"#),
        "{}",
        output(&outcome)
    );
    let outcome = sh(
        "node:22-slim",
        &[],
        "npm i -g rimraf && test -x /usr/local/bin/rimraf && rimraf /usr/local/lib/node_modules/npm/README.md",
    );
    assert_eq!(code, 0, "{}", output(&outcome));
}

#[test]
fn what_is_refused_is_refused_in_their_words() {
    let stale = MANIFEST.replace("\"left-pad\":\"1.3.0\"", "\"left-pad\":\"1.2.0\"");
    for (manifest, lock, script, words, status) in [
        (None, NOTHING, "npm ci", "npm error code ENOENT\n", 254),
        (None, NOTHING, "npm install", "npm error path /w/package.json\n", 254),
        (
            None,
            NOTHING,
            "npm run build",
            "npm error enoent Could not read package.json: Error: ENOENT: no such file or directory, open '/w/package.json'\n",
            254,
        ),
        (
            Some(MANIFEST),
            NOTHING,
            "npm ci",
            "npm error The `npm ci` command can only install with an existing package-lock.json or\n",
            1,
        ),
        (
            Some(stale.as_str()),
            NPM,
            "npm ci",
            "npm error Invalid: lock file's left-pad@1.3.0 does not satisfy left-pad@1.2.0\n",
            1,
        ),
        (
            Some(stale.as_str()),
            YARN,
            "yarn --frozen-lockfile",
            "error Your lockfile needs to be updated, but yarn was run with `--frozen-lockfile`.\n",
            1,
        ),
        (
            Some(stale.as_str()),
            PNPM,
            "pnpm i --frozen-lockfile",
            " ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with \"frozen-lockfile\"",
            1,
        ),
        (
            Some(MANIFEST),
            NOTHING,
            "pnpm i --frozen-lockfile",
            " ERR_PNPM_NO_LOCKFILE  Cannot install with \"frozen-lockfile\" because pnpm-lock.yaml is absent\n",
            1,
        ),
        (None, NOTHING, "pnpm install", " ERR_PNPM_NO_PKG_MANIFEST  No package.json found in /w\n", 1),
        (
            Some(MANIFEST),
            NOTHING,
            "npm run nope",
            "npm error Missing script: \"nope\"\nnpm error\nnpm error To see a list of scripts, run:\nnpm error   npm run\n",
            1,
        ),
        (Some(MANIFEST), NOTHING, "npm run fail", "\n> a@1.0.0 fail\n> exit 3\n\n", 3),
        (Some(MANIFEST), NOTHING, "yarn nope", "error Command \"nope\" not found.\n", 1),
        (Some(MANIFEST), NOTHING, "yarn fail", "$ exit 3\nerror Command failed with exit code 3.\n", 3),
        (
            Some(MANIFEST),
            NOTHING,
            "pnpm run fail",
            "\n> a@1.0.0 fail /w\n> exit 3\n\n ELIFECYCLE  Command failed with exit code 3.\n",
            3,
        ),
        (Some("{ x"), NOTHING, "npm ci", "npm error code EJSONPARSE\n", 1),
    ] {
        let mut files = Vec::new();
        files.extend(manifest.map(|text| ("/w/package.json", text)));
        files.extend(Some(lock).filter(|lock| !lock.0.is_empty()));
        let outcome = sh("node:22", &files, &[TOOLS, script].concat());
        assert_eq!(
            (output(&outcome).contains(words), code(&outcome)),
            (true, status),
            "{script}: {}",
            output(&outcome)
        );
    }
}

#[test]
fn scripts_run_with_those_around_them() {
    let (said, _, _) = after(NOTHING, "npm run build -- --x");
    assert_eq!(said, "\n> a@1.0.0 prebuild\n> echo pre\n\npre\n\n> a@1.0.0 build\n> echo hi --x\n\nhi --x\n");
    assert_eq!(after(NOTHING, "npm run -s build").0, "pre\nhi\n");
    assert_eq!(after(NOTHING, "yarn -s build --x").0, "pre\nhi --x\n");
    let (said, _, _) = after(NOTHING, "pnpm build");
    assert!(said.ends_with("> a@1.0.0 build /w\n> echo hi\n\nhi\n"), "{said}");
    // npm prepares a package even where what it prepares with is left out, and fails.
    let husky = MANIFEST.replace("\"fail\":\"exit 3\"", "\"prepare\":\"husky install\"");
    let outcome = sh("node:22-slim", &[("/w/package.json", &husky), NPM], "npm ci --omit=dev");
    assert_eq!(code(&outcome), 127);
    assert!(output(&outcome).contains("\n> a@1.0.0 prepare\n> husky install\n\n/bin/sh: 1: husky: not found\nnpm error code 127\nnpm error path /w\nnpm error command failed\nnpm error command sh -c husky install\n"), "{}", output(&outcome));
    for script in [
        "npm ci --omit=dev --ignore-scripts",
        "corepack enable; yarn --production",
        "corepack enable; pnpm i --prod",
    ] {
        assert_eq!(code(&sh("node:22-slim", &[("/w/package.json", &husky), NPM], script)), 0, "{script}");
    }
}

#[test]
fn npx_passes_on_what_it_is_given_once() {
    let outcome = sh(
        "node:22",
        &[("/w/package.json", MANIFEST)],
        "mkdir -p node_modules/.bin; printf '#!/bin/sh\\necho \"$@\"\\n' > node_modules/.bin/say; chmod +x node_modules/.bin/say; npx say -p a --b; npx -- say c; npm exec say d; npm exec -- say -e",
    );
    assert_eq!(output(&outcome), "-p a --b\nc\nd\n-e\n");
}

#[test]
fn what_is_chosen_of_the_workspaces_has_the_versions_of_the_lock_file() {
    let lock = r#"{"packages":{"":{"workspaces":["packages/*"]},
"node_modules/@m/x":{"resolved":"packages/x","link":true},"node_modules/@m/y":{"resolved":"packages/y","link":true},
"node_modules/left-pad":{"version":"1.1.0"},"node_modules/ms":{"version":"2.0.0"},
"packages/x":{"name":"@m/x","dependencies":{"left-pad":"^1.1.0"}},"packages/y":{"name":"@m/y","dependencies":{"@m/x":"*"}},
"packages/z":{"name":"@m/z","dependencies":{"ms":"*"}}}}"#;
    let files = [
        ("/w/package.json", r#"{"name":"root","workspaces":["packages/*"]}"#),
        ("/w/package-lock.json", lock),
        ("/w/packages/x/package.json", r#"{"name":"@m/x","dependencies":{"left-pad":"^1.1.0"}}"#),
        ("/w/packages/y/package.json", r#"{"name":"@m/y","dependencies":{"@m/x":"*"}}"#),
        ("/w/packages/z/package.json", r#"{"name":"@m/z","dependencies":{"ms":"*"}}"#),
    ];
    let outcome = sh("node:22", &files, "npm ci -w @m/y >/dev/null && ls node_modules node_modules/@m");
    assert_eq!(output(&outcome), "node_modules:\n@m\nleft-pad\n\nnode_modules/@m:\nx\ny\n");
}

#[test]
fn workspaces_are_links_and_can_be_chosen() {
    let files = [
        ("/w/package.json", r#"{"name":"root","private":true,"workspaces":["packages/*"]}"#),
        ("/w/pnpm-workspace.yaml", "packages:\n  - \"packages/*\"\n"),
        (
            "/w/packages/x/package.json",
            r#"{"name":"@m/x","version":"1.0.0","scripts":{"build":"echo x; pwd"},"dependencies":{"left-pad":"1.3.0"}}"#,
        ),
        (
            "/w/packages/y/package.json",
            r#"{"name":"@m/y","version":"1.0.0","scripts":{"build":"echo y"},"dependencies":{"@m/x":"workspace:*"},"devDependencies":{"ms":"2.1.3"}}"#,
        ),
    ];
    for (script, end) in [
        (
            "npm i >/dev/null && readlink node_modules/@m/x node_modules/@m/y",
            "../../packages/x\n../../packages/y\n",
        ),
        ("npm run build -w @m/x", "\n> @m/x@1.0.0 build\n> echo x; pwd\n\nx\n/w/packages/x\n"),
        ("npm run build -ws --if-present >/dev/null && npm run -s -w packages/y build", "y\n"),
        ("npm run build --workspace=zz", "npm error No workspaces found:\nnpm error   --workspace=zz\n"),
        ("npm i -w @m/x --omit=dev >/dev/null && ls node_modules", "@m\nleft-pad\n"),
        (
            "corepack enable; yarn >/dev/null && readlink node_modules/@m/y && ls node_modules",
            "../../packages/y\n@m\nleft-pad\nms\n",
        ),
        ("corepack enable; yarn -s workspace @m/x build", "x\n/w/packages/x\n"),
        (
            "corepack enable; pnpm i >/dev/null && readlink packages/y/node_modules/@m/x packages/x/node_modules/left-pad",
            "../../../x\n../../../node_modules/.pnpm/left-pad@1.3.0/node_modules/left-pad\n",
        ),
        ("corepack enable; pnpm -s --filter @m/y... build", "x\n/w/packages/x\ny\n"),
        (
            "corepack enable; pnpm i >/dev/null; pnpm --filter @m/y --prod deploy /out >/dev/null && ls /out /out/node_modules",
            "/out:\nnode_modules\npackage.json\n\n/out/node_modules:\n@m\n",
        ),
    ] {
        let outcome = sh("node:22", &files, script);
        assert!(output(&outcome).ends_with(end), "{script}: {}", output(&outcome));
    }
}

#[test]
fn a_folder_of_somebody_else_is_not_written_to() {
    let files = [("/w/package.json", MANIFEST), NPM];
    let outcome = sh("node:22", &files, "su node -c 'cd /w && npm ci'");
    assert!(output(&outcome).contains("npm error code EACCES\nnpm error syscall mkdir\nnpm error path /w/node_modules\nnpm error errno -13\nnpm error Error: EACCES: permission denied, mkdir '/w/node_modules'\n"), "{}", output(&outcome));
    assert_eq!(code(&outcome), 243);
}
