//! The build context as a tree: what the client sends after its filters.

use crate::project::{ContextFile, FileContent};
use stagecraft_dockerfile::ignore::ParentMatches;
use stagecraft_sandbox::tree::{
    Content, Digest, Dir, Entries, File, MAX_NAME, MAX_PATH, Meta, Node, Origin, Tree,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The files of a context, by path.
pub type Files = BTreeMap<String, ContextFile>;

/// What a directory hands on to what is in it.
#[derive(Debug, Clone, Default)]
pub struct Above {
    /// Nothing below is sent: nobody needs to be asked.
    pub pruned: bool,
    /// Patterns that let paths in and that matched already.
    pub include: ParentMatches,
    /// Patterns that leave paths out.
    pub exclude: ParentMatches,
}

/// Which files of a context are sent.
pub trait Selection {
    /// Whether a directory is sent even if nothing in it is, and what it hands on.
    fn directory(&self, path: &str, above: &Above) -> (bool, Above);
    /// Whether a file or a link is sent.
    fn file(&self, path: &str, above: &Above) -> bool;
}

/// All files.
pub struct Everything;

impl Selection for Everything {
    fn directory(&self, _: &str, _: &Above) -> (bool, Above) {
        (true, Above::default())
    }

    fn file(&self, _: &str, _: &Above) -> bool {
        true
    }
}

/// A directory whose files are being gathered.
struct Level<'f> {
    path: &'f str,
    sent: bool,
    above: Above,
    entries: Vec<(Arc<str>, Node)>,
}

struct Gatherer<'f> {
    files: &'f Files,
    selection: &'f dyn Selection,
    origin: Arc<Origin>,
    levels: Vec<Level<'f>>,
}

/// The files of a context, owned by root as both builders receive them. A directory that is left out is there all the
/// same if something below it is sent.
pub fn tree(files: &Files, writer: u32, selection: &dyn Selection) -> Tree {
    let clean = |(path, file)| {
        let path: &str = String::as_str(path);
        let path = path.trim_start_matches("./").trim_matches('/');
        let odd = |name: &str| matches!(name, "" | "." | "..") || name.len() > MAX_NAME;
        // What is too long cannot come from a real directory.
        (path.len() < MAX_PATH && !path.split('/').any(odd)).then_some((path, file))
    };
    let mut sorted: Vec<(&str, &ContextFile)> = files.iter().filter_map(clean).collect();
    if !sorted.is_sorted_by_key(|(path, _)| *path) {
        sorted.sort_by_key(|(path, _)| *path);
    }
    let root = Level { path: "", sent: true, above: Above::default(), entries: Vec::new() };
    let mut gatherer = Gatherer { files, selection, origin: Origin::by(writer), levels: vec![root] };
    for (path, file) in sorted {
        gatherer.add(path, file);
    }
    while gatherer.levels.len() > 1 {
        gatherer.leave();
    }
    let entries = gatherer.levels.pop().map(|level| level.entries).unwrap_or_default();
    Tree { root: Arc::new(Dir::with_entries(Meta::root(0o755), entries.into_iter().collect(), None)) }
}

impl<'f> Gatherer<'f> {
    fn add(&mut self, path: &'f str, file: &ContextFile) {
        let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
        // A file among its siblings, which are next to each other, changes nothing.
        while self.levels.last().is_some_and(|level| !holds(level.path, path)) {
            self.leave();
        }
        while let Some(level) = self.levels.last() {
            if level.above.pruned {
                return;
            }
            if level.path.len() == dir.len() {
                break;
            }
            let from = if level.path.is_empty() { 0 } else { level.path.len() + 1 };
            let end = dir.get(from..).and_then(|rest| rest.find('/')).map_or(dir.len(), |at| from + at);
            let path = dir.get(..end).unwrap_or(dir);
            let (sent, above) = self.selection.directory(path, &level.above);
            self.levels.push(Level { path, sent, above, entries: Vec::new() });
        }
        let Some(level) = self.levels.last() else { return };
        let kept = match file.content {
            FileContent::Directory => self.selection.directory(path, &level.above).0,
            _ => self.selection.file(path, &level.above),
        };
        if !kept {
            return;
        }
        let origin = Some(Arc::clone(&self.origin));
        let meta = Meta::root(file.mode & 0o7777);
        let content = match &file.content {
            FileContent::Directory => {
                return self.put(name, Node::Dir(Arc::new(Dir::with_entries(meta, Entries::new(), origin))));
            }
            FileContent::Symlink(target) => {
                let (target, meta) = (Arc::from(target.as_str()), Meta::root(0o777));
                return self.put(name, Node::Symlink { target, meta, origin });
            }
            FileContent::Text(text) => Content::bytes(text),
            FileContent::Bytes(bytes) => Content::bytes(bytes),
            FileContent::Declared(size) => declared(path, *size),
        };
        self.put(name, Node::File(Arc::new(File::with_origin(meta, content, origin))));
    }

    fn put(&mut self, name: &str, node: Node) {
        if let Some(level) = self.levels.last_mut() {
            level.entries.push((Arc::from(name), node));
        }
    }

    /// The innermost directory is complete.
    fn leave(&mut self) {
        let Some(level) = self.levels.pop() else { return };
        let Some(above) = self.levels.last_mut() else { return };
        if !level.sent && level.entries.is_empty() {
            return;
        }
        let declared = self.files.get(level.path).filter(|file| file.content == FileContent::Directory);
        let meta = Meta::root(declared.map_or(0o755, |file| file.mode & 0o7777));
        let dir =
            Dir::with_entries(meta, level.entries.into_iter().collect(), Some(Arc::clone(&self.origin)));
        let name = level.path.rsplit_once('/').map_or(level.path, |(_, name)| name);
        // Of two entries with a name, such as the directory itself, the later one stays.
        above.entries.push((Arc::from(name), Node::Dir(Arc::new(dir))));
    }
}

/// Whether a path is below a directory; all are below the root.
fn holds(dir: &str, path: &str) -> bool {
    dir.is_empty() || path.strip_prefix(dir).is_some_and(|rest| rest.starts_with('/'))
}

/// Content of which only the size is known.
pub fn declared(path: &str, size: u64) -> Content {
    let digest: Digest = Content::bytes(format!("{path}\0{size}")).digest();
    Content::Modelled { size, digest, source: Arc::from("declared") }
}

/// Files and bytes of a tree.
pub fn size(tree: &Tree) -> (u64, u64) {
    let totals = tree.totals();
    (totals.files, totals.bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(paths: &[&str]) -> Files {
        let file = |path: &&str| {
            let content = match path.strip_suffix('/') {
                Some(_) => FileContent::Directory,
                None => FileContent::Text((*path).to_owned()),
            };
            (path.trim_end_matches('/').to_owned(), ContextFile { content, mode: 0o644 })
        };
        paths.iter().map(file).collect()
    }

    fn paths(tree: &Tree) -> Vec<String> {
        tree.walk().map(|(path, _)| path).collect()
    }

    struct Without(&'static [&'static str]);

    impl Selection for Without {
        fn directory(&self, path: &str, _: &Above) -> (bool, Above) {
            (!self.0.contains(&path), Above { pruned: path == "pruned", ..Above::default() })
        }

        fn file(&self, path: &str, _: &Above) -> bool {
            !self.0.contains(&path)
        }
    }

    #[test]
    fn directories_stay_where_only_their_files_are_filtered() {
        let files =
            files(&["a", "logs/x.log", "deep/er/keep", "deep/drop", "empty/", "../out", "pruned/x/y"]);
        let without = Without(&["logs/x.log", "deep", "deep/er", "deep/drop", "pruned"]);
        let tree = tree(&files, 0, &without);
        assert_eq!(paths(&tree), ["/a", "/deep", "/deep/er", "/deep/er/keep", "/empty", "/logs"]);
        assert_eq!(size(&tree), (2, 13));
    }

    #[test]
    fn names_that_sort_between_a_directory_and_its_files_do_no_harm() {
        let files = files(&["d/", "d-e/x", "d.txt", "d/x", "./c/y", "c/x", "b"]);
        let tree = tree(&files, 0, &Everything);
        assert_eq!(paths(&tree), ["/b", "/c", "/c/x", "/c/y", "/d", "/d/x", "/d-e", "/d-e/x", "/d.txt"]);
        assert_eq!(tree.get("/d").unwrap().meta().mode, 0o644);
    }
}
