//! `strip`.

use super::help::made;
use crate::shell::process::{Process, Run};

/// `strip` makes a third of a binary go away.
pub(crate) fn strip(p: &mut Process<'_, '_>) -> Run {
    for name in p.args.clone().iter().filter(|arg| !arg.starts_with('-')) {
        let path = p.path(name);
        if super::absent(p, name)? {
            return p.fail(1, &format!("'{name}': No such file"));
        }
        let Ok(file) = p.m.tree.read(&path) else { continue };
        let digest = file.digest();
        let size = file.content.size() * 2 / 3;
        let source = match &file.content {
            crate::tree::Content::Modelled { source, .. } => source.to_string(),
            _ => "gcc build".to_owned(),
        };
        made(p, name, size, file.meta.mode, &source, &[&digest, b"strip"])?;
    }
    Ok(0)
}
