//! The build context as a tree: what the client sends after its filters.

use crate::project::{ContextFile, FileContent};
use stagecraft_sandbox::tree::{Content, Digest, Dir, File, Meta, Node, Origin, Tree, parent};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The files of a context, owned by root as both builders receive them. `keep` is asked for every path,
/// directories included; what it refuses is left out unless something kept lies below.
pub fn tree(files: &BTreeMap<String, ContextFile>, writer: u32, keep: &dyn Fn(&str) -> bool) -> Tree {
    let origin = Origin::by(writer);
    let mut tree = Tree::new();
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for (path, file) in files {
        let path = path.trim_start_matches("./").trim_matches('/');
        if path.is_empty() || path.split('/').any(|name| name.is_empty() || name == "..") {
            continue;
        }
        let mut above = Vec::new();
        let mut dir = path.rsplit_once('/').map_or("", |(dir, _)| dir);
        while !dir.is_empty() && known.insert(dir) {
            above.push(dir);
            dir = dir.rsplit_once('/').map_or("", |(dir, _)| dir);
        }
        for dir in above.iter().rev() {
            if keep(dir) {
                ensure(&mut tree, dir, files, &origin);
            }
        }
        if !keep(path) {
            continue;
        }
        if let Some((dir, _)) = path.rsplit_once('/') {
            ensure(&mut tree, dir, files, &origin);
        }
        let absolute = format!("/{path}");
        let node = match &file.content {
            FileContent::Directory => {
                known.insert(path);
                ensure(&mut tree, path, files, &origin);
                continue;
            }
            FileContent::Symlink(target) => Node::Symlink {
                target: Arc::from(target.as_str()),
                meta: Meta::root(0o777),
                origin: Some(Arc::clone(&origin)),
            },
            FileContent::Text(text) => leaf(Content::bytes(text), file.mode, &origin),
            FileContent::Bytes(bytes) => leaf(Content::bytes(bytes), file.mode, &origin),
            FileContent::Declared(size) => leaf(declared(path, *size), file.mode, &origin),
        };
        // Only a path that is too long is refused; it cannot come from a real directory.
        let _ = tree.put(&absolute, node);
    }
    tree
}

/// Content of which only the size is known.
pub fn declared(path: &str, size: u64) -> Content {
    let digest: Digest = Content::bytes(format!("{path}\0{size}")).digest();
    Content::Modelled { size, digest, source: Arc::from("declared") }
}

fn leaf(content: Content, mode: u32, origin: &Arc<Origin>) -> Node {
    Node::File(Arc::new(File::with_origin(Meta::root(mode & 0o7777), content, Some(Arc::clone(origin)))))
}

/// Makes a directory of the context and those above it.
fn ensure(tree: &mut Tree, path: &str, files: &BTreeMap<String, ContextFile>, origin: &Arc<Origin>) {
    let absolute = format!("/{path}");
    if tree.get(&absolute).is_some_and(Node::is_dir) {
        return;
    }
    if let Some((dir, _)) = path.rsplit_once('/') {
        ensure(tree, dir, files, origin);
    }
    let declared = files.get(path).filter(|file| file.content == FileContent::Directory);
    let mut dir = Dir::new(Meta::root(declared.map_or(0o755, |file| file.mode & 0o7777)));
    dir.origin = Some(Arc::clone(origin));
    if tree.get(parent(&absolute)).is_some_and(Node::is_dir) || parent(&absolute) == "/" {
        let _ = tree.put(&absolute, Node::Dir(Arc::new(dir)));
    }
}

/// Files and bytes of a tree.
pub fn size(tree: &Tree) -> (u64, u64) {
    let totals = tree.totals();
    (totals.files, totals.bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(paths: &[&str]) -> BTreeMap<String, ContextFile> {
        let file = |path: &&str| {
            let content = match path.strip_suffix('/') {
                Some(_) => FileContent::Directory,
                None => FileContent::Text((*path).to_owned()),
            };
            (path.trim_end_matches('/').to_owned(), ContextFile { content, mode: 0o644 })
        };
        paths.iter().map(file).collect()
    }

    #[test]
    fn directories_stay_where_only_their_files_are_filtered() {
        let files = files(&["a", "logs/x.log", "deep/er/keep", "deep/drop", "empty/", "../out"]);
        let tree = tree(&files, 0, &|path| {
            !path.starts_with("logs/") && path != "deep" && path != "deep/er" && path != "deep/drop"
        });
        let paths: Vec<String> = tree.walk().map(|(path, _)| path).collect();
        assert_eq!(paths, ["/a", "/deep", "/deep/er", "/deep/er/keep", "/empty", "/logs"]);
        assert_eq!(size(&tree), (2, 13));
    }
}
