//! `COPY` and `ADD`: what they take, how it is hashed, how it is written.

mod chown;
mod hash;
mod perform;
pub(super) mod scope;
mod source;
mod unpack;

use crate::builder::hexadecimal::hex;
use perform::Job;
use source::{Info, Root};
use stagecraft_sandbox::tree::{Node, Tree, clean};
use std::collections::BTreeMap;

/// What an instruction asks for, variables expanded.
pub(super) struct Request<'a> {
    /// `ADD` instead of `COPY`.
    pub(super) add: bool,
    /// Sources as written.
    pub(super) sources: &'a [String],
    /// Destination as written.
    pub(super) dest: &'a str,
    /// `--chown`, empty if there is none.
    pub(super) chown: &'a str,
    /// The files that it copies from.
    pub(super) from: &'a Tree,
    /// They are the build context.
    pub(super) context: bool,
    /// Where the engine has them.
    pub(super) from_mount: &'a str,
    /// What is missing there may exist.
    pub(super) incomplete: bool,
}

/// The sources of an instruction with their hashes.
pub(super) struct Plan {
    infos: Vec<Info>,
    /// How many come from an address.
    pub(super) downloads: usize,
    /// A source's content, or even whether it exists, is not known.
    pub(super) unknown: bool,
    /// What the history shows: `COPY file:… in /x `.
    pub(super) comment: String,
}

impl Request<'_> {
    fn name(&self) -> &'static str {
        if self.add { "ADD" } else { "COPY" }
    }

    fn root(&self) -> Root<'_> {
        Root { tree: self.from, context: self.context, mount: self.from_mount, incomplete: self.incomplete }
    }

    /// Finds the sources.
    ///
    /// # Errors
    /// In the engine's words.
    pub(super) fn plan(&self) -> Result<Plan, String> {
        let infos = source::collect(self.root(), self.sources, self.add, self.dest)
            .map_err(|error| format!("{} failed: {error}", self.name()))?;
        if infos.len() > 1 && !self.dest.ends_with('/') {
            return Err(format!(
                "When using {} with more than one source file, the destination must be a directory and end with a /",
                self.name()
            ));
        }
        let chown = if self.chown.is_empty() { String::new() } else { format!("--chown={}", self.chown) };
        let comment = format!("{} {chown}{} in {} ", self.name(), source::combined(&infos), self.dest);
        let downloads =
            infos.iter().filter(|info| info.given.as_ref().is_some_and(|given| given.remote)).count();
        let unknown = infos.iter().any(|info| info.given.is_some());
        Ok(Plan { infos, downloads, unknown, comment })
    }

    /// Writes the sources over an image's files.
    ///
    /// # Errors
    /// In the engine's words.
    pub(super) fn perform(
        &self,
        plan: &Plan,
        tree: &Tree,
        workdir: &str,
        writer: u32,
        mount: &str,
    ) -> Result<Tree, String> {
        let dest = self.destination(workdir);
        let owner = if self.chown.is_empty() {
            self.context.then_some((0, 0))
        } else {
            Some(chown::parse(tree, self.chown, mount)?)
        };
        let job = Job { root: self.root(), dest: &dest, owner, unpack: self.add, writer, mount };
        let mut tree = tree.clone();
        for info in &plan.infos {
            perform::write(&mut tree, info, &job)
                .map_err(|error| format!("failed to copy files: {error}"))?;
        }
        Ok(tree)
    }

    pub(super) fn destination(&self, workdir: &str) -> String {
        if self.dest.starts_with('/') {
            return self.dest.to_owned();
        }
        let path = clean(&format!("/{workdir}/{}", self.dest));
        if self.dest.ends_with('/') { path + "/" } else { path }
    }

    /// Files and bytes that flow, and hashes by path, to tell later what changed.
    pub(super) fn measure(&self, plan: &Plan) -> (u64, u64, BTreeMap<String, String>) {
        let (mut files, mut bytes, mut hashes) = (0, 0, BTreeMap::new());
        let mut count = |path: &str, node: &Node| {
            if let Node::File(file) = node {
                files += 1;
                bytes += file.content.size();
            }
            if !node.is_dir() && hashes.len() < 4096 {
                hashes.insert(path.trim_start_matches('/').to_owned(), hex(&hash::entry("", node, true)));
            }
        };
        for info in &plan.infos {
            if let Some(given) = &info.given {
                count(&info.path, &given.node);
                continue;
            }
            let Ok(path) = scope::resolve(self.from, &info.path, self.from_mount) else { continue };
            match source::node_at(self.from, &path) {
                Some(Node::Dir(_)) => {
                    self.from.visit_from(&path, &mut count);
                }
                Some(node) => count(&path, &node),
                None => {}
            }
        }
        (files, bytes, hashes)
    }
}
