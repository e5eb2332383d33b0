//! File operations: `COPY`, `ADD`, `WORKDIR`, here-documents (`solver/llbsolver/file`).

use super::checksum::may_exist;
use super::filter::Filter;
use crate::builder::unlisted::spreads;
use crate::builder::{context, user};
use crate::plan::{Copy, FileAction, FileActionKind, Mkdir, Mkfile, Mode, Owner, User};
use crate::simulation::Certainty;
use stagecraft_sandbox::archive::{self, Archive};
use stagecraft_sandbox::copy::{
    Made, ModeChange, ModeSet, Options, PathFilter, clean_path, copy, mkdir_all, resolve_wildcards, rooted,
};
use stagecraft_sandbox::tree::{
    Content, Dir, File, Meta, Node, Origin, Tree, Unlisted, base_name, components, join, parent,
};
use std::sync::Arc;

/// An input of the operation.
#[derive(Debug, Clone)]
pub(super) struct Input {
    /// Its files.
    pub tree: Tree,
    /// What content digests see, where it is not the same.
    pub counted: Option<Tree>,
    /// The step that gave it: the origin of files that have none.
    pub step: u32,
    /// A command without a model ran over it, so what is missing may be there.
    pub incomplete: bool,
}

impl Input {
    /// What a step left.
    pub(super) fn new(tree: Tree, step: u32, incomplete: bool) -> Self {
        Self { tree, counted: None, step, incomplete }
    }

    /// The files as content digests see them.
    pub(super) fn counted(&self) -> &Tree {
        self.counted.as_ref().unwrap_or(&self.tree)
    }
}

/// What the actions left.
pub(super) struct Outcome {
    /// Files.
    pub tree: Tree,
    /// How far it is known.
    pub certainty: Certainty,
    /// Whether anything may be there that nobody knows of.
    pub incomplete: bool,
    /// Files and bytes written, by action.
    pub written: Vec<(u64, u64)>,
}

impl Outcome {
    fn wrote(&mut self, files: u64, bytes: u64) {
        if let Some(last) = self.written.last_mut() {
            last.0 += files;
            last.1 += bytes;
        }
    }
}

/// Runs a chain of actions.
pub(super) fn run(actions: &[FileAction], inputs: &[Option<Input>], writer: u32) -> Result<Outcome, String> {
    let input = |at: Option<u32>| at.and_then(|at| inputs.get(at as usize)?.as_ref());
    let base = actions.first().and_then(|action| input(action.input));
    let mut out = Outcome {
        tree: base.map_or_else(Tree::new, |base| base.tree.clone()),
        certainty: Certainty::Exact,
        incomplete: false,
        written: Vec::new(),
    };
    for action in actions {
        let users = input(action.input).map(|input| &input.tree);
        out.written.push((0, 0));
        match &action.kind {
            FileActionKind::Copy(copy) => copy_action(copy, input(copy.from), users, writer, &mut out)?,
            FileActionKind::Mkdir(action) => mkdir(action, users, writer, &mut out.tree)?,
            FileActionKind::Mkfile(action) => mkfile(action, writer, &mut out.tree)?,
        }
    }
    Ok(out)
}

/// User and group numbers; a name that is not found is root (`readUser`).
fn owner(owner: Option<&Owner>, users: Option<&Tree>) -> Result<Option<(u32, u32)>, String> {
    let Some(owner) = owner else { return Ok(None) };
    // An operation on nothing has no files to look names up in.
    let lookup = || users.ok_or_else(|| "invalid user index: -1".to_owned());
    let (mut uid, mut gid) = match &owner.user {
        User::Id(id) => (*id, *id),
        User::Name(name) => user::user(lookup()?, name).unwrap_or_default(),
    };
    match &owner.group {
        None => {}
        Some(User::Id(id)) => gid = *id,
        Some(User::Name(name)) => gid = user::group(lookup()?, name).unwrap_or(gid),
    }
    if owner.user == User::Name(String::new()) {
        uid = 0;
    }
    Ok(Some((uid, gid)))
}

fn mkdir(action: &Mkdir, users: Option<&Tree>, writer: u32, tree: &mut Tree) -> Result<(), String> {
    let path = rooted(tree, &action.path)?;
    let mode = ModeChange::Bits(action.mode & 0o777);
    let owner = owner(action.owner.as_ref(), users)?;
    mkdir_all(tree, &path, &Made { owner, mode: Some(&mode), writer })
}

fn mkfile(action: &Mkfile, writer: u32, tree: &mut Tree) -> Result<(), String> {
    let path = rooted(tree, &action.path)?;
    let meta = Meta::root(action.mode & 0o777);
    let file = File::with_origin(meta, Content::bytes(action.data.as_bytes()), Some(Origin::by(writer)));
    let put = tree.put(&path, Node::File(Arc::new(file)));
    put.map(drop).map_err(|error| format!("open {path}: {}", error.kind))
}

fn copy_action(
    action: &Copy,
    from: Option<&Input>,
    users: Option<&Tree>,
    writer: u32,
    out: &mut Outcome,
) -> Result<(), String> {
    let nothing = Tree::new();
    let source = from.map_or(&nothing, |input| &input.tree);
    let (src, dest) = (clean_path(&action.src), clean_path(&action.dest));
    let owner = owner(action.owner.as_ref(), users)?;
    let include =
        Filter::new(&action.include).map_err(|error| invalid("include", &action.include, &error))?;
    let exclude =
        Filter::new(&action.exclude).map_err(|error| invalid("exclude", &action.exclude, &error))?;
    let mode = match &action.mode {
        None => None,
        Some(Mode::Bits(bits)) => Some(ModeChange::Bits(*bits)),
        Some(Mode::Symbolic(text)) => Some(ModeChange::Set(ModeSet::parse(text).ok_or("invalid syntax")?)),
    };
    let options = Options {
        owner,
        mode,
        include: include.as_ref().map(|filter| filter as &dyn PathFilter),
        exclude: exclude.as_ref().map(|filter| filter as &dyn PathFilter),
        dir_contents: action.dir_contents_only,
        follow_links: action.follow_symlinks,
        replace: false,
        writer,
        source: from.map(|input| Origin::by(input.step)),
    };
    let sources = if action.wildcard {
        resolve_wildcards(source, &src, action.follow_symlinks)
    } else {
        Ok(vec![src.clone()])
    };
    let sources = match sources {
        // What a command without a model left, or an image does not list, may well match.
        Ok(found) if found.is_empty() && may_match(from, &src) => {
            out.certainty = Certainty::Unknown;
            found
        }
        Err(_) if may_match(from, &src) => {
            out.certainty = Certainty::Unknown;
            Vec::new()
        }
        sources => sources?,
    };
    for src in sources {
        let found = rooted(source, &src).ok().and_then(|at| source.get(&at).cloned());
        let hidden = found.is_none() && components(&src).next().is_some();
        if hidden && (from.is_some_and(|input| input.incomplete) || may_exist(source, &src)) {
            placeholder(&src, &dest, writer, &mut out.tree)?;
            out.certainty = Certainty::Unknown;
            continue;
        }
        if action.unpack
            && let Some(Node::File(file)) = &found
            && unpack(file, &src, &dest, owner, writer, out)?
        {
            continue;
        }
        let incomplete = from.is_some_and(|input| input.incomplete);
        out.incomplete |= spreads(source, incomplete, &src, &out.tree, &dest);
        copy(source, &src, &mut out.tree, &dest, &options)?;
        let (files, bytes) = match &found {
            Some(Node::Dir(dir)) => context::size(&Tree { root: Arc::clone(dir) }),
            Some(Node::File(file)) => (1, file.content.size()),
            // The root has no entry of its own.
            None => context::size(source),
            Some(Node::Symlink { .. }) => (1, 0),
        };
        out.wrote(files, bytes);
    }
    Ok(())
}

/// Whether a source with wildcards that matches nothing known may match all the same.
fn may_match(from: Option<&Input>, src: &str) -> bool {
    let Some(from) = from else { return false };
    let fixed = components(src).take_while(|name| !stagecraft_sandbox::glob::has_wildcards(name));
    let probe = fixed.fold(String::new(), |path, name| path + "/" + name) + "/?";
    from.incomplete || may_exist(&from.tree, &probe)
}

fn invalid(which: &str, patterns: &[String], error: &str) -> String {
    format!("invalid {which}patterns: [{}]: {error}", patterns.join(" "))
}

/// A file of which nothing is known stands for a source that may exist.
fn placeholder(src: &str, dest: &str, writer: u32, tree: &mut Tree) -> Result<(), String> {
    let into = dest.ends_with('/') || dest.ends_with("/.") || tree.read_dir(dest).is_ok();
    let name = base_name(src.trim_end_matches(['/', '.']));
    // A directory gives its entries; whether it is one is told by a slash, or guessed by its name.
    let folder = src.ends_with('/') || src.ends_with("/.");
    if into && (folder || !name.contains('.') && !dest.trim_end_matches('/').ends_with("bin")) {
        let dir = rooted(tree, dest)?;
        mkdir_all(tree, &dir, &Made { owner: None, mode: None, writer })?;
        let more = Unlisted { bytes: 0, source: Arc::from(src) };
        let _ = tree.update(&dir, |node| {
            if let Node::Dir(dir) = node {
                Arc::make_mut(dir).unlisted = Some(Arc::new(more));
            }
        });
        if folder {
            return Ok(());
        }
    }
    let path =
        rooted(tree, &if into { join(dest, base_name(src.trim_end_matches('/'))) } else { dest.to_owned() })?;
    mkdir_all(tree, parent(&path), &Made { owner: None, mode: None, writer })?;
    let content = Content::Unknown { digest: Content::bytes(src).digest() };
    // It may be a program: its mode is as little known.
    let file = File::with_origin(Meta::root(0o755), content, Some(Origin::by(writer)));
    let put = tree.put(&path, Node::File(Arc::new(file)));
    put.map(drop).map_err(|error| format!("open {path}: {}", error.kind))
}

/// Unpacks a local archive; `false` if it is none.
fn unpack(
    file: &File,
    src: &str,
    dest: &str,
    owner: Option<(u32, u32)>,
    writer: u32,
    out: &mut Outcome,
) -> Result<bool, String> {
    let contents = match file.content.known() {
        Some(bytes) => archive::read(bytes)?,
        None if looks_like_archive(src) => Archive::Unreadable(archive::Compression::None),
        None => Archive::No,
    };
    if contents == Archive::No {
        return Ok(false);
    }
    let dest = rooted(&out.tree, dest)?;
    mkdir_all(&mut out.tree, &dest, &Made { owner, mode: None, writer })?;
    let at_dest =
        if dest == "/" { Some(Node::Dir(Arc::clone(&out.tree.root))) } else { out.tree.get(&dest).cloned() };
    let Some(Node::Dir(dir)) = at_dest else { return Err(format!("mkdir {dest}: not a directory")) };
    let mut root = Tree { root: dir };
    let origin = file.origin.clone().unwrap_or_else(|| Origin::by(writer));
    let origin = Origin::copied(writer, src, Some(&origin));
    match contents {
        Archive::Entries(entries) => {
            archive::unpack(&entries, &mut root, owner, &origin)?;
            out.wrote(entries.len() as u64, file.content.size());
        }
        Archive::Unreadable(_) | Archive::No => {
            let mut dir = Dir::clone(&root.root);
            dir.unlisted =
                Some(Arc::new(Unlisted { bytes: file.content.size(), source: Arc::from(base_name(src)) }));
            root.root = Arc::new(dir);
            out.certainty = Certainty::Unknown;
        }
    }
    out.tree.put(&dest, Node::Dir(root.root)).map_err(|error| error.to_string())?;
    Ok(true)
}

fn looks_like_archive(path: &str) -> bool {
    let name = base_name(path).to_ascii_lowercase();
    [".tar", ".tgz", ".tar.gz", ".tbz2", ".tar.bz2", ".txz", ".tar.xz", ".tar.zst"]
        .iter()
        .any(|end| name.ends_with(end))
}
