//! Everything below a path, for commands with `-R`.

use crate::shell::machine::Halt;
use crate::shell::process::Process;
use crate::tree::Node;

/// The path itself and all below it, parents first, each with the name to show. Links are not followed, but
/// for the path itself.
pub(super) fn all(p: &mut Process<'_, '_>, path: &str, shown: &str) -> Result<Vec<(String, String)>, Halt> {
    let mut out = vec![(path.to_owned(), shown.to_owned())];
    let Ok(found) = p.m.resolve(path, true)? else { return Ok(out) };
    if !found.node.as_ref().is_some_and(Node::is_dir) {
        return Ok(out);
    }
    let base = if found.path == "/" { String::new() } else { found.path.clone() };
    let shown = shown.trim_end_matches('/');
    let below: Vec<String> = p.m.tree.walk_from(&found.path).map(|(path, _)| path).collect();
    p.m.spend(below.len() as u64)?;
    for path in below {
        let rest = path.strip_prefix(&base).unwrap_or(&path).to_owned();
        out.push((path, format!("{shown}{rest}")));
    }
    Ok(out)
}
