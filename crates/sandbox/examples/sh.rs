//! Runs a script over a small BusyBox tree: `cargo run -p stagecraft-sandbox --example sh -- SCRIPT [SHELL]`.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a tool for the people who write models")]
use stagecraft_sandbox::shell::{Exec, run};
use stagecraft_sandbox::tree::{Content, Meta, Tree};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let script = args.first().cloned().unwrap_or_default();
    let shell = args.get(1).cloned().unwrap_or_else(|| "/bin/sh".to_owned());
    let mut tree = Tree::new();
    let root = Meta::root(0o755);
    for dir in ["/bin", "/usr/bin", "/tmp", "/etc", "/root", "/usr/sbin", "/sbin", "/home"] {
        tree.mkdir_all(dir, root, None).unwrap();
    }
    let busybox = Content::Modelled { size: 1_000_000, digest: [0; 32], source: "test".into() };
    for name in ["busybox", "bash", "dash", "go", "npm", "node", "gcc", "make", "git", "curl"] {
        tree.write(&format!("/bin/{name}"), busybox.clone(), root, None).unwrap();
    }
    let list = std::process::Command::new("busybox").arg("--list").output().unwrap().stdout;
    for name in String::from_utf8(list).unwrap().lines().filter(|n| *n != "busybox") {
        let _ = tree.symlink("busybox", &format!("/bin/{name}"), root, None);
    }
    let write = |tree: &mut Tree, path: &str, text: &str| {
        tree.write(path, Content::bytes(text), Meta::root(0o644), None).unwrap();
    };
    write(&mut tree, "/etc/passwd", "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/home/app:/bin/sh\n");
    write(&mut tree, "/etc/group", "root:x:0:\napp:x:1000:\n");
    let argv = vec![shell, "-c".to_owned(), script];
    let env =
        vec![("PATH".to_owned(), "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned())];
    let before = tree.clone();
    let out = run(Exec { env: &env, ..Exec::new(&argv, tree) });
    for line in &out.output {
        println!(
            "{}{}{}",
            if line.stderr { "2| " } else { "1| " },
            if line.modelled { "~" } else { "" },
            line.text
        );
    }
    println!("=> {:?} {:?} {:?} {}ms", out.exit, out.certainty, out.unknown, out.duration);
    for (path, node) in out.tree.walk() {
        if before.get(&path).is_none_or(|old| !old.same(node)) && !node.is_dir() {
            println!("   {path} {:o} {:?}", node.meta().mode, node.as_file().map(|f| f.content.size()));
        }
    }
}
