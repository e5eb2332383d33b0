//! Laying an archive's members into a directory. The directory is the root meanwhile, as in the builders'
//! `chroot`, so that neither `..` nor a link leads out of it.

use super::{Entry, EntryKind};
use crate::tree::{Content, Dir, File, Meta, Node, Origin, Tree, clean, components, parent};
use std::sync::Arc;

/// Unpacks into `root`; `owner` replaces the archive's owners.
///
/// # Errors
/// In the words of Go: a hard link to nothing, a path through a file, a member of an unknown type.
pub fn unpack(
    entries: &[Entry<'_>],
    root: &mut Tree,
    owner: Option<(u32, u32)>,
    origin: &Arc<Origin>,
) -> Result<(), String> {
    for entry in entries {
        let path = clean(&format!("/{}", entry.name));
        let (uid, gid) = owner.unwrap_or((entry.uid, entry.gid));
        let meta = Meta { mode: entry.mode, uid, gid };
        if !entry.name.ends_with('/') {
            let above = parent(&path);
            if root.lstat(above).is_err() {
                if let Some(link) = dangling(root, above) {
                    return Err(format!("mkdir {link}: file exists"));
                }
                let made = root.mkdir_all(above, Meta::root(0o755), Some(origin));
                made.map_err(|error| format!("mkdir {}: {}", error.path, error.kind))?;
            }
        }
        let there = root.resolve(&path, false).map_err(|error| format!("lstat {path}: {}", error.kind))?;
        let is_dir = there.node.as_ref().is_some_and(Node::is_dir);
        if is_dir && path == "/" {
            continue;
        }
        let merged = is_dir && entry.kind == EntryKind::Dir;
        if there.node.is_some() && !merged {
            root.remove_all(&path).map_err(|error| format!("remove {path}: {}", error.kind))?;
        }
        let failed =
            |operation: &str, error: &crate::tree::Error| format!("{operation} {path}: {}", error.kind);
        match &entry.kind {
            EntryKind::Dir if merged => {
                root.update(&there.path, |node| node.set_meta(meta))
                    .map_err(|error| failed("chmod", &error))?;
            }
            EntryKind::Dir => {
                let mut dir = Dir::new(meta);
                dir.origin = Some(Arc::clone(origin));
                root.put(&there.path, Node::Dir(Arc::new(dir))).map_err(|error| failed("mkdir", &error))?;
            }
            EntryKind::File(bytes) => {
                let file = File::with_origin(meta, Content::bytes(bytes), Some(Arc::clone(origin)));
                root.put(&there.path, Node::File(Arc::new(file))).map_err(|error| failed("open", &error))?;
            }
            EntryKind::Symlink(target) => {
                let link = root.symlink(target, &path, meta, Some(Arc::clone(origin)));
                link.map_err(|error| failed("symlink", &error))?;
            }
            EntryKind::Hardlink(target) => {
                let target = clean(&format!("/{target}"));
                let link = root.hardlink(&target, &path);
                link.map_err(|error| format!("link {target} {path}: {}", error.kind))?;
                let found = root.resolve(&path, false).map_err(|error| failed("chmod", &error))?;
                root.update(&found.path, |node| node.set_meta(meta))
                    .map_err(|error| failed("chmod", &error))?;
            }
            // Devices and pipes have no place in the simulated tree.
            EntryKind::Special => {}
            EntryKind::Other(kind) => return Err(format!("unhandled tar header type {kind}")),
        }
    }
    Ok(())
}

/// The first part of a path that is a link to nothing: no directory can be made there.
fn dangling(root: &Tree, path: &str) -> Option<String> {
    let mut at = String::new();
    for name in components(path) {
        at = format!("{at}/{name}");
        if root.stat(&at).is_err() {
            return root.lstat(&at).is_ok().then_some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::{Archive, Compression, read};
    use super::*;

    /// A tar of (name, type, content or link target).
    fn tar(members: &[(&str, u8, &str)]) -> Vec<u8> {
        let mut out = Vec::new();
        for (name, kind, text) in members {
            let is_link = matches!(kind, b'1' | b'2');
            let mut header = [0_u8; 512];
            header[..name.len()].copy_from_slice(name.as_bytes());
            header[100..108].copy_from_slice(b"0000640\0");
            header[108..116].copy_from_slice(b"0001750\0");
            header[116..124].copy_from_slice(b"0001751\0");
            let size = if is_link { 0 } else { text.len() };
            header[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
            header[156] = *kind;
            if is_link {
                header[157..157 + text.len()].copy_from_slice(text.as_bytes());
            }
            header[148..156].copy_from_slice(b"        ");
            let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
            header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
            out.extend(header);
            if !is_link {
                out.extend(text.as_bytes());
                out.resize(out.len().next_multiple_of(512), 0);
            }
        }
        out.extend([0; 1024]);
        out
    }

    fn lay(members: &[(&str, u8, &str)], root: &mut Tree) -> Result<(), String> {
        let bytes = tar(members);
        let Archive::Entries(entries) = read(&bytes)? else { panic!("no archive") };
        unpack(&entries, root, None, &Origin::by(1))
    }

    fn paths(root: &Tree) -> Vec<String> {
        root.walk().map(|(path, _)| path).collect()
    }

    #[test]
    fn members_come_in_with_mode_and_owner() {
        let mut root = Tree::new();
        lay(
            &[
                ("d/", b'5', ""),
                ("d/a", b'0', "hello"),
                ("x/y", b'0', ""),
                ("l", b'2', "d/a"),
                ("h", b'1', "d/a"),
            ],
            &mut root,
        )
        .unwrap();
        assert_eq!(paths(&root), ["/d", "/d/a", "/h", "/l", "/x", "/x/y"]);
        assert_eq!(root.get("/d/a").unwrap().meta(), Meta { mode: 0o640, uid: 1000, gid: 1001 });
        assert_eq!(root.get("/x").unwrap().meta(), Meta::root(0o755));
        assert_eq!(root.read("/h").unwrap().content.known().unwrap(), b"hello");
    }

    #[test]
    fn nothing_leads_out_of_the_root() {
        let mut root = Tree::new();
        lay(&[("../../a", b'0', ""), ("l", b'2', "/../.."), ("l/b", b'0', "")], &mut root).unwrap();
        assert_eq!(paths(&root), ["/a", "/b", "/l"]);
        let error = lay(&[("h", b'1', "../none")], &mut root).unwrap_err();
        assert_eq!(error, "link /none /h: no such file or directory");
        assert_eq!(lay(&[("a/b", b'0', "")], &mut root).unwrap_err(), "lstat /a/b: not a directory");
        assert_eq!(lay(&[("s", b'S', "")], &mut root).unwrap_err(), "unhandled tar header type 83");
    }

    #[test]
    fn what_is_no_archive_is_told_from_what_is_damaged() {
        assert_eq!(read(b"just text").unwrap(), Archive::No);
        assert_eq!(read(&[0; 2048]).unwrap(), Archive::No);
        assert_eq!(read(b"BZh91AY").unwrap(), Archive::Unreadable(Compression::Bzip2));
        assert_eq!(read(b"\x1f\x8b\x08\x00rubbish").unwrap(), Archive::No);
        let whole = tar(&[("a", b'0', "hello"), ("b", b'0', "world")]);
        assert_eq!(read(&whole[..1538]), Err("unexpected EOF".to_owned()));
    }
}
