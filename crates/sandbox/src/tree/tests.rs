use super::*;

fn text(tree: &Tree, path: &str) -> String {
    let file = tree.read(path).unwrap();
    String::from_utf8(file.content.known().unwrap().to_vec()).unwrap()
}

fn sample() -> Tree {
    let mut tree = Tree::new();
    tree.mkdir_all("/usr/bin", Meta::root(0o755), None).unwrap();
    tree.write("/usr/bin/sh", Content::bytes("shell"), Meta::root(0o755), None).unwrap();
    tree.symlink("usr/bin", "/bin", Meta::root(0), None).unwrap();
    tree.symlink("/bin/../../../bin/sh", "/shell", Meta::root(0), None).unwrap();
    tree.symlink("loop", "/loop", Meta::root(0), None).unwrap();
    tree.symlink("new/file", "/dangling", Meta::root(0), None).unwrap();
    tree
}

#[test]
fn links_are_followed_inside_the_root() {
    let tree = sample();
    assert_eq!(text(&tree, "/bin/sh"), "shell");
    assert_eq!(text(&tree, "/shell"), "shell");
    assert_eq!(tree.resolve("/../../bin/sh", true).unwrap().path, "/usr/bin/sh");
    assert_eq!(tree.resolve("/bin", false).unwrap().path, "/bin");
    assert_eq!(tree.resolve("/bin/", false).unwrap().path, "/usr/bin");
    let kind = |path: &str| tree.stat(path).unwrap_err().kind;
    assert_eq!(kind("/loop"), ErrorKind::TooManyLinks);
    assert_eq!(kind("/dangling"), ErrorKind::NotFound);
    assert_eq!(kind("/none/x"), ErrorKind::NotFound);
    assert_eq!(kind("/bin/sh/x"), ErrorKind::NotADirectory);
    assert_eq!(kind("/bin/sh/"), ErrorKind::NotADirectory);
}

#[test]
fn a_change_leaves_clones_alone_and_shares_the_rest() {
    let old = sample();
    let mut new = old.clone();
    new.mkdir("/etc", Meta::root(0o700), None).unwrap();
    new.write("/etc/a", Content::bytes("1"), Meta::root(0o644), None).unwrap();
    assert!(!old.exists("/etc"));
    assert!(old.get("/usr").unwrap().same(new.get("/usr").unwrap()));
    let before = new.digest();
    new.write("/etc/a", Content::bytes("2"), Meta::root(0o600), None).unwrap();
    assert_eq!(new.get("/etc/a").unwrap().meta().mode, 0o644);
    assert_ne!(before, new.digest());
    new.write("/etc/a", Content::bytes("1"), Meta::root(0), None).unwrap();
    assert_eq!(before, new.digest());
}

#[test]
fn hard_links_change_together() {
    let mut tree = sample();
    tree.hardlink("/bin/sh", "/ash").unwrap();
    tree.mkdir("/d", Meta::root(0o755), None).unwrap();
    tree.hardlink("/ash", "/d/dash").unwrap();
    tree.write("/d/dash", Content::bytes("new"), Meta::root(0), None).unwrap();
    assert_eq!(text(&tree, "/usr/bin/sh"), "new");
    tree.chmod("/ash", 0o711).unwrap();
    assert_eq!(tree.stat("/bin/sh").unwrap().meta().mode, 0o711);
    assert_eq!(tree.size(), 3);
    assert_eq!(tree.hardlink("/usr", "/x").unwrap_err().kind, ErrorKind::NotPermitted);
}

#[test]
fn removing_and_renaming_keep_to_the_rules() {
    let mut tree = sample();
    assert_eq!(tree.remove("/usr").unwrap_err().kind, ErrorKind::NotEmpty);
    assert_eq!(tree.remove_all("/").unwrap_err().kind, ErrorKind::Busy);
    assert_eq!(tree.rename("/usr", "/usr/bin/x").unwrap_err().kind, ErrorKind::InvalidArgument);
    assert_eq!(tree.rename("/usr", "/bin").unwrap_err().kind, ErrorKind::NotADirectory);
    tree.rename("/usr/bin", "/usr/sbin").unwrap();
    assert_eq!(text(&tree, "/usr/sbin/sh"), "shell");
    assert!(!tree.exists("/bin/sh"));
    tree.remove("/bin").unwrap();
    tree.remove_all("/usr").unwrap();
    assert_eq!(tree.walk().count(), 3);
    assert_eq!(tree.mkdir_all("/dangling", Meta::root(0o755), None).unwrap_err().kind, ErrorKind::NotFound);
    assert_eq!(tree.mkdir_all("/shell/x", Meta::root(0o755), None).unwrap_err().kind, ErrorKind::NotFound);
}

#[test]
fn cleaning_is_gos() {
    for (path, expected) in [
        ("", "."),
        ("a//b/./c/..", "a/b"),
        ("/..", "/"),
        ("../a/..", ".."),
        ("/a/../../b", "/b"),
        ("a/..", "."),
    ] {
        assert_eq!(clean(path), expected, "{path}");
    }
}
