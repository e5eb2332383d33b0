use super::*;
use crate::tree::Content;

/// A tree of `path:mode` (a slash at the end makes a directory, `->` a link, `=` a content).
fn tree(spec: &[&str]) -> Tree {
    let mut tree = Tree::new();
    for line in spec {
        if let Some((path, target)) = line.split_once("->") {
            tree.symlink(target, path, Meta::root(0), None).unwrap();
            continue;
        }
        let (path, mode) = line.split_once(':').unwrap_or((line, ""));
        let (path, content) = path.split_once('=').unwrap_or((path, ""));
        let mode = u32::from_str_radix(mode, 8).ok();
        if let Some(dir) = path.strip_suffix('/') {
            tree.mkdir_all(dir, Meta::root(mode.unwrap_or(0o755)), None).unwrap();
        } else {
            tree.mkdir_all(parent(path), Meta::root(0o755), None).unwrap();
            tree.write(path, Content::bytes(content), Meta::root(mode.unwrap_or(0o644)), None).unwrap();
        }
    }
    tree
}

fn list(tree: &Tree) -> Vec<String> {
    tree.walk()
        .map(|(path, node)| match node {
            Node::File(file) => format!(
                "{path}={}:{:o}",
                String::from_utf8_lossy(file.content.known().unwrap()),
                file.meta.mode
            ),
            Node::Dir(dir) => format!("{path}/:{:o}", dir.meta.mode),
            Node::Symlink { target, .. } => format!("{path}->{target}"),
        })
        .collect()
}

fn contents() -> Options<'static> {
    Options { dir_contents: true, follow_links: true, ..Options::default() }
}

#[test]
fn destinations_are_found_as_fsutil_does() {
    let from = tree(&["/a=1", "/d/x=2:600", "/d/sub/y=3"]);
    for (source, dest, expected) in [
        ("/a", "/b", vec!["/b=1:644"]),
        ("/a", "/new/", vec!["/new/:755", "/new/a=1:644"]),
        ("/a", "/dot/.", vec!["/dot/:755", "/dot/a=1:644"]),
        ("/a", "/p/q/b", vec!["/p/:755", "/p/q/:755", "/p/q/b=1:644"]),
        ("/d", "/e", vec!["/e/:755", "/e/sub/:755", "/e/sub/y=3:644", "/e/x=2:600"]),
        ("/d/sub", "/", vec!["/y=3:644"]),
    ] {
        let mut to = Tree::new();
        copy(&from, source, &mut to, dest, &contents()).unwrap();
        assert_eq!(list(&to), expected, "{source} {dest}");
    }
}

#[test]
fn what_is_in_the_way_is_an_error_unless_replaced() {
    let from = tree(&["/f=1", "/d/x/y=2", "/e/x=3"]);
    let mut to = tree(&["/t/f/", "/u/x=0", "/w/x/", "/file=0"]);
    let run = |to: &mut Tree, source: &str, dest: &str| copy(&from, source, to, dest, &contents());
    let words = |path: &str| format!("cannot copy to non-directory: {MOUNT}{path}");
    assert_eq!(
        run(&mut to.clone(), "/f", "/t"),
        Err(format!("cannot replace to directory {MOUNT}/t/f with file"))
    );
    assert_eq!(run(&mut to.clone(), "/d", "/u"), Err(words("/u/x")));
    assert_eq!(run(&mut to.clone(), "/f", "/file/x"), Err("mkdir /file: not a directory".to_owned()));
    assert_eq!(run(&mut to.clone(), "/f", "/file/x/y"), Err("lstat /file/x: not a directory".to_owned()));
    assert_eq!(run(&mut to.clone(), "/nope", "/"), Err("lstat /nope: no such file or directory".to_owned()));
    let replace = Options { replace: true, ..contents() };
    copy(&from, "/d", &mut to, "/u", &replace).unwrap();
    copy(&from, "/e", &mut to, "/w", &replace).unwrap();
    assert_eq!(
        list(&to),
        [
            "/file=0:644",
            "/t/:755",
            "/t/f/:755",
            "/u/:755",
            "/u/x/:755",
            "/u/x/y=2:644",
            "/w/:755",
            "/w/x=3:644"
        ]
    );
}

#[test]
fn modes_owners_and_links_come_along() {
    let mut from = tree(&["/d/", "/d/x=1:640", "/d/s/:700", "/l->d", "/d/m->x"]);
    from.hardlink("/d/x", "/d/z").unwrap();
    let mut to = tree(&["/o/s/"]);
    copy(&from, "/l", &mut to, "/o", &contents()).unwrap();
    assert_eq!(list(&to), ["/o/:755", "/o/m->x", "/o/s/:700", "/o/x=1:640", "/o/z=1:640"]);
    let (x, z) = (to.read("/o/x").unwrap(), to.read("/o/z").unwrap());
    assert_eq!(x.hardlink, z.hardlink);
    let mut to = Tree::new();
    let options = Options { owner: Some((7, 8)), mode: Some(ModeChange::Bits(0o600)), ..contents() };
    copy(&from, "/d/x", &mut to, "/new/x", &options).unwrap();
    assert_eq!(list(&to), ["/new/:600", "/new/x=1:600"]);
    assert_eq!(to.get("/new").unwrap().meta(), Meta { mode: 0o600, uid: 7, gid: 8 });
}

#[test]
fn wildcards_are_gos_and_do_not_cross_directories() {
    let from = tree(&["/a.txt", "/b.txt", "/d/c.txt", "/e->d"]);
    let find = |pattern: &str| resolve_wildcards(&from, pattern, true).unwrap();
    assert_eq!(find("/*.txt"), ["/a.txt", "/b.txt"]);
    assert_eq!(find("/*/c*"), ["/d/c.txt"]);
    assert_eq!(find("/e/*"), ["/d/c.txt"]);
    assert_eq!(find("/**"), ["/a.txt", "/b.txt", "/d", "/e"]);
    let missing = resolve_wildcards(&from, "/nope/*", true);
    assert_eq!(missing, Err("lstat /nope: no such file or directory".to_owned()));
    assert_eq!(find("/nope*"), Vec::<String>::new());
    assert_eq!(find("/a.txt"), ["/a.txt"]);
}

#[test]
fn origins_lead_back() {
    let mut from = Tree::new();
    from.write("/src", Content::bytes("x"), Meta::root(0o644), Some(Origin::by(1))).unwrap();
    let mut to = Tree::new();
    copy(&from, "/src", &mut to, "/dst", &Options { writer: 2, ..contents() }).unwrap();
    let origin = to.read("/dst").unwrap().origin.clone().unwrap();
    assert_eq!(origin.writer, 2);
    let (path, before) = origin.from.clone().unwrap();
    assert_eq!((&*path, before.writer), ("/src", 1));
}
