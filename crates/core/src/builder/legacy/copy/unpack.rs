//! `ADD` of a local archive.

use super::perform::{Job, make_dirs};
use super::source::node_at;
use stagecraft_sandbox::archive::{self, Archive};
use stagecraft_sandbox::tree::{File, Node, Origin, Tree, Unlisted};
use std::sync::Arc;

/// Unpacks a file at a resolved path if it is an archive, compressed or not; owners are the archive's. Gives
/// whether it was one.
///
/// # Errors
/// In the engine's words.
pub(super) fn write(tree: &mut Tree, file: &File, dest: &str, job: &Job<'_>) -> Result<bool, String> {
    let Some(bytes) = file.content.known() else { return Ok(false) };
    let failed = |error: String| format!("Error processing tar file(exit status 1): {error}");
    let found = archive::read(bytes);
    if matches!(found, Ok(Archive::No)) {
        return Ok(false);
    }
    make_dirs(tree, dest, (0, 0), job)?;
    let Some(Node::Dir(dir)) = node_at(tree, dest) else {
        return Err(failed(format!("mkdir {}{dest}: not a directory", job.mount)));
    };
    let origin = Origin::by(job.writer);
    let mut below = Tree { root: dir };
    match found.map_err(failed)? {
        Archive::No => {}
        Archive::Entries(entries) => archive::unpack(&entries, &mut below, None, &origin).map_err(failed)?,
        Archive::Unreadable(_) => {
            let unlisted = Unlisted { bytes: 0, source: Arc::from("archive") };
            Arc::make_mut(&mut below.root).unlisted = Some(Arc::new(unlisted));
        }
    }
    let _ = tree.put(dest, Node::Dir(below.root));
    Ok(true)
}
