//! Whatever a script says, running it ends, within its budget, and without a panic.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::single_match_else,
    clippy::assigning_clones,
    reason = "a test may fail loudly"
)]

use proptest::prelude::*;
use stagecraft_sandbox::shell::{Exec, Why, run};
use stagecraft_sandbox::tree::{Content, Meta, Tree};
use std::path::PathBuf;

fn tree() -> Tree {
    let mut tree = Tree::new();
    let root = Meta::root(0o755);
    for dir in ["bin", "usr/bin", "etc", "tmp", "root"] {
        tree.mkdir_all(dir, root, None).unwrap();
    }
    let program = Content::Modelled { size: 1, digest: [1; 32], source: "test".into() };
    for name in ["busybox", "bash", "apt-get", "apk", "go", "npm", "curl", "gcc", "make", "git"] {
        tree.write(&format!("/bin/{name}"), program.clone(), root, None).unwrap();
    }
    for applet in include_str!("recorded/applets.txt").lines() {
        let _ = tree.symlink("busybox", &format!("/bin/{applet}"), root, None);
    }
    tree.write("/etc/passwd", Content::bytes("root:x:0:0::/root:/bin/sh\n"), Meta::root(0o644), None)
        .unwrap();
    tree
}

fn sh(shell: &str, script: &str) -> stagecraft_sandbox::shell::Outcome {
    let argv = [shell.to_owned(), "-c".to_owned(), script.to_owned()];
    let env = [("PATH".to_owned(), "/usr/bin:/bin".to_owned())];
    run(Exec { env: &env, fuel: 100_000, ..Exec::new(&argv, tree()) })
}

#[test]
fn endless_and_deep_scripts_end() {
    let deep = |open: &str, close: &str| format!("{}echo x{}", open.repeat(3000), close.repeat(3000));
    for script in [
        "while :; do :; done".to_owned(),
        "f() { f; }; f".to_owned(),
        "f() { f | f; }; f".to_owned(),
        "x=a; while :; do x=$x$x; done".to_owned(),
        "yes | cat | cat > /f; while :; do cat /f /f > /g; mv /g /f; done".to_owned(),
        "eval \"$(echo 'eval \"$0\"')\"; sh -c 'sh -c \"$0\" \"$0\"' 'sh -c \"$0\" \"$0\"'".to_owned(),
        "echo {1..9}{1..9}{1..9}{1..9}{1..9}{1..9}{1..9}".to_owned(),
        "echo '#!/x.sh' > /x.sh; chmod +x /x.sh; /x.sh".to_owned(),
        "printf '%s\\n' aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa | grep -E '(a*)*b'".to_owned(),
        "echo aaaa | sed ':a;s/a/aa/;ta'".to_owned(),
        "ln -s /l /l; cat /l; ls -R /; find / -exec sh -c 'find /' \\;".to_owned(),
        deep("(", ")"),
        deep("$(echo ", ")"),
        deep("if true; then ", "; fi"),
        deep("{ ", "; }"),
        deep("\"${a:-", "}\""),
        deep("$((", "))"),
        deep("! ", ""),
        format!("echo $(({}1{}))", "(".repeat(3000), ")".repeat(3000)),
        format!("[ {} x ]", "! ".repeat(3000)),
        format!("[[ {} x ]]", "( ".repeat(3000)),
        format!("test {} x", "( ".repeat(3000)),
        format!("find / {} -name x", "! ".repeat(3000)),
        format!("echo x | grep -E '{}x{}'", "(".repeat(3000), ")".repeat(3000)),
    ] {
        for shell in ["/bin/sh", "/bin/bash"] {
            let outcome = sh(shell, &script);
            assert!(outcome.output.len() < 200_000, "{script}");
        }
    }
}

/// Pieces that scripts are thrown together from.
const PIECES: &[&str] = &[
    "echo",
    " ",
    " ",
    "\n",
    ";",
    "&&",
    "||",
    "|",
    "&",
    "(",
    ")",
    "{",
    "}",
    "'",
    "\"",
    "$",
    "${",
    "}",
    "$(",
    "$((",
    "))",
    "`",
    "\\",
    "*",
    "?",
    "[",
    "]",
    "[[",
    "]]",
    "<",
    ">",
    ">>",
    "<<EOF",
    "\nEOF\n",
    "2>&1",
    "x",
    "x=1",
    "y",
    "$x",
    "$@",
    "${x:-y}",
    "${x##*/}",
    "${x/a/b}",
    "${x:1:2}",
    "${#x}",
    "if",
    "then",
    "fi",
    "else",
    "for i in",
    "do",
    "done",
    "while",
    "case",
    "in",
    "esac",
    ";;",
    "f()",
    "set -e",
    "cd /tmp",
    "test",
    "-f",
    "=",
    "/etc/passwd",
    "cat",
    "sed",
    "s/a/b/g",
    "grep",
    "-E",
    "a*b",
    "awk",
    "sort",
    "-n",
    "head",
    "-1",
    "tr",
    "a-z",
    "cut",
    "-d:",
    "-f1",
    "find",
    "/",
    "-name",
    "xargs",
    "rm",
    "-rf",
    "mkdir",
    "-p",
    "cp",
    "mv",
    "ln",
    "-s",
    "chmod",
    "755",
    "tar",
    "xzf",
    "printf",
    "%s",
    "%5d",
    "read",
    "export",
    "unset",
    "local",
    "return",
    "exit",
    "3",
    "trap",
    "EXIT",
    "eval",
    ".",
    "sh",
    "-c",
    "apk add",
    "apt-get install -y",
    "go build",
    "npm ci",
    "curl",
    "-o",
    "https://x/y.tgz",
    "make",
    "gcc",
    "git clone",
    "é",
    "\u{10FFFE}",
    "#",
    "~",
    "!",
    "%",
    ",",
    "a",
    "0",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn scripts_of_pieces_do_not_panic(picks in prop::collection::vec(0..PIECES.len(), 0..40), bash: bool) {
        let script: String = picks.iter().map(|at| PIECES[*at]).collect::<Vec<_>>().join("");
        sh(if bash { "/bin/bash" } else { "/bin/sh" }, &script);
        let spaced: String = picks.iter().map(|at| PIECES[*at]).collect::<Vec<_>>().join(" ");
        sh(if bash { "/bin/bash" } else { "/bin/sh" }, &spaced);
    }

    #[test]
    fn any_text_does_not_panic(script in "\\PC{0,60}") {
        sh("/bin/sh", &script);
        sh("/bin/bash", &script);
    }
}

fn shared() -> Option<PathBuf> {
    if let Ok(dir) = std::env::var("STAGECRAFT_SHARED") {
        return Some(PathBuf::from(dir));
    }
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    ["../shared", "../../shared"].iter().map(|dir| root.join(dir)).find(|dir| dir.is_dir())
}

/// The script of each `RUN` in shell form, continuations joined; a rough reading that needs no parser.
fn run_lines(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut current: Option<String> = None;
    for line in text.lines() {
        if line.trim_start().starts_with('#') {
            continue;
        }
        let start = line.trim_start();
        let mut piece = line.to_owned();
        if current.is_none() {
            let Some(rest) = start.strip_prefix("RUN ").or_else(|| start.strip_prefix("run ")) else {
                continue;
            };
            let mut rest = rest.trim_start();
            while rest.starts_with("--") {
                rest = rest.split_once(' ').map_or("", |(_, rest)| rest.trim_start());
            }
            if rest.starts_with('[') {
                continue;
            }
            piece = rest.to_owned();
        }
        let all = current.get_or_insert_default();
        match piece.trim_end().strip_suffix('\\') {
            Some(head) => all.push_str(head),
            None => {
                all.push_str(&piece);
                out.extend(current.take());
            }
        }
    }
    out
}

#[test]
fn every_run_line_of_the_corpus_runs() {
    let Some(dir) = shared().map(|dir| dir.join("conformance/corpus/files")).filter(|dir| dir.is_dir())
    else {
        println!("skipped: the corpus is not here");
        return;
    };
    let (mut lines, mut known, mut commands, mut unknown) = (0, 0, 0, 0);
    let mut why = std::collections::BTreeMap::new();
    let mut files: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files {
        let text = String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned();
        for script in run_lines(&text) {
            let outcome = sh("/bin/bash", &script);
            lines += 1;
            known += usize::from(outcome.unknown.is_empty());
            commands += outcome.traces.len();
            for one in &outcome.unknown {
                unknown += 1;
                if one.why == Why::NoModel {
                    *why.entry(one.command.split(' ').next().unwrap_or("").to_owned()).or_insert(0) += 1;
                }
            }
        }
    }
    let mut why: Vec<_> = why.into_iter().collect();
    why.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    why.truncate(30);
    println!(
        "{lines} RUN lines, {known} without an unknown; {commands} programs, {unknown} unknown: {why:?}"
    );
    assert!(lines > 1000);
}
