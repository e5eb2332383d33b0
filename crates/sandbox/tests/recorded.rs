//! Scripts that ran in a real BusyBox (`tests/recorded/record.py`): what they printed, their exit codes and the
//! files that they left must come out of the sandbox alike.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::single_match_else,
    clippy::assigning_clones,
    reason = "a test may fail loudly"
)]

use serde_json::Value;
use stagecraft_sandbox::shell::{DEFAULT_FUEL, Exec, Exit, run};
use stagecraft_sandbox::tree::{Content, Meta, Node, Tree};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The root that the recording started from.
fn base(shell: Option<&str>, applets: &[&str]) -> Tree {
    let mut tree = Tree::new();
    let root = Meta::root(0o755);
    for dir in [
        "bin",
        "dev",
        "etc",
        "home",
        "proc",
        "root",
        "sbin",
        "sys",
        "tmp",
        "usr/bin",
        "usr/sbin",
        "usr/local/bin",
        "var",
    ] {
        tree.mkdir_all(dir, root, None).unwrap();
    }
    tree.chmod("/root", 0o700).unwrap();
    tree.chmod("/tmp", 0o1777).unwrap();
    let program = Content::Modelled { size: 1_982_256, digest: [7; 32], source: "recorded".into() };
    tree.write("/bin/busybox", program.clone(), root, None).unwrap();
    for applet in applets {
        tree.symlink("busybox", &format!("/bin/{applet}"), root, None).unwrap();
    }
    if let Some(shell) = shell {
        // Where its libraries lie.
        for dir in ["lib", "lib64"] {
            tree.mkdir_all(dir, root, None).unwrap();
        }
        let program = Content::Modelled { size: 125_640, digest: [8; 32], source: "recorded".into() };
        tree.write(&format!("/bin/{shell}"), program, root, None).unwrap();
        tree.remove("/bin/sh").unwrap();
        tree.symlink(shell, "/bin/sh", root, None).unwrap();
    }
    for (path, text) in [
        ("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/home/app:/bin/sh\n"),
        ("/etc/group", "root:x:0:\napp:x:1000:\n"),
        ("/etc/hostname", "localhost\n"),
        ("/etc/hosts", "127.0.0.1\tlocalhost\n"),
    ] {
        tree.write(path, Content::bytes(text), Meta::root(0o644), None).unwrap();
    }
    tree
}

/// The root of a Debian that the recording started from.
fn debian() -> Tree {
    let mut tree = Tree::new();
    let root = Meta::root(0o755);
    for dir in [
        "dev",
        "etc/alternatives",
        "etc/skel",
        "etc/default",
        "home",
        "proc",
        "root",
        "sys",
        "tmp",
        "run",
        "usr/bin",
        "usr/sbin",
        "usr/lib",
        "usr/lib64",
        "usr/share",
        "usr/local/bin",
        "var/lib",
    ] {
        tree.mkdir_all(dir, root, None).unwrap();
    }
    for dir in ["bin", "sbin", "lib", "lib64"] {
        tree.symlink(&format!("usr/{dir}"), &format!("/{dir}"), root, None).unwrap();
    }
    tree.chmod("/root", 0o700).unwrap();
    tree.chmod("/tmp", 0o1777).unwrap();
    for (at, line) in include_str!("recorded/programs.txt").lines().enumerate() {
        match line.split_once(" -> ") {
            Some((path, target)) => tree.symlink(target, path, root, None).unwrap(),
            None => {
                let digest = [at as u8; 32];
                let program = Content::Modelled { size: 35_000, digest, source: "recorded".into() };
                tree.write(line, program, root, None).unwrap();
            }
        }
    }
    tree.symlink("/usr/bin/mawk", "/etc/alternatives/awk", root, None).unwrap();
    tree.symlink("/usr/bin/which.debianutils", "/etc/alternatives/which", root, None).unwrap();
    for (path, text) in [
        (
            "/etc/passwd",
            "root:x:0:0:root:/root:/bin/bash\napp:x:1000:1000:app:/home/app:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
        ),
        ("/etc/group", "root:x:0:\ntty:x:5:\nshadow:x:42:\nusers:x:100:\napp:x:1000:\nnogroup:x:65534:\n"),
        ("/etc/subuid", ""),
        ("/etc/subgid", ""),
        ("/etc/shadow", "root:*:20454:0:99999:7:::\napp:!:20454:0:99999:7:::\nnobody:*:20454:0:99999:7:::\n"),
        ("/etc/gshadow", "root:*::\ntty:*::\nshadow:*::\nusers:*::\napp:!::\nnogroup:*::\n"),
        ("/etc/.pwd.lock", ""),
        ("/etc/shells", "/bin/sh\n/bin/bash\n"),
        ("/etc/hostname", "localhost\n"),
        ("/etc/hosts", "127.0.0.1\tlocalhost\n"),
        ("/etc/os-release", "ID=debian\n"),
    ] {
        tree.write(path, Content::bytes(text), Meta::root(0o644), None).unwrap();
    }
    for (path, size) in [
        ("/etc/adduser.conf", 3040),
        ("/etc/deluser.conf", 1706),
        ("/etc/login.defs", 12_569),
        ("/etc/default/useradd", 1117),
    ] {
        let content = Content::Modelled { size, digest: [9; 32], source: "recorded".into() };
        tree.write(path, content, Meta::root(0o644), None).unwrap();
    }
    for path in ["/etc/shadow", "/etc/gshadow"] {
        tree.chmod(path, 0o640).unwrap();
        tree.chown(path, Some(0), Some(42), true).unwrap();
    }
    tree.chmod("/etc/.pwd.lock", 0o600).unwrap();
    tree.mkdir_all("etc/pam.d", root, None).unwrap();
    tree.mkdir_all("etc/security", root, None).unwrap();
    tree
}

fn entry(path: &str, node: &Node) -> Value {
    let meta = node.meta();
    let mut entry =
        serde_json::json!({ "mode": format!("{:o}", meta.mode), "uid": meta.uid, "gid": meta.gid });
    match node {
        Node::Symlink { target, .. } => entry["target"] = Value::from(&**target),
        Node::Dir(_) => entry["dir"] = Value::from(true),
        Node::File(_) if [".tar", ".tgz", ".gz"].iter().any(|end| path.ends_with(end)) => {
            entry["archive"] = Value::from(true);
        }
        Node::File(file) => match file.content.known().filter(|bytes| bytes.len() < 1000) {
            Some(bytes) => entry["content"] = bytes.iter().map(|b| char::from(*b)).collect::<String>().into(),
            None => entry["size"] = file.content.size().into(),
        },
    }
    entry
}

fn snapshot(tree: &Tree) -> BTreeMap<String, Value> {
    let skipped =
        ["/dev", "/proc", "/lib", "/lib64", "/run", "/usr/lib", "/usr/share", "/etc/pam.d", "/etc/security"]
            .map(|dir| format!("{dir}/"));
    let all = tree.walk().filter(|(path, _)| !skipped.iter().any(|dir| path.starts_with(dir)));
    all.map(|(path, node)| {
        let entry = entry(&path, node);
        (path, entry)
    })
    .collect()
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().collect()
}

/// What differs between the recording and the sandbox; empty if nothing does.
fn compare(case: &Value, tree: &Tree, shell: &str) -> (String, bool) {
    let script = case["script"].as_str().unwrap();
    let argv = [format!("/bin/{shell}"), "-c".to_owned(), script.to_owned()];
    let env = [
        ("PATH".to_owned(), "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned()),
        ("HOME".to_owned(), "/root".to_owned()),
    ];
    let outcome = run(Exec { env: &env, fuel: DEFAULT_FUEL, ..Exec::new(&argv, tree.clone()) });
    let mut diff = String::new();
    let code = case["code"].as_u64().unwrap();
    if outcome.exit != Exit::Code(code as u8) {
        writeln!(diff, "  exit {code}, got {:?}", outcome.exit).unwrap();
    }
    for (name, stderr) in [("stdout", false), ("stderr", true)] {
        let got: Vec<&str> = outcome
            .output
            .iter()
            .filter(|line| line.stderr == stderr)
            .map(|line| line.text.as_str())
            .collect();
        let want = lines(case[name].as_str().unwrap());
        if got != want {
            writeln!(diff, "  {name}\n    want {want:?}\n    got  {got:?}").unwrap();
        }
    }
    let before = snapshot(tree);
    let after = snapshot(&outcome.tree);
    let changed: BTreeMap<&String, &Value> =
        after.iter().filter(|(path, entry)| before.get(*path) != Some(entry)).collect();
    let wanted: BTreeMap<&String, &Value> = case["changed"].as_object().unwrap().iter().collect();
    for path in changed.keys().chain(wanted.keys()).collect::<std::collections::BTreeSet<_>>() {
        if changed.get(path) != wanted.get(path) {
            writeln!(diff, "  {path}\n    want {:?}\n    got  {:?}", wanted.get(path), changed.get(path))
                .unwrap();
        }
    }
    let gone: Vec<&String> = before.keys().filter(|path| !after.contains_key(*path)).collect();
    let want_gone: Vec<&str> = case["gone"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    if gone != want_gone && want_gone.len() < 100 {
        writeln!(diff, "  gone: want {want_gone:?}, got {gone:?}").unwrap();
    }
    if !diff.is_empty() && !outcome.unknown.is_empty() {
        writeln!(diff, "  unknown {:?}", outcome.unknown).unwrap();
    }
    (diff, !outcome.unknown.is_empty())
}

/// How many do not agree, and how many of those said that they do not know something.
fn agree(file: &str, tree: &Tree, shell: &str) -> (usize, usize) {
    let cases: Vec<Value> = serde_json::from_str(file).unwrap();
    let (mut failed, mut unknown) = (0, 0);
    for case in &cases {
        let (diff, unsure) = compare(case, tree, shell);
        if !diff.is_empty() {
            failed += 1;
            unknown += usize::from(unsure);
            println!("{}\n{diff}", case["script"].as_str().unwrap());
        }
    }
    println!("{} of {} scripts agree, {unknown} have something unknown", cases.len() - failed, cases.len());
    (failed, unknown)
}

fn applets() -> Vec<&'static str> {
    include_str!("recorded/applets.txt").lines().collect()
}

#[test]
fn busybox() {
    assert_eq!(agree(include_str!("recorded/busybox.json"), &base(None, &applets()), "sh"), (0, 0));
}

#[test]
fn dash() {
    assert_eq!(agree(include_str!("recorded/dash.json"), &base(Some("dash"), &applets()), "sh"), (0, 0));
}

/// GNU's programs as Debian has them. What is not modelled of them is unknown; what is known agrees.
#[test]
fn gnu() {
    let (failed, unknown) = agree(include_str!("recorded/debian.json"), &debian(), "sh");
    assert_eq!(failed, unknown);
    assert!(unknown <= 4, "{unknown} scripts with something unknown");
}

/// The language as bash knows it (`record.py --debian --shell bash scripts/language.txt scripts/everyday.txt`).
#[test]
fn bash() {
    assert_eq!(agree(include_str!("recorded/bash.json"), &debian(), "bash"), (0, 0));
}

/// Compares with another recording: `RECORDED=FILE [RECORDED_ROOT=busybox|dash|debian] [RECORDED_SHELL=bash] cargo
/// test -p stagecraft-sandbox --test recorded -- --ignored --nocapture`.
#[test]
#[ignore = "for hunting differences"]
fn another() {
    let Ok(path) = std::env::var("RECORDED") else { return };
    let root = std::env::var("RECORDED_ROOT").unwrap_or_default();
    let shell = std::env::var("RECORDED_SHELL").unwrap_or_else(|_| "sh".to_owned());
    let tree = match root.as_str() {
        "debian" => debian(),
        "dash" => base(Some("dash"), &applets()),
        _ => base(None, &applets()),
    };
    agree(&std::fs::read_to_string(path).unwrap(), &tree, &shell);
}
