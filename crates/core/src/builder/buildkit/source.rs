//! What comes in from outside: base images, the context, addresses.

use super::files::Input;
use super::filter::{Filter, Sent};
use crate::builder::{context, cost};
use crate::catalogue::{Catalogue, Knowledge};
use crate::plan::{Local, Source};
use crate::project::{ContextFile, FileContent, NamedContext, Project};
use crate::simulation::Certainty;
use stagecraft_sandbox::glob;
use stagecraft_sandbox::tree::{Content, File, Meta, Node, Origin, Tree, clean};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a source gave.
pub(super) struct Loaded {
    /// Files.
    pub input: Input,
    /// How far they are known.
    pub certainty: Certainty,
    /// Milliseconds.
    pub duration: u64,
    /// Bytes that the log says were transferred; only for local sources.
    pub transferred: Option<u64>,
}

/// Brings a source in.
///
/// # Errors
/// In BuildKit's words.
pub(super) fn load(
    source: &Source,
    project: &Project,
    catalogue: &Catalogue,
    ignore: &[String],
    step: u32,
) -> Result<Loaded, String> {
    let loaded = |tree, certainty, duration, transferred| Loaded {
        input: Input::new(tree, step, false),
        certainty,
        duration,
        transferred,
    };
    match source {
        Source::Image(image) => {
            let Some(base) = catalogue.resolve(&image.reference) else {
                return Err(format!(
                    "failed to resolve source metadata for {0}: {0}: not found",
                    image.reference
                ));
            };
            let certainty = match base.knowledge {
                Knowledge::Defined | Knowledge::Saved { .. } => Certainty::Exact,
                Knowledge::Known { .. } | Knowledge::Nearest { .. } => Certainty::Modelled,
                Knowledge::Unknown => Certainty::Unknown,
            };
            let mut loaded = loaded(base.tree.clone(), certainty, cost::pull(base.size), None);
            loaded.input.incomplete = certainty == Certainty::Unknown;
            Ok(loaded)
        }
        Source::Local(local) => {
            let tree = local_files(local, project, ignore, step)?;
            let totals = tree.totals();
            let sent = 2 + totals.letters + totals.entries * PACKET + totals.bytes;
            Ok(loaded(tree, Certainty::Exact, cost::transfer(totals.files, totals.bytes), Some(sent)))
        }
        Source::Http(http) => {
            let content = Content::Unknown { digest: Content::bytes(&http.url).digest() };
            let file = File::with_origin(Meta::root(0o600), content, Some(Origin::by(step)));
            let mut tree = Tree::new();
            let put = tree.put(&format!("/{}", http.filename), Node::File(Arc::new(file)));
            put.map_err(|error| error.to_string())?;
            Ok(loaded(tree, Certainty::Unknown, cost::download(0), None))
        }
        Source::Git(_) => {
            let mut loaded = loaded(Tree::new(), Certainty::Unknown, cost::download(0), None);
            loaded.input.incomplete = true;
            Ok(loaded)
        }
    }
}

/// Bytes that announcing an entry costs besides its path.
const PACKET: u64 = 25;

/// What announcing a path costs.
pub(super) fn packet(path: &str) -> u64 {
    path.len() as u64 + PACKET
}

fn local_files(local: &Local, project: &Project, ignore: &[String], step: u32) -> Result<Tree, String> {
    let own;
    let (files, ignore) = match project.contexts.get(&*local.name) {
        Some(NamedContext::Files(files)) if &*local.name != "context" => {
            own = patterns(text(files, ".dockerignore").unwrap_or_default());
            (files, own.as_slice())
        }
        _ => (&project.files, ignore),
    };
    let exclude = Filter::new(ignore)
        .map_err(|error| format!("invalid excludepatterns: [{}]: {error}", ignore.join(" ")))?;
    let mut sent = Sent { include: None, exclude };
    if !local.follow_paths.is_empty() {
        let is_link = |file: &ContextFile| matches!(file.content, FileContent::Symlink(_));
        // Only links lead elsewhere.
        let all = if files.values().any(is_link) { context::tree(files, step, &sent) } else { Tree::new() };
        let mut wanted = BTreeSet::new();
        for path in &local.follow_paths {
            follow(&all, path, &mut wanted, 0);
        }
        let wanted = dedupe(wanted).unwrap_or_default();
        sent.include = Filter::new(&wanted).map_err(|error| {
            let wanted = wanted.join(" ");
            format!("rpc error: code = Unknown desc = invalid includepatterns: [{wanted}]: {error}")
        })?;
    }
    Ok(context::tree(files, step, &sent))
}

/// A file of a context as text.
pub(super) fn text<'f>(files: &'f BTreeMap<String, ContextFile>, path: &str) -> Option<&'f str> {
    match &files.get(path)?.content {
        FileContent::Text(text) => Some(text),
        FileContent::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
        FileContent::Declared(_) | FileContent::Directory | FileContent::Symlink(_) => None,
    }
}

/// What an ignore file says.
pub(super) fn patterns(text: &str) -> Vec<String> {
    stagecraft_dockerfile::ignore::read(text).into_iter().map(|pattern| pattern.text).collect()
}

/// A path and what links in it lead to (`fsutil.FollowLinks`).
fn follow(tree: &Tree, path: &str, found: &mut BTreeSet<String>, depth: u32) {
    let path = clean(path.trim_start_matches('/'));
    let mut rest = path.as_str();
    let mut current = String::new();
    loop {
        let (name, tail) = rest.split_once('/').unwrap_or((rest, ""));
        current = if current.is_empty() { name.to_owned() } else { clean(&format!("{current}/{name}")) };
        let targets = if name == "." { None } else { links(tree, &current) };
        if (tail.is_empty() || targets.is_some()) && found.contains(&current) {
            return;
        }
        if let Some(targets) = targets {
            found.insert(current);
            // Each step adds a path to `found`, which bounds the recursion; the depth is for the stack's sake.
            if depth < 255 {
                for target in targets {
                    follow(tree, &clean(&format!("{target}/{tail}")), found, depth + 1);
                }
            }
            return;
        }
        if tail.is_empty() {
            found.insert(current);
            return;
        }
        rest = tail;
    }
}

/// Targets of the link at a path, or of all links that a wildcard in its last name matches; `None` if there is none.
fn links(tree: &Tree, path: &str) -> Option<Vec<String>> {
    let absolute = format!("/{path}");
    let (dir, name) = absolute.rsplit_once('/')?;
    let target = |name: &str, node: &Node| match node {
        Node::Symlink { target, .. } if target.starts_with('/') => Some(clean(target)),
        Node::Symlink { target, .. } => Some(clean(&format!("{dir}/{target}"))),
        Node::File(_) | Node::Dir(_) => {
            let _ = name;
            None
        }
    };
    if glob::has_wildcards(name) {
        let entries = if dir.is_empty() { &tree.root } else { tree.get(dir)?.as_dir()? };
        let matched =
            entries.entries().iter().filter(|(entry, _)| glob::matches(name, entry).unwrap_or(false));
        // In Go an empty slice that is not nil still ends the walk; it stays nil where no link matched.
        let found: Vec<String> = matched.filter_map(|(entry, node)| target(entry, node)).collect();
        return (!found.is_empty()).then_some(found);
    }
    target(name, tree.get(&absolute)?).map(|target| vec![target])
}

/// Leaves out what lies below another path; `None` if everything is wanted.
fn dedupe(paths: BTreeSet<String>) -> Option<Vec<String>> {
    let mut out: Vec<String> = Vec::new();
    for path in paths {
        let path = path.trim_start_matches('/');
        if path == "." || path.is_empty() {
            return None;
        }
        if out.last().is_some_and(|last| path.starts_with(&format!("{last}/"))) {
            continue;
        }
        out.push(path.to_owned());
    }
    Some(out)
}
